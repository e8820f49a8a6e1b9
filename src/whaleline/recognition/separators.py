"""Rows of dashes and of equals signs that stand between lines of text, as receipts have them.

The engines pass over them or miscount them, for no letter stands beside them. Their shape tells: equal marks at equal
distances.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.imaging.picture import Parts, Picture
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.unread import rest

LEAST_SIGNS: Final = 8
"""Signs of a row; fewer are leaders, or the pieces of a broken rule."""

_STROKES = frozenset("-=_~\u2013\u2014")
_MOST_MARKS = 2000  # more are the dots of a picture
_LEAST_WIDTH, _MOST_WIDTH, _MOST_HEIGHT = 0.2, 1.3, 0.3  # of a mark, times the usual word's height
_LONG = 1.5  # times as wide as high, at least
_GAP = 1.2  # of the usual word's height, between two marks at most
_LEVEL, _ALIKE, _EVEN = 0.1, 0.35, 0.2  # of that height, a mark's width and a distance, by which two may differ
_CHANCE = 2.0  # pixels by which they may differ in any case
_MOSTLY = 0.85  # of the distances, that are even
_DOUBLE = 0.5  # of the usual word's height, between the two strokes of an equals sign at most
_CONFIDENCE = 90.0


def completed(print_: Picture, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks and the rows of signs in whose height no word stands; those of one height are words of one line.

    Args:
        print_: the page's ink.
        blocks: what was read of it, boxes in its pixels. A row of signs that they have is counted anew.
    """
    read = [line for block in blocks for line in block.lines if _is_row(line)]
    kept = (tuple(line for line in block.lines if not _is_row(line)) for block in blocks)
    others = tuple(Block(lines) for lines in kept if lines)
    words = [word.box for block in others for line in block.lines for word in line.words]
    if not words:
        return blocks
    usual = float(np.median([box.height for box in words]))
    lines: list[list[Word]] = []
    for row in _rows(rest(print_, others), usual):
        box = bounds(row)
        if any(word.top <= _middle(box) < word.bottom for word in words):
            continue
        twin = next((line for line in lines if _are_strokes(line[-1].box, box, usual)), None)
        before = next((line for line in lines if _are_level(line[-1].box, box, usual)), None)
        if twin:
            twin[-1] = Word("=" * len(row), bounds([twin[-1].box, box]), _CONFIDENCE)
        elif before:
            before.append(Word("-" * len(row), box, _CONFIDENCE))
        else:
            lines.append([Word("-" * len(row), box, _CONFIDENCE)])
    rows = [Line(tuple(each)) for each in lines]
    rows += [line for line in read if all(line.box.intersection(row.box).is_empty for row in rows)]
    return (*others, *(Block((row,)) for row in rows))


def _is_row(line: Line) -> bool:
    signs = line.text.replace(" ", "")
    return len(signs) >= LEAST_SIGNS // 2 and _STROKES.issuperset(signs)


def _rows(parts: Parts, usual: float) -> list[list[Rectangle]]:
    """Equal marks at equal distances on one level, from left to right; `usual` is the height of a word."""
    width, height = parts[:, cv2.CC_STAT_WIDTH], parts[:, cv2.CC_STAT_HEIGHT]
    is_mark = (width >= _LEAST_WIDTH * usual) & (width <= _MOST_WIDTH * usual)
    is_mark &= (height <= _MOST_HEIGHT * usual) & (width >= _LONG * height)
    marks = parts[is_mark]
    if len(marks) > _MOST_MARKS:
        return []
    rows: list[list[Rectangle]] = []
    for left, top, wide, high, _ in marks[np.argsort(marks[:, cv2.CC_STAT_LEFT])].tolist():
        mark = Rectangle(left, top, left + wide, top + high)
        near = [row for row in rows if _goes_on(row[-1], mark, usual)]
        if near:
            min(near, key=lambda row: abs(_middle(row[-1]) - _middle(mark))).append(mark)
        else:
            rows.append([mark])
    return [row for row in rows if len(row) >= LEAST_SIGNS and _is_even(row)]


def _goes_on(last: Rectangle, mark: Rectangle, usual: float) -> bool:
    """Whether a mark is the next one of a row."""
    return (
        0 < mark.left - last.right <= _GAP * usual
        and abs(_middle(mark) - _middle(last)) <= max(_CHANCE, _LEVEL * usual)
        and abs(mark.width - last.width) <= max(_CHANCE, _ALIKE * last.width)
    )


def _is_even(row: Sequence[Rectangle]) -> bool:
    steps = np.diff([(mark.left + mark.right) / 2 for mark in row])
    step = float(np.median(steps))
    return float((np.abs(steps - step) <= max(_CHANCE, _EVEN * step)).mean()) >= _MOSTLY


def _are_level(box: Rectangle, other: Rectangle, usual: float) -> bool:
    """Whether a row goes on the one before it, behind a gap."""
    return box.right <= other.left and abs(_middle(box) - _middle(other)) <= max(_CHANCE, _LEVEL * usual)


def _are_strokes(box: Rectangle, other: Rectangle, usual: float) -> bool:
    """Whether two rows are the upper and the lower strokes of equals signs."""
    apart = max(box.top, other.top) - min(box.bottom, other.bottom)
    common = min(box.right, other.right) - max(box.left, other.left)
    return 0 < apart <= _DOUBLE * usual and common >= (1 - _EVEN) * max(box.width, other.width)


def _middle(box: Rectangle) -> float:
    return (box.top + box.bottom) / 2
