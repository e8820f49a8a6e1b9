"""The text of a machine readable zone for which most speaks, among all that its layout and check digits allow.

Every text of the layout is weighed at once (dynamic programming): sign by sign, texts are alike that are at the same
state of their line's expression and have the same remainder for each check digit that is still to come.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from whaleline.recognition.cells import SIGNS, Cells
from whaleline.recognition.pattern import Automaton, compiled
from whaleline.values.mrz import VALUES, WEIGHTS, Layout

_TRIED: Final = 6  # signs that may stand in a cell, the likeliest first
_KEPT: Final = 400  # ways that are followed from cell to cell
_HOLDS, _FAILS = math.log(0.98), math.log(0.02 / 9)  # of a printed check digit, and of each other digit there
_MADE_UP: Final = math.log(0.003)  # of a sign, less of which was not seen; what looks like the one seen has more

_Place = tuple[int, int]
_Remainders = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ZoneText:
    """What a zone says.

    Attributes:
        lines: from the top down.
        score: how much speaks for it, a natural logarithm.
        share: natural logarithm of the part that it has of all texts.
        unseen: how many of its signs were not seen where they should stand.
    """

    lines: tuple[str, ...]
    score: float
    share: float
    unseen: int


@dataclass(slots=True)
class _Way:
    """Texts that are alike: the best of them, and how much speaks for all of them together."""

    score: float
    text: str
    all: float


def search(layout: Layout, lines: Sequence[Cells]) -> ZoneText | None:
    """The best text of a zone; None where none of its layout could be seen.

    Args:
        layout: of the zone.
        lines: for each line what was seen in its cells.
    """
    ways: dict[tuple[int, _Remainders], _Way] = {(0, (0,) * len(layout.checks)): _Way(0.0, "", 0.0)}
    for number, line in enumerate(lines):
        automaton = compiled(layout.lines[number])
        started: dict[tuple[int, _Remainders], _Way] = {}
        for (_, remainders), way in ways.items():
            _add(started, (automaton.start, remainders), way)
        ways = started
        for place, cell in enumerate(line.signs):
            ways = _grown(ways, automaton, cell, _Sums.of(layout).at((number, place)))
        ways = {key: way for key, way in ways.items() if automaton.is_end(key[0])}
    if not ways:
        return None
    best = max(ways.values(), key=lambda way: way.score)
    everything = float(np.logaddexp.reduce([way.all for way in ways.values()]))
    parts = tuple(best.text[start : start + layout.width] for start in range(0, len(best.text), layout.width))
    unseen = sum(_unseen(text, line) for text, line in zip(parts, lines, strict=True))
    return ZoneText(parts, best.score, best.score - everything, unseen)


def _unseen(text: str, line: Cells) -> int:
    """How many signs of a line were not seen in their cells, but demanded by the layout or made up.

    Of a row of fillers one is enough: nobody counts them.
    """
    places = np.arange(len(text)), [SIGNS.index(sign) for sign in text]
    seen = line.seen[places] & (line.signs[places] >= _MADE_UP)
    rows = re.finditer("<+|[^<]", text)
    return sum(row.end() - row.start() for row in rows if not seen[row.start() : row.end()].any())


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the check digits of a layout are made of.

    Attributes:
        weights: for each place the check digits that it counts for, and its weight there.
        ends: for each place the check digits that stand there.
    """

    weights: Mapping[_Place, Sequence[tuple[int, int]]]
    ends: Mapping[_Place, Sequence[int]]

    @staticmethod
    @cache
    def of(layout: Layout) -> _Sums:
        """Of a layout."""
        weights, ends = defaultdict(list), defaultdict(list)
        for check, (line, end, parts) in enumerate(layout.checks):
            places = [(number, place) for number, start, stop in parts for place in range(start, stop)]
            for count, place in enumerate(places):
                weights[place].append((check, WEIGHTS[count % len(WEIGHTS)]))
            ends[line, end].append(check)
        return _Sums(weights, ends)

    def at(self, place: _Place) -> tuple[Sequence[tuple[int, int]], Sequence[int]]:
        """The weights of a place, and the check digits that stand there."""
        return self.weights.get(place, ()), self.ends.get(place, ())


def _grown(
    ways: Mapping[tuple[int, _Remainders], _Way],
    automaton: Automaton,
    cell: npt.NDArray[np.float64],
    sums: tuple[Sequence[tuple[int, int]], Sequence[int]],
) -> dict[tuple[int, _Remainders], _Way]:
    """The ways with one more sign."""
    order = [SIGNS[place] for place in np.argsort(-cell)]
    seen = dict(zip(SIGNS, cell.tolist(), strict=True))
    grown: dict[tuple[int, _Remainders], _Way] = {}
    following: dict[int, list[tuple[str, int]]] = {}
    for (state, remainders), way in ways.items():
        if (next_ones := following.get(state)) is None:
            next_ones = following[state] = list(_possible(automaton, state, order))
        for sign, after in next_ones:
            left, told = _counted(sign, remainders, *sums)
            more = seen[sign] + told
            _add(grown, (after, left), _Way(way.score + more, way.text + sign, way.all + more))
    if len(grown) <= _KEPT:
        return grown
    return dict(sorted(grown.items(), key=lambda item: -item[1].score)[:_KEPT])


def _add(ways: dict[tuple[int, _Remainders], _Way], key: tuple[int, _Remainders], way: _Way) -> None:
    """Put a way to those that are alike."""
    if (other := ways.get(key)) is None:
        ways[key] = way
        return
    other.all = float(np.logaddexp(other.all, way.all))
    if way.score > other.score:
        other.score, other.text = way.score, way.text


def _possible(automaton: Automaton, state: int, order: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The likeliest signs that may come next, with the state behind each."""
    found = 0
    for sign in order:
        if after := automaton.step(state, sign):
            yield sign, after
            found += 1
            if found == _TRIED:
                return


def _counted(
    sign: str, remainders: _Remainders, weights: Sequence[tuple[int, int]], ends: Sequence[int]
) -> tuple[_Remainders, float]:
    """The remainders after a sign, and how much the check digits speak for it that stand in its place."""
    if not weights and not ends:
        return remainders, 0.0
    left, told = list(remainders), 0.0
    for check in ends:
        told += _HOLDS if VALUES[sign] == left[check] else _FAILS
        left[check] = 0
    for check, weight in weights:
        left[check] = (left[check] + weight * VALUES[sign]) % 10
    return tuple(left), told
