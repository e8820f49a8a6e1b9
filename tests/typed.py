"""Words as a typewriter sets them: each where its letters stand, as a reader gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Word

PITCH, HEIGHT, LINE = 17, 18, 33
"""Pixels from letter to letter, of a letter's height, and from line to line."""

_RIM = 2  # pixels on either side of a letter, within its pitch
_MARKS = {"-": (9, 3), "\u2014": (9, 3), ".": (15, 3)}  # from the top of a line's letters, and how high


def typed(lines: Sequence[str], left: int = 100, top: int = 100) -> list[Word]:
    """The words of lines of text, with boxes that fit their ink."""
    words = []
    for number, line in enumerate(lines):
        for match in re.finditer(r"\S+", line):
            first, high = _MARKS.get(match.group(), (0, HEIGHT))
            y = top + number * LINE + first
            start, end = left + match.start() * PITCH + _RIM, left + match.end() * PITCH - _RIM
            words.append(Word(match.group(), Rectangle(start, y, end, y + high), 90.0))
    return words
