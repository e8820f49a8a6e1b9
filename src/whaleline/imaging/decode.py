"""Bytes to pixels: the formats that are read, the limits, and how each kind of pixel becomes grey or RGB."""

from __future__ import annotations

import codecs
import contextlib
import io
import struct
import warnings
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageFile, ImageOps

from whaleline.errors import UnreadableImage
from whaleline.imaging.picture import Picture

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
"""Names of the formats that `decode` reads, as `sniff` gives them."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"BM", "BMP"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),  # BigTIFF
    (0, b"MM\x00+", "TIFF"),
    (8, b"WEBP", "WEBP"),
)
_FOREIGN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "PDF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypmsf1", "HEIF"),
    (4, b"ftyp", "MP4 video"),
    (0, b"AT&TFORM", "DjVu"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"8BPS", "Photoshop (PSD)"),
    (0, b"\x00\x00\x01\x00", "Windows icon (ICO)"),
    (0, b"P4", "Netpbm (PNM)"),
    (0, b"P5", "Netpbm (PNM)"),
    (0, b"P6", "Netpbm (PNM)"),
    (0, b"\x97JB2\r\n\x1a\n", "JBIG2"),
    (0, b"PK\x03\x04", "ZIP or Office"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (0, b"RIFF", "RIFF audio or video"),
    (0, b"%!PS", "PostScript"),
    (0, b"{\\rtf", "RTF"),
)
_TIFF_PHOTOMETRIC = 262  # tag; TIFF 6.0, section 8
_WHITE_IS_ZERO = 0
_TIFF_PIECES = (273, 324)  # tags with the offsets of strips and tiles
_BIG_TIFF = 43

MAX_SIDE = 65_535
"""Pixels of a side at most, unless told otherwise; JPEG and GIF know no longer ones."""

MAX_SCANS = 100
"""Scans of a JPEG file at most. Each goes over all pixels again, for a few bytes; real files have a dozen."""

MAX_PIECES = 200_000
"""Strips or tiles of a TIFF file at most; each costs time and memory before the first pixel is known."""

_BAND = 4_000_000  # pixels that are converted at a time, so that no second copy of a large picture arises


def sniff(data: bytes) -> str | None:
    """The name in FORMATS that the first bytes tell; None for everything else."""
    return next((name for at, mark, name in _SIGNATURES if data.startswith(mark, at)), None)


def describe(data: bytes) -> str:
    """What the bytes are, for a sentence that refuses them: `PDF`, `HEIC`, `text`, `an unknown format` ...

    A guess by the first bytes; never a reason to accept anything.
    """
    foreign = next((name for at, mark, name in _FOREIGN if data.startswith(mark, at)), None)
    return sniff(data) or foreign or _describe_text(data)


def _describe_text(data: bytes) -> str:
    if not data:
        return "empty"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        # Not final: a character that the 1024th byte cuts in two is no sign of anything.
        text = codecs.getincrementaldecoder("utf-8")().decode(head).lower()
    except UnicodeDecodeError:
        return "an unknown format"
    if text.startswith(("<svg", "<?xml")) and "<svg" in text:
        return "SVG"
    if text.startswith(("<!doctype html", "<html")):
        return "HTML"
    if text.startswith("<?xml"):
        return "XML"
    readable = all(character.isprintable() or character in "\t\r\n\f" for character in text)
    return "text" if text and readable else "an unknown format"


def decode(data: bytes, *, max_pixels: int, max_side: int = MAX_SIDE) -> Picture:
    """The picture in an image file: its first frame, upright, without transparency.

    EXIF orientation is applied; transparency lies on white; CMYK, YCbCr and Lab become RGB; 1, 16 and 32 bits
    a pixel and floating point become 8 bits of grey.

    Args:
        data: the file.
        max_pixels: width x height at most; looked at in the file's header, before anything is decompressed.
        max_side: width and height at most, likewise.

    Returns:
        uint8 of shape (height, width) for grey, (height, width, 3) for RGB.

    Raises:
        UnreadableImage: the format is not one of FORMATS, the file is damaged or cut short, or the picture is
            past a limit: max_pixels, max_side, MAX_SCANS, MAX_PIECES. Nothing else leaves this function,
            whatever the bytes are.
    """
    name = sniff(data)
    if name is None:
        raise UnreadableImage(
            f"The image is {describe(data)}, which is not read here. Formats read: {', '.join(FORMATS)}."
        )
    try:
        with warnings.catch_warnings():
            # What Pillow warns of (a broken EXIF block, odd TIFF tags, its own pixel limit) is no reason to
            # refuse.
            warnings.simplefilter("ignore")
            return _decode(data, name, max_pixels, max_side)
    except UnreadableImage:
        raise
    except MemoryError as error:
        raise UnreadableImage(f"The {name} image does not fit into memory.") from error
    except Exception as error:
        # The plugins parse hostile bytes and raise what their parsing meets: OSError, SyntaxError,
        # ValueError, struct.error, KeyError, zlib.error, AssertionError ... A list of them would be wrong
        # with the next release.
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise UnreadableImage(f"The {name} image is damaged or cut short: {reason}.") from error


def _decode(data: bytes, name: str, max_pixels: int, max_side: int) -> Picture:
    if (parts := _parts(data, name)) is not None:
        count, most, kind = parts
        if count > most:
            raise UnreadableImage(f"The {name} image is in {count} {kind}; at most {most} are read.")
    with _open(data, name) as image:
        width, height = image.size
        if width < 1 or height < 1:
            raise UnreadableImage(f"The {name} image has no pixels: it is {width} x {height}.")
        if max(width, height) > max_side:
            raise UnreadableImage(
                f"The {name} image is {width} x {height} pixels; at most {max_side} are read to a side."
            )
        if width * height > max_pixels:
            raise UnreadableImage(
                f"The {name} image is {width} x {height} = {width * height} pixels; at most {max_pixels} are read."
            )
        image.load()
        inverse = _counts_from_white(image)
        _set_upright(image)
        pixels = _levels(image) if _is_deep(image) else _eight_bits(image)
        return np.invert(pixels, out=pixels) if inverse else pixels


def _parts(data: bytes, name: str) -> tuple[int, int, str] | None:
    """How many parts a small file may claim to be made of, how many it may be, and what they are called."""
    if name == "JPEG":
        # In compressed data 0xFF is followed by 0: a marker of scans is one, but for what metadata may hold.
        return data.count(b"\xff\xda"), MAX_SCANS, "scans"
    if name == "TIFF":
        return _tiff_pieces(data), MAX_PIECES, "strips or tiles"
    return None


def _tiff_pieces(data: bytes) -> int:
    """Strips or tiles of a TIFF's first frame, by the directory's word; 0 where it cannot be read.

    Pillow makes an object of each as soon as it opens a file, so the count must be known before.
    """
    order = "<" if data.startswith(b"II") else ">"
    big = struct.unpack_from(f"{order}H", data, 2)[0] == _BIG_TIFF
    start_at, start, length, entry = (8, "Q", "Q", "HHQ8x") if big else (4, "I", "H", "HHI4x")
    try:
        (at,) = struct.unpack_from(order + start, data, start_at)
        (number,) = struct.unpack_from(order + length, data, at)
        at += struct.calcsize(order + length)
        size = struct.calcsize(order + entry)
        # Of a directory that is cut short Pillow takes what is there.
        number = min(number, (len(data) - at) // size)
        entries = struct.iter_unpack(order + entry, memoryview(data)[at : at + number * size])
        return max(int(count) for tag, _, count in entries if tag in _TIFF_PIECES)
    except (struct.error, ValueError, OverflowError):
        return 0


def _open(data: bytes, name: str) -> ImageFile.ImageFile:
    """The file's header, by the one plugin that its first bytes name.

    Not by Image.open, which refuses pictures past Pillow's own, process-wide limit even where ours is higher.
    """
    Image.preinit()
    if name not in Image.OPEN:
        Image.init()
    factory, _ = Image.OPEN[name]
    return factory(io.BytesIO(data), "")


def _set_upright(image: Image.Image) -> None:
    # An EXIF block that cannot be parsed says nothing about the orientation.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


def _eight_bits(image: Image.Image) -> Picture:
    """The pixels of a loaded image of up to 8 bits a channel as grey or RGB."""
    bands = _bands(image)
    _, first = next(bands)
    converted = _convert(first)
    pixels = np.empty((image.height, *converted.shape[1:]), np.uint8)
    pixels[: len(converted)] = converted
    for top, band in bands:
        pixels[top : top + band.height] = _convert(band)
    return pixels


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The image in strips of its full width, each with its top row's number."""
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _convert(image: Image.Image) -> Picture:
    if image.mode in ("LA", "La"):
        image = image.convert("LA")
        return np.asarray(_on_white(image.getchannel("L"), image.getchannel("A")))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return np.asarray(_on_white(image.convert("RGB"), image.getchannel("A")))
    if image.mode == "LAB":
        # Pillow's convert knows no Lab; littleCMS does.
        transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
        converted = ImageCms.applyTransform(image, transform)
        return np.asarray(image if converted is None else converted)
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _on_white(colour: Image.Image, alpha: Image.Image) -> Image.Image:
    return Image.composite(colour, Image.new(colour.mode, colour.size, "white"), alpha)


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I;16") or image.mode in ("I", "F")


def _counts_from_white(image: ImageFile.ImageFile) -> bool:
    """Whether a TIFF of more than 8 bits counts from white to black; Pillow inverts shallower ones only."""
    tags = getattr(image, "tag_v2", None)
    return _is_deep(image) and tags is not None and tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO


def _levels(image: Image.Image) -> Picture:
    """Deep grey as 8 bits.

    Files seldom say how many of the 16 or 32 bits they use, and scanners use 10, 12 or 14: the range is the
    smallest of the usual ones that holds the largest value. Negative values have no such range and are
    stretched from the least to the largest, and so are floating-point values outside 0 to 1.
    """
    spans = [(float(values.min()), float(values.max())) for _, values in _deep_bands(image)]
    least, most = min(low for low, _ in spans), max(high for _, high in spans)
    low, high = 0.0, 1.0
    if image.mode != "F" and least >= 0:
        high = next((2.0**bits - 1 for bits in (8, 10, 12, 14, 16, 24) if most < 2**bits), 2.0**32 - 1)
    elif least < 0 or most > 1:
        low, high = least, max(most, least + 1)
    pixels = np.empty((image.height, image.width), np.uint8)
    for top, values in _deep_bands(image):
        pixels[top : top + len(values)] = np.rint((values - low) * (255.0 / (high - low)))
    return pixels


def _deep_bands(image: Image.Image) -> Iterator[tuple[int, npt.NDArray[np.floating]]]:
    for top, band in _bands(image):
        deep = np.asarray(band)
        yield top, np.nan_to_num(deep.astype(np.float32 if deep.dtype.kind == "f" else np.float64), posinf=0, neginf=0)
