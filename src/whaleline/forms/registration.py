"""How a scan lies against the picture of its form.

Two passes. The first lays the form's points of interest (SIFT) against the scan's, and takes the homography that most
of them agree on (MAGSAC++). That takes any shift, turn, scale and perspective. The second follows corners of the
form's print from there to where they lie exactly (Lucas and Kanade's method), and bends a mesh through them, so that a
curled sheet is followed, too. What is written into the fields is left out.

How sure it is comes from the second pass. The share of the form's print that was found where it ought to be tells
whether the page is one of this form. How far the mesh might be off at a field, as least squares have it, tells whether
enough of it was found near the field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.forms.drift import Grid
from whaleline.forms.interest import ATTEMPTS, FEWEST, Interest, Matrix, interest, maps
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.mesh import Mesh, Points
from whaleline.imaging.picture import Picture, grey, resized
from whaleline.imaging.region import MAX_SIDE

_SIDE = 1400  # pixels of the longer side in the second pass
_MOST_CORNERS = 900
_WINDOWS = (
    (31, 3),
    (21, 1),
    (15, 0),
)  # of Lucas and Kanade's method, and halvings before: each from where the last led
_PLENTY = 90.0  # certainty at which no further attempt is made
_VISIBLE = 0.6  # of a form at least, that the share of print is taken of
_STRAY = 4.0  # pixels of the second pass by which a field may be off, or
_STRAY_SHARE = 0.2  # of its shorter side


@dataclass(frozen=True, eq=False)
class FormPicture:
    """What a form is recognised by.

    Attributes:
        width: of the form, in pixels.
        height: likewise.
        points: of the first pass, for each attempt.
        print_: the picture of the second pass.
        scale: its pixels for one of the form's.
        corners: of its print, outside the fields, in its own pixels.
    """

    width: int
    height: int
    points: tuple[Interest, ...]
    print_: Picture
    scale: float
    corners: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Registration:
    """How a scan lies.

    Attributes:
        placement: the map from the form's pixels to the scan's.
        certainty: that the page is one of this form, 0 to 100: the share of its print that was found.
    """

    placement: Mesh
    certainty: float
    _grid: Grid
    _spread: Matrix
    _scale: float

    def certainty_of(self, field: Rectangle) -> float:
        """That a field lies where the placement has it, 0 to 100."""
        shares = self._grid.shares(np.array(field.corners, np.float64))
        stray = self._scale * float(np.sqrt(np.einsum("ij,jk,ik->i", shares, self._spread, shares).max()))
        allowed = max(_STRAY, _STRAY_SHARE * self._scale * min(field.width, field.height))
        return self.certainty * min(1.0, allowed / max(stray, 1e-6)) ** 2


def form_picture(picture: Picture, fields: Sequence[Rectangle]) -> FormPicture:
    """Take up what a form is recognised by; worth keeping for its next scan.

    Args:
        picture: of the form, empty or filled in.
        fields: where something is filled in, in the picture's pixels.
    """
    flat = grey(picture)
    height, width = flat.shape
    scale = min(2.0, _SIDE / max(width, height))
    print_ = _even(resized(flat, scale))
    mask = np.full(print_.shape, 255, np.uint8)
    rim = 3  # a field's frame belongs to the form
    for field in fields:
        inner = field.scaled(scale)
        mask[inner.top + rim : max(0, inner.bottom - rim), inner.left + rim : max(0, inner.right - rim)] = 0
    corners = cv2.goodFeaturesToTrack(print_, _MOST_CORNERS, 0.03, 9, mask=mask, blockSize=7)
    points = tuple(interest(flat, each).outside(() if each.everywhere else fields) for each in ATTEMPTS)
    found = np.zeros((0, 2), np.float32) if corners is None else corners.reshape(-1, 2).astype(np.float32)
    return FormPicture(width, height, points, print_, scale, found)


def register(form: FormPicture, scan: Picture) -> Registration | None:
    """How a scan lies against a form; None where nothing of the form was found in it."""
    flat = grey(scan)
    best: Registration | None = None
    for attempt, points in zip(ATTEMPTS, form.points, strict=True):
        height, width = flat.shape
        seen = interest(flat, attempt)
        for matrix in maps(points, (form.width, form.height), seen, (height, width), attempt.ratio):
            found = _follow(form, flat, matrix)
            if found is not None and (best is None or found.certainty > best.certainty):
                best = found
            if best is not None and best.certainty >= _PLENTY:
                return best
    return best


def _follow(form: FormPicture, flat: Picture, matrix: Matrix) -> Registration | None:
    """Where the form's corners lie exactly, and a mesh through them."""
    scale, corners = form.scale, form.corners
    if len(corners) < FEWEST:
        return None
    grid = Grid(form.width, form.height)
    at = (corners.astype(np.float64) + 0.5) / scale
    shares = grid.shares(at)
    drift = grid.still
    # No finer than the form's picture, or what lies between its pixels would be lost.
    reduced = min(1.0, 1.3 * scale / _enlargement(matrix, form.width, form.height), MAX_SIDE / max(flat.shape))
    small = resized(flat, reduced)
    for window, halvings in _WINDOWS:
        mesh = grid.mesh(matrix, drift)
        seen = _even(_cut(small, Affine.scale(reduced, reduced) @ mesh, form.print_.shape, scale))
        there, good = _tracked(form.print_, seen, corners, window, halvings)
        inside = _is_inside(mesh.points(at), flat.shape)
        good &= inside
        if good.sum() < FEWEST:
            return None
        moved = shares @ drift + (there - corners) / scale
        drift, spread = grid.fit(at[good], moved[good], 1 / scale)
    off = np.hypot(*(moved - shares @ drift).T) * scale
    found = good & (off < 2) & (_likeness(form.print_, seen, corners, there) > 0.6)  # noqa: PLR2004 - pixels; of 1
    certainty = 100 * float(found.sum()) / max(float(inside.sum()), _VISIBLE * len(inside))
    return Registration(grid.mesh(matrix, drift), certainty, grid, spread, scale)


def _tracked(
    print_: Picture, seen: Picture, corners: npt.NDArray[np.float32], window: int, halvings: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Where corners of one picture lie in another, and which of them lead back to where they came from."""
    size, back_within = (window, window), 1.5
    there, ok, _ = cv2.calcOpticalFlowPyrLK(
        print_, seen, corners[:, None], np.empty_like(corners[:, None]), winSize=size, maxLevel=halvings
    )
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(
        seen, print_, there, np.empty_like(there), winSize=size, maxLevel=halvings
    )
    returns = np.hypot(*(back[:, 0] - corners).T) < back_within
    return np.asarray(there[:, 0], np.float32), np.asarray((ok[:, 0] > 0) & (ok_back[:, 0] > 0) & returns)


def _is_inside(points: Points, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which points lie in a picture and not at its very rim."""
    margin = 0.004 * max(shape)
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x > margin) & (y > margin) & (x < shape[1] - margin) & (y < shape[0] - margin))


def _enlargement(matrix: Matrix, width: int, height: int) -> float:
    """The scan's pixels for one of the form's, to a side, in the middle of the page."""
    x, y, w = matrix @ [width / 2, height / 2, 1]
    slope = (matrix[:2, :2] * w - np.outer([x, y], matrix[2, :2])) / w**2
    return math.sqrt(abs(float(np.linalg.det(slope))))


def _cut(flat: Picture, placement: Mesh, shape: tuple[int, ...], scale: float) -> Picture:
    """What lies in the scan where the form's page does, at `scale` of the form's pixels."""
    block = 8  # pixels to a side, between which the mesh is as good as straight
    height, width = shape[:2]
    across, down = ((np.arange(math.ceil(side / block)) + 0.5) * block / scale for side in (width, height))
    points = placement.points(np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)) - 0.5
    size = (len(across) * block, len(down) * block)
    x, y = (
        cv2.resize(points[:, axis].reshape(len(down), len(across)).astype(np.float32), size)[:height, :width]
        for axis in (0, 1)
    )
    return np.asarray(cv2.remap(flat, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _likeness(
    one: Picture, other: Picture, at: npt.NDArray[np.float32], there: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """How alike two pictures are around points: their correlation, -1 to 1."""
    side = 19
    result = np.zeros(len(at))
    for number, (here, goal) in enumerate(zip(at.tolist(), there.tolist(), strict=True)):
        patches = [cv2.getRectSubPix(one, (side, side), here), cv2.getRectSubPix(other, (side, side), goal)]
        first, second = (patch.astype(np.float32) - float(patch.mean()) for patch in patches)
        power = math.sqrt(float((first * first).sum()) * float((second * second).sum()))
        result[number] = float((first * second).sum()) / max(power, 1e-3)
    return result


def _even(flat: Picture) -> Picture:
    """Print on even paper, whatever the light; a little blurred, so that bilevel scans compare with grey ones."""
    small = resized(flat, 0.125)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 3)
    paper = cv2.resize(paper, (flat.shape[1], flat.shape[0]))
    even = cv2.divide(flat, np.maximum(paper, 1), scale=255)
    return np.asarray(cv2.GaussianBlur(even, (0, 0), 1.2), np.uint8)
