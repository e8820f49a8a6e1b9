"""The heading of a table: where it ends, and its cells, which may span columns and hold several lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.lines import is_number, line_middle, middle
from whaleline.layout.ruling import Rule, Ruling
from whaleline.layout.table import Placed
from whaleline.layout.units import Unit, placed_in
from whaleline.recognition.page import Line, Word

_OVERLAP, _CLOSE, _MOSTLY = 0.5, 0.9, 0.75  # of widths, letters' heights, of widths: of lines of one heading
_NEAREST = 100  # pieces before a piece of a heading, that it may go on
_RULED = 0.6  # of the gaps between lines, that hold a rule where every row is ruled


def first_of_body(lines: Sequence[Sequence[Word]], wide: Sequence[float]) -> int:
    """Which line follows the rule below the heading; 0 where no rule says so."""
    ys = [line_middle(line) for line in lines]
    inner = [y for y in wide if ys[0] < y < ys[-1]]
    if not inner or len(inner) >= _RULED * (len(lines) - 1):
        return 0
    above = sum(y < inner[0] for y in ys)
    return above if above <= max(2, len(lines) * 0.4) else 0


def headings(placed: Sequence[Sequence[Unit]], columns: int) -> int:
    """How many lines come before the first one with numbers, where most have some."""
    numbers = [_has_numbers(line) for line in placed]
    if sum(numbers) < max(2, len(placed) // 2) or numbers[0]:
        return 0
    first = numbers.index(True)
    # What stands over the first column alone belongs to the rows below it.
    while first and all(unit.last == 0 for unit in placed[first - 1]) and columns > 1:
        first -= 1
    return first if first <= max(3, len(placed) // 3) else 0


def _has_numbers(line: Sequence[Unit]) -> bool:
    others = [unit for unit in line if unit.first > 0]
    return bool(others) and 2 * sum(is_number(unit.lines[0].text) for unit in others) >= len(others)


def in_columns(
    lines: Sequence[Sequence[Word]], cut: Sequence[float], level: Sequence[Rule], height: float, space: float
) -> list[list[Unit]]:
    """The pieces of a heading's lines in their columns.

    What a rule of its own lies under spans what that covers; below it, each column has its own words, however near.
    """
    inner = [rule for rule in level if lines and line_middle(lines[0]) < rule.at < line_middle(lines[-1])]
    found: list[list[Unit]] = []

    def least(piece: Line, first: int, last: int) -> float:
        if _under(piece.box, inner, height):
            return math.inf
        over = any(rule.at < middle(piece.box) and _is_along(rule, piece.box, height) for rule in inner)
        over = over or any(unit.first <= last and first <= unit.last for line in found for unit in line)
        return 0 if over else height / 2

    for line in lines:
        found.append(placed_in(line, cut, height, space, least))  # noqa: PERF401 - `least` looks at those before
    return found


def _under(box: Rectangle, level: Sequence[Rule], height: float) -> list[Rule]:
    """The rules that lie close below a piece and all along it."""
    return [rule for rule in level if 0 < rule.at - middle(box) < 1.5 * height and _is_along(rule, box, height)]


def _is_along(rule: Rule, box: Rectangle, height: float) -> bool:
    return rule.start <= box.left + height and rule.end >= box.right - height


def head(placed: Sequence[Sequence[Unit]], rules: Ruling, height: float) -> list[Placed]:
    """The cells of the heading: pieces below each other are one cell, what lies over several columns spans them."""
    units: list[Unit] = []
    for piece in sorted((unit for line in placed for unit in line), key=lambda unit: middle(unit.box)):
        above = [other for other in units[-_NEAREST:] if _is_next(other, piece, rules.level, height)]
        if above:
            above[-1].lines += piece.lines
            above[-1].first = min(above[-1].first, piece.first)
            above[-1].last = max(above[-1].last, piece.last)
        else:
            units.append(piece)
    if not units:
        return []
    for unit in units:
        _widen(unit, units, rules.level, height)
    depth = [0] * len(units)
    order = sorted(range(len(units)), key=lambda index: units[index].box.top)
    for place, index in enumerate(order):
        for other in order[:place]:
            if _share_columns(units[other], units[index]) and units[other].box.bottom <= middle(units[index].box):
                depth[index] = max(depth[index], depth[other] + 1)
    rows = max(depth) + 1
    result = []
    for index, unit in enumerate(units):
        below = [
            depth[other]
            for other in range(len(units))
            if depth[other] > depth[index] and _share_columns(units[other], unit)
        ]
        last = min(below) - 1 if below else rows - 1
        result.append(Placed(depth[index], unit.first, last, unit.last, tuple(unit.lines)))
    return result


def _share_columns(one: Unit, other: Unit) -> bool:
    return one.first <= other.last and other.first <= one.last


def _is_next(upper: Unit, lower: Unit, level: Sequence[Rule], height: float) -> bool:
    """Whether a piece of a heading is the next line of a cell above it."""
    above, below = upper.lines[-1].box, lower.box
    common = min(upper.box.right, below.right) - max(upper.box.left, below.left)
    if common < _OVERLAP * min(above.width, below.width) or below.top - above.bottom > _CLOSE * height:
        return False
    if _ruled(above, below, level):
        return False
    return (upper.first, upper.last) == (lower.first, lower.last) or common > _MOSTLY * max(
        upper.box.width, below.width
    )


def _widen(unit: Unit, units: Sequence[Unit], level: Sequence[Rule], height: float) -> None:
    """Let a piece span the columns of the rule below it, if that is not the rule below all of the heading."""
    under = _under(unit.box, level, height)
    if not under:
        return
    rule = min(under, key=lambda rule: rule.at)
    below = [other for other in units if other is not unit and other.box.top > rule.at - 0.3 * height]
    over = [other for other in below if rule.start - height < other.centre < rule.end + height]
    beside = [
        other
        for other in units
        if other is not unit
        and abs(middle(other.box) - middle(unit.box)) < height
        and rule.start < other.centre < rule.end
    ]
    if len(over) > 1 and not beside:
        unit.first = min(other.first for other in over)
        unit.last = max(other.last for other in over)


def _ruled(upper: Rectangle, lower: Rectangle, level: Sequence[Rule]) -> bool:
    """Whether a rule runs between two boxes."""
    left, right = max(upper.left, lower.left), min(upper.right, lower.right)
    return any(middle(upper) < rule.at < middle(lower) and rule.start < right and rule.end > left for rule in level)
