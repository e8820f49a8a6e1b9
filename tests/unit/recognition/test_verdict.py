"""Whether a line is answered: tips of letters that an edge leaves are not, halves that can be read are."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from whaleline import read_regions
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.verdict import tips_told

LINES = (
    "verstanden. Es wurde uns dadurch seit Tagen",
    "recht herzliche Weise der Bezug von allen",
    "Wochen wohl leicht, dass wir durch die von",
)


def cut(upper: float, lower: float) -> Picture:
    """A line and such shares of the ones above and below it, as a picture of its own."""
    image = Image.new("L", (900, 108), 255)
    for place, text in enumerate(LINES):
        ImageDraw.Draw(image).text((20, 10 + 26 * place), text, font=ImageFont.load_default(size=20), fill=0)
    return np.asarray(image)[15 + int(15 * (1 - upper)) : 67 + int(15 * lower)]


def test_tips_of_the_next_line_are_told_and_not_answered() -> None:
    (reading,) = read_regions(cut(0.5, 0.45))
    assert reading.text.split("\n")[1:] == [LINES[1]]
    assert any(box.bottom == reading.page.height for box in reading.page.unread)


def test_halves_of_letters_that_can_be_read_are_answered() -> None:
    (reading,) = read_regions(cut(0.5, 0.65))
    assert reading.text.split("\n")[1:] == [*LINES[1:]]


def line(top: int, bottom: int, confidence: float, text: str = "tips") -> Line:
    return Line((Word(text, Rectangle(0, top, 90, bottom), confidence),))


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        (line(88, 100, 70), 30),
        (line(0, 12, 70), 30),
        (line(88, 100, 70, "---"), 70),  # a row of dashes is as low as that
        (line(88, 100, 76), 76),
        (line(76, 100, 70), 70),
        (line(80, 92, 70), 70),
    ],
)
def test_a_line_is_one_of_tips_at_an_edge_low_and_unsure(edge: Line, expected: float) -> None:
    blocks = tips_told((Block((line(40, 70, 99), edge)),), 100)
    assert [each.confidence for each in blocks[0].lines] == [99, expected]


def test_a_line_without_a_whole_one_beside_it_stays() -> None:
    blocks = (Block((line(0, 12, 50),)),)
    assert tips_told(blocks, 100) == blocks
