"""Lines of text to paragraphs and headings, by what parts them on paper: white, indents, short last lines, sizes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.imaging.picture import Picture
from whaleline.layout import lists
from whaleline.layout.rows import LEVEL, PITCH, TextRow, beside, text_rows
from whaleline.recognition.page import Line

_COMMON = 0.5  # of the narrower one's width, that lies over the other row of one paragraph
_FURTHER = 1.3  # times the usual pitch, from which on a row begins a paragraph
_INDENT = 0.8  # letters' heights that a first line is set in
_ROOM = 1.0  # letters' heights beside the next row's first word, with which it would have fitted on the row above
_MOST = 0.5  # of the rows, that are set in, or end short, where they do not tell where a paragraph begins


def paragraphs(lines: Sequence[Line], dark: Picture) -> list[Rectangle]:
    """The boxes of the paragraphs and headings that lines make up; they may reach beyond the picture by a rim.

    Args:
        lines: or pieces of them with wide white between; none of a table.
        dark: the ink of the picture that they were read in.
    """
    chains = _chains(text_rows(lines, dark))
    steps = [(b.y - a.y) / a.height for chain in chains for a, b in pairwise(chain)]
    usual = median(steps) if steps else 0.0
    parts = [part for chain in chains for piece in _by_white_and_size(chain, usual) for part in _by_edges(piece)]
    return [
        bounds([row.box for row in part])
        for part in lists.united(parts)
        if any(any(map(str.isalnum, word.text)) for row in part for word in row.words)
    ]


def _chains(rows: Sequence[TextRow]) -> list[list[TextRow]]:
    """Rows below each other with no other one beside them: columns of text."""
    below = {id(row): next_ for index, row in enumerate(rows) if (next_ := _next(rows, index, 1))}
    above = {id(row): next_ for index, row in enumerate(rows) if (next_ := _next(rows, index, -1))}
    chains: list[list[TextRow]] = []
    ends: dict[int, list[TextRow]] = {}
    for row in rows:
        upper = above.get(id(row))
        chain = ends.pop(id(upper), None) if upper is not None and below.get(id(upper)) is row else None
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(row)
        ends[id(row)] = chain
    return chains


def _next(rows: Sequence[TextRow], index: int, way: int) -> TextRow | None:
    """The row that comes next below (1) or above (-1); None where there is none, or there are several side by side."""
    row = rows[index]
    near = [
        (way * (other.y - row.y), other)
        for other in beside(rows, index)
        if LEVEL * row.height < way * (other.y - row.y) < PITCH * max(row.height, other.height)
        and row.common(other) > _COMMON
    ]
    first = min((step for step, _ in near), default=0.0)
    level = [other for step, other in near if step < first + LEVEL * row.height]
    return level[0] if len(level) == 1 else None


def _by_white_and_size(chain: Sequence[TextRow], usual: float) -> list[list[TextRow]]:
    """Rows parted where the white between them grows or the size of letters changes.

    Args:
        chain: of rows.
        usual: letters' heights from row to row on the page.
    """
    steps = [b.y - a.y for a, b in pairwise(chain)]
    pitch = median(steps) if len(steps) > 3 else 0.0  # noqa: PLR2004
    parts = [[chain[0]]]
    for step, above, row in zip(steps, chain, chain[1:], strict=False):
        if step > _FURTHER * (pitch or usual * above.height) or not above.is_as_large(row):
            parts.append([])
        parts[-1].append(row)
    return parts


def _by_edges(rows: list[TextRow]) -> list[list[TextRow]]:
    """Rows at one pitch parted before first lines that are set in, and after last lines that end short."""
    if len(rows) < 3:  # noqa: PLR2004
        return [rows]
    height = median(row.height for row in rows)
    left, right = min(row.left for row in rows), max(row.right for row in rows)
    inset = [row.left - left > _INDENT * height for row in rows]
    short = [right - above.right > _first_word(row) + _ROOM * height for above, row in pairwise(rows)]
    listed = not inset[0] and sum(inset) >= _MOST * len(rows)  # items of a list begin further out than they go on
    if listed or sum(inset) > _MOST * len(rows) or sum(short) > _MOST * len(short):
        return [rows]
    parts = [rows[:1]]
    for index in range(1, len(rows)):
        further_in = inset[index] and rows[index].left - rows[index - 1].left > _INDENT * height
        back = not inset[index] and len(parts[-1]) > 1 and inset[index - 1] and inset[index - 2]
        if further_in or back or short[index - 1]:
            parts.append([])
        parts[-1].append(rows[index])
    return parts


def _first_word(row: TextRow) -> int:
    """Pixels that the first word of a row is wide."""
    return min(row.words, key=lambda word: word.box.left).box.width
