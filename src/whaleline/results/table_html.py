"""Tables as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from whaleline.layout.table import Cell, PageContent, Table


def write(pages: Sequence[PageContent], language: str) -> bytes:
    """A page of HTML 5: tables with their spans, what stands around them as paragraphs; nothing in it runs."""
    body = [
        _table(part) if isinstance(part, Table) else f"<p>{escape(part)}</p>" for page in pages for part in page.parts
    ]
    head = (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8"><title>Tables</title></head>'
    )
    return "\n".join([head, "<body>", *body, "</body>", "</html>"]).encode()


def _table(table: Table) -> str:
    rows = []
    taken: set[tuple[int, int]] = set()
    for index, row in enumerate(table.rows):
        by_column = {cell.column: cell for cell in row.cells}
        fields = []
        for column in range(table.columns):
            cell = by_column.get(column)
            if cell is not None:
                taken |= {(r, c) for r in range(index, index + cell.rows) for c in range(column, column + cell.columns)}
                fields.append(_cell(cell))
            elif (index, column) not in taken:
                fields.append("<td></td>")
        rows.append(f"<tr>{''.join(fields)}</tr>")
    return "\n".join(["<table>", *rows, "</table>"])


def _cell(cell: Cell) -> str:
    spans = "".join(
        f' {name}="{count}"' for name, count in (("rowspan", cell.rows), ("colspan", cell.columns)) if count > 1
    )
    return f"<td{spans}>{escape(cell.text).replace(chr(10), '<br>')}</td>"
