"""The order in which a line's characters stand on the paper, from left to right."""

from __future__ import annotations

from typing import Final
from unicodedata import bidirectional

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Line
from whaleline.results.characters import printable

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_LEFT_TO_RIGHT: Final = frozenset({"L", "EN", "AN"})


def visual(line: Line) -> list[tuple[str, Rectangle]]:
    """The words' printable texts with their boxes, as a PDF reader expects them.

    Readers take text that runs from right to left as it stands on the paper and turn it round themselves (so
    do the PDFs of typesetting programs); given in reading order it would come out reversed. A line without
    such text stays in reading order.
    """
    words = [(printable(word.text), word.box) for word in line.words if word.text]
    if not any(_runs_leftwards(text) for text, _ in words):
        return words
    return [(_turned(text), box) for text, box in sorted(words, key=lambda word: word[1].left)]


def _runs_leftwards(text: str) -> bool:
    return not text.isascii() and any(bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def _turned(text: str) -> str:
    """A word as it stands on the paper: right-to-left text reversed, numbers and Latin within it kept."""
    if not _runs_leftwards(text):
        return text
    runs: list[str] = []
    for character in text:
        forward = bidirectional(character) in _LEFT_TO_RIGHT
        if forward and runs and bidirectional(runs[-1][-1]) in _LEFT_TO_RIGHT:
            runs[-1] += character
        else:
            runs.append(character)
    return "".join(reversed(runs))
