"""How far a table is from the true one: adjacency relations, TEDS, exact grids and the text of cells.

A table here is a list of `Found`, whatever program found it, so that all are scored by the same lines.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from rapidfuzz.distance import Levenshtein

Box = tuple[float, float, float, float]
Relation = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A cell that is not empty; the last row and column are inclusive, boxes are (left, top, right, bottom)."""

    row: int
    column: int
    last_row: int
    last_column: int
    text: str
    box: Box


def truth(table: dict[str, Any]) -> list[Found]:
    """The cells of a table of truth.json."""
    return [
        Found(cell["row"], cell["col"], cell["row_end"], cell["col_end"], cell["text"], tuple(cell["box"]))
        for cell in table["cells"]
        if cell["text"].strip()
    ]


@lru_cache(maxsize=100_000)
def bare(text: str) -> str:
    """A text as the competition compares it: no spaces, capitals, anything but letters and digits one mark."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character if character.isalnum() else "_" for character in folded if not character.isspace())


def relations(cells: Sequence[Found], name: Callable[[Found], str] = lambda cell: bare(cell.text)) -> Counter[Relation]:
    """Each cell with its next one to the right and below, empty cells passed over: the competition's measure."""
    grid = {
        (row, column): cell
        for cell in cells
        for row in range(cell.row, cell.last_row + 1)
        for column in range(cell.column, cell.last_column + 1)
    }
    rows = max((row for row, _ in grid), default=-1) + 1
    columns = max((column for _, column in grid), default=-1) + 1
    found: set[tuple[Found, Found, str]] = set()
    for (row, column), cell in grid.items():
        right = next((grid[row, next_] for next_ in range(cell.last_column + 1, columns) if (row, next_) in grid), None)
        below = next((grid[next_, column] for next_ in range(cell.last_row + 1, rows) if (next_, column) in grid), None)
        found |= {(cell, other, way) for other, way in ((right, "right"), (below, "below")) if other is not None}
    return Counter((name(first), name(second), way) for first, second, way in found)


def exact(true: Sequence[Found], found: Sequence[Found]) -> bool:
    """Whether the grid is the true one, cell by cell with spans, after rows and columns without any text are left out.

    A found cell stands for the true one whose text lies in it.
    """
    return sorted(_places(_closed_up(true))) == sorted(_places(_closed_up(found)))


def _places(cells: Sequence[Found]) -> list[tuple[int, int, int, int]]:
    return [(cell.row, cell.column, cell.last_row, cell.last_column) for cell in cells]


def _closed_up(cells: Sequence[Found]) -> list[Found]:
    """The same without the rows and columns in which no cell begins."""
    rows = {row: place for place, row in enumerate(sorted({cell.row for cell in cells}))}
    columns = {column: place for place, column in enumerate(sorted({cell.column for cell in cells}))}

    def last(places: dict[int, int], index: int) -> int:
        return max(place for key, place in places.items() if key <= index)

    return [
        Found(
            rows[cell.row],
            columns[cell.column],
            last(rows, cell.last_row),
            last(columns, cell.last_column),
            cell.text,
            cell.box,
        )
        for cell in cells
    ]


def teds(true: Sequence[Found], found: Sequence[Found]) -> float:
    """1 less the edit distance of the two trees (table, rows, cells) by the nodes of the larger one, 0 to 1.

    Rows are matched to rows and cells to cells in order. A cell costs 1 where its spans differ, else what its text
    differs by; this is TEDS but for mappings between nodes of different kinds, which no short way of editing has.
    """
    one, other = _rows(true), _rows(found)
    nodes = max(_nodes(one), _nodes(other))

    @cache
    def of_cells(first: Found, second: Found) -> float:
        spans = (first.last_row - first.row, first.last_column - first.column)
        if spans != (second.last_row - second.row, second.last_column - second.column):
            return 1.0
        return float(Levenshtein.normalized_distance(first.text, second.text))

    def of_rows(first: tuple[Found, ...], second: tuple[Found, ...]) -> float:
        return _edits(first, second, of_cells, lambda _: 1.0)

    return 1 - _edits(one, other, of_rows, lambda row: 1.0 + len(row)) / nodes


def _rows(cells: Sequence[Found]) -> list[tuple[Found, ...]]:
    closed = _closed_up(cells)
    rows = {cell.row for cell in closed}
    return [tuple(sorted((c for c in closed if c.row == row), key=lambda c: c.column)) for row in sorted(rows)]


def _nodes(rows: list[tuple[Found, ...]]) -> int:
    return 1 + sum(1 + len(row) for row in rows)


def _edits(
    first: Sequence[Any],
    second: Sequence[Any],
    change: Callable[[Any, Any], float],
    add: Callable[[Any], float],
) -> float:
    """The least cost of making one sequence of another."""
    above = [0.0]
    for item in second:
        above.append(above[-1] + add(item))
    for item in first:
        gone = add(item)
        row = [above[0] + gone]
        for index, other in enumerate(second):
            cheap = min(above[index + 1] + gone, row[-1] + add(other))
            row.append(cheap if above[index] >= cheap else min(cheap, above[index] + change(item, other)))
        above = row
    return above[-1]


def text_error(true: Sequence[Found], found: Sequence[Found]) -> tuple[int, int]:
    """Wrong characters of true cells, and all of them; spaces are not compared, a found cell stands for one true one.

    A true cell's reading is that of the found cell in which most of its box lies.
    """
    wrong = total = 0
    for cell in true:
        nearest = max(found, key=lambda other, cell=cell: common(cell.box, other.box), default=None)  # type: ignore[misc]
        reading = nearest.text if nearest is not None and common(cell.box, nearest.box) > 0 else ""
        wanted = _plain(cell.text)
        wrong += min(len(wanted), Levenshtein.distance(wanted, _plain(reading)))
        total += len(wanted)
    return wrong, total


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def common(first: Box, second: Box) -> float:
    """The area that two boxes share."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(0.0, width) * max(0.0, height)
