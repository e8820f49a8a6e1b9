"""The points within a line and the minus before it, as its ink shows them: PP-OCRv6 passes over small ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

_LARGE: Final = 0.4  # of the highest piece, either side of a part of a figure
_POINT: Final = 0.06, 0.35  # of the line's height, either side of a point
_ROUND: Final = 2.2  # times as high as wide, or as wide as high, a point or a comma is at most
_SQUARE: Final = 1.5  # the same of one that figures touch: the foot of a 1 or 2 is flat
_CLEAR: Final = 20  # pixels of a line's height, less of which does not show whether figures touch
_LOW: Final = 0.6  # of the line's height, below which a point lies
_TAIL: Final = 0.3  # of the line's height, by which a comma reaches below it
_FLAT: Final = 1.8  # times as wide as high, a minus is at least
_MIDDLE: Final = 0.3, 0.7  # of the line's height, between which a minus lies
_LEAST: Final = 2  # pixels of either side; less is a speck
_SHORT: Final = 0.15  # of the line's height, that a minus is wide at least


@dataclass(frozen=True, slots=True)
class SmallMarks:
    """What the ink shows.

    Attributes:
        points: full stops and commas between figures.
        minus: whether a dash stands before the first figure.
    """

    points: int = 0
    minus: bool = False

    def lacking(self, text: str) -> int:
        """How many of them a text does not have."""
        points = sum(text.count(sign) for sign in ".,")
        return max(0, self.points - points) + (self.minus and not any(sign in text for sign in "-\u2013\u2212()"))


def small_marks(print_: Picture) -> SmallMarks:
    """The marks in the ink of a line without rules; none where as many other small pieces are noise."""
    count, _, found, _ = cv2.connectedComponentsWithStats(print_)
    pieces = [Rectangle(x, y, x + wide, y + high) for x, y, wide, high, _ in found[1:count].tolist()]
    pieces = [each for each in pieces if min(each.width, each.height) >= _LEAST]
    least = _LARGE * max((each.height for each in pieces), default=0)
    large = [each for each in pieces if max(each.width, each.height) >= least]
    figures = [each for each in large if each.height >= least]
    if not figures:
        return SmallMarks()
    top, bottom = min(each.top for each in figures), max(each.bottom for each in figures)
    left, right = min(each.left for each in figures), max(each.right for each in figures)
    high = bottom - top
    small = [each for each in pieces if max(each.width, each.height) <= _POINT[1] * high and each not in figures]

    def is_point(piece: Rectangle) -> bool:
        sides = sorted((piece.width, piece.height))
        return (
            max(_LEAST, _POINT[0] * high) <= sides[0]
            and sides[1] <= min(_POINT[1] * high, _ROUND * sides[0])
            and top + _LOW * high <= piece.top <= piece.bottom <= bottom + _TAIL * high
            and left < piece.left
            and piece.right < right
        )

    # One above another is a colon.
    apart = [each for each in small if is_point(each) and sum(_shares(each, other) for other in small) == 1]
    joined = [
        each
        for each in (_feet(print_, top, bottom) if high >= _CLEAR else ())
        if is_point(each)
        and max(each.width, each.height) <= _SQUARE * min(each.width, each.height)
        and not any(_shares(each, other) for other in small)
    ]
    dashes = [
        each
        for each in pieces
        if each.right <= left
        and each.width >= max(_FLAT * each.height, _SHORT * high)
        and _MIDDLE[0] * high <= (each.top + each.bottom) / 2 - top <= _MIDDLE[1] * high
    ]
    others = len(small) - len(apart) - sum(each in small for each in dashes)
    return SmallMarks(len(apart) + len(joined) if len(apart) >= others else 0, minus=len(dashes) == 1)


def _shares(one: Rectangle, other: Rectangle) -> bool:
    """Whether two pieces have columns in common."""
    return one.left < other.right and other.left < one.right


def _feet(print_: Picture, top: int, bottom: int) -> Iterator[Rectangle]:
    """The ink of columns that have some at the line's foot alone, between others: a point that two figures touch."""
    low = top + round(_LOW * (bottom - top))
    inked = np.atleast_1d(print_.any(axis=0))
    alone = inked & ~print_[:low].any(axis=0)
    turns = np.flatnonzero(np.diff(alone, prepend=False, append=False)).tolist()
    for left, right in zip(turns[::2], turns[1::2], strict=True):
        if inked[max(0, left - 1)] and inked[min(right, len(inked) - 1)]:
            rows = np.flatnonzero(print_[low:, left:right].any(axis=1))
            yield Rectangle(left, low + int(rows[0]), right, low + int(rows[-1]) + 1)
