"""What an invoice's file tells programs, and what is printed, as one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from whaleline.extraction.found import Found
from whaleline.extraction.invoices.invoice import Invoice, InvoiceItem, Value


@dataclass(frozen=True, slots=True)
class Merged:
    """An invoice of up to two sources.

    Attributes:
        fields: the file's own word where it gives one, else what is printed.
        embedded: names of the fields that are the file's own word.
        differing: what is printed where it says something else, by name.
        items: the file's own, else those printed.
    """

    fields: Mapping[str, Found[Value]]
    embedded: frozenset[str] = frozenset()
    differing: Mapping[str, Found[Value]] = field(default_factory=dict)
    items: tuple[InvoiceItem, ...] = ()


def merged(printed: Invoice, embedded: Invoice | None) -> Merged:
    """Take a file at its word, and tell where it differs from the print."""
    if embedded is None:
        return Merged(printed.fields, items=printed.items)
    differing = {
        name: value
        for name, value in printed.fields.items()
        if name in embedded.fields and _plain(value.value) != _plain(embedded.fields[name].value)
    }
    return Merged(
        {**printed.fields, **embedded.fields}, frozenset(embedded.fields), differing, embedded.items or printed.items
    )


def _plain(value: Value) -> object:
    """A value without what print adds: case, spaces and signs; amounts without their sign, as credit notes differ."""
    if isinstance(value, Decimal):
        return abs(value)
    return re.sub(r"\W", "", value.casefold()) if isinstance(value, str) else value
