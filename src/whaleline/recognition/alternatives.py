"""What else PP-OCRv6 may have seen in a piece of a line: second best symbols, and readings of other pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np
import numpy.typing as npt

from whaleline.recognition.emission import BLANK, Emission, Symbol, text_of

_SEEN = 0.04  # probability of a symbol in the mean of all pictures, less of which is not tried
_BETWEEN = 0.1  # the same of one between two that were read
_GONE = 0.85  # probability of a symbol that was read, more of which is not left out
_MOST_OF_A_SYMBOL = 2
_SURE = 96.0  # confidence of a symbol, of which nothing else is tried
_MOST = 6  # texts of a piece


def alternatives(symbols: Sequence[Symbol], seen: Sequence[Emission]) -> list[str]:
    """Texts that a piece of a line may be beside the one that was read in one picture, the likeliest first.

    Args:
        symbols: of the piece, as they were read.
        seen: the pictures of the line.
    """
    edited: dict[str, float] = {}
    for text, value in _edited(symbols, seen):
        if text.strip() == text and text:
            edited[text] = max(value, edited.get(text, 0.0))
    read = [text for text in read_by(symbols, seen) if text]
    return list(dict.fromkeys([*read, *sorted(edited, key=edited.__getitem__, reverse=True)[:_MOST]]))


def fit(texts: Sequence[str], seen: Sequence[Emission], before: str, after: str) -> list[float]:
    """How probable each text is as a piece of a line: natural logarithms, their mean over the pictures."""
    whole = [f"{before}{text}{after}".strip() for text in texts]
    return [fmean(one) for one in zip(*(emission.log_likelihoods(whole) for emission in seen), strict=True)]


def read_by(symbols: Sequence[Symbol], seen: Sequence[Emission]) -> list[str]:
    """What was read in each picture where some symbols are."""
    return [_within(one, symbols[0].left, symbols[-1].right) for one in seen] if symbols else []


def _within(emission: Emission, left: float, right: float) -> str:
    """What was read between two columns of the line's picture."""
    return text_of([one for one in emission.symbols if left <= (one.left + one.right) / 2 < right]).strip()


def _edited(symbols: Sequence[Symbol], seen: Sequence[Emission]) -> Iterator[tuple[str, float]]:
    """The text with a symbol replaced, left out or put in; and how probable that was in the mean of all pictures."""
    text = text_of(symbols)
    places, names = seen[0].alphabet.places, seen[0].alphabet.characters
    for place, symbol in enumerate(symbols):
        if symbol.text.isspace() or symbol.confidence >= _SURE:
            continue
        shown = np.mean([_most(one, symbol) for one in seen], axis=0)
        own = float(shown[places[symbol.text]])
        shown[[BLANK, places[symbol.text]]] = 0
        first, rest = text[:place], text[place + 1 :]
        for one in np.argsort(-shown)[:_MOST_OF_A_SYMBOL]:
            name, value = names[one], float(shown[one])
            if value < _SEEN or name.isspace():
                continue
            yield first + name + rest, value
            if text.count(symbol.text) > 1:
                yield text.replace(symbol.text, name), value
            if value >= _BETWEEN and name.isalnum():
                yield first + name + symbol.text + rest, value
                yield first + symbol.text + name + rest, value
        if own < _GONE:
            yield first + rest, 1 - own


def _most(emission: Emission, symbol: Symbol) -> npt.NDArray[np.float32]:
    """How probable each symbol is at most in the columns of one that was read."""
    first = int(max(0.0, (symbol.left - emission.start) / emission.step))
    last = int(max(0.0, (symbol.right - emission.start) / emission.step))
    rows = emission.matrix[min(first, len(emission.matrix) - 1) : max(first, last) + 1]
    return np.asarray(rows.max(axis=0), np.float32)
