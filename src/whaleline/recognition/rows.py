"""The order of a page's lines: an engine reads ledgers column by column, people read them row by row."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import groupby, pairwise, product
from statistics import fmean, median

from whaleline.recognition.apart import apart
from whaleline.recognition.page import Block, Line

_SAME_ROW = 0.5  # of the smaller line's height, between two centres
_COLUMN_LINES, _COLUMN_WORDS = 5, 4  # at least, of a column of prose: its lines, and words to a line
_TEXT_WORDS, _NOTE_LINES = 7, 2  # at least, of prose with a note: words to a line; and lines of the note

_Row = list[tuple[int, Line]]
"""Lines, each with the number of its block."""


def regroup(blocks: tuple[Block, ...], *, right_to_left: bool = False) -> tuple[Block, ...]:
    """The page's lines joined into rows, from the top down; blocks that share a row become one.

    Two lines are of one row where their centres are within half the smaller one's height. A page on which
    prose runs in columns side by side is left in the engine's order, which follows columns, but for what
    stands above all of them: it comes first. Blocks side by side whose lines make no rows are left as they are.
    """
    prose = [block for block in blocks if _prose(block, _COLUMN_WORDS)]
    columns = [block for pair in product(prose, blocks) if _columns(*pair) for block in pair]
    if columns:
        top = min(block.box.top for block in columns)
        above = sorted((block for block in blocks if block.box.bottom <= top), key=lambda block: block.box.top)
        return (*above, *(block for block in blocks if block.box.bottom > top))
    rows = _rows([(index, line) for index, block in enumerate(blocks) for line in block.lines])
    blocks_apart = apart([_line([line for _, line in row], right_to_left=right_to_left) for row in rows])
    if blocks_apart:
        taken = {id(word) for block in blocks_apart for line in block.lines for word in line.words}
        rows = [kept for row in rows if (kept := _without(row, taken))]

    joined = list(range(len(blocks)))  # for each block, the least block that it shares rows with
    for row in rows:
        shared = {joined[index] for index, _ in row}
        joined = [min(shared) if block in shared else block for block in joined]

    placed = [
        (
            fmean(_centre(line) for _, line in row),
            joined[row[0][0]],
            [_line([line for _, line in row], right_to_left=right_to_left)],
        )
        for row in rows
    ]
    placed += [
        (_centre(block.lines[0]), index, list(block.lines)) for index, block in enumerate(blocks_apart, len(blocks))
    ]
    placed.sort(key=lambda item: item[0])
    return tuple(
        Block(tuple(line for _, _, lines in group for line in lines))
        for _, group in groupby(placed, key=lambda item: item[1])
    )


def _rows(lines: Sequence[tuple[int, Line]]) -> list[_Row]:
    """Lines joined with those that are level with them, from the top down."""
    rows: list[_Row] = []
    for index, line in sorted(lines, key=lambda item: _centre(item[1])):
        row = next((row for row in reversed(rows) if _belongs(line, row)), None)
        if row is None:
            rows.append([(index, line)])
        else:
            row.append((index, line))
    return rows


def _without(row: _Row, taken: Set[int]) -> _Row:
    """A row without the words of which these are the `id`s."""
    kept = [(index, tuple(word for word in line.words if id(word) not in taken)) for index, line in row]
    return [(index, Line(words)) for index, words in kept if words]


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
    words = [word for piece in ordered for word in piece.words]
    if not right_to_left and any(_is_amid(two, one) for one, two in pairwise(ordered)):
        words.sort(key=lambda word: word.box.left)
    return Line(tuple(words))


def _is_amid(one: Line, other: Line) -> bool:
    """Whether a piece of a row lies amid another; of two lines beside a large initial, which make a row, none does."""
    height = min(median(word.box.height for word in line.words) for line in (one, other))
    return one.box.left < other.box.right and abs(_middle(one) - _middle(other)) <= _SAME_ROW * height


def _middle(line: Line) -> float:
    """Where most of a line's words have their middle, from the top."""
    return median((word.box.top + word.box.bottom) / 2 for word in line.words)


def _centre(line: Line) -> float:
    return (line.box.top + line.box.bottom) / 2
