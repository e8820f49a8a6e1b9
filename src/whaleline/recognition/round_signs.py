"""O and 0 in codes of letters and digits, told by their look: PP-OCRv6 takes either for the other.

In most fonts all digits but 1 are of one width, and an O is wider. Where all signs have one pitch, a 0 has a dot or a
stroke in it, as a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import Final

import cv2
import numpy as np

from whaleline.imaging.picture import Picture

_WIDE: Final = 1.17  # times as wide as the line's other digits, an O is at least
_WIDER: Final = 2  # pixels, by which it is wider at least
_NARROW: Final = 1.11  # the same, a 0 is at most
_EVEN: Final = 0.07  # of the pitch, by which the places of signs differ at most that all have one
_LEAST: Final = 3  # signs that tell whether all have one pitch
_SPECK: Final = 0.1  # of the line's height; lower pieces are no signs
_CLEAR: Final = 16  # pixels of a sign's height, in which a dot shows


@dataclass(frozen=True, slots=True)
class _Sign:
    """The ink of a sign: its columns, and whether there is more in it than one hole."""

    left: int
    right: int
    marked: bool

    @property
    def width(self) -> int:
        return self.right - self.left


def is_mixed(text: str) -> bool:
    """Whether a text has letters and digits, and what may be an O or a 0."""
    return not {"O", "0"}.isdisjoint(text) and any(map(str.isalpha, text)) and any(map(str.isdigit, text))


def is_among_its_kind(text: str, place: int) -> bool:
    """Whether a 0 has digits on both sides, or an O letters: the nearest others, or the text's end on one side."""
    beside = text[:place].rstrip("O0 -")[-1:] + text[place + 1 :].lstrip("O0 -")[:1]
    return bool(beside) and (beside.isdigit() if text[place] == "0" else beside.isalpha())


def is_same(one: str, other: str) -> bool:
    """Whether two texts differ by nothing but spaces and where an O or a 0 stands, if at all."""
    return one.replace(" ", "").replace("O", "0") == other.replace(" ", "").replace("O", "0")


def told(text: str, print_: Picture, middles: Sequence[float] = ()) -> str:
    """The text with each O and 0 as it looks; a question mark for those of which the look does not tell.

    Args:
        text: as it was read.
        print_: the line's ink.
        middles: of its signs but for spaces, columns; used where signs touch. None where they are not known.
    """
    plain = text.replace(" ", "")
    signs = _parted(_signs(print_), len(plain), middles)
    shown = list(zip(signs, plain, strict=True))
    digits = [each.width for each, sign in shown if each and sign in "23456789"]
    usual = median(digits) if digits else 0.0
    has_marks = any(each.marked for each, sign in shown if each and sign in "O0")
    even = _is_even(signs)
    looks = iter(
        sign if sign not in "O0" else _look(each, usual, even=even, has_marks=has_marks) if each else "?"
        for each, sign in shown
    )
    return "".join(sign if sign == " " else next(looks) for sign in text)


def _parted(signs: Sequence[_Sign], count: int, middles: Sequence[float]) -> list[_Sign | None]:
    """The ink of each of so many signs; None of those that touch others."""
    if len(signs) == count:
        return list(signs)
    if len(middles) != count:
        return [None] * count
    held = [[place for place, middle in enumerate(middles) if each.left <= middle < each.right] for each in signs]
    alone = {places[0]: each for each, places in zip(signs, held, strict=True) if len(places) == 1}
    return [alone.get(place) for place in range(count)]


def _look(sign: _Sign, usual: float, *, even: bool, has_marks: bool) -> str:
    if sign.marked:
        return "0"
    if has_marks:
        return "O"
    if usual and sign.width >= max(_WIDE * usual, usual + _WIDER):
        return "O"
    return "0" if usual and sign.width <= _NARROW * usual and not even else "?"


def _is_even(signs: Sequence[_Sign | None]) -> bool:
    """Whether all signs have one pitch."""
    steps = [other.left + other.right - one.left - one.right for one, other in pairwise(signs) if one and other]
    return len(steps) < _LEAST or float(np.std(steps)) <= _EVEN * fmean(steps)


def _signs(print_: Picture) -> list[_Sign]:
    """What stands between the gaps of a line's ink."""
    count, labels, found, _ = cv2.connectedComponentsWithStats(print_)
    highest = max((int(each[cv2.CC_STAT_HEIGHT]) for each in found[1:count]), default=0)
    kept = [place for place in range(1, count) if found[place][cv2.CC_STAT_HEIGHT] >= _SPECK * highest]
    clean = np.where(np.isin(labels, kept), print_, 0).astype(np.uint8)
    turns = np.flatnonzero(np.diff(clean.any(axis=0), prepend=False, append=False)).tolist()
    return [
        _Sign(left, right, highest >= _CLEAR and _is_marked(np.ascontiguousarray(clean[:, left:right])))
        for left, right in zip(turns[::2], turns[1::2], strict=True)
    ]


def _is_marked(sign: Picture) -> bool:
    """Whether there is a dot in the hole of a sign, or more holes than one."""
    _, tree = cv2.findContours(np.pad(sign, 1), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return False
    outer = int(np.count_nonzero(tree[0][:, 3] < 0))
    return outer > 1 or len(tree[0]) - outer > 1
