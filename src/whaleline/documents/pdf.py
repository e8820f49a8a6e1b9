"""PDF, by pdfium."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from collections.abc import Iterator
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from whaleline.documents import pdf_layer
from whaleline.documents.formats import Format
from whaleline.documents.page import INCH, Limits, PagePicture, PageSize
from whaleline.errors import UnreadableImage
from whaleline.imaging.geometry import Affine
from whaleline.imaging.pixels import without_equal_channels

PLAIN_DPI = 300
"""Pixels an inch of a page that is no scan: what the engines read best, and what scanners are set to."""

MAX_DPI = 600
"""Pixels an inch at most; more shows the reader nothing more."""

_LEAST_DPI = 72  # of a scan; a coarser image is a background
_LOOKED_AT = 20_000  # objects of a page, for its resolution
_DECODED = frozenset({"DCTDecode", "JPXDecode", "JBIG2Decode"})  # by pdfium, for no more than an image's properties
_GREY = 16  # objects of a page, with fewer of which it may be a grey scan
_ATTACHMENTS = 16  # that are looked at
_NESTING = 8  # forms within forms, likewise

logging.getLogger("pypdfium2").setLevel(logging.ERROR)  # it warns of forms that only Adobe's programs draw

_PDFIUM = threading.RLock()  # the library is not made for several threads


def open_file(data: bytes, found: Format, limits: Limits) -> Pdf:
    """The pages of a file, repaired where pdfium can, and without its password where that is empty."""
    return Pdf(data, found, limits)


class Pdf:
    """An open file."""

    def __init__(self, data: bytes, found: Format, limits: Limits) -> None:
        self._limits = limits
        with _PDFIUM:
            # pypdfium2 tells of a file without pages by the error of the file before, so let that be no password.
            raw.FPDF_LoadMemDocument64(b"", 0, None)
            try:
                self._document = pypdfium2.PdfDocument(data)
            except pypdfium2.PdfiumError as error:
                if error.err_code == raw.FPDF_ERR_PASSWORD:
                    how = "and opens with a password only; send it without one"
                elif error.err_code == raw.FPDF_ERR_SECURITY:
                    how = "in a way that is not supported"
                else:
                    raise
                raise UnreadableImage(f"The {found.name} file is encrypted {how}.") from error
            self._document.init_forms()  # what is filled in is print, too

    def __len__(self) -> int:
        with _PDFIUM:
            return len(self._document)

    def page(self, number: int) -> PagePicture:
        """A page as it is printed, turned as it says, at the resolution of its largest image."""
        with self._open(number) as (page, dpi, notes):
            bitmap = page.render(scale=_scale(dpi), rev_byteorder=True, grayscale=_is_grey(page))
            points = _points(page, bitmap)
            return PagePicture(
                without_equal_channels(bitmap.to_numpy()),
                dpi,
                drawn=True,
                notes=notes,
                points=points,
                layer=pdf_layer.lines(page, points, bitmap.width, bitmap.height),
            )

    def size(self, number: int) -> PageSize:
        """How large that is."""
        with self._open(number) as (page, dpi, _):
            width, height = (math.ceil(side * _scale(dpi)) for side in page.get_size())
            return PageSize(width, height, dpi, drawn=True)

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents of the files within the file."""
        with _PDFIUM:
            for index in range(min(self._document.count_attachments(), _ATTACHMENTS)):
                attachment = self._document.get_attachment(index)
                yield attachment.get_name(), bytes(attachment.get_data())

    @contextlib.contextmanager
    def _open(self, number: int) -> Iterator[tuple[pypdfium2.PdfPage, float, tuple[str, ...]]]:
        """A page, the resolution it is drawn at, and what is to be said of that."""
        with _PDFIUM:
            page = self._document[number - 1]
            try:
                width, height = page.get_size()
                yield page, *self._limits.fit(width, height, _resolution(page, width * height))
            finally:
                page.close()


def _scale(dpi: float) -> float:
    """Pixels a point; a whole number of pixels must not become the next one by rounding."""
    return dpi / INCH * (1 - 1e-6)


def _points(page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap) -> Affine:
    """The map from a picture's pixels to its page's user space, which the page's rotation and edges move."""
    there, width, height = bitmap.get_posconv(page).to_page, bitmap.width, bitmap.height
    (left, top), (right, right_top), (left_bottom, bottom) = there(0, 0), there(width, 0), there(0, height)
    return Affine(
        *((right - left) / width, (left_bottom - left) / height, left),
        *((right_top - top) / width, (bottom - top) / height, top),
    )


def _resolution(page: pypdfium2.PdfPage, area: float) -> float:
    """Pixels an inch at which a page should be drawn.

    That of its largest image if the page is a scan: the image covers half of it and more, and nothing is written beside
    an invisible layer of text. Else as much, and at least PLAIN_DPI.

    Args:
        page: the page.
        area: its, in square points.
    """
    largest = finest = covered = 0.0
    is_written = False
    kinds = [raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_TEXT]
    for thing in islice(page.get_objects(kinds, max_depth=_NESTING), _LOOKED_AT):
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            is_written |= raw.FPDFTextObj_GetTextRenderMode(thing) != raw.FPDF_TEXTRENDERMODE_INVISIBLE
            continue
        wide, high = thing.get_px_size()
        across, down = _placed(thing)
        if across > 0 and down > 0 and wide * high > largest:
            largest, finest = wide * high, INCH * max(wide / across, high / down)
            covered = across * down
    is_scan = not is_written and covered * 2 >= area and finest >= _LEAST_DPI
    return min(finest if is_scan else max(finest, PLAIN_DPI), MAX_DPI)


def _is_grey(page: pypdfium2.PdfPage) -> bool:
    """Whether a page holds grey images alone, which are drawn in half the time if that is known before."""
    if raw.FPDFPage_GetAnnotCount(page) > 0:
        return False
    things = list(islice(page.get_objects(max_depth=1), _GREY))
    return 0 < len(things) < _GREY and all(
        isinstance(thing, pypdfium2.PdfImage)
        and _DECODED.isdisjoint(thing.get_filters())
        and thing.get_metadata().colorspace == raw.FPDF_COLORSPACE_DEVICEGRAY
        for thing in things
    )


def _placed(image: pypdfium2.PdfImage) -> tuple[float, float]:
    """Width and height of an image as it lies on its page, in points along its own sides."""
    matrix, around = image.get_matrix(), image.container
    while around is not None:
        matrix, around = matrix.multiply(around.get_matrix()), around.container
    return math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
