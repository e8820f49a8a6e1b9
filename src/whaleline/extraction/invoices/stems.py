"""What a label that stands in no table seems to mean, by the words that it is made of."""

from __future__ import annotations

from functools import cache

from whaleline.extraction.vocabulary import folded, pattern, words

_LABELS, _STEMS = "invoice_words", "invoice_stems"
_LONG = 4
"""Letters from which on a stem may begin or end a longer word: Rechnungsnummer, Vorgangsnummer."""
_MOST_WORDS = 7


def meaning(text: str) -> str | None:
    """The kind of label that a text seems to be; None where it is none, or is known to be another."""
    plain = folded(text)
    if not 0 < len(plain.split()) <= _MOST_WORDS or pattern(_LABELS, *_KNOWN).search(plain):
        return None
    has = {kind: _has(plain, f"stem_{kind}") for kind in _KINDS}
    if has["invoice"] and has["number"]:
        return "number"
    if has["due"] or has["date"]:
        return "issue_date" if not has["due"] else "due" if has["total"] else "due_date"
    return _sum(plain, taxed=has["tax"], total=has["total"])


@cache
def is_stem(word: str) -> bool:
    """Whether a folded word is one that labels are made of, and so is no misread other one."""
    return any(word in words(_STEMS, f"stem_{kind}") for kind in _KINDS)


def _sum(plain: str, *, taxed: bool, total: bool) -> str | None:
    if not taxed and not total:
        return None
    if pattern(_STEMS, "without").search(plain):
        return "net"
    return "gross" if pattern(_STEMS, "with").search(plain) or not taxed else "tax"


_KINDS = ("invoice", "number", "due", "date", "tax", "total")
_KNOWN = (
    "not_money", "other_number", "other_date", "other_party", "delivery_date", "order", "account_number", "vat_id",
)  # fmt: skip


def _has(plain: str, kind: str) -> bool:
    """Whether a stem is in a text: as words of it, or long ones as the beginning or end of one."""
    parts = plain.split()
    return any(
        f" {stem} " in f" {plain} "
        or (len(stem) >= _LONG and any(part.startswith(stem) or part.endswith(stem) for part in parts))
        for stem in words(_STEMS, kind)
    )
