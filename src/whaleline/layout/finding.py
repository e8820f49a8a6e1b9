"""Where the tables of a page lie: drawn grids, what stands between rules of one length, and runs of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.framed import framed
from whaleline.layout.lattice import Lattice, lattice
from whaleline.layout.lines import is_leader, middle
from whaleline.layout.page_columns import page_columns
from whaleline.layout.ruling import Ruling, joined
from whaleline.layout.runs import runs
from whaleline.recognition.page import Word

REACH = 0.6
"""Letters' heights between the ends of rules that meet."""

_ONE_FIELD = 0.7  # of a grid's words, that one field holds if it is a frame and no table
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
    found = [grid.box for grid in grids(words, rules, height)]
    sure = [word for word in words if _may_stand_in_one(word)]
    found += [box for box in framed(sure, rules, height) if all(box.intersection(other).is_empty for other in found)]
    rest = [word for word in sure if not any(holds(box, word.box) for box in found)]
    for column in page_columns(rest, height):
        found += runs(column, rules, height, found)
    return sorted(found, key=lambda box: (box.top, box.left))


def _may_stand_in_one(word: Word) -> bool:
    """Whether a word is none that an engine saw in a drawing."""
    return not is_leader(word.text) and word.confidence >= _LEAST_SURE


def grids(words: Sequence[Word], rules: Ruling, height: float) -> list[Lattice]:
    """The drawn grids that hold tables."""
    found: list[Lattice] = []
    for group in joined(rules, REACH * height):
        grid = lattice(group, height)
        if grid is None or len(grid.fields) < 4 or grid.box.height < 2 * height:  # noqa: PLR2004
            continue
        filled = list(
            Counter(
                index
                for word in words
                if (index := grid.field_at((word.box.left + word.box.right) / 2, middle(word.box))) is not None
            ).values()
        )
        if len(filled) < 3 or (max(filled) > _ONE_FIELD * sum(filled) and len(filled) < 6):  # noqa: PLR2004
            continue
        if any(holds(other.box, grid.box) for other in found):
            continue
        found = [other for other in found if not holds(grid.box, other.box)]
        found.append(grid)
    return found


def holds(box: Rectangle, other: Rectangle) -> bool:
    """Whether the middle of another box lies in a box."""
    x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
    return box.left <= x <= box.right and box.top <= y <= box.bottom
