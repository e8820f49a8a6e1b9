"""Readings for the tests of every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.results import Reading

Typeset = Callable[..., Reading]

CHARACTER = 20
LINE = 40
MARGIN = 30


@pytest.fixture(scope="session")
def typeset() -> Typeset:
    """Lays words out as blocks of lines, draws a black bar for each word, and gives the reading of it.

    A word is 40 pixels high and 20 wide for each character; words stand 15 apart, lines 60 from top to top.
    """

    def build(
        *blocks: Sequence[str],
        gap: int = 15,
        ink: int | tuple[int, int, int] = 0,
        language: str = "en",
        right_to_left: bool = False,
        placement: Affine | None = None,
        rectangle: Rectangle | None = None,
    ) -> Reading:
        lines = [[line.split(" ") for line in block] for block in blocks]
        widths = [CHARACTER * len(" ".join(line)) + gap * len(line) for block in lines for line in block]
        width = 2 * MARGIN + max(widths, default=100)
        height = 2 * MARGIN + 60 * max(len(widths), 1)
        shape = (height, width) if isinstance(ink, int) else (height, width, 3)
        picture = np.full(shape, 255, np.uint8)
        top = MARGIN
        page_blocks = []
        for block in lines:
            page_lines = []
            for line in block:
                words = []
                x = width - MARGIN if right_to_left else MARGIN
                for text in line:
                    extent = CHARACTER * len(text)
                    left = x - extent if right_to_left else x
                    box = Rectangle(left, top, left + extent, top + LINE)
                    x = left - gap if right_to_left else box.right + gap
                    picture[box.top : box.bottom, box.left : box.right] = ink
                    words.append(Word(text, box, 91.26))
                page_lines.append(Line(tuple(words)))
                top += 60
            page_blocks.append(Block(tuple(page_lines)))
        return Reading(
            rectangle or Rectangle(0, 0, width, height),
            picture,
            Page(width, height, tuple(page_blocks), language, right_to_left),
            placement or Affine(),
        )

    return build


@pytest.fixture(scope="session")
def nothing_read() -> Reading:
    picture = np.full((60, 200), 255, np.uint8)
    return Reading(Rectangle(10, 20, 210, 80), picture, Page(200, 60, ()), Affine.shift(10, 20))
