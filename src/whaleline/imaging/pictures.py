"""The pictures of a line that an engine may be shown, when it reads the plain one poorly.

None replaces another: all are shown, and what is read best stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging import rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import COLOUR, Picture, grey, ink, quantiles, share
from whaleline.imaging.sight import Sight

_FAINT = 120  # grey levels between print and paper, less of which is stretched
_ENDS = 0.005, 0.995  # of a picture's pixels, beyond which its levels are chance
_LEAST_RANGE = 12  # grey levels; less is paper
_ROUGH, _COARSE = 4.0, 12.0  # grey levels of a picture's noise: rough paper, half-tones
_BAND = 0.5  # of a picture's height, less of which print fills where it is cut to its band
_NEAR = 0.25  # of the line's height: rows of ink so far above or below are its dots and accents
_TIPS = 0.2  # of the line's ink; more is no tip or tail of a neighbour
_STRETCHED = 1.25  # times its width, a line whose letters stand close
_WIDE = 0.2, 0.15  # of a line's height: a margin beside it, and above and below
_TALL = 70  # pixels of a line, which is shown smaller, too


@dataclass(frozen=True, eq=False)
class View:
    """A picture of a line, and where its columns lie in the plain one.

    Attributes:
        picture: grey or colour.
        left: columns of paper added before the line.
        scale: columns of this picture for each of the plain one.
    """

    picture: Picture
    left: int = 0
    scale: float = 1.0


def visible(sight: Sight) -> Sight | None:
    """The picture, or where its grey shows no print, the one that does; None where nothing can be seen.

    Print may differ from its paper by its colour alone, or by a few levels of grey.
    """
    if sight.ink.any():
        return sight
    if (channel := best_channel(sight.picture)) is not None and (other := Sight(channel)).ink.any():
        return other
    clear = stretched(sight.picture)
    # Noise that is stretched is blots of two classes, too; unlike print it is gone when it is blurred.
    if clear is sight.picture or not ink(_blurred(grey(clear), 2)).any():
        return None
    return Sight(sight.picture, clear)  # PP-OCRv6 reads faint print better as it is


def first(sight: Sight) -> View:
    """The picture of a line that is shown first: in a margin of paper, which makes it a sixth narrower.

    Where print touches its edge it is shown as it is, and so are rules: in a margin, letters that are cut off would
    look whole, and the sides of a frame like strokes.
    """
    print_ = sight.ink
    touched = print_[0].any() or print_[-1].any() or print_[:, 0].any() or print_[:, -1].any()
    return View(sight.picture) if touched or sight.rules.any() else in_margin(sight.picture, 0.1, 0.1)


def further(sight: Sight, *, joined: bool = False) -> Iterator[View]:
    """Pictures of a line to try after the first one, the most promising first.

    Args:
        sight: of the plain one.
        joined: whether the letters of a word hang together, so that a long stroke is no rule.
    """
    picture, flat = sight.picture, sight.grey
    noise = roughness(flat)
    if noise > _COARSE:
        yield View(stretched(_blurred(picture, max(1.0, 0.05 * flat.shape[0]))))
    if not joined and sight.rules.any():
        picture = rules.without(picture, sight.rules)
        yield View(picture)
    yield in_margin(picture, *_WIDE)
    yield View(sight.picture)
    if (channel := best_channel(picture)) is not None:
        yield View(channel)
    if sight.stretched is not None or is_faint(flat):
        yield View(stretched(picture))
    if noise > _ROUGH:
        yield View(_blurred(np.asarray(cv2.medianBlur(picture, 3), np.uint8), 0.8))
    if flat.shape[0] > _TALL:
        width = max(1, round(flat.shape[1] * 32 / flat.shape[0]))
        small = cv2.resize(picture, (width, 32), interpolation=cv2.INTER_AREA)
        yield View(np.asarray(small, np.uint8), scale=width / flat.shape[1])
    if (tight := close(picture, sight.ink)) is not None:
        yield tight


def again(picture: Picture) -> Iterator[View]:
    """Pictures of a line to look at again, each with other mistakes: in a margin, there smoothed, and wide.

    Args:
        picture: the plain one.
    """
    framed_ = in_margin(picture, *_WIDE)
    yield framed_
    smooth = _blurred(picture, 1.0)
    yield replace(framed_, picture=in_margin(smooth, *_WIDE).picture)
    height, width = picture.shape[:2]
    wide = max(1, round(_STRETCHED * width))
    soft = cv2.resize(_blurred(picture, 0.6), (wide, height), interpolation=cv2.INTER_CUBIC)
    yield View(np.asarray(soft, np.uint8), scale=wide / width)


def in_margin(picture: Picture, beside: float, above: float) -> View:
    """The picture with such shares of its height as paper around it: what fills the whole height is read worse."""
    left, top = (max(1, round(part * picture.shape[0])) for part in (beside, above))
    return View(framed(picture, left, top), left=left)


def close(picture: Picture, print_: Picture) -> View | None:
    """The band of print in a margin of a third of its height; None where there is no band."""
    rows = np.count_nonzero(print_, axis=1)
    if np.count_nonzero(rows) < 6:  # noqa: PLR2004 - pixels, less of which is no line
        return None
    full = np.flatnonzero(rows > 0.05 * share(rows[rows > 0], 0.9))
    top, bottom = int(full[0]), int(full[-1]) + 1
    columns = np.flatnonzero(print_[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    beside, above = round(0.5 * (bottom - top)), round(0.35 * (bottom - top))
    first, last = max(0, top - above), min(picture.shape[0], bottom + above)
    start, end = max(0, left - beside), min(picture.shape[1], right + beside)
    framed_ = framed(picture[first:last, start:end], beside, above)
    return View(framed_, left=beside - start)


def framed(picture: Picture, beside: int, above: int) -> Picture:
    """The picture with so many pixels of its own paper at its sides, and above and below."""
    rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    paper = [float(level) for level in np.atleast_1d(np.median(rim, axis=0))]
    grown = cv2.copyMakeBorder(
        np.ascontiguousarray(picture), above, above, beside, beside, cv2.BORDER_CONSTANT, value=paper
    )
    return np.asarray(grown, np.uint8)


def is_faint(flat: Picture, ends: tuple[float, float] = _ENDS) -> bool:
    """Whether print and paper of a grey picture are so close that an engine reads it better stretched.

    Args:
        flat: the picture.
        ends: shares of its pixels, beyond which their levels are chance.
    """
    low, high = quantiles(flat, *ends)
    return high - low < _FAINT


def stretched(picture: Picture, ends: tuple[float, float] = _ENDS) -> Picture:
    """The picture with its print and paper as far apart as can be; as it is where there is next to no difference.

    Args:
        picture: grey or colour.
        ends: as for `is_faint`.
    """
    low, high = quantiles(grey(picture), *ends)
    if high - low < _LEAST_RANGE:
        return picture
    return np.asarray(np.clip((picture.astype(np.float32) - low) * 255 / (high - low), 0, 255), np.uint8)


def best_channel(picture: Picture) -> Picture | None:
    """The channel of R, G, B, a and b (CIE Lab) that shows clearly more than the grey; None where none does."""
    if picture.ndim < COLOUR:
        return None
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    channels = [*np.moveaxis(picture, -1, 0), lab[..., 1], lab[..., 2]]
    best = max(channels, key=lambda channel: float(channel.std()))
    if float(best.std()) < 1.5 * float(grey(picture).std()) + 3:
        return None
    return stretched(np.ascontiguousarray(best))


def _blurred(picture: Picture, deviation: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.uint8)


def roughness(flat: Picture) -> float:
    """Grey levels by which pixels differ from their surroundings at the median."""
    return float(np.mean(cv2.absdiff(flat, cv2.medianBlur(flat, 3))))


def band(sight: Sight) -> Rectangle:
    """The part of a picture that holds its line, in some paper; all of it where the line fills it."""
    height, width = sight.ink.shape
    whole = Rectangle(0, 0, width, height)
    print_ = sight.ink
    rows = np.count_nonzero(cv2.subtract(print_, sight.rules), axis=1)
    if not rows.any():
        return whole
    top, bottom = _rows_of_the_line(rows)
    high = bottom - top
    if high < 6:  # noqa: PLR2004 - pixels: a dash, whose place in the line must be seen
        return whole
    columns = np.flatnonzero(print_[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    if width - (right - left) < 6 * high:
        # What is paper by its ink alone may be fainter print of the same line.
        left, right = 0, width
        if high >= _BAND * height:
            return whole
    above, beside = round(0.3 * high), round(0.6 * high)
    return Rectangle(left - beside, top - above, right + beside, bottom + above).intersection(whole)


def _rows_of_the_line(rows: npt.NDArray[np.intp]) -> tuple[int, int]:
    """First row and the one behind the last of a line's ink, without the tips and tails of its neighbours.

    Args:
        rows: pixels of ink in each row of a picture; some of them have any.
    """
    full = rows > 0.05 * share(rows[rows > 0], 0.9)
    turns = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(np.int8), [0]]))).tolist()
    runs = list(zip(turns[::2], turns[1::2], strict=True))
    main = max(runs, key=lambda run: int(rows[run[0] : run[1]].sum()))
    near = _NEAR * (main[1] - main[0])
    own = [run for run in runs if max(run[0] - main[1], main[0] - run[1]) <= near]
    top, bottom = own[0][0], own[-1][1]
    # The points of a colon and the strokes of an equals sign are as much of the line as each other.
    if int(rows.sum() - rows[top:bottom].sum()) > _TIPS * int(rows[main[0] : main[1]].sum()):
        return runs[0][0], runs[-1][1]
    return top, bottom


def around_ink(print_: Picture, box: Rectangle) -> Rectangle:
    """Bounds of the ink in a box; the box where there is none."""
    frame = box.intersection(Rectangle(0, 0, print_.shape[1], print_.shape[0]))
    part = print_[frame.top : frame.bottom, frame.left : frame.right]
    columns, rows = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    if not columns.size:
        return box
    return Rectangle(
        frame.left + int(columns[0]),
        frame.top + int(rows[0]),
        frame.left + int(columns[-1]) + 1,
        frame.top + int(rows[-1]) + 1,
    )
