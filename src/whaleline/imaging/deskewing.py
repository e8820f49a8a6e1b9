"""A picture turned so that its lines of text run level, in the size that it came in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import COLOUR, Picture, background
from whaleline.imaging.skew import LEAST_SKEW, MAX_SKEW
from whaleline.imaging.strip import Strip

_LEAST_LENGTH = 2.0  # heights of a line; shorter ones have no direction
_NEAR = 1.0  # degrees above MAX_SKEW that a picture turned by as much may seem to be


def deskew(picture: Picture, strips: Sequence[Strip]) -> Picture:
    """The picture turned about its centre by as much as its lines lean: up to 15 degrees; more is left alone.

    What most of the text says counts. A page that lies on its side stays there. The size is kept, unless text would
    be cut then; the picture grows in that case. Beside the picture there is paper.

    Args:
        picture: uint8 of shape (height, width) or (height, width, 3).
        strips: its lines of text.
    """
    angle = tilt(strips)
    if not LEAST_SKEW <= abs(angle) <= MAX_SKEW + _NEAR:
        return picture
    height, width = picture.shape[:2]
    frame = Rectangle(0, 0, width, height)
    there = Affine.rotation(-angle, (width / 2, height / 2))
    text = [there((x, y)) for strip in strips for x, y in strip.rim().clip(0, (width, height)).tolist()]
    if not all(0 <= x <= width and 0 <= y <= height for x, y in text):
        frame = there.bounds(frame)
    # OpenCV counts from the centre of the first pixel, geometry from its corner.
    centred = Affine.shift(-0.5 - frame.left, -0.5 - frame.top) @ there @ Affine.shift(0.5, 0.5)
    matrix = np.array([[centred.a, centred.b, centred.c], [centred.d, centred.e, centred.f]])
    planes = np.moveaxis(picture, -1, 0) if picture.ndim == COLOUR else [picture]
    paper = [background(np.ascontiguousarray(plane)) for plane in planes]
    size = (frame.width, frame.height)
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderValue=paper), np.uint8)


def tilt(strips: Sequence[Strip]) -> float:
    """Degrees clockwise by which most of the text lies turned from level or from upright, -45 to 45."""
    long = [strip for strip in strips if strip.size[0] > _LEAST_LENGTH * strip.size[1]]
    if not long:
        return 0.0
    angles = np.array([(strip.angle + 45) % 90 - 45 for strip in long])
    order = np.argsort(angles)
    lengths = np.cumsum(np.array([strip.size[0] for strip in long])[order])
    return float(angles[order][np.searchsorted(lengths, lengths[-1] / 2)])
