"""Addresses in one line: a letterhead's foot, or the sender above the window of an envelope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from whaleline.extraction.invoices.address import CODE, TOWN, Address, code_and_city, is_town
from whaleline.extraction.words import Words


def of_one_line(piece: Words, number: int, rows: Sequence[Words]) -> Address | None:
    """An address in one line, its parts between dashes, dots or commas."""
    parts = [part for part in _parts(piece) if part.text.strip()]
    for at in range(len(parts) - 2, 0, -1):
        if CODE.fullmatch(parts[at].text) and not re.search(r"\d", parts[at + 1].text):
            parts[at : at + 2] = [Words((*parts[at].words, *parts[at + 1].words))]
    for at in range(len(parts) - 1, 0, -1):
        part = parts[at]
        town = TOWN.match(part.text)
        if town and is_town(town, part):
            street = parts[at - 1] if re.search(r"\d", parts[at - 1].text) else None
            name_at = at - 2 if street else at - 1
            name = parts[name_at] if name_at >= 0 else _above(piece, number, rows)
            lines = tuple(parts[max(0, name_at) : at + 1])
            return Address(name, street, *code_and_city(town), part, lines, (number, number))
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


_SEPARATORS = tuple(map(re.compile, (r"\s*[\u2022\u00b7|\u25cf\u2219]\s*", r"\s+[-\u2013\u2014*/]+\s+", r"\s*[,;]\s+")))
