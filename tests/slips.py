"""Printed text as words with boxes, as a reader gives them."""

from __future__ import annotations

import io
import re

from PIL import Image, ImageDraw, ImageFont

from whaleline.extraction.words import PlacedWord
from whaleline.imaging.geometry import Rectangle

WIDTH, HEIGHT, STEP = 10, 20, 28
"""Pixels: a letter's width and height, and from row to row."""


def placed(text: str, *, page: int = 1, fall: float = 0.0) -> list[PlacedWord]:
    """The words of a text in which every character is as wide as every other.

    Args:
        text: rows; the first is at the top.
        page: that they stand on.
        fall: pixels that a row falls by to each pixel to the right.
    """
    words = []
    for row, line in enumerate(text.strip("\n").splitlines()):
        for match in re.finditer(r"\S+", line):
            left, right = match.start() * WIDTH, match.end() * WIDTH - 2
            top = round(row * STEP + fall * (left + right) / 2)
            box = Rectangle(left, top, right, top + HEIGHT)
            words.append(PlacedWord(match.group(), box, box.moved(1000, 2000), 95.0, page))
    return words


def drawn(text: str, *, tilt: float = 0.0) -> bytes:
    """A PNG of the text on paper, tilted by so many degrees."""
    rows = text.strip("\n").splitlines()
    font = ImageFont.load_default(size=26)
    image = Image.new("L", (120 + 18 * max(map(len, rows)), 100 + 44 * len(rows)), 255)
    pen = ImageDraw.Draw(image)
    for number, row in enumerate(rows):
        for match in re.finditer(r"\S+(?: \S+)*", row):
            pen.text((60 + 18 * match.start(), 50 + 44 * number), match.group(), 0, font)
    if tilt:
        image = image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=255)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
