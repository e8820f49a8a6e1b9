"""Words to the lines of text they stand on, and lines to pieces with gaps between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Line, Word

_WIDE, _SPACES = 0.9, 1.5  # letters' heights, and spaces, of a gap that parts two pieces of a line of text
_SPACE = 0.3  # letters' heights of a space, where letters are of different widths
_FIXED, _EVEN, _LEAST_EVEN = 0.8, 0.07, 5  # of words whose letters are equally wide; within this; words that tell it
_LONG_LINE = 6  # words, in which most gaps are spaces
_RIM, _OF_SPACE = 0.25, 1.25  # of a letter's width, that a word is narrower, and that a space looks
_SAME_LINE = 0.5  # of the smaller height, between the middles of two words of one line
_MARK, _BESIDE = 0.5, 0.6  # of a letter's height: lower than that is a mark; from a line's middle to that of its marks
_BULLETS = frozenset("\u2022\u00b7\u25aa\u25a0\u25cf\u25cb\u25e6\u2043\u2013o*")
_AFTER_BULLET = 2.5  # times as wide, a gap behind a bullet is none
_LEADER = re.compile(r"[._\-\u2013\u2014=\u00b7\u2026 ]{4,}")
_DASHES, _TYPED = re.compile(r"[-_=\u2013\u2014]+"), 6  # of words of a row of dashes that is a rule, at least
_NEXT = 1.5  # letters' heights from one to the next, at most
_FLAT, _LONG = 0.35, 2.5  # letters' heights of a row of dots, which no text is as low and wide as
_NUMBER = re.compile(r"[^\w]{0,3}[\d][\d.,:/ \u2013-]*[^\w]{0,3}[A-Za-z%]{0,2}[^\w]{0,2}|[-\u2013\u2014\u2020#*.]{1,3}")


def middle(box: Rectangle) -> float:
    """Half way between top and bottom."""
    return (box.top + box.bottom) / 2


def line_middle(line: Sequence[Word]) -> float:
    """Half way between top and bottom of the words of a line, as most of them have it."""
    return median(middle(word.box) for word in line)


def is_leader(word: Word, height: float) -> bool:
    """Whether a word is dots or dashes that lead the eye or stand for a rule, whatever they were read as.

    Args:
        word: of a line.
        height: of a letter, in pixels.
    """
    flat = word.box.height < _FLAT * height and word.box.width > _LONG * height
    return flat or _LEADER.fullmatch(word.text) is not None


def without_leaders(words: Iterable[Word], height: float) -> list[Word]:
    """The words but for leaders, and for dashes in a row that a typewriter makes a rule of; arguments as above."""
    kept = [word for word in words if not is_leader(word, height)]
    typed = {
        id(word)
        for line in lines_of(word for word in kept if _DASHES.fullmatch(word.text))
        if len(line) >= _TYPED and median(b.box.left - a.box.right for a, b in pairwise(line)) < _NEXT * height
        for word in line
    }
    return [word for word in kept if id(word) not in typed]


def is_number(text: str) -> bool:
    """Whether a piece is a number, or a mark that stands in its place."""
    return _NUMBER.fullmatch(text) is not None


def letter_height(words: Iterable[Word]) -> float:
    """Pixels of the usual word's height; 0 where there is none."""
    heights = [word.box.height for word in words if any(map(str.isalnum, word.text))]
    return float(median(heights)) if heights else 0.0


def space(words: Iterable[Word], height: float) -> float:
    """Pixels of white between two words, which is more where all letters are equally wide, as a typewriter has them.

    Args:
        words: of the text.
        height: of a letter, in pixels.
    """
    lettered = [word for word in words if sum(map(str.isalpha, word.text)) >= 2 and len(word.text) > 2]  # noqa: PLR2004
    widths = [word.box.width / (len(word.text) - _RIM) for word in lettered]
    if len(widths) >= _LEAST_EVEN:
        usual = median(widths)
        if sum(abs(width - usual) <= _EVEN * usual for width in widths) >= _FIXED * len(widths):
            return _OF_SPACE * usual
    return _SPACE * height


def usual_space(lines: Iterable[Line], height: float) -> float:
    """Pixels of white between two words of a page's long lines; `space` where there are none.

    Args:
        lines: of the page.
        height: of a letter, in pixels.
    """
    lines = list(lines)
    orders = [sorted(line.words, key=lambda word: word.box.left) for line in lines if len(line.words) >= _LONG_LINE]
    gaps = [b.box.left - a.box.right for order in orders for a, b in pairwise(order)]
    told = space((word for line in lines for word in line.words), height)
    return max(told, median(gaps)) if gaps else told


def wide(height: float, space_: float) -> float:
    """Pixels of a gap that parts two pieces of a line of text."""
    return max(_WIDE * height, _SPACES * space_)


def lines_of(words: Iterable[Word]) -> list[tuple[Word, ...]]:
    """Words that stand level with each other, from the top down, each line from left to right."""
    all_ = sorted(words, key=lambda word: middle(word.box))
    small = _MARK * letter_height(all_)
    lines: list[list[Word]] = []
    middles: list[float] = []
    # A dash or a dot is no measure of a line, so it is put into one when the others stand.
    for word in [word for word in all_ if word.box.height >= small]:
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
    for mark in [word for word in all_ if word.box.height < small]:
        here = middle(mark.box)
        nearest = min(range(len(lines)), key=lambda index: abs(middles[index] - here), default=None)
        if nearest is not None and abs(middles[nearest] - here) <= _BESIDE * small / _MARK:
            lines[nearest].append(mark)
        else:
            lines.append([mark])
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
