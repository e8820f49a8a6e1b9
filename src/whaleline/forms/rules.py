"""Where a form has rules and nothing else: corners found there are grain of a threshold's making, and no print."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture

DARK: Final = 200
"""A pixel of print is less."""

_LONG = 60  # pixels of a rule at least: more than a stroke of a letter
_THICK = 12  # pixels, that are a bar and no rule: print may be in it
_BESIDE = 3  # pixels to both sides of a rule, where its grain is
_END = 8  # pixels from its end, or from other print, that are not within it; what is left of a crossing is no word


def runs(dark: Picture, shape: tuple[int, int]) -> Picture:
    """What of print is part of a rule of so many pixels down and across."""
    return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8)), np.uint8)


def within_rules(print_: Picture, mask: Picture) -> npt.NDArray[np.bool_]:
    """Where there is a straight rule, and neither its end nor a crossing nor other print is near.

    Args:
        print_: the form's.
        mask: 0 in its fields, where print does not count.
    """
    dark, counts = (print_ < DARK).astype(np.uint8), (mask > 0).astype(np.uint8)
    return _within_level(dark, counts) | _within_level(*map(np.ascontiguousarray, (dark.T, counts.T))).T


def _within_level(dark: Picture, counts: Picture) -> npt.NDArray[np.bool_]:
    rules = runs(dark, (1, _LONG))
    thin = cv2.subtract(rules, runs(rules, (_THICK, 1)))
    grain = cv2.dilate(thin, np.ones((2 * _BESIDE + 1, 1), np.uint8))
    other = cv2.dilate(cv2.subtract(dark, grain) * counts, np.ones((2 * _END + 1, 2 * _END + 1), np.uint8))
    inner = cv2.erode(grain, np.ones((1, 2 * _END + 1), np.uint8))
    return np.asarray((inner > 0) & (other == 0))
