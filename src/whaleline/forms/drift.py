"""A grid over a page, and the smoothest drift of its nodes that most of some points agree with."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.forms.evidence import Evidence, Shares
from whaleline.forms.interest import FEWEST, Matrix
from whaleline.imaging.geometry import Affine
from whaleline.imaging.mesh import Mesh, Points

_CELLS = 16  # along the longer side
_STIFFNESS = 0.3  # how much the grid resists bending, against what the points say
_FIRST_SPREAD, _LEAST_SPREAD = 12.0, 0.7  # how far off points may be, at first and at last
_ROUNDS = 8
_AS_STRAIGHT = 1.6  # times the distances of a drift that bends, within which an affine map is as good
_FEW = 3  # points that do not make a page bend: of writing that runs out of its field in both pictures
_UNSEEN = 0.4  # of how far a drift that bends may be off: a page that was found straight may bend so far elsewhere
_LEAST_DISTANCE = 0.15  # of the scan's pixels: less is chance
_MOST_DISTANCE = 2.0  # pixels: more says no more than that a point is off


@dataclass(frozen=True, eq=False)
class Drift:
    """How far the nodes of a grid have drifted.

    Attributes:
        nodes: of shape (rows x columns, 2).
        reckon_spread: reckons the covariance of the nodes, in x and in y; of most drifts nobody asks for it.
    """

    nodes: Points
    reckon_spread: Callable[[], tuple[Matrix, Matrix]]

    @cached_property
    def spread(self) -> tuple[Matrix, Matrix]:
        """The covariance of the nodes, in x and in y."""
        return self.reckon_spread()

    def at(self, shares: Shares) -> Points:
        """How far points have drifted."""
        return shares.of(self.nodes)

    def strays(self, shares: Shares) -> Matrix:
        """How far points may be off in x and in y, of shape (2, n)."""
        return np.sqrt(np.stack([shares.variance(each) for each in self.spread]))


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes over a page of so many pixels."""

    width: int
    height: int

    @property
    def columns(self) -> int:
        """Nodes from left to right."""
        return max(2, round(_CELLS * self.width / max(self.width, self.height)) + 1)

    @property
    def rows(self) -> int:
        """Nodes from top to bottom."""
        return max(2, round(_CELLS * self.height / max(self.width, self.height)) + 1)

    @property
    def _step(self) -> tuple[float, float]:
        return self.width / (self.columns - 1), self.height / (self.rows - 1)

    @property
    def still(self) -> Drift:
        """That nothing drifts."""
        count = self.rows * self.columns
        return Drift(np.zeros((count, 2)), lambda: (np.zeros((count, count)),) * 2)

    def shares(self, at: Points) -> Shares:
        """How much the nodes have to say at each point."""
        x, y = self._step
        column, row = at[:, 0] / x, at[:, 1] / y
        left = np.clip(np.floor(column), 0, self.columns - 2).astype(np.intp)
        top = np.clip(np.floor(row), 0, self.rows - 2).astype(np.intp)
        right, down = column - left, row - top
        first = top * self.columns + left
        nodes = np.stack([first, first + 1, first + self.columns, first + self.columns + 1], axis=1)
        four = np.stack([(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down], axis=1)
        return Shares(nodes, four, self.rows * self.columns)

    def fit(self, evidence: Evidence, unit: float, matrix: Matrix, coarse: float = 1.0) -> Drift:
        """The smoothest drift that most points agree with: least squares, again and again without the outliers.

        Where an affine map of the whole page is as good, as for a flatbed's scans, it is that map: a drift that may
        bend runs away where no points are.

        Args:
            evidence: what is known.
            unit: what counts as a pixel.
            matrix: the homography that the page goes by once it has drifted.
            coarse: how many such pixels one of the scan is wide, 1 at least.
        """
        moved, shares = evidence.moved, self.shares(evidence.at)
        bending = _bending(self.rows, self.columns)
        count = len(bending)
        nodes, systems = np.zeros((count, 2)), [np.eye(count)] * 2
        tells, spread = evidence.weights > 0, _FIRST_SPREAD * unit
        middle = [np.median(moved[tells[:, axis], axis]) if tells[:, axis].any() else 0 for axis in (0, 1)]
        trust = 1 / (1 + np.square(np.hypot(*((moved - middle) * tells).T) / (2 * spread)))
        for _ in range(_ROUNDS):
            for axis in (0, 1):
                weights = trust * evidence.weights[:, axis]
                normal, right = shares.system(weights, moved[:, axis])
                systems[axis] = normal + _STIFFNESS * weights.sum() / count * bending + 1e-9 * np.eye(count)
                nodes[:, axis] = np.linalg.solve(systems[axis], right)
            off = np.hypot(*((moved - shares.of(nodes)) * tells).T)
            # Slowly, so that the few points of an empty part of the page have time to be followed.
            spread = max(_LEAST_SPREAD * unit, min(spread, 2.5 * float(np.median(off))), spread / 2)
            trust = _trust(off, spread)
            if trust.sum() < FEWEST:
                break

        def reckon_spread() -> tuple[Matrix, Matrix]:
            across, down = (np.asarray(np.linalg.inv(system) * spread**2, np.float64) for system in systems)
            return across, down

        bent = Drift(nodes, reckon_spread)
        straight = self._straight(evidence, unit, matrix, bent, trust, coarse=coarse) if trust.sum() >= FEWEST else None
        return straight or bent

    def _straight(
        self,
        evidence: Evidence,
        unit: float,
        matrix: Matrix,
        bent: Drift,
        trust: npt.NDArray[np.float64],
        *,
        coarse: float,
    ) -> Drift | None:
        """The drift that makes the whole map affine; None where one that bends is better."""
        placed = cv2.perspectiveTransform((self._nodes + bent.nodes)[None], matrix)[0]
        near = np.linalg.lstsq(_affine(self._nodes), placed, rcond=None)[0]  # of the scan's pixels for the form's
        back = np.linalg.inv(near[:2])
        goal = (cv2.perspectiveTransform((evidence.at + evidence.moved)[None], matrix)[0] - near[2]) @ back
        tells, points, own = evidence.weights > 0, _affine(evidence.at), trust
        for _ in range(_ROUNDS):
            normals = [points.T * (own * evidence.weights[:, axis]) @ points for axis in (0, 1)]
            if max(map(np.linalg.cond, normals)) > 1e12:  # noqa: PLR2004 - points on a line
                return None
            spreads = [np.linalg.inv(normal) for normal in normals]
            terms = [spreads[axis] @ (points.T @ (own * evidence.weights[:, axis] * goal[:, axis])) for axis in (0, 1)]
            off = np.hypot(*((points @ np.stack(terms, axis=1) - goal) * tells).T)
            spread = max(_LEAST_SPREAD * unit, 2.5 * float(np.median(off[trust > 0])))
            own = _trust(off, spread)
        bent_off = np.hypot(*((evidence.moved - bent.at(self.shares(evidence.at))) * tells).T)
        several = np.where(np.argsort(np.argsort(off * trust)) < len(off) - _FEW, trust, 0)
        bending, straight = (
            math.sqrt(float(np.average(np.square(np.minimum(each / unit, _MOST_DISTANCE)), weights=several)))
            for each in (bent_off, off)
        )
        if straight > _AS_STRAIGHT * max(bending, coarse * _LEAST_DISTANCE):
            return None
        at = _affine(self._nodes)
        nodes = cv2.perspectiveTransform(
            (at @ np.stack(terms, axis=1) @ near[:2] + near[2])[None], np.linalg.inv(matrix)
        )

        # Where there is no evidence for far around, the page may yet bend.
        def reckon_spread() -> tuple[Matrix, Matrix]:
            across, down = (
                np.asarray(at @ each @ at.T * spread**2 + _UNSEEN**2 * other, np.float64)
                for each, other in zip(spreads, bent.spread, strict=True)
            )
            return across, down

        return Drift(np.asarray(nodes[0] - self._nodes, np.float64), reckon_spread)

    def straightened(self, matrix: Matrix, drift: Drift) -> tuple[Matrix, Drift]:
        """The same map by the homography that is nearest to it, and what drift remains."""
        placed = cv2.perspectiveTransform((self._nodes + drift.nodes)[None], matrix)[0]
        nearest = np.asarray(cv2.findHomography(self._nodes, placed)[0], np.float64)
        nodes = cv2.perspectiveTransform(placed[None], np.linalg.inv(nearest))[0] - self._nodes
        return nearest, replace(drift, nodes=np.asarray(nodes, np.float64))

    @property
    def _nodes(self) -> Points:
        x, y = self._step
        columns, rows = np.meshgrid(np.arange(self.columns) * x, np.arange(self.rows) * y)
        return np.stack([columns.ravel(), rows.ravel()], axis=1)

    def mesh(self, matrix: Matrix, drift: Drift) -> Mesh:
        """The map that drifts, then goes by a homography."""
        x, y = self._step
        nodes = self._nodes + drift.nodes
        placed = cv2.perspectiveTransform(nodes[None], matrix)[0]
        return Mesh(placed.reshape(self.rows, self.columns, 2), Affine.scale(1 / x, 1 / y))


def _trust(off: npt.NDArray[np.float64], spread: float) -> npt.NDArray[np.float64]:
    """Of points that are so far off: Tukey's weights."""
    return np.asarray(np.square(np.maximum(0, 1 - np.square(off / (3 * spread)))), np.float64)


def _affine(at: Points) -> Points:
    """What the terms of an affine map are multiplied with: x, y and 1."""
    return np.column_stack([at, np.ones(len(at))])


@cache
def _bending(rows: int, columns: int) -> Matrix:
    """The squares of all second differences, along rows, along columns and across both."""
    index = np.arange(rows * columns).reshape(rows, columns)
    steps: list[tuple[npt.NDArray[np.intp], tuple[float, ...]]] = [
        (np.stack([line[:, :-2], line[:, 1:-1], line[:, 2:]], axis=-1).reshape(-1, 3), (1.0, -2.0, 1.0))
        for line in (index, index.T)
    ]
    cells = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]], axis=-1).reshape(-1, 4)
    steps.append((cells, (1.0, -1.0, -1.0, 1.0)))
    result = np.zeros((index.size, index.size))
    for nodes, values in steps:
        matrix = np.zeros((len(nodes), index.size))
        np.put_along_axis(matrix, nodes, np.array([values]), axis=1)
        result += matrix.T @ matrix
    return result
