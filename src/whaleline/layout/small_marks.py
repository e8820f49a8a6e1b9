"""Decimal points that no engine read, and long dashes that were read as short ones, by their ink.

Both are plain in the ink: a point stands alone on the line between two digits, and a dash is as long as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import cv2
import numpy as np

from whaleline.imaging.picture import Picture
from whaleline.layout.lines import space
from whaleline.recognition.page import Word

_DIGITS = re.compile(r"[$(]?\d{2,}\)?")  # each of these letters is one piece of ink
_BELOW = 0.35  # letters' heights below a word's box, where the tail of a comma may be
_TALL = 0.7  # of the tallest piece's height, that a digit has at least
_POINT, _LEAST = 0.3, 2  # letters' heights, and pixels, of a point
_ON_LINE, _TAIL = 0.75, 0.1  # of a letter's height, where a point stands at least, and that a comma reaches below
_FLAT = 1.5  # times as wide as high is a dash
_MIDDLE = (0.3, 0.85)  # of a letter's height, where a dash stands
_SHORT = 0.2  # letters' heights, that a dash is wide at least
_EN, _EM = 0.55, 1.0  # letters' heights, from which on a dash is an en dash, and an em dash


@dataclass(frozen=True, slots=True)
class _Ink:
    """A connected piece of ink, in pixels of a word's picture."""

    left: int
    top: int
    wide: int
    high: int

    @property
    def right(self) -> int:
        return self.left + self.wide

    @property
    def bottom(self) -> int:
        return self.top + self.high


def with_marks(words: Sequence[Word], print_: Picture, height: float) -> tuple[Word, ...]:
    """The words with the points and dashes that their ink shows.

    Args:
        words: in the picture's pixels.
        print_: its ink, without rules.
        height: of a letter, in pixels.
    """
    typed = space(words, height) > height / 2  # a typewriter's hyphen is as long as a dash
    return tuple(word if typed and "-" in word.text else _mended(word, print_, height) for word in words)


def _mended(word: Word, print_: Picture, height: float) -> Word:
    has_dash = "-" in word.text and not any(map(str.isalpha, word.text))
    if not has_dash and not _DIGITS.fullmatch(word.text):
        return word
    box = word.box
    low = box.bottom + round(_BELOW * height)
    inks = _inks(np.ascontiguousarray(print_[max(0, box.top - 1) : low, max(0, box.left - 1) : box.right + 1]))
    tallest = max((each.high for each in inks), default=0)
    digits = [each for each in inks if each.high >= _TALL * tallest]
    if not has_dash:
        return replace(word, text=_pointed(word.text, inks, digits))
    # A lone dash is measured by the letters of the page.
    tall = median(each.high for each in digits) if digits and any(map(str.isdigit, word.text)) else height
    return replace(word, text=_dashed(word.text, inks, digits, tall))


def _inks(picture: Picture) -> list[_Ink]:
    """The pieces of ink from left to right."""
    if picture.size == 0:
        return []
    _, _, statistics, _ = cv2.connectedComponentsWithStats(picture, connectivity=8)
    found = [_Ink(*map(int, row[:4])) for row in statistics[1:]]
    return sorted(found, key=lambda each: each.left)


def _pointed(text: str, inks: Sequence[_Ink], digits: Sequence[_Ink]) -> str:
    """Digits with the points between them, if there is a piece of ink for each."""
    if len(digits) != len(text):
        return text
    tall, foot = median(each.high for each in digits), median(each.bottom for each in digits)
    marks = {}
    for each in inks:
        between = [at for at in range(1, len(digits)) if digits[at - 1].right <= each.left + 1 <= digits[at].left]
        is_small = each.high >= _LEAST and _LEAST <= each.wide <= _POINT * tall and each.high <= 2 * _POINT * tall
        if between and is_small and foot - tall + _ON_LINE * tall <= each.top:
            marks[between[0]] = "," if each.bottom > foot + max(1.0, _TAIL * tall) else "."
    return "".join(marks.get(at, "") + character for at, character in enumerate(text))


def _dashed(text: str, inks: Sequence[_Ink], digits: Sequence[_Ink], tall: float) -> str:
    """The text with its dashes as long as their ink, if there is a piece of ink for each."""
    foot = median(each.bottom for each in digits) if len(digits) > 1 else None
    dashes = [
        each
        for each in inks
        if each.wide >= max(_FLAT * each.high, _SHORT * tall)
        and (foot is None or _MIDDLE[0] * tall <= each.top + each.high / 2 - (foot - tall) <= _MIDDLE[1] * tall)
    ]
    if len(dashes) != text.count("-"):
        return text
    lengths = iter(dashes)
    return "".join(_dash(next(lengths).wide / tall) if character == "-" else character for character in text)


def _dash(length: float) -> str:
    return "-" if length < _EN else "\N{EN DASH}" if length < _EM else "\N{EM DASH}"
