"""Rules that a threshold made ragged: their grain is neither corners nor words."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from whaleline.forms.form_picture import FormPicture, even, form_picture
from whaleline.forms.rules import within_rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

LEFT, RIGHT, ROWS, BAR = 100, 900, range(200, 1300, 150), 500  # pixels
HIGH = 650  # where a word is
BAND = 60  # where a grey band is


def ragged() -> Picture:
    """Level rules of which grain took pixels, an upright one across them, a word and a band."""
    page = np.full((1400, 1000), 255, np.uint8)
    for row in ROWS:
        cv2.line(page, (LEFT, row), (RIGHT, row), 0, 3)
    cv2.line(page, (BAR, ROWS[0]), (BAR, ROWS[-1]), 0, 3)
    page[np.random.default_rng(5).random(page.shape) < 0.3] = 255
    cv2.rectangle(page, (LEFT, BAND), (RIGHT, BAND + 24), 100, -1)
    cv2.putText(page, "Boat", (HIGH, ROWS[1] - 4), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    return page


@cache
def form(field: Rectangle | None = None) -> FormPicture:
    return form_picture(ragged(), [field] if field else [])


@pytest.mark.parametrize(
    ("x", "y", "is_within"),
    [
        pytest.param(300, ROWS[2], True, id="a level rule"),
        pytest.param(BAR, ROWS[2] + 70, True, id="an upright rule"),
        pytest.param(LEFT, ROWS[2], False, id="its end"),
        pytest.param(BAR, ROWS[2], False, id="a crossing"),
        pytest.param(HIGH + 30, ROWS[1], False, id="a word on a rule"),
        pytest.param(300, ROWS[2] + 40, False, id="paper"),
        pytest.param(300, BAND + 12, False, id="a band"),
    ],
)
def test_where_rules_and_nothing_else_are(x: int, y: int, is_within: bool) -> None:
    print_ = even(ragged())
    assert within_rules(print_, np.full(print_.shape, 255, np.uint8))[y, x] == is_within


def test_the_grain_of_rules_is_neither_corners_nor_words() -> None:
    shown = form()
    x, y = shown.corners.T
    ends = [abs(x - side) < 20 for side in (LEFT, BAR, RIGHT)]
    at_ends = np.logical_or.reduce(ends) & (np.abs(y[:, None] - ROWS).min(axis=1) < 20)
    at_word = (x > HIGH - 20) & (x < HIGH + 100) & (np.abs(y - ROWS[1]) < 40)
    assert at_ends.sum() >= 2 * len(ROWS)
    assert at_word.sum() >= 4
    assert (at_ends | at_word).mean() > 0.9
    assert [each.at.left > HIGH - 20 for each in shown.labels] == [True]


def test_writing_in_a_field_does_not_keep_the_grain_of_the_rule_below_it() -> None:
    field = Rectangle(HIGH - 20, ROWS[1] - 40, HIGH + 100, ROWS[1])
    x, y = form(field).corners.T
    assert not ((x > HIGH - 10) & (x < HIGH + 90) & (np.abs(y - ROWS[1]) < 20)).any()
