"""Accounts, banks, tax numbers and ways to reach somebody, by their labels and by their form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import bic, iban
from stdnum.eu import vat

from whaleline.extraction.found import Found, found
from whaleline.extraction.invoices.facts import Labels, Rows, best, labelled
from whaleline.extraction.invoices.labels import Label
from whaleline.extraction.vocabulary import folded
from whaleline.extraction.words import Words
from whaleline.values import dates


def account(rows: Rows, labels: Labels) -> Found[str] | None:
    """The IBAN: one whose check digits are right, else what is called one, else an account's number."""
    candidates = []
    for at, row in enumerate(rows):
        for match in _IBAN.finditer(row.text):
            text = match.group().strip()
            while text and not iban.is_valid(text) and " " in text and len(text) > _SHORTEST_IBAN:
                text = text.rpartition(" ")[0]
            valid = iban.is_valid(text)
            printed = text if valid else match.group().strip()
            before = row.text[: match.start()] or (rows[at - 1].text if at else "")
            called = bool(re.search(r"iban|konto|account|compte|rekening|cuenta|conto|conta", before, re.IGNORECASE))
            if valid or called:
                place = row.within(match.start(), match.start() + len(printed))
                candidates.append((valid, called, found(printed, place or row, text=printed)))
    if candidates:
        return max(candidates, key=lambda each: each[:2])[2]
    return best(labelled("account_number", rows, labels, _digits))


def _digits(words: Words) -> Found[str] | None:
    match = re.match(r"[\d][\d /-]{5,24}\d", words.text)
    if match is None:
        return None
    return found(match.group(), words.within(*match.span()) or words, text=match.group())


def bic_of(rows: Rows, labels: Labels) -> Found[str] | None:
    """The BIC: what is called one and has its form."""

    def read(words: Words) -> Found[str] | None:
        for index, word in enumerate(words.words[:3]):
            text = word.text.strip(".,;:()")
            if bic.is_valid(text) and text.isupper():
                return found(text, Words(words.words[index : index + 1]), text=text)
        return None

    return best(labelled("bic", rows, labels, read))


def bank(rows: Rows, labels: Labels, near: Found[str] | None) -> Found[str] | None:
    """The bank's name: what is called so, else a name with `bank` in it, near the account."""

    def read(words: Words) -> Found[str] | None:
        piece = words.pieces[0]
        end = next(
            (at for at, word in enumerate(piece.words) if re.fullmatch(r"[-\u2013|\u2022,]|IBAN:?|BIC:?", word.text)),
            None,
        )
        piece = Words(piece.words[:end]) if end else piece
        if len(piece.words) > _CALLED_WORDS:
            return None  # a sentence about accounts
        if not re.search(r"[^\W\d_]{3}", piece.text) or re.search(r"\d{3}", piece.text):
            return None
        return found(piece.text.strip(" ,;:"), piece)

    named = best(labelled("bank", rows, labels, read))
    if named is not None:
        return named
    for row in rows:
        for piece in row.pieces:
            for part in re.split(r",|\s[-\u2013|\u2022]\s", piece.text):
                text = part.strip(" .;:")
                if _BANK.search(folded(text)) and 1 <= len(text.split()) <= _BANK_WORDS and not re.search(r"\d", text):
                    at = piece.text.index(text)
                    place = piece.within(at, at + len(text)) or piece
                    if near is None or near.places[0].page == piece.page:
                        return found(text, place)
    return None


def vat_numbers(rows: Rows) -> Iterator[tuple[int, Found[str]]]:
    """All VAT numbers, by their form, with their rows."""
    for at, row in enumerate(rows):
        for match in _VAT.finditer(row.text):
            text = match.group().strip(" .,-")
            if vat.is_valid(text) or _VAT_PLAIN.fullmatch(re.sub(r"[\s.\-]", "", text)):
                yield at, found(text, row.within(match.start(), match.start() + len(text)) or row, text=text)


def tax_numbers(rows: Rows, labels: Labels) -> Iterator[tuple[Label, Found[str]]]:
    """What is called a tax number or VAT number, whatever its form, with its label."""

    def read(words: Words) -> Found[str] | None:
        text = words.pieces[0].text.strip(" :.")
        match = re.match(r"[A-Z]{0,3}[\d][\d ./A-Z-]{5,18}", text)
        if match is None or dates.read_date(match.group()):
            return None
        printed = match.group().strip(" .-")
        start = words.text.index(printed)
        return found(printed, words.within(start, start + len(printed)) or words, text=printed)

    for kind in ("vat_id", "tax_number"):
        for _, label, value in labelled(kind, rows, labels, read):
            yield label, value


def emails(rows: Rows) -> Iterator[tuple[int, Found[str]]]:
    """All addresses of mail, with their rows."""
    for at, row in enumerate(rows):
        for match in _EMAIL.finditer(row.text):
            yield at, found(match.group(), row.within(*match.span()) or row, text=match.group())


def phones(rows: Rows, labels: Labels) -> Iterator[tuple[int, Found[str]]]:
    """All telephone numbers that are called so, or begin with a country's code, with their rows."""

    def read(words: Words) -> Found[str] | None:
        match = _PHONE.match(words.text)
        if match is None or len(re.findall(r"\d", match.group())) < _PHONE_DIGITS:
            return None
        text = match.group().strip(" -/.")
        start = words.text.index(text)
        return found(text, words.within(start, start + len(text)) or words, text=text)

    for _, label, value in labelled("phone", rows, labels, read):
        yield label.row, value
    for at, row in enumerate(rows):
        for match in re.finditer(r"(?<!\w)\+\d[\d ()/.-]{7,20}\d", row.text):
            yield at, found(match.group(), row.within(*match.span()) or row, text=match.group())


_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){10,30}(?![A-Z0-9])")
_SHORTEST_IBAN = 15
_BANK = re.compile(
    r"(?<!\w)\w*(?:bank|sparkasse|volksbank)(?!\w)|(?<!\w)(?:banque|banco|banca|caixa|credit agricole)(?!\w)"
)
_BANK_WORDS, _CALLED_WORDS = 5, 8  # of a bank's name at most, and of what is called a bank
_VAT = re.compile(
    r"(?<![A-Z0-9])(?:ATU ?\d{8}|BE ?[01]?\d{3}\.?\d{3}\.?\d{3}|CHE-?[\d.]{9,11}(?: ?(?:MWST|TVA|IVA))?"
    r"|DE ?\d{3} ?\d{3} ?\d{3}|DK ?\d{8}|ES ?[A-Z0-9]\d{7}[A-Z0-9]|FR ?[A-Z0-9]{2} ?\d{3} ?\d{3} ?\d{3}"
    r"|GB ?\d{3} ?\d{4} ?\d{2}|IT ?\d{11}|NL ?\d{4}\.?\d{2}\.?\d{3}\.?B\.?\d{2}|PL ?\d{3}-?\d{3}-?\d{2}-?\d{2}"
    r"|PT ?\d{9}|LU ?\d{8}|IE ?\d[A-Z0-9]\d{5}[A-Z]{1,2}|SE ?\d{12}|FI ?\d{8}|CZ ?\d{8,10}|SK ?\d{10}|HU ?\d{8}"
    r"|RO ?\d{2,10}|EL ?\d{9}|SI ?\d{8}|HR ?\d{11}|EE ?\d{9})(?![A-Z0-9])"
)
_VAT_PLAIN = re.compile(r"[A-Z]{2}[A-Z0-9]{8,12}|CHE\d{9}(?:MWST|TVA|IVA)?")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[A-Za-z]{2,24}(?!\w)")
_PHONE = re.compile(r"[:. ]*(\+?\(?\d[\d ()/.-]{4,22}\d)")
_PHONE_DIGITS = 6
