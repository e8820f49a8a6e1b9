"""Files whose one picture a PDF can show as it is: JPEG and JPEG 2000, in grey or RGB."""

from __future__ import annotations

import contextlib

from PIL import Image

from whaleline.imaging.geometry import Affine
from whaleline.results.scan import StoredImage

_ORIENTATION = 274  # Exif 2.32, 4.6.4
_JP2 = b"\x00\x00\x00\x0cjP  "
_COLOUR_BOX, _ENUMERATED, _SPACES = b"colr", 1, (16, 17)  # sRGB and grey; ISO 15444-1, I.5.3.3


def stored(data: bytes, name: str, image: Image.Image) -> StoredImage | None:
    """The file's picture for a PDF; None where a PDF could not show it, or would show other colours.

    Args:
        data: the file.
        name: its format's.
        image: its picture, not yet turned as its orientation says.
    """
    if image.mode not in ("L", "RGB") or name not in ("JPEG", "JPEG 2000"):
        return None
    if name == "JPEG 2000" and not _has_plain_colours(data):
        return None
    orientation = 1
    with contextlib.suppress(Exception):  # as for the picture itself: a broken block says nothing
        orientation = int(image.getexif().get(_ORIENTATION, 1))
    placement = _upright(orientation, *image.size)
    filter_ = "DCTDecode" if name == "JPEG" else "JPXDecode"
    return StoredImage(data, filter_, *image.size, image.mode == "RGB", placement)  # type: ignore[arg-type]


def _has_plain_colours(data: bytes) -> bool:
    """Whether a JPEG 2000 file says by number that its colours are sRGB or grey."""
    at = data.find(_COLOUR_BOX)
    if not data.startswith(_JP2) or at < 0:
        return False
    box = data[at + len(_COLOUR_BOX) :][:7]
    return box[:1] == bytes([_ENUMERATED]) and int.from_bytes(box[3:7]) in _SPACES


def _upright(orientation: int, width: int, height: int) -> Affine:
    """The map from the pixels of a picture of some orientation to those of the same picture upright."""
    maps = {
        2: Affine(a=-1, c=width),
        3: Affine(a=-1, c=width, e=-1, f=height),
        4: Affine(e=-1, f=height),
        5: Affine(a=0, b=1, d=1, e=0),
        6: Affine(a=0, b=-1, c=height, d=1, e=0),
        7: Affine(a=0, b=-1, c=height, d=-1, e=0, f=width),
        8: Affine(a=0, b=1, d=-1, e=0, f=width),
    }
    return maps.get(orientation, Affine())
