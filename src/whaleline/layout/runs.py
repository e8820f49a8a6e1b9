"""Runs of lines whose pieces stand below each other: tables without a drawn grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout.columns import cuts
from whaleline.layout.lines import is_number, lines_of, middle, pieces, space, wide
from whaleline.layout.ruling import Ruling
from whaleline.recognition.page import Line, Word

_GAP = 1.3  # times as wide a gap as parts two pieces of a line in a table
_PROSE = 6.0  # words to a piece from which on it is prose
_SENTENCE = 10  # words of a piece, from which on it is prose whatever stands beside it
_APART, _APART_BY_RULE = 4.5, 3.5  # letters' heights between two lines of a table, at most; with a rule there
_NEXT = 1.4  # times as far as the rows of a table are from each other, another one is
_FILLED = 0.45  # of the places of a grid that hold text
_CAPTION = 14  # words between two lines of a table, more of which are the caption of the next one
_LONG = 0.55  # of the column's width, that a line of prose covers
_ITEM = re.compile(r"\(?[0-9]{1,2}[.)]")


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
        counts = [len(piece.words) for piece in self.pieces]
        return len(counts) > 1 and fmean(counts) < _PROSE and max(counts) < _SENTENCE

    @property
    def labels(self) -> tuple[str, ...]:
        """Its words of letters."""
        return tuple(word.text for word in self.words if any(map(str.isalpha, word.text)))

    @property
    def numbers(self) -> int:
        """How many pieces are numbers, but for the one of an item in a list."""
        listed = _ITEM.fullmatch(self.pieces[0].text) is not None
        return sum(is_number(piece.text) for piece in self.pieces[listed:])


def runs(words: Sequence[Word], rules: Ruling, height: float, taken: Sequence[Rectangle]) -> list[Rectangle]:
    """The boxes of the tables without a drawn grid in a column of a page.

    Args:
        words: of the column.
        rules: of the page.
        height: of a letter, in pixels.
        taken: by other tables.
    """
    white = wide(height, space(words, height))
    lines = [_TextLine(line, tuple(pieces(line, _GAP * white))) for line in lines_of(words)]
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
        end = _before_next(lines, start, _end(lines, start, height, width, [*taken, *closing]))
        group = lines[start : end + 1]
        if _is_table(group, height, white, rules):
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


def _before_next(lines: Sequence[_TextLine], start: int, end: int) -> int:
    """The last line of a run before another table with the same heading, which stands after wider white."""
    labels = [line.labels for line in lines[start : end + 1]]
    for place in range(2, len(labels) - 1):
        # Where the rows below have the same labels, too, these are parts of one table.
        if not labels[0] or labels[place] != labels[0] or (labels[1] and labels[place + 1] == labels[1]):
            continue
        body = range(start + 1, start + place)
        steps = {index: middle(lines[index + 1].box) - middle(lines[index].box) for index in body}
        widest = max(steps, key=lambda index: steps[index])
        if steps[widest] > _NEXT * median(steps.values()):
            return max(index for index in range(start, widest + 1) if lines[index].is_tabular)
    return end


def _is_table(group: Sequence[_TextLine], height: float, white: float, rules: Ruling) -> bool:
    """Whether lines of pieces stand below each other in columns."""
    tabular = [line for line in group if line.is_tabular]
    box = bounds([line.box for line in group])
    ruled = [rule for rule in rules.within(box, 2.5 * height).level if rule.length > 0.6 * box.width]
    least = 2 if len(ruled) >= 2 else 3  # noqa: PLR2004
    if len(tabular) < least:
        return False
    uprights = [rule.at for rule in rules.within(box, 0).upright if rule.length > 0.5 * box.height]
    cut = cuts([line.words for line in tabular], uprights, height, white)
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
