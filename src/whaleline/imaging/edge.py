"""Letters that a rectangle's edge cuts through: tips and tails of the neighbours are no text, all others may be."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey, mean_levels, quantiles
from whaleline.imaging.sight import Sight

_MOST_INSIDE = 0.6  # of a letter's extent across the edge; with more of it inside, it can be read
_TIP, _TAIL = 0.2, 0.3  # of width and height: less is a neighbour's tip or tail
_PART = 0.4  # of the ink of the line that is whole; more is a line by itself, which the edge spoils
_ACCENT = 0.25  # of the usual letter's height: what is nearer to a line may hold an accent of it
_MARGIN = 8  # pixels about the rectangle, of which those see a part who turn it
_LARGEST = 3.0  # times the usual letter's height; what is larger is a rule, a frame, or letters that touch


def without_tips(image: Picture, inside: Rectangle, sight: Sight) -> tuple[Picture, Rectangle, int]:
    """A rectangle, with the letters painted over of which only a tip or a tail lies inside.

    So are the parts of neighbouring lines beside a line that is whole.

    Args:
        image: uint8 of shape (height, width) or (height, width, 3).
        inside: within the image.
        sight: of what the image shows there.

    Returns:
        The rectangle in a margin and what of the image that is, the image itself and all of it where there is nothing
        to paint over; and the number of letters of which the edge leaves more than a tip but less than most.
    """
    height, width = image.shape[:2]
    whole = Rectangle(0, 0, width, height)
    if inside == whole:
        return image, whole, 0
    print_ = sight.ink
    if not _touched(print_) or print_.all() or not sight.height:
        return image, whole, 0
    usual = sight.height
    around = inside.grown(int(_LARGEST * usual)).intersection(whole)
    part = image[around.top : around.bottom, around.left : around.right]
    mask = _print_about(grey(part), sight)
    left, top = inside.left - around.left, inside.top - around.top
    right, bottom = left + inside.width, top + inside.height

    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    count, outside, cut = 0, np.zeros(len(statistics), bool), np.zeros(len(statistics), bool)
    at_edges = np.concatenate(
        [labels[[top, bottom - 1], left:right].ravel(), labels[top:bottom, [left, right - 1]].ravel()]
    )
    for label in np.unique(at_edges[at_edges > 0]).tolist():
        x, y, wide, high, _ = statistics[label].tolist()
        if max(wide, high) > _LARGEST * usual:
            continue
        across = (min(x + wide, right) - max(x, left)) / wide
        down = (min(y + high, bottom) - max(y, top)) / high
        if across < _TIP or down < _TAIL:
            outside[label] = True
        elif min(across, down) < _MOST_INSIDE and high > usual / 2:
            count += 1
        cut[label] = down < _MOST_INSIDE and high > usual / 2
    if cut.any():
        own = np.asarray(labels[top:bottom, left:right], np.int32)
        outside |= _of_neighbours(mask[top:bottom, left:right], own, cut, max(1, round(usual)))
    if not outside.any():
        return image, whole, count
    near = inside.grown(_MARGIN).intersection(around)
    rows = slice(near.top - around.top, near.bottom - around.top)
    columns = slice(near.left - around.left, near.right - around.left)
    # With the grey rims of the letters.
    painted = cv2.dilate(outside[labels[rows, columns]].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    cleaned = part[rows, columns].copy()
    paper = np.asarray(cv2.bitwise_not(sight.ink), np.uint8)
    cleaned[painted] = [quantiles(np.asarray(one, np.uint8), 0.5, where=paper)[0] for one in cv2.split(sight.picture)]
    return cleaned, near, count


def _of_neighbours(
    print_: Picture, labels: npt.NDArray[np.int32], cut: npt.NDArray[np.bool_], reach: int
) -> npt.NDArray[np.bool_]:
    """The letters of lines of which the upper or lower edge leaves a part, beside a line that it leaves whole.

    A rectangle around a line that leans holds the beginning of the next line, or the end of the one before. What nearly
    touches the line that is whole stays: it may have grown together with an accent.

    Args:
        print_: of the rectangle.
        labels: the letter to which each pixel belongs.
        cut: of each letter whether the upper or lower edge leaves less than most of it.
        reach: pixels of the usual letter's height, and between two letters of a line at most.
    """
    found = np.zeros_like(cut)
    _, rows = cv2.connectedComponents(cv2.dilate(print_, np.ones((1, 2 * reach + 1), np.uint8)), connectivity=8)
    rows[print_ == 0] = 0
    ink = np.bincount(rows.ravel())
    ink[0] = 0
    broken = np.zeros(len(ink), bool)
    broken[np.unique(rows[cut[labels]])] = True
    main = int(ink.argmax())
    parts = broken & (ink < _PART * ink[main])
    parts[0] = False
    if broken[main] or not parts.any():
        return found
    about = np.ones((2 * round(_ACCENT * reach) + 1, reach + 1), np.uint8)  # an accent stands over a letter's hollow
    near = cv2.dilate((rows == main).astype(np.uint8), about) > 0
    found[labels[parts[rows]]] = True
    found[labels[near]] = False
    return found


def _touched(print_: Picture) -> bool:
    return bool(print_[0].any() or print_[-1].any() or print_[:, 0].any() or print_[:, -1].any())


def _print_about(flat: Picture, sight: Sight) -> Picture:
    """Print in the surroundings, told apart from paper as it is in the rectangle."""
    print_, paper = mean_levels(sight.grey, sight.ink)
    middle = (print_ + paper) / 2
    if print_ < paper:
        return np.asarray(cv2.threshold(flat, math.ceil(middle) - 1, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)
    return np.asarray(cv2.threshold(flat, math.floor(middle), 255, cv2.THRESH_BINARY)[1], np.uint8)
