"""Whether a page is looked at for grids at its full size."""

from __future__ import annotations

import numpy as np
import pytest

from whaleline.imaging.picture import Picture
from whaleline.operations.drawn_tables import may_hold_grids


def page(*, at: int = 0, wide: int = 1, grey: int = 200, uprights: bool = True) -> Picture:
    """A large page with a grid of three rows and columns, or its level rules alone."""
    picture = np.full((1400, 1000), 255, np.uint8)
    for place in range(4):
        picture[400 + at + 100 * place : 400 + at + 100 * place + wide, 300 : 600 + wide] = grey
        if uprights:
            picture[400 : 700 + wide, 300 + at + 100 * place : 300 + at + 100 * place + wide] = grey
    return picture


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("wide", [1, 2, 5])
@pytest.mark.parametrize("grey", [0, 200])
def test_the_thinnest_rules_of_a_grid_are_enough(at: int, wide: int, grey: int) -> None:
    assert may_hold_grids(page(at=at, wide=wide, grey=grey), 24.0)


def test_rules_that_meet_no_other_are_not() -> None:
    assert not may_hold_grids(page(uprights=False), 24.0)


def test_two_rules_that_make_a_corner_are_not() -> None:
    picture = page(uprights=False)
    picture[400:700] = 255
    picture[400, 300:600] = picture[400:700, 300] = 0
    assert not may_hold_grids(picture, 24.0)


def test_a_small_picture_is_looked_at_in_any_case() -> None:
    assert may_hold_grids(np.full((100, 100), 255, np.uint8), 24.0)
