"""Right-to-left text: from how it stands on the paper to the order in which it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final
from unicodedata import bidirectional

from whaleline.recognition.page import Word

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_LEFT_TO_RIGHT: Final = frozenset({"L", "EN", "AN"})

# Within right-to-left text a bracket's other half is drawn (UAX #9, rule L4).
_MIRRORED: Final = str.maketrans("()[]{}<>\u00ab\u00bb\u2039\u203a", ")(][}{><\u00bb\u00ab\u203a\u2039")

# Numbers keep their order, and so do the separators between their digits (UAX #9, rules W4 and L2).
_NUMBER: Final = re.compile(r"\d+(?:[.,:/\u066b\u066c]\d+)+")


def runs_leftwards(text: str) -> bool:
    """Whether a letter of the text belongs to a script that runs from right to left."""
    return not text.isascii() and any(bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def logical(text: str) -> str:
    """A word in the order in which it is read, from how its signs stand on the paper from left to right.

    A word without a right-to-left letter is returned as it is.
    """
    if not runs_leftwards(text):
        return text
    parts: list[str] = []
    place = 0
    for number in _NUMBER.finditer(text):
        parts += _parts(text[place : number.start()])
        parts.append(number.group())
        place = number.end()
    parts += _parts(text[place:])
    return "".join(reversed(parts))


def _parts(text: str) -> list[str]:
    """What stays together when a word is turned round: a run of Latin letters or digits, else one character."""
    parts: list[str] = []
    for forward, run in groupby(text, key=lambda character: bidirectional(character) in _LEFT_TO_RIGHT):
        together = "".join(run)
        parts += [together] if forward else list(together.translate(_MIRRORED))
    return parts


def reading_order(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of one line of a right-to-left page: from the right, Latin words and their numbers from the left.

    The same as UAX #9 would show them, but for a number just before a Latin word, which on paper cannot be told from
    one behind it.
    """
    ordered = sorted(words, key=lambda word: word.box.left, reverse=True)
    result: list[Word] = []
    for leftwards, run in groupby(ordered, key=lambda word: runs_leftwards(word.text)):
        members = list(run)
        has_latin = any(bidirectional(character) == "L" for word in members for character in word.text)
        result += reversed(members) if has_latin and not leftwards else members
    return tuple(result)
