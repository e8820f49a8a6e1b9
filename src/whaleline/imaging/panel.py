"""The window of a display: a dark or light panel in its case, which is what differs most in a picture of both."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight

_LOOKED_AT: Final = 512  # pixels of the longer side, at which a panel still shows
_LEAST: Final = 80  # pixels of a panel's height; less may be letters of small print that touch
_WIDTH, _HEIGHT = 0.25, 0.1  # of the picture's, of a panel at least
_FULL: Final = 0.7  # of its four corners' area, that a panel fills; light falls on some of it
_MOST: Final = 4  # of the largest pieces of ink, that are looked at
_RIM: Final = 0.03  # of its height, that is left out at each side


def panel(sight: Sight) -> Picture | None:
    """The one wide panel that lies inside a picture, level and without its rim; None where there is none."""
    height, width = sight.ink.shape
    scale = max(1.0, max(height, width) / _LOOKED_AT)
    small = cv2.resize(sight.ink, (round(width / scale), round(height / scale)), interpolation=cv2.INTER_AREA)
    mostly = cv2.threshold(small, 127, 255, cv2.THRESH_BINARY)[1]
    outlines, _ = cv2.findContours(mostly, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:_MOST]:
        x, y, wide, high = cv2.boundingRect(outline)
        if y == 0 or y + high == small.shape[0]:
            continue  # a shadow
        if wide < max(high, _WIDTH * small.shape[1]) or high < max(_LEAST / scale, _HEIGHT * small.shape[0]):
            continue
        corners = _corners(outline[:, 0].astype(np.float32))
        ink = np.count_nonzero(mostly[y : y + high, x : x + wide])
        if min(float(ink), cv2.contourArea(corners)) >= _FULL * wide * high:
            return _levelled(sight.picture, corners * np.float32(scale), round(wide * scale), round(high * scale))
    return None


def _levelled(picture: Picture, corners: npt.NDArray[np.float32], width: int, height: int) -> Picture:
    """What lies between four corners, without its rim."""
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    flat = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, frame), (width, height))
    rim = round(_RIM * height)
    return np.ascontiguousarray(flat[rim : height - rim, rim : width - rim], np.uint8)


def _corners(outline: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Its corners, from the top left one on clockwise."""
    x, y = outline.T
    return outline[[(x + y).argmin(), (x - y).argmax(), (x + y).argmax(), (x - y).argmin()]]
