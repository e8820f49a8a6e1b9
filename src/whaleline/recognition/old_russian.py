"""Russian as it was written before the reform of 1918: the letter yat, which no model has, put back.

Models read the letter as one that looks like it; which one is told by the word's present spelling, which has ye in the
place of yat, no hard sign at its end, and i in the place of the dotted one (decree of 10 October 1918).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from whaleline.recognition.frequency import frequency
from whaleline.recognition.page import Word

TAG: Final = "ru"

_CONSONANTS: Final = "\u0431-\u0434\u0436\u0437\u043a-\u043d\u043f-\u0442\u0444-\u0449"
_OLD: Final = re.compile(f"[{_CONSONANTS}]\u044a\\W*$|\u0456", re.IGNORECASE)
"""A consonant and a hard sign at a word's end, or the dotted i: no word of today has either."""

_LIKE_YAT: Final = "\u0444\u0424\u042c\u0411\u0451\u042a$%"
_INSIDE: Final = re.compile(f"(?<=[\u0430-\u044f\u0456])(?:[{_LIKE_YAT}]|\u044a(?=[{_CONSONANTS}]))")
_LETTERS: Final = re.compile("[\u0400-\u0463$%]+")


def restored(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of a line; where they are in the old spelling, with yat in its places."""
    if not any(_OLD.search(word.text) for word in words):
        return words
    return tuple(replace(word, text=_LETTERS.sub(_with_yat, word.text)) for word in words)


def _with_yat(found: re.Match[str]) -> str:
    text = found.group()
    other = _INSIDE.sub("\u0463", text)
    if other == text:
        return text
    known = frequency(TAG)
    return other if known(_modern(other)) > known(_modern(text)) else text


def _modern(text: str) -> str:
    return text.lower().replace("\u0463", "\u0435").replace("\u0456", "\u0438").removesuffix("\u044a")
