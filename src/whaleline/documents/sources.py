"""Documents and pictures as Python programs hold them: files by their path, their bytes or open; Pillow; NumPy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from whaleline.documents import Document, Limits, PagePicture
from whaleline.errors import InvalidRequest
from whaleline.imaging.pixels import eight_bits


class BinaryFile(Protocol):
    """An open file."""

    def read(self) -> bytes:
        """The rest of the file."""


ImageSource: TypeAlias = str | os.PathLike[str] | bytes | BinaryFile | Image.Image | npt.NDArray[Any]

_CHANNELS = (3, 4)


def open_source(image: ImageSource, limits: Limits) -> Document | PagePicture:
    """A file as a document, a picture as the picture of a page.

    Raises:
        InvalidRequest: an array that is not a picture.
        UnreadableImage: the file cannot be read, or it or the picture has more pixels than allowed.
        OSError: the file cannot be opened.
        TypeError: the image is of another type.
    """
    if isinstance(image, np.ndarray):
        return _from_array(image, limits)
    if isinstance(image, Image.Image):
        limits.check("Pillow", *image.size)
        return PagePicture(eight_bits(ImageOps.exif_transpose(image)))
    return Document(_bytes(image), limits)


def _from_array(array: npt.NDArray[Any], limits: Limits) -> PagePicture:
    is_picture = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in _CHANNELS)  # noqa: PLR2004
    if not is_picture or array.dtype not in (np.uint8, np.bool_):
        raise InvalidRequest(
            "image",
            f"image: an array of {array.dtype} of the shape {array.shape} is not uint8 of the shape (height, width),"
            " (height, width, 3) or (height, width, 4)",
        )
    limits.check("NumPy", array.shape[1], array.shape[0])
    pixels = array.astype(np.uint8) * np.uint8(255) if array.dtype == np.bool_ else array
    if pixels.shape[2:] != (4,):  # without transparency there is nothing to convert
        return PagePicture(np.ascontiguousarray(pixels))
    return PagePicture(eight_bits(Image.fromarray(np.ascontiguousarray(pixels))))


def _bytes(image: str | os.PathLike[str] | bytes | BinaryFile) -> bytes:
    if isinstance(image, str | os.PathLike):
        return Path(image).read_bytes()
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    if not hasattr(image, "read"):
        raise TypeError(
            f"image: a {type(image).__name__} is not a path, bytes, an open file, a Pillow image or a NumPy array"
        )
    if not isinstance(data := image.read(), bytes):
        raise TypeError("image: the file was opened as text; open it with 'rb'")
    return data
