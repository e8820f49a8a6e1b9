"""Print of several sizes, faces and places in one picture: each is read, or told as not read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, LATIN, font, wanted
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip
from whaleline.recognition import read
from whaleline.recognition.missed import completed
from whaleline.recognition.page import Block, Line, Word

BOLD = "truetype/noto/NotoSans-Bold.ttf"
FACES = (LATIN, DEJAVU, BOLD)


def drawn(pieces: Sequence[tuple[str, str, int, tuple[int, int]]], size: tuple[int, int]) -> Picture:
    """A white picture of that size with texts, each with its face, size and place."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    for text, face, height, place in pieces:
        draw.text(place, text, font=font(face, height), fill=0)
    return np.asarray(image)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("large", ["24", "No", "50%", "A"])
def test_a_large_word_or_digit_above_small_print_is_read(large: str, face: str) -> None:
    picture = drawn([(large, face, 150, (60, 10)), ("Doors open at seven", face, 24, (60, 200))], (480, 260))
    assert read(picture, wanted("English")).text == f"{large}\nDoors open at seven"


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "rows",
    [
        [("Samuel Whitlock", 72, 40), ("The old bridge was closed", 18, 128), ("Harbour Supplies", 72, 260)],
        [("Margaret Ellison", 76, 40), ("Photographer", 24, 190), ("508 555 0142", 22, 280)],
    ],
    ids=["right below", "farther below"],
)
def test_small_print_below_a_name_is_read(rows: Sequence[tuple[str, int, int]], face: str) -> None:
    picture = drawn([(text, face, size, (60, top)) for text, size, top in rows], (1000, 420))
    assert read(picture, wanted("English")).text == "\n".join(text for text, _, _ in rows)


@pytest.mark.parametrize(("face", "size"), [(LATIN, 32), (BOLD, 28)])
def test_what_an_edge_leaves_of_the_line_above_is_no_nought(face: str, size: int) -> None:
    picture = drawn([("o", face, size, (300, -8)), ("read by both engines", face, 34, (20, 26))], (460, 80))
    assert read(picture, wanted("English")).text == "read by both engines"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("is_left", [True, False])
@pytest.mark.parametrize("level", [60, 110])
def test_letters_in_a_shadow_at_the_edge_are_read(level: int, face: str, *, is_left: bool) -> None:
    rows = ("Promoter: Anna Valdez", "Description of goods", "Hammer and tongs 14.50", "Received with thanks")
    wide = max(round(font(face, 28).getlength(row)) for row in rows)
    lefts = [20 if is_left else 20 + wide - round(font(face, 28).getlength(row)) for row in rows]
    pieces = [
        (row, face, 28, (left, 30 + 60 * place)) for place, (row, left) in enumerate(zip(rows, lefts, strict=True))
    ]
    light = np.ones(wide + 40)
    light[:52] = level / 255
    picture = np.asarray(drawn(pieces, (wide + 40, 280)) * (light if is_left else light[::-1]), np.uint8)
    assert read(picture, wanted("English")).text == "\n".join(rows)


def test_the_end_of_a_line_that_no_word_covers_is_read() -> None:
    picture = drawn([("Quarterly Review", LATIN, 90, (60, 60))], (900, 260))
    known = (Block((Line((Word("Quarterly", Rectangle(62, 80, 420, 172), 96.0),)),)),)
    places = []

    def whole(_: Picture, strip: Strip) -> Line:
        places.append(strip.box)
        return Line(
            (Word("Quarterly", Rectangle(62, 80, 420, 172), 99.0), Word("Review", strip.bounds(390, 700), 99.0))
        )

    found = completed(Sight(picture), known, whole, alone=80.0)
    assert [line.text for block in found for line in block.lines] == ["Quarterly Review"]
    assert len(places) == 1


def test_what_is_read_already_is_not_looked_for() -> None:
    picture = drawn([("Quarterly Review", LATIN, 90, (60, 60))], (900, 260))
    known = (
        Block(
            (
                Line(
                    (
                        Word("Quarterly", Rectangle(62, 78, 430, 175), 96.0),
                        Word("Review", Rectangle(450, 78, 795, 175), 96.0),
                    )
                ),
            )
        ),
    )

    def never(_: Picture, __: Strip) -> Line:
        raise AssertionError

    assert completed(Sight(picture), known, never, alone=80.0) == known


def test_a_line_that_was_found_in_pieces_is_read_as_one() -> None:
    """One engine found its ends; what was passed over between them was read for itself, and cut amid words."""
    picture = drawn([("Combined building insurance", BOLD, 40, (60, 40))], (760, 140))
    words = [("Com", 62, 148), ("ance", 545, 640), ("bined", 146, 250), ("building", 268, 430), ("insur", 448, 550)]
    pieces = [Word(text, Rectangle(left, 50, right, 92), 99.0) for text, left, right in words]
    known = (Block((Line(tuple(pieces[:2])),)), Block((Line(tuple(pieces[2:])),)))

    def whole(_: Picture, strip: Strip) -> Line:
        return Line(tuple(Word(text, strip.box, 99.0) for text in ["Combined", "building", "insurance"]))

    found = completed(Sight(picture), known, whole, alone=80.0)
    assert [line.text for block in found for line in block.lines] == ["Combined building insurance"]


def test_what_is_not_read_for_certain_is_told() -> None:
    picture = drawn([("Grand Opening", LATIN, 90, (60, 60))], (900, 260))

    def unsure(_: Picture, strip: Strip) -> Line:
        return Line((Word("Granb", strip.box, 60.0),))

    ((line,),) = (block.lines for block in completed(Sight(picture), (), unsure, alone=80.0))
    assert line.confidence < 35


@pytest.mark.parametrize(
    ("text", "face", "height", "pitch", "radius"),
    [("Invoice date", DEJAVU, 10, 5, 1.6), ("Order number", DEJAVU, 14, 6, 2), ("Delivery 4711", LATIN, 14, 6, 2)],
)
def test_rows_of_a_printers_dots_are_no_noughts(text: str, face: str, height: int, pitch: int, radius: float) -> None:
    chosen = font(face, height)
    mask = Image.new("1", (int(chosen.getlength(text)) + 6, height + 8))
    ImageDraw.Draw(mask).text((3, 2), text, font=chosen, fill=1)
    image = Image.new("L", (mask.width * pitch, mask.height * pitch), 255)
    draw = ImageDraw.Draw(image)
    for y, x in np.argwhere(np.asarray(mask)).tolist():
        draw.circle(((x + 0.5) * pitch, (y + 0.5) * pitch), radius, fill=30)
    assert read(np.asarray(image), wanted("English")).text == text
