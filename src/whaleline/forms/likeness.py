"""How alike the print of a form and what a scan shows are, once one lies over the other."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture

_PATCH = 19  # pixels to a side around a point
_CELLS = 20  # along the longer side
_SPARED = 13  # pixels: twice what is spared around fields, where writing runs over
_SEEN = 0.15  # of a cell that has to lie outside the fields
_INKED = 150.0  # variance of a cell with print in it, and
_LEAST = 25.0  # the least one that a correlation is taken of
_ALIKE = 0.5  # correlation of two cells with the same print; with other print it is around 0
_SHOWN = 0.8  # times as dark as in the usual cell, the form's print is at least where the scan has it


def alike_around(
    one: Picture, other: Picture, at: npt.NDArray[np.float32], there: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """How alike two pictures are around points: their correlation, -1 to 1."""
    result = np.zeros(len(at))
    for number, (here, goal) in enumerate(zip(at.tolist(), there.tolist(), strict=True)):
        patches = [cv2.getRectSubPix(one, (_PATCH, _PATCH), here), cv2.getRectSubPix(other, (_PATCH, _PATCH), goal)]
        first, second = (patch.astype(np.float32) - float(patch.mean()) for patch in patches)
        power = math.sqrt(float((first * first).sum()) * float((second * second).sum()))
        result[number] = float((first * second).sum()) / max(power, 1e-3)
    return result


def missing(print_: Picture, seen: Picture, mask: Picture) -> float:
    """The share of a form's places with print where the scan shows something else, 0 to 1.

    A form's relative has most of its print, and lacks that of some places altogether. Noise, a blur or a stamp takes a
    little in many places, and writing beside the print takes nothing.

    Args:
        print_: the form's.
        seen: what the scan shows there.
        mask: 0 in the fields, and where the scan ends; another number elsewhere.
    """
    height, width = print_.shape
    side = max(1, round(max(height, width) / _CELLS))
    cells = (max(1, width // side), max(1, height // side))
    weights = (cv2.erode(mask, np.ones((_SPARED, _SPARED), np.uint8)) > 0).astype(np.float32)
    part = cv2.resize(weights, cells, interpolation=cv2.INTER_AREA)
    one, other = 255 - print_.astype(np.float32), 255 - seen.astype(np.float32)

    def mean(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(cv2.resize(values * weights, cells, interpolation=cv2.INTER_AREA) / np.maximum(part, 1e-3))

    own, there = mean(one), mean(other)
    products, squares = mean(one * other), mean(one * one)
    own_variance, variance = squares - own**2, mean(other * other) - there**2
    both = np.sqrt(np.maximum(own_variance, _LEAST) * np.maximum(variance, _LEAST))
    inked = (part > _SEEN) & (own_variance > _INKED)
    if not inked.any():
        return 0.0
    unlike = ((products - own * there) / both)[inked] < _ALIKE
    # What is written beside the form's print makes a cell less alike, but leaves the print as dark as elsewhere.
    shown = (products / np.maximum(squares, _LEAST))[inked]
    return float((unlike & (shown < _SHOWN * np.median(shown))).mean())
