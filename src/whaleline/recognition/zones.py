"""Lines of a machine readable zone, told by their look and read by their own rules.

An O stands where letters stand and a 0 where digits do; check digits decide where either may stand; and the fillers at
the end, of which nobody counts the right number, fill the line to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from statistics import fmean
from typing import Final

from whaleline.recognition.decoding import ALIKE
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.pattern import Automaton, compiled
from whaleline.values.mrz import LAYOUTS, Layout, held

_LOOK: Final = re.compile(r"(?=.*<)[A-Z0-9<]{24,50}")
_FILLERS: Final = re.compile(r"<{3,}")
_POINTS: Final = re.compile(r"(?<=<)[.,\u00b7]+(?=<|$)")  # tips of fillers
_ANGLES: Final = str.maketrans({"\u00ab": "<<", "\u2039": "<"})
_MOST_LACKING: Final = 6  # fillers, of some forty
_MOST_SWAPS: Final = 4  # characters taken for one that looks alike; with more it is another kind of line
_FAILED: Final = 1.5  # swaps, as many as a check digit that does not hold speaks against a layout
_SURE: Final = 90.0  # confidence of a line: no slip of the eye, but a letter of the same form as a digit is possible
_ONE_FORM: Final = {"0": "O", "O": "0", "1": "I", "I": "1"}
_ALIKE: Final = {sign: row.replace(sign, "") for row in ALIKE for sign in row if sign.isalnum()}


def repaired(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks, their lines of a machine readable zone as one word each, in which letters and digits are told."""
    return tuple(Block(tuple(_repaired(line) for line in block.lines)) for block in blocks)


def _repaired(line: Line) -> Line:
    text = "".join(word.text for word in line.words).translate(_ANGLES)
    text = _POINTS.sub("", text)
    confidence = fmean(word.confidence for word in line.words)
    if not _LOOK.fullmatch(text) or not (found := spelled(text, sure=confidence >= _SURE)) or found == line.text:
        return line
    return Line((Word(found, line.box, confidence),))


def spelled(text: str, *, sure: bool = False) -> str:
    """What a line of a zone says that was read as a text of A to Z, 0 to 9 and <; empty where it is no such line.

    Args:
        text: as it was read.
        sure: whether it was read with confidence; then check digits decide about O and 0, I and 1 alone.
    """
    ways = [
        _told(text, layout, number, _ONE_FORM if sure else _ALIKE)
        for layout in LAYOUTS
        for number in range(len(layout.lines))
    ]
    return min((way for way in ways if way), default=(0.0, ""))[1]


def _told(text: str, layout: Layout, number: int, alike: Mapping[str, str] = _ALIKE) -> tuple[float, str] | None:
    """What a text says as a line of a layout, after the swaps that this costs; None where it cannot be one."""
    filled = _filled(text, layout.width)
    found = _fitted(filled, _automaton(layout, number)) if filled else None
    if found is None:
        return None
    read, failed = _checked(found[1], layout, number, alike)
    return found[0] + _FAILED * failed + abs(len(text) - layout.width) / _MOST_LACKING, read


def _filled(text: str, width: int) -> str:
    """A text with its longest run of fillers as long as the width of the line demands; empty where it has none."""
    lacking = width - len(text)
    if not lacking:
        return text
    runs = sorted(_FILLERS.finditer(text), key=lambda run: len(run[0]))
    if not runs or abs(lacking) > _MOST_LACKING or len(runs[-1][0]) + lacking < 1:
        return ""
    start, end = runs[-1].span()
    return text[:start] + "<" * (end - start + lacking) + text[end:]


@cache
def _automaton(layout: Layout, number: int) -> Automaton:
    return compiled(layout.lines[number])


def _fitted(text: str, automaton: Automaton) -> tuple[float, str] | None:
    """The text that an expression stands for with the least characters swapped, and how many; None with too many."""
    ways: dict[int, tuple[int, str]] = {automaton.start: (0, "")}
    for sign in text:
        grown: dict[int, tuple[int, str]] = {}
        for state, (swaps, before) in ways.items():
            for other in (sign, *_ALIKE.get(sign, "")):
                after, count = automaton.step(state, other), swaps + (other != sign)
                if after and count <= _MOST_SWAPS and (after not in grown or count < grown[after][0]):
                    grown[after] = count, before + other
        ways = grown
    ended = [way for state, way in ways.items() if automaton.is_end(state)]
    return min(ended) if ended else None


def _checked(text: str, layout: Layout, number: int, alike: Mapping[str, str]) -> tuple[str, int]:
    """The text, with a character or two swapped where check digits then hold; and how many of them do not."""
    failed = _failed(text, layout, number)
    for count in (1, 2) if failed else ():
        better = {other for other in _swapped(text, count, alike) if _automaton(layout, number).matches(other)}
        better = {other for other in better if not _failed(other, layout, number)}
        if better:
            return (better.pop(), 0) if len(better) == 1 else (text, failed)
    return text, failed


def _swapped(text: str, count: int, alike: Mapping[str, str]) -> Iterator[str]:
    """The texts in which so many of the characters that mean one thing as a letter and one as a digit are swapped."""
    swaps = [(place, other) for place, sign in enumerate(text) for other in alike.get(sign, "")]
    for chosen in combinations(swaps, count):
        signs = list(text)
        for place, other in chosen:
            signs[place] = other
        yield "".join(signs)


def _failed(text: str, layout: Layout, number: int) -> int:
    """How many check digits do not hold of those that one line has all of."""
    own = [check for check in layout.checks if check[0] == number and all(part[0] == number for part in check[2])]
    lines = ["" if other != number else text for other in range(len(layout.lines))]
    return held(Layout(layout.name, layout.lines, tuple(own)), lines).count(False)
