"""What brings lines of text that bend onto one height each: a smooth field fitted to their middles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from whaleline.imaging.mesh import Points

_Floats = npt.NDArray[np.float64]

_KNOTS = 9  # from left to right; between them the field is straight, so that a fold may be sharp
_POWERS = 3  # of y: 0, 1 and 2
_STIFF, _SMALL = (1.0, 3.0, 10.0), (0.01, 0.3, 1.0)  # how unwilling each of them bends and moves
_ROUNDS = 8  # of the fit; lines that do not agree with the others count less each time
_DOUBT = 3.0  # times what the usual line still bends; a line that does so counts half


@dataclass(frozen=True, eq=False)
class Levelling:
    """Pixels by which what stands at some place has to go down.

    It is 0 in the middle from left to right: how far lines lie from each other they cannot say.

    Attributes:
        left: where the field begins, in pixels; beyond both ends it goes on straight.
        right: where it ends.
        top: where the lines begin.
        bottom: where they end.
        weights: of the knots, by power of y, of shape (_POWERS, _KNOTS).
        remaining: pixels by which the usual line still bends.
        bend: degrees between the steepest and the least steep place of the lines, but for a tenth at either end.
    """

    left: float
    right: float
    top: float
    bottom: float
    weights: _Floats
    remaining: float
    bend: float

    def __call__(self, points: Points) -> _Floats:
        """The pixels, of shape (n,), for points of shape (n, 2)."""
        return _terms(points, self.left, self.right, self.top, self.bottom) @ self.weights.ravel()


def levelling(lines: list[Points]) -> Levelling:
    """The field for some lines, each given by points on its middle from left to right, shape (n, 2).

    Least squares: along a line, its height and the field together are to be constant.
    """
    points = np.concatenate(lines)
    (left, top), (right, bottom) = np.quantile(points, 0.01, axis=0), np.quantile(points, 0.99, axis=0)
    frame = float(left), float(max(right, left + 1)), float(top), float(max(bottom, top + 1))
    line = np.repeat(np.arange(len(lines)), [len(each) for each in lines])
    terms = _less_mean(_terms(points, *frame), line)
    heights = _less_mean(points[:, 1:], line)[:, 0]

    curvature = np.diff(np.eye(_KNOTS), 2, axis=0)
    stiff = np.kron(np.diag(_STIFF), curvature)
    small = np.kron(np.diag(_SMALL), np.eye(_KNOTS))
    ridge = np.concatenate([stiff, small])
    trust = np.ones(len(lines))
    for _ in range(_ROUNDS):
        weight = trust[line]
        system = np.concatenate([terms * weight[:, None], ridge])
        wanted = np.concatenate([-heights * weight, np.zeros(len(ridge))])
        weights = np.linalg.lstsq(system, wanted, rcond=None)[0]
        rest = np.bincount(line, np.abs(terms @ weights + heights)) / np.bincount(line)
        usual = max(0.5, float(np.median(rest)))
        trust = 1 / (1 + (rest / (_DOUBT * usual)) ** 2)

    step = np.array([1.0, 0.0])
    slopes = (_terms(points + step, *frame) - _terms(points - step, *frame)) @ weights / 2
    low, high = np.degrees(np.arctan(np.quantile(slopes, [0.1, 0.9])))
    return Levelling(*frame, weights.reshape(_POWERS, _KNOTS), float(np.median(rest)), float(high - low))


def _terms(points: Points, left: float, right: float, top: float, bottom: float) -> _Floats:
    """What the weights are multiplied with: hats over the knots, less those in the middle, times the powers of y."""
    hats = _hats((points[:, 0] - left) / (right - left)) - _hats(np.array([0.5]))
    down = 2 * (points[:, 1] - top) / (bottom - top) - 1
    return np.concatenate([hats * (down**power)[:, None] for power in range(_POWERS)], axis=1)


def _hats(part: _Floats) -> _Floats:
    """Linear interpolation between knots from 0 to 1, of shape (n, _KNOTS)."""
    place = part * (_KNOTS - 1)
    first = np.clip(np.floor(place), 0, _KNOTS - 2).astype(np.intp)
    rows = np.arange(len(part))
    hats = np.zeros((len(part), _KNOTS))
    hats[rows, first] = 1 - (place - first)
    hats[rows, first + 1] = place - first
    return hats


def _less_mean(values: _Floats, line: npt.NDArray[np.intp]) -> _Floats:
    """Values of shape (n, m) less their mean over the same line."""
    count = np.bincount(line)[:, None]
    mean = np.stack([np.bincount(line, column) for column in values.T], axis=1) / count
    return np.asarray(values - mean[line])
