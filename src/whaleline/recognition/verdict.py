"""What is thought of a line's readings: whether more must be looked at, and whether the line is answered."""

from __future__ import annotations

from dataclasses import replace

from whaleline.recognition.candidates import similarity
from whaleline.recognition.emission import Emission
from whaleline.recognition.page import Line

_SURE = 92.0
"""Confidence of the least sure symbol from which on no further picture is shown."""

_AGREEMENT = 0.45  # similarity of two readings, under which they have next to nothing in common
_LOST = 70.0  # confidence with which an engine must have read a line for it to be answered in any case
KEPT = 36.0
"""The least confidence of a line that is answered in any case."""


def settled(seen: list[Emission], first: Line | None) -> bool:
    """Whether the last reading is so sure, or so much like another one, that no further picture is needed."""
    last = seen[-1]
    if not last.symbols:
        return False
    if last.least >= _SURE or (first is not None and similarity(first.text, last.text) >= 1):
        return True
    return any(other.text == last.text for other in seen[:-1])


def as_stain(line: Line, first: Line, seen: list[Emission]) -> Line:
    """The line, less sure than what is answered where the engines have next to nothing in common: a stain, a picture.

    On a page Tesseract finds lines where there are none. That is so only where neither engine is sure.
    """
    alike = max(similarity(first.text, one.text) for one in seen)
    if alike >= _AGREEMENT or _surest(first, seen) >= _LOST:
        return line
    return line.at_most(KEPT * alike / _AGREEMENT)


def _surest(first: Line | None, seen: list[Emission]) -> float:
    """The mean confidence of the engine that is surer of a line."""
    means = [sum(symbol.confidence for symbol in one.symbols) / max(1, len(one.symbols)) for one in seen]
    return max(first.confidence if first else 0.0, *means)


def not_lost(line: Line, first: Line | None, seen: list[Emission]) -> Line:
    """The line, sure enough to be answered where an engine had it with confidence, whatever the other said."""
    if line.confidence >= KEPT:
        return line
    if _surest(first, seen) < _LOST:
        return line
    return Line(tuple(replace(word, confidence=max(word.confidence, KEPT)) for word in line.words))
