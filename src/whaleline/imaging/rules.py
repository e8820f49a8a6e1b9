"""Ruled lines: underlines, frames, the grids of tables and the boxes of combs, and pictures without them."""

from __future__ import annotations

import cv2
import numpy as np

from whaleline.imaging.picture import COLOUR, LARGE, Picture, grey, halved

_LEAST_LENGTH, _LENGTH = 30, 5.0  # pixels, and letters' heights: a shorter stroke may be a dash or part of a letter
_ACROSS = 0.85  # of the picture's side, which a rule in a small picture runs over at least
_BAR, _STEM = 1.3, 1.5  # letters' heights, which no letter's own strokes are long, level and upright
_COLUMNS = 16  # of those that a rule of the least length runs through, which are looked at first
_THICKEST = 9  # pixels, odd; what is as thick is a bar or a picture


def rules(print_: Picture, height: float, *, low_frames: bool = False) -> Picture:
    """A mask (255) of the rules in a picture's ink, level and upright; a large picture is looked at by halves.

    Args:
        print_: as `ink` gives it.
        height: of a letter, in pixels.
        low_frames: whether the sides of a frame about one line are rules, too, though they are short.
    """
    if print_.size <= LARGE:
        return _rules(print_, height, 1, low_frames=low_frames)
    half = _rules(halved(print_), height / 2, 2, low_frames=low_frames)
    mask = np.zeros_like(print_)
    if half.any():
        size = 2 * half.shape[1], 2 * half.shape[0]
        mask[: size[1], : size[0]] = cv2.resize(half, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.bitwise_and(mask, print_), np.uint8)


def _rules(print_: Picture, height: float, unit: int, *, low_frames: bool) -> Picture:
    level, upright = level_and_upright(print_, height, unit)
    if low_frames and level.any():
        strokes = np.ascontiguousarray(_runs(print_.T, int(_STEM * height), unit).T)
        upright = np.maximum(upright, _sides(strokes, level, _THICKEST // unit | 1))
    return np.maximum(level, upright)


def level_and_upright(print_: Picture, height: float, unit: int = 1) -> tuple[Picture, Picture]:
    """The two kinds of `rules`, each as a mask of its own.

    Args:
        print_: as `ink` gives it.
        height: of a letter, in pixels.
        unit: pixels of the page to a side of each of these.
    """
    high, wide = print_.shape
    long = max(_LEAST_LENGTH // unit, int(_LENGTH * height))
    # A letter may fill the rectangle that was drawn about it.
    level = _runs(print_, max(min(long, int(_ACROSS * wide)), int(_BAR * height)), unit)
    upright = _runs(print_.T, max(min(long, int(_ACROSS * high)), int(_STEM * height)), unit).T
    return level, np.ascontiguousarray(upright)


def _sides(strokes: Picture, level: Picture, reach: int) -> Picture:
    """The upright strokes that run from one level rule to another: the sides of a box as low as a line of print."""
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(strokes)
    if count == 1:
        return strokes
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


def without_ink(print_: Picture, ruled: Picture) -> Picture:
    """A picture's ink without its rules; letters that a rule runs through stay whole.

    Args:
        print_: as `ink` gives it.
        ruled: its rules, as `rules` gives them.
    """
    if not ruled.any():
        return print_
    clear = cv2.subtract(print_, ruled)
    bridged = cv2.morphologyEx(clear, cv2.MORPH_CLOSE, np.ones((_THICKEST, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(clear, cv2.bitwise_and(bridged, ruled)), np.uint8)


def without(picture: Picture, mask: Picture) -> Picture:
    """The picture with what a mask marks, and its grey rims, painted as paper.

    Args:
        picture: grey or colour.
        mask: 255 where to paint, of the picture's size.
    """
    if not mask.any():
        return picture
    painted = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0
    flat = grey(picture)
    around = (cv2.dilate(mask, np.ones((15, 15), np.uint8)) > 0) & ~painted
    # Paper is what is usual beside the rule and unlike it.
    level, beside = float(np.median(flat[mask > 0])), flat[around]
    paper = around.copy()
    if beside.size:
        paper[around] = (
            np.abs(beside.astype(np.float32) - level)
            > np.abs(float(np.percentile(beside, 10 if level > float(np.median(beside)) else 90)) - level) / 2
        )
    if not paper.any():
        return picture
    clean = picture.copy()
    clean[painted] = np.median(picture[paper], axis=0) if picture.ndim == COLOUR else np.median(flat[paper])
    return clean
