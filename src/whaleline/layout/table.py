"""What a table is: Table > Row > Cell, frozen. Boxes are in the pixels of the picture that was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.recognition.page import Line


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, which belongs to the row in which it begins.

    Attributes:
        row: the first one is 0.
        column: the first one is 0.
        rows: how many it spans.
        columns: how many it spans.
        box: as far as the cell reaches; where no rule bounds it, as far as its text does.
        text: its lines, one line feed between; empty where nothing was read.
        confidence: 0 to 100; 100 for an empty cell.
    """

    row: int
    column: int
    rows: int
    columns: int
    box: Rectangle
    text: str = ""
    confidence: float = 100.0

    @property
    def flowing(self) -> str:
        """The text in one line."""
        return self.text.replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells that begin in a row, from left to right."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Rows from the top down; no two cells share a place of the grid, and places without print may have none.

    Attributes:
        rows: as many as the grid has; one may be empty where cells span it.
        columns: of the grid.
        box: of all cells.
    """

    rows: tuple[Row, ...]
    columns: int
    box: Rectangle

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for row in self.rows for cell in row.cells)

    @property
    def confidence(self) -> float:
        """Mean of the confidences of the cells that hold text, 0 to 100; 0 where none does."""
        read = [cell.confidence for cell in self.cells if cell.text]
        return fmean(read) if read else 0.0

    def placed(self, place: Callable[[Rectangle], Rectangle]) -> Table:
        """The same table with its boxes in another picture."""
        rows = tuple(Row(tuple(replace(cell, box=place(cell.box)) for cell in row.cells)) for row in self.rows)
        return Table(rows, self.columns, place(self.box))


@dataclass(frozen=True, slots=True)
class Placed:
    """Lines of text with their place in a grid; the last row and column are inclusive."""

    row: int
    column: int
    last_row: int
    last_column: int
    lines: tuple[Line, ...]
    box: Rectangle | None = None


def table_of(placed: list[Placed]) -> Table:
    """The table of such cells; those without a box are as large as their text.

    Raises:
        ValueError: there are none.
    """
    rows: list[list[Cell]] = [[] for _ in range(1 + max(cell.last_row for cell in placed))]
    for cell in sorted(placed, key=lambda cell: (cell.row, cell.column)):
        rows[cell.row].append(
            Cell(
                cell.row,
                cell.column,
                cell.last_row - cell.row + 1,
                cell.last_column - cell.column + 1,
                cell.box or bounds([line.box for line in cell.lines]),
                "\n".join(line.text for line in cell.lines),
                fmean(line.confidence for line in cell.lines) if cell.lines else 100.0,
            )
        )
    whole = bounds([cell.box for row in rows for cell in row])
    return Table(tuple(Row(tuple(row)) for row in rows), 1 + max(cell.last_column for cell in placed), whole)


@dataclass(frozen=True, slots=True)
class PageContent:
    """What stands on a page, in reading order.

    Attributes:
        number: of the page, the first being 1.
        parts: lines of text outside of tables, and tables.
    """

    number: int
    parts: tuple[str | Table, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables alone."""
        return tuple(part for part in self.parts if isinstance(part, Table))
