"""Grids by their rules."""

from __future__ import annotations

import numpy as np

from whaleline.layout.lattice import lattice
from whaleline.layout.ruling import Rule, Ruling, ruling

UPRIGHT = tuple(Rule(x, 100, 300) for x in (100.0, 300.0, 500.0))


def levels(*ys: float, clear: bool = True) -> tuple[Rule, ...]:
    return tuple(Rule(y, 100, 500, clear=clear) for y in ys)


def test_a_seam_of_a_shaded_field_parts_no_cells_of_a_clear_grid() -> None:
    grid = lattice(Ruling((*levels(100, 200, 300), *levels(150, clear=False)), UPRIGHT), 20.0)
    assert grid is not None
    assert grid.ys == (100, 200, 300)


def test_pale_rules_part_cells_where_most_are_pale() -> None:
    grid = lattice(Ruling((*levels(100, 300), *levels(150, 200, 250, clear=False)), UPRIGHT), 20.0)
    assert grid is not None
    assert grid.ys == (100, 150, 200, 250, 300)


def test_a_rule_is_clear_by_its_contrast() -> None:
    picture = np.full((400, 600), 255, np.uint8)
    for y, grey in ((100, 0), (200, 200), (300, 238)):
        picture[y : y + 2, 100:500] = grey
    assert [(round(rule.at), rule.clear) for rule in ruling(picture, 20.0).level] == [
        (101, True),
        (201, True),
        (301, False),
    ]
