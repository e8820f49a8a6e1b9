"""Letters that a rectangle's edge cuts through: tips and tails of the neighbours are no text, all others may be."""

from __future__ import annotations

import cv2
import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey, ink, text_height

_MOST_INSIDE = 0.6  # of a letter's extent across the edge; with more of it inside, it can be read
_TIP, _TAIL = 0.2, 0.3  # of width and height: less is a neighbour's tip or tail
_LARGEST = 3.0  # times the usual letter's height; what is larger is a rule, a frame, or letters that touch


def without_tips(image: Picture, inside: Rectangle) -> tuple[Picture, Rectangle, int]:
    """A rectangle and its surroundings, with the letters painted over of which only a tip or a tail lies inside.

    Args:
        image: uint8 of shape (height, width) or (height, width, 3).
        inside: within the image.

    Returns:
        The surroundings and what of the image they are, the image itself and all of it where there is nothing to paint
        over; and the number of letters of which the edge leaves more than a tip but less than most.
    """
    height, width = image.shape[:2]
    whole = Rectangle(0, 0, width, height)
    if inside == whole:
        return image, whole, 0
    print_ = ink(image[inside.top : inside.bottom, inside.left : inside.right])
    usual = text_height(print_)
    if not usual or not _touched(print_) or print_.all():
        return image, whole, 0
    reach = int(_LARGEST * usual)
    around = inside.grown(reach).intersection(whole)
    part = image[around.top : around.bottom, around.left : around.right]
    mask = _print_about(part, around, inside, print_)
    left, top = inside.left - around.left, inside.top - around.top
    right, bottom = left + inside.width, top + inside.height

    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    count, outside = 0, np.zeros(len(statistics), bool)
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
    if not outside.any():
        return image, whole, count
    # With the grey rims of the letters.
    painted = cv2.dilate(outside[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    cleaned = part.copy()
    cleaned[painted] = np.median(part[mask == 0], axis=0)
    return cleaned, around, count


def _touched(print_: Picture) -> bool:
    return bool(print_[0].any() or print_[-1].any() or print_[:, 0].any() or print_[:, -1].any())


def _print_about(part: Picture, around: Rectangle, inside: Rectangle, print_: Picture) -> Picture:
    """Print in the surroundings, told apart from paper as it is in the rectangle."""
    flat = grey(part)
    own = flat[
        inside.top - around.top : inside.bottom - around.top, inside.left - around.left : inside.right - around.left
    ]
    letters, paper = float(own[print_ > 0].mean()), float(own[print_ == 0].mean())
    middle = (letters + paper) / 2
    mask = flat < middle if letters < paper else flat > middle
    return np.where(mask, np.uint8(255), np.uint8(0))
