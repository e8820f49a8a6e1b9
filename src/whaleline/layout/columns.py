"""Columns by the white between them: gaps that go down through the lines of a table's body."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.lines import is_number, pieces
from whaleline.recognition.page import Line, Word

_CROSSED = 0.1  # of the lines, which may run through the white between two columns
_LEAST_GAP = 0.5  # letters' heights, of the white between columns
_NARROW_GAP = 0.2  # the same, between columns of numbers
_NUMBERS = 0.75  # of the lines, which have numbers on both sides of a narrow gap


def gaps(lines: Sequence[Sequence[Line]], least: float, crossed: float = _CROSSED) -> list[tuple[int, int]]:
    """The stretches (start, end) of white that go down through lines of pieces, with text on either side.

    Args:
        lines: of a table's body.
        least: pixels of the white.
        crossed: share of lines that may run through it.
    """
    boxes = [piece.box for line in lines for piece in line]
    if not boxes:
        return []
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    steps = np.zeros(right - left + 1, np.int64)
    for box in boxes:
        steps[box.left - left] += 1
        steps[box.right - left] -= 1
    free = np.cumsum(steps)[:-1] <= int(crossed * len(lines))
    turns = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(np.int8), [0]])))
    found = [(left + int(a), left + int(b)) for a, b in zip(turns[::2], turns[1::2], strict=True)]
    return [(a, b) for a, b in found if b - a >= least and a > left and b < right]


def cuts(
    lines: Sequence[Sequence[Word]],
    uprights: Sequence[float],
    height: float,
    apart: float,
    heading: Sequence[Sequence[Word]] = (),
) -> list[float]:
    """Where columns part.

    Args:
        lines: of words: the table's body.
        uprights: x of rules between columns.
        height: of a letter.
        apart: pixels that part two pieces of a line.
        heading: lines above the body, whose words a cut goes through as seldom as may be.
    """
    cut = sorted(uprights)
    joined = [pieces(line, apart, cut) for line in lines]
    several = [line for line in joined if len(line) > 1]
    body = _with_numbers(several) if len(_with_numbers(several)) >= max(3, len(several) // 3) else several
    white = gaps(body, _LEAST_GAP * height)
    white = [(a, b) for a, b in white if not any(a - height / 2 < x < b + height / 2 for x in cut)]
    white = [(a, b) for a, b in white if _parts(body, a, b)]
    # A column may part where one word of a heading ends and another column's begins, yet not at a space.
    words = [piece.box for line in heading for piece in pieces(line, apart / 2)]
    words += [word.box for line in lines for word in line]
    found = sorted([*cut, *(_emptiest(a, b, words) for a, b in white)])
    return sorted([*found, *_narrow(lines, found, height)])


def _emptiest(start: int, end: int, boxes: Sequence[Rectangle]) -> float:
    """The middle of the widest stretch between two places that the fewest boxes reach into."""
    steps = np.zeros(end - start + 1, np.int64)
    for box in boxes:
        first, last = max(box.left, start), min(box.right, end)
        if first < last:
            steps[first - start] += 1
            steps[last - start] -= 1
    count = np.cumsum(steps)[:-1]
    least = (count == count.min()).astype(np.int8)
    turns = np.flatnonzero(np.diff(np.concatenate([[0], least, [0]])))
    first, last = max(zip(turns[::2], turns[1::2], strict=True), key=lambda run: run[1] - run[0])
    return float(start + (first + last) / 2)


def _with_numbers(lines: Sequence[Sequence[Line]]) -> list[Sequence[Line]]:
    return [line for line in lines if sum(is_number(piece.text) for piece in line[1:]) * 2 >= len(line) - 1]


def _parts(lines: Sequence[Sequence[Line]], start: int, end: int) -> bool:
    """Whether there is text on both sides of a gap in several lines."""
    both = sum(
        any(piece.box.right <= end for piece in line) and any(piece.box.left >= start for piece in line)
        for line in lines
    )
    return both >= max(2, len(lines) // 5)


def _narrow(lines: Sequence[Sequence[Word]], found: Sequence[float], height: float) -> list[float]:
    """Gaps as wide as a space, between columns of numbers."""
    more = []
    bounds_ = [-np.inf, *found, np.inf]
    for low, high in itertools.pairwise(bounds_):
        inside = [
            [Line((word,)) for word in line if low < (word.box.left + word.box.right) / 2 < high] for line in lines
        ]
        full = [line for line in inside if len(line) > 1]
        if len(full) < max(3, 0.6 * sum(map(bool, inside))):
            continue
        for a, b in gaps(full, _NARROW_GAP * height, 0.0):
            beside = [
                (
                    max((w for w in line if w.box.right <= a + 1), key=lambda w: w.box.right, default=None),
                    min((w for w in line if w.box.left >= b - 1), key=lambda w: w.box.left, default=None),
                )
                for line in full
            ]
            good = sum(
                one is not None and other is not None and _digits(one.text) and _digits(other.text)
                for one, other in beside
            )
            if good >= _NUMBERS * len(full):
                more.append((a + b) / 2)
    return more


def _digits(text: str) -> bool:
    return is_number(text) and any(map(str.isdigit, text))


def column_of(box: Rectangle, cut: Sequence[float]) -> tuple[int, int]:
    """The first and last column that a piece reaches into by a fifth of its width, or of the column's."""
    edges = [-1e9, *cut, 1e9]
    shares = []
    for low, high in itertools.pairwise(edges):
        shares.append(max(0.0, min(high, box.right) - max(low, box.left)) / max(1.0, min(box.width, high - low)))
    first = int(np.argmax(shares))  # of several that are covered, the leftmost
    last = first
    while first > 0 and shares[first - 1] > 0.2:  # noqa: PLR2004
        first -= 1
    while last + 1 < len(shares) and shares[last + 1] > 0.2:  # noqa: PLR2004
        last += 1
    return first, last
