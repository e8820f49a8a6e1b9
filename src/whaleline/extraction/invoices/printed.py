"""An invoice as it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from whaleline.extraction.found import Found, found
from whaleline.extraction.invoices import accounts, days, facts, items, money, parties
from whaleline.extraction.invoices.address import Address
from whaleline.extraction.invoices.invoice import Invoice, Value
from whaleline.extraction.invoices.labels import Label, labels_of
from whaleline.extraction.words import Words, of_fields

_SUMS = {
    "net": "net_amount",
    "tax": "vat",
    "gross": "total_amount",
    "due": "amount_due",
    "prepaid": "prepaid_amount",
    "lines_total": "lines_total",
}


def extract(rows: Sequence[Words], language: str = "") -> Invoice:
    """The fields of one invoice.

    Args:
        rows: of all its pages, in reading order.
        language: that it was read in (BCP 47); decides what dates and amounts do not show themselves.
    """
    rows = tuple(map(_unglued, of_fields(rows)))
    labels = labels_of(rows)
    mark = money.decimal_mark(rows, language)
    number, title_row = facts.number(rows, labels)
    account = accounts.account(rows, labels)
    fields: dict[str, Found[Value] | None] = {
        "invoice_number": _any(number),
        "order_number": _any(facts.best(facts.labelled("order", rows, labels, facts.identifier))),
        # Where no other is asked for, a payment is known by the invoice's number.
        "payment_reference": _any(facts.best(facts.labelled("payment_reference", rows, labels, _reference)) or number),
        "currency": _any(facts.currency(rows, labels)),
        "account": _any(account),
        "bic": _any(accounts.bic_of(rows, labels)),
        "bank_name": _any(accounts.bank(rows, labels, account)),
    }
    fields |= {kind: _any(date) for kind, date in days.dates_of(rows, labels, title_row, language).items()}
    fields |= {_SUMS[kind]: _any(amount) for kind, amount in money.sums(rows, labels, mark).items()}
    seller, buyer = parties.parties(rows, labels)
    fields |= _party("supplier", seller) | _party("receiver", buyer)
    fields |= _tax_ids(rows, labels, seller, buyer)
    fields["supplier_email"] = _any(_of_seller(accounts.emails(rows), seller, buyer))
    fields["supplier_phone"] = _any(_of_seller(accounts.phones(rows, labels), seller, buyer))
    goods = items.items(rows, labels, mark)
    net = fields.get("net_amount")
    if fields.get("lines_total") is None and net is not None and sum(each.amount or 0 for each in goods) == net.value:
        fields["lines_total"] = net
    return Invoice({name: value for name, value in fields.items() if value is not None}, goods)


def _unglued(row: Words) -> Words:
    """The row with amounts apart from the words that they were read together with: Summe12,50."""
    words = []
    for word in row.words:
        glued = _GLUED.fullmatch(word.text)
        if glued is None:
            words.append(word)
            continue
        cut = word.box.left + round(word.box.width * len(glued["label"]) / len(word.text))
        words.append(replace(word, text=glued["label"], box=replace(word.box, right=cut)))
        words.append(replace(word, text=glued["amount"], box=replace(word.box, left=cut)))
    return Words(tuple(words))


def _any(value: object) -> Found[Value] | None:
    return cast("Found[Value] | None", value)


def _reference(words: Words) -> Found[str] | None:
    """What stands in the piece beside a label, if it has a digit."""
    piece = words.pieces[0]
    text = piece.text.strip(" :;.")
    return found(text, piece, text=text) if re.search(r"\d", text) and len(piece.words) <= 6 else None  # noqa: PLR2004


def _party(prefix: str, address: Address | None) -> dict[str, Found[Value] | None]:
    if address is None:
        return {}
    lines = [line for line in address.lines if address.name is None or not set(line.words) <= set(address.name.words)]
    whole = " ".join(line.text.strip(" ,;") for line in lines)
    return {
        f"{prefix}_name": _any(found(_spelled(address.name.text), address.name)) if address.name else None,
        f"{prefix}_address": _any(found(whole, *lines)) if lines else None,
        f"{prefix}_street": _any(found(address.street.text.strip(" ,;"), address.street)) if address.street else None,
        f"{prefix}_postcode": _any(found(address.postcode, address.town, text=address.postcode)),
        f"{prefix}_city": _any(found(address.city, address.town, text=address.city)),
    }


def _spelled(name: str) -> str:
    """A name with the letters of its legal form, where they were read as others that look like them."""
    name = re.sub(r"\bSp\. ?[zZ] ?[oO0]\. ?[oO0]\.", "Sp. z o.o.", name.strip(" ,;:"))
    return re.sub(r"\bS\.r\.[Il1|]\.", "S.r.l.", name)


def _tax_ids(
    rows: Sequence[Words], labels: Sequence[Label], seller: Address | None, buyer: Address | None
) -> dict[str, Found[Value] | None]:
    """VAT and tax numbers: the buyer's are those that are called so, or stand beside its address."""
    vats = {"supplier": [], "receiver": []}  # type: dict[str, list[Found[str]]]
    for at, value in accounts.vat_numbers(rows):
        first = value.places[0].words[0]
        called = " ".join(word.text for word in rows[at].words[: rows[at].words.index(first)][-_LABEL_WORDS:])
        vats[_whose(at, called, rows, seller, buyer)].append(value)
    others = {"supplier": [], "receiver": []}  # type: dict[str, list[Found[str]]]
    known = {re.sub(r"\W", "", value.text) for values in vats.values() for value in values}
    for label, value in accounts.tax_numbers(rows, labels):
        if re.sub(r"\W", "", value.text) not in known:
            others[_whose(label.row, label.words.text, rows, seller, buyer)].append(value)
    fields: dict[str, Found[Value] | None] = {}
    for party in ("supplier", "receiver"):
        number = next(iter(vats[party]), None)
        other = next(iter(others[party]), None)
        fields[f"{party}_vat_id"] = _any(number)
        fields[f"{party}_tax_id"] = _any(number or other)
        if party == "supplier":
            fields["supplier_tax_number"] = _any(other)
    return fields


def _whose(at: int, called: str, rows: Sequence[Words], seller: Address | None, buyer: Address | None) -> str:
    """The party that a row speaks of: named in its label, else the one whose address is the last above, if near."""
    if _BUYERS.search(called):
        return "receiver"
    above = [
        (address.rows[1], name)
        for name, address in (("supplier", seller), ("receiver", buyer))
        if address is not None and address.rows[0] <= at and rows[at].page == address.town.page
    ]
    if above:
        last, name = max(above)
        if name == "receiver" and at - last <= _NEAR and _in_column(rows[at], buyer):
            return name
    return "supplier"


def _in_column(row: Words, address: Address | None) -> bool:
    """Whether a row has something under an address."""
    if address is None:
        return False
    box = address.town.box
    return any(
        piece.box.left < box.right + 4 * box.height and box.left - 20 * box.height < piece.box.left
        for piece in row.pieces
    )


def _of_seller(
    found_: Iterable[tuple[int, Found[str]]], seller: Address | None, buyer: Address | None
) -> Found[str] | None:
    """The first that does not stand beside the buyer's address."""
    candidates = list(found_)
    near = [
        (abs(at - seller.rows[1]), value)
        for at, value in candidates
        if seller is not None
        and seller.rows[0] <= at <= seller.rows[1] + _NEAR
        and value.page == seller.town.page
        and not (buyer is not None and buyer.rows[0] >= seller.rows[1] and at > buyer.rows[0])
    ]
    if near:
        return min(near, key=lambda each: each[0])[1]
    for at, value in candidates:
        beside = buyer is not None and buyer.rows[0] <= at <= buyer.rows[1] + _NEAR and value.page == buyer.town.page
        if not beside:
            return value
    return candidates[-1][1] if candidates else None


_GLUED = re.compile(r"(?P<label>[^\W\d_]{3,}[.):]?)(?P<amount>-?\d[\d.,]*[.,]\d\d)")
_LABEL_WORDS = 4
_NEAR = 5
"""Rows below an address that may still speak of its party."""
_BUYERS = re.compile(
    r"\b(?:client|customer|your vat|buyer|ihre ust|kunden|kunde|uw btw|klant|cliente|acquirente|cessionario|nabywc\w*)"
    r"\b",
    re.IGNORECASE,
)
