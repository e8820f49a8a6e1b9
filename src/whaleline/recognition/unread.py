"""Print on a page that Tesseract passed over when it looked for lines: small, far from the rest, or beside pictures."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.imaging.picture import Picture, letters
from whaleline.recognition.page import Block

LEAST_LETTERS = 4
"""Parts that a line has at least, and letters or digits of its reading; less is a stain as often as not."""

_LOWEST, _HIGHEST = 10, 150  # pixels of a letter
_WIDEST = 8.0  # of its height, letters that touch
_GAP = 1.5  # of the higher letter's height, between two letters of a line
_OVERLAP = 0.5  # of the lower letter's height, that two letters of a line share
_MOST_PARTS = 1000  # of a page; more are the dots of a picture
_MOST_LINES = 12  # of a page, the longest ones


def lines(print_: Picture, blocks: Sequence[Block]) -> list[Rectangle]:
    """Where lines of letters may stand outside the lines of the blocks.

    Args:
        print_: the page's ink.
        blocks: what was read of it, boxes in its pixels.
    """
    rest = print_.copy()
    for block in blocks:
        for line in block.lines:
            box = line.box
            rest[box.top : box.bottom, box.left : box.right] = 0
    parts = letters(rest)
    height, width = parts[:, cv2.CC_STAT_HEIGHT], parts[:, cv2.CC_STAT_WIDTH]
    parts = parts[(height >= _LOWEST) & (height <= _HIGHEST) & (width <= _WIDEST * height)]
    if len(parts) > _MOST_PARTS:
        return []
    found: list[list[Rectangle]] = []
    reached: list[list[Rectangle]] = []  # those of them that may go on
    for left, top, wide, high, _ in parts[np.argsort(parts[:, cv2.CC_STAT_LEFT])].tolist():
        letter = Rectangle(left, top, left + wide, top + high)
        reached = [row for row in reached if left - row[-1].right <= _GAP * _HIGHEST]
        row = next((row for row in reached if _goes_on(row[-1], letter)), None)
        if row is None:
            found.append([letter])
            reached.append(found[-1])
        else:
            row.append(letter)
    boxes = [bounds(row) for row in found if len(row) >= LEAST_LETTERS]
    return sorted(boxes, key=lambda box: -box.width)[:_MOST_LINES]


def _goes_on(last: Rectangle, letter: Rectangle) -> bool:
    """Whether a letter follows another one in a line."""
    lower, higher = sorted((last.height, letter.height))
    common = min(last.bottom, letter.bottom) - max(last.top, letter.top)
    return letter.left - last.right <= _GAP * higher and common >= _OVERLAP * lower and higher <= 3 * lower
