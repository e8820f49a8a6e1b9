"""The bent counterpart of an affine map: where the pixels of a flattened picture lie in the image."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Affine, Point, Rectangle

Points = npt.NDArray[np.float64]
"""x and y in pixels, of shape (..., 2)."""

_SAMPLES = 9  # points on each side of a rectangle, which need not stay straight


@dataclass(frozen=True, eq=False)
class Mesh:
    """A map that is known at the nodes of a grid and bilinear between them; beyond the grid it goes on straight.

    It answers what an Affine answers, so that either can say where a picture lies in an image.

    Attributes:
        nodes: where the nodes go, of shape (rows, columns, 2), at least two of each.
        grid: the map from the picture's pixels to the grid, whose nodes stand at whole columns and rows.
    """

    nodes: Points
    grid: Affine

    def __call__(self, point: Point) -> Point:
        """Where the point goes."""
        x, y = self.points(np.array([point]))[0]
        return float(x), float(y)

    def points(self, points: Points) -> Points:
        """Where many points go, of shape (n, 2)."""
        grid = self.grid
        column = grid.a * points[:, 0] + grid.b * points[:, 1] + grid.c
        row = grid.d * points[:, 0] + grid.e * points[:, 1] + grid.f
        rows, columns = self.nodes.shape[:2]
        left = np.clip(np.floor(column), 0, columns - 2).astype(np.intp)
        top = np.clip(np.floor(row), 0, rows - 2).astype(np.intp)
        x, y = (column - left)[:, None], (row - top)[:, None]
        above = (1 - x) * self.nodes[top, left] + x * self.nodes[top, left + 1]
        below = (1 - x) * self.nodes[top + 1, left] + x * self.nodes[top + 1, left + 1]
        return (1 - y) * above + y * below

    def __matmul__(self, first: Affine) -> Mesh:
        """The map that applies `first`, then this one."""
        return replace(self, grid=self.grid @ first)

    def __rmatmul__(self, then: Affine) -> Mesh:
        """The map that applies this one, then `then`."""
        x, y = self.nodes[..., 0], self.nodes[..., 1]
        moved = np.stack([then.a * x + then.b * y + then.c, then.d * x + then.e * y + then.f], axis=-1)
        return replace(self, nodes=moved)

    def corners(self, rectangle: Rectangle) -> tuple[Point, Point, Point, Point]:
        """Where the rectangle's corners go: those that were top left, top right, bottom right, bottom left."""
        first, second, third, fourth = map(self, rectangle.corners)
        return first, second, third, fourth

    def bounds(self, rectangle: Rectangle) -> Rectangle:
        """The smallest upright rectangle of whole pixels around the mapped one."""
        part = np.linspace(0, 1, _SAMPLES)[:, None]
        corners = np.array([*rectangle.corners, rectangle.corners[0]], np.float64)
        rim = np.concatenate([(1 - part) * start + part * end for start, end in pairwise(corners)])
        mapped = self.points(rim)
        tolerance = 1e-6  # as for affine maps
        left, top = np.floor(mapped.min(axis=0) + tolerance)
        right, bottom = np.ceil(mapped.max(axis=0) - tolerance)
        return Rectangle(int(left), int(top), int(right), int(bottom))

    @property
    def angle(self) -> float:
        """Degrees clockwise by which the picture's middle row lies turned in the image."""
        across, _ = self._middle()
        return math.degrees(math.atan2(across[1], across[0]))

    @property
    def enlargement(self) -> float:
        """The image's pixels for one of the picture's, to a side, in its middle."""
        across, down = self._middle()
        return math.sqrt(abs(across[0] * down[1] - across[1] * down[0]))

    def _middle(self) -> tuple[Point, Point]:
        """What a step of a pixel to the right and one downwards become in the middle of the grid."""
        back = self.grid.inverse()
        rows, columns = self.nodes.shape[:2]
        x, y = back(((columns - 1) / 2, (rows - 1) / 2))
        here = self((x, y))
        across, down = self((x + 1, y)), self((x, y + 1))
        return (across[0] - here[0], across[1] - here[1]), (down[0] - here[0], down[1] - here[1])


Placement = Affine | Mesh
"""How a picture lies in an image."""
