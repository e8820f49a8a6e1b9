"""Rows of set text as their ink shows them: pieces beside each other are one, though words are unread or misplaced.

In small print boxes of words reach over two lines, or over the white between columns, and some words are not read. The
ink tells where a line lies, how high its letters are, and where it begins and ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.layout.lines import middle
from whaleline.recognition.page import Line, Word

LEVEL = 0.5
"""Letters' heights between the middles of two pieces of one row, at most."""
PITCH = 2.8
"""Letters' heights from a row to the next one of the same text, at most."""
RIM = 0.25
"""Letters' heights of paper around text, as people draw a region."""

_AROUND = 1.2  # letters' heights above and below a line's middle, in which its ink may lie
_FULL = 0.5  # of the most ink in a row of pixels, that the rows of a line's small letters have
_WITHIN = 0.3  # letters' heights between two such bands of one line
_NEAR = 0.75  # letters' heights between the middle of the words' boxes and that of their ink, at most
_BAND, _LEAST_BAND = 0.6, 0.2  # of letters' heights, that small letters are high
_CORE = 0.35  # letters' heights above and below a line's middle, where its ink is looked for
_SPECK, _DENSE = 0.08, 0.4  # of the core's rows, and of a line's columns, of which ink fills more where there is print
_WHITE = 1.35  # letters' heights of white in which a line ends
_BRIDGED = 4.0  # letters' heights of white within a line of set text, at most
_REACH = 1.0  # letters' heights from a line's middle, that its letters reach at most
_LARGER, _PIXELS = 1.3, 2  # times as high, and pixels of small letters, from which on letters are of another size
_SHORT = 6.0  # letters' heights, too short a row to tell the size of its letters by
_NEAREST = 60  # rows above and below a row, that may have to do with it


@dataclass(eq=False, slots=True)
class TextRow:
    """A row of text, or a piece of one.

    Attributes:
        words: that were read of it, in no order.
        y: its middle.
        height: of its letters from foot to head, by that of the small ones.
        left: where its ink begins.
        right: where it ends.
    """

    words: list[Word]
    y: float
    height: float
    left: int
    right: int

    @property
    def width(self) -> int:
        """Pixels, 1 at least."""
        return max(1, self.right - self.left)

    @property
    def box(self) -> Rectangle:
        """The row with a rim of paper; it may reach beyond the picture."""
        tops, bottoms = [word.box.top for word in self.words], [word.box.bottom for word in self.words]
        top = min(median(tops), max(min(tops), self.y - _REACH * self.height))
        bottom = max(median(bottoms), min(max(bottoms), self.y + _REACH * self.height))
        rim = RIM * self.height
        return Rectangle(round(self.left - rim), round(top - rim), round(self.right + rim), round(bottom + rim))

    def common(self, other: TextRow) -> float:
        """The share of the narrower row's width that lies over or under the other one; below 0 where they are apart."""
        return (min(self.right, other.right) - max(self.left, other.left)) / min(self.width, other.width)

    def is_as_large(self, other: TextRow) -> bool:
        """Whether letters of both are of one size; so they are where it cannot be told."""
        small, large = sorted((self.height, other.height))
        short = min(self.width, other.width) < _SHORT * small
        return short or large - _PIXELS / _BAND < _LARGER * small


def text_rows(lines: Sequence[Line], dark: Picture) -> list[TextRow]:
    """The rows of text that lines belong to, from the top down.

    Args:
        lines: or pieces of them.
        dark: the ink of the picture that they were read in.
    """
    rows = [row for line in lines for row in _rows(line, dark)]
    for _ in range(2):  # pieces of a line meet in the first turn; then whole rows are beside each other
        rows.sort(key=lambda row: row.y)
        rows = _merged([_settled(row, dark) for row in _grown(rows, dark)])
    rows.sort(key=lambda row: row.y)
    return sorted(_bridged(rows), key=lambda row: row.y)


def beside(rows: Sequence[TextRow], index: int) -> Sequence[TextRow]:
    """The rows, from the top down, that may have to do with one of them; itself included."""
    return rows[max(0, index - _NEAREST) : index + _NEAREST + 1]


def _rows(line: Line, dark: Picture) -> list[TextRow]:
    """A line parted where there is wide white, which boxes of words may be stretched over."""
    box = line.box
    y = median(middle(word.box) for word in line.words)
    height = max(1.0, median(word.box.height for word in line.words))
    row = _settled(TextRow(list(line.words), y, height, box.left, box.right), dark)
    ink = _ink(row, dark, box.left, box.right)
    white = _WHITE * max(height, row.height)
    ends = [
        place
        for place in np.flatnonzero(np.diff(ink) > white).tolist()
        if any(min(word.box.right, ink[place + 1]) - max(word.box.left, ink[place]) > white for word in line.words)
    ]
    if not ends:
        return [row]
    runs = list(
        zip(
            [int(ink[0]), *(int(ink[place + 1]) for place in ends)],
            [*(int(ink[place]) for place in ends), int(ink[-1])],
            strict=True,
        )
    )
    words: list[list[Word]] = [[] for _ in runs]
    for word in line.words:
        common = [min(word.box.right, right + 1) - max(word.box.left, left) for left, right in runs]
        words[int(np.argmax(common))].append(word)
    return [
        TextRow(inside, row.y, row.height, left, right + 1)
        for inside, (left, right) in zip(words, runs, strict=True)
        if inside
    ]


def _settled(row: TextRow, dark: Picture) -> TextRow:
    """The row at the height of its small letters, where most of its ink is."""
    first = max(0, round(row.y - _AROUND * row.height))
    profile = np.count_nonzero(dark[first : round(row.y + _AROUND * row.height) + 1, row.left : row.right], axis=1)
    full = np.concatenate([[0], (profile > _FULL * profile.max(initial=0)).astype(np.int8), [0]])
    turns = np.flatnonzero(np.diff(full))
    bands: list[tuple[int, int]] = []
    for a, b in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        # Feet and heads of letters with serifs hold more ink than what is between them.
        begun = bands.pop()[0] if bands and a - bands[-1][1] < _WITHIN * row.height else a
        bands.append((begun, b))
    near = [band for band in bands if abs(first + sum(band) / 2 - row.y) < _NEAR * row.height]
    top, bottom = max(near, key=lambda band: profile[band[0] : band[1]].sum(), default=(0, 0))
    if _LEAST_BAND * row.height <= bottom - top <= median(word.box.height for word in row.words):
        row.y, row.height = first + (top + bottom) / 2, (bottom - top) / _BAND
    return row


def _ink(row: TextRow, dark: Picture, left: int, right: int) -> npt.NDArray[np.int64]:
    """The x of print in the middle of a row."""
    core = dark[max(0, round(row.y - _CORE * row.height)) : round(row.y + _CORE * row.height) + 1, left:right]
    return left + np.flatnonzero(np.count_nonzero(core, axis=0) > _SPECK * len(core))


def _grown(rows: Sequence[TextRow], dark: Picture) -> list[TextRow]:
    """Each as wide as its ink, words that were not read included, within the rows next to it."""
    limits = []
    for index, row in enumerate(rows):
        near = [
            other
            for other in beside(rows, index)
            if abs(other.y - row.y) < PITCH * row.height and row.common(other) > 0 and row.is_as_large(other)
        ]
        limits.append((min(other.left for other in near), max(other.right for other in near)))
    for row, (low, high) in zip(rows, limits, strict=True):
        ink = _ink(row, dark, low, high)
        row.left -= _reach(row.left - 1 - ink[ink < row.left][::-1], row.height)
        row.right += _reach(ink[ink >= row.right] - row.right, row.height)
    return list(rows)


def _reach(away: npt.NDArray[np.int64], height: float) -> int:
    """How many pixels print goes on beside a row, by how far its ink is away from the row's end."""
    white = np.flatnonzero(np.diff(away, prepend=-1) > _WHITE * height)
    near = away[: white[0]] if len(white) else away
    dense = np.flatnonzero(np.arange(1, len(near) + 1) >= _DENSE * (near + 1))  # specks are not
    return int(near[dense[-1]]) + 1 if len(dense) else 0


def _merged(rows: Sequence[TextRow]) -> list[TextRow]:
    """Level pieces that overlap, made one."""
    found: list[TextRow] = []
    for row in rows:
        whole = row
        for other in found[-_NEAREST:]:
            if abs(other.y - whole.y) < LEVEL * max(whole.height, other.height) and whole.common(other) > 0:
                found.remove(other)
                whole = _joined(whole, other)
        found.append(whole)
    return found


def _joined(one: TextRow, other: TextRow) -> TextRow:
    wide = max(one, other, key=lambda row: row.width)
    left, right = min(one.left, other.left), max(one.right, other.right)
    return TextRow([*one.words, *other.words], wide.y, wide.height, left, right)


def _bridged(rows: Sequence[TextRow]) -> list[TextRow]:
    """Pieces side by side made one where the rows above and below run over the white between them."""
    found: list[TextRow] = []
    for index, row in enumerate(rows):
        near, whole = beside(rows, index), row
        for other in found[-_NEAREST:]:
            left, right = sorted((whole, other), key=lambda each: each.left)
            if (
                abs(left.y - right.y) < LEVEL * row.height
                and 0 <= right.left - left.right < _BRIDGED * row.height
                and all(_runs_over(near, left, right, way) for way in (-1, 1))
            ):
                found.remove(other)
                whole = _joined(whole, other)
        found.append(whole)
    return found


def _runs_over(rows: Sequence[TextRow], left: TextRow, right: TextRow, way: int) -> bool:
    """Whether a row above (-1) or below (1) has print where there is white between two pieces."""
    return any(
        LEVEL * left.height < way * (row.y - left.y) < PITCH * left.height
        and row.left < left.right - left.height
        and row.right > right.left + left.height
        for row in rows
    )
