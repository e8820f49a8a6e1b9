"""Tables as a workbook of Excel: a sheet a table."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from whaleline.layout.table import Cell, PageContent, Table
from whaleline.values.amounts import decimal_mark_of

_MOST_DIGITS = 15  # that Excel keeps of a number
_NARROWEST, _WIDEST = 4, 60  # characters of a column
_MADE = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same page gives the same bytes


def write(pages: Sequence[PageContent], language: str) -> bytes:
    """A workbook in which spanning cells are merged, and numbers are numbers where that is without doubt.

    A document without tables gives one empty sheet.
    """
    data = io.BytesIO()
    book = xlsxwriter.Workbook(
        data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": _MADE})
    formats: dict[str, Format] = {}

    def format_of(number: str) -> Format:
        if number not in formats:
            more = {"num_format": number} if number else {}
            formats[number] = book.add_format({"text_wrap": True, "valign": "top", **more})
        return formats[number]

    mark = decimal_mark_of(language) or "."
    tables = [(page.number, index, table) for page in pages for index, table in enumerate(page.tables, 1)]
    for page, index, table in tables:
        _fill(book.add_worksheet(f"Page {page} table {index}"), table, mark, format_of)
    if not tables:
        book.add_worksheet("No table")
    book.close()
    return data.getvalue()


def _fill(sheet: Worksheet, table: Table, mark: str, format_of: object) -> None:
    assert callable(format_of)  # noqa: S101
    for cell in table.cells:
        value, shape = number_of(cell.text, mark) or (cell.text, "")
        written = format_of(shape)
        last_row, last_column = cell.row + cell.rows - 1, cell.column + cell.columns - 1
        if cell.rows > 1 or cell.columns > 1:
            sheet.merge_range(cell.row, cell.column, last_row, last_column, "", written)
        if isinstance(value, float):
            sheet.write_number(cell.row, cell.column, value, written)
        elif value:
            sheet.write_string(cell.row, cell.column, value, written)
    for column in range(table.columns):
        widths = [_width(cell) for cell in table.cells if cell.column == column and cell.columns == 1]
        sheet.set_column(column, column, min(_WIDEST, max([_NARROWEST, *widths]) + 1))


def _width(cell: Cell) -> int:
    return max(map(len, cell.text.split("\n")))


def number_of(text: str, mark: str) -> tuple[float, str] | None:
    """The number that a text is without doubt, and Excel's format that shows it as it is printed; else None.

    Args:
        text: of a cell. Numbers with leading zeros (codes), of more digits than Excel keeps, with a currency, in
            brackets, or with groups that are not of three digits stay text.
        mark: the decimal mark of the document's language, `.` or `,`.
    """
    group = "," if mark == "." else "."
    found = re.fullmatch(
        rf"(?P<sign>[+\-\u2212]?)(?P<whole>0|[1-9]\d*|[1-9]\d{{0,2}}(?:[{group}\u00a0\u202f']\d{{3}})+)"
        rf"(?:{re.escape(mark)}(?P<part>\d+))?(?P<percent> ?%)?",
        text,
    )
    if found is None:
        return None
    whole = re.sub(r"\D", "", found["whole"])
    part = found["part"] or ""
    if len(whole + part) > _MOST_DIGITS:
        return None
    value = float(f"{whole}.{part or 0}") * (-1 if found["sign"] in ("-", "\u2212") else 1)
    shape = ("#,##0" if len(whole) != len(found["whole"]) else "0") + ("." + "0" * len(part) if part else "")
    return (value / 100, shape + "%") if found["percent"] else (value, shape)
