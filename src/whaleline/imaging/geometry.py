"""Rectangles in pixels, and the affine maps between the pictures they lie in.

Coordinates follow images: x grows to the right, y downwards, and (0, 0) is the outer corner of the first pixel, so a
picture of width w spans x from 0 to w.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle in pixels; `right` and `bottom` are exclusive, so the width is right - left."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def is_empty(self) -> bool:
        """Whether the rectangle holds no pixel."""
        return self.width <= 0 or self.height <= 0

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Top left, top right, bottom right, bottom left."""
        return (
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        )

    def intersection(self, other: Rectangle) -> Rectangle:
        """The common part; empty where the two do not meet."""
        return Rectangle(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def moved(self, right: int, down: int) -> Rectangle:
        """The same rectangle so many pixels to the right and down."""
        return Rectangle(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def grown(self, margin: int) -> Rectangle:
        """The same rectangle with so many pixels more at each side."""
        return Rectangle(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def scaled(self, factor: float) -> Rectangle:
        """The smallest rectangle of whole pixels around this one in a picture `factor` times as large."""
        tolerance = 1e-6  # what rounding adds must not widen it by a pixel
        return Rectangle(
            math.floor(self.left * factor + tolerance),
            math.floor(self.top * factor + tolerance),
            math.ceil(self.right * factor - tolerance),
            math.ceil(self.bottom * factor - tolerance),
        )

    def __str__(self) -> str:
        return f"{self.left},{self.top}-{self.right},{self.bottom}"


def bounds(rectangles: list[Rectangle] | tuple[Rectangle, ...]) -> Rectangle:
    """The smallest rectangle that holds all of them.

    Raises:
        ValueError: there are none.
    """
    return Rectangle(
        min(r.left for r in rectangles),
        min(r.top for r in rectangles),
        max(r.right for r in rectangles),
        max(r.bottom for r in rectangles),
    )


@dataclass(frozen=True, slots=True)
class Affine:
    """The map (x, y) -> (a x + b y + c, d x + e y + f), row by row as OpenCV's warpAffine writes it."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0

    @classmethod
    def shift(cls, x: float, y: float) -> Affine:
        """Move by x and y pixels."""
        return cls(c=x, f=y)

    @classmethod
    def scale(cls, x: float, y: float) -> Affine:
        """Stretch about the origin."""
        return cls(a=x, e=y)

    @classmethod
    def rotation(cls, degrees: float, centre: Point) -> Affine:
        """Turn clockwise, as seen on the screen, about a centre."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = cls(a=cos, b=-sin, d=sin, e=cos)
        return cls.shift(*centre) @ turn @ cls.shift(-centre[0], -centre[1])

    def __call__(self, point: Point) -> Point:
        """Where the point goes."""
        x, y = point
        return (self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f)

    def __matmul__(self, first: Affine) -> Affine:
        """The map that applies `first`, then this one."""
        if not isinstance(first, Affine):
            return NotImplemented
        return Affine(
            self.a * first.a + self.b * first.d,
            self.a * first.b + self.b * first.e,
            self.a * first.c + self.b * first.f + self.c,
            self.d * first.a + self.e * first.d,
            self.d * first.b + self.e * first.e,
            self.d * first.c + self.e * first.f + self.f,
        )

    def inverse(self) -> Affine:
        """The map back.

        Raises:
            ZeroDivisionError: the map flattens the plane.
        """
        det = self.a * self.e - self.b * self.d
        a, b, d, e = self.e / det, -self.b / det, -self.d / det, self.a / det
        return Affine(a, b, -(a * self.c + b * self.f), d, e, -(d * self.c + e * self.f))

    @property
    def angle(self) -> float:
        """Degrees clockwise by which what was level lies turned, -180 to 180."""
        return math.degrees(math.atan2(self.d, self.a))

    @property
    def enlargement(self) -> float:
        """Pixels there for one pixel here, to a side."""
        return math.sqrt(abs(self.a * self.e - self.b * self.d))

    def corners(self, rectangle: Rectangle) -> tuple[Point, Point, Point, Point]:
        """Where the rectangle's corners go: those that were top left, top right, bottom right, bottom left."""
        first, second, third, fourth = map(self, rectangle.corners)
        return first, second, third, fourth

    def bounds(self, rectangle: Rectangle) -> Rectangle:
        """The smallest upright rectangle of whole pixels around the mapped one."""
        corners = self.corners(rectangle)
        tolerance = 1e-6  # what rounding in a chain of maps adds must not widen a box by a pixel
        return Rectangle(
            math.floor(min(x for x, _ in corners) + tolerance),
            math.floor(min(y for _, y in corners) + tolerance),
            math.ceil(max(x for x, _ in corners) - tolerance),
            math.ceil(max(y for _, y in corners) - tolerance),
        )
