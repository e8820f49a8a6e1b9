"""One word: whether it is surely misread, and what was surely meant.

A word is looked at only if no dictionary of the language knows it in any form, and changed only into a word that the
dictionary knows, that is much more usual, and that differs by what engines confuse (confusions.tsv). Names, numbers,
codes and mixed case are never touched.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import hunspell

from whaleline.recognition.frequency import UNKNOWN, Frequency

SHORTEST: Final = 3
"""Letters of a word, under which too many words lie next to each other."""

USUAL: Final = 3.2
"""Zipf frequency that a replacement has at least: once in 600,000 words."""

USUAL_SHORT: Final = {3: 5.5, 4: 4.2}
"""The same for replacements of so many letters: short words lie close to each other, and to names and dialect."""

CLEARLY: Final = 1.0
"""Zipf units that a replacement is more usual than the next best one."""

FAR: Final = 2.0
"""Zipf units that a replacement is more usual than the word as it was read, for some lists hold misprints."""

LONG: Final = 6
"""Letters of a word in which two confusions are looked for."""

_CORE: Final = re.compile(r"^([^\w]*)(.*?)([^\w]*)$", re.DOTALL)


class Speller:
    """Corrects words of one language."""

    def __init__(self, words: Sequence[hunspell.Hunspell], usual: Frequency | None, accents: str) -> None:
        """A speller.

        Args:
            words: the dictionaries; none to take every frequent word for a known one.
            usual: how usual words are; None where nobody has counted them. Then a word of LONG letters or more becomes
                the one known word that is a confusion away, if there is only one.
            accents: the letters of the language that have marks.
        """
        self._words = words
        self._counted = usual is not None
        self._usual = usual or (lambda _: UNKNOWN)
        self._swaps = _swaps(accents)
        self._longest = max(map(len, self._swaps))

    def corrected(self, text: str, *, starts_sentence: bool = False, alternative: str = "") -> str:
        """What was meant by a word as it was read; the same text where that is not sure.

        Args:
            text: without spaces; signs at either end stay as they are.
            starts_sentence: whether its capital may be there for that reason only, and not for a name's.
            alternative: what another engine read; if it is one of the words that may have been meant, it is taken.
        """
        if text.isdigit() or len(text) < SHORTEST:
            return text
        found = _CORE.match(text)
        assert found is not None  # noqa: S101 - the pattern matches everything
        before, core, after = found.groups()
        if "-" in core:
            parts = core.split("-")
            return before + "-".join(self._core(part, "", first=starts_sentence) for part in parts) + after
        # A bar or an exclamation mark at the end of a letter's run may be an l: the core ends before it, and it stays.
        other = _CORE.sub(r"\2", alternative).lower()
        return before + self._core(core, other, first=starts_sentence) + after

    def knows(self, word: str) -> bool:
        """Whether the dictionary knows a word in this form or, with other capitals, in another."""
        return any(self._has(form) for form in (word, word.lower(), word.capitalize(), word.upper()))

    @lru_cache(maxsize=4096)  # noqa: B019 - one speller for each language stays in the process
    def _core(self, core: str, other: str, *, first: bool) -> str:
        shape = _shape(core)
        if shape is None or (shape == "title" and not first):
            return core
        if self.knows(core) or self.knows(core.replace("\u2019", "'")):
            return core
        small = core.lower() if shape != "small" else core
        candidates = self._candidates(core, small, most=2 if self._counted else 1)
        if other in candidates:
            meant = other
        else:
            meant = self._most_usual(candidates, small) if self._counted else _only(candidates)
        return {"title": meant.capitalize(), "capitals": meant.upper()}.get(shape, meant) if meant else core

    def _most_usual(self, candidates: frozenset[str], small: str) -> str:
        """The one that is by far the most usual of those that a word may have been; empty where none is."""
        floor = max(USUAL, self._usual(small) + FAR if small.isalpha() and self._usual(small) else 0.0)
        ranked = sorted(((self._usual(candidate), candidate) for candidate in candidates), reverse=True)
        if not ranked or ranked[0][0] < max(floor, USUAL_SHORT.get(len(ranked[0][1]), 0.0)):
            return ""
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEARLY:
            return ""
        return ranked[0][1]

    def _candidates(self, core: str, small: str, *, most: int) -> frozenset[str]:
        """Known words, in small letters, that the word may have been, by so many confusions at most."""
        once = {made for word in (core, small) for made in self._made(word)}
        found = {made.lower() for made in once if self._fits(made)}
        if not found and most > 1 and len(core) >= LONG:
            found = {again.lower() for made in once for again in self._made(made) if self._fits(again)}
        return frozenset(found)

    def _fits(self, word: str) -> bool:
        small = word.lower()
        return len(small) > 1 and small.isalpha() and self._has(small)

    def _made(self, word: str) -> Iterator[str]:
        """The word with one confusion undone."""
        for start in range(len(word)):
            for length in range(1, self._longest + 1):
                for meant in self._swaps.get(word[start : start + length], ()):
                    yield word[:start] + meant + word[start + length :]

    def _has(self, word: str) -> bool:
        if not self._words:
            return self._usual(word) > 1
        return any(_in(words, word) for words in self._words)


def _only(candidates: frozenset[str]) -> str:
    """The one that a word of LONG letters or more may have been; empty where it is short, or they are several."""
    (one,) = candidates if len(candidates) == 1 else ("",)
    return one if len(one) >= LONG else ""


def _in(words: hunspell.Hunspell, word: str) -> bool:
    try:
        return bool(words.spell(word))
    except UnicodeEncodeError:  # a letter that the dictionary's encoding lacks
        return False


def _shape(core: str) -> str | None:
    """How a word is written: small, title or capitals; None for what is never touched.

    Digits and signs that are mistaken for letters are let through where letters outnumber them by far.
    """
    letters = [sign for sign in core if sign.isalpha()]
    others = len(core) - len(letters)
    if len(core) < SHORTEST or others > len(letters) // 3:
        return None
    if not all(sign.isalpha() or sign in "0158269|!$'\u2019" for sign in core):
        return None
    if all(sign.islower() for sign in letters) and core[0].isalnum():
        return "small"
    # An I among small letters is an l; any other capital inside makes mixed case.
    inner = [sign for sign in letters[1:] if sign != "I"]
    if letters[0].isupper() and all(sign.isupper() for sign in letters):
        return "capitals" if len(letters) >= LONG else None
    if inner and all(sign.islower() for sign in inner):
        return "title" if letters[0].isupper() and letters[0] != "I" else "small"
    return None


def _swaps(accents: str) -> dict[str, tuple[str, ...]]:
    """By what was read, what may have been meant."""
    swaps: dict[str, set[str]] = {}
    for meant, read in confusions():
        swaps.setdefault(read, set()).add(meant)
    for letter in accents:
        plain = unicodedata.normalize("NFD", letter)[0]
        twins = {other for other in accents if unicodedata.normalize("NFD", other)[0] == plain} | {plain}
        for twin in twins - {letter}:
            swaps.setdefault(twin, set()).add(letter)
            swaps.setdefault(letter, set()).add(twin)
    return {read: tuple(sorted(meant)) for read, meant in swaps.items()}


@cache
def confusions() -> tuple[tuple[str, str], ...]:
    """What was meant and what engines read for it."""
    with files(__package__).joinpath("confusions.tsv").open(encoding="utf-8") as table:
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple((row["meant"], row["read"]) for row in rows)
