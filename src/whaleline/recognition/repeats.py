"""Lines that were read twice."""

from __future__ import annotations

from rapidfuzz import fuzz

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Block, Line
from whaleline.recognition.writing import plain

_SAME = 70.0  # per cent; how similar a reading of one line is to the other one or to a part of it
_MOST = 0.7  # of a line's width, that lies on the other one's words
_LEVEL = 0.5  # of the lower word's height, that two words on one level have in common


def once(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with the surer reading alone of a line that was read twice.

    Among specks Tesseract may find a line in the middle of another one's letters, and both engines then read it whole.
    A reading goes only where one that stays covers it.
    """
    kept: list[Line] = []
    for line in sorted((line for block in blocks for line in block.lines), key=lambda line: -line.weight):
        if not any(_covers(other, line) for other in kept if _meet(other.box, line.box)):
            kept.append(line)
    stay = set(map(id, kept))
    left = (tuple(line for line in block.lines if id(line) in stay) for block in blocks)
    return tuple(Block(lines) for lines in left if lines)


def _covers(whole: Line, part: Line) -> bool:
    """Whether a line is a reading of what another one was read of, or of a part of that.

    Words are compared and not lines: where lines lean, the boxes of neighbours lie over each other.
    """
    on = sum(_common(word.box, other.box) for word in part.words for other in whole.words)
    if on < _MOST * sum(word.box.width for word in part.words):
        return False
    return fuzz.partial_ratio(plain(part.text).casefold(), plain(whole.text).casefold()) >= _SAME


def _common(one: Rectangle, other: Rectangle) -> int:
    """The width that two words on one level have in common."""
    common = one.intersection(other)
    level = common.height >= _LEVEL * min(one.height, other.height)
    return 0 if common.is_empty or not level else common.width


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom
