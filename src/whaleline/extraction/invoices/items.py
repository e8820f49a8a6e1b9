"""The rows of goods and services of an invoice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from whaleline.extraction.factors import quantity_and_price
from whaleline.extraction.invoices.invoice import InvoiceItem
from whaleline.extraction.invoices.labels import Label
from whaleline.extraction.vocabulary import folded, pattern
from whaleline.extraction.words import Words
from whaleline.values import amounts

_HEADS = 3
"""Names of columns that the head of a table has at least."""
_SUMS = {"net", "gross", "due", "lines_total"}
_CENTS = 2


def items(rows: Sequence[Words], labels: Sequence[Label], mark: str) -> tuple[InvoiceItem, ...]:
    """The rows under the head of a table that end in an amount, down to the first sum.

    Quantity and price are two numbers of the row whose product is the amount; where there are none they are left out.
    """
    columns = pattern("invoice_stems", "column")
    sums = {label.row for label in labels if label.leads and _SUMS & set(label.kinds)}
    result: list[InvoiceItem] = []
    inside = False
    for number, row in enumerate(rows):
        label = folded(row.text)
        if len({*columns.findall(label)}) >= _HEADS and not re.search(r"\d[.,]\d\d(?!\d)", row.text):
            inside = True
            continue
        if not inside:
            continue
        numbers = list(amounts.find_amounts(row.spaced, mark))
        money = [each for each in numbers if each.decimals == _CENTS]
        text = _text(row, mark)
        if money and number in sums:
            inside = False
            continue
        if not money or not text:
            continue
        amount = money[-1].value
        quantity, price = quantity_and_price([each.value for each in numbers if each is not money[-1]], amount)
        result.append(InvoiceItem(text, quantity, price, amount))
    return tuple(result)


def _text(row: Words, mark: str) -> str:
    """The piece of a row with most letters, without amounts."""
    pieces = [piece for piece in row.pieces if not amounts.read_amount(piece.text, mark)]
    best = max(pieces, key=lambda piece: sum(sign.isalpha() for sign in piece.text), default=None)
    return best.text if best is not None and sum(sign.isalpha() for sign in best.text) > _CENTS else ""
