"""Print too large to be found among letters, on displays of seven segments."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import LATIN, font, wanted
from whaleline.imaging.picture import Picture
from whaleline.recognition import read, read_label

SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "abcdfg",
}  # fmt: skip
"""Segments clockwise from the top one, then the middle one."""

PLACES = {
    "a": (0, 0, 1, 0), "b": (1, 0, 1, 1), "c": (1, 1, 1, 2), "d": (0, 2, 1, 2), "e": (0, 1, 0, 2), "f": (0, 0, 0, 1),
    "g": (0, 1, 1, 1),
}  # fmt: skip
"""Ends of each segment, in the width of a figure."""


def pump(text: str, height: int, *, glass: int, lit: int) -> Picture:
    """A white plate of 1600 x 900 pixels: a display of that height with figures at its right, and a word below it."""
    image = Image.new("L", (1600, 900), 225)
    draw = ImageDraw.Draw(image)
    top, right = 180, 1400
    draw.rectangle((150, top, right, top + height), fill=glass)
    size, gap, thick = round(0.32 * height), round(0.04 * height), round(0.09 * height)
    left = right - round(0.3 * height)
    for sign in reversed(text):
        upper = top + round(0.18 * height)
        if sign == ".":
            draw.rectangle((left - thick, upper + 2 * size - thick // 2, left, upper + 2 * size + thick // 2), fill=lit)
            left -= round(1.6 * thick)
            continue
        left -= size
        for x1, y1, x2, y2 in (PLACES[name] for name in SEGMENTS[sign]):
            across, down = gap * (x2 - x1), gap * (y2 - y1)
            start = left + x1 * size + across, upper + y1 * size + down
            draw.line((*start, left + x2 * size - across, upper + y2 * size - down), fill=lit, width=thick)
        left -= round(0.55 * size)
    draw.text((700, top + height + 90), "LITRES", font=font(LATIN, 70), fill=30, anchor="mm")
    return np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), 2))


@pytest.mark.parametrize(("glass", "lit"), [(120, 40), (60, 25)], ids=["light glass", "dark glass"])
@pytest.mark.parametrize(("text", "height"), [("187.00", 320), ("52.36", 420)])
def test_a_display_of_seven_segments_is_read_beside_its_label(text: str, height: int, glass: int, lit: int) -> None:
    picture = pump(text, height, glass=glass, lit=lit)
    lines = read(picture, wanted("English")).text.splitlines()
    assert lines[-1] == "LITRES"
    assert lines[0].replace(".", "") == text.replace(".", "")


def test_single_words_on_a_photograph_include_a_display() -> None:
    words = read_label(pump("187.00", 420, glass=60, lit=25), wanted("English")).text.split()
    assert {word.replace(".", "") for word in words} >= {"18700", "LITRES"}


def test_a_dark_plate_without_figures_adds_nothing() -> None:
    assert read(pump("", 320, glass=60, lit=60), wanted("English")).text == "LITRES"
