"""Result type ImagePNG: the region's picture as the engine saw it."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from whaleline.results.picture import Pixels, plain
from whaleline.results.reading import Reading

# Blocks of about 1900 x 240 pixels cut from scans, level 1 against 6: black and white 1.2 ms and 8.8 kB
# against 2.6 ms and 7.5 kB; noisy grey 12 ms and 231 kB against 15 ms and 216 kB; colour 20 ms and 430 kB
# against 99 ms and 456 kB.
_COMPRESS_LEVEL: Final = 1

# On grey, runs alone are found faster than strings and code smaller: a noisy block takes 15 ms and 311 kB
# against 21 ms and 335 kB, a smooth one 6.2 ms and 58 kB against 6.8 ms and 61 kB. Colour would grow by half.
_STRATEGY: Final = {"L": zlib.Z_RLE}


def write(reading: Reading) -> bytes:
    """A PNG of 1 bit a pixel where the picture is black and white, else 8 bits grey or RGB."""
    return _saved(plain(reading.picture))


def encode(picture: Pixels) -> bytes:
    """A PNG of 8 bits: grey or RGB, as the picture is.

    Args:
        picture: uint8 of shape (height, width) or (height, width, 3) as RGB.
    """
    return _saved(Image.fromarray(np.ascontiguousarray(picture)))


def _saved(image: Image.Image) -> bytes:
    file = BytesIO()
    strategy = _STRATEGY.get(image.mode, zlib.Z_DEFAULT_STRATEGY)
    image.save(file, "PNG", compress_level=_COMPRESS_LEVEL, compress_type=strategy)
    return file.getvalue()
