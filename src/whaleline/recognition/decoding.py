"""What an engine saw, read as one of the texts that an expression stands for.

A beam search over the steps of a line (prefixes of connectionist temporal classification, A. Hannun et al., 2014), each
prefix in a state of the expression's automaton. What the engine saw and the expression cannot have there (an O among
digits) is taken for what the expression can have and the picture looks most like, or passed over; both have their
price, so that a text that was seen as it is always wins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from whaleline.recognition.emission import BLANK, Alphabet, Emission
from whaleline.recognition.pattern import Automaton

_BEAM: Final = 20
"""Prefixes that are followed at a time."""

_TRIED: Final = 8  # characters that may follow a prefix at a step
_UNLIKELY: Final = 1e-3  # times the likeliest character, less of which is not tried
_FLOOR: Final = 1e-7  # probability of what an engine rules out; it is never that sure
_TAKEN: Final = 0.2  # share of what the expression cannot have that is taken for another character
_LIKENESS: Final = 0.25  # power of how much of what was seen the expression can have: the less, the less is taken
_PASSED: Final = 0.02  # share of it that is passed over, as print beside the value
_SILENT: Final = 0.9995  # probability of no symbol from which a step is not looked at any further

_Floats = npt.NDArray[np.float64]


ALIKE: Final = ("0OQD", "1I", "5S", "8B", "2Z", "6G")
"""Characters that many fonts show alike."""

_ALIKE: Final = 0.02  # times the likeliest of them, each of these is probable at least: an engine is too sure of one
_LESS_ALIKE: Final = 0.005  # the same of Q and D, which few fonts show like an O or a 0


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how well it fits.

    Attributes:
        text: one that the expression stands for.
        fit: natural logarithm of how probable it is that the picture shows it.
    """

    text: str
    fit: float


class Decoder:
    """One line's emission under an automaton."""

    def __init__(self, emission: Emission, automaton: Automaton) -> None:
        self._emission = emission
        self._automaton = automaton
        self._matrix = _with_look_alikes(emission)
        self._space = emission.alphabet.places.get(" ", -1)
        self._likely: dict[tuple[int, int], list[int]] = {}
        self._known: dict[int, tuple[npt.NDArray[np.intp], _Floats, _Floats]] = {}

    def best(self, count: int = 8) -> list[Decoded]:
        """The texts that fit best, the best first; none where no text of the expression can be seen."""
        start = self._automaton.start
        beam: dict[str, tuple[int, float, float]] = {"": (start, 1.0, 0.0)}  # state, ends in a blank, in a character
        total = 0.0
        for step in range(len(self._matrix)):
            if self._matrix[step, BLANK] >= _SILENT:
                beam = {text: (state, blank + own, 0.0) for text, (state, blank, own) in beam.items()}
                continue
            beam = self._stepped(beam, step)
            scale = max(blank + own for _, blank, own in beam.values())
            if scale <= 0:
                return []
            total += math.log(scale)
            beam = {text: (state, blank / scale, own / scale) for text, (state, blank, own) in beam.items()}
        ended = [
            (blank + own, text)
            for text, (state, blank, own) in beam.items()
            if text.strip() and self._automaton.is_end(state) and blank + own > 0
        ]
        return [Decoded(text.strip(), total + math.log(value)) for value, text in sorted(ended, reverse=True)[:count]]

    def fit(self, text: str) -> float:
        """How well one of the expression's texts fits, whoever read it: the sum over all paths that spell it."""
        places, states, state = self._emission.alphabet.places, [self._automaton.start], self._automaton.start
        for character in text:
            state = self._automaton.step(state, character)
            states.append(state)
        width = 2 * len(text) + 1
        columns = np.full((len(self._matrix), width), _FLOOR)
        for index, at in enumerate(states):
            letters, seen, silent = self._columns(at)
            columns[:, 2 * index] = silent
            if index < len(text):
                found = np.flatnonzero(letters == places.get(text[index], -2))
                if found.size:
                    columns[:, 2 * index + 1] = seen[:, found[0]]
        skips = np.zeros(width)
        skips[3::2] = [float(one != other) for one, other in pairwise(text)]
        ways = np.zeros(width)
        ways[0], ways[1:2] = columns[0, 0], columns[0, 1:2]
        total = 0.0
        for step in range(1, len(columns)):
            grown = ways.copy()
            grown[1:] += ways[:-1]
            grown[2:] += ways[:-2] * skips[2:]
            ways = grown * columns[step]
            scale = float(ways.sum())
            if scale <= 0:
                return len(columns) * math.log(_FLOOR)
            ways /= scale
            total += math.log(scale)
        return total + math.log(max(float(ways[-2:].sum()), _FLOOR))

    def _stepped(self, beam: dict[str, tuple[int, float, float]], step: int) -> dict[str, tuple[int, float, float]]:
        grown: dict[str, list[float]] = {}
        states: dict[str, int] = {}
        names = self._emission.alphabet.characters
        for text, (state, blank, own) in beam.items():
            letters, seen, silent = self._columns(state)
            kept = grown.setdefault(text, [0.0, 0.0])
            states[text] = state
            kept[0] += (blank + own) * float(silent[step])
            row = seen[step]
            tried = self._tried(state, step, row)
            last = text[-1:]
            for place in tried:
                character, probability = names[letters[place]], float(row[place])
                before = blank if character == last else blank + own
                if character == last:
                    kept[1] += own * probability
                if before * probability > 0:
                    longer = text + character
                    grown.setdefault(longer, [0.0, 0.0])[1] += before * probability
                    if longer not in states:
                        states[longer] = self._automaton.step(state, character)
            if last and not any(names[letters[place]] == last for place in tried):
                kept[1] += own * max(self._seen(last, step), _FLOOR)
        best = sorted(grown, key=lambda text: -sum(grown[text]))[:_BEAM]
        return {text: (states[text], *grown[text]) for text in best}  # type: ignore[misc]

    def _tried(self, state: int, step: int, row: _Floats) -> list[int]:
        """The likeliest characters at a step, as places among those that a state can have."""
        if (known := self._likely.get((state, step))) is None:
            if not len(row):
                return []
            best = np.argpartition(row, -_TRIED)[-_TRIED:] if len(row) > _TRIED else np.arange(len(row))
            known = best[row[best] >= _UNLIKELY * row[best].max()].tolist()
            self._likely[state, step] = known
        return known

    def _seen(self, character: str, step: int) -> float:
        place = self._emission.alphabet.places.get(character, -1)
        return float(self._matrix[step, place]) if place >= 0 else 0.0

    def _columns(self, state: int) -> tuple[npt.NDArray[np.intp], _Floats, _Floats]:
        """The characters that may come next, how probable each is at each step, and how probable it is that none is."""
        if (known := self._known.get(state)) is not None:
            return known
        letters = _letters(self._automaton, state, self._emission.alphabet)
        seen = self._matrix[:, letters] + _FLOOR
        together = seen.sum(axis=1)
        silent = self._matrix[:, BLANK].copy()
        if self._space >= 0 and self._space not in letters:
            silent += self._matrix[:, self._space]
        foreign = np.clip(1 - silent - together, 0, 1)
        likeness = (together / np.maximum(together + foreign, _FLOOR)) ** _LIKENESS
        taken = _TAKEN * foreign * likeness / np.maximum(together, _FLOOR)
        found = (letters, seen * (1 + taken[:, None]), silent + _PASSED * foreign + _FLOOR)
        self._known[state] = found
        return found


@lru_cache(maxsize=1000)  # since the lines of an engine have one alphabet, and the fields of a form few expressions
def _letters(automaton: Automaton, state: int, alphabet: Alphabet) -> npt.NDArray[np.intp]:
    """The characters of an alphabet that may come next, by their index."""
    return np.array([at for name, at in alphabet.places.items() if automaton.step(state, name)], np.intp)


def _with_look_alikes(emission: Emission) -> _Floats:
    """The probabilities of an emission, in which of characters that look alike none is ruled out where one was seen."""
    matrix = np.array(emission.matrix, np.float64)
    places = emission.alphabet.places
    for row in ALIKE:
        columns = [places[sign] for sign in row if sign in places]
        if columns:
            share = np.array([_LESS_ALIKE if sign in "QD" else _ALIKE for sign in row if sign in places])
            least = share * matrix[:, columns].max(axis=1, keepdims=True)
            matrix[:, columns] = np.maximum(matrix[:, columns], least)
    return matrix
