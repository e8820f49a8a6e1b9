"""The angle at which lines of text lie."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.sight import Sight

MAX_SKEW = 15.0  # degrees, as the protocol's documentation promises
LEAST_SKEW = 0.25  # degrees; less changes no reading and only costs sharpness

_MOST_POINTS = 10_000  # of a large picture's edges; more change the angle by less than a step
_COARSE, _FINE = 0.5, 0.05  # degrees between two tries
_LEAST_GAIN = 1.15  # of the best angle's score over the level one's
_LEAST_LENGTH = 5.0  # of the lines, in heights of a letter
_LEAST_RISE = 0.3  # of a letter's height, from one end of a line to the other
_LEAST_LETTERS = 4

Points = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def skew(sight: Sight) -> float:
    """Degrees by which to turn the picture clockwise so that its lines run level, from -MAX_SKEW to MAX_SKEW.

    The lower edges of all print are projected along every angle; where the angle is that of the lines, the
    edges of their baselines fall into few places of the projection. (The spectrum that jdeskew looks at for
    the same purpose is blurred by the width of a single line; see docs/recognition.md for both on the same
    regions.)

    0 where there is too little to tell: a blank, a letter, a short word, a logo.
    """
    sight = sight.small
    print_, parts = sight.ink, sight.letters
    if len(parts) < _LEAST_LETTERS:
        return 0.0
    height = float(np.median(parts[:, cv2.CC_STAT_HEIGHT]))
    edges = print_.copy()
    edges[:-1] &= ~print_[1:]
    found = np.asarray(cv2.findNonZero(edges)).reshape(-1, 2)
    if len(found) > _MOST_POINTS:
        found = found[np.linspace(0, len(found) - 1, _MOST_POINTS).astype(np.intp)]
    points = found[:, 0].astype(np.float64), found[:, 1].astype(np.float64)
    place = max(1.0, height / 12)

    reach = MAX_SKEW + _COARSE  # the outermost angle must be one that can lose
    coarse = _best(points, np.arange(-reach, reach + _COARSE / 2, _COARSE), place)
    angle = _best(points, np.arange(coarse - _COARSE, coarse + _COARSE + _FINE / 2, _FINE), place)
    if not LEAST_SKEW <= abs(angle) <= reach:
        return 0.0
    turned, level = _scores(points, np.array([angle, 0.0]), place).tolist()
    if turned < _LEAST_GAIN * level:
        return 0.0
    along = points[0] * math.cos(math.radians(angle)) - points[1] * math.sin(math.radians(angle))
    length = float(np.ptp(along))
    # Turning blurs; what hardly moves a line is left alone.
    if length < _LEAST_LENGTH * height or length * abs(math.sin(math.radians(angle))) < _LEAST_RISE * height:
        return 0.0
    return max(-MAX_SKEW, min(MAX_SKEW, angle))


def _best(points: Points, angles: npt.NDArray[np.float64], place: float) -> float:
    """Of some angles, the one along which the points fall together most."""
    return float(angles[_scores(points, angles, place).argmax()])


def _scores(points: Points, angles: npt.NDArray[np.float64], place: float) -> npt.NDArray[np.intp]:
    """How much the points fall together: sums of squares of how many fall into each place, for each angle."""
    columns, rows = points
    turns = np.radians(angles)[:, None]
    across = columns * np.sin(turns) + rows * np.cos(turns)
    places = ((across - across.min(axis=1, keepdims=True)) / place).astype(np.intp)
    width = int(places.max()) + 1
    places += width * np.arange(len(angles))[:, None]
    counts = np.bincount(places.ravel(), minlength=width * len(angles)).reshape(len(angles), width)
    return np.asarray((counts * counts).sum(axis=1), np.intp)
