"""The bubbles of an answer sheet: rows of rings of one size, each about a letter, to be filled in with a pen."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, halved, most_parts

_LEAST = 8  # pixels of a ring's side
_LONG = 1.7  # times as long as wide, a ring is at most
_ROUND = (0.66, 0.9)  # of the rectangle around it, that an ellipse fills: less than a box, and more than most letters
_CONTENT = 0.25  # of a ring's height, that its letter has at least
_SAME = 0.2  # of the usual side, by which rings of one sheet differ at most
_SMALLER, _LARGER = 0.1, 0.4  # of it, by which one that a pen has filled differs; the letter O of a caption is smaller
_NEAR = 6.0  # sides between the middles of two bubbles of a row
_IN_A_ROW = 3
_RIM = 2  # pixels of grey about a ring; they are paper where it is sharp
_MOST = 100_000  # pieces of ink; with more it is a half-tone, whose outlines take minutes to be told from holes
_FINE = 4_000_000  # pixels of a picture in which bubbles show at half its size, too
_MANY = 40  # rings on a sheet; numbers in circles on a drawing are fewer, and stand in no rows

LEAST = 2 * _MANY
"""Connected parts of an answer sheet: rings and their letters."""


def bubbles(print_: Picture) -> list[Rectangle]:
    """The bubbles of a picture, filled in or not; none where it is no answer sheet.

    Args:
        print_: as `ink` gives it.
    """
    if print_.size > _FINE and not _bubbles(halved(print_), _MANY // 2):
        return []
    return _bubbles(print_, _MANY)


def _bubbles(print_: Picture, least: int) -> list[Rectangle]:
    """The same, of so many rings around letters at least."""
    if most_parts(print_) > _MOST and cv2.connectedComponents(print_, connectivity=8)[0] > _MOST:
        return []
    contours, tree = cv2.findContours(print_, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) < LEAST:
        return []
    parents = np.asarray(tree[0, :, 3], np.int32)
    # On most pages few outlines have anything within their holes, and none need be looked at.
    if np.count_nonzero(np.unique(parents[parents[parents >= 0]]) >= 0) < least:
        return []
    boxes = np.array([cv2.boundingRect(contour) for contour in contours], np.int32)
    shapes = _round(contours, boxes) & ~_holes(parents)
    rings = _in_rows(boxes, _around_letters(boxes, parents) & shapes, least)
    if np.count_nonzero(rings) < least:
        return []
    # Those that a pen has filled, or whose letter touches its ring, lie in the same rows and columns.
    usual = np.median(boxes[rings, 2:], axis=0)
    ratio = boxes[:, 2:] / usual
    alike = (ratio >= 1 - _SMALLER).all(axis=1) & (ratio <= 1 + _LARGER).all(axis=1) & shapes & ~rings
    alike &= _neighbours(boxes, rings, alike, upright=True) >= _IN_A_ROW - 1
    return [Rectangle(x, y, x + wide, y + high) for x, y, wide, high in boxes[rings | alike].tolist()]


def without(picture: Picture, print_: Picture, found: Sequence[Rectangle]) -> Picture:
    """The picture with its bubbles painted as the paper about them.

    Args:
        picture: grey or colour.
        print_: its ink.
        found: as `bubbles` gives them.
    """
    height, width = print_.shape
    clean = picture.copy()
    for box in found:
        around = box.grown(_RIM).intersection(Rectangle(0, 0, width, height))
        rows, columns = slice(around.top, around.bottom), slice(around.left, around.right)
        paper = picture[rows, columns][print_[rows, columns] == 0]
        clean[rows, columns] = np.median(paper, axis=0)
    return clean


def _round(contours: Sequence[cv2.typing.MatLike], boxes: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which outlines may be those of a circle or an ellipse."""
    width, height = boxes[:, 2], boxes[:, 3]
    found = (np.minimum(width, height) >= _LEAST) & (width < _LONG * height) & (height < _LONG * width)
    least, most = _ROUND
    for place in np.flatnonzero(found).tolist():
        filled = cv2.contourArea(cv2.convexHull(contours[place])) / max(1, (width[place] - 1) * (height[place] - 1))
        found[place] = least <= filled <= most
    return np.asarray(found)


def _holes(parents: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which outlines are those of holes."""
    found = np.zeros(len(parents), bool)
    depth = parents
    while (within := depth >= 0).any():
        found ^= within
        depth = np.where(within, parents[depth], -1)
    return found


def _around_letters(boxes: npt.NDArray[np.int32], parents: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which outlines have a hole with a part in it that may be a letter."""
    found = np.zeros(len(boxes), bool)
    for place in np.flatnonzero(parents >= 0):
        around = parents[parents[place]]
        if around >= 0 and boxes[place, 3] >= _CONTENT * boxes[around, 3]:
            found[around] = True
    return found


def _in_rows(boxes: npt.NDArray[np.int32], rings: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.bool_]:
    """Of so many rings at least, those of the usual size that stand with others in a row."""
    if np.count_nonzero(rings) < least:
        return np.zeros_like(rings)
    usual = np.median(boxes[rings, 2:], axis=0)
    rings = rings & (np.abs(boxes[:, 2:] - usual) <= _SAME * usual).all(axis=1)
    return np.asarray(rings & (_neighbours(boxes, rings, rings) >= _IN_A_ROW - 1))


def _neighbours(
    boxes: npt.NDArray[np.int32], rings: npt.NDArray[np.bool_], whose: npt.NDArray[np.bool_], *, upright: bool = False
) -> npt.NDArray[np.intp]:
    """How many of the rings stand next to each of some outlines in its row, or if `upright` in its column, too."""
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    sides = boxes[rings, 2:].mean(axis=0) if rings.any() else np.ones(2)
    counts = np.zeros(len(boxes), np.intp)
    own = middles[rings]
    for place in np.flatnonzero(whose):
        apart = np.abs(own - middles[place]) / sides
        beside, near = apart <= 0.5, (apart > 0.5) & (apart <= _NEAR)  # noqa: PLR2004 - half of a side
        counts[place] = np.count_nonzero(beside[:, 1] & near[:, 0])
        if upright:
            counts[place] += np.count_nonzero(beside[:, 0] & near[:, 1])
    return counts
