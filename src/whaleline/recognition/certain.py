"""Whether PP-OCRv6's reading of a line is so certain that Tesseract need not look; figures in docs/recognition.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture, text_height
from whaleline.recognition import end_mark
from whaleline.recognition.accents import bare
from whaleline.recognition.emission import Emission, Symbol, runs, text_of
from whaleline.recognition.frequency import Frequency

_LEAST = 90.0  # confidence of each symbol of a usual word or number
_LEAST_UNKNOWN = 98.0  # the same, where a word is in no list
_BEFORE, _BEHIND = 0.3, 0.2  # of the line's height: ink so far beside the first or last symbol was not seen
_WHITE = 1.0  # of it, white that is a space for certain; where none was seen, a digit may have moved across it
_SPACE, _TIMES = 0.25, 2.0  # of a letter's height, and times the usual gap between letters: more may be a space
_LEAST_ODD = 95.0  # the same of codes, addresses and signs in which no space may be missing
_LEAST_USUAL = 0.1  # Zipf frequency of a word that a list has
_SHORTEST = 2  # letters and digits; of a lone letter its neighbours do not tell the size

# A space that was not seen makes other tokens: `TEL:03`, `E(1)`, `SmithMarch`.
_WORD = re.compile(r"[(\[]?([^\W\d_]+(?:[-/&][^\W\d_]+)*)(?:-|[.,:;)\]!?]{0,2})")
_NUMBER = re.compile(
    r"[(\[$\u00a3\u20ac+-]{0,2}"
    r"(?:\d+(?:[.,]\d+)*|\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\d{1,2}(?::\d\d){1,2}|\d+(?:-\d+)+)"
    r"[%.,:;)\]]{0,2}"
)
_DIGITS = frozenset("23456789")
_QUOTES = frozenset("'\"`\u2018\u2019\u201c\u201d\u201e\u2032\u2033")
_ALIKE = frozenset("01lI|")  # signs that may be each other where they stand alone
_DASH = re.compile("[-\u2010-\u2015]+")
_SAME_FORM = frozenset("cosvwxz")  # letters whose capitals differ by their height, which PP-OCRv6 does not see


def is_certain(seen: Emission, print_: Picture, frequency: Frequency, characters: frozenset[str] = frozenset()) -> bool:
    """Whether each word of a reading is sure and written as words are, and the reading agrees with the print.

    Args:
        seen: of the line's plain picture.
        print_: its ink.
        frequency: how usual words are.
        characters: that Tesseract knows: where a word is as usual with an accent, it is asked.
    """
    text, words = seen.text, runs(seen.symbols)
    columns = np.flatnonzero(print_.any(axis=0))
    if (sum(map(str.isalnum, text)) < _SHORTEST and text not in _DIGITS) or not columns.size:
        return False
    spaces = [one for one in seen.symbols if one.text.isspace()]
    gaps = _gaps(columns)
    within = [gap for gap in gaps if not any(one.left <= gap.middle <= one.right for one in spaces)]
    least = max(_SPACE * text_height(print_), _TIMES * median(gap.width for gap in within)) if within else 0.0
    wide = [gap for gap in gaps if gap.width > least]
    parted = [gap for gap in within if gap.width > least]
    if any(space.confidence < _LEAST and not _holds([space], wide) for space in spaces):
        return False
    if not all(
        _is_usual(word, frequency, characters) or _is_clear(word, frequency, characters, parted) for word in words
    ):
        return False
    white = [gap for gap in within if gap.width >= _WHITE * print_.shape[0]]
    return _is_all(seen, print_, columns) and not any(_holds(word, white) for word in words)


def _is_all(seen: Emission, print_: Picture, columns: npt.NDArray[np.intp]) -> bool:
    """Whether no mark at the end of a line was passed over, and no ink at its sides; `columns` are those with ink."""
    if end_mark.is_printed(print_) if seen.text[-1].isalnum() else end_mark.is_raised(print_):
        return False
    height = print_.shape[0]
    before, behind = seen.symbols[0].left - columns[0], columns[-1] + 1 - seen.symbols[-1].right
    return bool(before < _BEFORE * height and behind < _BEHIND * height)


@dataclass(frozen=True, slots=True)
class _Gap:
    """A gap in a line's ink, in columns of its picture."""

    middle: float
    width: int


def _gaps(columns: npt.NDArray[np.intp]) -> list[_Gap]:
    """The gaps between columns of ink."""
    steps = np.diff(columns)
    return [_Gap((columns[at] + columns[at + 1]) / 2, int(steps[at]) - 1) for at in np.flatnonzero(steps > 1)]


def _holds(word: Sequence[Symbol], gaps: Sequence[_Gap]) -> bool:
    return any(word[0].left < gap.middle < word[-1].right for gap in gaps)


def _is_usual(word: Sequence[Symbol], frequency: Frequency, characters: frozenset[str]) -> bool:
    """Whether it is a number or a usual word, without a doubt about a symbol."""
    return _least(word) >= _LEAST and _is_plain(text_of(word), frequency, characters)


def _is_clear(word: Sequence[Symbol], frequency: Frequency, characters: frozenset[str], parted: Sequence[_Gap]) -> bool:
    """Whether any other word is beyond doubt: a name, a code, an address, in signs that PP-OCRv6 tells apart.

    It sees little difference between kinds of quotes and of dashes, and every line at one height.
    """
    text = text_of(word)
    if _least(word) < (_LEAST_UNKNOWN if _WORD.fullmatch(text) else _LEAST_ODD) or _holds(word, parted):
        return False
    if not _QUOTES.isdisjoint(text) or text in _ALIKE or _DASH.fullmatch(text):
        return False
    names = re.findall(r"[^\W\d_]+", text)
    if not any(map(str.isdigit, text)) and any(set(name.casefold()) <= _SAME_FORM for name in names):
        return False
    return all(name.islower() or name.isupper() or name.istitle() for name in names) and not any(
        _may_lack_an_accent(name.casefold(), frequency, characters) for name in names
    )


def _least(word: Sequence[Symbol]) -> float:
    return min(symbol.confidence for symbol in word)


def _is_plain(token: str, frequency: Frequency, characters: frozenset[str]) -> bool:
    """Whether a token is a number, or a word whose capitals show and that is in the list."""
    if _NUMBER.fullmatch(token):
        return True
    word = _WORD.fullmatch(token)
    if word is None or set(word[1].casefold()) <= _SAME_FORM:
        return False
    parts = re.split("[-/&]", word[1])
    if not all(part.islower() or part.isupper() or part.istitle() for part in parts):
        return False
    if frequency(word[1]) <= 0:
        return False
    return not any(_may_lack_an_accent(part.casefold(), frequency, characters) for part in parts)


def _may_lack_an_accent(word: str, frequency: Frequency, characters: frozenset[str]) -> bool:
    """Whether a word is at least as usual with an accent; PP-OCRv6 loses those of capitals."""
    usual, twins = max(frequency(word), _LEAST_USUAL), _accented(characters)
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
