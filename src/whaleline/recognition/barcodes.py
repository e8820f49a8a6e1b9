"""Barcodes, by zxing-cpp: the plain picture first, further ones where that shows none or one that says little.

Codes of shops (EAN, UPC) and the simplest line codes have check digits that one misreading in ten passes; they are
taken when two pictures agree, or for want of that, with doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat, Binarizer

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey

_WEAK: Final = frozenset(
    {
        BarcodeFormat.EAN13,
        BarcodeFormat.EAN8,
        BarcodeFormat.UPCA,
        BarcodeFormat.UPCE,
        BarcodeFormat.ITF,
        BarcodeFormat.Codabar,
        BarcodeFormat.Code39,
    }
)
_DIGITS: Final = {BarcodeFormat.UPCE: 13, BarcodeFormat.EAN8: 8}  # what follows is a false add-on
_LARGE: Final = 4_000_000  # pixels; a larger picture is not enlarged
_SURE, _AGREED, _ALONE = 99.5, 98.0, 75.0  # confidences: strong checks, two pictures that agree, only one


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode.

    Attributes:
        text: what it says; the digits of an add-on of EAN-13 and UPC-A follow.
        format: its kind, for example `QR Code` or `EAN-13`.
        box: bounds, in the picture's pixels.
        confidence: 0 to 100.
    """

    text: str
    format: str
    box: Rectangle
    confidence: float


@dataclass(slots=True)
class _Seen:
    code: Barcode
    is_weak: bool
    pictures: set[str]


def barcodes(picture: Picture) -> tuple[Barcode, ...]:
    """All barcodes in a picture, grey or colour, the one seen most often first."""
    seen: dict[tuple[str, str], _Seen] = {}
    for name, view, scale, binarizer in _views(np.ascontiguousarray(grey(picture))):
        for one in _read(view, scale, binarizer):
            key = (one[0].format, one[0].text)
            if key in seen:
                seen[key].pictures.add(name)
            else:
                seen[key] = _Seen(*one, {name})
        if seen and all(_confidence(one) > _ALONE for one in _kept(seen)):
            break
    return tuple(replace(one.code, confidence=_confidence(one)) for one in _kept(seen))


def _kept(seen: dict[tuple[str, str], _Seen]) -> list[_Seen]:
    """The codes seen, of those in one place the one that was seen most often."""
    kept: list[_Seen] = []
    for one in sorted(seen.values(), key=lambda one: (one.is_weak, -len(one.pictures))):
        if all(one.code.box.intersection(other.code.box).is_empty for other in kept):
            kept.append(one)
    return kept


def _confidence(one: _Seen) -> float:
    if not one.is_weak:
        return _SURE
    return _AGREED if len(one.pictures) > 1 else _ALONE


def _views(flat: Picture) -> Iterator[tuple[str, Picture, float, Binarizer]]:
    """The pictures that are shown, by name, their scale, and how each is made black and white."""
    yield "plain", flat, 1.0, Binarizer.LocalAverage
    if flat.size <= _LARGE:
        double = _scaled(flat, 2.0)
        yield "double", double, 2.0, Binarizer.LocalAverage
    yield "plain", flat, 1.0, Binarizer.FixedThreshold
    yield "plain", flat, 1.0, Binarizer.GlobalHistogram
    # It looks for light codes on dark only where they are squares.
    yield "inverted", np.asarray(255 - flat, np.uint8), 1.0, Binarizer.LocalAverage
    if flat.size <= _LARGE:
        yield "sharpened", _sharpened(double), 2.0, Binarizer.LocalAverage
        if flat.size <= _LARGE // 2:
            yield "triple", _scaled(flat, 3.0), 3.0, Binarizer.GlobalHistogram
    yield "half", _scaled(flat, 0.5), 0.5, Binarizer.LocalAverage


def _scaled(flat: Picture, scale: float) -> Picture:
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    height, width = (max(1, round(side * scale)) for side in flat.shape)
    return np.asarray(cv2.resize(flat, (width, height), interpolation=method), np.uint8)


def _sharpened(flat: Picture) -> Picture:
    return np.asarray(cv2.addWeighted(flat, 2.5, cv2.GaussianBlur(flat, (0, 0), 4), -1.5, 0), np.uint8)


def _read(view: Picture, scale: float, binarizer: Binarizer) -> list[tuple[Barcode, bool]]:
    add_on = zxingcpp.EanAddOnSymbol.Read
    found = zxingcpp.read_barcodes(view, binarizer=binarizer, ean_add_on_symbol=add_on)
    seen = []
    for code in found:
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        xs, ys = [corner.x / scale for corner in corners], [corner.y / scale for corner in corners]
        box = Rectangle(int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1)
        text = code.text[: _DIGITS.get(code.format)]
        seen.append((Barcode(text, str(code.format), box, 0.0), code.format in _WEAK))
    return seen
