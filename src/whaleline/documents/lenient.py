"""Errors in image files that viewers tolerate and Pillow does not."""

from __future__ import annotations

import struct
import zlib

from PIL import Image, ImageFile, ImagePalette

JPEG_END = b"\xff\xd9"

_PNG_SIGNATURE = 8  # bytes
_PNG_FRAME = 12  # bytes of a chunk beside its data: length, type, checksum
_ANCILLARY = 0x20  # of a chunk type's first byte; PNG (third edition), section 5.4

_BMP_BITS, _BMP_CORE_BITS = 28, 24  # offsets of the bits a pixel, and of those in OS/2's short header
_BMP_CORE = 12  # bytes of OS/2's header
_BMP_INDICES = {4: "P;4", 8: "P"}  # bits of an index, and how Pillow unpacks it

_COLOUR_MAP = 320  # tag; TIFF 6.0, section 5
_ABSENT = {127, 128}  # what libjpeg fills in for pixels whose data is missing


def without_broken_extras(png: bytes) -> bytes:
    """A PNG file without its optional chunks whose checksums are wrong.

    Chunks behind the first pixels are left alone, for Pillow does not look at their checksums.
    """
    kept = [png[:_PNG_SIGNATURE]]
    at = start = _PNG_SIGNATURE
    while at + _PNG_FRAME <= len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        end = at + _PNG_FRAME + length
        if name == b"IDAT" or end > len(png):
            break
        if name[0] & _ANCILLARY and zlib.crc32(png[at + 4 : end - 4]) != int.from_bytes(png[end - 4 : end]):
            kept.append(png[start:at])
            start = end
        at = end
    return b"".join([*kept, png[start:]]) if len(kept) > 1 else png


def restore_palette(image: ImageFile.ImageFile, bmp: bytes) -> None:
    """Undo Pillow's mistake of using the indices of a BMP file as grey values where its palette is black and white.

    That is right for one bit a pixel alone.
    """
    (header,) = struct.unpack_from("<I", bmp, 14)
    (bits,) = struct.unpack_from("<H", bmp, _BMP_CORE_BITS if header == _BMP_CORE else _BMP_BITS)
    if bits not in _BMP_INDICES or not (image.mode == "1" or (image.mode == "L" and bits == min(_BMP_INDICES))):
        return
    levels = (0, 255) if image.mode == "1" else range(2**bits)
    image.palette = ImagePalette.raw("RGB", bytes(level for level in levels for _ in "RGB"))
    image._mode = "P"
    image.tile = [tile._replace(args=(_BMP_INDICES[bits], *tuple(tile.args or ())[1:])) for tile in image.tile]


def brighten_palette(tiff: ImageFile.ImageFile) -> None:
    """Read the colours of a TIFF file as 8 bits where none needs the 16 that they should have, as libtiff does."""
    colours = getattr(tiff, "tag_v2", {}).get(_COLOUR_MAP, ())
    if tiff.mode == "P" and colours and max(colours) < 256:  # noqa: PLR2004
        tiff.palette = ImagePalette.raw("RGB;L", bytes(colours))


def absent_rows(jpeg: Image.Image) -> int:
    """Rows at the bottom of a loaded picture whose pixels the file lacked."""
    for bottom in range(jpeg.height, 0, -1):
        extremes = jpeg.crop((0, bottom - 1, jpeg.width, bottom)).getextrema()
        values = {value for pair in (extremes if isinstance(extremes[0], tuple) else (extremes,)) for value in pair}
        if len(values) > 1 or not values <= _ABSENT:
            return jpeg.height - bottom
    return jpeg.height
