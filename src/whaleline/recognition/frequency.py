"""How usual words are, by the lists of wordfreq (code Apache-2.0, data CC BY-SA 4.0)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Frequency = Callable[[str], float]
"""Zipf frequency of a text's rarest word, from 0 (in no list) to 8: log10 of its occurrences in 10^9 words."""

UNKNOWN = 3.0  # of a text without words: as usual as a word that nobody would wonder at
_SINGLE = 1.0  # of a single letter that is no word
_SINGLE_WORDS = frozenset({"a", "A", "I"})

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_APOSTROPHE = re.compile("['\u2019]")


def listed(tag: str) -> bool:
    """Whether there is a list of words for a language."""
    from wordfreq import available_languages  # noqa: PLC0415 - a second that few tasks need

    return tag.partition("-")[0] in available_languages()


@lru_cache(maxsize=4)
def frequency(tag: str) -> Frequency:
    """The measure of a language by its BCP 47 tag; the list is loaded at the first call.

    Of a language without a list every text is as usual as any other.
    """
    from wordfreq import get_frequency_dict  # noqa: PLC0415 - a second that English alone needs

    if not listed(tag):
        return lambda _: UNKNOWN
    words = get_frequency_dict(tag.partition("-")[0])
    return lambda text: rarest(text, words)


def rarest(text: str, words: Mapping[str, float]) -> float:
    """Zipf frequency of the rarest word of a text, where `words` has their shares of all words."""
    return min((_zipf(word, words) for word in _WORD.findall(text)), default=UNKNOWN)


def _zipf(word: str, words: Mapping[str, float]) -> float:
    if len(word) == 1 and word.isascii():
        return _zipf_of(word, words) if word in _SINGLE_WORDS else _SINGLE
    found = _zipf_of(word, words)
    if found:
        return found
    # "Yakima's" is as usual as "Yakima".
    return _zipf_of(_APOSTROPHE.split(word, maxsplit=1)[0], words)


def _zipf_of(word: str, words: Mapping[str, float]) -> float:
    share = words.get(word.lower().replace("\u2019", "'"), 0.0)
    return max(0.0, math.log10(share) + 9) if share else 0.0
