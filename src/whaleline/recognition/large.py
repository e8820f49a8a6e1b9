"""Print that is too large to be found among letters: figures of displays, signs, print on dark labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, background, grey, shrunk
from whaleline.imaging.strip import Strip
from whaleline.recognition import layout
from whaleline.recognition.detector import detector
from whaleline.recognition.page import Block, Line

_SIDE = 320
"""Pixels of the longer side of the picture in which it is looked for; the letters of a page are lost in it."""

_HEIGHT = 24  # pixels of a line in that picture, at least; of a page at 300 dpi two centimetres
_GAP = np.ones((5, 3), np.uint8)  # pixels down and across, closed between two segments of a figure in that picture
_CONTRAST = 40  # grey levels between large print, or what it stands on, and the rest
_COVERED = 0.3  # of a place, at which it lies in lines that are read already
_SURE = 70.0  # confidence; what is less sure is a picture as often as print
_LETTERS = 2  # at least; one alone is a mark or the edge of something


def lines(picture: Picture, known: Sequence[Line], read: Callable[[Picture, Strip], Line | None]) -> list[Line]:
    """What is printed large outside the lines that are known, boxes in the picture's pixels.

    Each place is read twice, as it is and with the gaps in its letters closed; the surer reading is given.

    Args:
        picture: grey or colour.
        known: of the same picture.
        read: reads a strip of a picture.
    """
    factor = min(1.0, _SIDE / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    small = shrunk(picture, size)
    taken = np.zeros(small.shape[:2], np.uint8)
    for line in known:
        box = line.box.scaled(factor)
        taken[max(0, box.top) : box.bottom, max(0, box.left) : box.right] = 1
    if not _has_more(grey(small), taken):
        return []
    closed = np.asarray(cv2.erode(small, _GAP), np.uint8)
    back, frame = Affine.scale(1 / factor, 1 / factor), Rectangle(0, 0, picture.shape[1], picture.shape[0])
    found: list[Line] = []
    for strip in detector().find(grey(closed), largest=_SIDE):
        if strip.size[1] < _HEIGHT or float(strip.cut(taken).mean()) >= _COVERED:
            continue
        best = _surest(read(seen, strip) for seen in (small, closed))
        if best and best.confidence >= _SURE and sum(map(str.isalnum, best.text)) >= _LETTERS:
            found += [line for block in layout.moved((Block((best,)),), back, frame) for line in block.lines]
    return found


def _has_more(flat: Picture, taken: Picture) -> bool:
    """Whether anything as high as large print lies outside the lines that are known."""
    apart = np.abs(flat.astype(np.int16) - background(flat)) >= _CONTRAST
    _, _, parts, _ = cv2.connectedComponentsWithStats((apart & (taken == 0)).astype(np.uint8))
    return bool((parts[1:, cv2.CC_STAT_HEIGHT] >= _HEIGHT / 2).any())


def _surest(read: Iterable[Line | None]) -> Line | None:
    return max((line for line in read if line is not None), key=lambda line: line.weight, default=None)
