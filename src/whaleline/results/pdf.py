"""Result type Pdf: pictures with an invisible text layer, searchable and copyable; see pdf_document for many pages."""

from __future__ import annotations

import math
from io import BytesIO
from statistics import median_low
from typing import Final

from pikepdf import Dictionary, ObjectStreamMode, Pdf, Stream

from whaleline.imaging.geometry import Affine
from whaleline.results import archive
from whaleline.results.picture import Pixels
from whaleline.results.reading import Reading
from whaleline.results.scan import StoredImage, image_stream, stored_stream
from whaleline.results.text_layer import TextLayer, deflated, font, size_and_bottom

RESOLUTION: Final = 300
"""Pixels to the inch where a picture's are not known; documents are scanned for recognition at 300."""

# Height of capitals in points. Print hardly goes below, so a smaller median says that the image has fewer
# pixels to the inch; and PDFium, which copies scanned pages exactly at 7 points, joins many close lines at 4.
_SMALLEST_TEXT: Final = 6

_POINTS_PER_INCH: Final = 72
# Sides of a page, in points, that every reader takes (ISO 32000-1, annex C.2).
_SHORTEST_SIDE: Final = 3
_LONGEST_SIDE: Final = 14400


def write(reading: Reading, shown: StoredImage | Pixels | None = None, dpi: float | None = None) -> bytes:
    """A PDF/A-2b of one page; equal readings give equal bytes.

    The page is as large as the region at so many of the submitted image's pixels to the inch, so that enlarging a
    picture to read it better does not enlarge the page. Where they are not known, it is 300 to the inch, and twice,
    four times, ... as large where the median line would be under 6 points. Its sides stay between 3 and 14400 points.
    The text is set in reading order, line by line, in render mode 3 (ISO 32000-1, 9.3.6), each word as wide as its box.

    Args:
        reading: of a region.
        shown: the submitted image, which the page then shows in place of the reading's picture, turned and moved as
            that was. A sheet that was made flat is shown flat.
        dpi: of the submitted image; None where it is not known.
    """
    width, height = reading.size
    scale = _points_per_pixel(reading, dpi)
    sides = [round(max(pixels * scale, _SHORTEST_SIDE), 3) for pixels in (width, height)]
    text = TextLayer(reading.page, height)
    with Pdf.new() as pdf:
        if shown is None or not isinstance(reading.placement, Affine):
            picture, lies = image_stream(pdf, reading.picture), Affine.scale(width, height)
        else:
            picture, lies = _image(pdf, shown)
            lies = reading.placement.inverse() @ lies
        content = b"q %s cm\nq %s cm /Picture Do Q\n%sQ\n" % (
            matrix(Affine.scale(scale, scale)),
            matrix(_upwards(height) @ lies @ _upwards(1)),
            text.content,
        )
        resources = Dictionary(XObject=Dictionary(Picture=picture))
        if text.content:
            resources.Font = Dictionary(Glyphless=font(pdf, text.characters))
        page = pdf.add_blank_page(page_size=(sides[0], sides[1]))
        page.obj.Resources = resources
        page.obj.Contents = deflated(pdf, content)
        pdf.Root.Lang = reading.page.language
        archive.mark(pdf)
        return saved(pdf)


def _image(pdf: Pdf, shown: StoredImage | Pixels) -> tuple[Stream, Affine]:
    """A submitted image for a PDF, and the map from its unit square, y downwards, to its pixels when it is upright."""
    if isinstance(shown, StoredImage):
        return stored_stream(pdf, shown), shown.placement @ Affine.scale(shown.width, shown.height)
    height, width = shown.shape[:2]
    return image_stream(pdf, shown), Affine.scale(width, height)


def saved(pdf: Pdf) -> bytes:
    """A document's bytes; equal documents give equal ones."""
    file = BytesIO()
    pdf.save(
        file,
        deterministic_id=True,
        min_version="1.7",  # ISO 32000-1
        compress_streams=False,  # what gains by it is compressed already
        object_stream_mode=ObjectStreamMode.disable,
    )
    return file.getvalue()


def matrix(map_: Affine) -> bytes:
    """A map as the operands of `cm` (ISO 32000-1, 8.3.3)."""
    return b"%.8f %.8f %.8f %.8f %.8f %.8f" % (map_.a, map_.d, map_.b, map_.e, map_.c, map_.f)


def _upwards(height: float) -> Affine:
    """From y downwards to y upwards and back, in a picture so high."""
    return Affine(e=-1, f=height)


def _points_per_pixel(reading: Reading, dpi: float | None) -> float:
    width, height = reading.size
    scale = reading.placement.enlargement * _POINTS_PER_INCH / (dpi or RESOLUTION)
    sizes = [size for block in reading.page.blocks for size, _ in map(size_and_bottom, block.lines)]
    if sizes and scale and dpi is None:
        median = median_low(sizes) * scale
        if median < _SMALLEST_TEXT:
            scale = math.ldexp(scale, math.ceil(math.log2(_SMALLEST_TEXT / median)))
    return min(max(scale, _SHORTEST_SIDE / min(width, height)), _LONGEST_SIDE / max(width, height))
