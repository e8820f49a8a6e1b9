"""Regions of a page that was read, and whose words were mended."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawing import LATIN, font
from whaleline.imaging.geometry import Rectangle
from whaleline.layout.regions import regions
from whaleline.layout.rule_search import ruling
from whaleline.recognition.page import Block, Line, Page, Word


def test_a_field_and_its_label_are_regions_though_they_were_read_as_one_line() -> None:
    image = Image.new("L", (800, 300), 255)
    pen, face = ImageDraw.Draw(image), font(LATIN, 26)
    mended, lines, fields = [], [], []
    for top, name, value in ((60, "Given names", "Ahab"), (160, "Home port", "Pequod")):
        box = Rectangle(400, top, 780, top + 60)
        pen.rectangle((box.left, box.top, box.right, box.bottom), outline=0, width=3)
        pen.text((50, top + 10), name, 0, face)
        pen.text((420, top + 10), value, 0, face)
        first, second = name.split()
        kept = Word(first, Rectangle(50, top + 18, 112, top + 38), 95.0)
        mended += [kept, Word(second, Rectangle(122, top + 18, 195, top + 38), 95.0)]
        mended += [Word(value, Rectangle(420, top + 18, 482, top + 38), 95.0)]
        stretched = Word(second, Rectangle(120, top, 310, top + 60), 90.0)
        lines.append(Line((kept, stretched, Word(value, Rectangle(308, top, 482, top + 60), 90.0))))
        fields.append(box)
    picture = np.asarray(image)
    found = regions(picture, Page(800, 300, (Block(tuple(lines)),)), mended, (), ruling(picture, 20.0))
    assert len(found) == 2 * len(fields)
    for label, field, box in zip(found[::2], found[1::2], fields, strict=True):
        assert label.left < 50
        assert 195 < label.right < 260
        assert max(abs(field.left - box.left), abs(field.right - box.right)) < 5


def test_a_typed_line_with_two_spaces_in_it_is_one_region_below_a_printed_letterhead() -> None:
    image = Image.new("L", (1200, 500), 255)
    pen, face, small = ImageDraw.Draw(image), font(LATIN, 26), font(LATIN, 14)
    lines = []

    def write(top: int, text: str, space: int, face: ImageFont.FreeTypeFont) -> None:
        words, x = [], 50
        for word in text.split(" "):
            if word:
                pen.text((x, top), word, 0, face)
                box = Rectangle(*map(round, pen.textbbox((x, top), word, face)))
                words.append(Word(word, box, 95.0))
                x = box.right
            x += space
        lines.append(Line(tuple(words)))

    write(20, "Spouter Inn, Peter Coffin, New Bedford, Massachusetts", 5, small)
    write(160, "Chicago, IL  60611", 22, face)
    write(300, "Call me Ishmael Some years ago never mind how long", 22, face)
    picture = np.asarray(image)
    words = [word for line in lines for word in line.words]
    found = regions(picture, Page(1200, 500, (Block(tuple(lines)),)), words, (), ruling(picture, 20.0))
    assert sum(150 < box.top < 200 for box in found) == 1
