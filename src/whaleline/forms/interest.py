"""The first pass of a registration: points of interest of two pictures, and the maps that most of them agree on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.mesh import Points
from whaleline.imaging.picture import Picture, resized

FEWEST: Final = 8
"""Points that agree by less say nothing."""

Matrix = npt.NDArray[np.float64]
"""A homography, of shape (3, 3)."""

_MOST_POINTS = 3000
_AS_MANY, _AS_GOOD = 0.95, 1.15  # of the points of a homography, and times its error, for an affine map to be preferred


@dataclass(frozen=True, slots=True)
class Attempt:
    """How points are looked for and compared.

    Attributes:
        side: pixels of the longer side.
        contrast: of a point at least.
        ratio: of the distances to the nearest and the second nearest look at most (Lowe).
        everywhere: take points in fields, too.
    """

    side: int
    contrast: float
    ratio: float
    everywhere: bool


ATTEMPTS: Final = (Attempt(1000, 0.02, 0.8, everywhere=False), Attempt(1400, 0.005, 0.88, everywhere=True))
"""The second one is for forms of little print, and costs more."""


@dataclass(frozen=True, eq=False)
class Interest:
    """Points of interest of a picture, in its pixels, and their looks (RootSIFT, of shape (n, 128))."""

    at: Points
    looks: npt.NDArray[np.float32]

    def outside(self, rectangles: Sequence[Rectangle]) -> Interest:
        """Those that lie in none of the rectangles."""
        inside = np.zeros(len(self.at), bool)
        x, y = self.at[:, 0], self.at[:, 1]
        for each in rectangles:
            inside |= (each.left < x) & (x < each.right) & (each.top < y) & (y < each.bottom)
        return Interest(self.at[~inside], self.looks[~inside])


def interest(flat: Picture, attempt: Attempt) -> Interest:
    """The points of a grey picture."""
    scale = min(2.0, attempt.side / max(flat.shape))
    sift = cv2.SIFT.create(nfeatures=_MOST_POINTS, contrastThreshold=attempt.contrast)
    small = resized(flat, scale)
    found, looks = sift.detectAndCompute(small, np.full(small.shape, 255, np.uint8))
    if looks is None:
        return Interest(np.zeros((0, 2)), np.zeros((0, 128), np.float32))
    rooted = np.sqrt(looks / np.maximum(looks.sum(axis=1, keepdims=True), 1e-6))
    return Interest((np.array([point.pt for point in found]) + 0.5) / scale, rooted.astype(np.float32))


def maps(
    form: Interest, size: tuple[int, int], scan: Interest, shape: tuple[int, int], ratio: float
) -> Iterator[Matrix]:
    """Maps from a form's pixels to a scan's that most points agree on: a homography and an affine one.

    Where the points that agree lie in one corner of the page, a homography runs away in the others. So the affine one
    comes first where it is as good, which it is for a flatbed's scans.

    Args:
        form: its points.
        size: its width and height.
        scan: its points.
        shape: its height and width.
        ratio: of an attempt.
    """
    if min(len(form.at), len(scan.at)) < FEWEST:
        return
    likeness = form.looks @ scan.looks.T
    rows, first = np.arange(len(likeness)), likeness.argmax(axis=1)
    best = likeness[rows, first]
    likeness[rows, first] = -1
    nearest, second = (np.sqrt(np.maximum(0, 2 - 2 * each)) for each in (best, likeness.max(axis=1)))
    good = nearest < ratio * second
    good = _alone(scan.at[first], np.where(good, best, -np.inf))
    if good.sum() < FEWEST:
        return
    source, goal = form.at[good], scan.at[first[good]]
    tolerance = max(shape) / 200
    cv2.setRNGSeed(0)
    found: list[Matrix] = []
    matrix, agree = cv2.findHomography(source, goal, cv2.USAC_MAGSAC, tolerance, maxIters=5000, confidence=0.999)
    if matrix is not None and int(agree.sum()) >= FEWEST:
        found.append(np.asarray(matrix, np.float64))
    linear, near = cv2.estimateAffine2D(
        source, goal, method=cv2.USAC_MAGSAC, ransacReprojThreshold=2 * tolerance, maxIters=5000, confidence=0.999
    )
    if linear is not None and int(near.sum()) >= FEWEST:
        found.append(np.vstack([linear, [0, 0, 1]]))
    if len(found) > 1:
        both = np.logical_and(agree, near).ravel()
        if both.sum() >= max(FEWEST, _AS_MANY * agree.sum()):
            off = [_off(each, source[both], goal[both]) for each in found]
            if off[1] < _AS_GOOD * off[0]:
                found.reverse()
    yield from (each for each in found if _is_plausible(each, size, shape))


def _alone(goal: Points, likeness: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Of the points that go to the same place the most alike one.

    Crossings of rules look alike, so that many go to one place, and the map that most agree on would shrink the page
    to it.
    """
    order = np.argsort(-likeness, kind="stable")
    _, first = np.unique(goal[order].round(), axis=0, return_index=True)
    chosen = np.zeros(len(goal), bool)
    chosen[order[first]] = True
    return chosen & np.isfinite(likeness)


def _off(matrix: Matrix, source: Points, goal: Points) -> float:
    """By how many pixels points are off a map: the median."""
    return float(np.median(np.hypot(*(cv2.perspectiveTransform(source[None], matrix)[0] - goal).T)))


def _is_plausible(matrix: Matrix, size: tuple[int, int], shape: tuple[int, int]) -> bool:
    """Whether a sheet can be seen so: not from behind, not all but edge on, not tiny."""
    width, height = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64)
    mapped = corners @ matrix.T
    if (mapped[:, 2] * mapped[0, 2] <= 0).any():
        return False
    at = mapped[:, :2] / mapped[:, 2:]
    sides = np.roll(at, -1, axis=0) - at
    after = np.roll(sides, -1, axis=0)
    if (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] <= 0).any():
        return False
    lengths = np.hypot(*sides.T) / [width, height, width, height]
    most, least = 3.0, 0.15  # times the shortest side's scale; of the scan's longer side
    return bool(lengths.max() < most * lengths.min() and lengths.min() * max(size) > least * max(shape))
