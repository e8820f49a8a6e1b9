"""Whether PP-OCRv6's reading of a line is so certain that Tesseract need not look; figures in docs/recognition.md."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from whaleline.imaging.picture import Picture
from whaleline.recognition import end_mark
from whaleline.recognition.accents import bare
from whaleline.recognition.emission import Emission
from whaleline.recognition.frequency import Frequency

_LEAST = 90.0  # confidence of each symbol of a line of usual words and numbers
_LEAST_UNKNOWN = 98.0  # the same, where a word is in no list
_BEFORE, _BEHIND = 0.3, 0.2  # of the line's height: ink so far beside the first or last symbol was not seen
_WHITE = 1.0  # of it, white that is a blank for certain; where none was seen, a digit may have moved across it
_SHORTEST = 2  # letters and digits; of a lone one its neighbours do not tell the size

# A blank that was not seen makes other tokens: `TEL:03`, `E(1)`, `SmithMarch`.
_WORD = re.compile(r"[(\[]?([^\W\d_]+(?:[-/&][^\W\d_]+)*)(?:-|[.,:;)\]!?]{0,2})")
_NUMBER = re.compile(
    r"[(\[$\u00a3\u20ac+-]{0,2}"
    r"(?:\d+(?:[.,]\d+)*|\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\d{1,2}(?::\d\d){1,2}|\d+(?:-\d+)+)"
    r"[%.,:;)\]]{0,2}"
)
_SAME_FORM = frozenset("cosvwxz")  # letters whose capitals differ by their height, which PP-OCRv6 does not see


def is_certain(seen: Emission, print_: Picture, frequency: Frequency, characters: frozenset[str] = frozenset()) -> bool:
    """Whether a reading consists of usual words and numbers, each symbol beyond doubt, and agrees with the print.

    Args:
        seen: of the line's plain picture.
        print_: its ink.
        frequency: how usual words are.
        characters: that Tesseract knows: where a word is as usual with an accent, it is asked.
    """
    text = seen.text
    if seen.least < _LEAST or sum(map(str.isalnum, text)) < _SHORTEST:
        return False
    unknown = seen.least >= _LEAST_UNKNOWN
    if not all(_is_plain(token, frequency, characters, unknown=unknown) for token in text.split()):
        return False
    if end_mark.is_printed(print_) if text[-1].isalnum() else end_mark.is_raised(print_):
        return False
    columns = np.flatnonzero(print_.any(axis=0))
    height = print_.shape[0]
    if not columns.size or seen.symbols[0].left - columns[0] >= _BEFORE * height:
        return False
    if columns[-1] + 1 - seen.symbols[-1].right >= _BEHIND * height:
        return False
    wide = np.flatnonzero(np.diff(columns) > _WHITE * height)
    return all(_is_blank(seen, (columns[place] + columns[place + 1]) / 2) for place in wide)


def _is_blank(seen: Emission, column: float) -> bool:
    """Whether a blank was seen at a column."""
    return any(symbol.left <= column <= symbol.right for symbol in seen.symbols if symbol.text.isspace())


def _is_plain(token: str, frequency: Frequency, characters: frozenset[str], *, unknown: bool) -> bool:
    """Whether a token is a number, or a word whose capitals show and that is in the list.

    If `unknown`, a word in small letters may be in no list; capitals may be two words without the blank between them.
    """
    if _NUMBER.fullmatch(token):
        return True
    word = _WORD.fullmatch(token)
    if word is None or set(word[1].casefold()) <= _SAME_FORM:
        return False
    parts = re.split("[-/&]", word[1])
    if not all(part.islower() or part.isupper() or part.istitle() for part in parts):
        return False
    if frequency(word[1]) <= 0 and not (unknown and not any(part.isupper() for part in parts)):
        return False
    return not any(_may_lack_an_accent(part.casefold(), frequency, characters) for part in parts)


def _may_lack_an_accent(word: str, frequency: Frequency, characters: frozenset[str]) -> bool:
    """Whether a word is at least as usual with an accent; PP-OCRv6 loses those of capitals."""
    usual, twins = frequency(word), _accented(characters)
    return any(
        frequency(word[:place] + twin + word[place + 1 :]) >= usual
        for place, letter in enumerate(word)
        for twin in twins.get(letter, "")
    )


@lru_cache(maxsize=64)
def _accented(characters: frozenset[str]) -> dict[str, str]:
    """For each letter those that are the same with an accent, of some characters; small letters alone."""
    found: dict[str, str] = {}
    for sign in sorted(characters):
        if sign.isalpha() and sign.islower() and bare(sign) != sign:
            found[bare(sign)] = found.get(bare(sign), "") + sign
    return found
