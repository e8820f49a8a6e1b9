"""Words to the lines of text they stand on, and lines to pieces with gaps between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import median

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Line, Word

WIDE = 0.9
"""Letters' heights of a gap that parts two pieces of a line of text."""

_SAME_LINE = 0.5  # of the smaller height, between the middles of two words of one line
_BULLETS = frozenset("\u2022\u00b7\u25aa\u25a0\u25cf\u25cb\u25e6\u2043\u2013o*")
_AFTER_BULLET = 2.5  # times as wide, a gap behind a bullet is none
_LEADER = re.compile(r"[._\-\u2013\u2014=\u00b7\u2026 ]{4,}")
_NUMBER = re.compile(r"[^\w]{0,3}[\d][\d.,:/ \u2013-]*[^\w]{0,3}[A-Za-z%]{0,2}[^\w]{0,2}|[-\u2013\u2014\u2020#*.]{1,3}")


def middle(box: Rectangle) -> float:
    """Half way between top and bottom."""
    return (box.top + box.bottom) / 2


def line_middle(line: Sequence[Word]) -> float:
    """Half way between top and bottom of the words of a line, as most of them have it."""
    return median(middle(word.box) for word in line)


def is_leader(text: str) -> bool:
    """Whether a word is dots or dashes that lead the eye or stand for a rule."""
    return _LEADER.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether a piece is a number, or a mark that stands in its place."""
    return _NUMBER.fullmatch(text) is not None


def letter_height(words: Iterable[Word]) -> float:
    """Pixels of the usual word's height; 0 where there is none."""
    heights = [word.box.height for word in words if any(map(str.isalnum, word.text))]
    return float(median(heights)) if heights else 0.0


def lines_of(words: Iterable[Word]) -> list[tuple[Word, ...]]:
    """Words that stand level with each other, from the top down, each line from left to right."""
    lines: list[list[Word]] = []
    middles: list[float] = []
    for word in sorted(words, key=lambda word: middle(word.box)):
        here = middle(word.box)
        for index in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
            height = min(word.box.height, median(member.box.height for member in lines[index][-5:]))
            if abs(here - middles[index]) <= _SAME_LINE * height:
                lines[index].append(word)
                middles[index] += (here - middles[index]) / len(lines[index])
                break
        else:
            lines.append([word])
            middles.append(here)
    order = sorted(range(len(lines)), key=lambda index: middles[index])
    return [tuple(sorted(lines[index], key=lambda word: word.box.left)) for index in order]


def pieces(words: Sequence[Word], gap: float, cuts: Sequence[float] = ()) -> list[Line]:
    """A line's words joined where they are less than a gap apart and nothing cuts between them."""
    found: list[list[Word]] = []
    for word in words:
        if found:
            last = found[-1][-1].box
            alone = len(found[-1]) == 1 and found[-1][0].text in _BULLETS
            near = word.box.left - max(other.box.right for other in found[-1]) < (_AFTER_BULLET if alone else 1) * gap
            cut = any(last.left + last.width / 2 < x < word.box.left + word.box.width / 2 for x in cuts)
            if near and not cut:
                found[-1].append(word)
                continue
        found.append([word])
    return [Line(tuple(words)) for words in found]
