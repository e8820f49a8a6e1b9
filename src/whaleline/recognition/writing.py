"""How a text is written, as far as that tells whether it was read right: usual words, numbers, brackets."""

from __future__ import annotations

import re

from whaleline.recognition.accents import bare

_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2033": '"'})
_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-"})
_SPACE_AT_SIGN = re.compile(r" (?=[,/]|--)|(?<=/) ")  # where no printer puts one
_SPACE_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")
_AROUND = "()[]{}$\u20ac\u00a3*'\""
_LIKE_NUMBER = re.compile(r"[\dOoIl|SB.,:/-]*\d[\dOoIl|SB.,:/-]*")
_MIXED = re.compile(r"[a-z][A-Z]\b|[a-z]\d[a-z]")
_AT_POINT = re.compile(r"[OIlSZ][.,]\d|\d[.,][OIlSZ]|(?<![\d.,])0\d+%")  # RMO.47, 1.SL, 06% for @6%
_NUMBER = re.compile(r"[^\w.,]*(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+[.,]\d\d)[^\w]*$")
_OPENING = {")": "(", "]": "[", "}": "{"}


def written(text: str, usual: float) -> dict[str, float]:
    """How a text is written, whoever read it.

    Args:
        text: of a piece of a line.
        usual: how usual its words are; 0 where lists of words do not decide.
    """
    return {
        "frequency": usual / 2,
        "letters among digits": float(sum(map(_mixes, text.split()))),
        "letters at a point": float(bool(_AT_POINT.search(text))),
        "spaces between digits": float(len(_SPACE_IN_NUMBER.findall(text))),
        "spaces at signs": float(len(_SPACE_AT_SIGN.findall(text))),
        "irregular capitals": float(not _regular(text)),
        "number": float(bool(_NUMBER.match(text))),
    }


def lexical(first: str, second: str) -> bool:
    """Whether lists of words may decide: not on digits, addresses, single letters, nor where only accents differ."""
    return (
        all(_is_prose(text) for text in (first, second))
        and bare(first).casefold() != bare(second).casefold()
        and plain(first).casefold() != plain(second).casefold()
    )


def _is_prose(text: str) -> bool:
    return not any(sign.isdigit() or sign == "@" for sign in text) and all(
        (len(token) > 1 or not token.isalnum()) and not re.search(r"\w\.\w", token) for token in text.split()
    )


def _mixes(token: str) -> bool:
    """Whether small letters stand among digits, or a capital at the end of small ones, or a stroke alone."""
    core = token.strip(_AROUND)
    if _LIKE_NUMBER.fullmatch(core):
        return any(map(str.islower, core)) or "|" in core
    return core.rstrip(".,:;") in {"l", "|"} or bool(_MIXED.search(core))


def _regular(text: str) -> bool:
    """Whether a text is in small letters, in capitals, or in words with capitals in front."""
    letters = "".join(letter if letter.isalpha() else " " for letter in text)
    return all(word.islower() or word.isupper() or word.istitle() or not word.isascii() for word in letters.split())


def odd_brackets(text: str) -> float:
    """How many brackets of a line have no counterpart."""
    open_, odd = "", 0
    for sign in text:
        if sign in "([{":
            open_ += sign
        elif sign in _OPENING:
            if open_.endswith(_OPENING[sign]):
                open_ = open_[:-1]
            else:
                odd += 1
    return float(min(2, odd + len(open_)))


def plain(text: str) -> str:
    """A text with the quotes and dashes of a typewriter."""
    return text.translate(_QUOTES).translate(_DASHES).replace("''", '"')
