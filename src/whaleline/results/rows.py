"""Rows of values as CSV or as a workbook, in which no text can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format

from whaleline.results.table_csv import harmless
from whaleline.results.table_excel import number_of

_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same rows give the same bytes
_LONGEST: Final = 32_767  # characters of a cell of Excel
_MOST_ROWS: Final = 1_048_576

_BOX: Final = ("left", "top", "right", "bottom")
_OF_FIELDS: Final = (
    "name", "page", "kind", "text", "value", "currency", "other", "confidence", "valid", "reasons", *_BOX, "message",
)  # fmt: skip
_OF_WORDS: Final = ("page", "line", "text", "confidence", *_BOX, "message")

Value = str | float | bool | None


class Number(str):
    """The digits of a number with a decimal point, which a workbook holds as a number if Excel keeps them all."""

    __slots__ = ()


def of_reading(said: Mapping[str, Any]) -> tuple[Sequence[str], list[list[Value]]]:
    """Names and rows of the fields that were read; of the words, where no fields were asked for.

    Each message comes last, in a row and a column of its own: what was not read is told in every format.
    """
    if said["fields"]:
        told = [{**field, "value": value_of(field), "reasons": "; ".join(field["reasons"])} for field in said["fields"]]
        names: Sequence[str] = _OF_FIELDS
    else:
        told = [{**word, "page": page["page"]} for page in said["pages"] for word in page.get("words", ())]
        names = _OF_WORDS
    told += [{"message": message} for message in said["messages"]]
    return names, [[each.get(name) for name in names] for each in told]


def as_csv(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    r"""UTF-8 with a head, quoted as RFC 4180 has it; lines end in `\n`."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([harmless(name) for name in names])
    for row in rows:
        writer.writerow([harmless(value) if isinstance(value, str) else _plain(value) for value in row])
    return written.getvalue().encode()


def as_xlsx(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """A workbook with one sheet; numbers are numbers, and all text is text."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(
        data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("Results")
    bold = book.add_format({"bold": True})
    formats: dict[str, Format] = {}
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
    for number, row in enumerate(rows[: _MOST_ROWS - 1], 1):
        for column, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif isinstance(value, Number) and (found := number_of(value, ".")):
                exact, shape = found
                if shape not in formats:
                    formats[shape] = book.add_format({"num_format": shape})
                sheet.write_number(number, column, exact, formats[shape])
            elif value:
                sheet.write_string(number, column, value[:_LONGEST])
    sheet.freeze_panes(1, 0)
    book.close()
    return data.getvalue()


def _plain(value: float | bool | None) -> str | float:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def value_of(field: Mapping[str, Any]) -> Value:
    """A field's value: a number if the field is a valid number or amount, else text."""
    value: str | None = field["value"]
    return Number(value) if value and field["valid"] and field["kind"] in ("number", "amount") else value
