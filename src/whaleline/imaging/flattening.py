"""A photographed sheet made flat: its lines level and straight, its sides upright, its light even.

Lines of text are level on the sheet, so they say how it is bent, whatever bent it. Where the sheet's sides are in the
picture they become upright. What is left is a stretch along and across, which does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Affine
from whaleline.imaging.levelling import Levelling, levelling
from whaleline.imaging.light import paper
from whaleline.imaging.mesh import Mesh, Points
from whaleline.imaging.picture import COLOUR, Picture, grey
from whaleline.imaging.sheet import sheet
from whaleline.imaging.strip import Strip

_Floats = npt.NDArray[np.float64]

_LEAST_LINES = 4  # that say how a sheet is bent
_LEAST_LENGTH = 1.5  # heights of a line; shorter ones have no direction
_HIGHEST = 3.0  # times the usual line's height
_MOST_LEANING = 30.0  # degrees of a line from the others; what leans more is no part of the text
_MOST_TILT = 45.0  # degrees; a sheet that lies more askew lies on its side
_MOST_REMAINING = 0.2  # of a line's half height, by which the usual line still bends after a fit that is good
_MOST_STRETCH = 2.0  # times, or this part, of a sheet anywhere from top to bottom
_LONGEST = 32_000  # pixels of a side, which OpenCV can draw
_NODES = 33  # of the mesh, each way
_BAND = 256  # rows that are drawn at a time, since their places take eight times as much room
_STRAIGHT = 0.01  # of the sheet's width, by which its side may bend
_LIGHT = 4  # half heights of a line; light changes over more than that, and print fills less


@dataclass(frozen=True, eq=False)
class Flattening:
    """A sheet made flat.

    Attributes:
        picture: grey or RGB like the picture that it was made from, white beside the sheet.
        placement: from its pixels to those of the picture that it was made from.
        bend: degrees by which the lines leaned against each other.
        tilt: degrees clockwise by which they lay turned, but for quarter turns.
        turn: the quarter turns, in degrees clockwise, after which it was the right way up.
        sheet: whether the sheet was told from what it lies on.
    """

    picture: Picture
    placement: Mesh
    bend: float
    tilt: float
    turn: int
    sheet: bool

    def shifted(self, x: float, y: float) -> Flattening:
        """The same, placed in a picture in which the one that it was made from begins at x and y."""
        return replace(self, placement=Affine.shift(x, y) @ self.placement)


def flatten(picture: Picture, strips: Sequence[Strip], *, turn: int = 0) -> Flattening | None:
    """The sheet on which lines of text stand, made flat; None where they do not say how it is bent.

    Args:
        picture: uint8 of shape (height, width) or (height, width, 3).
        strips: the lines, along their curves.
        turn: degrees clockwise after which the text is the right way up: 0, 90, 180 or 270.
    """
    usual = float(np.median([strip.half for strip in strips])) if strips else 0.0
    strips = [strip for strip in strips if strip.half < _HIGHEST * usual]  # a smear is no line
    level, tilt, lines = _levelled(strips, picture, turn)
    if len(lines) < _LEAST_LINES or abs(tilt) > _MOST_TILT:
        return None
    half = float(np.median([strip.half for strip in strips]))
    field = levelling(lines)
    if field.remaining > _MOST_REMAINING * half:
        return None
    found = sheet(grey(picture), strips)
    inside = np.full(picture.shape[:2], 255, np.uint8) if found is None else found
    outline = _outline(inside)
    sides = None if found is None else _sides(level, outline, picture)
    # No line is lost, were its ground no part of the sheet.
    outline = np.concatenate([outline, *(strip.rim() for strip in strips)])
    nodes, grid, size, hull = _grid(field, _mapped(level, outline), sides)
    steps = np.diff(nodes[..., 1], axis=0) * grid.e
    if max(size) > _LONGEST or steps.min() < 1 / _MOST_STRETCH or steps.max() > _MOST_STRETCH:
        return None
    mesh = Mesh(_mapped(level.inverse(), nodes.reshape(-1, 2)).reshape(nodes.shape), grid)
    flat = _evenly_lit(_drawn(picture, mesh, size), half)
    own = np.zeros(flat.shape[:2], np.uint8)
    cv2.fillConvexPoly(own, hull, 255)
    flat[own == 0] = 255
    return Flattening(flat, mesh, field.bend, tilt, turn, found is not None)


def framed(picture: Picture, width: int, height: int) -> Picture:
    """A flat sheet on white, as large as a frame allows; a frame that is smaller than the sheet grows to hold it."""
    times = max(1.0, min(width / picture.shape[1], height / picture.shape[0]))
    wide, high = round(picture.shape[1] * times), round(picture.shape[0] * times)
    size = (max(height, high), max(width, wide), *picture.shape[2:])
    frame = np.full(size, 255, np.uint8)
    top, left = (size[0] - high) // 2, (size[1] - wide) // 2
    frame[top : top + high, left : left + wide] = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_CUBIC)
    return frame


def _levelled(strips: Sequence[Strip], picture: Picture, turn: int) -> tuple[Affine, float, list[Points]]:
    """The turn that levels the usual line, its tilt, and the middles of the lines that it levels nearly."""
    long = [strip for strip in strips if strip.size[0] > _LEAST_LENGTH * strip.size[1]]
    if not long:
        return Affine(), 0.0, []
    turned = [_between(strip.angle + turn) for strip in long]
    # A line that runs to the left was followed from its end.
    long = [strip.reversed() if abs(angle) > 90 else strip for strip, angle in zip(long, turned, strict=True)]  # noqa: PLR2004
    angles = np.array([_between(strip.angle + turn) for strip in long])
    order = np.argsort(angles)
    lengths = np.cumsum(np.array([strip.size[0] for strip in long])[order])
    tilt = float(angles[order][np.searchsorted(lengths, lengths[-1] / 2)])
    height, width = picture.shape[:2]
    level = Affine.rotation(turn - tilt, (width / 2, height / 2))
    near = [strip for strip, angle in zip(long, angles, strict=True) if abs(angle - tilt) < _MOST_LEANING]
    return level, tilt, [_mapped(level, strip.middle()) for strip in near]


def _between(degrees: float) -> float:
    """The same angle from -180 to 180."""
    return (degrees + 180) % 360 - 180


def _outline(inside: Picture) -> Points:
    """Points along the outer edge of a shape."""
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.concatenate(outlines).reshape(-1, 2).astype(np.float64) + 0.5


def _sides(level: Affine, outline: Points, picture: Picture) -> tuple[_Floats, _Floats] | None:
    """The sheet's left and right side as lines x = a y + b, given as (a, b); None where they are not both seen.

    Args:
        level: the turn that levels the text.
        outline: of the sheet in the picture.
        picture: at whose edge the sheet has no sides.
    """
    height, width = picture.shape[:2]
    rim = max(height, width) / 100
    free = (outline > rim).all(axis=1) & (outline < np.array([width, height]) - rim).all(axis=1)
    points = _mapped(level, outline)
    top, bottom = points[:, 1].min(), points[:, 1].max()
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    # Corners may be rounded, and the upper and lower edge may bend.
    free &= np.abs(points[:, 1] - (top + bottom) / 2) < (bottom - top) * 0.35
    sides = []
    for mine in (free & (points[:, 0] < middle), free & (points[:, 0] >= middle)):
        x, y = points[mine].T
        if not len(y) or np.ptp(y) < (bottom - top) / 2:
            return None
        line = np.polyfit(y, x, 1)
        if float(np.quantile(np.abs(np.polyval(line, y) - x), 0.9)) > _STRAIGHT * 2 * (middle - points[:, 0].min()):
            return None
        sides.append(np.asarray(line, np.float64))
    return sides[0], sides[1]


def _grid(
    field: Levelling, outline: Points, sides: tuple[_Floats, _Floats] | None
) -> tuple[Points, Affine, tuple[int, int], npt.NDArray[np.int32]]:
    """The nodes of a flat picture that holds the outline, in the levelled picture; the map to them; its size; its hull.

    Flat, a sheet is as good as convex, so the hull holds all of it and nothing else.
    """
    middle = float(outline[:, 1].min() + outline[:, 1].max()) / 2
    (a, left), (b, right) = [(side[0], float(np.polyval(side, middle))) for side in sides or ((0, 0), (0, 1))]
    # Between the sides, and beyond them, what is upright leans in proportion.
    lean = (b - a) / (right - left)

    def across(x: _Floats, y: _Floats) -> _Floats:
        down = y - middle
        return np.asarray((x - a * down + left * lean * down) / (1 + lean * down))

    def back(u: _Floats, y: _Floats) -> _Floats:
        return np.asarray(u + (y - middle) * (a + (u - left) * lean))

    u, v = across(*outline.T), outline[:, 1] + field(outline)
    columns, rows = np.linspace(u.min(), u.max(), _NODES), np.linspace(v.min(), v.max(), _NODES)
    reach = float(np.ptp(outline[:, 1])) / 2
    heights = np.linspace(outline[:, 1].min() - reach, outline[:, 1].max() + reach, 8 * _NODES)
    nodes = np.empty((_NODES, _NODES, 2))
    for place, column in enumerate(columns):
        x = back(np.full_like(heights, column), heights)
        lower = heights + field(np.stack([x, heights], axis=1))
        nodes[:, place, 1] = np.interp(rows, np.maximum.accumulate(lower), heights)
        nodes[:, place, 0] = back(np.full(_NODES, column), nodes[:, place, 1])
    size = max(1, round(float(np.ptp(u)))), max(1, round(float(np.ptp(v))))
    hull = cv2.convexHull(np.stack([u - u.min(), v - v.min()], axis=1).astype(np.int32))
    return nodes, Affine.scale((_NODES - 1) / size[0], (_NODES - 1) / size[1]), size, np.asarray(hull, np.int32)


def _drawn(picture: Picture, mesh: Mesh, size: tuple[int, int]) -> Picture:
    """What the mesh takes from a picture, of that size; beyond its edge, the pixels there."""
    wide, high = size
    flat = np.empty((high, wide, *picture.shape[2:]), np.uint8)
    nodes = [np.ascontiguousarray(mesh.nodes[..., axis] - 0.5, np.float32) for axis in (0, 1)]  # as OpenCV counts
    columns = ((np.arange(wide) + 0.5) * mesh.grid.a).astype(np.float32)
    for top in range(0, high, _BAND):
        rows = ((np.arange(top, min(top + _BAND, high)) + 0.5) * mesh.grid.e).astype(np.float32)
        across, down = np.meshgrid(columns, rows)
        x, y = (cv2.remap(axis, across, down, cv2.INTER_LINEAR) for axis in nodes)
        flat[top : top + _BAND] = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return flat


def _evenly_lit(picture: Picture, half: float) -> Picture:
    """The same picture with its paper white, in light and shadow alike.

    Args:
        picture: grey or RGB; it is changed.
        half: of a line's height, in pixels.
    """
    factor = min(1.0, 4 / half)
    light = paper(grey(picture), factor, int(_LIGHT * half * factor) | 1)
    for plane in np.moveaxis(picture, -1, 0) if picture.ndim == COLOUR else [picture]:
        plane[:] = cv2.divide(plane, light, scale=250)
    return picture


def _mapped(by: Affine, points: Points) -> Points:
    return np.asarray(points @ np.array([[by.a, by.d], [by.b, by.e]]) + (by.c, by.f))
