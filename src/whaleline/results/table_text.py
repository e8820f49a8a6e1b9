"""Tables as plain text: columns aligned by spaces, what stands around them in its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from statistics import fmean

from whaleline.layout.table import PageContent, Table

_BETWEEN = "  "  # two columns
_WIDEST = 60  # characters of a column; longer cells reach beyond it


def write(pages: Sequence[PageContent], language: str) -> bytes:  # noqa: ARG001 - as all formats of tables
    """UTF-8, a line for each row, cells of several lines in one; no line feed at the end."""
    lines: list[str] = []
    for page in pages:
        for part in page.parts:
            lines += aligned(part) if isinstance(part, Table) else [part]
    return "\n".join(lines).encode()


def aligned(table: Table) -> list[str]:
    """A table's rows, columns padded to one width, columns of numbers to the right; no row is left out."""
    widths, to_right = [0] * table.columns, [False] * table.columns
    for column in range(table.columns):
        texts = [cell.flowing for cell in table.cells if cell.column == column and cell.columns == 1 and cell.text]
        widths[column] = min(_WIDEST, max(map(_width, texts), default=0))
        to_right[column] = bool(texts) and fmean(_starts_like_a_number(text) for text in texts) > 0.5  # noqa: PLR2004
    starts = [sum(widths[:column]) + len(_BETWEEN) * column for column in range(table.columns)]
    lines = []
    for row in table.rows:
        line = ""
        for cell in row.cells:
            text = cell.flowing
            if not text:
                continue
            start = starts[cell.column]
            if to_right[cell.column] and cell.columns == 1:
                start += max(0, widths[cell.column] - _width(text))
            spaces = max(start - _width(line), len(_BETWEEN) if line else 0)
            line += " " * spaces + text
        lines.append(line)
    return lines


def _starts_like_a_number(text: str) -> bool:
    return text.lstrip("+-\u2212\u2013($\u20ac\u00a3 ")[:1].isdigit()


def _width(text: str) -> int:
    """Columns of a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
