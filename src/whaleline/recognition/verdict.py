"""What is thought of a line's readings: whether more must be looked at, and whether the line is answered."""

from __future__ import annotations

from dataclasses import replace

from whaleline.recognition.candidates import similarity
from whaleline.recognition.emission import Emission
from whaleline.recognition.page import Block, Line

_SURE = 92.0
"""Confidence of the least sure symbol from which on no further picture is shown."""

_AGREEMENT = 0.45  # similarity of two readings, under which they have next to nothing in common
_LOST = 70.0  # confidence with which an engine must have read a line for it to be answered in any case
_CUT = 0.6  # of the height of the line beside it, less of which an edge may leave of a line
_CLEAR = 75.0  # confidence of a line: tips have up to 71, halves of letters that are read right 76 to 85
_TIPS = 30.0  # confidence of a line of tips: it is told as not read

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


def tips_told(blocks: tuple[Block, ...], height: int) -> tuple[Block, ...]:
    """The blocks, without certainty about lines of which the picture's edge leaves the tips of the letters.

    They lie at its upper or lower edge, lower than the whole line beside them, and read as what they are not.

    Args:
        blocks: boxes in the picture's pixels.
        height: of the picture.
    """
    whole = [line for block in blocks for line in block.lines if line.box.top > 0 and line.box.bottom < height]

    def told(line: Line) -> Line:
        if line.confidence >= _CLEAR or not any(map(str.isalnum, line.text)) or line in whole:
            return line
        beside = min(whole, key=lambda other: abs(other.box.top + other.box.bottom - line.box.top - line.box.bottom))
        return line.at_most(_TIPS) if line.box.height < _CUT * beside.box.height else line

    return tuple(Block(tuple(told(line) for line in block.lines)) for block in blocks) if whole else blocks
