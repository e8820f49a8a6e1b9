"""Fields cut out of a scan."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from whaleline.errors import UnreadableImage
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.mesh import Placement, Points
from whaleline.imaging.picture import Picture
from whaleline.imaging.region import MAX_SIDE

_MARGIN = 0.5  # of a pixel: where the middle of a pixel lies
_TILE = 1024  # pixels to a side that are cut at once
_AROUND = 3  # pixels around what is cut, which the interpolation looks at


def cut(scan: Picture, placement: Placement, rectangle: Rectangle) -> tuple[Picture, Placement]:
    """A field's picture, straight from the scan by one interpolation, and the map from it to the scan.

    It is upright, and of the scan's resolution where the field lies.

    Args:
        scan: uint8 of shape (height, width) or (height, width, 3).
        placement: the map from the template's pixels to the scan's.
        rectangle: in the template's pixels.

    Raises:
        UnreadableImage: no pixel of it lies in the scan.
    """
    if _outside(np.array(placement.corners(rectangle)), scan.shape):
        raise UnreadableImage("it lies outside the page")
    width, height = size(scan, placement, rectangle)
    back = Affine.shift(rectangle.left, rectangle.top) @ Affine.scale(
        rectangle.width / width, rectangle.height / height
    )
    own = placement @ back
    picture = np.empty((height, width, *scan.shape[2:]), np.uint8)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            part = picture[top : top + _TILE, left : left + _TILE]
            part[:] = _part(scan, own @ Affine.shift(left, top), part.shape)
    return picture, own


def size(scan: Picture, placement: Placement, rectangle: Rectangle) -> tuple[int, int]:
    """Width and height of a field's picture, in pixels."""
    corners = np.array(placement.corners(rectangle))
    top, right, bottom, left = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    most = 2 * max(scan.shape[:2])  # where a photograph shows a small part of a page, another may lie far outside
    width, height = (min(most, max(1, math.ceil(side))) for side in (max(top, bottom), max(left, right)))
    return width, height


def _part(scan: Picture, placement: Placement, shape: Sequence[int]) -> Picture:
    """A part of a field's picture; small, for each of its pixels takes many bytes while it is made."""
    height, width = shape[:2]
    across, down = np.meshgrid(np.arange(width) + _MARGIN, np.arange(height) + _MARGIN)
    points = _placed(placement, np.stack([across.ravel(), down.ravel()], axis=1)) - _MARGIN
    # OpenCV takes no picture with a side of 2^15 pixels, so it is shown no more of the scan than it needs.
    high, wide = scan.shape[:2]
    left, top = np.clip(np.floor(points.min(axis=0)) - _AROUND, 0, (wide - 1, high - 1)).astype(int)
    right, bottom = np.clip(np.ceil(points.max(axis=0)) + _AROUND, 1, (wide, high)).astype(int)
    seen = scan[top:bottom, left:right]
    if max(seen.shape[:2]) >= MAX_SIDE:
        raise UnreadableImage(f"its picture needs {right - left} x {bottom - top} pixels of the page at once")
    x, y = ((points[:, axis] - (left, top)[axis]).reshape(height, width).astype(np.float32) for axis in (0, 1))
    return np.asarray(cv2.remap(seen, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _placed(placement: Placement, points: Points) -> Points:
    if not isinstance(placement, Affine):
        return placement.points(points)
    matrix = np.array([[placement.a, placement.b], [placement.d, placement.e]])
    return np.asarray(points @ matrix.T + [placement.c, placement.f])


def _outside(corners: Points, shape: Sequence[int]) -> bool:
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool((high <= 0).any() or low[0] >= shape[1] or low[1] >= shape[0])
