"""Tables as CSV, quoted as RFC 4180 has it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from whaleline.layout.table import PageContent, Table

_NUMBER = re.compile(r"[+\-]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*[%\u20ac$\u00a3]?")
_MARK = re.compile(r"[+\-]+")  # that stands in a number's place
_FORMULA = (*"=+-@", *"\t\r\n", *"\uff1d\uff0b\uff0d\uff20")  # the last are the wide ones of Japanese spreadsheets


def write(pages: Sequence[PageContent], language: str) -> bytes:  # noqa: ARG001 - as all formats of tables
    r"""UTF-8, lines that end in `\n`, an empty line between two tables; a spanning cell's text in its first place.

    Text that a spreadsheet would take for a formula has an apostrophe before it, as OWASP advises.
    """
    return "\n".join(_table(table) for page in pages for table in page.tables).encode()


def _table(table: Table) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in table.rows:
        fields = [""] * table.columns
        for cell in row.cells:
            fields[cell.column] = harmless(cell.flowing)
        writer.writerow(fields)
    return written.getvalue()


def harmless(text: str) -> str:
    """The text so that no spreadsheet runs it."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) and not _MARK.fullmatch(text):
        return "'" + text
    return text
