"""The head of a slip: who sold, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from whaleline.extraction import vocabulary
from whaleline.extraction.found import Found, found
from whaleline.extraction.vocabulary import folded
from whaleline.extraction.words import Words


def company_and_address(rows: Sequence[Words]) -> tuple[Found[str] | None, Found[str] | None]:
    """The seller's name, without its number in a register, and its address in one line.

    The name is the first row at the head that ends in a legal form or kind of business; where there is none, the first
    row of letters. The address is what follows down to a postcode and its town, numbers of registers and telephones
    left out.
    """
    head = _head(rows)
    if not head:
        return None, None
    name_at = _name_at(head)
    name_rows = head[name_at : name_at + 1]
    if name_at and _ONLY_FORM.fullmatch(folded(_without_number(head[name_at].text))):
        name_rows = head[name_at - 1 : name_at + 1]
    elif name_at + 1 < len(head) and _ONLY_FORM.fullmatch(folded(_without_number(head[name_at + 1].text))):
        name_rows = head[name_at : name_at + 2]
        name_at += 1
    name = " ".join(_without_number(row.text) for row in name_rows)
    company = found(name, *name_rows) if name else None
    lines = _address(head[name_at + 1 :]) or _address(head[: max(0, name_at - len(name_rows) + 1)])
    if not lines:
        return company, None
    return company, found(" ".join(_address_line(row) for row in lines), *lines)


def _head(rows: Sequence[Words]) -> list[Words]:
    """The rows above the first that speaks of the sale, without titles and greetings."""
    head: list[Words] = []
    for row in rows[:_HEAD_ROWS]:
        label = folded(row.text)
        letters = sum(sign.isalpha() for sign in row.text)
        if _SALE.search(label) and head:
            if len(head) > 1 or _ENDS.search(label):
                break
            continue
        if letters < _LETTERS and not re.search(r"\d{5}|\(\d", row.text):
            continue
        if label in _TITLES or (not head and _DATE.search(row.text)):
            if len(head) > _WHOLE_HEAD:
                break
            continue
        head.append(row)
    return head


def _name_at(head: Sequence[Words]) -> int:
    for at, row in enumerate(head[:_NAME_ROWS]):
        label = folded(_without_number(row.text))
        if at and _STOP.search(folded(row.text)):
            break
        if _FORM_LAST.search(label) or (_FORM.search(label) and not _ADDRESS.search(label)):
            return at
    for pattern in (_BUSINESS, _LETTERED):
        for at, row in enumerate(head[:_NAME_ROWS]):
            label = folded(_without_number(row.text))
            if not _LETTERED.search(label) or row.text.startswith("("):
                continue
            if _STOP.search(folded(row.text)) or _ADDRESS.search(label):
                break
            if pattern.search(label):
                return at
    return next((at for at, row in enumerate(head) if _LETTERED.search(folded(row.text))), 0)


def _address(rows: Sequence[Words]) -> list[Words]:
    """The rows of the first address."""
    lines: list[Words] = []
    done = False
    for row in rows:
        label = folded(row.text)
        bare = _without_number(row.text)
        if _STOP.search(label) or not bare or _DATE.search(row.text):
            if lines:
                break
            continue
        if done and not _continues(lines[-1], row):
            break
        if not lines and row.text.startswith("(") and not _ADDRESS.search(label):
            continue
        if not lines and not (_ADDRESS.search(label) or re.search(r"\d", bare) or _followed(rows, row)):
            continue
        lines.append(row)
        done = done or bool(_POSTCODE.search(row.text))
    return lines if any(re.search(r"\d", row.text) for row in lines) else []


def _followed(rows: Sequence[Words], row: Words) -> bool:
    """Whether the next row is of an address, so that this one may be its first: the name of a building."""
    following = next((after for before, after in pairwise(rows) if before is row), None)
    return (
        following is not None
        and row.text.rstrip().endswith(",")
        and not _STOP.search(folded(following.text))
        and bool(_ADDRESS.search(folded(following.text)) or _POSTCODE.search(following.text))
    )


def _continues(before: Words, row: Words) -> bool:
    """Whether a row goes on with the address below its postcode: a town, a state or a country."""
    label = folded(row.text)
    if re.search(r"\d", row.text):
        return bool(_POSTCODE.search(row.text)) and before.text.rstrip().endswith(",")
    return before.text.rstrip().endswith(",") or bool(_REGION.search(label))


def _address_line(row: Words) -> str:
    """A row as it is printed, without brackets about all of it."""
    text = row.text.strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _without_number(text: str) -> str:
    """A name without the number that it has in a register behind it, and without signs about it."""
    plain = _NUMBER.sub("", text).strip()
    return re.sub(r"^[^\w(&]+|[^\w).&!]+$", "", plain).strip()


_HEAD_ROWS, _NAME_ROWS = 22, 8
_LETTERS = 3
_WHOLE_HEAD = 3
"""Rows of a head that has a name and an address."""

_pattern = partial(vocabulary.pattern, "receipt_words")
_SALE, _ENDS, _REGISTER = _pattern("sale"), _pattern("body"), _pattern("register")
_TITLES = frozenset(vocabulary.words("receipt_words", "title"))
_STOP = re.compile(rf"{_REGISTER.pattern}|(?<!\w)tel\d")
_FORM = re.compile(rf"{_pattern('form').pattern}$|(?<!\w)(?:sdn ?b\w{{1,2}}|bhd|gmbh)(?!\w)")
_FORM_LAST = re.compile(r"(?<!\w)(?:sdn ?b\w{1,2}|bhd|gmbh|ltd|s b)$")
_ONLY_FORM = re.compile(rf"(?:m )?(?:{_pattern('form').pattern})")
_BUSINESS = _pattern("business")
_LETTERED = re.compile(r"[^\W\d_]{2}.*[^\W\d_]")
_ADDRESS = re.compile(rf"{_pattern('place').pattern}|(?:strasse|str|gasse|platz|weg|straat|laan)(?!\w)|^\d+ ?[a-z]? ")
_REGION = re.compile(rf"^{_pattern('region').pattern}")
_NUMBER = re.compile(
    r"\(?\b(?:co(?:mpany)?\.?[ -]*)?(?:reg(?:istration)?|roc|rob|no)\b"
    r"\.? ?(?:no)?\.? ?[:#]? ?[A-Z0-9-]*\d[A-Z0-9 -]*\)?$"
    r"|[\(\[{]\s*[A-Z]{0,4}\s?\d[\d .]{3,13}\s?[-~]?\s?[A-Z0-9]{0,2}\s*[\)\]}]?\.?$"
    r"|(?<=[\s)])\d{4,9}\s?-\s?[A-Z]{1,2}\)?$|^\(?[A-Z]{0,2}\d{4,12}\s?-\s?[A-Z]{1,2}\)?$",
    re.IGNORECASE,
)
"""A number in a register, at the end of a name or in a row of its own."""
_DATE = re.compile(r"\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3})[-/. ]\d{2,4}|\d{1,2}[A-Z]{3}\d{4}")
_POSTCODE = re.compile(
    r"(?<![\d/.-])\d{5}(?![\d/-])"
    r"|\b\d{4} ?[A-Z]{2}\b|\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b|\b\d{2}-\d{3}\b|\b\d{4} [A-Z]"
)
