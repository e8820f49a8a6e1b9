"""Tables that go on from one page to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whaleline.layout.table import PageContent, Row, Table

_FURNITURE = 4  # words of a page number or a running title, at most, between two parts of a table


def continued(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages with the parts of a table over several pages made one, on the page where it begins.

    A table goes on where a page ends and the next one begins with one of as many columns, with no more than a page
    number or a running title between. A heading that is repeated on the next page is left out there. Boxes stay in the
    pixels of the page that they were on.
    """
    found: list[PageContent] = []
    begun: tuple[int, int] | None = None  # the page in `found`, and the part of it, that may go on
    for page in pages:
        first = _first(page.parts)
        here = page.parts[first] if first is not None else None
        before = found[begun[0]].parts[begun[1]] if begun else None
        if begun and isinstance(before, Table) and isinstance(here, Table) and before.columns == here.columns:
            kept = found[begun[0]].parts
            parts = (*kept[: begun[1]], _joined(before, here), *kept[begun[1] + 1 :])
            found[begun[0]] = replace(found[begun[0]], parts=parts)
            found.append(replace(page, parts=tuple(part for part in page.parts if part is not here)))
            if _last(page.parts) == first:
                continue
        else:
            found.append(page)
        last = _last(found[-1].parts)
        begun = (len(found) - 1, last) if last is not None else None
    return found


def _last(parts: Sequence[str | Table]) -> int | None:
    place = _first(parts[::-1])
    return len(parts) - 1 - place if place is not None else None


def _first(parts: Sequence[str | Table]) -> int | None:
    """The place of the table with which parts begin, page numbers and the like aside."""
    for place, part in enumerate(parts[:2]):
        if isinstance(part, Table):
            return place
        if len(part.split()) > _FURNITURE:
            return None
    return None


def _joined(table: Table, more: Table) -> Table:
    rows = list(more.rows)
    if len(rows) > 1 and [cell.text for cell in rows[0].cells] == [cell.text for cell in table.rows[0].cells]:
        rows = rows[1:]
    skipped = len(more.rows) - len(rows)
    down = len(table.rows) - skipped
    moved = (Row(tuple(replace(cell, row=cell.row + down) for cell in row.cells)) for row in rows)
    return replace(table, rows=(*table.rows, *moved))
