"""Where the words of a form's picture are, also close to its fields, where frames are and writing runs over.

A small label at the top of a box counts although it reaches into the field, unless the form's picture is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.forms.rules import DARK, runs
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

_CLOSE = 8  # pixels around a field, where its frame is and writing runs over
_TALL = 40  # pixels: an upright rule, not a letter
_SHORT_RULE = 20  # pixels of an upright rule close to a field; a level one is as long as elsewhere
_LOW = 5  # pixels that a letter close to a field is high at least
_AROUND = np.ones((5, 5), np.uint8)  # pixels around a letter that are its own
_MOSTLY = 0.5  # of a part's box, that lies in a field: so does the part; of a field, that lies in the box: a frame
_TOP = 0.45  # of a field's height, where its label is

_Mask = npt.NDArray[np.bool_]
_Numbers = npt.NDArray[np.intp]


def lettering(print_: Picture, mask: Picture, fields: Sequence[Rectangle]) -> _Mask:
    """Where words are.

    Args:
        print_: the form's.
        mask: 0 in its fields.
        fields: in its pixels.
    """
    dark = (print_ < DARK).astype(np.uint8)
    upright = cv2.dilate(runs(dark, (_TALL, 1)), np.ones((3, 7), np.uint8)) > 0
    spared = cv2.erode(mask, np.ones((2 * _CLOSE + 1, 2 * _CLOSE + 1), np.uint8)) == 0
    if not fields:
        return np.asarray(~upright & ~spared)
    letters, writing = _close(dark, spared, _Boxes.of(fields))
    return np.asarray(~upright & ~writing & (letters | ~spared))


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Rectangles: their sides, of a shape that can be broadcast."""

    left: _Numbers
    top: _Numbers
    right: _Numbers
    bottom: _Numbers

    @classmethod
    def of(cls, these: Sequence[Rectangle]) -> _Boxes:
        return cls(*np.array([(each.left, each.top, each.right, each.bottom) for each in these], np.intp).T)

    @property
    def pixels(self) -> _Numbers:
        """Of each."""
        return (self.right - self.left) * (self.bottom - self.top)

    def common(self, other: _Boxes) -> _Numbers:
        """The pixels that each has in common with each of others, of shape (n, m)."""
        across = np.minimum(self.right[:, None], other.right) - np.maximum(self.left[:, None], other.left)
        down = np.minimum(self.bottom[:, None], other.bottom) - np.maximum(self.top[:, None], other.top)
        return np.asarray(np.maximum(across, 0) * np.maximum(down, 0))

    def frames(self, fields: _Boxes) -> _Mask:
        """Which are around most of a field."""
        return np.asarray((self.common(fields) > _MOSTLY * fields.pixels).any(axis=1))

    def grown(self, pixels: int) -> _Boxes:
        """The same with so many pixels around."""
        return _Boxes(self.left - pixels, self.top - pixels, self.right + pixels, self.bottom + pixels)


def _close(dark: Picture, spared: _Mask, fields: _Boxes) -> tuple[_Mask, _Mask]:
    """What is close to fields: where letters of the form are, and where writing is."""
    # A box to tick is no longer than a letter is high, so it is taken away before rules are.
    near, boxes, parts = _parts(dark, spared)
    is_box = (np.maximum(boxes.right - boxes.left, boxes.bottom - boxes.top) <= _TALL) & boxes.frames(fields)
    unboxed = np.where(np.isin(parts, near[is_box]), 0, dark).astype(np.uint8)
    unruled = np.asarray(unboxed - runs(unboxed, (1, _TALL)), np.uint8)
    plain = np.asarray(cv2.subtract(unruled, runs(unboxed, (_SHORT_RULE, 1))), np.uint8)
    near, boxes, parts = _parts(plain, spared)
    is_frame = boxes.frames(fields)
    is_within = (boxes.common(fields) > _MOSTLY * boxes.pixels[:, None]) & ~is_frame[:, None]
    is_below = boxes.bottom[:, None] > fields.top + _TOP * (fields.bottom - fields.top)
    is_filled = (is_within & is_below).any(axis=0)
    if not is_filled.any():
        return _places(parts, near[~is_frame]), np.zeros(dark.shape, bool)
    # Long strokes of letters are no rules where they are part of writing.
    wrote, around, strokes = _parts(unruled, spared)
    reaches = (around.common(fields.grown(_CLOSE)) > 0) & is_filled
    writing = _places(strokes, wrote[reaches.any(axis=1)])
    return _places(parts, near[~is_frame & ~is_within.any(axis=1)]), writing


def _parts(dark: Picture, spared: _Mask) -> tuple[_Numbers, _Boxes, npt.NDArray[np.int32]]:
    """The parts of print close to fields: their numbers, what is around each, and the number of each pixel's part."""
    _, parts, found, _ = cv2.connectedComponentsWithStats(dark)
    near = np.unique(parts[spared])
    near = near[(near > 0) & (found[near, cv2.CC_STAT_HEIGHT] >= _LOW)].astype(np.intp)
    left, top, width, height, _ = found[near].astype(np.intp).T
    return near, _Boxes(left, top, left + width, top + height), np.asarray(parts, np.int32)


def _places(parts: npt.NDArray[np.int32], chosen: _Numbers) -> _Mask:
    return np.asarray(cv2.dilate(np.isin(parts, chosen).astype(np.uint8), _AROUND) > 0)
