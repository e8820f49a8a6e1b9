"""Points and dashes that are plain in the ink, whatever was read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import LATIN, font
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import ink
from whaleline.layout.small_marks import with_marks
from whaleline.recognition.page import Word


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("0.0612", "00612"),
        ("$1,234.50", "$123450"),
        ("1996\N{EN DASH}97", "1996-97"),
        ("\N{EM DASH}", "-"),
        ("555-0199", "555-0199"),
        ("100", "100"),
        ("11-13", "11-13"),
    ],
)
def test_a_number_has_the_points_and_dashes_of_its_ink(printed: str, read: str) -> None:
    image = Image.new("L", (400, 80), 255)
    pen, face = ImageDraw.Draw(image), font(LATIN, 32)
    pen.text((20, 20), printed, 0, face)
    left, top, right, bottom = map(round, pen.textbbox((20, 20), printed, face))
    word = Word(read, Rectangle(left, top, right, bottom), 98.0)
    (found,) = with_marks([word], ink(np.asarray(image)), 23.0)
    assert found.text == printed


@pytest.mark.parametrize("read", ["1-2", "00612", "-"])
def test_a_word_without_ink_stays_as_it_was_read(read: str) -> None:
    word = Word(read, Rectangle(10, 10, 60, 40), 98.0)
    assert with_marks([word], np.zeros((80, 100), np.uint8), 23.0) == (word,)
