"""What stands beside or below labels, and an invoice's numbers and currency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from whaleline.extraction.found import Found, found
from whaleline.extraction.invoices.labels import Label, below, beside
from whaleline.extraction.vocabulary import folded, kinds_of
from whaleline.extraction.words import Words
from whaleline.values import amounts, dates

T = TypeVar("T")
Rows = Sequence[Words]
Labels = Sequence[Label]


def labelled(
    kind: str, rows: Rows, labels: Labels, read: Callable[[Words], Found[T] | None]
) -> Iterator[tuple[float, Label, Found[T]]]:
    """What `read` finds beside or below the labels of a kind, with how much the label says."""
    for label in labels:
        if kind not in label.kinds:
            continue
        weight = min(2.0, label.length / 8) + (0.4 if label.leads else 0.0) - 0.6 * label.kinds.index(kind)
        right = beside(label, rows, labels)
        if right is not None and (value := read(right)) is not None:
            yield weight + 1.0, label, value
            continue
        for depth, piece in enumerate(below(label, rows)):
            if (value := read(piece)) is not None:
                yield weight + 0.5 - 0.2 * depth, label, value
                break


def best(candidates: Iterator[tuple[float, Label, Found[T]]]) -> Found[T] | None:
    """The value whose label says most; of equals the first."""
    return max(candidates, key=lambda each: each[0], default=(0.0, None, None))[2]


def identifier(words: Words) -> Found[str] | None:
    """The identifier that words begin with: a number, or letters and digits."""
    for index, word in enumerate(words.words[:_SKIPPED]):
        text = word.text.strip(" :;,.()#")
        if (
            not re.search(r"\w", text)
            or folded(text) in _NUMBER_WORDS
            or re.fullmatch(r"\(\d{3}\)", word.text.strip(":"))
        ):
            continue
        if not re.search(r"\d", text):
            return None
        part = Words(words.words[index : index + 1])
        if re.search(r"\d[.,]\d\d$", text) or dates.read_date(text) or not _IDENTIFIER.fullmatch(text):
            return None
        return found(text, part, text=text)
    return None


def number(rows: Rows, labels: Labels) -> tuple[Found[str] | None, int | None]:
    """The invoice's number, and the row that it stands in where that is the document's title."""
    titled = _titled(rows)
    columns = Counter(label.row for label in labels if label.leads)
    candidates = [
        each
        for each in labelled("number", rows, labels, identifier)
        # What only says that this is an invoice has its number beside it, or below it among other labels.
        if "title" not in each[1].kinds or columns[each[1].row] > 1 or _is_beside(each[1], each[2])
    ]
    strong = [each for each in candidates if each[1].is_known and each[1].leads and "title" not in each[1].kinds]
    if strong:
        return max(strong, key=lambda each: each[0])[2], titled[1] if titled else None
    if titled:
        return titled
    return best(iter(candidates)), None


def _is_beside(label: Label, value: Found[str]) -> bool:
    """Whether a value stands to the right of its label, not below it."""
    return value.places[0].box.top < label.words.box.bottom


def _titled(rows: Rows) -> tuple[Found[str], int] | None:
    """The number in a title: Handelsrechnung Nr. 471102 vom 05.06.2018."""
    titles = kinds_of("invoice_words")
    for at, row in enumerate(rows):
        for piece in row.pieces:
            tokens = [folded(word.text).replace(" ", "") for word in piece.words[:_TITLE_WORDS]]
            if not tokens or not any(
                "title" in titles.get("".join(tokens[:end]), ()) or tokens[0].endswith(_TITLE_ENDS)
                for end in range(1, len(tokens) + 1)
            ):
                continue
            match = _NUMBERED.search(piece.text)
            if match is not None:
                place = piece.within(match.start("number"), match.end("number"))
                return found(match["number"].strip(".,:;"), place or piece, text=match["number"]), at
    return None


def currency(rows: Rows, labels: Labels) -> Found[str] | None:
    """The currency that is called so, else the one printed most with amounts, else the code printed most."""

    def read(words: Words) -> Found[str] | None:
        code = amounts.currency_of(words.words[0].text.strip("(),:;"))
        return found(code, Words(words.words[:1])) if code else None

    if (named := best(labelled("currency", rows, labels, read))) is not None:
        return named
    count: Counter[str] = Counter()
    place: dict[str, tuple[Words, str]] = {}
    for row in rows:
        for each in amounts.find_amounts(row.spaced):
            if each.currency:
                count[each.currency] += 2
                sign = re.sub(r"[\d.,\s'()\u2019-]", "", each.text)
                place.setdefault(each.currency, (row.within(each.start, each.end) or row, sign))
        for match in _CURRENCY.finditer(row.text):
            if code := amounts.currency_of(match.group()):
                count[code] += 1
                place.setdefault(code, (row.within(*match.span()) or row, match.group()))
    if not count:
        return None
    code = count.most_common(1)[0][0]
    return found(code, place[code][0], text=place[code][1])


_SKIPPED = 5
_NUMBER_WORDS = frozenset(
    [
        "nr",
        "no",
        "n",
        "number",
        "nummer",
        "numero",
        "num",
        "numer",
        "o",
        "nº",
        "n°",
        "°",
        "#",
        "id",
        "nbr",
        "cislo",
        "c",
    ]
)
_IDENTIFIER = re.compile(r"[A-Za-z0-9][\w./\\-]*")
_TITLE_WORDS = 6
_TITLE_ENDS = ("rechnung", "gutschrift", "korrektur", "faktura")
_NUMBERED = re.compile(
    r"(?:(?<!\w)(?:Nr|No|N°|Nº|Num|Number|Nummer|n°)\.?:?\s*|#\s*|(?<=[a-zé])\s+(?=[A-Z0-9./-]{3}))"
    r"(?P<number>(?=[A-Z0-9./-]*\d)[A-Z0-9][A-Z0-9./-]*)(?![\w:])"
)
_CURRENCY = re.compile(r"(?<![A-Za-z])(?:EUR|USD|GBP|CHF|PLN|CZK|SEK|DKK|NOK|HUF|RON|€|£|\$|zł)(?![A-Za-z])")
