"""An address on a page, and the town that tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from whaleline.extraction.vocabulary import folded
from whaleline.extraction.words import Words

SELLER, BUYER, OTHER = "seller", "buyer", "other_party"


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it is printed.

    Attributes:
        name: its first line, or lines; None where it has none.
        street: None where it has none.
        postcode: as printed, without a country's code.
        city: as printed.
        lines: all of it, from the name to the town or country.
        rows: numbers of the first and last row.
        role: SELLER, BUYER, OTHER, or empty where nothing says so.
        is_greeted: whether it begins as that of a letter does: Herrn, Spett.le.
    """

    name: Words | None
    street: Words | None
    postcode: str
    city: str
    town: Words
    lines: tuple[Words, ...]
    rows: tuple[int, int]
    role: str = ""
    is_greeted: bool = False

    @property
    def name_text(self) -> str:
        """The name, folded, to compare."""
        return folded(self.name.text) if self.name else ""


def whole_pieces(row: Words) -> tuple[Words, ...]:
    """The pieces of a row, a label and its colon at the head left out."""
    pieces = []
    for piece in row.pieces:
        at = next((index for index, word in enumerate(piece.words[:4]) if word.text.endswith(":")), None)
        is_labelled = at is not None and at + 1 < len(piece.words)
        pieces.append(Words(piece.words[(at or 0) + 1 :]) if is_labelled else piece)
    # A postcode and its town may stand apart.
    for before, after in pairwise(tuple(pieces)):
        if CODE.fullmatch(before.text) and after.box.left - before.box.right < 3 * after.box.height:
            pieces.append(Words((*before.words, *after.words)))
    return tuple(pieces)


def is_town(town: re.Match[str], piece: Words) -> bool:
    """Whether a postcode is followed by the name of a town, not by a sentence or an amount."""
    city = town["city"] or town["city2"]
    if len(piece.words) > _TOWN_WORDS or re.search(r"\d{3}|[€$£%@]|\d[.,]\d", city):
        return False
    return bool(re.search(r"[^\W\d_]{2}", city)) and not _NO_TOWN.search(folded(city))


def code_and_city(town: re.Match[str]) -> tuple[str, str]:
    """The postcode and the name that `TOWN` found."""
    code, city = town["code"] or town["code2"], town["city"] or town["city2"]
    return code.strip(), re.sub(r"\s*[(,].*$", "", city).strip(" .,-")


_CODES = (
    r"\d{5}(?:-\d{4})?|\d{4} ?[A-Z]{2}(?![a-z])|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}|\d{4}"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
)
CODE = re.compile(rf"(?:[A-Z]{{1,2}}[-\u2013 ]{{1,2}})?(?:{_CODES})")
TOWN = re.compile(
    rf"^(?:[A-Z]{{1,3}}[-\u2013 ]{{1,2}}(?=[A-Z]{{0,2}}\d))?(?P<code>{_CODES}),?\s+(?P<city>[^\W\d_].*)$"
    # London SE1 9GF; Springfield, IL 62704
    r"|^(?P<city2>[^\W\d_][^\d,]*?),?\s+(?P<code2>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{2} \d{5}(?:-\d{4})?)$"
)
"""A postcode with its town, in either order."""

_NO_TOWN = re.compile(
    r"(?<!\w)(?:eur|euro|kwh|stk|stuck|pcs|kg|gmbh|januar|february|march|invoice|rechnung|tagen?|days|jours|kw|uhr|x)(?!\w)"
)
_TOWN_WORDS = 7
