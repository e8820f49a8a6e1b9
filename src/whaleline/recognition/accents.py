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
from whaleline.recognition.page import Line

_LEAST: Final = 50.0  # confidence of a letter with an accent, less of which may be a stain
_LEAST_IF_SMALL: Final = 75.0  # the same of a small letter, over which there is room for one, and i has a dot anyway
_STROKES: Final = str.maketrans("ØøŁłĐđĦħŦŧı", "OoLlDdHhTti")  # part of their letters in Unicode


def bare(text: str) -> str:
    """A text without accents."""
    parts = unicodedata.normalize("NFD", text.translate(_STROKES))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def accented(line: Line, symbols: Sequence[Symbol], known: frozenset[str]) -> Line:
    """A line with the accents that another engine saw on letters that its own does not know with them.

    Args:
        line: as an engine read it.
        symbols: what the other one read in the same place.
        known: the characters of the first one; none where that is not known.
    """
    text, other = line.text, text_of(symbols)
    strange = {place for place, symbol in enumerate(symbols) if _is_strange(symbol, known)} if known else set()
    if not strange:
        return line
    letters = list(text)
    plain = "".join(bare(sign) if len(bare(sign)) == 1 else sign for sign in other)
    for step in Levenshtein.opcodes(text, plain):
        for place in range(step.src_end - step.src_start) if step.tag == "equal" else ():
            if step.dest_start + place in strange:
                letters[step.src_start + place] = other[step.dest_start + place]
    words = iter("".join(letters).split(" "))
    return Line(tuple(replace(word, text=next(words)) for word in line.words))


def _is_strange(symbol: Symbol, known: frozenset[str]) -> bool:
    least = _LEAST_IF_SMALL if symbol.text.islower() else _LEAST
    is_accented = symbol.text.isalpha() and symbol.text not in known and bare(symbol.text) in known
    return is_accented and symbol.confidence >= least
