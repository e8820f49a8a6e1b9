"""The order of a page's lines: an engine reads ledgers column by column, people read them row by row."""

from __future__ import annotations

from itertools import groupby, product
from statistics import fmean

from whaleline.recognition.page import Block, Line

_SAME_ROW = 0.5  # of the smaller line's height, between two centres
_COLUMN_LINES, _COLUMN_WORDS = 5, 4  # at least, of a column of prose: its lines, and words to a line
_TEXT_WORDS, _NOTE_LINES = 7, 2  # at least, of prose with a note: words to a line; and lines of the note


def regroup(blocks: tuple[Block, ...], *, right_to_left: bool = False) -> tuple[Block, ...]:
    """The page's lines joined into rows, from the top down; blocks that share a row become one.

    Two lines are of one row where their centres are within half the smaller one's height. A page on which
    prose runs in columns side by side is left in the engine's order, which follows columns, but for what
    stands above all of them: it comes first.
    """
    prose = [block for block in blocks if _prose(block, _COLUMN_WORDS)]
    columns = [block for pair in product(prose, blocks) if _columns(*pair) for block in pair]
    if columns:
        top = min(block.box.top for block in columns)
        above = sorted((block for block in blocks if block.box.bottom <= top), key=lambda block: block.box.top)
        return (*above, *(block for block in blocks if block.box.bottom > top))
    rows: list[list[tuple[int, Line]]] = []
    lines = [(index, line) for index, block in enumerate(blocks) for line in block.lines]
    for index, line in sorted(lines, key=lambda item: _centre(item[1])):
        row = next((row for row in reversed(rows) if _belongs(line, row)), None)
        if row is None:
            rows.append([(index, line)])
        else:
            row.append((index, line))

    joined = list(range(len(blocks)))  # for each block, the least block that it shares rows with
    for row in rows:
        shared = {joined[index] for index, _ in row}
        joined = [min(shared) if block in shared else block for block in joined]

    rows.sort(key=lambda row: fmean(_centre(line) for _, line in row))
    return tuple(
        Block(tuple(_line([line for _, line in row], right_to_left=right_to_left) for row in group))
        for _, group in groupby(rows, key=lambda row: joined[row[0][0]])
    )


def _columns(text: Block, second: Block) -> bool:
    """Whether prose and another block are columns side by side, or the one has the other as a note in its margin."""
    one, other = text.box, second.box
    if one.left < other.right and other.left < one.right:
        return False
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    if common <= min(one.height, other.height) / 2:
        return False
    return _prose(second, _COLUMN_WORDS) or (_prose(text, _TEXT_WORDS) and len(second.lines) >= _NOTE_LINES)


def _prose(block: Block, words: int) -> bool:
    """Whether a block has lines enough, with so many words on average."""
    return len(block.lines) >= _COLUMN_LINES and fmean(len(line.words) for line in block.lines) >= words


def _belongs(line: Line, row: list[tuple[int, Line]]) -> bool:
    """Whether a line is of a row, whose lines have their centres above its own."""
    if _centre(line) - _centre(row[-1][1]) > _SAME_ROW * line.box.height:
        return False
    centre = fmean(_centre(member) for _, member in row)
    height = min(line.box.height, *(member.box.height for _, member in row))
    return abs(_centre(line) - centre) <= _SAME_ROW * height


def _line(pieces: list[Line], *, right_to_left: bool) -> Line:
    ordered = sorted(pieces, key=lambda piece: piece.box.left, reverse=right_to_left)
    return Line(tuple(word for piece in ordered for word in piece.words))


def _centre(line: Line) -> float:
    return (line.box.top + line.box.bottom) / 2
