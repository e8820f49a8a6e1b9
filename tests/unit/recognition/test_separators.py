"""Rows of dashes, equals signs and stars between lines of text."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font, wanted
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition import read
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.separators import completed

MONO = "truetype/dejavu/DejaVuSansMono.ttf"
ABOVE = Block((Line((Word("above", Rectangle(40, 10, 140, 30), 99.0),)),))


def marks(
    count: int, *, width: int = 9, height: int = 3, every: float = 16, left: int = 40, top: int = 60, lean: float = 0.0
) -> Picture:
    """Ink of so many equal marks."""
    page = np.zeros((120, 640), np.uint8)
    for number in range(count):
        x, y = left + round(number * every), top + round(number * every * lean)
        page[y : y + height, x : x + width] = 255
    return page


def texts(ink: Picture, *others: Block) -> list[str]:
    blocks = (ABOVE, *others)
    return [line.text for block in completed(ink, blocks) for line in block.lines if block not in blocks]


@pytest.mark.parametrize("face", [DEJAVU, MONO])
@pytest.mark.parametrize("blur", [0.3, 0.6])
def test_rows_of_signs_on_a_receipt_are_read(face: str, blur: float) -> None:
    rows = ["CAFE HARPOON", "-" * 24, "Ginger beer 3.40", "=" * 20, "TOTAL 10.60", "*" * 22, "THANK YOU"]
    image = Image.new("L", (700, 460), 245)
    for place, text in enumerate(rows):
        ImageDraw.Draw(image).text((60, 30 + 60 * place), text, font=font(face, 28), fill=20)
    picture = np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), blur), np.uint8)
    assert read(picture, wanted("English")).text == "\n".join(rows)


def test_marks_are_counted_though_the_row_leans_and_its_distances_are_rounded() -> None:
    assert texts(marks(30, every=14.6, lean=0.02)) == ["-" * 30]


def test_two_strokes_are_an_equals_sign() -> None:
    assert texts(marks(20, top=60) | marks(20, top=67)) == ["=" * 20]


def test_rows_of_two_columns_are_words_of_a_line() -> None:
    assert texts(marks(10) | marks(9, left=400)) == ["-" * 10 + " " + "-" * 9]


@pytest.mark.parametrize(
    "ink",
    [
        marks(7),
        marks(20, width=40, every=56),
        marks(20, width=9, height=9),
        marks(20, every=60),
        np.bitwise_or.reduce([marks(1, left=left) for left in (40, 56, 90, 104, 136, 150, 190, 203, 240, 251)]),
    ],
    ids=["few", "long", "squares", "far apart", "uneven"],
)
def test_other_marks_are_none(ink: Picture) -> None:
    assert texts(ink) == []


def test_marks_beside_a_word_are_leaders() -> None:
    assert texts(marks(20), Block((Line((Word("3.40", Rectangle(500, 52, 560, 72), 99.0),)),))) == []


def test_where_nothing_was_read_there_are_none() -> None:
    assert completed(marks(20), ()) == ()


def test_a_row_that_was_miscounted_is_counted() -> None:
    read = Block((Line(tuple(Word("-", Rectangle(40 + 20 * at, 60, 52 + 20 * at, 63), 80.0) for at in range(15))),))
    assert completed(marks(20), (ABOVE, read))[1:] == completed(marks(20), (ABOVE,))[1:]


def test_a_row_of_which_the_marks_hang_together_stays_as_it_was_read() -> None:
    read = Block((Line((Word("-----", Rectangle(40, 60, 120, 63), 80.0),)),))
    assert completed(marks(1, width=80), (ABOVE, read)) == (ABOVE, read)
