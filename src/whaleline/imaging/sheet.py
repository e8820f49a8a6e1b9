"""The sheet of paper on a photograph: whether a picture is one, and what of it is the sheet."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from whaleline.imaging.picture import Picture, shrunk
from whaleline.imaging.strip import Strip

_SIDE = 300  # pixels of the longer side of the small picture on which the sheet is looked for
_SHADE = 0.85  # of the paper's grey; what is darker is a shadow, a table or a picture
_SHADED = 0.2  # of a picture's area. Of 120 scans one has more, of 25 photographs all
_STEP = 3  # grey levels from one pixel of paper to the next: a shadow's edge is softer, a sheet's is harder
_RIM = 0.5  # of the picture's rim; paper that reaches as much of it lies on nothing


def is_uneven(picture: Picture) -> bool:
    """Whether light and ground differ as much as on a photograph, and seldom on a scan; takes some milliseconds.

    Args:
        picture: grey.
    """
    paper, _ = _paper(picture, 9)
    return float((paper < _SHADE * np.quantile(paper, 0.9)).mean()) > _SHADED


def sheet(picture: Picture, strips: Sequence[Strip]) -> Picture | None:
    """Where the sheet lies on which the lines stand: 255 within it, of the picture's size, with holes for pictures.

    Paper is what is joined with the ground of the lines by small steps of grey. None where no other ground can be told
    from it.

    Args:
        picture: grey.
        strips: its lines of text, at least one.
    """
    height, width = picture.shape
    half = float(np.median([strip.half for strip in strips]))
    line = max(3, round(2 * half * _SIDE / max(height, width)))
    paper, factor = _paper(picture, line + 2)
    high, wide = paper.shape
    filled = np.zeros((high + 2, wide + 2), np.uint8)  # with the rim that OpenCV asks for
    ends = np.concatenate([strip.path[[0, len(strip.path) // 2, -1]] for strip in strips])
    for x, y in (ends * factor).astype(int).tolist():
        if 0 <= x < wide and 0 <= y < high and not filled[y + 1, x + 1]:
            cv2.floodFill(paper, filled, (x, y), 255, _STEP, _STEP, 4 | 255 << 8 | cv2.FLOODFILL_MASK_ONLY)
    inside = np.ascontiguousarray(filled[1:-1, 1:-1])
    rim = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    if float((rim > 0).mean()) > _RIM:
        return None
    # Without the edge itself, which is neither.
    inside = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=255)
    if not inside.any():
        return None
    return np.asarray(cv2.resize(inside, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _paper(picture: Picture, print_: int) -> tuple[Picture, float]:
    """The ground of a picture, made small, without its print; and how small.

    Args:
        picture: grey.
        print_: pixels of the small picture that hold a line's height.
    """
    factor = min(1.0, _SIDE / max(picture.shape))
    height, width = (max(1, round(side * factor)) for side in picture.shape)
    small = shrunk(picture, (width, height))
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((print_, print_), np.uint8))
    return np.asarray(cv2.medianBlur(ground, 5), np.uint8), factor
