"""Ruled lines: underlines, frames, the grids of tables and the boxes of combs, and pictures without them."""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np

from whaleline.imaging.picture import COLOUR, LARGE, Picture, grey, halved

_LEAST_LENGTH, _LENGTH = 30, 5.0  # pixels, and letters' heights: a shorter stroke may be a dash or part of a letter
_ACROSS = 0.85  # of the picture's side, which a rule in a small picture runs over at least
_BAR, _STEM = 1.3, 1.5  # letters' heights, which no letter's own strokes are long, level and upright
_COLUMNS = 16  # of those that a rule of the least length runs through, which are looked at first
_ABOUT = 7  # pixels to each side of a rule, by which its paper is told
_THICKEST = 9  # pixels, odd; what is as thick is a bar or a picture


def rules(print_: Picture, height: float) -> Picture:
    """A mask (255) of the rules in a picture's ink, level and upright.

    Args:
        print_: as `ink` gives it.
        height: of a letter, in pixels.
    """
    return covered(print_, *kinds(print_, height))


def kinds(print_: Picture, height: float) -> tuple[Picture, Picture]:
    """The level and the upright rules, each as a mask; of a large picture at half its size; arguments as above."""
    coarse, height, unit = _coarse(print_, height)
    return level(coarse, height, unit), turned(level(turned(coarse), height, unit, upright=True))


def sides(print_: Picture, height: float, level: Picture) -> Picture:
    """The same of the sides of frames about one line, which are short; `level` are the level rules of `kinds`."""
    coarse, height, unit = _coarse(print_, height)
    strokes = turned(_runs(turned(coarse), int(_STEM * height), unit))
    return _between(strokes, level, _THICKEST // unit | 1)


def covered(print_: Picture, *masks: Picture) -> Picture:
    """The ink that masks of its size or of half of it cover."""
    mask = reduce(np.maximum, masks)
    if mask.shape != print_.shape:
        half, mask = mask, np.zeros_like(print_)
        if half.any():
            size = 2 * half.shape[1], 2 * half.shape[0]
            mask[: size[1], : size[0]] = cv2.resize(half, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.bitwise_and(mask, print_), np.uint8)


def _coarse(print_: Picture, height: float) -> tuple[Picture, float, int]:
    """What rules are looked for in: ink, its letters' height, and pixels of the picture to a side of each of these."""
    return (print_, height, 1) if print_.size <= LARGE else (halved(print_), height / 2, 2)


def level(print_: Picture, height: float, unit: int = 1, *, upright: bool = False) -> Picture:
    """A mask of the level rules.

    Args:
        print_: as `ink` gives it.
        height: of a letter, in pixels.
        unit: pixels of the page to a side of each of these.
        upright: whether the picture was turned, so that upright rules are level.
    """
    long = max(_LEAST_LENGTH // unit, int(_LENGTH * height))
    # A letter may fill the rectangle that was drawn about it.
    stroke = int((_STEM if upright else _BAR) * height)
    return _runs(print_, max(min(long, int(_ACROSS * print_.shape[1])), stroke), unit)


def turned(mask: Picture) -> Picture:
    """Rows as columns."""
    return np.asarray(cv2.transpose(mask), np.uint8)  # five times as fast as NumPy's copy


def _between(strokes: Picture, level: Picture, reach: int) -> Picture:
    """The upright strokes that run from one level rule to another: the sides of a box as low as a line of print."""
    if not strokes.any():
        return strokes
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(strokes)
    near = cv2.dilate(level, np.ones((reach, reach), np.uint8)) > 0
    kept = np.zeros(count, bool)
    for index, (left, top, wide, high, _) in enumerate(boxes[1:].tolist(), 1):
        ends = near[top, left : left + wide], near[top + high - 1, left : left + wide]
        kept[index] = all(end.any() for end in ends)
    return np.where(kept[parts], strokes, np.uint8(0))


def _runs(print_: Picture, length: int, unit: int) -> Picture:
    """The thin parts of a picture's ink that run level for so many pixels."""
    length |= 1  # an even kernel would shift the picture
    if length > print_.shape[1] or length < 2:  # noqa: PLR2004
        return np.zeros_like(print_)
    mask = np.ascontiguousarray(print_)
    # A rule that leans by a pixel over its length is one, too; halves have no such gaps.
    closed = mask if unit > 1 else cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    level = level_runs(np.asarray(closed, np.uint8), length)
    if not level.any():
        return np.zeros_like(mask)
    solid = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((_THICKEST // unit | 1, 1), np.uint8))
    return np.asarray(cv2.bitwise_and(cv2.subtract(level, solid), mask), np.uint8)


def level_runs(mask: Picture, length: int) -> Picture:
    """What of a mask runs level for so many pixels, an odd number; most pictures have none.

    Beyond the rim there is paper: else a stroke that touches it would pass for one of twice its length.
    """
    step = max(1, length // _COLUMNS)
    if not cv2.erode(np.ascontiguousarray(mask[:, ::step]), np.ones((1, length // step), np.uint8)).any():
        return np.zeros_like(mask)
    opened = cv2.morphologyEx(
        mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(opened, np.uint8)


def without_ink(print_: Picture, ruled: Picture, unit: int = 1) -> Picture:
    """A picture's ink without its rules; letters that a rule runs through stay whole.

    Args:
        print_: as `ink` gives it.
        ruled: its rules, as `rules` gives them.
        unit: pixels of the page to a side of each of these.
    """
    if not ruled.any():
        return print_
    clear = cv2.subtract(print_, ruled)
    bridged = cv2.morphologyEx(clear, cv2.MORPH_CLOSE, np.ones((_THICKEST // unit | 1, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(clear, cv2.bitwise_and(bridged, ruled)), np.uint8)


def without(picture: Picture, mask: Picture) -> Picture:
    """The picture with what a mask marks, and its grey rims, painted as paper.

    Args:
        picture: grey or colour.
        mask: 255 where to paint, of the picture's size.
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return picture
    clean = picture.copy()
    about = (
        slice(max(0, int(rows[0]) - _ABOUT), int(rows[-1]) + 1 + _ABOUT),
        slice(max(0, int(columns[0]) - _ABOUT), int(columns[-1]) + 1 + _ABOUT),
    )
    _paint(clean[about], np.ascontiguousarray(mask[about]))
    return clean


def _paint(picture: Picture, mask: Picture) -> None:
    """Paint what a mask marks as the paper about it, in place; nothing where no paper is seen."""
    painted = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0
    flat = grey(picture)
    around = (cv2.dilate(mask, np.ones((2 * _ABOUT + 1, 2 * _ABOUT + 1), np.uint8)) > 0) & ~painted
    # Paper is what is usual beside the rule and unlike it.
    level, beside = float(np.median(flat[mask > 0])), flat[around]
    paper = around.copy()
    if beside.size:
        paper[around] = (
            np.abs(beside.astype(np.float32) - level)
            > np.abs(float(np.percentile(beside, 10 if level > float(np.median(beside)) else 90)) - level) / 2
        )
    if paper.any():
        picture[painted] = np.median(picture[paper], axis=0) if picture.ndim == COLOUR else np.median(flat[paper])
