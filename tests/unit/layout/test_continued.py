"""Tables over several pages."""

from __future__ import annotations

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.continued import continued
from whaleline.layout.table import PageContent, Placed, Table, table_of
from whaleline.recognition.page import Line, Word

BOX = Rectangle(0, 0, 10, 10)


def grid(*rows: str) -> Table:
    return table_of(
        [
            Placed(row, column, row, column, (Line((Word(text, BOX, 90.0),)),))
            for row, texts in enumerate(rows)
            for column, text in enumerate(texts.split())
        ]
    )


def rows(table: object) -> list[str]:
    assert isinstance(table, Table)
    assert [cell.row for row in table.rows for cell in row.cells] == [
        index for index, row in enumerate(table.rows) for _ in row.cells
    ]
    return [" ".join(cell.text for cell in row.cells) for row in table.rows]


def test_a_table_goes_on_over_page_numbers_without_its_repeated_heading() -> None:
    pages = [
        PageContent(1, ("Before", grid("Ship Men", "Pequod 30"), "92")),
        PageContent(2, (grid("Ship Men", "Rachel 26"), "93")),
        PageContent(3, (grid("Jungfrau 7"), "a line of text below it")),
    ]
    found = continued(pages)
    assert rows(found[0].parts[1]) == ["Ship Men", "Pequod 30", "Rachel 26", "Jungfrau 7"]
    assert [page.parts for page in found[1:]] == [("93",), ("a line of text below it",)]


def test_other_columns_and_text_between_begin_a_new_table() -> None:
    first, other, after = grid("a b", "c d"), grid("a b c"), grid("e f")
    pages = [
        PageContent(1, (first,)),
        PageContent(2, (other,)),
        PageContent(3, ("five words stand between them", after)),
    ]
    assert continued(pages) == pages


def test_pages_without_tables_stay_as_they_are() -> None:
    pages = [PageContent(1, ()), PageContent(2, ("text",))]
    assert continued(pages) == pages
