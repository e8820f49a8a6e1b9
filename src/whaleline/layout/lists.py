"""Lists in columns, such as names and years: short entries side by side, which are read row by row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from statistics import fmean

from whaleline.layout.rows import LEVEL, TextRow

_LEVEL = 0.3  # letters' heights between the middles of two entries of one row, at most
_LEAST = 2  # rows of a list whose entries stand side by side
_FEW, _MANY = 4, 7  # words of an entry: fewer in one of two columns, and fewer in the other one; more are prose

Part = list[TextRow]
"""Rows of text, from the top down."""


def united(parts: Sequence[Part]) -> list[Part]:
    """The parts with those made one that are columns of a list.

    Beside another column, each entry stands level with one of its entries. The entries of a column are alike: all have
    a digit in them, or none has. So two addresses side by side are no list; nor are two columns of prose.
    """
    group = list(range(len(parts)))  # for each part, the first part of its list
    level: list[set[int]] = [set() for _ in parts]  # for each part, its rows that are level with others
    alike = sorted((index for index, part in enumerate(parts) if _are_alike(part)), key=lambda index: parts[index][0].y)
    for place, one in enumerate(alike):
        end = parts[one][-1].y + parts[one][-1].height
        for other in takewhile(lambda index, end=end: parts[index][0].y < end, alike[place + 1 :]):  # type: ignore[misc]
            pairs = _level_rows(parts[one], parts[other])
            if pairs:
                first, second = sorted((group[one], group[other]))
                group = [first if each == second else each for each in group]
                level[one] |= {id(row) for row, _ in pairs}
                level[other] |= {id(row) for _, row in pairs}
    found: list[Part] = []
    lists: dict[int, list[int]] = {}
    for index, first in enumerate(group):
        lists.setdefault(first, []).append(index)
    for members in lists.values():
        if max(len(level[index]) for index in members) < _LEAST:
            found += [parts[index] for index in members]
        else:
            found.append(sorted((row for index in members for row in parts[index]), key=lambda row: row.y))
    return found


def _are_alike(part: Part) -> bool:
    return len({any(char.isdigit() for word in row.words for char in word.text) for row in part}) == 1


def _level_rows(one: Part, other: Part) -> list[tuple[TextRow, TextRow]]:
    """The rows of two parts side by side that are level; none where some are not, or the parts are prose."""
    few, many = sorted((_words(one), _words(other)))
    if few >= _FEW or many >= _MANY or not (_right(one) <= _left(other) or _right(other) <= _left(one)):
        return []
    beside = [
        [row for row in part if them[0].y - LEVEL * row.height < row.y < them[-1].y + LEVEL * row.height]
        for part, them in ((one, other), (other, one))
    ]
    if len(beside[0]) != len(beside[1]):
        return []
    pairs = list(zip(*beside, strict=True))
    if not all(abs(a.y - b.y) < _LEVEL * max(a.height, b.height) for a, b in pairs):
        return []
    return pairs


def _words(part: Part) -> float:
    return fmean(len(row.words) for row in part)


def _left(part: Part) -> int:
    return min(row.left for row in part)


def _right(part: Part) -> int:
    return max(row.right for row in part)
