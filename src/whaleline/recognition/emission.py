"""What PP-OCRv6 saw in a line: for each step from left to right, how probable each symbol is there.

It answers two questions: which text is the best one, and how well any other text would fit what was seen. The second
is the sum over all paths that spell the text, by the forward pass of connectionist temporal classification
(A. Graves et al., ICML 2006). It makes the readings of different engines comparable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BLANK = 0
"""Index of "no symbol here"."""

_FLOOR = 1e-7  # probability of what the model rules out; it is never that sure
_NOTHING = 1e-300  # what a text's paths have together where there are none


@dataclass(frozen=True, slots=True)
class Symbol:
    """One character and where it was seen.

    Attributes:
        text: a single character; a space between words is one too.
        confidence: 0 to 100.
        left: in pixels of the picture, halfway to the symbol before.
        right: halfway to the symbol after.
    """

    text: str
    confidence: float
    left: float
    right: float


@dataclass(frozen=True, eq=False)
class Alphabet:
    """What a model can give.

    Attributes:
        characters: by their index; the one at BLANK is none.
    """

    characters: tuple[str, ...]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The index of each character."""
        return {character: place for place, character in enumerate(self.characters) if place != BLANK}


@dataclass(frozen=True, eq=False)
class Emission:
    """The output for one picture of a line.

    Attributes:
        matrix: probabilities of shape (steps, symbols).
        alphabet: what its columns stand for.
        step: pixels of the line's own picture for each step.
        start: the column in it at which the first step begins.
    """

    matrix: npt.NDArray[np.float32]
    alphabet: Alphabet
    step: float
    start: float = 0.0

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """The best symbol of each step, repeats as one, without spaces at the ends."""
        best = self.matrix.argmax(axis=1)
        sure = self.matrix[np.arange(len(best)), best]
        names = self.alphabet.characters
        found: list[tuple[str, float, int, int]] = []  # character, probability, first and last step
        before = BLANK
        for place, (symbol, probability) in enumerate(zip(best.tolist(), sure.tolist(), strict=True)):
            if symbol != BLANK and symbol == before:
                text, surest, first, _ = found[-1]
                found[-1] = (text, max(surest, probability), first, place)
            elif symbol != BLANK:
                found.append((names[symbol], probability, place, place))
            before = symbol
        while found and found[-1][0].isspace():
            found.pop()
        while found and found[0][0].isspace():
            found.pop(0)
        if not found:
            return ()
        starts, ends = [float(one[2]) for one in found], [float(one[3] + 1) for one in found]
        middles = [(end + start) / 2 for end, start in zip(ends[:-1], starts[1:], strict=True)]
        edges = [self.start + self.step * edge for edge in (starts[0] - 0.5, *middles, ends[-1] + 0.5)]
        return tuple(
            Symbol(text, 100 * probability, max(0.0, left), right)
            for (text, probability, _, _), (left, right) in zip(found, pairwise(edges), strict=True)
        )

    @property
    def text(self) -> str:
        """The best text."""
        return text_of(self.symbols)

    @cached_property
    def least(self) -> float:
        """Confidence of the least sure symbol, 0 to 100; 0 where none was seen."""
        return min((symbol.confidence for symbol in self.symbols), default=0.0)

    def likelier(self, one: str, other: str, times: float) -> Emission:
        """The same, with one symbol so many times more probable beside another that it is taken for."""
        first, second = self.alphabet.places[one], self.alphabet.places[other]
        matrix = self.matrix.copy()
        raised = times * matrix[:, first]
        both = raised + matrix[:, second]
        shares = np.divide(raised, both, out=np.zeros_like(raised), where=both > 0)
        together = matrix[:, first] + matrix[:, second]
        matrix[:, first], matrix[:, second] = together * shares, together * (1 - shares)
        return replace(self, matrix=matrix)

    def log_likelihood(self, text: str) -> float:
        """Natural logarithm of the probability that the picture shows a text; see `log_likelihoods`."""
        return self.log_likelihoods([text])[0]

    def log_likelihoods(self, texts: Sequence[str]) -> list[float]:
        """Natural logarithms of the probabilities that the picture shows each of some texts.

        Characters that the model does not know count as seen with the least probability. So does every character of a
        text that is longer than the picture has steps for.
        """
        known = self.alphabet.places
        width = 2 * max(map(len, texts)) + 1
        places = np.full((len(texts), width), BLANK)
        skips = np.zeros((len(texts), width - 2 if width > 1 else 0))
        inside = np.zeros((len(texts), width))
        for row, text in enumerate(texts):
            labels = [known.get(character, -1) for character in text]
            places[row, 1 : 2 * len(text) : 2] = labels
            inside[row, : 2 * len(text) + 1] = 1
            # A path may pass over the blank between two symbols that differ.
            skips[row, 1 : max(1, 2 * len(text) - 2) : 2] = [float(one != other) for one, other in pairwise(labels)]
        columns = np.maximum(self.matrix[:, places], _FLOOR).astype(np.float64)
        columns[:, places == -1] = _FLOOR
        columns *= inside
        ways = np.zeros(places.shape)
        ways[:, :2] = columns[0, :, :2]
        total = np.zeros(len(texts))
        for column in columns[1:]:
            grown = ways.copy()
            grown[:, 1:] += ways[:, :-1]
            grown[:, 2:] += ways[:, :-2] * skips
            ways = grown * column
            scale = np.maximum(ways.sum(axis=1), _NOTHING)
            ways /= scale[:, None]
            total += np.log(scale)
        ends = [float(ways[row, max(0, 2 * len(text) - 1) : 2 * len(text) + 1].sum()) for row, text in enumerate(texts)]
        return [
            one + math.log(end) if end > 0 else len(text) * math.log(_FLOOR)
            for one, end, text in zip(total.tolist(), ends, texts, strict=True)
        ]


def runs(symbols: Sequence[Symbol]) -> list[list[Symbol]]:
    """The symbols of each word."""
    found: list[list[Symbol]] = [[]]
    for symbol in symbols:
        if symbol.text.isspace():
            found.append([])
        else:
            found[-1].append(symbol)
    return [run for run in found if run]


def text_of(symbols: Sequence[Symbol]) -> str:
    """The symbols as text."""
    return "".join(symbol.text for symbol in symbols)
