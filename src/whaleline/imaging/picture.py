"""Pictures, and their simple properties: paper, ink, the height of letters."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""uint8 of shape (height, width) for grey, or (height, width, 3) for RGB."""

Parts = npt.NDArray[np.int32]
"""Connected parts of ink, one in each row: left, top, width, height, area."""

LARGE = 2_000_000
"""Pixels of a picture, more of which show as much at half the size."""

_DOUBLED = np.array([2, 2, 2, 2, 4], np.int32)  # statistics of a part that was told at half the size
COLOUR = 3  # dimensions of a coloured picture's array


def grey(picture: Picture) -> Picture:
    """The picture as (height, width); the same array where it is grey already."""
    if picture.ndim < COLOUR:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def background(picture: Picture) -> int:
    """The grey value of the paper: the median of the picture's outermost pixels.

    A frame lies between the letters and whatever is around them, so it is paper for dark print on light and
    for light print on dark alike.
    """
    flat = grey(picture)
    return int(np.median(np.concatenate([flat[0], flat[-1], flat[:, 0], flat[:, -1]])))


def quantiles(flat: Picture, *shares: float, where: Picture | None = None) -> tuple[float, ...]:
    """The levels under which so large shares of a grey picture lie, as NumPy's `quantile` gives them, by counting.

    Args:
        flat: grey.
        shares: from 0 to 1.
        where: other than 0 where the picture counts; everywhere by default.
    """
    counts = np.cumsum(cv2.calcHist([flat], [0], where, [256], [0, 256]).ravel(), dtype=np.float64)
    places = np.array(shares) * (counts[-1] - 1)
    lower, upper = (counts.searchsorted(place, side="right") for place in (np.floor(places), np.ceil(places)))
    return tuple((lower + (places - np.floor(places)) * (upper - lower)).tolist())


def share(values: npt.NDArray[np.integer[Any]], at: float) -> float:
    """The value under which such a share of a few numbers lies, as NumPy's `quantile` gives it in 30 times as long."""
    sorted_ = np.sort(values, axis=None)
    place = at * (len(sorted_) - 1)
    lower, upper = float(sorted_[math.floor(place)]), float(sorted_[math.ceil(place)])
    return lower + (place - math.floor(place)) * (upper - lower)


def ink(picture: Picture) -> Picture:
    """Print as 255 and paper as 0, by Otsu's threshold, whichever of the two is the darker one.

    All zero where the picture is as good as blank, for a threshold always finds two classes, were it in
    noise.
    """
    flat = grey(picture)
    threshold, mask = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    dark = cv2.countNonZero(mask)
    least = 24  # grey levels between print and paper; noise of scanners and JPEG stays below
    if dark in (0, flat.size) or np.ptp(mean_levels(flat, np.asarray(mask, np.uint8))) < least:
        return np.zeros_like(flat)
    if background(flat) <= threshold and 2 * dark > flat.size:
        mask = cv2.bitwise_not(mask)
    return np.asarray(mask, np.uint8)


def mean_levels(flat: Picture, print_: Picture) -> tuple[float, float]:
    """The mean levels of a grey picture's print and of its paper, of both of which there is some."""
    count = cv2.countNonZero(print_)
    level = cv2.sumElems(cv2.bitwise_and(flat, print_))[0]
    return level / count, (cv2.sumElems(flat)[0] - level) / (flat.size - count)


def text_height(print_: Picture) -> float:
    """Pixels from top to bottom of the usual letter of a picture that `ink` gave; 0 where there is none.

    The median of the connected parts' heights, each counted by its own height, so that the many specks of a bad copy
    do not outvote its letters.
    """
    return usual_height(coarse_letters(print_))


def usual_height(parts: Parts) -> float:
    """The same as `text_height`, of parts that `letters` gave."""
    heights = np.sort(parts[:, cv2.CC_STAT_HEIGHT])
    if not heights.size:
        return 0.0
    total = np.cumsum(heights)
    return float(heights[np.searchsorted(total, total[-1] / 2)])


def halved(print_: Picture) -> Picture:
    """Ink at half the size: print wherever there was some."""
    return np.asarray(cv2.threshold(at_half(print_), 0, 255, cv2.THRESH_BINARY)[1], np.uint8)


def letters(print_: Picture) -> Parts:
    """Statistics (left, top, width, height, area) of the connected parts that may be letters.

    Left out are specks of less than three pixels, and rules far longer than they are thick.
    """
    # Of several empty rows one parts what is above from what is below; half of a page is white between lines.
    filled = np.asarray(print_.any(axis=1))
    rows = np.flatnonzero(filled | np.concatenate([[False], filled[:-1]]))
    if not rows.size:
        return np.zeros((0, 5), np.int32)
    close = print_ if len(rows) == len(print_) else print_[rows]
    # Short labels take less than half of the time.
    labels = cv2.CV_16U if most_parts(close) < np.iinfo(np.uint16).max else cv2.CV_32S
    _, _, statistics, _ = cv2.connectedComponentsWithStats(close, connectivity=8, ltype=labels)
    parts = np.array(statistics[1:], np.int32)
    parts[:, cv2.CC_STAT_TOP] = rows[parts[:, cv2.CC_STAT_TOP]]
    width, height = parts[:, cv2.CC_STAT_WIDTH], parts[:, cv2.CC_STAT_HEIGHT]
    speck, rule = 3, 12  # pixels; times as long as thick
    keep = (np.maximum(width, height) >= speck) & (width < rule * height) & (height < rule * width)
    return np.asarray(parts[keep], np.int32)


def most_parts(print_: Picture) -> int:
    """How many connected parts ink has at most, told at a glance: each begins below paper and to the right of it."""
    if min(print_.shape) < 2:  # noqa: PLR2004 - a row, which OpenCV takes no part of
        return int(np.count_nonzero(print_))
    begun = cv2.subtract(cv2.subtract(print_[1:, 1:], print_[:-1, 1:]), print_[1:, :-1])
    return cv2.countNonZero(begun) + int(np.count_nonzero(print_[0])) + int(np.count_nonzero(print_[:, 0]))


def coarse_letters(print_: Picture) -> Parts:
    """The same, in a large picture to two pixels: as much of its usual letters in a quarter of the time."""
    return np.asarray(letters(halved(print_)) * _DOUBLED, np.int32) if print_.size > LARGE else letters(print_)


def resized(flat: Picture, scale: float) -> Picture:
    """A grey picture at another scale, of a pixel to a side at least."""
    if scale == 1:
        return flat
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(flat.shape[1] * scale)), max(1, round(flat.shape[0] * scale)))
    return np.asarray(cv2.resize(flat, size, interpolation=method), np.uint8)


def at_half(picture: Picture) -> Picture:
    """A picture of any kind at half its size, without the last row or column of an odd number."""
    even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    half = (even.shape[1] // 2, even.shape[0] // 2)
    return np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)


def shrunk(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture of any kind at a smaller size (width, height), each pixel the mean of those that it stands for.

    By halves first, which takes a tenth of the time of any other share.
    """
    while picture.shape[0] >= 2 * size[1] and picture.shape[1] >= 2 * size[0]:
        picture = at_half(picture)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
