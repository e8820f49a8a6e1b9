"""The protocol's filters that do not move the picture: contrast, binarization, upsampling."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import COLOUR, Picture, grey, ink, text_height

_Floats = npt.NDArray[np.float32]

SMALL_TEXT = 20  # pixels of a letter's height below which upsampling doubles the picture


def contrast(picture: Picture) -> Picture:
    """The same picture with print and paper further apart, also in uneven light (CLAHE on lightness)."""
    clahe = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8))
    if picture.ndim < COLOUR:
        return np.asarray(clahe.apply(picture), np.uint8)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    lab[..., 0] = clahe.apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def binarize(picture: Picture) -> Picture:
    """Black (0) and white (255) only, as (height, width), by Sauvola's local threshold."""
    flat, mean, deviation, inverse = _surroundings(picture)
    dark = flat <= _sauvola(mean, deviation)
    return np.where(dark != inverse, 0, 255).astype(np.uint8)


def level(picture: Picture) -> Picture:
    """Grey of even light and contrast, as (height, width): what `binarize` tells apart, with the greys left between.

    The distance from Sauvola's threshold in terms of the deviation about it. An engine reads the shades of a letter's
    rim, which black and white have lost, and finds lines in a shadow, where it finds none in the picture as it was.
    """
    flat, mean, deviation, inverse = _surroundings(picture)
    least = 24  # grey levels; where there is less to tell apart, there is paper with its noise
    distance = (flat - _sauvola(mean, deviation)) / np.maximum(deviation, least)
    # Paper is white from a little above the threshold on: about print the deviation is larger than on empty paper,
    # and an edge between two whites would pass for print.
    white = 160
    grown = (np.clip(128 + 64 * distance, 0, white) * (255 / white)).astype(np.uint8)
    return 255 - grown if inverse else grown


def _surroundings(picture: Picture) -> tuple[Picture, _Floats, _Floats, bool]:
    """The grey picture, mean and standard deviation about each pixel, and whether light print lies on dark.

    In the last case the picture is given inverted, for Sauvola's threshold looks for dark print.
    """
    flat, window = grey(picture), (75, 75)
    mean = np.asarray(cv2.boxFilter(flat, cv2.CV_32F, window, borderType=cv2.BORDER_REPLICATE), np.float32)
    square = np.asarray(cv2.sqrBoxFilter(flat, cv2.CV_32F, window, borderType=cv2.BORDER_REPLICATE), np.float32)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0))
    # Print is what little differs much from its surroundings; shadows differ as much to either side.
    inverse = bool(np.mean((flat - mean) ** 3) > 0)
    return (255 - flat, 255 - mean, deviation, True) if inverse else (flat, mean, deviation, False)


def _sauvola(mean: _Floats, deviation: _Floats) -> _Floats:
    """The threshold at or below which a pixel is print.

    J. Sauvola, M. Pietikainen, "Adaptive document image binarization", Pattern Recognition 33 (2000).
    """
    k, dynamic = np.float32(0.2), np.float32(128)
    return mean * (1 + k * (deviation / dynamic - 1))


def upsample(picture: Picture) -> Picture:
    """The picture at twice the size where its letters are under SMALL_TEXT pixels high; else as it is."""
    height = text_height(ink(picture))
    if not 0 < height < SMALL_TEXT:
        return picture
    return enlarge(picture)


def enlarge(picture: Picture, times: int = 2) -> Picture:
    """The picture at so many times its width and height."""
    return np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), np.uint8)


def helpful_enlargement(picture: Picture) -> int:
    """How many times as large a picture reads best: 2 to 4, by which its letters are 16 pixels high and more."""
    height = text_height(ink(picture))
    return min(4, max(2, math.ceil(16 / height))) if height else 2
