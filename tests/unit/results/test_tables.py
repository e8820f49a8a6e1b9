"""What tables are written as."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import pytest
from lxml import etree

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.table import PageContent, Placed, Table, table_of
from whaleline.recognition.page import Line, Word
from whaleline.results.table_csv import harmless
from whaleline.results.table_excel import number_of
from whaleline.results.tables import TableResultType, write_tables

BOX = Rectangle(10, 20, 110, 60)


def cell(row: int, column: int, text: str, rows: int = 1, columns: int = 1) -> Placed:
    lines = tuple(Line((Word(each, BOX, 90.0),)) for each in text.split("\n") if each)
    return Placed(row, column, row + rows - 1, column + columns - 1, lines, BOX)


def grid(*cells: Placed) -> Table:
    return table_of(list(cells))


SHIPS = grid(
    cell(0, 0, "Ship"), cell(0, 1, "Crew", columns=2), cell(1, 0, "Pequod\nof Nantucket"), cell(1, 1, "7"),
    cell(1, 2, "1,234.50"),
)  # fmt: skip


def written(result_type: TableResultType, *parts: str | Table) -> bytes:
    (result,) = write_tables(result_type, [PageContent(1, parts)], "en")
    return result.data


def test_text_keeps_what_stands_around_and_aligns_columns() -> None:
    assert written(TableResultType.TEXT, "Before", SHIPS, "after").decode().split("\n") == [
        "Before",
        "Ship                 Crew",
        "Pequod of Nantucket  7  1,234.50",
        "after",
    ]


def test_csv_is_quoted_where_it_must_be_and_only_there() -> None:
    data = written(TableResultType.CSV, grid(cell(0, 0, 'say "a"'), cell(0, 1, "1,5"), cell(1, 0, "x"), cell(1, 1, "")))
    assert data == b'"say ""a""","1,5"\nx,\n'
    assert list(csv.reader(io.StringIO(data.decode()))) == [['say "a"', "1,5"], ["x", ""]]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\n=1+1", "'\n=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-12.5", "-12.5"),
        ("+1 234,5", "+1 234,5"),
        ("-3%", "-3%"),
        ("-", "-"),
        ("a=b", "a=b"),
    ],
)
def test_no_text_becomes_a_formula_and_numbers_stay(text: str, safe: str) -> None:
    assert harmless(text) == safe


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("7", ".", (7.0, "0")),
        ("1,234.50", ".", (1234.5, "#,##0.00")),
        ("1.234,50", ",", (1234.5, "#,##0.00")),
        ("-0.5", ".", (-0.5, "0.0")),
        ("12.5%", ".", (0.125, "0.0%")),
        ("007", ".", None),
        ("12,34", ".", None),
        ("(5)", ".", None),
        ("1234567890123456", ".", None),
        ("3-4", ".", None),
    ],
)
def test_only_what_is_without_doubt_a_number_is_one(text: str, mark: str, expected: tuple[float, str] | None) -> None:
    assert number_of(text, mark) == expected


def test_a_workbook_has_a_sheet_for_each_table_with_spans_merged() -> None:
    data = written(TableResultType.EXCEL, SHIPS, "between", SHIPS)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheets = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
        sheet = etree.fromstring(book.read(sheets[0]))
    names = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    assert len(sheets) == 2
    assert sheet.xpath("//x:mergeCell/@ref", namespaces=names) == ["B1:C1"]
    assert sheet.xpath("//x:c[@r='C2']/x:v/text()", namespaces=names) == ["1234.5"]
    assert sheet.xpath("//x:f", namespaces=names) == []


def test_the_same_page_gives_the_same_workbook() -> None:
    assert written(TableResultType.EXCEL, SHIPS) == written(TableResultType.EXCEL, SHIPS)


def test_html_escapes_what_it_shows_and_spans() -> None:
    page = written(TableResultType.HTML, grid(cell(0, 0, "<b>", columns=2), cell(1, 0, "a\nb")), "x & y").decode()
    assert '<tr><td colspan="2">&lt;b&gt;</td></tr>\n<tr><td>a<br>b</td><td></td></tr>' in page
    assert "<p>x &amp; y</p>" in page


def test_json_has_cells_with_spans_and_boxes() -> None:
    (page,) = json.loads(written(TableResultType.JSON, "above", SHIPS))
    assert page["parts"][0] == {"text": "above"}
    found = page["parts"][1]["table"]
    assert (found["rows"], found["columns"]) == (2, 3)
    assert found["cells"][1] == {
        "row": 0, "column": 1, "rowSpan": 1, "columnSpan": 2, "text": "Crew", "confidence": 90.0,
        "topLeftX": 10, "topLeftY": 20, "bottomRightX": 110, "bottomRightY": 60,
    }  # fmt: skip


def test_both_files_come_in_the_order_of_the_name() -> None:
    results = write_tables(TableResultType.CSV_AND_EXCEL, [PageContent(1, (SHIPS,))], "en")
    assert [result.type for result in results] == ["Csv", "Excel"]
