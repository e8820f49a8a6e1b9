"""Which printed words name a field: its label, or its labels.

On most forms a label stands left of its field in the same row, at any distance, with nothing between; or close above
it; or, at a box to tick, close beside it. Words below a field name it only where nothing else does, and where they are
no other field's, as under the line of a signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from whaleline.forms.labels import Label
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

_NEAR = 8  # pixels within which words are close; half a field's shorter side more where no label stands before it
_AS_NEAR = 4  # pixels by which another label may be farther from a field than the nearest one, or overlap it
_FRAME = 8  # pixels around a field, where its own frame is
_DARK = 200  # a pixel of a rule is less
_RULE = 0.9  # of a label's height, that an upright rule beside it runs over at least
_OBLONG = 2.0  # times as wide as high; a field that is less is a box to tick

_Numbers = npt.NDArray[np.intp]
_Chosen = npt.NDArray[np.bool_]


def naming(print_: Picture, these: Sequence[Label], fields: Sequence[Rectangle]) -> Mapping[Rectangle, list[int]]:
    """For each field the numbers of the labels that name it.

    Args:
        print_: the form's.
        these: its labels.
        fields: in its pixels.
    """
    every = _Words(print_, these, fields)
    found = {field: every.naming(field) for field in fields}
    taken = np.logical_or.reduce([np.zeros(len(these), bool), *found.values()])
    last = {field: own if own.any() else every.below(field) & ~taken for field, own in found.items()}
    return {field: np.flatnonzero(own).tolist() for field, own in last.items()}


class _Words:
    def __init__(self, print_: Picture, these: Sequence[Label], fields: Sequence[Rectangle]) -> None:
        self.print_ = print_
        self.left, self.top, self.right, self.bottom = _sides([each.at for each in these])
        self.phrase = np.array([each.phrase for each in these], np.intp)
        self.fields = _sides(fields)

    def naming(self, field: Rectangle) -> _Chosen:
        inside = self._inside(field)
        if inside.any():
            return inside
        before, above = self._before(field), self._above(field)
        close = _close(field)
        after = self._in_row(field) & _within(self.left - field.right, close)
        if field.width < _OBLONG * field.height:
            beside = np.where(self.right <= field.left + _AS_NEAR, field.left - self.right, self.left - field.right)
            sides = _nearest((before | after) & (beside <= close), beside)
            return sides if sides.any() else above if above.any() else before
        if before.any() and not self._is_barred(field, before):
            return before | (above & (field.top - self.bottom <= _NEAR))
        own = above | (before & (field.left - self.right <= close))
        if own.any():
            return own
        after = _nearest(after, self.left - field.right)
        return after if after.any() else before

    def below(self, field: Rectangle) -> _Chosen:
        gap = self.top - field.bottom
        return _nearest(self._in_column(field) & _within(gap, _close(field)), gap)

    def _inside(self, field: Rectangle) -> _Chosen:
        """The words that reach into a field for half of their width and height, or for half of its height."""
        across = np.minimum(self.right, field.right) - np.maximum(self.left, field.left)
        down = np.minimum(self.bottom, field.bottom) - np.maximum(self.top, field.top)
        return np.asarray((2 * across >= self.right - self.left) & (down > _AS_NEAR))

    def _before(self, field: Rectangle) -> _Chosen:
        """The words left of a field: the nearest phrase, and what stands above or below it in the same row."""
        _, top, end, bottom = self.fields
        end = end[(end <= field.left + _AS_NEAR) & _share(top, bottom, field)]
        row = self._in_row(field) & (self.right <= field.left + _AS_NEAR) & (self.left >= end.max(initial=0) - _AS_NEAR)
        if not row.any():
            return np.asarray(row)
        last = row & (self.phrase == self.phrase[row][self.right[row].argmax()])
        return np.asarray(row & (self.right > self.left[last].min()))

    def _above(self, field: Rectangle) -> _Chosen:
        gap = field.top - self.bottom
        return _nearest(self._in_column(field) & _within(gap, _close(field)), gap)

    def _in_row(self, field: Rectangle) -> _Chosen:
        return _share(self.top, self.bottom, field)

    def _in_column(self, field: Rectangle) -> _Chosen:
        return np.asarray((self.left < field.right + _AS_NEAR) & (self.right > field.left - _AS_NEAR))

    def _is_barred(self, field: Rectangle, these: _Chosen) -> bool:
        """Whether an upright rule stands between words and the field right of them."""
        if not these.any():
            return False
        top, bottom = int(self.top[these].min()), int(self.bottom[these].max())
        between = self.print_[top:bottom, int(self.right[these].max()) : max(0, field.left - _FRAME)]
        return bool(between.size and ((between < _DARK).mean(axis=0) > _RULE).any())


def _close(field: Rectangle) -> int:
    return _NEAR + min(field.width, field.height) // 2


def _within(gap: _Numbers, most: int) -> _Chosen:
    return np.asarray((gap >= -_AS_NEAR) & (gap <= most))


def _nearest(these: _Chosen, gap: _Numbers) -> _Chosen:
    return np.asarray(these & (gap <= gap[these].min(initial=1 << 20) + _AS_NEAR))


def _share(top: _Numbers, bottom: _Numbers, field: Rectangle) -> _Chosen:
    """What is in a field's row: by half of its height, or the field's, at least."""
    shared = np.minimum(bottom, field.bottom) - np.maximum(top, field.top)
    return np.asarray(2 * shared >= np.minimum(bottom - top, field.height))


def _sides(these: Sequence[Rectangle]) -> tuple[_Numbers, ...]:
    """Left, top, right and bottom of each."""
    return tuple(np.array([(each.left, each.top, each.right, each.bottom) for each in these], np.intp).reshape(-1, 4).T)
