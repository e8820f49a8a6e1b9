"""Images of pixels, by Pillow and, for HEIC, by libheif as a plugin of Pillow's."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pi_heif
from PIL import AvifImagePlugin, Image, ImageFile, ImageOps
from PIL.TiffTags import TAGS_V2

from whaleline.documents import lenient, storage, tiff
from whaleline.documents.formats import Format
from whaleline.documents.page import Limits, PagePicture, PageSize
from whaleline.errors import UnreadableImage
from whaleline.imaging.pixels import eight_bits, is_deep

MAX_SCANS = 100
"""Scans of a JPEG file at most. Each goes over all pixels again, for a few bytes; real files have a dozen."""

MAX_PIECES = 200_000
"""Strips or tiles of a TIFF frame at most; each costs time and memory before the first pixel is known."""

# Tags of TIFF 6.0, sections 8 and 19
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_PLANES, _TIFF_SAMPLE_FORMAT = 258, 262, 284, 339
_WHITE_IS_ZERO = 0
_UNSIGNED, _SIGNED = 1, 2
_SEPARATE = 2
_ORIENTATION, _ON_ITS_SIDE = 274, (5, 6, 7, 8)  # Exif 2.32, 4.6.4
_LIKELY_DPI = (50, 2400)  # what else files say of their resolution is a default of some program

# A worker has one thread for each library.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.options.DECODE_THREADS = 1
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False


def open_file(data: bytes, found: Format, limits: Limits) -> Raster:
    """The frames of a file that are pages."""
    if found.name == "JPEG":
        # In compressed data 0xFF is followed by 0: a marker of scans is one, but for what metadata may hold.
        scans = data.count(b"\xff\xda")
        if scans > MAX_SCANS:
            raise UnreadableImage(f"The JPEG image is in {scans} scans; at most {MAX_SCANS} are allowed.")
    if found.name != "TIFF":
        return Raster(data, found, limits)
    frames, more = tiff.directories(data, limits.max_pages)
    pieces = max((frame.pieces for frame in frames), default=0)
    if pieces > MAX_PIECES:
        raise UnreadableImage(f"The TIFF image is in {pieces} strips or tiles; at most {MAX_PIECES} are allowed.")
    return Raster(data, found, limits, tuple(frames), more=more)


class Raster:
    """An open file."""

    def __init__(
        self, data: bytes, found: Format, limits: Limits, frames: tuple[tiff.Directory, ...] = (), *, more: bool = False
    ) -> None:
        self._data = data
        self._more = more
        self._format = found
        self._limits = limits
        self._frames = frames

    def __len__(self) -> int:
        return max(1, len(self._frames))

    def page(self, number: int) -> PagePicture:
        """A frame: EXIF orientation is applied, and all kinds of pixel become grey or RGB of 8 bits.

        A JPEG or TIFF file that is cut short is read as far as it goes, and the notes say so.
        """
        image, notes = self._load(self._beginning_with(number))
        stored = None if notes else storage.stored(self._data, self._format.name, image)
        tags = getattr(image, "tag_v2", {})
        # Pillow inverts shallower ones only.
        inverse = is_deep(image) and tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO
        sign = tags.get(_TIFF_SAMPLE_FORMAT, (_UNSIGNED,))[0] if tags else None
        # An EXIF block that cannot be parsed says nothing about the orientation.
        with contextlib.suppress(Exception):
            ImageOps.exif_transpose(image, in_place=True)
        pixels = eight_bits(image, unsigned=image.mode == "I" and sign == _UNSIGNED)
        if image.mode == "L" and sign == _SIGNED:
            pixels = pixels ^ np.uint8(128)  # -128 to 127, which Pillow takes for 128 to 255 and 0 to 127
        picture = np.invert(pixels, out=pixels) if inverse else pixels
        if self._more and number == len(self):
            notes += ("the TIFF file is cut short; the pages after this one are missing",)
        return PagePicture(picture, _resolution(image), notes=notes, stored=stored)

    def size(self, number: int) -> PageSize:
        """How large that is, by the frame's header."""
        image = self._opened(self._beginning_with(number))
        width, height = image.size
        with contextlib.suppress(Exception):
            if image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE:
                width, height = height, width
        return PageSize(width, height, _resolution(image))

    def _beginning_with(self, number: int) -> bytes | bytearray:
        return self._data if number == 1 else tiff.beginning_with(self._data, self._frames[number - 1])

    def _opened(self, data: bytes | bytearray) -> ImageFile.ImageFile:
        """A frame within the limits, not yet decompressed."""
        name = self._format.name
        image = self._open(lenient.without_broken_extras(self._data) if name == "PNG" else data)
        self._limits.check(name, *image.size)
        return image

    def _load(self, data: bytes | bytearray) -> tuple[ImageFile.ImageFile, tuple[str, ...]]:
        """A frame, decompressed, and what is to be said of it."""
        name = self._format.name
        image = self._opened(data)
        if name == "BMP":
            lenient.restore_palette(image, self._data)
        lenient.brighten_palette(image)
        tags = getattr(image, "tag_v2", {})
        if tags.get(_TIFF_PLANES) == _SEPARATE and max(tags[_TIFF_BITS]) > 8 and image.tile[0].codec_name == "raw":  # noqa: PLR2004
            raise OSError("unsupported planes of more than 8 bits without compression")  # Pillow would read noise
        try:
            image.load()
        except OSError:
            if name != "JPEG":
                raise
            # With an end mark libjpeg takes what is there, and leaves grey what is not.
            image = self._open(self._data + lenient.JPEG_END)
            image.load()
            absent = lenient.absent_rows(image)
            if absent == image.height:
                raise
            note = "the JPEG file is cut short and was read as far as it goes"
            lost = f"; the last {absent} of {image.height} rows of pixels are missing" if absent else ""
            return image, (note + lost,)
        return image, ()

    def _open(self, data: bytes | bytearray) -> ImageFile.ImageFile:
        """The file's header, by the one plugin that its first bytes name.

        Not by Image.open, which refuses pictures past Pillow's own, process-wide limit even where ours is higher.
        """
        stream = io.BytesIO(data)
        if self._format.name == "HEIC":
            image: ImageFile.ImageFile = pi_heif.HeifImageFile(stream, "")
            return image
        Image.preinit()
        if self._format.plugin not in Image.OPEN:
            Image.init()
        factory, _ = Image.OPEN[self._format.plugin]
        try:
            return factory(stream, "")
        except SyntaxError as error:
            key = error.__cause__.args[0] if isinstance(error.__cause__, KeyError) else None
            if self._format.name == "TIFF" and isinstance(key, int) and key not in TAGS_V2:
                raise OSError(f"unsupported compression {key}") from error  # which the plugin's table of them lacks
            raise


def _resolution(image: Image.Image) -> float | None:
    """Pixels an inch, where the file says something that may be true."""
    try:
        dpi = float(image.info["dpi"][0])
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return dpi if _LIKELY_DPI[0] <= dpi <= _LIKELY_DPI[1] else None
