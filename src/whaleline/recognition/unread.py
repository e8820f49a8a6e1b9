"""Print that lies in none of the lines that were read: small, far from the rest, or beside pictures."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.imaging.picture import Parts, Picture, letters
from whaleline.imaging.sight import Sight
from whaleline.recognition.page import Block, Line

LEAST_LETTERS = 4
"""Parts of a line that is looked for anywhere; fewer are a stain as often as not, but on the row of a line."""

LEAST_SEEN = 3
"""Letters of what is told as not read."""

_LIKELY = 25.0  # confidence of a line that is told as not read; less is a stain
_WRITTEN = 4.0  # times the usual letter's height, of signatures, notes and seals: on 76 pages ten lines, none print
_TALL = 0.4  # of a line's height, letters of print in it: they stand by themselves, those of a signature hang together
_FILLED = 0.5  # of the width of a line that was not sure enough, which other words fill at least
_LEVEL = 0.05  # of a line's height, in which the feet of its letters lie; figures by hand stand as they come
_LOWEST, _HIGHEST = 10, 150  # pixels of a letter
_WIDEST = 8.0  # of its height, letters that touch
_GAP = 1.5  # of the higher letter's height, between two letters of a line
_OVERLAP = 0.5  # of the lower letter's height, that two letters of a line share
_MOST_PARTS = 1000  # of a page; more are the dots of a picture
_MOST_GATHERED, _COARSE = 5000, 4  # parts that are gathered into areas; and pixels of a side of what they are told by
_MOST_LINES, _MOST_LONE = 12, 40  # of a page, the longest ones
_SMALLER, _LARGER = 0.55, 1.8  # times the usual letter's height, of one that stands alone
_DASH = (0.25, 1.3, 0.3)  # times that height, the least and most width and the most height of a dash that stands alone
_FARTHEST = 10.0  # of its height, from it to the next word of its column
_APART = 0.6  # times that height, between a lone letter and the words of its row


def lines(parts: Parts) -> list[Rectangle]:
    """Where lines of letters may stand outside the lines of the blocks.

    Args:
        parts: of the page's ink, what is in no word, as `rest` gives it.
    """
    parts = _letters(parts)
    if len(parts) > _MOST_PARTS:
        return []
    boxes = [bounds(row) for row in rows_of(parts) if len(row) >= LEAST_LETTERS]
    return sorted(boxes, key=lambda box: -box.width)[:_MOST_LINES]


def areas(print_: Picture, blocks: Sequence[Block]) -> list[Rectangle]:
    """Where lines of letters stand outside the lines of the blocks, gathered into areas with a margin around.

    Args:
        print_: the page's ink.
        blocks: what is known of it, boxes in its pixels.
    """
    parts = _letters(rest(print_, blocks))
    if len(parts) > _MOST_GATHERED:
        return [Rectangle(0, 0, print_.shape[1], print_.shape[0])]
    whole = Rectangle(0, 0, print_.shape[1], print_.shape[0])
    rows = [row for row in rows_of(parts) if len(row) >= LEAST_LETTERS]
    return gathered([bounds(row).grown(2 * max(letter.height for letter in row)) for row in rows], whole)


def gathered(boxes: Sequence[Rectangle], whole: Rectangle) -> list[Rectangle]:
    """The areas that boxes make together where they touch, from the top down.

    Args:
        boxes: in a picture.
        whole: the picture's own.
    """
    near = np.zeros((whole.height // _COARSE + 1, whole.width // _COARSE + 1), np.uint8)
    for box in boxes:
        left, top = max(0, box.left) // _COARSE, max(0, box.top) // _COARSE
        near[top : box.bottom // _COARSE + 1, left : box.right // _COARSE + 1] = 1
    _, _, statistics, _ = cv2.connectedComponentsWithStats(near)
    found = [
        Rectangle(x * _COARSE, y * _COARSE, (x + wide) * _COARSE, (y + high) * _COARSE).intersection(whole)
        for x, y, wide, high, _ in statistics[1:].tolist()
    ]
    return sorted(found, key=lambda box: (box.top, box.left))


def lone(parts: Parts, blocks: Sequence[Block], *, within_rows: bool) -> list[Rectangle]:
    """Where single letters, digits and dashes stand apart from the words that were read; of the height of a line.

    Args:
        parts: of the page's ink, what is in no word, as `rest` gives it.
        blocks: what was read of it, boxes in its pixels.
        within_rows: between two words of one row only, or of a column and beside one of the row, as in a table; else
            anywhere among the words. Pages have stains.
    """
    words = [word.box for block in blocks for line in block.lines for word in line.words]
    if not words:
        return []
    usual = float(np.median([box.height for box in words]))
    height, width = parts[:, cv2.CC_STAT_HEIGHT] / usual, parts[:, cv2.CC_STAT_WIDTH] / usual
    least, most, flat = _DASH
    letter = (height >= _SMALLER) & (height <= _LARGER) & (width <= _LARGER)
    dash = (height <= flat) & (width >= least) & (width <= most) & (width >= 2 * height)
    parts = parts[letter | dash]
    if len(parts) > _MOST_PARTS:
        return []
    found = []
    among = bounds(words)
    for row in rows_of(parts):
        box = bounds(row)
        if len(row) >= LEAST_LETTERS or not _stands_apart(box, words, _APART * usual):
            continue
        if within_rows and not _lies_between(box, words):
            continue
        if box.intersection(among) != box:
            continue
        middle = (box.top + box.bottom) / 2
        half = max(box.height, usual) / 2
        found.append(Rectangle(box.left, round(middle - half), box.right, round(middle + half)))
    return found[:_MOST_LONE]


def left(sight: Sight, blocks: Sequence[Block], dropped: Sequence[Line]) -> tuple[Rectangle, ...]:
    """Where print seems to be that is not answered.

    Args:
        sight: of the picture.
        blocks: what is answered.
        dropped: lines that are not, being unsure.
    """
    words = [word.box for block in blocks for line in block.lines for word in line.words]
    unsure = [line for line in dropped if not _is_answered(line.box, words)]
    found = [line.box for line in unsure if _looks_like_text(line, sight)]
    if not blocks and not found:
        parts = sight.letters
        if LEAST_SEEN <= len(parts) <= _MOST_PARTS:
            boxes = [Rectangle(x, y, x + wide, y + high) for x, y, wide, high, _ in parts.tolist()]
            found = [bounds(boxes)]
    return tuple(found)


def _is_answered(box: Rectangle, words: Sequence[Rectangle]) -> bool:
    """Whether words that were read another time fill most of a line's place."""
    common = [(box.intersection(word), min(word.height, box.height)) for word in words]
    filled = sum(each.width for each, height in common if not each.is_empty and 2 * each.height >= height)
    return filled >= _FILLED * box.width


def _looks_like_text(line: Line, sight: Sight) -> bool:
    """Whether a line that was not sure enough is print rather than a stain or a signature.

    Print has some letters of a likely reading. If it is far higher than the rest, its letters stand by themselves, and
    on one level.
    """
    if sum(map(str.isalnum, line.text)) < LEAST_SEEN or line.confidence < _LIKELY:
        return False
    box = line.box
    if box.height < _WRITTEN * sight.height:
        return True
    left_, top, width, height, _ = sight.letters.T
    x, y = left_ + width / 2, top + height / 2
    inside = (box.left <= x) & (x < box.right) & (box.top <= y) & (y < box.bottom)
    feet = np.sort((top + height)[inside & (height >= _TALL * box.height)])
    level = np.searchsorted(feet, feet + _LEVEL * box.height, side="right") - np.arange(len(feet))
    return int(level.max(initial=0)) >= LEAST_LETTERS


def _letters(parts: Parts) -> Parts:
    """What may be letters of the rest."""
    height, width = parts[:, cv2.CC_STAT_HEIGHT], parts[:, cv2.CC_STAT_WIDTH]
    return np.asarray(parts[(height >= _LOWEST) & (height <= _HIGHEST) & (width <= _WIDEST * height)], np.int32)


def rest(print_: Picture, blocks: Sequence[Block]) -> Parts:
    """The connected parts of the ink that lie in no line's words.

    Args:
        print_: the page's ink.
        blocks: what was read of it, boxes in its pixels.
    """
    left_over = print_.copy()
    for block in blocks:
        for line in block.lines:
            for word in line.words:
                left_over[word.box.top : word.box.bottom, word.box.left : word.box.right] = 0
    return letters(left_over)


def rows_of(parts: Parts) -> list[list[Rectangle]]:
    """The parts gathered into rows of letters that follow each other."""
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
    return found


def _stands_apart(box: Rectangle, words: Sequence[Rectangle], distance: float) -> bool:
    """Whether no word is nearer than that: what is nearer is a part of one, an accent or a stain."""
    return all(
        box.left - word.right >= distance
        or word.left - box.right >= distance
        or box.top - word.bottom >= distance / 2
        or word.top - box.bottom >= distance / 2
        for word in words
    )


def _lies_between(box: Rectangle, words: Sequence[Rectangle]) -> bool:
    """Whether words of the same row stand on both sides; or on one, and words of the same column above and below."""
    middle = (box.top + box.bottom) / 2
    row = [word for word in words if word.top <= middle <= word.bottom]
    beside = any(word.right <= box.left for word in row), any(word.left >= box.right for word in row)
    if all(beside):
        return True
    far = _FARTHEST * box.height
    column = [word for word in words if word.left < box.right and word.right > box.left]
    above = any(0 <= box.top - word.bottom <= far for word in column)
    below = any(0 <= word.top - box.bottom <= far for word in column)
    return any(beside) and above and below


def _goes_on(last: Rectangle, letter: Rectangle) -> bool:
    """Whether a letter follows another one in a line."""
    lower, higher = sorted((last.height, letter.height))
    common = min(last.bottom, letter.bottom) - max(last.top, letter.top)
    return letter.left - last.right <= _GAP * higher and common >= _OVERLAP * lower and higher <= 3 * lower
