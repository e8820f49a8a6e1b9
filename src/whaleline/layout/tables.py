"""The tables of a page: where they are, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout import aligned
from whaleline.layout.finding import REACH, grids, holds, places
from whaleline.layout.lattice import Field, Lattice, lattice, with_rows_parted
from whaleline.layout.lines import is_number, letter_height, lines_of, pieces, space, wide, without_leaders
from whaleline.layout.ruling import Ruling, joined
from whaleline.layout.table import PageContent, Placed, Table, table_of
from whaleline.recognition.page import Block, Line, Page, Word

_COARSE, _GAPS = 0.12, 0.3  # of a drawn grid's cells with text, that hold pieces side by side: in two lines, in one


def find(words: Sequence[Word], rules: Ruling) -> list[Table]:
    """The tables of a page, from the top down.

    Args:
        words: as `mending.mended` gives them.
        rules: of the page, as `rule_search.ruling` gives them.
    """
    height = letter_height(words)
    found = (table_in(box, words, rules) for box in places(words, rules, height))
    whole = [table for table in found if table is not None and table.columns > 1]
    return [part for table in whole for part in _parts(table, words, rules)]


def table_in(box: Rectangle, words: Sequence[Word], rules: Ruling) -> Table | None:
    """The table that fills a box; None where nothing was read there.

    Args:
        box: of the table.
        words: of the page.
        rules: of the page.
    """
    inside = [word for word in words if holds(box, word.box)]
    height = letter_height(inside) or letter_height(words)
    inside = without_leaders(inside, height)
    if not inside or not height:
        return None
    here = rules.within(bounds([box, *(word.box for word in inside)]), height)
    found = [grid for group in joined(here, REACH * height) if (grid := lattice(group, height))]
    grid = max(found, key=lambda each: each.box.width * each.box.height, default=None)
    if grid is not None:
        grid = _parted(grid, inside, height)
    if grid is not None and _fits(grid, inside, height):
        grid = with_rows_parted(grid, [word.box for word in inside], height)
        return table_of(_of_lattice(grid, inside))
    return table_of(aligned.structure(inside, here, box, height))


def _parts(table: Table, words: Sequence[Word], rules: Ruling) -> list[Table]:
    """The parts of a long table that stand side by side, each as a table; the table itself where there are none."""
    parts = [table_in(box, words, rules) for box in _side_by_side(table)]
    return [part for part in parts if part is not None] or [table]


def _side_by_side(table: Table) -> list[Rectangle]:
    """The boxes of a long table's parts that stand side by side, each with the same heading; none of another table."""
    heads = {cell.column: cell for cell in table.rows[0].cells if cell.columns == 1 and not is_number(cell.text)}
    texts = [heads[column].text if column in heads else "" for column in range(table.columns)]
    for columns in range(2, table.columns // 2 + 1):
        if table.columns % columns == 0 and all(texts) and texts == texts[:columns] * (table.columns // columns):
            starts = [heads[at].box.left for at in range(0, table.columns, columns)]
            ends = [
                max(cell.box.right for cell in table.cells if cell.column + cell.columns == at)
                for at in range(columns, table.columns + 1, columns)
            ]
            edges = [(end + start) // 2 for end, start in zip(ends[:-1], starts[1:], strict=True)]
            xs = [table.box.left, *edges, table.box.right]
            return [Rectangle(a, table.box.top, b, table.box.bottom) for a, b in pairwise(xs)]
    return []


def content(number: int, page: Page, tables: Sequence[Table]) -> PageContent:
    """A page's tables, and its lines outside of them, in reading order.

    Args:
        number: of the page.
        page: as it was read.
        tables: of it.
    """
    parts: list[str | Table] = []
    left = list(tables)
    for line in (line for block in page.blocks for line in block.lines):
        outside = [word for word in line.words if not any(holds(table.box, word.box) for table in tables)]
        if not outside:
            continue
        top = min(word.box.top for word in outside)
        while left and left[0].box.top < top:
            parts.append(left.pop(0))
        parts.append(" ".join(word.text for word in outside))
    return PageContent(number, (*parts, *left))


def drawn(words: Sequence[Word], rules: Ruling) -> list[Table]:
    """The tables of a page that are drawn as grids, from the top down; arguments as for `find`."""
    height = letter_height(words)
    return [
        table_of(_of_lattice(grid, inside))
        for drawn_grid in grids(words, rules, height)
        if (inside := [word for word in words if holds(drawn_grid.box, word.box)])
        and _fits(grid := _parted(drawn_grid, inside, height), inside, height)
    ]


def by_rows(page: Page, words: Sequence[Word], tables: Sequence[Table]) -> tuple[Page, tuple[tuple[int, Table], ...]]:
    """The page with each table as a block of its own, a line for each row with the words of all its cells.

    Args:
        page: as it was read.
        words: of it, as `mending.mended` gives them.
        tables: of it, from the top down.

    Returns:
        The page, and of each table the index of its block.
    """
    blocks: list[Block] = []
    placed: list[tuple[int, Table]] = []
    left = [(table, rows) for table in tables if (rows := _rows(table, words))]

    def put(top: float) -> None:
        while left and left[0][0].box.top < top:
            table, rows = left.pop(0)
            placed.append((len(blocks), table))
            blocks.append(Block(rows))

    for block in page.blocks:
        kept = [
            tuple(word for word in line.words if not any(holds(table.box, word.box) for table in tables))
            for line in block.lines
        ]
        lines = tuple(Line(line) for line in kept if line)
        if lines:
            put(lines[0].box.top)
            blocks.append(Block(lines))
    put(page.height + 1)
    return replace(page, blocks=tuple(blocks)), tuple(placed)


def _rows(table: Table, words: Sequence[Word]) -> tuple[Line, ...]:
    inside = [word for word in words if holds(table.box, word.box)]
    lines = [
        tuple(
            word
            for cell in row.cells
            for line in lines_of([word for word in inside if holds(cell.box, word.box)])
            for word in line
        )
        for row in table.rows
    ]
    return tuple(Line(line) for line in lines if line)


def _fits(grid: Lattice, words: Sequence[Word], height: float) -> bool:
    """Whether a drawn grid holds nearly all words and parts them as far as they are to be parted."""
    held = [word for word in words if holds(grid.box, word.box)]
    if len(held) < 0.9 * len(words):
        return False
    filled = coarse = gaps = 0
    gap = 1.5 * wide(height, space(words, height))
    for words_ in _by_field(grid, held).values():
        filled += 1
        parted = sum(len(pieces(line, gap)) > 1 for line in lines_of(words_))
        coarse += parted >= 2  # noqa: PLR2004
        gaps += parted > 0
    return coarse <= _COARSE * filled and gaps <= _GAPS * filled


def _parted(grid: Lattice, words: Sequence[Word], height: float) -> Lattice:
    """The grid with those fields parted that hold text in several of its columns, though no rule parts them."""
    held = _by_field(grid, words)
    gap = 1.5 * wide(height, space(words, height))
    fields: list[Field] = []
    for index, field in enumerate(grid.fields):
        inside = held.get(index, [])
        several = any(len(pieces(line, gap)) > 2 for line in lines_of(inside))  # noqa: PLR2004
        if field.columns < 3 or not several:  # noqa: PLR2004
            fields.append(field)
            continue
        start = field.column
        for column in range(field.column + 1, field.column + field.columns + 1):
            last = column == field.column + field.columns
            if last or not any(word.box.left + 2 < grid.xs[column] < word.box.right - 2 for word in inside):
                fields.append(Field(field.row, start, field.rows, column - start))
                start = column
    return replace(grid, fields=tuple(fields))


def _by_field(grid: Lattice, words: Sequence[Word]) -> dict[int, list[Word]]:
    found: dict[int, list[Word]] = {}
    for word in words:
        box = word.box
        index = grid.field_at((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        if index is not None:
            found.setdefault(index, []).append(word)
    return found


def _of_lattice(grid: Lattice, words: Sequence[Word]) -> list[Placed]:
    held = _by_field(grid, words)
    return [
        Placed(
            field.row,
            field.column,
            field.row + field.rows - 1,
            field.column + field.columns - 1,
            tuple(Line(line) for line in lines_of(held.get(index, ()))),
            grid.box_of(field),
        )
        for index, field in enumerate(grid.fields)
    ]
