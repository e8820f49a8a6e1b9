"""Addresses on a page: those over several lines, and those in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from whaleline.extraction.invoices.labels import Label
from whaleline.extraction.vocabulary import folded, pattern, words
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


def addresses(rows: Sequence[Words], labels: Sequence[Label]) -> Iterator[Address]:
    """All addresses from the top down: those of a line, and those over several."""
    for number, row in enumerate(rows):
        for piece in _whole_pieces(row):
            if (line := _of_one_line(piece, number, rows)) is not None:
                yield line
            elif (town := _TOWN.match(piece.text)) and _is_town(town, piece):
                address = _of_lines(rows, labels, number, piece, town)
                if address is not None:
                    yield address


def _whole_pieces(row: Words) -> tuple[Words, ...]:
    """The pieces of a row, a label and its colon at the head left out."""
    pieces = []
    for piece in row.pieces:
        at = next((index for index, word in enumerate(piece.words[:4]) if word.text.endswith(":")), None)
        is_labelled = at is not None and at + 1 < len(piece.words)
        pieces.append(Words(piece.words[(at or 0) + 1 :]) if is_labelled else piece)
    # A postcode and its town may stand apart.
    for before, after in pairwise(tuple(pieces)):
        if _CODE.fullmatch(before.text) and after.box.left - before.box.right < 3 * after.box.height:
            pieces.append(Words((*before.words, *after.words)))
    return tuple(pieces)


def _is_town(town: re.Match[str], piece: Words) -> bool:
    """Whether a postcode is followed by the name of a town, not by a sentence or an amount."""
    city = town["city"] or town["city2"]
    if len(piece.words) > _TOWN_WORDS or re.search(r"\d{3}|[€$£%@]|\d[.,]\d", city):
        return False
    return bool(re.search(r"[^\W\d_]{2}", city)) and not _NO_TOWN.search(folded(city))


def _of_one_line(piece: Words, number: int, rows: Sequence[Words]) -> Address | None:
    """An address in one line, its parts between dashes, dots or commas."""
    parts = [part for part in _parts(piece) if part.text.strip()]
    for at in range(len(parts) - 2, 0, -1):
        if _CODE.fullmatch(parts[at].text) and not re.search(r"\d", parts[at + 1].text):
            parts[at : at + 2] = [Words((*parts[at].words, *parts[at + 1].words))]
    for at in range(len(parts) - 1, 0, -1):
        part = parts[at]
        town = _TOWN.match(part.text)
        if town and _is_town(town, part):
            street = parts[at - 1] if re.search(r"\d", parts[at - 1].text) else None
            name_at = at - 2 if street else at - 1
            name = parts[name_at] if name_at >= 0 else _above(piece, number, rows)
            lines = tuple(parts[max(0, name_at) : at + 1])
            return Address(name, street, *_code_and_city(town), part, lines, (number, number))
    return None


def _above(piece: Words, number: int, rows: Sequence[Words]) -> Words | None:
    """The line that an address in one line stands under, if that begins at the same place."""
    if number == 0 or rows[number - 1].page != piece.page:
        return None
    for line in rows[number - 1].pieces:
        near = abs(line.box.left - piece.box.left) < piece.box.height
        if near and piece.box.top - line.box.bottom < piece.box.height and re.search(r"[^\W\d_]{3}", line.text):
            return None if line.text.rstrip().endswith((".", ":")) else line
    return None


def _parts(piece: Words) -> Iterator[Words]:
    """The parts of a line between its separators: dots or bars, else dashes, else commas."""
    text = piece.text
    separator = next((each for each in _SEPARATORS if each.search(text)), None)
    start = 0
    for match in separator.finditer(text) if separator else ():
        yield from _cut(piece, start, match.start())
        start = match.end()
    yield from _cut(piece, start, len(text))


def _cut(piece: Words, start: int, end: int) -> Iterator[Words]:
    """The words between two characters of a piece, cut where these lie within a word."""
    at = 0
    cut = []
    for word in piece.words:
        kept = word.text[max(0, start - at) : max(0, end - at)]
        if kept.strip():
            cut.append(replace(word, text=kept))
        at += len(word.text) + 1
    if cut:
        yield Words(tuple(cut))


def _of_lines(
    rows: Sequence[Words], labels: Sequence[Label], number: int, piece: Words, town: re.Match[str]
) -> Address | None:
    """An address whose lines stand above its town, all beginning, ending or centred at the same place."""
    lines: list[tuple[int, Words]] = []
    name, is_below_label, is_greeted = None, False, False
    for above, line in _lines_above(rows, number, piece):
        label = _label_before(line, above, rows, labels)
        if (said := folded(line.text)) in _SALUTATIONS | _GREETINGS:
            is_greeted = True
            lines += [(above, line)] if said in _SALUTATIONS else []
            break
        if label == "other" or _has_value(line, above, rows):
            is_below_label = True
            continue
        is_taken = _of_one_line(line, above, rows) or _TOWN.match(line.text) or (is_below_label and label != "name")
        if _is_heading(line, above, rows, labels) or (lines and is_taken) or _is_other_print(line, piece, lines):
            break
        if _ENDS.search(folded(line.text)) or "@" in line.text:
            if lines:
                break
            continue
        if not re.search(r"[^\W\d_]{2}", line.text) or _NUMBER_LINE.search(folded(line.text)):
            continue
        lines.append((above, line))
        if label == "name":
            name = line
            break
    lines.reverse()
    if not lines:
        return None
    name_line, street = _name_and_street([line for _, line in lines], name)
    all_lines = (*(line for _, line in lines), piece)
    is_greeted = is_greeted or any(folded(lines[0][1].text).startswith(f"{word} ") for word in _SALUTATIONS)
    span = (lines[0][0], number)
    return Address(name_line, street, *_code_and_city(town), piece, all_lines, span, is_greeted=is_greeted)


def _lines_above(rows: Sequence[Words], number: int, piece: Words) -> Iterator[tuple[int, Words]]:
    """The pieces in line with a piece, from it upwards, while the gaps are those of an address."""
    last = piece
    for above in range(number - 1, max(-1, number - _MOST_LINES), -1):
        row = rows[above]
        if row.page != piece.page or last.box.top - row.box.bottom > _GAP * piece.box.height:
            return
        aligned = [each for each in _whole_pieces(row) if _aligned(each, piece)]
        if aligned:
            last = min(aligned, key=lambda each: abs(each.box.left - piece.box.left))
            yield above, last


def _is_other_print(line: Words, piece: Words, lines: Sequence[tuple[int, Words]]) -> bool:
    """Whether a line is of another size than an address: a title, or the sender in small print above the receiver."""
    if len(lines) > 1 and line.box.height > _TALLER * piece.box.height:
        return True
    return bool(lines) and line.box.height < _SMALLER * lines[-1][1].box.height


def _name_and_street(lines: Sequence[Words], name: Words | None) -> tuple[Words | None, Words | None]:
    form = pattern("invoice_stems", "form")
    streets = [line for line in lines if re.search(r"\d", line.text) and line is not name and line is not lines[0]]
    if len(lines) == 1:
        only = lines[0]
        is_street = bool(re.search(r"\d", only.text)) and not form.search(folded(only.text))
        return (None, only) if is_street and only is not name else (only, None)
    street = streets[0] if streets else lines[-1]
    first, second = lines[0], lines[1]
    has_form = second is not street and form.search(folded(second.text)) and not form.search(folded(first.text))
    is_begun = len(first.words) > 1 and all(word.text[:1].isupper() for word in first.words)
    if second is not street and (folded(first.text) in _SALUTATIONS or (has_form and is_begun)):
        return Words(first.words + second.words), street
    if has_form:
        return second, street  # under a heading that is in no table
    if folded(first.text) in _SALUTATIONS:
        return None, street
    return first, street


def _aligned(line: Words, piece: Words) -> bool:
    near = 1.2 * piece.box.height
    one, other = line.box, piece.box
    if abs(one.left - other.left) < near or abs(one.right - other.right) < near:
        return True
    return abs(one.left + one.right - other.left - other.right) < near


def _label_before(line: Words, number: int, rows: Sequence[Words], labels: Sequence[Label]) -> str:
    """What the label to the left of a line means for an address: `name`, `other`, or nothing."""
    words_before = [
        word for word in rows[number].words if word.box.right <= line.box.left and re.search(r"\w", word.text)
    ]
    before = [
        label
        for label in labels
        if label.row == number
        and label.leads
        and words_before
        and words_before[-1] in label.words.words
        and line.box.left - label.words.box.right < LABEL_GAP * line.box.height
    ]
    if not before:
        row = rows[number]
        left = [word for word in row.words if word.box.right <= line.box.left]
        if left and left[-1].text.endswith(":") and line.box.left - left[-1].box.right < LABEL_GAP * line.box.height:
            return "other"
        return ""
    kinds = before[-1].kinds
    if "name" in kinds:
        return "name"
    if "address" in kinds or {SELLER, BUYER} & set(kinds):
        return ""
    following = rows[number].words[before[-1].end : before[-1].end + 1]
    has_colon = before[-1].words.words[-1].text.endswith(":") or (following and following[0].text.startswith(":"))
    return "other" if has_colon else ""


def _is_heading(line: Words, number: int, rows: Sequence[Words], labels: Sequence[Label]) -> bool:
    """Whether a line is the heading of a party, or the document's title."""
    return any(
        label.row == number
        and {SELLER, BUYER, OTHER, "title"} & set(label.kinds)
        and label.words.words[0] in line.words
        and is_whole(label, rows)
        for label in labels
    )


def _has_value(line: Words, number: int, rows: Sequence[Words]) -> bool:
    """Whether a line is a label, whose value stands to the right behind a colon."""
    if line.text.rstrip().endswith(":"):
        return True
    after = [word for word in rows[number].words if word.box.left >= line.box.right]
    return bool(after) and after[0].text.startswith(":")


def is_whole(label: Label, rows: Sequence[Words]) -> bool:
    """Whether a label is all of its piece of the row, but for signs."""
    piece = next(each for each in rows[label.row].pieces if label.words.words[0] in each.words)
    rest = [word for word in piece.words if word not in label.words.words]
    return not re.search(r"\w", "".join(word.text for word in rest))


def _code_and_city(town: re.Match[str]) -> tuple[str, str]:
    code, city = town["code"] or town["code2"], town["city"] or town["city2"]
    return code.strip(), re.sub(r"\s*[(,].*$", "", city).strip(" .,-")


_CODES = (
    r"\d{5}(?:-\d{4})?|\d{4} ?[A-Z]{2}(?![a-z])|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}|\d{4}"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
)
_CODE = re.compile(rf"(?:[A-Z]{{1,2}}[-\u2013 ]{{1,2}})?(?:{_CODES})")
_TOWN = re.compile(
    rf"^(?:[A-Z]{{1,3}}[-\u2013 ]{{1,2}}(?=[A-Z]{{0,2}}\d))?(?P<code>{_CODES}),?\s+(?P<city>[^\W\d_].*)$"
    # London SE1 9GF; Springfield, IL 62704
    r"|^(?P<city2>[^\W\d_][^\d,]*?),?\s+(?P<code2>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{2} \d{5}(?:-\d{4})?)$"
)
_NO_TOWN = re.compile(
    r"(?<!\w)(?:eur|euro|kwh|stk|stuck|pcs|kg|gmbh|januar|february|march|invoice|rechnung|tagen?|days|jours|kw|uhr|x)(?!\w)"
)
_SEPARATORS = tuple(map(re.compile, (r"\s*[\u2022\u00b7|\u25cf\u2219]\s*", r"\s+[-\u2013\u2014*/]+\s+", r"\s*[,;]\s+")))
_TOWN_WORDS = 7
_MOST_LINES = 8
_GAP = 3.2
"""Of a line's height, between two lines of an address at most."""
_TALLER, _SMALLER = 1.9, 0.65
LABEL_GAP = 14.0
_SALUTATIONS = frozenset(words("invoice_stems", "salutation"))
_GREETINGS = frozenset(words("invoice_stems", "greeting"))
_REGISTER = pattern("invoice_stems", "register").pattern
_CONTACTS = pattern("invoice_words", "phone", "fax", "email", "iban", "bic", "vat_id", "tax_number").pattern
_ENDS = re.compile(rf"{_CONTACTS}|{_REGISTER}|{pattern('invoice_words', 'issue_date').pattern}")
_NUMBER_LINE = re.compile(rf"^{pattern('invoice_words', 'other_number').pattern}")
