"""Pieces of a table's lines, each with the columns that it stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from statistics import median

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout.columns import column_of
from whaleline.layout.lines import is_number, pieces, wide
from whaleline.recognition.page import Line, Word

_SPACE = 0.5  # letters' heights of white that is more than a space


@dataclass(slots=True)
class Unit:
    """A piece, or several below each other that are one cell."""

    lines: list[Line]
    first: int
    last: int

    @property
    def box(self) -> Rectangle:
        """Of all lines."""
        return bounds([line.box for line in self.lines])

    @property
    def centre(self) -> float:
        """Half way between left and right."""
        return (self.box.left + self.box.right) / 2


def placed_in(
    line: Sequence[Word],
    cut: Sequence[float],
    height: float,
    space: float,
    least: Callable[[Line, int, int], float] | None = None,
) -> list[Unit]:
    """A line's pieces in their columns; one that runs over several columns is parted where there is white.

    Args:
        line: from left to right.
        cut: where columns part.
        height: of a letter, in pixels.
        space: white between two words.
        least: how many pixels of white part a piece that runs from one column to another.
    """
    units: list[Unit] = []
    for piece in pieces(line, wide(height, space)):
        first, last = column_of(piece.box, cut)
        if first == last:
            units.append(Unit([piece], first, last))
            continue
        parts = _parts(piece, cut[first:last], space, least(piece, first, last) if least else _SPACE * height)
        if len(parts) > 1:
            units += [Unit([part], *column_of(part.box, cut)) for part in parts]
        else:
            units.append(Unit([piece], first, last))
    merged: list[Unit] = []
    for unit in units:
        if merged and merged[-1].first == merged[-1].last == unit.first == unit.last:
            merged[-1].lines = [Line((*merged[-1].lines[0].words, *unit.lines[0].words))]
        else:
            merged.append(unit)
    return merged


def _parts(piece: Line, cut: Sequence[float], space: float, least: float) -> list[Line]:
    """A piece parted where columns part, if there is more white than between its words, or numbers on both sides."""
    parts = [[piece.words[0]]]
    gaps = [max(0, b.box.left - a.box.right) for a, b in pairwise(piece.words)]
    at_cuts = [any(a.box.right - 2 < x < b.box.left + 2 for x in cut) for a, b in pairwise(piece.words)]
    usual = median([gap for gap, at in zip(gaps, at_cuts, strict=True) if not at] or [space])
    for word, gap, at in zip(piece.words[1:], gaps, at_cuts, strict=True):
        numbers = is_number(parts[-1][-1].text) and is_number(word.text)
        if at and (least == 0 or gap > max(least, 1.5 * usual) or (numbers and isfinite(least))):
            parts.append([word])
        else:
            parts[-1].append(word)
    return [Line(tuple(words)) for words in parts]
