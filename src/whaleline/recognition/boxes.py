"""Where words stand whose columns PP-OCRv6 tells by its steps only: between the gaps of ink about there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from whaleline.imaging import pictures
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition.page import Word


def about_ink(words: Sequence[Word], print_: Picture) -> list[Word]:
    """The words of a line, those in boxes of its whole height put about their own ink.

    Args:
        words: from left to right.
        print_: the line's ink.
    """
    height, width = print_.shape
    filled = np.asarray(print_.any(axis=0))
    cuts = [0.0, *(_cut(one, other, filled) for one, other in pairwise(words)), float(width)]
    placed = []
    for word, left, right in zip(words, cuts, cuts[1:], strict=False):
        box = word.box
        if box.height == height:
            first = max(round(left), int(box.left - _letter(word)))
            last = min(round(right), int(box.right + _letter(word)) + 1)
            box = pictures.around_ink(print_, Rectangle(first, box.top, max(first + 1, last), box.bottom))
        placed.append(replace(word, box=box))
    return placed


def _letter(word: Word) -> float:
    """Width of one."""
    return word.box.width / len(word.text)


def _cut(one: Word, other: Word, filled: npt.NDArray[np.bool_]) -> float:
    """The column between two words: the middle of the widest gap near there."""
    middle = (one.box.right + other.box.left) / 2
    first = max(0, int(min(middle, one.box.right) - _letter(one) / 2))
    last = min(len(filled), int(max(middle, other.box.left) + _letter(other) / 2) + 1)
    places = np.concatenate([[first - 1], first + np.flatnonzero(filled[first:last]), [last]])
    gaps = np.diff(places)
    widest = int(gaps.argmax()) if gaps.size else 0
    return float((places[widest] + places[widest + 1] + 1) / 2) if gaps.size and gaps[widest] > 1 else middle
