"""A line of so many signs of one width, sign by sign: what an engine saw in each one's place.

Nobody counts a row of fillers, and an engine neither. Where the number of signs and their one width are known, their
places are: the line is parted into as many cells of nearly one width so that each shows a sign as clearly as can be
(dynamic programming over the cells' edges).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise, product
from typing import Final

import numpy as np
import numpy.typing as npt

from whaleline.recognition.decoding import ALIKE
from whaleline.recognition.emission import Emission

SIGNS: Final = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Of a machine readable zone."""

_LIKE: Final = {"<": "\u00ab\u2039", **{sign: sign.lower() for sign in "COSVWXZ"}}  # taken for them
_FLOOR: Final = 1e-6  # probability of what an engine rules out; of two such it still tells which is the likelier
_FILLER: Final = 0.1  # probability that there is one where no sign was seen
_SEEN: Final = 0.3  # probability of a step that shows a sign
_LEAST_SEEN: Final = 0.3  # of the cells, that must show one
_EMPTY: Final = 0.1  # probability of a sign that was passed over, in the choice of edges
_PASSED: Final = 4.0  # what it costs that a sign is in no cell of its own
_UNSEEN: Final = range(4)  # fillers at the end that may not have been seen
_ALIKE: Final = 0.03  # times as probable as what was seen, what looks like it is at least
_WORSE: Final = 10.0  # by as much less clearly than the best one, a picture shows signs at most that counts
_IMPOSSIBLE: Final = -1e9

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Pitch:
    """How much the cells of a line differ.

    Attributes:
        narrowest: times the usual cell.
        widest: the same.
        uneven: what it costs that a cell is a whole width too wide.
        astray: the same of an edge that is so far off its place.
        cost: of the pitch itself.
    """

    narrowest: float
    widest: float
    uneven: float
    astray: float
    cost: float = 0.0


_FIXED: Final = _Pitch(0.6, 1.5, 1.0, 0.3)
_ANY: Final = _Pitch(0.35, 1.8, 0.1, 0.0, cost=5.0)  # print in a font that is not one for such zones


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """What was seen in the cells of a line.

    Attributes:
        signs: how probable each of SIGNS is in each cell, natural logarithms of shape (count, signs).
        seen: of the same shape, whether a picture shows that sign there, or one that looks like it.
    """

    signs: _Floats
    seen: npt.NDArray[np.bool_]


def cells(seen: Sequence[Emission], count: int) -> Cells | None:
    """What was seen in each cell of a line; None where no picture shows so many.

    Args:
        seen: what was seen in some pictures of the line; their logarithms are averaged.
        count: cells of the line.
    """
    found = [way for emission in seen if (way := _of_picture(emission, count)) is not None]
    if not found:
        return None
    best = max(score for score, _ in found)
    clear = [cells for score, cells in found if score >= best - _WORSE]
    shown = _with_look_alikes(np.exp(np.mean(clear, axis=0)))
    return Cells(np.log(shown / shown.sum(axis=1, keepdims=True)), _seen(np.exp(np.max(clear, axis=0))))


def _seen(most: _Floats) -> npt.NDArray[np.bool_]:
    """Which signs were seen in the cells, by how probable each is in the picture that shows it best."""
    found = most >= _SEEN
    for row in ALIKE:
        alike = [SIGNS.index(sign) for sign in row]
        found[:, alike] = found[:, alike].any(axis=1, keepdims=True)
    return found


def _with_look_alikes(shown: _Floats) -> _Floats:
    """The probabilities of cells, where a digit may be a letter of its form and a letter a digit.

    Beside digits PP-OCRv6 takes an O for a 0 for certain. Which of the letters it is then, what is left for them tells.
    """
    found = shown.copy()
    for row in ALIKE:
        digit, *letters = (SIGNS.index(sign) for sign in row)
        together = shown[:, letters].sum(axis=1)
        found[:, letters] += _ALIKE * shown[:, [digit]] * shown[:, letters] / together[:, None]
        found[:, digit] += _ALIKE * together
    return found


def _of_picture(emission: Emission, count: int) -> tuple[float, _Floats] | None:
    """How clearly the cells of one picture show signs, and which."""
    steps = _steps(emission)
    surest = steps.max(axis=1)
    (shown,) = np.nonzero(surest > _SEEN)
    if len(shown) < _LEAST_SEEN * count:
        return None
    first, end = int(shown[0]), int(shown[-1]) + 1
    shown_by = cache(partial(_shown, surest))  # the ways to part a line look at the same widths again and again
    ways = [
        _parted(surest, shown_by, start, (end - start) / (count - unseen), count, pitch=pitch)
        for pitch in (_FIXED, _ANY)
        for start, unseen in product((first - 1, first), _UNSEEN)
    ]
    score, edges = max(ways, key=lambda way: way[0])
    if score < _IMPOSSIBLE / 2:
        return None
    found = np.stack([steps[left:right].max(axis=0) for left, right in pairwise(edges)])
    found[found.max(axis=1) < _SEEN, SIGNS.index("<")] += _FILLER
    return score, np.log(found + _FLOOR)


def _steps(emission: Emission) -> _Floats:
    """The probability of each sign at each step."""
    places = emission.alphabet.places
    found = np.zeros((len(emission.matrix), len(SIGNS)))
    for column, sign in enumerate(SIGNS):
        own = [places[each] for each in (sign, *_LIKE.get(sign, "")) if each in places]
        if own:
            found[:, column] = emission.matrix[:, own].max(axis=1)
    # Steps of one sign, with none between them, show it once.
    best, surest = found.argmax(axis=1), found.max(axis=1)
    runs = np.flatnonzero(np.diff(best, prepend=-1) | (surest < _SEEN) | (np.roll(surest, 1) < _SEEN))
    for start, end in pairwise([*runs.tolist(), len(found)]):
        peak = start + int(surest[start:end].argmax())
        found[start:peak], found[peak + 1 : end] = 0, 0
    return found


def _shown(surest: _Floats, wide: int) -> _Floats:
    """How much speaks for cells of so many steps that begin at each step: one sign in each."""
    windows = np.lib.stride_tricks.sliding_window_view(surest, wide)
    sign = windows.max(axis=1)
    return np.asarray(np.log(sign + _EMPTY) - _PASSED * (windows.sum(axis=1) - sign), np.float64)


def _parted(
    surest: _Floats, shown_by: Callable[[int], _Floats], start: float, width: float, count: int, *, pitch: _Pitch
) -> tuple[float, list[int]]:
    """How much speaks for the best edges of the cells, and these.

    Args:
        surest: of each step of the line, the probability of its likeliest sign.
        shown_by: how much speaks for cells of so many steps, by where they begin.
        start: of the first cell, in steps.
        width: of the usual cell, in steps.
        count: of cells.
        pitch: of the line.
    """
    total = len(surest)
    widths = range(max(1, math.floor(pitch.narrowest * width)), min(total, math.ceil(pitch.widest * width)) + 1)
    at = np.arange(total + 1)
    shows = np.full((len(widths), total + 1), _IMPOSSIBLE)  # what a cell of each width shows that ends at each edge
    for number, wide in enumerate(widths):
        shows[number, wide:] = shown_by(wide) - pitch.uneven * ((wide - width) / width) ** 2
    begins = np.maximum(at - np.array(widths)[:, None], 0)
    scores = np.full(total + 1, _IMPOSSIBLE)
    for edge in {round(start) + off for off in (-1, 0, 1)}:
        if 0 <= edge <= total:
            scores[edge] = -_PASSED * surest[:edge].sum()
    before = np.zeros((count, total + 1), np.intp)
    for cell in range(count):
        ways = scores[begins] + shows
        before[cell] = ways.argmax(axis=0)
        scores = ways.max(axis=0) - pitch.astray * ((at - start - width * (cell + 1)) / width) ** 2
    scores[:-1] -= _PASSED * np.cumsum(surest[::-1])[::-1]
    edge = int(scores.argmax())
    score = float(scores[edge])
    if score < _IMPOSSIBLE / 2:
        return _IMPOSSIBLE, []
    edges = [edge]
    for cell in reversed(range(count)):
        edge -= widths[before[cell, edge]]
        edges.append(edge)
    return score - pitch.cost, edges[::-1]
