"""What is known of a page's drift at some points, and how the nodes of a grid share in it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from whaleline.forms.interest import Matrix
from whaleline.imaging.mesh import Points


@dataclass(frozen=True, eq=False)
class Evidence:
    """Points of a page, and how far they have drifted.

    Attributes:
        at: the points, of shape (n, 2).
        moved: how far each of them has drifted, likewise.
        weights: of each of them in x and in y, likewise. A point on an edge tells one of them.
    """

    at: Points
    moved: Points
    weights: Points


def together(*every: Evidence) -> Evidence:
    """All of it as one."""
    return Evidence(*(np.concatenate([getattr(each, field.name) for each in every]) for field in fields(Evidence)))


@dataclass(frozen=True, eq=False)
class Shares:
    """How much the nodes around each of some points have to say there.

    Attributes:
        nodes: the four of each point, of shape (n, 4).
        weights: of each of them, likewise; 1 together.
        count: of all nodes.
    """

    nodes: npt.NDArray[np.intp]
    weights: Matrix
    count: int

    def of(self, values: Points) -> Points:
        """What becomes of the nodes' values at the points: the means of four."""
        return np.asarray((values[self.nodes] * self.weights[..., None]).sum(axis=1))

    def variance(self, spread: Matrix) -> npt.NDArray[np.float64]:
        """The same of a covariance of the nodes."""
        near = spread[self.nodes[:, :, None], self.nodes[:, None, :]]
        return np.asarray(np.einsum("ni,nij,nj->n", self.weights, near, self.weights))

    def system(self, trust: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> tuple[Matrix, Matrix]:
        """Least squares' normal equations for the nodes, of points that are trusted so much and have such values."""
        weighted = self.weights * trust[:, None]
        pairs = self.nodes[:, :, None] * self.count + self.nodes[:, None, :]
        products = weighted[:, :, None] * self.weights[:, None, :]
        left = np.bincount(pairs.ravel(), products.ravel(), self.count**2).reshape(self.count, self.count)
        right = np.bincount(self.nodes.ravel(), (weighted * values[:, None]).ravel(), self.count)
        return np.asarray(left, np.float64), np.asarray(right, np.float64)
