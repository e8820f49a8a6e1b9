"""Straight edges of a form, and of its sheet: each tells how far it has moved across itself, but not along.

Labels often stand on one side of a page only, and what lies on the other is guessed from them. The rules that a person
writes on reach across the page, and a sheet that was photographed ends where the form's picture does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture

DOWN: Final = 1
"""The axis across which a level edge tells something: y. That of an upright one is 0: x."""

Points = npt.NDArray[np.float64]

_RUN = 25  # pixels that an edge is straight for, at least
_STEEP = 60  # of an edge: Sobel's sum at least
_HALF = 8  # pixels of a profile to either side of its edge
_BAND = 17  # pixels along the edge that a profile is the mean of
_ALIKE = 0.8  # correlation of two profiles that show the same edge
_APART = 5  # pixels between two places that look like the same edge, of which neither counts
_EVERY = 40  # pixels between two samples along an edge
_MOST = 2000  # samples of level edges, and of upright ones: squared paper has ten times as many, and tells no more
_RIM_SAMPLES = 24  # along each side of the sheet
_ON_A_LINE = 1.5  # pixels by which samples of the sheet's side may be off a straight line
_MOST_OF = 0.6  # of a side's samples that have to lie on it


@dataclass(frozen=True, eq=False)
class Edges:
    """Samples of the straight edges of a picture.

    Attributes:
        at: where they are, in its pixels, of shape (n, 2).
        across: the axis across each edge: 0 for x, 1 for y.
    """

    at: Points
    across: npt.NDArray[np.intp]


def edges(print_: Picture, mask: Picture) -> Edges:
    """The straight edges, level and upright, of a picture of print, where the mask is not 0."""
    found = [
        _level(print_, mask),
        _level(np.ascontiguousarray(print_.T), np.ascontiguousarray(mask.T))[:, ::-1],
    ]
    across = np.repeat(np.array([DOWN, 1 - DOWN], np.intp), [len(each) for each in found])
    return Edges(np.concatenate(found).astype(np.float64), across)


def followed(
    print_: Picture, seen: Picture, these: Edges, reach: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """By how many pixels each edge has moved across itself, and which of them were found, within a reach in pixels.

    One that two places look like is not found: writing that begins beside a frame looks like its rule.
    """
    moved, good = np.zeros(len(these.at)), np.zeros(len(these.at), bool)
    for axis, turn in ((DOWN, _same), (1 - DOWN, _turned)):
        chosen = these.across == axis
        at = these.at[chosen] if axis == DOWN else these.at[chosen][:, ::-1]
        moved[chosen], good[chosen] = _shifts(turn(print_), turn(seen), at, reach)
    return moved, good


def rim(seen: Picture, margin: int, print_: Picture) -> tuple[Points, npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Where the sheet ends, near the rim of a form's picture.

    Args:
        seen: what the scan shows where the form's picture lies, with a margin on each side.
        margin: pixels.
        print_: the form's picture.

    Returns:
        Points on the form's rim, in its pixels; the axis across the rim at each; by how many pixels the sheet's edge
        lies off it. None of a side where no straight edge was found, or where print of the form itself is near.
    """
    height, width = print_.shape
    at: list[Points] = []
    across: list[npt.NDArray[np.intp]] = []
    moved: list[npt.NDArray[np.float64]] = []
    for axis, length, far in ((DOWN, width, height), (1 - DOWN, height, width)):
        turn = _same if axis == DOWN else _turned
        steep = np.abs(cv2.Sobel(cv2.blur(turn(seen), (_BAND, 3)), cv2.CV_32F, 0, 1))
        own = np.abs(cv2.Sobel(cv2.blur(turn(print_), (_BAND, 3)), cv2.CV_32F, 0, 1))
        along = np.linspace(0.03, 0.97, _RIM_SAMPLES) * length
        columns = along.astype(np.intp)
        for side in (0, far):
            inwards = (own[:margin] if side == 0 else own[-margin:][::-1])[:, columns] > _STEEP
            blank = np.where(inwards.any(axis=0), inwards.argmax(axis=0), margin) - _HALF  # rows before own print
            inner = (
                np.arange(2 * margin)[:, None] - margin if side == 0 else margin - 1 - np.arange(2 * margin)[:, None]
            )
            strip = np.where(inner < blank, steep[side : side + 2 * margin, columns + margin], 0)
            clear = (blank > 0) & (strip.max(axis=0) > _STEEP / 2)
            off = _peaks(strip) + 0.5 - margin
            kept = clear & _on_a_line(along, off, clear)
            points = np.stack([along, np.full(len(along), float(side))], axis=1)
            at.append((points if axis == DOWN else points[:, ::-1])[kept])
            across.append(np.full(int(kept.sum()), axis, np.intp))
            moved.append(off[kept])
    return np.concatenate(at), np.concatenate(across), np.concatenate(moved)


def _level(print_: Picture, mask: Picture) -> npt.NDArray[np.intp]:
    """Samples of level edges, x and y, of shape (n, 2)."""
    steep = np.abs(cv2.Sobel(print_, cv2.CV_32F, 0, 1))
    straight = cv2.erode(np.where(mask > 0, steep, 0).astype(np.float32), np.ones((1, _RUN), np.uint8))
    peak = (straight >= _STEEP) & (straight >= cv2.dilate(straight, np.ones((2 * _HALF + 1, 1), np.uint8)))
    y, x = np.nonzero(peak)
    _, first = np.unique(np.stack([x // _EVERY, y]), axis=1, return_index=True)
    chosen = first[np.linspace(0, len(first) - 1, min(len(first), _MOST)).astype(np.intp)]
    return np.stack([x[chosen], y[chosen]], axis=1)


def _shifts(
    print_: Picture, seen: Picture, at: Points, reach: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """By how many pixels the profiles of level edges have moved down."""
    if not len(at):
        return np.zeros(0), np.zeros(0, bool)
    pad = _HALF + reach
    one, other = (
        cv2.copyMakeBorder(cv2.blur(each, (_BAND, 1)), pad, pad, 0, 0, cv2.BORDER_REPLICATE) for each in (print_, seen)
    )
    x, y = at.astype(np.intp).T
    profile = one[y[:, None] + pad + np.arange(-_HALF, _HALF + 1), x[:, None]].astype(np.float64)
    strip = other[y[:, None] + pad + np.arange(-pad, pad + 1), x[:, None]].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(strip, 2 * _HALF + 1, axis=1)
    likeness = _correlation(profile[:, None], windows)
    best = likeness.argmax(axis=1)
    rows = np.arange(len(at))
    inner = (best > 0) & (best < 2 * reach)
    before, here, after = (likeness[rows, np.clip(best + step, 0, 2 * reach)] for step in (-1, 0, 1))
    curve = before - 2 * here + after
    finer = np.where(inner & (curve < 0), 0.5 * (before - after) / np.minimum(curve, -1e-9), 0)
    elsewhere = np.where(np.abs(np.arange(2 * reach + 1) - best[:, None]) < _APART, 0, likeness).max(axis=1)
    return best - reach + finer, inner & (here > _ALIKE) & (elsewhere < _ALIKE)


def _correlation(one: Points, other: Points) -> Points:
    """Of profiles, along the last axis."""
    first, second = (each - each.mean(axis=-1, keepdims=True) for each in (one, other))
    power = np.sqrt((first * first).sum(axis=-1) * (second * second).sum(axis=-1))
    return np.asarray((first * second).sum(axis=-1) / np.maximum(power, 1e-3))


def _peaks(strip: npt.NDArray[np.float32]) -> Points:
    """The row of the strongest value in each column, finer than a pixel."""
    near = np.arange(-2, 3)[:, None]
    rows = np.clip(strip.argmax(axis=0), 2, len(strip) - 3) + near
    weights = np.take_along_axis(strip, rows, axis=0)
    return np.asarray((rows * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-6), np.float64)


def _on_a_line(along: Points, off: Points, clear: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which samples lie on the one straight line that most of the clear ones lie on; none if they are too few."""
    best = np.zeros(len(along), bool)
    (chosen,) = np.nonzero(clear)
    for first in chosen:
        for second in chosen[chosen > first + len(along) // 4]:
            slope = (off[second] - off[first]) / (along[second] - along[first])
            near = clear & (np.abs(off[first] + slope * (along - along[first]) - off) < _ON_A_LINE)
            if near.sum() > best.sum():
                best = near
    return best if best.sum() >= _MOST_OF * len(along) else np.zeros(len(along), bool)


def _same(picture: Picture) -> Picture:
    return picture


def _turned(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture.T)
