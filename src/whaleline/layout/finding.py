"""Where the tables of a page lie: drawn grids, and lines whose pieces stand below each other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout.columns import cuts, gaps
from whaleline.layout.lattice import Lattice, lattice
from whaleline.layout.lines import WIDE, is_leader, is_number, line_middle, lines_of, middle, pieces
from whaleline.layout.ruling import Ruling, joined
from whaleline.recognition.page import Line, Word

REACH = 0.6
"""Letters' heights between the ends of rules that meet."""

_GAP = 1.3 * WIDE  # letters' heights of white between two pieces of a line
_ONE_FIELD = 0.7  # of a grid's words, that one field holds if it is a frame and no table
_PROSE = 6.0  # words to a piece from which on it is prose
_APART, _APART_BY_RULE = 4.5, 3.5  # letters' heights between two lines of a table, at most; with a rule there
_LEAST_SURE = 35.0  # confidence of a word in a table
_GUTTER = 0.8  # letters' heights of white between two columns of a page
_SET = 0.7  # of a page's column, that a line of its prose covers
_FILLED = 0.45  # of the places of a grid that hold text
_CAPTION = 14  # words between two lines of a table, more of which are the caption of the next one
_LONG = 0.55  # of the column's width, that a line of prose covers


@dataclass(frozen=True)
class _TextLine:
    words: tuple[Word, ...]
    pieces: tuple[Line, ...]

    @property
    def box(self) -> Rectangle:
        return bounds([piece.box for piece in self.pieces])

    @property
    def is_tabular(self) -> bool:
        """Whether it has several pieces that are no prose."""
        return len(self.pieces) > 1 and fmean(len(piece.words) for piece in self.pieces) < _PROSE

    @property
    def numbers(self) -> int:
        return sum(is_number(piece.text) for piece in self.pieces)


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
    rest = [word for word in words if not any(holds(box, word.box) for box in found) and _may_stand_in_one(word)]
    for column in page_columns(rest, height):
        found += _aligned(column, rules, height, found)
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


def page_columns(words: Sequence[Word], height: float) -> list[list[Word]]:
    """The columns of a page set in several, each with its words; one where it is not."""
    lines = lines_of(words)
    if len(lines) < 8:  # noqa: PLR2004
        return [list(words)]
    cut = [
        (a + b) / 2
        for a, b in gaps([[Line((word,)) for word in line] for line in lines], _GUTTER * height, 0.15)
        if _is_gutter(lines, (a + b) / 2, height)
    ]
    if not cut:
        return [list(words)]
    # Above and below the prose that stands in columns, what lies over the white may be one table.
    ys = [line_middle(line) for line in lines if any(_set(line, lines, x, height) for x in cut)]
    top, bottom = min(ys, default=0) - height, max(ys, default=0) + height
    edges = [-1e9, *cut, 1e9]
    found = [[word for word in words if middle(word.box) < top]]
    for low, high in itertools.pairwise(edges):
        inside = [word for word in words if low <= (word.box.left + word.box.right) / 2 < high]
        found.append([word for word in inside if top <= middle(word.box) <= bottom])
    found.append([word for word in words if middle(word.box) > bottom])
    return [group for group in found if group]


def _set(line: Sequence[Word], lines: Sequence[Sequence[Word]], x: float, height: float) -> bool:
    """Whether a line on one side of a white stretch is prose that is as wide as the column of a page."""
    for left in (True, False):
        side = [word for word in line if (word.box.right <= x if left else word.box.left >= x)]
        if not side:
            continue
        joined_ = pieces(side, WIDE * height)
        whole = [word.box for each in lines for word in each if (word.box.right <= x if left else word.box.left >= x)]
        wide = max(box.right for box in whole) - min(box.left for box in whole)
        if len(joined_) == 1 and _is_prose(joined_[0]) and joined_[0].box.width > _SET * wide:
            return True
    return False


def _is_gutter(lines: Sequence[Sequence[Word]], x: float, height: float) -> bool:
    """Whether there is prose on either side of a white stretch."""

    def prose(side: Sequence[Sequence[Word]]) -> int:
        joined_ = [pieces(line, WIDE * height) for line in side if line]
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


def _aligned(words: Sequence[Word], rules: Ruling, height: float, taken: Sequence[Rectangle]) -> list[Rectangle]:
    """The tables without a drawn grid in a column of a page."""
    lines = [_TextLine(line, tuple(pieces(line, _GAP * height))) for line in lines_of(words)]
    width = max((line.box.right for line in lines), default=0) - min((line.box.left for line in lines), default=0)
    # Wide white with a rule in it parts two tables, as a table between two others does.
    closing = [
        Rectangle(rule.start, round(rule.at), rule.end, round(rule.at))
        for rule in rules.level
        if rule.length > _LONG * width
    ]
    found: list[Rectangle] = []
    start = 0
    while start < len(lines):
        if not lines[start].is_tabular:
            start += 1
            continue
        end = _end(lines, start, height, width, [*taken, *closing])
        group = lines[start : end + 1]
        if _is_table(group, height, rules):
            first = _top(lines, start, rules, height, width)
            if found and first < start and lines[first].box.top < found[-1].bottom:
                first = start
            found.append(bounds([line.box for line in lines[first : end + 1]]))
        start = end + 1
    return found


def _end(lines: Sequence[_TextLine], start: int, height: float, width: int, parting: Sequence[Rectangle]) -> int:
    """The last line of a run of tabular lines, with single pieces between them."""
    last = start
    for index in range(start + 1, len(lines)):
        line, above = lines[index], lines[index - 1]
        gap = line.box.top - above.box.bottom
        if gap > _APART * height or index - last > 3:  # noqa: PLR2004
            break
        if sum(len(each.words) for each in lines[last + 1 : index + 1]) > _CAPTION and not line.is_tabular:
            break
        between = [box for box in parting if above.box.bottom <= box.top and box.bottom <= line.box.top]
        if any(box.height or gap > _APART_BY_RULE * height for box in between):
            break
        if line.is_tabular:
            last = index
        elif len(line.pieces) == 1 and len(line.words) > _PROSE and line.box.width > _LONG * width:
            break
    return last


def _is_table(group: Sequence[_TextLine], height: float, rules: Ruling) -> bool:
    """Whether lines of pieces stand below each other in columns."""
    tabular = [line for line in group if line.is_tabular]
    box = bounds([line.box for line in group])
    ruled = [rule for rule in rules.within(box, 2.5 * height).level if rule.length > 0.6 * box.width]
    least = 2 if len(ruled) >= 2 else 3  # noqa: PLR2004
    if len(tabular) < least:
        return False
    uprights = [rule.at for rule in rules.within(box, 0).upright if rule.length > 0.5 * box.height]
    cut = cuts([line.words for line in tabular], uprights, height)
    if not cut:
        return False
    count = sum(len(line.pieces) for line in tabular)
    if count < _FILLED * len(tabular) * (len(cut) + 1):
        return False  # labels of a drawing
    numbers = sum(line.numbers for line in tabular) / count
    if numbers < 0.2 and len(ruled) < 2:  # noqa: PLR2004
        return len(tabular) >= 5 and len(cut) >= 2 and fmean(len(p.words) for ln in tabular for p in ln.pieces) < 3  # noqa: PLR2004
    return True


def _top(lines: Sequence[_TextLine], start: int, rules: Ruling, height: float, width: int) -> int:
    """The first line of a table's heading: up to a rule, or as long as short pieces stand close above."""
    box = bounds([line.box for line in lines[start : start + 5]])
    ys = sorted(
        rule.at for rule in rules.level if min(rule.end, box.right) - max(rule.start, box.left) > 0.6 * box.width
    )
    for index in range(start, max(-1, start - 9), -1):
        above = lines[index - 1].box.bottom if index else -1e9
        if any(above - 0.3 * height <= y <= lines[index].box.top + 0.3 * height for y in ys) and (
            index == start or all(line.box.height < 3 * height for line in lines[index:start])
        ):
            rule_here = next(y for y in ys if above - 0.3 * height <= y <= lines[index].box.top + 0.3 * height)
            higher = [y for y in ys if y < rule_here - height]
            if not higher or rule_here - max(higher) > 8 * height:
                return index
    first = start
    while first and lines[first].box.top - lines[first - 1].box.bottom < 0.8 * height:
        line = lines[first - 1]
        if not line.is_tabular and (len(line.words) > _PROSE or line.box.width > _LONG * width):
            break
        first -= 1
    return first
