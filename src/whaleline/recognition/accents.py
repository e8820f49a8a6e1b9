"""Accents that an engine passes over.

Tesseract's model of English knows next to none: where it reads Z for a Z with a caron, it has nothing to say against
the caron. PP-OCRv6 was taught few capitals with one: it reads the plain letter, and the other is the next probable one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from whaleline.recognition.emission import Alphabet, Emission, Symbol, text_of
from whaleline.recognition.frequency import Frequency
from whaleline.recognition.page import Line

_LEAST: Final = 50.0  # confidence of a letter with an accent, less of which may be a stain
_LEAST_IF_SMALL: Final = 75.0  # the same of a small letter, over which there is room for one, and i has a dot anyway
_LEAST_PASSED_OVER: Final = 0.05
"""A capital with an accent counts as printed if it is at least so many times as probable as the plain one. Figures in
docs/recognition.md."""

_OFTEN_SEEN: Final = "\u00c7"  # capitals that PP-OCRv6 does not pass over: a stain below makes them probable, too
_EUROPEAN: Final = frozenset(map(chr, (*range(0xC0, 0x180), *range(0x218, 0x21C)))) - frozenset(_OFTEN_SEEN)
_USUAL: Final = 3.0  # Zipf frequency of a word that is read every day
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")
_KNOWN: Final = 2.0  # that of one which is written now and then, such as Jaya
_STROKES: Final = str.maketrans("ØøŁłĐđĦħŦŧı", "OoLlDdHhTti")  # part of their letters in Unicode


def bare(text: str) -> str:
    """A text without accents."""
    parts = unicodedata.normalize("NFD", text.translate(_STROKES))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def strange(text: str, frequency: Frequency, usual: float = _USUAL) -> bool:
    """Whether accents make words that are in no list of one that is usual; True for `BAN\u00c3NAS`.

    Args:
        text: words.
        frequency: how usual they are in the language.
        usual: the Zipf frequency from which on a word is.
    """
    return bare(text) != text and not frequency(text) and frequency(bare(text)) >= usual


def accented(line: Line, symbols: Sequence[Symbol], known: frozenset[str], frequency: Frequency) -> Line:
    """A line with the accents that another engine saw on letters that its own does not know with them.

    Args:
        line: as an engine read it.
        symbols: what the other one read in the same place.
        known: the characters of the first one; none where that is not known.
        frequency: how usual words are; a usual word gets no accent that would make it one of no list.
    """
    new = {place for place, symbol in enumerate(symbols) if _is_strange(symbol, known)} if known else set()
    return _given(line, text_of(symbols), new, frequency)


def completed(line: Line, seen: Emission, frequency: Frequency) -> Line:
    """A line with the accents of capitals that PP-OCRv6 passed over, except in codes and on single letters.

    Args:
        line: whose text may have come about in any way.
        seen: in the line's picture.
        frequency: as for `accented`.
    """
    symbols = [_with_accent(symbol, seen) for symbol in seen.symbols]
    text = "".join(symbols)
    words = [found.span() for found in _WORD.finditer(text)]
    new = {place for span in words for place in range(*span) if symbols[place] != seen.symbols[place].text}
    return _given(line, text, new, frequency, _KNOWN)


def _with_accent(symbol: Symbol, seen: Emission) -> str:
    """The character of a symbol, with the accent that is probable enough."""
    forms = _forms(seen.alphabet).get(symbol.text)
    if forms is None:
        return symbol.text
    first, last = (int((edge - seen.start) / seen.step) for edge in (symbol.left, symbol.right))
    probable = seen.matrix[first : max(first, last) + 1, forms].max(axis=0)
    enough = 100 * probable.max() >= _LEAST_PASSED_OVER * symbol.confidence
    return seen.alphabet.characters[forms[probable.argmax()]] if enough else symbol.text


@cache
def _forms(alphabet: Alphabet) -> Mapping[str, npt.NDArray[np.intp]]:
    """The places of the forms with an accent of each capital."""
    places: dict[str, list[int]] = {}
    for sign, place in alphabet.places.items():
        if sign in _EUROPEAN and sign.isupper() and len(bare(sign)) == 1:
            places.setdefault(bare(sign), []).append(place)
    return {plain: np.array(found) for plain, found in places.items()}


def _given(line: Line, other: str, new: set[int], frequency: Frequency, usual: float = _USUAL) -> Line:
    """A line with the letters of some places of another text, where it has them without an accent."""
    if not new:
        return line
    text = line.text
    letters = list(text)
    plain = "".join(bare(sign) if place in new else sign for place, sign in enumerate(other))
    for step in Levenshtein.opcodes(text, plain):
        for place in range(step.src_end - step.src_start) if step.tag == "equal" else ():
            if step.dest_start + place in new:
                letters[step.src_start + place] = other[step.dest_start + place]
    words = iter("".join(letters).split(" "))
    given = [replace(word, text=next(words)) for word in line.words]
    return Line(
        tuple(
            old if strange(word.text, frequency, usual) else word for old, word in zip(line.words, given, strict=True)
        )
    )


def _is_strange(symbol: Symbol, known: frozenset[str]) -> bool:
    least = _LEAST_IF_SMALL if symbol.text.islower() else _LEAST
    is_accented = symbol.text.isalpha() and symbol.text not in known and bare(symbol.text) in known
    return is_accented and symbol.confidence >= least
