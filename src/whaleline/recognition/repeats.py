"""Lines that were read twice."""

from __future__ import annotations

from rapidfuzz import fuzz

from whaleline.recognition.candidates import plain
from whaleline.recognition.page import Block, Line

_SAME = 70.0  # per cent; how similar a reading of one line is to the other one or to a part of it
_COMMON = 0.5  # of the smaller line's width and height, that two readings of one line share


def once(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with the surer reading alone of a line that was read twice.

    Among specks Tesseract may find a line in the middle of another one's letters, and both engines then read it whole.
    """
    lines = sorted((line for block in blocks for line in block.lines), key=lambda line: -line.weight)
    poorer = {id(line) for place, line in enumerate(lines) if any(_is_same(line, other) for other in lines[:place])}
    if not poorer:
        return blocks
    kept = (tuple(line for line in block.lines if id(line) not in poorer) for block in blocks)
    return tuple(Block(lines) for lines in kept if lines)


def _is_same(line: Line, other: Line) -> bool:
    """Whether two lines are readings of the same print, or of a part of it."""
    one, two = line.box, other.box
    if one.bottom <= two.top or two.bottom <= one.top:
        return False
    common = one.intersection(two)
    high, wide = min(one.height, two.height), min(one.width, two.width)
    if common.height < _COMMON * high or common.width < _COMMON * wide:
        return False
    return fuzz.partial_ratio(plain(line.text).casefold(), plain(other.text).casefold()) >= _SAME
