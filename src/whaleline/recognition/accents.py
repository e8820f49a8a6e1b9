"""Letters with accents that an engine does not know, such as Tesseract's model of English nearly all.

Where it reads Z for a Z with a caron, it has nothing to say against the caron.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import Levenshtein

from whaleline.recognition.emission import Symbol, text_of
from whaleline.recognition.frequency import Frequency
from whaleline.recognition.page import Line, Word

_LEAST: Final = 50.0  # confidence of a letter with an accent, less of which may be a stain
_LEAST_IF_SMALL: Final = 75.0  # the same of a small letter, over which there is room for one, and i has a dot anyway
_USUAL: Final = 3.0  # Zipf frequency of a word that is read every day
_STROKES: Final = str.maketrans("ØøŁłĐđĦħŦŧı", "OoLlDdHhTti")  # part of their letters in Unicode


def bare(text: str) -> str:
    """A text without accents."""
    parts = unicodedata.normalize("NFD", text.translate(_STROKES))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def strange(text: str, frequency: Frequency) -> bool:
    """Whether accents make words that are in no list of one that is usual; True for `BAN\u00c3NAS`.

    Args:
        text: words.
        frequency: how usual they are in the language.
    """
    return bare(text) != text and not frequency(text) and frequency(bare(text)) >= _USUAL


def accented(line: Line, symbols: Sequence[Symbol], known: frozenset[str], frequency: Frequency) -> Line:
    """A line with the accents that another engine saw on letters that its own does not know with them.

    Args:
        line: as an engine read it.
        symbols: what the other one read in the same place.
        known: the characters of the first one; none where that is not known.
        frequency: how usual words are; a usual word gets no accent that would make it one of no list.
    """
    text, other = line.text, text_of(symbols)
    new = {place for place, symbol in enumerate(symbols) if _is_strange(symbol, known)} if known else set()
    if not new:
        return line
    letters = list(text)
    plain = "".join(bare(sign) if len(bare(sign)) == 1 else sign for sign in other)
    for step in Levenshtein.opcodes(text, plain):
        for place in range(step.src_end - step.src_start) if step.tag == "equal" else ():
            if step.dest_start + place in new:
                letters[step.src_start + place] = other[step.dest_start + place]
    words = iter("".join(letters).split(" "))
    return Line(tuple(_with(word, next(words), frequency) for word in line.words))


def _with(word: Word, text: str, frequency: Frequency) -> Word:
    """A word with another text, unless its accents are strange."""
    return word if text == word.text or strange(text, frequency) else replace(word, text=text)


def _is_strange(symbol: Symbol, known: frozenset[str]) -> bool:
    least = _LEAST_IF_SMALL if symbol.text.islower() else _LEAST
    is_accented = symbol.text.isalpha() and symbol.text not in known and bare(symbol.text) in known
    return is_accented and symbol.confidence >= least
