"""The table of formats that are read, and how to recognize them by their first bytes.

The check of a request, the page, the messages and the documentation go by this table.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files.

    Attributes:
        name: as people write it.
        extensions: of files' names, with the point.
        media_type: IANA's name for it.
        pages: which of its pictures are pages.
        drawn: whether pages have a size in inches, and no pixels of their own.
        reader: the module of this room that reads it.
        plugin: Pillow's name for it, where Pillow reads it.
        signatures: beginnings of such files, each with its place.
    """

    name: str
    extensions: tuple[str, ...]
    media_type: str
    pages: str = "one"
    drawn: bool = False
    reader: str = "raster"
    plugin: str = ""
    signatures: tuple[tuple[int, bytes], ...] = ()


FORMATS = (
    Format("PNG", (".png",), "image/png", plugin="PNG", signatures=((0, b"\x89PNG\r\n\x1a\n"),)),
    Format("JPEG", (".jpg", ".jpeg"), "image/jpeg", plugin="JPEG", signatures=((0, b"\xff\xd8\xff"),)),
    Format("BMP", (".bmp",), "image/bmp", plugin="BMP", signatures=((0, b"BM"),)),
    Format("GIF", (".gif",), "image/gif", "the first frame", plugin="GIF", signatures=((0, b"GIF87a"), (0, b"GIF89a"))),
    Format(
        "TIFF",
        (".tif", ".tiff"),
        "image/tiff",
        "each frame",
        plugin="TIFF",
        # The latter two are BigTIFF.
        signatures=((0, b"II*\x00"), (0, b"MM\x00*"), (0, b"II+\x00"), (0, b"MM\x00+")),
    ),
    Format("WebP", (".webp",), "image/webp", "the first frame", plugin="WEBP", signatures=((8, b"WEBP"),)),
    Format(
        "JPEG 2000",
        (".jp2", ".j2k", ".jpx"),
        "image/jp2",
        plugin="JPEG2000",
        signatures=((0, b"\x00\x00\x00\x0cjP  \r\n\x87\n"), (0, b"\xff\x4f\xff\x51")),
    ),
    Format("AVIF", (".avif",), "image/avif", "the first frame", plugin="AVIF"),
    Format("HEIC", (".heic", ".heif", ".hif"), "image/heic", "the main picture", plugin="HEIF"),
    Format("PNM", (".pbm", ".pgm", ".ppm", ".pnm"), "image/x-portable-anymap", plugin="PPM"),
    Format("SVG", (".svg",), "image/svg+xml", drawn=True, reader="svg"),
    Format("PDF", (".pdf",), "application/pdf", "each page", drawn=True, reader="pdf"),
    Format(
        "DjVu",
        (".djvu", ".djv"),
        "image/vnd.djvu",
        "each page",
        reader="djvu",
        signatures=((0, b"AT&TFORM"),),
    ),
)

NAMES = ", ".join(each.name for each in FORMATS)
"""All formats, for a sentence."""

EXTENSIONS = frozenset(extension for each in FORMATS for extension in each.extensions)
"""What files' names end with, in lower case."""

_FOREIGN: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "MP4 video"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"8BPS", "Photoshop (PSD)"),
    (0, b"\x00\x00\x01\x00", "Windows icon (ICO)"),
    (0, b"P7\n", "Netpbm (PAM)"),
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

_BY_NAME = {each.name: each for each in FORMATS}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_PDF_HEADER_WITHIN = 1024  # bytes; PDF 1.7, implementation note 13
_SVG_WITHIN = 4096  # bytes
_PNM = re.compile(rb"P[1-6]\s*(#|\d)")


def sniff(data: bytes) -> Format | None:
    """The format that the first bytes show; None for everything that is not read."""
    for each in FORMATS:
        if any(data.startswith(mark, at) for at, mark in each.signatures):
            return each
    name = None
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        name = "PDF"
    elif data[4:8] == b"ftyp":
        name = _by_brands(data)
    elif _PNM.match(data):
        name = "PNM"
    elif _describe_text(data) == "SVG":
        name = "SVG"
    return _BY_NAME.get(name or "")


def describe(data: bytes) -> str:
    """What the bytes are, for a sentence that refuses them: `JPEG XL`, `text`, `an unknown format` ...

    A guess by the first bytes; never a reason to accept anything.
    """
    known = sniff(data)
    if known is not None:
        return known.name
    foreign = next((name for at, mark, name in _FOREIGN if data.startswith(mark, at)), None)
    return foreign or _describe_text(data)


def _by_brands(data: bytes) -> str | None:
    """AVIF or HEIC, by the brands of an ISO media file (ISO/IEC 14496-12, section 4.3), the main one first."""
    size = min(int.from_bytes(data[:4]), 512)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
    if brands[0] in _AVIF_BRANDS:
        return "AVIF"
    if brands[0] not in _HEIC_BRANDS:
        return None
    return "AVIF" if brands[0] in (b"mif1", b"msf1") and _AVIF_BRANDS.intersection(brands) else "HEIC"


def _describe_text(data: bytes) -> str:
    if not data:
        return "empty"
    head = data[:_SVG_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        # Not final: a character that the last byte cuts in two is no sign of anything.
        text = codecs.getincrementaldecoder("utf-8")().decode(head).lower()
    except UnicodeDecodeError:
        return "an unknown format"
    if text.startswith(("<svg", "<?xml", "<!--", "<!doctype svg")) and "<svg" in text:
        return "SVG"
    if text.startswith(("<!doctype html", "<html")):
        return "HTML"
    if text.startswith("<?xml"):
        return "XML"
    readable = all(character.isprintable() or character in "\t\r\n\f" for character in text)
    return "text" if text and readable else "an unknown format"
