"""Tables between rules of one length, as books set them: one above the heading, one below it, one at the end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout.columns import cuts
from whaleline.layout.lines import lines_of, middle, pieces, space, wide
from whaleline.layout.ruling import Rule, Ruling
from whaleline.recognition.page import Line, Word

_LONG = 15.0  # letters' heights, of such a rule at least
_ALIKE = 1.0  # letters' heights between the ends of two rules of one length
_TABULAR = 0.6  # of the lines between two rules of a table's body, that have several pieces
_LEAST, _LEAST_ALONE = 2, 5  # such lines; and where no rule parts them, since they may be a heading alone
_PROSE = 6  # words to a piece, from which on it is prose
_FILLED = 0.8  # of the places in its columns, that hold a piece
_HEADING = 7.0  # letters' heights of a heading at most


@dataclass(frozen=True, slots=True)
class _Strip:
    """What stands between two rules."""

    words: tuple[Word, ...]
    lines: tuple[tuple[Line, ...], ...]
    height: float

    @property
    def tabular(self) -> int:
        """How many lines have several pieces that are no prose."""
        return sum(len(line) > 1 and sum(len(each.words) for each in line) < _PROSE * len(line) for line in self.lines)

    @property
    def is_body(self) -> bool:
        return bool(self.lines) and self.tabular >= _TABULAR * len(self.lines)


def framed(words: Sequence[Word], rules: Ruling, height: float) -> list[Rectangle]:
    """The boxes of such tables.

    Args:
        words: of the page.
        rules: of the page.
        height: of a letter, in pixels.
    """
    gap = wide(height, space(words, height))
    words = sorted(words, key=_middle)
    found: list[Rectangle] = []
    for group in _alike([rule for rule in rules.level if rule.length > _LONG * height], height):
        strips = [_strip(words, upper, lower, gap, height) for upper, lower in pairwise(group)]
        run: list[_Strip] = []
        for index, strip in enumerate([*strips, None]):
            if strip is not None and strip.is_body:
                above = strips[index - 1] if index and not run else None
                if above and above.tabular and above.height < _HEADING * height:
                    run.append(above)  # a heading, whose spanning lines are single pieces; a caption is all of them
                run.append(strip)
                continue
            least = _LEAST if len(run) > 1 else _LEAST_ALONE
            if sum(each.tabular for each in run) >= least and _is_filled(run, gap, height):
                found.append(bounds([word.box for each in run for word in each.words]))
            run = []
    return found


def _is_filled(run: Sequence[_Strip], gap: float, height: float) -> bool:
    """Whether pieces stand in columns, one in nearly each of their places, which the labels of a drawing do not."""
    lines = [line for strip in run for line in strip.lines if len(line) > 1]
    cut = cuts([[word for piece in line for word in piece.words] for line in lines], [], height, gap)
    share = sum(map(len, lines)) / (len(lines) * (len(cut) + 1))
    return _FILLED <= share <= 2 - _FILLED


def _alike(level: Sequence[Rule], height: float) -> list[list[Rule]]:
    """Rules that begin and end below each other, group by group, each from the top down."""
    groups: list[list[Rule]] = []
    for rule in level:
        for group in groups:
            ends = abs(group[-1].start - rule.start), abs(group[-1].end - rule.end)
            if max(ends) <= _ALIKE * height:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return groups


def _strip(words: Sequence[Word], upper: Rule, lower: Rule, gap: float, height: float) -> _Strip:
    """What stands between two rules, of words from the top down."""
    left, right = min(upper.start, lower.start) - height, max(upper.end, lower.end) + height
    level = words[bisect_right(words, upper.at, key=_middle) : bisect_left(words, lower.at, key=_middle)]
    inside = tuple(word for word in level if left <= (word.box.left + word.box.right) / 2 <= right)
    return _Strip(inside, tuple(tuple(pieces(line, gap)) for line in lines_of(inside)), lower.at - upper.at)


def _middle(word: Word) -> float:
    return middle(word.box)
