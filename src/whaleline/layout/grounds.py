"""Print on grounds of its own: light letters on dark fields, dark ones on grey, and where such fields end."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture, grey, ink

Mask = npt.NDArray[np.bool_]

_SOLID = 0.7  # letters' heights; no stroke of a letter is as thick
_HOLE = 2.0  # letters' heights that a letter in a field is high and wide at most
_WIDE, _HIGH = 3.0, 1.0  # letters' heights of a field at least
_LEAST = 24  # grey levels between a field and what is printed on it
_MOST = 200  # fields that are looked into
_GROUNDS = 3  # of one field, which are told apart
_STEP = 12  # grey levels between two grounds


def print_and_edges(picture: Picture, height: float) -> tuple[Picture, Picture, Picture]:
    """A picture's ink as `ink` gives it, but for dark fields: there it is what is printed on them.

    Args:
        picture: grey or colour.
        height: of a letter, in pixels.

    Returns:
        The ink, and masks of the level and of the upright edges of the fields.
    """
    flat, dark = grey(picture), ink(picture)
    fields = _fields(dark, height)
    if not fields.any():
        return dark, fields, fields
    print_ = dark.copy()
    print_[fields > 0] = 0
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(fields, connectivity=4)
    largest = np.argsort(-statistics[1:, cv2.CC_STAT_AREA])[:_MOST] + 1
    kept = np.zeros_like(fields)
    for label in largest.tolist():
        left, top, wide, high = (int(value) for value in statistics[label, :4])
        if wide < _WIDE * height or high < _HIGH * height:
            continue
        part = np.s_[top : top + high, left : left + wide]
        inside = labels[part] == label
        kept[part][inside] = 255
        print_[part][inside] = _printed(flat[part], inside, height)[inside]
    small = (fields > 0) & (kept == 0)
    print_[small] = dark[small]
    return print_, _edges(kept, np.ones((3, 1), np.uint8)), _edges(kept, np.ones((1, 3), np.uint8))


def steps(picture: Picture, height: float) -> Picture:
    """A mask of where one light ground ends below another, as between the shaded heading of a table and its rows.

    Args:
        picture: grey.
        height: of a letter, in pixels.
    """
    side = max(5, int(_HOLE * height)) | 1
    ground = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    around = np.pad(ground, ((1, 1), (0, 0)), "edge")
    apart = cv2.absdiff(around[:-2], around[2:])
    return np.asarray((apart >= _STEP).astype(np.uint8) * np.uint8(255), np.uint8)


def _fields(dark: Picture, height: float) -> Picture:
    side = max(9, int(_SOLID * height)) | 1
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    if not solid.any():
        return np.asarray(solid, np.uint8)
    hole = int(_HOLE * height) | 1
    return np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((hole, hole), np.uint8)), np.uint8)


def _printed(flat: Picture, inside: Mask, height: float, more: int = _GROUNDS) -> Picture:
    """The print of a field: what differs from its usual grey, either way; none where that is all.

    Fields of different greys that touch are one at first. What is too thick for print in it is another ground.

    Args:
        flat: the grey picture around the field.
        inside: what of it the field covers.
        height: of a letter, in pixels.
        more: grounds that are looked for in it.
    """
    away = cv2.absdiff(flat, np.full_like(flat, round(float(np.median(flat[inside])))))
    values = np.ascontiguousarray(away[inside])[None, :]
    threshold, above = cv2.threshold(values, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    far = above > 0
    if far.all() or not far.any() or float(values[far].mean()) - float(values[~far].mean()) < _LEAST:
        return np.zeros_like(flat)
    print_ = np.where((away > threshold) & inside, np.uint8(255), np.uint8(0))
    ground = (_fields(print_, height) > 0) & inside
    if more and ground.any() and not ground[inside].all():
        return np.maximum(*(_printed(flat, part, height, more - 1) for part in (ground, inside & ~ground)))
    return print_


def _edges(fields: Picture, kernel: Picture) -> Picture:
    return np.asarray(cv2.subtract(fields, cv2.erode(fields, kernel, borderValue=0)), np.uint8)
