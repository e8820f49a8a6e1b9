"""Paragraphs and headings by how lines stand on a drawn page, without reading it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.layout.paragraphs import paragraphs
from whaleline.layout.rule_search import ruling
from whaleline.recognition.page import Line, Word

SIZE = 24
FULL = "Some years ago, never mind how long precisely, having little or no"
LAST = "money in my purse."

Placed = tuple[int, int, str]


def page(lines: list[Placed], size: float = SIZE) -> tuple[list[Line], Picture]:
    """Lines of (left, top, text) as they are read, and the ink of their picture."""
    image = Image.new("L", (1400, 600), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    found = []
    for left, top, text in lines:
        words, x = [], float(left)
        for word in text.split():
            pen.text((x, top), word, 0, font)
            words.append(Word(word, Rectangle(*map(round, pen.textbbox((x, top), word, font))), 95.0))
            x += pen.textlength(word + " ", font)
        found.append(Line(tuple(words)))
    return found, 255 - np.asarray(image)


def below(*texts: str, left: int = 50, top: int = 50, pitch: int = 34, inset: tuple[int, ...] = ()) -> list[Placed]:
    return [(left + 40 * (i in inset), top + i * pitch, text) for i, text in enumerate(texts)]


def counts(lines: list[Placed]) -> list[int]:
    """How many lines each paragraph holds, from the top down."""
    read, dark = page(lines)
    boxes = sorted(paragraphs(read, dark), key=lambda box: (box.top, box.left))
    inside = [
        sum(box.left <= left + 60 <= box.right and box.top <= top + SIZE / 2 <= box.bottom for left, top, _ in lines)
        for box in boxes
    ]
    assert sum(inside) == len(lines)
    return inside


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(below(FULL, FULL, FULL, FULL, inset=(2,)), [2, 2], id="an indent begins one"),
        pytest.param(below(FULL, FULL, LAST, FULL, FULL), [3, 2], id="a short line ends one"),
        pytest.param(below("Loomings", FULL, FULL, FULL), [1, 3], id="a heading is one"),
        pytest.param([*below(FULL, FULL), *below(FULL, FULL, top=140)], [2, 2], id="white parts them"),
        pytest.param(below("Captain Ahab", "Pequod", "Nantucket"), [3], id="an address is one"),
        pytest.param(below("- " + FULL, FULL, "- " + FULL, FULL, inset=(1, 3)), [4], id="a list is one"),
        pytest.param(
            [*below("Whales, and those who hunt them, in two columns of a page"),
             *below("Some years ago, never", "mind how long it was", top=84),
             *below("having little or no", "money in my purse, I", left=450, top=84)],
            [1, 2, 2],
            id="columns below a title stay apart",
        ),
        pytest.param(
            [*below("Captain Ahab", "Peter Coffin", "Elijah"), *below("1819", "1820", "1821", left=450)],
            [6],
            id="names and years are one list",
        ),
        pytest.param(
            [*below("Captain Ahab", "6 Pearl Street", "Nantucket"), *below("Elijah", "Spouter Inn", "Pier", left=450)],
            [3, 3],
            id="addresses side by side stay apart",
        ),
        pytest.param(
            [*below("Pequod, of Nantucket", "Captain Ahab"), *below("Bachelor", "Rachel", left=450, top=64)],
            [2, 2],
            id="what is not level stays apart",
        ),
    ],
)  # fmt: skip
def test_lines_are_parted_as_print_parts_them(lines: list[Placed], expected: list[int]) -> None:
    assert counts(lines) == expected


def test_words_that_were_not_read_lie_in_the_paragraph_all_the_same() -> None:
    read, dark = page(below(FULL, FULL, FULL, FULL))
    whole = paragraphs(read, dark)
    read[1] = Line(read[1].words[3:])
    read[2] = Line((*read[2].words[:4], *read[2].words[6:]))
    assert paragraphs(read, dark) == whole


def test_a_word_stretched_over_white_does_not_join_what_stands_on_both_sides() -> None:
    read, dark = page([(50, 50, "16"), (600, 50, "BUENOS AIRES")])
    number, *title = (word for line in read for word in line.words)
    stretched = Word(number.text, Rectangle(number.box.left, 50, 590, 80), 90.0)
    assert len(paragraphs([Line((stretched, *title))], dark)) == 2


def test_a_photograph_that_touches_a_line_does_not_make_its_box_taller() -> None:
    lines, dark = page([(50, 100, "Father Mapple")])
    dark[40:108, 50:110] = 255
    (box,) = paragraphs(lines, dark)
    assert box.height < 2 * SIZE


def test_lines_of_small_print_are_no_rules() -> None:
    _, dark = page(below(*[FULL + " " + LAST] * 10, pitch=12), size=9)
    assert ruling(255 - dark, 7.0).level == ()
