"""Tables without a drawn grid: rows and columns by how the text stands, with what rules there are as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.columns import cuts
from whaleline.layout.heading import first_of_body, head, headings, in_columns
from whaleline.layout.lines import is_number, lines_of, middle, space, wide
from whaleline.layout.ruling import Rule, Ruling
from whaleline.layout.table import Placed
from whaleline.layout.units import Unit, placed_in
from whaleline.recognition.page import Line, Word

_WIDE_RULE = 0.6  # of a table's width, that a rule between rows covers
_FROM_LEFT = 2.0  # letters' heights from a table's left edge, where the rule below its heading begins at most
_TALL_RULE = 0.5  # of a table's height, that a rule between columns covers
_BESIDE = 0.1  # letters' heights, by which two lines of one row overlap
_NEAR = 0.9  # letters' heights between two lines of one cell, at most


def structure(words: Sequence[Word], rules: Ruling, box: Rectangle, height: float) -> list[Placed]:
    """The cells of a table.

    Args:
        words: of the table.
        rules: within it.
        box: of the table.
        height: of a letter, in pixels.
    """
    lines = lines_of(words)
    if not lines:
        return []
    usual = space(words, height)
    white = wide(height, usual)
    across = _across(rules.level, box)
    tall = [rule.at for rule in rules.upright if rule.length >= _TALL_RULE * box.height]
    tall = [x for x in tall if box.left + height < x < box.right - height]
    # A rule that leaves out the first column lies below a heading of several columns, not below the whole heading.
    first = first_of_body(lines, [rule.at for rule in across if rule.start <= box.left + _FROM_LEFT * height])
    cut = cuts(lines[first:], tall, height, white, lines[:first])
    if first and len(lines) - first < 3:  # noqa: PLR2004
        cut = cuts(lines, tall, height, white) or cut
    placed = [placed_in(line, cut, height, usual) for line in lines]
    if not first:
        first = headings(placed, len(cut) + 1)
    heading = head(in_columns(lines[:first], cut, rules.level, height, usual), rules, height)
    rows = 1 + max((cell.last_row for cell in heading), default=-1)
    return [*heading, *_body(placed[first:], [rule.at for rule in across], cut, height, rows)]


def _across(level: Sequence[Rule], box: Rectangle) -> list[Rule]:
    """The rules that part rows, parts of one rule taken together."""
    groups: list[list[Rule]] = []
    for rule in level:
        if groups and rule.at - groups[-1][-1].at < 4:  # noqa: PLR2004
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return [
        Rule(fmean(rule.at for rule in group), min(rule.start for rule in group), max(rule.end for rule in group))
        for group in groups
        if sum(rule.length for rule in group) >= _WIDE_RULE * box.width
    ]


def _body(
    placed: Sequence[Sequence[Unit]], wide: Sequence[float], cut: Sequence[float], height: float, start: int
) -> list[Placed]:
    """The cells of the rows below the heading."""
    rows: list[list[Sequence[Unit]]] = []
    edges = [
        max((u.box.right for line in placed for u in line if u.first == u.last == c), default=0)
        for c in range(len(cut) + 1)
    ]
    for line in placed:
        if rows and _continues(rows[-1], line, wide, edges, height):
            rows[-1].append(line)
        else:
            rows.append([line])
    result = []
    for index, row in enumerate(rows, start):
        _spread(row, placed, len(cut))
        by_columns: dict[tuple[int, int], list[Line]] = {}
        for line in row:
            for unit in line:
                by_columns.setdefault((unit.first, unit.last), []).extend(unit.lines)
        result += [Placed(index, first, index, last, tuple(lines)) for (first, last), lines in by_columns.items()]
    return result


def _spread(row: Sequence[Sequence[Unit]], placed: Sequence[Sequence[Unit]], last: int) -> None:
    """Let a piece that stands alone and centred over all columns but the first span them."""
    if len(row) != 1 or len(row[0]) != 1 or row[0][0].first == 0 or last < 2:  # noqa: PLR2004
        return
    unit = row[0][0]
    others = [each.box for line in placed for each in line if each is not unit and each.first > 0]
    if others and not is_number(unit.lines[0].text):
        middle_ = (min(box.left for box in others) + max(box.right for box in others)) / 2
        if abs(middle_ - unit.centre) < 2 * unit.box.height:
            unit.first, unit.last = 1, last


def _continues(
    row: Sequence[Sequence[Unit]], line: Sequence[Unit], wide: Sequence[float], edges: Sequence[int], height: float
) -> bool:
    """Whether a line of text belongs to the row above it: it goes on with cells that were full."""
    above = row[-1]
    top, bottom = min(u.box.top for u in line), max(u.box.bottom for u in above)
    if bottom - top > _BESIDE * height and not any(_share(one, other) for one in above for other in line):
        return True  # rows do not overlap: it is set half a line lower, in the middle of the row
    if top - bottom > _NEAR * height or any(_mid(above) < y < _mid(line) for y in wide):
        return False
    upper = {unit.first: unit for unit in above if unit.first == unit.last}
    lower = {unit.first: unit for unit in line if unit.first == unit.last}
    common = set(upper) & set(lower)
    if len(lower) < len(line) or len(upper) < len(above) or not common:
        return False
    if any(is_number(lower[c].lines[0].text) or not _flows(upper[c], lower[c], edges[c], height) for c in common):
        return False
    # A label of several lines whose row stands at its last one, rather than the heading of what follows.
    return set(lower) <= set(upper) or (set(upper) <= {0} and not lower[0].lines[0].words[0].text[:1].isupper())


def _share(one: Unit, other: Unit) -> bool:
    return one.first <= other.last and other.first <= one.last


def _flows(upper: Unit, lower: Unit, edge: int, height: float) -> bool:
    """Whether the first word of a piece would not have fitted at the end of the one above."""
    word = lower.lines[0].words[0]
    small = word.text[:1].islower() or word.text[:1] in "(&"
    room = edge - upper.box.right
    return room < word.box.width + 0.3 * height or (small and room < 0.5 * (edge - upper.box.left))


def _mid(line: Sequence[Unit]) -> float:
    return median(middle(unit.box) for unit in line)
