"""Letters that a rectangle's edge cuts through: tips and tails of the neighbours are no text, all others may be."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey
from whaleline.imaging.sight import Sight

_MOST_INSIDE = 0.6  # of a letter's extent across the edge; with more of it inside, it can be read
_TIP, _TAIL = 0.2, 0.3  # of width and height: less is a neighbour's tip or tail
_PART = 0.4  # of the ink of the line that is whole; more is a line by itself, which the edge spoils
_ACCENT = 0.25  # of the usual letter's height: what is nearer to a line may hold an accent of it
_LARGEST = 3.0  # times the usual letter's height; what is larger is a rule, a frame, or letters that touch


def without_tips(image: Picture, inside: Rectangle, sight: Sight) -> tuple[Picture, Rectangle, int]:
    """A rectangle and its surroundings, with the letters painted over of which only a tip or a tail lies inside.

    So are the parts of neighbouring lines beside a line that is whole.

    Args:
        image: uint8 of shape (height, width) or (height, width, 3).
        inside: within the image.
        sight: of what the image shows there.

    Returns:
        The surroundings and what of the image they are, the image itself and all of it where there is nothing to paint
        over; and the number of letters of which the edge leaves more than a tip but less than most.
    """
    height, width = image.shape[:2]
    whole = Rectangle(0, 0, width, height)
    if inside == whole:
        return image, whole, 0
    print_ = sight.ink
    if not _touched(print_) or print_.all() or not sight.height:
        return image, whole, 0
    usual = sight.height
    reach = int(_LARGEST * usual)
    around = inside.grown(reach).intersection(whole)
    part = image[around.top : around.bottom, around.left : around.right]
    mask = _print_about(part, around, inside, print_)
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
    own = np.asarray(labels[top:bottom, left:right], np.int32)
    outside[_of_neighbours(mask[top:bottom, left:right], own, cut, max(1, round(usual)))] = True
    if not outside.any():
        return image, whole, count
    # With the grey rims of the letters.
    painted = cv2.dilate(outside[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    cleaned = part.copy()
    cleaned[painted] = np.median(part[mask == 0], axis=0)
    return cleaned, around, count


def _of_neighbours(
    print_: Picture, labels: npt.NDArray[np.int32], cut: npt.NDArray[np.bool_], reach: int
) -> npt.NDArray[np.int32]:
    """The letters of lines of which the upper or lower edge leaves a part, beside a line that it leaves whole.

    A rectangle around a line that leans holds the beginning of the next line, or the end of the one before. What nearly
    touches the line that is whole stays: it may have grown together with an accent.

    Args:
        print_: of the rectangle.
        labels: the letter to which each pixel belongs.
        cut: of each letter whether the upper or lower edge leaves less than most of it.
        reach: pixels of the usual letter's height, and between two letters of a line at most.
    """
    _, rows = cv2.connectedComponents(cv2.dilate(print_, np.ones((1, 2 * reach + 1), np.uint8)), connectivity=8)
    rows[print_ == 0] = 0
    ink = np.bincount(rows.ravel())
    ink[0] = 0
    broken = np.zeros(len(ink), bool)
    broken[np.unique(rows[cut[labels]])] = True
    main = int(ink.argmax())
    if broken[main]:
        return np.zeros(0, np.int32)
    parts = broken & (ink < _PART * ink[main])
    parts[0] = False
    about = np.ones((2 * round(_ACCENT * reach) + 1, reach + 1), np.uint8)  # an accent stands over a letter's hollow
    near = cv2.dilate((rows == main).astype(np.uint8), about) > 0
    return np.setdiff1d(labels[parts[rows]], labels[near]).astype(np.int32)


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
