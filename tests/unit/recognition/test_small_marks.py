"""Points and a minus that are seen as ink, whatever an engine made of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from emissions import seen
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.recognition.field import constraint, decide
from whaleline.recognition.field_lines import FieldLine
from whaleline.recognition.line import Evidence
from whaleline.recognition.small_marks import SmallMarks, small_marks

HIGH = 60
"""Pixels of a figure of seven segments."""


def printed(text: str) -> Picture:
    face = font(DEJAVU, 30)
    picture = Image.new("L", (int(face.getlength(text)) + 40, 60), 250)
    ImageDraw.Draw(picture).text((20, 10), text, 20, font=face)
    return np.asarray(picture, np.uint8)


def display(gap: int) -> Picture:
    """-1.8 in segments, with so many pixels between the point and the figures."""
    picture = np.full((100, 160), 250, np.uint8)
    picture[47:54, 15:40] = 20  # minus
    picture[20:80, 55:62] = 20  # 1
    picture[72:80, 62 + gap : 70 + gap] = 20  # point
    left = 70 + 2 * gap
    for rows, columns in (((20, 27), (0, 30)), ((47, 54), (0, 30)), ((73, 80), (0, 30)), ((20, 80), (23, 30))):
        picture[slice(*rows), left + columns[0] : left + columns[1]] = 20
    picture[20:80, left : left + 7] = 20
    return picture


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("-12.50", SmallMarks(1, minus=True)),
        ("1,234.50", SmallMarks(2)),
        ("4711", SmallMarks()),
        ("2026-04-03", SmallMarks()),
        ("Total 12:30", SmallMarks()),
    ],
)
def test_points_and_a_minus_of_print_are_seen(text: str, marks: SmallMarks) -> None:
    assert small_marks(Sight(printed(text)).ink) == marks


@pytest.mark.parametrize("gap", [0, 4])
def test_a_point_is_seen_on_a_display_though_it_may_touch_the_figures(gap: int) -> None:
    assert small_marks(Sight(display(gap)).ink) == SmallMarks(1, minus=True)


def test_specks_are_no_points() -> None:
    print_ = Sight(printed("4711")).ink.copy()
    for x, y in np.random.default_rng(1).integers((0, 0), (print_.shape[1] - 4, print_.shape[0] - 4), (40, 2)):
        print_[y : y + 3, x : x + 3] = 255
    assert small_marks(print_) == SmallMarks()


def test_a_number_is_not_surer_than_a_point_that_is_seen_as_ink() -> None:
    pictures = [seen("-18", 0.99), seen("-18", 0.99), seen("-1.8", 0.9)]
    shown = {"a point": display(4), "none": printed("-18")}
    for name, picture in shown.items():
        line = FieldLine(Evidence(Sight(picture), (0, 0), None, pictures), pictures, None, ("-18", 90.0))
        read = decide(line, constraint(r"-?\d+(\.\d+)?"))
        assert (read.text, read.confidence <= 50) == ("-18", name == "a point")
