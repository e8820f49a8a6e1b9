"""Grids that are drawn: the cells between rules that cross, merged where no rule parts them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.ruling import Rule, Ruling

MOST_CELLS = 100_000
"""Elementary cells of a grid; a finer one is a pattern."""

_SAME = 0.45  # letters' heights between two rules that are one (double rules)
_WHITE = 1.0  # letters' heights of white between two rows that no rule parts
_FAINT = 0.5  # of the length of clear rules, that faint ones have at least where they are part of a grid
_COVERED = 0.6  # of a cell's side, that a rule runs along where it parts it from the next


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of a lattice: the first row and column, and how many of them it spans."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Lattice:
    """A drawn grid.

    Attributes:
        xs: of its upright lines, from left to right; the outermost ones may be the ends of level rules only.
        ys: of its level lines, from the top down.
        fields: that cover it, row by row.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    fields: tuple[Field, ...]

    @property
    def box(self) -> Rectangle:
        """The whole grid."""
        return Rectangle(round(self.xs[0]), round(self.ys[0]), round(self.xs[-1]), round(self.ys[-1]))

    @cached_property
    def _owners(self) -> dict[tuple[int, int], int]:
        return {
            (row, column): index
            for index, field in enumerate(self.fields)
            for row in range(field.row, field.row + field.rows)
            for column in range(field.column, field.column + field.columns)
        }

    def field_at(self, x: float, y: float) -> int | None:
        """The index of the field that holds a point; None outside of the grid."""
        return self._owners.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))

    def box_of(self, field: Field) -> Rectangle:
        """What a field covers."""
        return Rectangle(
            round(self.xs[field.column]),
            round(self.ys[field.row]),
            round(self.xs[field.column + field.columns]),
            round(self.ys[field.row + field.rows]),
        )


def with_rows_parted(grid: Lattice, words: Sequence[Rectangle], height: float) -> Lattice:
    """The grid with those of its rows parted where white runs through all cells and several begin anew below it.

    Args:
        grid: as `lattice` gives it.
        words: their boxes.
        height: of a letter, in pixels.
    """
    rows: list[list[Rectangle]] = [[] for _ in grid.ys]
    for box in sorted(words, key=lambda box: box.top):
        rows[bisect_right(grid.ys, (box.top + box.bottom) / 2) - 1].append(box)
    spanned = {field.row + more for field in grid.fields if field.rows > 1 for more in range(field.rows)}
    cuts = [cut for row in range(len(rows) - 1) if row not in spanned for cut in _cuts(grid, rows[row], height)]
    if not cuts or (len(rows) - 1 + len(cuts)) * (len(grid.xs) - 1) > MOST_CELLS:
        return grid
    # Which line of the new grid each line of the old one is.
    lines = [at + bisect_right(cuts, y) for at, y in enumerate(grid.ys)]
    fields = [replace(each, row=row) for each in grid.fields for row in range(lines[each.row], lines[each.row + 1])]
    ordered = sorted(fields, key=lambda field: (field.row, field.column))
    return Lattice(grid.xs, tuple(sorted([*grid.ys, *cuts])), tuple(ordered))


def _cuts(grid: Lattice, inside: Sequence[Rectangle], height: float) -> Iterator[float]:
    """Where a row is to be parted that holds such words, from the top down."""
    low = inside[0].bottom if inside else 0
    for at, box in _whites(inside, low, _WHITE * height):
        firsts = [each for each in inside if abs(each.bottom - box.bottom) < height / 2]
        begun = {grid.field_at((each.left + each.right) / 2, (each.top + each.bottom) / 2) for each in firsts}
        if len(begun) > 1:
            yield at


def _whites(boxes: Sequence[Rectangle], low: float, least: float) -> Iterator[tuple[float, Rectangle]]:
    """The middle of each stretch of white between boxes from the top down, with the first box below it."""
    for box in boxes:
        if box.top - low > least:
            yield (low + box.top) / 2, box
        low = max(low, box.bottom)


def lattice(rules: Ruling, height: float, least: int = 2) -> Lattice | None:
    """The grid of rules that hang together; None where they enclose fewer cells than `least`.

    Args:
        rules: of one group, as `ruling.joined` gives it.
        height: of a letter, in pixels.
        least: cells.
    """
    rules = Ruling(_trusted(rules.level), _trusted(rules.upright))
    near = _SAME * height
    xs = _with_ends([rule.at for rule in rules.upright], rules.level, near)
    ys = _with_ends([rule.at for rule in rules.level], rules.upright, near)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 1 or rows * columns < least or rows * columns > MOST_CELLS:
        return None
    upright = _covers(xs, ys, rules.upright, near)
    level = _covers(ys, xs, rules.level, near)
    return Lattice(tuple(xs), tuple(ys), tuple(_fields(upright[1:-1].T, level[1:-1], rows, columns)))


def _trusted(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules without the faint ones where most are clear: a grid has one pen, the rest is of grounds that blend."""
    clear = tuple(rule for rule in rules if rule.clear)
    faint = sum(rule.length for rule in rules if not rule.clear)
    return clear if faint < _FAINT * sum(rule.length for rule in clear) else rules


def _with_ends(places: list[float], across: Sequence[Rule], near: float) -> list[float]:
    """The places of parallel lines, and the ends of those across where they reach beyond."""
    if across:
        places = [*places, min(rule.start for rule in across), max(rule.end for rule in across)]
    groups: list[list[float]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= near:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [sum(group) / len(group) for group in groups]


def _covers(places: list[float], across: list[float], rules: Sequence[Rule], near: float) -> npt.NDArray[np.bool_]:
    """For each line and each of its pieces between two lines across: whether a rule runs there."""
    ends = np.array(across)
    low, high = ends[:-1], ends[1:]
    covered = np.zeros((len(places), len(low)))
    spots = np.array(places)
    for rule in rules:
        index = int(np.argmin(np.abs(spots - rule.at)))
        if abs(spots[index] - rule.at) > near:
            continue
        common = np.minimum(high, rule.end) - np.maximum(low, rule.start)
        covered[index] += np.maximum(common, 0)
    return np.asarray(covered >= _COVERED * (high - low)[None, :])


def _fields(upright: npt.NDArray[np.bool_], level: npt.NDArray[np.bool_], rows: int, columns: int) -> list[Field]:
    """Elementary cells joined where no rule parts them, each to a rectangle.

    Args:
        upright: (rows, columns - 1): whether a rule stands between a cell and its right neighbour.
        level: (rows - 1, columns): whether one lies between a cell and the one below.
        rows: of the grid.
        columns: of the grid.
    """
    owner = np.full((rows, columns), -1)
    found: list[Field] = []
    for row in range(rows):
        for column in range(columns):
            if owner[row, column] >= 0:
                continue
            right = column + 1
            while right < columns and not upright[row, right - 1] and owner[row, right] < 0:
                right += 1
            bottom = row + 1
            while (
                bottom < rows
                and not level[bottom - 1, column:right].any()
                and not (upright[bottom, column : right - 1].any())
            ):
                bottom += 1
            owner[row:bottom, column:right] = len(found)
            found.append(Field(row, column, bottom - row, right - column))
    return found
