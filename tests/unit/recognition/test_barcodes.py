"""Barcodes that zxing-cpp draws."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from whaleline.imaging.picture import Picture
from whaleline.recognition.barcodes import barcodes

BLANK = np.full((120, 300), 255, np.uint8)


def drawn(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 3) -> Picture:
    code = zxingcpp.create_barcode(text, kind)
    return np.pad(np.asarray(code.to_image(scale=scale), np.uint8), 30, constant_values=255)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("whale 4711", zxingcpp.BarcodeFormat.QRCode, "QR Code"),
        ("whale 4711", zxingcpp.BarcodeFormat.DataMatrix, "Data Matrix"),
        ("whale 4711", zxingcpp.BarcodeFormat.PDF417, "PDF417"),
        ("WHALE-4711", zxingcpp.BarcodeFormat.Code128, "Code 128"),
        ("4006381333931", zxingcpp.BarcodeFormat.EAN13, "EAN-13"),
    ],
)
def test_a_code_is_read_whichever_way_it_lies(text: str, kind: zxingcpp.BarcodeFormat, name: str) -> None:
    picture = drawn(text, kind)
    for shown in (picture, np.rot90(picture), 255 - picture):
        (code,) = barcodes(np.ascontiguousarray(shown))
        assert (code.text, code.format) == (text, name)
        assert code.confidence > 70
        assert code.box.width > 20


def test_a_code_that_is_too_small_for_the_plain_picture_is_read() -> None:
    picture = drawn("4006381333931", zxingcpp.BarcodeFormat.EAN13, 2)
    small = np.asarray(cv2.resize(picture, None, fx=0.55, fy=0.55, interpolation=cv2.INTER_AREA), np.uint8)
    assert not zxingcpp.read_barcodes(small)
    assert [code.text for code in barcodes(small)] == ["4006381333931"]


def test_two_codes_are_both_read() -> None:
    first, second = (drawn(text, zxingcpp.BarcodeFormat.QRCode) for text in ("first", "second"))
    side_by_side = np.hstack([first, second])
    assert {code.text for code in barcodes(side_by_side)} == {"first", "second"}


def test_a_picture_without_a_code_has_none() -> None:
    assert barcodes(BLANK) == ()
