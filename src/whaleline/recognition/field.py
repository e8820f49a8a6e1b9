"""Reading a field of which it is known what may stand in it: the knowledge takes part in the reading.

Both engines' output is decoded within the field's expression; each text that either gives is weighed by what both saw,
and by what is known of such texts (check digits).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import cv2
import numpy as np

from whaleline.recognition import round_signs
from whaleline.recognition.calibration import logistic
from whaleline.recognition.decoding import ALIKE, Decoder
from whaleline.recognition.field_lines import FieldLine
from whaleline.recognition.pattern import Automaton, compiled
from whaleline.recognition.small_marks import small_marks

_TRUST: Final = 0.2
"""How much Tesseract's alternatives weigh beside one picture that PP-OCRv6 saw."""

_LEAST_FIT: Final = -15.0  # natural logarithm of how well a text fits a picture; less says no more
_ALIKE: Final = {sign: row.replace(sign, "") for row in ALIKE for sign in row}
_MOST_SWAPS: Final = 40  # of which two are made at a time
_MOST_ALIKE: Final = 24  # texts with look-alikes that are weighed
_READINGS: Final = 16  # of each picture
_OF_MARK: Final = 3.0  # natural logarithm, that speaks against a text for each point or dash of ink that it lacks
_WITHOUT_MARK: Final = 50.0  # confidence of such a text at most, where the other one is not far behind
_ROUND: Final = 70.0  # confidence at most of a code with an O or a 0, where the look does not tell which it is
_MOST_MARGIN: Final = 8.0  # between two texts; more says no more
_MOST_STRAIN: Final = 2.5  # for each character, from where a text is made up and not seen
_BIAS, _OF_MARGIN, _OF_STRAIN, _OF_RANK = -1.1, 0.85, 3.9, 1.5  # of the logarithm of odds that a text is right


@dataclass(frozen=True, slots=True)
class Constraint:
    """What may stand in a field.

    Attributes:
        automaton: of all texts that it may be.
        weigh: how much a text's own look speaks for it, as a natural logarithm; for check digits.
    """

    automaton: Automaton
    weigh: Callable[[str], float] | None = None


ANYTHING: Final = ""
"""The expression of any text."""


@dataclass(frozen=True, slots=True)
class FieldText:
    """What was read.

    Attributes:
        text: as printed; empty where nothing is.
        confidence: 0 to 100.
        fits: whether it is what the field may hold.
        margin: by how much more speaks for it than for the next best text, a natural logarithm.
        strain: how much less the picture looks like it than like what was read without any knowledge of the field, for
            each character.
        rank: how many texts look more like the picture, but are less likely to stand there: of as many one or the other
            has the right check digits by chance.
        other: the next best text that the field may hold; empty where none comes near.
    """

    text: str
    confidence: float
    fits: bool
    margin: float = 0.0
    strain: float = 0.0
    rank: int = 0
    other: str = ""

    @property
    def weight(self) -> tuple[bool, float]:
        """By which the line with the value is told from its caption."""
        return self.fits, self.confidence * len(self.text)


def decide(line: FieldLine, constraint: Constraint) -> FieldText:
    """The text of a line that the field may hold and for which most speaks; else the line as it looks by itself."""
    automaton = constraint.automaton
    shown = [Decoder(one, automaton) for one in line.shown]
    told = Decoder(line.alternatives, automaton) if line.alternatives is not None else None
    texts = {found.text for decoder in (*shown, told) if decoder for found in decoder.best(_READINGS)}
    for text in (line.plain[0], line.evidence.first.text if line.evidence.first else ""):
        if text and automaton.matches(text):
            texts.add(text)
    if not texts:
        return FieldText(line.plain[0], line.plain[1], fits=False)
    if constraint.weigh is not None:
        texts |= _look_alikes(texts, constraint, shown)
    lacking = _lacking(texts, line)
    scores = {text: _score(text, shown, told) - _OF_MARK * lacking[text] for text in texts}
    weighed = {text: score + (constraint.weigh(text) if constraint.weigh else 0.0) for text, score in scores.items()}
    ranked = sorted(weighed, key=weighed.__getitem__, reverse=True)
    first = ranked[0]
    # Texts that differ by spaces alone are one text.
    others = [text for text in ranked[1:] if automaton.plain(text) != automaton.plain(first)]
    margin = min(weighed[first] - weighed[others[0]] if others else _MOST_MARGIN, _MOST_MARGIN)
    strain = max(0.0, _free(line) - _fit(first, shown, told)) / max(len(first), len(line.plain[0]), 1)
    if strain > _MOST_STRAIN:
        return FieldText(line.plain[0], line.plain[1], fits=False, strain=strain)
    rank = sum(score > scores[first] for score in scores.values())
    odds = _BIAS + _OF_MARGIN * margin - _OF_STRAIN * strain - _OF_RANK * math.log1p(rank)
    rival = max((value for text, value in weighed.items() if lacking[text] < lacking[first]), default=-math.inf)
    doubted = weighed[first] - rival < _MOST_MARGIN
    confidence = min(100 * logistic(odds), _WITHOUT_MARK if doubted else 100.0)
    found = FieldText(first, confidence, True, margin, strain, rank, others[0] if margin < 1 else "")
    return found if constraint.weigh else _as_it_looks(found, line, automaton)


def _as_it_looks(found: FieldText, line: FieldLine, automaton: Automaton) -> FieldText:
    """A code, its O and 0 told by their look; less sure where that tells nothing and either may stand there."""
    text = found.text
    if not round_signs.is_mixed(text):
        return found
    plain = text.replace(" ", "")
    seen = next((one for one in line.shown if len(one.text.replace(" ", "")) == len(plain)), None)
    middles = [(each.left + each.right) / 2 for each in seen.symbols if each.text != " "] if seen else []
    sight = line.evidence.sight
    looks = round_signs.told(text, np.asarray(cv2.subtract(sight.ink, sight.rules), np.uint8), middles)
    for place, (sign, look) in enumerate(zip(text, looks, strict=True)):
        swapped = found.text[:place] + ("0" if sign == "O" else "O") + found.text[place + 1 :]
        if sign in "O0" and look != sign and automaton.matches(swapped):
            if look != "?":
                found = replace(found, text=swapped)
            elif not round_signs.is_among_its_kind(text, place):
                found = replace(found, confidence=min(found.confidence, _ROUND))
    return found


def _lacking(texts: set[str], line: FieldLine) -> dict[str, int]:
    """How many points and dashes each text lacks that are seen as ink, and that another text has."""
    sight = line.evidence.sight
    found = small_marks(np.asarray(cv2.subtract(sight.ink, sight.rules), np.uint8))
    lacking = {text: found.lacking(text) for text in texts}
    least = min(lacking.values())
    return {text: count - least for text, count in lacking.items()}


def _look_alikes(texts: set[str], constraint: Constraint, shown: list[Decoder]) -> set[str]:
    """Texts that differ from the best one by one or two characters that look alike, and whose check digits hold better.

    A search by how likely each character is meets them late: both of two that look alike may be seen with doubt only.
    """
    weigh = constraint.weigh
    assert weigh is not None  # noqa: S101 - the caller has looked
    main = max(texts, key=lambda text: _score(text, shown, None) + weigh(text) if shown else weigh(text))
    swaps = [(place, other) for place, sign in enumerate(main) for other in _ALIKE.get(sign, "")]
    found = {main[:place] + other + main[place + 1 :] for place, other in swaps}
    for (place, other), (second, another) in combinations(swaps[:_MOST_SWAPS], 2):
        if place != second:
            signs = list(main)
            signs[place], signs[second] = other, another
            found.add("".join(signs))
    better = [text for text in found if weigh(text) > weigh(main) and constraint.automaton.matches(text)]
    return set(sorted(better, key=weigh, reverse=True)[:_MOST_ALIKE])


def _free(line: FieldLine) -> float:
    """How well the text fits that was read without any knowledge of the field."""
    anything = compiled(ANYTHING)
    shown = [Decoder(one, anything) for one in line.shown]
    told = Decoder(line.alternatives, anything) if line.alternatives is not None else None
    return _fit(line.plain[0], shown, told)


def _fit(text: str, shown: list[Decoder], told: Decoder | None) -> float:
    """How well a text fits what the engine saw that looks closest, without bound."""
    if shown:
        return max(decoder.fit(text) for decoder in shown)
    return told.fit(text) if told else 0.0


def _score(text: str, shown: list[Decoder], told: Decoder | None) -> float:
    fits = [max(_LEAST_FIT, decoder.fit(text)) for decoder in shown]
    seen = sum(fits) / len(fits) if fits else 0.0
    if told is None:
        return seen
    own = max(_LEAST_FIT, told.fit(text))
    return seen + (_TRUST * own if shown else own)


def constraint(
    expression: str = ANYTHING, characters: str | None = None, weigh: Callable[[str], float] | None = None
) -> Constraint:
    """What may stand in a field; see `pattern.compiled`, which raises InvalidRequest for what it does not support."""
    return Constraint(compiled(expression, characters), weigh)


def passes(valid: Callable[[str], bool], one_in: int) -> Callable[[str], float]:
    """Weighs texts by check digits, which one in so many texts passes by chance.

    What is printed passes nearly always: 98 in 100.
    """
    right, wrong = math.log(0.98 * one_in), math.log(0.02 * one_in / (one_in - 1))
    return lambda text: right if valid(text) else wrong
