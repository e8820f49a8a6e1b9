"""RecognizeTable: find the tables of all pages, read them, and write them as a spreadsheet has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import orjson

from whaleline.documents import Document
from whaleline.imaging.geometry import Rectangle
from whaleline.layout import tables
from whaleline.layout.table import Cell, PageContent, Row, Table
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.page_layout import lay_out
from whaleline.operations.reading import check, notes_of
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.operations.schema import choice, one_of
from whaleline.recognition import languages
from whaleline.results import ResultType
from whaleline.results.tables import TableResultType, write_tables
from whaleline.settings import Settings

_ANY_FORMAT = one_of(
    {each.value.lower(): each.value for kind in (ResultType, TableResultType) for each in kind}, list(ResultType)
)


class RecognizeTableSettings(ReadingSettings):
    """OCRSettingsRecognizeTable. A table's format may stand in `resultType`, too, as older samples have it."""

    result_type: Annotated[str, _ANY_FORMAT] = ResultType.Text.value  # type: ignore[assignment]
    result_type_table: Annotated[TableResultType | None, choice(TableResultType)] = None  # type: ignore[assignment]

    @property
    def written_as(self) -> TableResultType:
        """By the newer key, else by the older one where it names a format of tables, else Text."""
        if self.result_type_table is not None:
            return self.result_type_table
        named = [each for each in TableResultType if each.value == self.result_type]
        return named[0] if named else TableResultType.TEXT


def _pages(document: Document, _request: RecognizeTableSettings) -> tuple[int, ...]:
    return tuple(range(1, len(document) + 1))


def _read(document: Document, number: int, request: RecognizeTableSettings, settings: Settings) -> bytes:
    """What stands on a page and what is to be told of it, as JSON; boxes in the page's own pixels."""
    page = document.page(number)
    found = lay_out(page, request, settings)
    reading = found.reading
    content = tables.content(number, reading.page, found.tables)
    parts = [part.placed(reading.placement.bounds) if isinstance(part, Table) else part for part in content.parts]
    name = "the image" if len(document) == 1 else f"page {number}"
    told = [f"{name}: {note}" for note in (*notes_of(reading, request.rotate), *page.notes)]
    return orjson.dumps({"content": PageContent(number, tuple(parts)), "messages": told})


def _content(part: dict[str, Any]) -> PageContent:
    return PageContent(
        part["number"], tuple(_table(each) if isinstance(each, dict) else each for each in part["parts"])
    )


def _table(part: dict[str, Any]) -> Table:
    rows = tuple(
        Row(tuple(Cell(**{**cell, "box": Rectangle(**cell["box"])}) for cell in row["cells"])) for row in part["rows"]
    )
    return Table(rows, part["columns"], Rectangle(**part["box"]))


def _join(
    _document: Document, parts: Sequence[bytes | None], request: RecognizeTableSettings, _settings: Settings
) -> Outcome:
    read = [orjson.loads(part) for part in parts if part is not None]
    pages = [_content(part["content"]) for part in read]
    told = [message for part in read for message in part["messages"]]
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    results = write_tables(request.written_as, pages, language.tag)
    if not any(page.tables for page in pages):
        told.append("no table was found")
    nothing = not any(page.parts for page in pages)
    return Outcome(ResponseStatusCode.NO_ANY_RESULT_DATA if nothing else ResponseStatusCode.OK, results, tuple(told))


RECOGNIZE_TABLE = Operation(
    name="RecognizeTable",
    summary="Read the tables of all pages",
    settings_model=RecognizeTableSettings,
    check=check,
    pages=_pages,
    read=_read,
    join=_join,
)
