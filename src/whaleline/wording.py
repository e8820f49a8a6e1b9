"""How messages show values and numbers of things, and "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN = 60
"""Characters of a wrong value that an error message quotes."""

_LONG_BITS = 4 * _SHOWN
_WORDS = {None: "null", True: "true", False: "false"}

_SHORTEST = 4
"""Letters of a word that may be a misspelt other one; shorter ones are near to too many."""

_NEAR = 0.75
"""Least part of its letters that a misspelt word has in common with the right one."""


def quoted(value: object) -> str:
    """A value as an error message shows it: JSON-like, short, and in ASCII whatever it holds."""
    if isinstance(value, str):
        text = ascii(value[: _SHOWN + 1])  # cut first: it may be a whole image
    elif isinstance(value, bool | None):
        text = _WORDS[value]
    elif isinstance(value, int):
        # JSON5 has hexadecimal numbers of any length, and Python refuses to write very long ones in decimal.
        text = str(value) if value.bit_length() <= _LONG_BITS else hex(value)
    else:
        text = str(value) if isinstance(value, float) else _kind(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 page`, `2 pages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely misspells, in any case; None if it is close to none."""
    from rapidfuzz import process  # noqa: PLC0415 - commands and good requests do without
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    if not _SHORTEST <= len(word) <= _SHOWN:
        return None
    found = process.extractOne(
        word, known, scorer=OSA.normalized_similarity, processor=str.casefold, score_cutoff=_NEAR
    )
    return found[0] if found else None


def misspelt(key: str, known: Iterable[str]) -> str | None:
    """The known key that `key` certainly misspells; None if it may be a key of another program.

    The first letter is seldom the wrong one, and `border` is not `order`.
    """
    return nearest(key, [each for each in known if each[0].casefold() == key[:1].casefold()])
