"""The stretches of a line on which PP-OCRv6 is certain, and those in doubt, which alone are looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture
from whaleline.recognition.emission import Emission, Symbol, runs

_LEAST_SIGNS = 12  # of a stretch in doubt: of fewer an engine sees neither the size of letters nor that of spaces
_MOST = 0.7  # of a line's signs, more of which are looked at as a whole


@dataclass(frozen=True, eq=False)
class Part:
    """A stretch of a line between two gaps of its ink.

    Attributes:
        left: its first column in the line's picture.
        right: the one behind its last.
        seen: what PP-OCRv6 saw there, by the columns of the stretch.
        is_doubtful: whether it should be looked at again.
    """

    left: int
    right: int
    seen: Emission
    is_doubtful: bool


def parts(seen: Emission, doubts: Sequence[bool], print_: Picture) -> list[Part]:
    """The stretches of a line from left to right; none where all of it should be looked at, or most of it.

    Args:
        seen: of the line.
        doubts: of each of its words.
        print_: its ink.
    """
    words = runs(seen.symbols)
    sizes = [len(word) for word in words]
    doubtful = _widened(doubts, sizes)
    if sum(size for size, doubt in zip(sizes, doubtful, strict=True) if doubt) > _MOST * sum(sizes):
        return []
    filled = np.asarray(print_.any(axis=0))
    turns = [place for place in range(1, len(words)) if doubtful[place] != doubtful[place - 1]]
    cuts = [_gap(words[place - 1][-1], words[place][0], filled) for place in turns]
    if not all(cuts):
        return []
    edges = [0, *cuts, len(filled)]
    kinds = [doubt for doubt, _ in groupby(doubtful)]
    return [
        Part(left, right, seen.between(left, right), doubt)
        for (left, right), doubt in zip(pairwise(edges), kinds, strict=True)
    ]


def _widened(doubts: Sequence[bool], sizes: Sequence[int]) -> list[bool]:
    """Of each word whether it is in doubt, or beside a stretch in doubt that is too short to be looked at alone."""
    found = list(doubts)
    for place in [place for place, doubt in enumerate(doubts) if doubt]:
        first = end = place
        while first and found[first - 1]:
            first -= 1
        while end < len(found) and found[end]:
            end += 1
        while sum(sizes[first:end]) < _LEAST_SIGNS and not all(found):
            if first:
                first -= 1
                found[first] = True
            else:
                found[end] = True
                end += 1
    return found


def _gap(one: Symbol, other: Symbol, filled: npt.NDArray[np.bool_]) -> int:
    """The middle of the widest gap of ink between two symbols; 0 where they hang together."""
    first, last = int((one.left + one.right) / 2), int((other.left + other.right) / 2)
    places = np.concatenate([[first - 1], first + np.flatnonzero(filled[first:last]), [last]])
    gaps = np.diff(places)
    widest = int(gaps.argmax())
    return int(places[widest] + places[widest + 1] + 1) // 2 if gaps[widest] > 1 else 0
