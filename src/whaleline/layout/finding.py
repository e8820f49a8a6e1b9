"""Where the tables of a page lie: drawn grids, what stands between rules of one length, and runs of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.framed import framed
from whaleline.layout.lattice import Field, Lattice, lattice
from whaleline.layout.lines import is_number, middle, without_leaders
from whaleline.layout.page_columns import page_columns
from whaleline.layout.ruling import Ruling, joined
from whaleline.layout.runs import runs
from whaleline.recognition.page import Word

REACH = 0.6
"""Letters' heights between the ends of rules that meet."""

_ONE_FIELD = 0.7  # of a grid's words, that one field holds if it is a frame and no table
_FILLED = 0.5  # of a grid's area, that fields with text cover, and the bars of a chart do not
_LEAST_SURE = 35.0  # confidence of a word in a table


def places(words: Sequence[Word], rules: Ruling, height: float) -> list[Rectangle]:
    """The boxes of a page's tables, from the top down.

    Args:
        words: of the page.
        rules: of the page.
        height: of a letter, in pixels.
    """
    if not height:
        return []
    tables, drawings = _drawn(words, rules, height)
    found = [grid.box for grid in tables]
    sure = [word for word in without_leaders(words, height) if _may_stand_in_one(word)]
    found += [box for box in framed(sure, rules, height) if all(box.intersection(other).is_empty for other in found)]
    taken = [*found, *(grid.box for grid in drawings)]
    rest = [word for word in sure if not any(holds(box, word.box) for box in taken)]
    for column in page_columns(rest, height):
        found += runs(column, rules, height, found)
    return sorted(found, key=lambda box: (box.top, box.left))


def _may_stand_in_one(word: Word) -> bool:
    """Whether a word is none that an engine saw in a drawing."""
    text = any(map(str.isalnum, word.text)) or is_number(word.text)
    return text and word.confidence >= _LEAST_SURE


def grids(words: Sequence[Word], rules: Ruling, height: float) -> list[Lattice]:
    """The drawn grids that hold tables; arguments as for `places`."""
    return _drawn(words, rules, height)[0] if height else []


def _drawn(words: Sequence[Word], rules: Ruling, height: float) -> tuple[list[Lattice], list[Lattice]]:
    """The drawn grids that hold tables, and those that are drawings, like the bars of a chart."""
    found: list[Lattice] = []
    drawings: list[Lattice] = []
    for group in joined(rules, REACH * height):
        grid = lattice(group, height)
        if grid is None or len(grid.fields) < 4 or grid.box.height < 2 * height:  # noqa: PLR2004
            continue
        filled = Counter(
            index
            for word in words
            if (index := grid.field_at((word.box.left + word.box.right) / 2, middle(word.box))) is not None
        )
        if len(filled) < 3 or (max(filled.values()) > _ONE_FIELD * filled.total() and len(filled) < 6):  # noqa: PLR2004
            continue
        if _share_with_text(grid, [grid.fields[index] for index in filled]) < _FILLED:
            drawings.append(grid)
            continue
        if any(holds(other.box, grid.box) for other in found):
            continue
        found = [other for other in found if not holds(grid.box, other.box)]
        found.append(grid)
    return found, drawings


def _share_with_text(grid: Lattice, filled: Sequence[Field]) -> float:
    """The share of a grid that fields with text cover, without what follows the last of them, as forms have it."""
    rows, columns = max(each.row + each.rows for each in filled), max(each.column + each.columns for each in filled)
    boxes = [grid.box_of(field) for field in filled]
    used = (grid.ys[rows] - grid.ys[0]) * (grid.xs[columns] - grid.xs[0])
    return sum(box.width * box.height for box in boxes) / max(1.0, used)


def holds(box: Rectangle, other: Rectangle) -> bool:
    """Whether the middle of another box lies in a box."""
    x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
    return box.left <= x <= box.right and box.top <= y <= box.bottom
