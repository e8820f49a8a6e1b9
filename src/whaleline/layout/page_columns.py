"""The columns of a page that is set in several."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from whaleline.layout.columns import gaps
from whaleline.layout.lines import line_middle, lines_of, middle, pieces, space, wide
from whaleline.recognition.page import Line, Word

_GUTTER = 0.8  # letters' heights of white between two columns of a page
_SET = 0.7  # of a page's column, that a line of its prose covers


def page_columns(words: Sequence[Word], height: float) -> list[list[Word]]:
    """The columns of a page set in several, each with its words; one where it is not.

    Args:
        words: of the page.
        height: of a letter, in pixels.
    """
    lines = lines_of(words)
    white = wide(height, space(words, height))
    if len(lines) < 8:  # noqa: PLR2004
        return [list(words)]
    cut = [
        (a + b) / 2
        for a, b in gaps([[Line((word,)) for word in line] for line in lines], _GUTTER * height, 0.15)
        if _is_gutter(lines, (a + b) / 2, height, white)
    ]
    if not cut:
        return [list(words)]
    # Above and below the prose that stands in columns, what lies over the white may be one table.
    ys = [line_middle(line) for line in lines if any(_set(line, lines, x, white) for x in cut)]
    top, bottom = min(ys, default=0) - height, max(ys, default=0) + height
    edges = [-1e9, *cut, 1e9]
    found = [[word for word in words if middle(word.box) < top]]
    for low, high in itertools.pairwise(edges):
        inside = [word for word in words if low <= (word.box.left + word.box.right) / 2 < high]
        found.append([word for word in inside if top <= middle(word.box) <= bottom])
    found.append([word for word in words if middle(word.box) > bottom])
    return [group for group in found if group]


def _set(line: Sequence[Word], lines: Sequence[Sequence[Word]], x: float, white: float) -> bool:
    """Whether a line on one side of a white stretch is prose that is as wide as the column of a page."""
    for left in (True, False):
        side = [word for word in line if (word.box.right <= x if left else word.box.left >= x)]
        if not side:
            continue
        joined_ = pieces(side, white)
        whole = [word.box for each in lines for word in each if (word.box.right <= x if left else word.box.left >= x)]
        column = max(box.right for box in whole) - min(box.left for box in whole)
        if len(joined_) == 1 and _is_prose(joined_[0]) and joined_[0].box.width > _SET * column:
            return True
    return False


def _is_gutter(lines: Sequence[Sequence[Word]], x: float, height: float, white: float) -> bool:
    """Whether there is prose on either side of a white stretch."""

    def prose(side: Sequence[Sequence[Word]]) -> int:
        joined_ = [pieces(line, white) for line in side if line]
        return sum(len(line) == 1 and _is_prose(line[0]) for line in joined_)

    reach = _GUTTER * height / 2
    free = [line for line in lines if not any(w.box.right > x - reach and w.box.left < x + reach for w in line)]
    left = [[word for word in line if word.box.right <= x] for line in free]
    right = [[word for word in line if word.box.left >= x] for line in free]
    counts = prose(left), prose(right)
    return min(counts) >= 4 and max(counts) >= 8  # noqa: PLR2004


def _is_prose(piece: Line) -> bool:
    """Whether a piece has several words, most of letters."""
    letters = sum(word.text.strip(".,;:()'\"-").isalpha() for word in piece.words)
    return len(piece.words) >= 4 and letters >= 0.6 * len(piece.words)  # noqa: PLR2004
