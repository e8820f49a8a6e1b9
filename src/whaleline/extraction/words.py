"""Words where they stand, and the rows in which people read them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from statistics import fmean, median

from whaleline.imaging.geometry import Rectangle, bounds


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A run of characters without a space.

    Attributes:
        text: as it was read.
        box: in the levelled page's pixels, in which rows are level.
        place: in the submitted page's pixels.
        confidence: 0 to 100.
        page: the first page is 1.
    """

    text: str
    box: Rectangle
    place: Rectangle
    confidence: float
    page: int = 1


@dataclass(frozen=True)
class Words:
    """Words of one page from left to right, at least one: a row, or a piece of it between wide gaps."""

    words: tuple[PlacedWord, ...]

    @cached_property
    def box(self) -> Rectangle:
        """Bounds in the levelled page's pixels."""
        return bounds([word.box for word in self.words])

    @property
    def page(self) -> int:
        """The first page is 1."""
        return self.words[0].page

    @property
    def height(self) -> float:
        """The usual height of its words."""
        return median(word.box.height for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean of the words' confidences, 0 to 100."""
        return fmean(word.confidence for word in self.words)

    @cached_property
    def text(self) -> str:
        """The words, one space between."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def pieces(self) -> tuple[Words, ...]:
        """What stands between gaps that are wider than spaces."""
        groups = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            gap = word.box.left - before.box.right
            width, height = min(map(_letter_width, (before, word))), min(before.box.height, word.box.height)
            if gap > max(_WIDE * width, _HIGH * height):
                groups.append([])
            groups[-1].append(word)
        return tuple(Words(tuple(group)) for group in groups)

    @cached_property
    def spaced(self) -> str:
        """The words with a tab at wide gaps, so that what stands in two columns is never taken for one number."""
        return "\t".join(piece.text for piece in self.pieces)

    def within(self, start: int, end: int) -> Words | None:
        """The words that the characters from start to end of `spaced` or `text` belong to."""
        at = 0
        found = []
        for word in self.words:
            if at < end and at + len(word.text) > start:
                found.append(word)
            at += len(word.text) + 1
        return Words(tuple(found)) if found else None


def rows_of(words: Iterable[PlacedWord]) -> tuple[Words, ...]:
    """The words of a document row by row, from the top of each page down.

    A word belongs to the row whose nearest word it shares half its height with, or half of that one's if that is less;
    so a row may bend, and hold letters of two sizes.
    """
    return tuple(row for _, page in groupby(sorted(words, key=_page), key=_page) for row in _rows_of_page(list(page)))


def of_fields(rows: Iterable[Words]) -> tuple[Words, ...]:
    """The rows without words that are too long for any field; patterns may take them very long."""
    short = [tuple(word for word in row.words if len(word.text) <= _LONGEST) for row in rows]
    return tuple(Words(words) for words in short if words)


def _rows_of_page(words: list[PlacedWord]) -> list[Words]:
    fall = _fall(words)

    def height(word: PlacedWord) -> float:
        return _middle(word.box) - fall * (word.box.left + word.box.right) / 2

    rows: list[list[PlacedWord]] = []
    for word in sorted(words, key=lambda each: (height(each), each.box.left)):
        best, most = None, _SHARED
        for row in reversed(rows[-_OPEN_ROWS:]):
            at = bisect_left(row, word.box.left, key=_left)
            beside = min(row[max(0, at - 2) : at + 1], key=lambda each: _gap(each.box, word.box))
            shared = _shared(beside.box, word.box, fall)
            over = -_gap(beside.box, word.box) / min(beside.box.width, word.box.width)
            if over > _OVERLAP and shared < _BESIDE:
                continue  # it stands above or below
            if shared > most:
                best, most = row, shared
        if best is None:
            rows.append([word])
        else:
            insort(best, word, key=_left)
    rows.sort(key=lambda row: fmean(map(height, row)))
    return [Words(tuple(row)) for row in rows]


def _fall(words: list[PlacedWord]) -> float:
    """Pixels that the rows of a page fall by to each pixel to the right, as most words and their neighbours have it."""
    slopes = []
    ordered = sorted(words, key=lambda each: each.box.left)
    for at, word in enumerate(ordered):
        near = [
            each
            for each in ordered[at + 1 : at + _NEIGHBOURS]
            if 0 <= each.box.left - word.box.right + word.box.height // 4 < _NEAR * word.box.height
            and _shared(word.box, each.box) > _SHARED / 2
        ]
        if near:
            beside = min(near, key=lambda each: (each.box.left, -_shared(word.box, each.box)))
            across = (beside.box.left + beside.box.right - word.box.left - word.box.right) / 2
            slopes.append((_middle(beside.box) - _middle(word.box)) / across if across else 0.0)
    return median(slopes) if len(slopes) >= _TELLING else 0.0


_WIDE, _HIGH = 2.0, 0.7
"""Of a letter's width and height: a gap that is wider than both is no space."""
_SHARED = 0.45
_OVERLAP, _BESIDE = 0.5, 0.75
_LONGEST = 100
_NARROWEST = 0.3
"""Width of a letter by its height, at least: a lone `i` or a colon says nothing of its neighbours."""
_NEIGHBOURS, _NEAR, _TELLING = 40, 2.0, 5
"""Words that may stand to the right of one, how near in heights, and how many pairs tell how rows fall."""
_OPEN_ROWS = 12
"""Rows that a word is compared with: those just above it."""


def _letter_width(word: PlacedWord) -> float:
    return max(word.box.width / len(word.text), word.box.height * _NARROWEST)


def _middle(box: Rectangle) -> float:
    return (box.top + box.bottom) / 2


def _left(word: PlacedWord) -> int:
    return word.box.left


def _page(word: PlacedWord) -> int:
    return word.page


def _gap(one: Rectangle, other: Rectangle) -> int:
    """Pixels between two boxes from left to right; negative where they overlap."""
    return max(one.left, other.left) - min(one.right, other.right)


def _shared(one: Rectangle, other: Rectangle, fall: float = 0.0) -> float:
    """How much of the lower box's height both have in common, where rows fall."""
    lower = fall * (other.left + other.right - one.left - one.right) / 2
    common = min(one.bottom + lower, other.bottom) - max(one.top + lower, other.top)
    return common / max(1, min(one.height, other.height))
