"""Blocks side by side whose lines make no rows, such as a sender's and a receiver's address on a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import median

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Block, Line, Word

_WHITE = 3.0  # words' heights of white between two blocks, at least
_NEXT, _LARGER = 1.0, 2.0  # lines' heights of white between two lines of a block, and times as high, at most
_COMMON = 0.5  # of the shorter line's width, that lies under the line above
_LEAST_LINES = 4  # of two blocks, which lie beside the other one, that tell whether they make rows
_IN_ROWS = 0.7  # of these lines; where fewer are in a row of the other block, the two are apart


@dataclass(frozen=True, eq=False)
class _Piece:
    """A piece of a row: its line, and the number of the row."""

    line: Line
    row: int


def apart(rows: Sequence[Line]) -> list[Block]:
    """The blocks of a page that do not belong in its rows, since the block beside them has lines of another pitch.

    Args:
        rows: of the page, each its words in the order of reading; the lines of the blocks are pieces of them.
    """
    found: dict[int, list[_Piece]] = {}
    blocks = sorted(_blocks(rows), key=lambda block: block[0].line.box.top)
    for place, one in enumerate(blocks):
        end = one[-1].line.box.bottom
        for other in takewhile(lambda block, end=end: block[0].line.box.top < end, blocks[place + 1 :]):  # type: ignore[misc]
            if _are_apart(one, other):
                found |= {id(one): one, id(other): other}
    return [Block(tuple(piece.line for piece in block)) for block in found.values()]


def _blocks(rows: Sequence[Line]) -> list[list[_Piece]]:
    """Two lines and more close below each other."""
    pieces = [piece for number, row in enumerate(rows) for piece in _pieces(row, number)]
    found: list[list[_Piece]] = []
    open_: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.line.box.top):
        box = piece.line.box
        open_ = [block for block in open_ if box.top - block[-1].line.box.bottom < _NEXT * box.height]
        above = [block for block in open_ if _follows(block[-1].line.box, box)]
        if len(above) == 1:
            above[0].append(piece)
        else:
            found.append([piece])
            open_.append(found[-1])
    return [block for block in found if len(block) > 1]


def _pieces(row: Line, number: int) -> list[_Piece]:
    """A row parted at its wide white."""
    white = _WHITE * median(word.box.height for word in row.words)
    parts: list[list[Word]] = []
    end = 0
    for word in sorted(row.words, key=lambda word: word.box.left):
        if not parts or word.box.left - end > white:
            parts.append([])
        parts[-1].append(word)
        end = max(end, word.box.right)
    place = {id(word): index for index, part in enumerate(parts) for word in part}
    return [
        _Piece(Line(tuple(word for word in row.words if place[id(word)] == index)), number)
        for index in range(len(parts))
    ]


def _follows(upper: Rectangle, lower: Rectangle) -> bool:
    """Whether a line is the next one of the same block."""
    small, large = sorted((upper.height, lower.height))
    common = min(upper.right, lower.right) - max(upper.left, lower.left)
    near = lower.top - upper.top > small / 2 and lower.top - upper.bottom < _NEXT * small
    return near and large < _LARGER * small and common > _COMMON * min(upper.width, lower.width)


def _are_apart(one: Sequence[_Piece], other: Sequence[_Piece]) -> bool:
    a, b = (Block(tuple(piece.line for piece in block)).box for block in (one, other))
    if a.left < b.right and b.left < a.right:
        return False
    beside = [
        {piece.row for piece in block if box.top < (piece.line.box.top + piece.line.box.bottom) / 2 < box.bottom}
        for block, box in ((one, b), (other, a))
    ]
    lines = sum(map(len, beside))
    return lines >= _LEAST_LINES and 2 * len(beside[0] & beside[1]) < _IN_ROWS * lines
