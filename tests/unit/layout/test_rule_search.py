"""The rules of drawn pictures, and the print on their grounds."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from drawing import font
from whaleline.imaging.picture import Picture
from whaleline.layout.grounds import print_and_edges
from whaleline.layout.rule_search import ruling

HEIGHT = 25.0
BOLD = "truetype/dejavu/DejaVuSans-Bold.ttf"
TOPS, LEFTS = (60, 140, 220, 300, 380), (60, 360, 560, 760)


def on_grounds() -> Picture:
    """Four rows in three columns on a dark, a grey and a light ground, with white lines between them.

    The rows are lower than what is told to be a rule by its length alone.
    """
    image = Image.new("L", (820, 440), 255)
    pen, face = ImageDraw.Draw(image), font(BOLD, 24)
    for column, (ground, print_) in enumerate(((50, 255), (137, 20), (175, 0))):
        for row, top in enumerate(TOPS[:-1]):
            left = LEFTS[column]
            pen.rectangle((left, top, LEFTS[column + 1] - 5, top + 75), ground)
            pen.text((left + 10, top + 10), ("developed by the", "389", "652")[column] + str(row), print_, face)
    return np.asarray(image)


def test_white_lines_between_grounds_are_whole_where_they_cross() -> None:
    found = ruling(on_grounds(), HEIGHT)
    inner = [rule for rule in found.upright if 340 < rule.at < 600]
    assert sorted({round(rule.at / 10) for rule in inner}) == [36, 56]
    assert all(rule.length > TOPS[-1] - TOPS[0] - 20 for rule in inner)


def test_a_line_of_light_letters_is_no_rule() -> None:
    inner = TOPS[1:-1]
    found = [rule for rule in ruling(on_grounds(), HEIGHT).level if TOPS[0] + 10 < rule.at < TOPS[-1] - 10]
    assert all(min(abs(rule.at - top) for top in inner) < 8 for rule in found)
    assert len({round(rule.at / 20) for rule in found}) == len(inner)


def test_the_print_on_grounds_that_touch_is_told_from_each_of_them() -> None:
    picture = on_grounds().copy()
    picture[60:376, 355:361] = 50
    print_, _, _ = print_and_edges(picture, HEIGHT)
    dark, grey = print_[62:130, 70:350], print_[62:130, 370:540]
    assert 0 < np.mean(dark > 0) < 0.3
    assert 0 < np.mean(grey > 0) < 0.3
