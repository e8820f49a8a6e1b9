"""Addresses on a page: those over several lines, and those in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from whaleline.extraction.invoices.address import (
    BUYER,
    OTHER,
    SELLER,
    TOWN,
    Address,
    code_and_city,
    is_town,
    whole_pieces,
)
from whaleline.extraction.invoices.labels import Label
from whaleline.extraction.invoices.one_line_address import of_one_line
from whaleline.extraction.vocabulary import folded, pattern, words
from whaleline.extraction.words import Words


def addresses(rows: Sequence[Words], labels: Sequence[Label]) -> Iterator[Address]:
    """All addresses from the top down: those of a line, and those over several."""
    for number, row in enumerate(rows):
        for piece in whole_pieces(row):
            if (line := of_one_line(piece, number, rows)) is not None:
                yield line
            elif (town := TOWN.match(piece.text)) and is_town(town, piece):
                address = _of_lines(rows, labels, number, piece, town)
                if address is not None:
                    yield address


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
        is_taken = of_one_line(line, above, rows) or TOWN.match(line.text) or (is_below_label and label != "name")
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
    return Address(name_line, street, *code_and_city(town), piece, all_lines, span, is_greeted=is_greeted)


def _lines_above(rows: Sequence[Words], number: int, piece: Words) -> Iterator[tuple[int, Words]]:
    """The pieces in line with a piece, from it upwards, while the gaps are those of an address."""
    last = piece
    for above in range(number - 1, max(-1, number - _MOST_LINES), -1):
        row = rows[above]
        if row.page != piece.page or last.box.top - row.box.bottom > _GAP * piece.box.height:
            return
        aligned = [each for each in whole_pieces(row) if _aligned(each, piece)]
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
