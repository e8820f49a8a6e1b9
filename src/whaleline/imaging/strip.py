"""A line of text that lies at any angle, or along a curve, and the same line made level and straight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

Points = npt.NDArray[np.float64]
"""x and y, of shape (n, 2), in a picture's pixels."""


@dataclass(frozen=True, eq=False)
class Strip:
    """What lies within some distance of a path.

    Attributes:
        path: the middle of the line, in reading direction; two points where it is straight.
        half: half of the strip's height, in pixels.
    """

    path: Points
    half: float

    @cached_property
    def _lengths(self) -> npt.NDArray[np.float64]:
        """Of the path up to each of its points."""
        steps = np.hypot(*np.diff(self.path, axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the straightened picture."""
        return max(1, math.ceil(self._lengths[-1])), max(1, math.ceil(2 * self.half))

    @cached_property
    def angle(self) -> float:
        """Degrees clockwise from the picture's x axis to the line from the path's first point to its last."""
        across, down = self.path[-1] - self.path[0]
        return math.degrees(math.atan2(down, across))

    @cached_property
    def box(self) -> Rectangle:
        """Bounds in the picture."""
        width, _ = self.size
        return self.bounds(0, width)

    def cut(self, picture: Picture) -> Picture:
        """The strip's pixels, level and straight.

        Args:
            picture: of shape (height, width).
        """
        width, height = self.size
        centre, normal = self._at(np.arange(width) + 0.5)
        down = np.arange(height) + 0.5 - height / 2
        # OpenCV counts from the centre of the first pixel.
        x = centre[None, :, 0] + down[:, None] * normal[None, :, 0] - 0.5
        y = centre[None, :, 1] + down[:, None] * normal[None, :, 1] - 0.5
        cut = cv2.remap(
            picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(cut, np.uint8)

    def bounds(self, left: float, right: float) -> Rectangle:
        """Bounds in the picture of what lies between two columns of the straightened picture."""
        centre, normal = self._at(np.asarray(np.linspace(left, right, 9), np.float64))
        corners = np.concatenate([centre - self.half * normal, centre + self.half * normal])
        (x1, y1), (x2, y2) = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
        return Rectangle(int(x1), int(y1), int(x2), int(y2))

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point of the picture lies in the strip."""
        ahead = np.diff(self.path, axis=0)
        there = np.array(point) - self.path[:-1]
        part = np.clip((there * ahead).sum(axis=1) / np.maximum((ahead**2).sum(axis=1), 1e-9), 0, 1)
        return bool(np.hypot(*(there - part[:, None] * ahead).T).min() <= self.half)

    def reversed(self) -> Strip:
        """The same strip read the other way, upside down."""
        return Strip(self.path[::-1], self.half)

    def middle(self) -> Points:
        """Points along the path a strip's height apart, from three on, without its ends."""
        width, height = self.size
        return self._at(np.linspace(0.04, 0.96, max(3, width // height + 2)) * width)[0]

    def rim(self) -> Points:
        """Points along the strip's two edges."""
        centre, normal = self._at(self._lengths)
        return np.concatenate([centre - self.half * normal, centre + self.half * normal])

    def _at(self, columns: npt.NDArray[np.floating]) -> tuple[Points, Points]:
        """The path's points at some lengths, and the directions that are down there."""
        lengths = self._lengths
        centre = np.stack([np.interp(columns, lengths, self.path[:, axis]) for axis in (0, 1)], axis=1)
        steps = np.diff(self.path, axis=0) / np.maximum(np.diff(lengths), 1e-9)[:, None]
        middles = (lengths[:-1] + lengths[1:]) / 2
        tangent = np.stack([np.interp(columns, middles, steps[:, axis]) for axis in (0, 1)], axis=1)
        tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
        return centre, np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def whole(picture: Picture) -> Strip:
    """All of a picture as one line, along its longer side.

    Args:
        picture: of shape (height, width).
    """
    height, width = picture.shape
    if width >= height:
        return Strip(np.array([[0.0, height / 2], [width, height / 2]]), height / 2)
    return Strip(np.array([[width / 2, 0.0], [width / 2, height]]), width / 2)


def straight(blob: Points, clip: float) -> Strip:
    """The strip about a blob's smallest rectangle.

    Args:
        blob: points of its outline.
        clip: by how much a detector's blobs are smaller than the text, as area over perimeter; see PP-OCR's `unclip`.
    """
    (x, y), (width, height), degrees = cv2.minAreaRect(blob.astype(np.float32))
    if _turned(width, height, degrees):
        width, height, degrees = height, width, degrees + 90
    degrees = (degrees + 90) % 180 - 90
    if degrees <= -80:  # noqa: PLR2004 - a line that runs down the picture is read from its top
        degrees += 180
    grown = clip * width * height / max(2 * (width + height), 1e-9)
    along = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    reach = (width / 2 + grown) * along
    middle = np.array([x, y])
    return Strip(np.stack([middle - reach, middle + reach]), height / 2 + grown)


def curved(blob: Points, clip: float) -> Strip:
    """The strip along a blob's own middle; the straight one where that hardly bends."""
    level = straight(blob, clip)
    origin, end = level.path
    length = float(np.hypot(*(end - origin)))
    along = (end - origin) / max(length, 1e-9)
    down = np.array([-along[1], along[0]])
    u, v = (blob - origin) @ along, (blob - origin) @ down
    bins = np.linspace(u.min(), u.max(), 25)
    middles, thick = [], []
    for first, last in pairwise(bins):
        inside = v[(u >= first) & (u <= last)]
        if inside.size > 1:
            middles.append(((first + last) / 2, (inside.min() + inside.max()) / 2))
            thick.append(inside.max() - inside.min())
    least = 8  # points on the middle, to fit a curve to
    if len(middles) < least:
        return level
    at = np.array(middles[1:-1])  # the rounded ends say nothing about the middle
    curve = np.polynomial.Polynomial.fit(at[:, 0], at[:, 1], 4)
    height = float(np.median(thick))
    bend = float(np.ptp(curve(at[:, 0])))
    if bend < height / 4:
        return level
    grown = clip * length * height / max(2 * (length + height), 1e-9)
    inner = np.linspace(u.min(), u.max(), 33)
    path = origin + inner[:, None] * along + curve(inner)[:, None] * down
    ends = []
    for outer, before in ((path[0], path[1]), (path[-1], path[-2])):
        step = (outer - before) / max(float(np.hypot(*(outer - before))), 1e-9)
        ends.append(outer + grown * step)
    return Strip(np.concatenate([[ends[0]], path, [ends[1]]]), height / 2 + grown)


def _turned(width: float, height: float, degrees: float) -> bool:
    """Whether a rectangle's height is the line's direction: a tall letter is no line that runs down."""
    steep = abs((degrees + 90) % 180 - 90) > 45  # noqa: PLR2004 - of the width's direction
    long = 1.5
    return height > width if not steep else height * long > width
