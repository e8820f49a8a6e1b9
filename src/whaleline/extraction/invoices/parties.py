"""Who invoices whom: whose the addresses on the page are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whaleline.extraction.invoices.address import BUYER, OTHER, SELLER, Address
from whaleline.extraction.invoices.addresses import LABEL_GAP, addresses, is_whole
from whaleline.extraction.invoices.labels import Label
from whaleline.extraction.vocabulary import folded, pattern
from whaleline.extraction.words import Words


def parties(rows: Sequence[Words], labels: Sequence[Label]) -> tuple[Address | None, Address | None]:
    """The seller and the buyer, as headings, neighbours and places say."""
    found = _with_roles(list(addresses(rows, labels)), rows, labels)
    seller = next((each for each in found if each.role == SELLER), None)
    buyer = next((each for each in found if each.role == BUYER), None)
    rest = [each for each in found if not each.role]
    if seller is None:
        own = [each for each in rest if _is_of_seller(each, rows, found) and not _same(each, buyer)]
        lines = [each for each in rest if each.rows[0] == each.rows[1] and not _same(each, buyer)]
        heads = [each for each in rest if each.rows[0] < _HEAD_ROWS and not _same(each, buyer)]
        seller = next(iter(lines + own + heads), None)
    if buyer is None:
        others = [each for each in rest if not _same(each, seller)]
        plain = [each for each in others if not _is_of_seller(each, rows, found)]
        buyer = next(iter(plain or others), None)
    if seller is None:
        seller = next((each for each in rest if not _same(each, buyer)), None)
    return seller, buyer


def _same(one: Address, other: Address | None) -> bool:
    """Whether two addresses are of the same party."""
    if other is None:
        return False
    return one is other or (
        one.postcode == other.postcode
        and folded(one.city) == folded(other.city)
        and (
            one.name_text[:8] == other.name_text[:8]
            or (
                one.street is not None
                and other.street is not None
                and folded(one.street.text) == folded(other.street.text)
            )
        )
    )


def _with_roles(found: list[Address], rows: Sequence[Words], labels: Sequence[Label]) -> list[Address]:
    """The addresses with the roles that headings above or before them give; each heading speaks of one."""
    claims = []
    for label in labels:
        role = next((kind for kind in label.kinds if kind in (SELLER, BUYER, OTHER)), None)
        if role is None or not label.leads:
            continue
        strengths = [(_strength(label, address, rows), at) for at, address in enumerate(found)]
        if strengths and (best := max(strengths, key=lambda each: (each[0], -each[1])))[0] > 0:
            claims.append((best[0], best[1], role))
    roles = {at: BUYER for at, address in enumerate(found) if address.is_greeted}
    for _, at, role in sorted(claims, key=lambda each: -each[0]):
        roles.setdefault(at, role)
    return [replace(address, role=roles.get(at, "")) for at, address in enumerate(found)]


def _strength(label: Label, address: Address, rows: Sequence[Words]) -> float:
    """How surely a heading speaks of an address; 0 if it does not."""
    top, box = address.lines[0], label.words.box
    if label.words.page != top.page or label.row > address.rows[0]:
        return 0.0
    if label.row == address.rows[0]:
        beside = 0 <= top.box.left - box.right + box.height < LABEL_GAP * top.box.height
        return 10.0 if beside else 0.0
    if not is_whole(label, rows):
        return 0.0
    across = top.box.left - box.left
    apart = (top.box.top - box.bottom) / max(1, top.box.height)
    if (abs(across) < _ALIGNED * top.box.height or (box.left <= top.box.right and top.box.left <= box.right)) and (
        apart < _NEAR_HEADING
    ):
        return 9.0 - apart * 0.3
    return max(0.1, 5.0 - apart * 0.2) if across > 0 and apart < _FAR_HEADING else 0.0


def _is_of_seller(address: Address, rows: Sequence[Words], found: Sequence[Address]) -> bool:
    """Whether an address stands in a letterhead or footer: one with a telephone, bank or tax number beside it."""
    first, last = address.rows
    box = address.town.box
    following = [each for each in found if each.rows[0] > last and each.town.page == address.town.page]
    ends = [each.rows[0] for each in following if each.town.box.left < box.right and box.left < each.town.box.right]
    end = min([last + _BESIDE + 1, *ends])
    near = " ".join(
        piece.text
        for row in rows[first:end]
        if row.page == address.town.page
        for piece in row.pieces
        if piece.box.left < box.right + 2 * box.height and box.left - 2 * box.height < piece.box.right
    )
    plain = folded(near)
    return bool(_OF_SELLER.search(plain) or _REGISTER.search(plain) or "@" in near)


_ALIGNED = 3.0
_NEAR_HEADING, _FAR_HEADING = 9.0, 16.0
_BESIDE = 4
_HEAD_ROWS = 2
"""Rows at the head of a document: an address that begins there is the sender's."""
_OF_SELLER = pattern("invoice_words", "phone", "fax", "email", "iban", "bic", "vat_id", "tax_number")
_REGISTER = pattern("invoice_stems", "register")
