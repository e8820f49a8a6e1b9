"""Whether a check box or a bubble is ticked, empty or crossed out, and whether somebody wrote in a field at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging import rules
from whaleline.imaging.light import paper
from whaleline.imaging.picture import Picture, grey, letters, text_height

_LEAST_SIDE = 72  # pixels; a smaller picture is enlarged to it
_LEAST_CONTRAST = 50.0  # grey levels between print and paper; what differs by less is no print
_DARK = 0.45  # of the way from paper to black, from where a pixel counts as ink; what an eraser leaves is lighter
_LEAST_REGION = 0.08  # of a picture, which its box or bubble fills at least
_GAPS = (
    0.0,
    0.015,
    0.06,
)  # of a picture's shorter side, that an outline may have; the smaller first, for rules lie near
_STOUT = 0.1  # of a picture's shorter side, half of which any part of a box is wide, and no stroke
_SQUARE = 0.87  # of the rectangle around it, which a box fills and a bubble does not
_SLIM = 1.7  # times as long as wide; what is longer is neither box nor bubble
_RIM = 0.14  # of a box's or bubble's shorter side, that is left out along its edge
_FREE = 0.1  # of it, that the form's own print leaves free; where there is less, its letter counts too

_TICK = 0.035  # share of ink in a box, or in a place without one, from which there is a tick
_BLOTTED = 0.72  # share of ink in a box from which its mark is crossed out
_BLUR = 0.033  # of a picture's shorter side
_FILLED = 0.28  # darkness of all but the lightest third of a bubble, from which it is filled: a letter covers less
_STROKES = 0.3  # share of new ink in a bubble from which there is a tick
_LEAST_WRITING = 0.002  # share of ink in a field from which somebody wrote in it
_BESIDE = 0.05  # of a picture's shorter side, by which a scan may lie beside the empty form
_LETTER = 0.5  # of the usual letter's height, from which on something new may be one
_FAINT = 8.0  # grey levels of a stroke in even light, less of which nobody can read
_COARSE, _THICK = 0.125, 5  # scale at which light is looked at, and pixels there, which no stroke is wide
_WHITE = 250  # level of paper in even light
_SLOPE = 3.0  # how fast doubt goes with the logarithm of the distance from a bound


class State(StrEnum):
    """What a check box says."""

    TICKED = "ticked"
    EMPTY = "empty"
    CROSSED_OUT = "crossed out"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is in a check box.

    Attributes:
        state: what it says.
        confidence: 0 to 100.
    """

    state: State
    confidence: float


class _Frame(Enum):
    BOX = 1
    BUBBLE = 2
    NONE = 3


_Mask = npt.NDArray[np.uint8]


def mark(picture: Picture, blank: Picture | None = None) -> Mark:
    """What a check box or a bubble says; also a place for a tick without a frame.

    Args:
        picture: of the box with little around it, grey or colour.
        blank: of the same place on the empty form, where there is one; it may be of another size.
    """
    flat = grey(picture)
    factor = max(1.0, _LEAST_SIDE / min(flat.shape))
    dark = _darkness(_sized(flat, tuple(round(factor * side) for side in flat.shape)))
    print_ = _print(dark)
    if blank is None:
        region, frame = _region(print_)
        free = region
    else:
        form = _print(_darkness(_sized(blank, dark.shape)))
        region, frame = _region(form)
        if frame is _Frame.NONE:
            region, frame = _region(print_)
        free = _free(region, form)
    share = _mean(print_, free)
    if frame is _Frame.BUBBLE:
        level = float(np.percentile(cv2.GaussianBlur(dark, (0, 0), _BLUR * min(dark.shape))[region > 0], 30))
        nearest = max(level / _FILLED, share / _STROKES if blank is not None else 0.0)
    else:
        nearest = share / _TICK
        if frame is _Frame.BOX and (solid := _mean(print_, region)) >= _BLOTTED:
            return Mark(State.CROSSED_OUT, _sure(solid / _BLOTTED))
    return Mark(State.TICKED if nearest >= 1 else State.EMPTY, _sure(nearest))


def has_writing(picture: Picture, blank: Picture | None = None) -> tuple[bool, float]:
    """Whether somebody wrote in a field, such as a signature, and how sure that is, from 0 to 100.

    Rules, and what is printed on the empty form where there is one, do not count.

    Args:
        picture: of the field, grey or colour.
        blank: of the same place on the empty form; it may be of another size.
    """
    print_ = _print(_darkness(_evened(grey(picture))))
    inside = _inside(print_.shape)
    ink = _unruled(255 * print_) // 255 & inside
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))  # specks are no writing
    free = inside if blank is None else _free(inside, _print(_darkness(_evened(_sized(blank, print_.shape)))))
    nearest = _mean(np.asarray(opened, np.uint8), free) / _LEAST_WRITING
    return nearest >= 1, _sure(nearest)


def is_bare(picture: Picture, blank: Picture) -> bool:
    """Whether a field shows nothing but the empty form's own print, for certain: nobody has to read it.

    Noise, creases and shadows are something; so is what can just be told from paper.

    Args:
        picture: of the field, grey or colour.
        blank: of the same place on the empty form; it may be of another size.
    """
    form = _print(_darkness(_evened(_sized(blank, picture.shape[:2]))))
    free = _free(_inside(form.shape), form)
    for plane in cv2.split(picture):
        smooth = cv2.blur(_evened(np.asarray(plane, np.uint8)), (3, 3))
        new = (np.abs(smooth - np.median(smooth)) > _FAINT).astype(np.uint8) & free
        if cv2.morphologyEx(new, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)).any():
            return False
    return True


def is_untouched(picture: Picture, blank: Picture) -> bool:
    """Whether nothing as large as a letter is on a field but the empty form's own print.

    Unlike `has_writing` it sees a single letter in a large field, and a pale pen beside black print.

    Args:
        picture: of the field, grey or colour.
        blank: of the same place on the empty form; it may be of another size.
    """
    flat = _evened(grey(picture))
    form = _print(_darkness(_evened(_sized(blank, flat.shape))))
    new = (flat < float(np.percentile(flat, 85)) - _LEAST_CONTRAST) & (_free(_inside(form.shape), form) > 0)
    heights = letters(np.where(new, np.uint8(255), np.uint8(0)))[:, cv2.CC_STAT_HEIGHT]
    print_ = 255 * _print(_darkness(flat))
    usual = text_height(_unruled(print_))
    return bool((heights < _LETTER * usual).all())


def _unruled(print_: Picture) -> Picture:
    """Ink without its rules."""
    return rules.without_ink(print_, rules.rules(print_, text_height(print_)))


def _evened(flat: Picture) -> Picture:
    """The same picture in even light: a field may be wide, and a photographed sheet is darker at its far end."""
    return np.asarray(cv2.divide(flat, np.maximum(paper(flat, _COARSE, _THICK), 1), scale=_WHITE), np.uint8)


def _darkness(flat: Picture) -> npt.NDArray[np.float32]:
    """0 for paper to 1 for print, for each pixel."""
    white = float(np.percentile(flat, 85))
    black = min(float(np.percentile(flat, 1)), white - _LEAST_CONTRAST)
    return np.asarray(np.clip((white - flat.astype(np.float32)) / (white - black), 0, 1), np.float32)


def _print(dark: npt.NDArray[np.float32]) -> _Mask:
    return np.asarray(dark >= _DARK, np.uint8)


def _sized(picture: Picture, shape: tuple[int, ...]) -> Picture:
    flat = grey(picture)
    method = cv2.INTER_AREA if flat.shape[0] > shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(flat, (shape[1], shape[0]), interpolation=method), np.uint8)


def _inside(shape: tuple[int, ...]) -> _Mask:
    """All of a field but its rim, where a scan may show what lies beside it, such as its frame."""
    inside = np.zeros(shape, np.uint8)
    rim = max(1, round(_BESIDE * min(shape)))
    inside[rim:-rim, rim:-rim] = 1
    return inside


def _free(region: _Mask, form: _Mask) -> _Mask:
    """What of a region is paper on the empty form, wherever the scan may lie beside it."""
    reach = 2 * max(1, round(_BESIDE * min(form.shape))) + 1
    free = region & (cv2.dilate(form, np.ones((reach, reach), np.uint8)) == 0)
    return np.asarray(free if free.sum() >= _FREE * region.sum() else region & (form == 0), np.uint8)


def _mean(print_: _Mask, region: _Mask) -> float:
    inside = print_[region > 0]
    return float(inside.mean()) if inside.size else 0.0


def _sure(nearest: float) -> float:
    """How sure a decision is, from 50 at its bound, which is 1."""
    return 100 - 50 * math.exp(-_SLOPE * abs(math.log(max(nearest, 1e-3))))


def _region(print_: _Mask) -> tuple[_Mask, _Frame]:
    """The inside of the box or bubble in a picture's ink, and which it is; all of the picture where there is none.

    Outlines are filled, and what sticks out of them, such as a long tick, is cut off.
    """
    for gap in _GAPS:
        if (found := _outlined(print_, gap * min(print_.shape))) is not None:
            return found
    return np.ones(print_.shape, np.uint8), _Frame.NONE


def _outlined(print_: _Mask, gap: float) -> tuple[_Mask, _Frame] | None:
    """The inside of the box or bubble next to the middle; gaps in its outline are bridged."""
    framed = cv2.copyMakeBorder(print_, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, _disc(gap / 2)) if gap else framed
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = np.asarray(cv2.drawContours(np.zeros_like(closed), contours, -1, 1, -1), np.uint8)
    filled = np.asarray(cv2.morphologyEx(filled, cv2.MORPH_OPEN, _disc(_STOUT * min(print_.shape))), np.uint8)
    count, parts, statistics, centres = cv2.connectedComponentsWithStats(filled)
    middle = np.array([filled.shape[1], filled.shape[0]]) / 2
    for part in sorted(range(1, count), key=lambda part: float(np.abs(centres[part] - middle).max())):
        _, _, width, height, area = statistics[part]
        if area >= _LEAST_REGION * print_.size and 1 / _SLIM < width / height < _SLIM:
            whole = np.asarray(parts == part, np.uint8)
            inside = np.asarray(cv2.erode(whole, _disc(_RIM * min(width, height))), np.uint8)[2:-2, 2:-2]
            if inside.any():
                return np.ascontiguousarray(inside), _Frame.BOX if area >= _SQUARE * width * height else _Frame.BUBBLE
    return None


def _disc(radius: float) -> _Mask:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
