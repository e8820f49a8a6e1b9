"""Tables of drawn pages, read and laid out as a task does it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from drawn_tables import ROW, Rules, table
from whaleline.documents import PagePicture
from whaleline.layout.table import Table
from whaleline.operations.page_layout import PageLayout, lay_out
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.settings import Settings

ROWS = [
    ["Ship", "Home", "Men"],
    ["Pequod", "Nantucket", "30"],
    ["Rachel", "Gloucester", "26"],
    ["Jungfrau", "Bremen", "7"],
    ["Bachelor", "Nantucket", "28"],
]
WIDTHS = [200, 260, 160]


def laid_out(image: object) -> PageLayout:
    return lay_out(PagePicture(np.asarray(image)), ReadingSettings(), Settings())


def texts(found: Table) -> list[list[str]]:
    """The grid, with None's place empty."""
    grid = [[""] * found.columns for _ in found.rows]
    for cell in found.cells:
        grid[cell.row][cell.column] = cell.text
    return grid


@pytest.mark.parametrize("rules", ["all", "some", "none"])
def test_rows_and_columns_are_found_with_and_without_rules(rules: Rules) -> None:
    found = laid_out(table(ROWS, WIDTHS, rules=rules)).tables
    assert [texts(each) for each in found] == [ROWS]


def test_a_shaded_heading_is_a_row_though_no_rule_stands_below_it() -> None:
    """As in many invoices; the shade is what parts it from the first row."""
    left, top, right = 60, 60, 60 + sum(WIDTHS)
    bottom = top + ROW
    picture = np.array(table(ROWS, WIDTHS, margin=left))
    picture[bottom - 4 : bottom + 5, left : right + 1] = picture[bottom - 5, left : right + 1]  # without the rule
    heading = picture[top:bottom, left:right]
    heading[heading > 200] = 234
    assert [texts(each) for each in laid_out(picture).tables] == [ROWS]


def test_merged_cells_span_what_they_cover_and_cells_of_several_lines_are_one() -> None:
    rows: Sequence[Sequence[str | None]] = [
        ["Ship", "Crew", None],
        ["Pequod\nof Nantucket", "Ishmael", "3"],
        [None, "Queequeg", "90"],
        ["Rachel", "Gardiner", "1"],
    ]
    found = laid_out(table(rows, WIDTHS, spans={(0, 1): (1, 2), (1, 0): (2, 1)})).tables
    assert texts(found[0]) == [[text or "" for text in row] for row in rows]
    spans = {(cell.row, cell.column): (cell.rows, cell.columns) for cell in found[0].cells}
    assert (spans[0, 1], spans[1, 0], spans[3, 0]) == ((1, 2), (2, 1), (1, 1))


def test_prose_is_no_table() -> None:
    lines = ["Some years ago, never mind how long precisely, having"] * 8
    assert laid_out(table([], [800], above=lines)).tables == ()


def test_a_lone_digit_in_a_cell_is_read() -> None:
    rows = [["Day", "Whales"], ["Monday", "1"], ["Tuesday", "0"], ["Friday", "4"], ["Sunday", "7"]]
    (found,) = laid_out(table(rows, [300, 300])).tables
    assert texts(found) == rows
