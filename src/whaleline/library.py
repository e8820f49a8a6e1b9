"""Reading without a server, from images and numbers of the usual Python types."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, SupportsIndex, TypeAlias

import numpy as np

from whaleline.documents import Document, Limits, PagePicture
from whaleline.documents.sources import ImageSource, open_source
from whaleline.errors import InvalidRequest
from whaleline.forms.field_reading import FieldReading
from whaleline.forms.template import Template
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.operations import regions as page_regions
from whaleline.operations.own_text import TextLayer
from whaleline.operations.read_form import load_template, missing, read_page
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.operations.schema import parse
from whaleline.recognition.modes import DsrConfidence, DsrMode
from whaleline.recognition.page import Page
from whaleline.results import Reading
from whaleline.wording import quoted

Numbers: TypeAlias = Rectangle | Sequence[float]

_ENGINES = Lock()
"""Held while the engines read: they are loaded once for the process, and are not safe for threads."""

_SIDES = 4


def read_regions(
    image: ImageSource,
    regions: Sequence[Numbers] = (),
    *,
    page: int = 1,
    language: str = "English",
    rotate: int = 0,
    skew_correction: bool = True,
    binarization: bool = False,
    contrast_correction: bool = True,
    upsampling: bool = False,
    mode: DsrMode | str = DsrMode.REGIONS,
    confidence: DsrConfidence | str = DsrConfidence.DEFAULT,
    spell_check: bool = False,
    text_layer: TextLayer | str = TextLayer.AUTO,
    recognize: bool = True,
    tessdata: str | os.PathLike[str] | None = None,
    max_pixels: int = 128_000_000,
    max_side: int = 65_535,
    max_region_pixels: int = 256_000_000,
) -> list[Reading]:
    """Read rectangles of an image in this process, without a server.

    For example:
        for reading in whaleline.read_regions("page.png", [(0, 0, 700, 60)], language="de"):
            print(reading.text)

    Threads take turns. To use several cores, call it in several processes, for example by
    `concurrent.futures.ProcessPoolExecutor`. In a program with an event loop, use
    `await asyncio.to_thread(whaleline.read_regions, ...)`.

    Args:
        image: a file in any supported format, as a path, bytes or an open file; or a picture, as a Pillow image or a
            NumPy array of uint8 (or bool) with the shape (height, width), (height, width, 3) for RGB, or
            (height, width, 4) for RGBA.
        regions: (left, top, right, bottom) in pixels, as int or float; right and bottom are exclusive. Without regions,
            the whole image is read.
        page: number of the page of a document, from 1.
        language: a name or an ISO code, for example German, de or deu (docs/languages.md).
        rotate: degrees clockwise by which each region is turned about its centre before it is read.
        skew_correction: straighten lines that are skewed by up to 15 degrees, and photographed sheets.
        binarization: make the region's picture black and white.
        contrast_correction: strengthen faint print.
        upsampling: enlarge small print.
        mode: how text is found, for example "Regions" or "TextDetector" (docs/modes.md).
        confidence: how sure a line must be, for example "Low" or "Ultra" (docs/modes.md).
        spell_check: correct words that are clearly misread, if there is a dictionary (docs/spelling.md).
        text_layer: whether to take the text that a PDF page contains: "auto" if it is visible and correct, "never" or
            "always" (docs/text-layers.md).
        recognize: False to prepare the pictures without reading them.
        tessdata: a folder with traineddata files, used before the bundled ones and the system's.
        max_pixels: most pixels (width times height) of the image.
        max_side: most pixels of the image's width or height.
        max_region_pixels: most pixels of all regions together, after turning and enlarging.

    Returns:
        One reading for each region, in the same order. The reading of a region outside the image is empty, its
        `is_outside` is true, and its page's notes say so.

    Raises:
        InvalidRequest: an argument is wrong; the message names it by its key in the API.
        UnreadableImage: the image cannot be decoded, or it or its regions have too many pixels.
        ConfigurationError: the language's models are not installed; the message says how to add them.
        OSError: the file cannot be read.
        TypeError: `image` is of another type.
    """
    rectangles = [_rectangle(each, f"regions[{index}]") for index, each in enumerate(regions)]
    asked = {
        "language": language,
        "Rotate": rotate,
        "dsrMode": mode,
        "dsrConfidence": confidence,
        "textLayer": text_layer,
        "regions": [{"rect": _corners(each)} for each in rectangles],
    }
    settings = parse(RecognizeRegionsSettings, asked)
    picture = _picture(image, page, Limits(max_pixels, max_side))
    with _ENGINES:
        readings = page_regions.read_regions(
            picture,
            rectangles,
            language=settings.language,
            rotate=settings.rotate,
            skew_correction=skew_correction,
            binarization=binarization,
            contrast_correction=contrast_correction,
            upsampling=upsampling,
            mode=settings.dsr_mode,
            confidence=settings.dsr_confidence,
            spell_check=spell_check,
            text_layer=settings.text_layer,
            recognize=recognize,
            tessdata=None if tessdata is None else Path(tessdata),
            max_region_pixels=max_region_pixels,
        )
    return [_told(reading, picture.notes) if reading else _outside() for reading in readings]


def read_form(
    image: ImageSource,
    template: Template | Mapping[str, Any] | bytes | str | os.PathLike[str],
    *,
    tessdata: str | os.PathLike[str] | None = None,
    max_pixels: int = 128_000_000,
    max_side: int = 65_535,
    max_region_pixels: int = 256_000_000,
) -> list[FieldReading]:
    """Read the fields of a form in this process, without a server.

    For example:
        for field in whaleline.read_form("scan.png", "template.json"):
            print(field.field.name, field.value.value)

    Threads take turns, as with `read_regions`.

    Args:
        image: as for `read_regions`. The first pages of a document are the pages of the form.
        template: the template of the form, or its JSON: decoded, as bytes or as a path (docs/forms.md).
        tessdata: a folder with traineddata files, used before the bundled ones and the system's.
        max_pixels: most pixels (width times height) of a page.
        max_side: most pixels of a page's width or height.
        max_region_pixels: most pixels of all fields of a page together.

    Returns:
        One reading for each field, in the template's order. A field whose place is uncertain is not read, and its value
        says why.

    Raises:
        UnreadableImage: the image or the template's picture cannot be decoded, or it or its fields have more pixels
            than allowed.
        InvalidRequest: this is not a template; the message names what is wrong.
        ConfigurationError: a language's models are not installed; the message says how to add them.
        OSError: a path cannot be read.
        TypeError: `image` is of another type.
    """
    form = template if isinstance(template, Template) else load_template(template)
    opened = open_source(image, Limits(max_pixels, max_side))
    count = len(opened) if isinstance(opened, Document) else 1
    models = None if tessdata is None else Path(tessdata)
    found: dict[str, FieldReading] = {}
    for number in range(1, min(count, len(form.pages)) + 1):
        page = opened.page(number) if isinstance(opened, Document) else opened
        with _ENGINES:
            readings = read_page(page, form, number, tessdata=models, max_region_pixels=max_region_pixels)
        found.update({reading.field.name: reading for reading in readings})
    return [found.get(field.name) or missing(field, count) for field in form.fields]


def _told(reading: Reading, notes: tuple[str, ...]) -> Reading:
    """The reading, with notes about its page."""
    if not notes:
        return reading
    return replace(reading, page=replace(reading.page, notes=(*reading.page.notes, *notes)))


def _outside() -> Reading:
    page = Page(0, 0, (), notes=("the region lies outside the image",))
    return Reading(Rectangle(0, 0, 0, 0), np.empty((0, 0), np.uint8), page, Affine.scale(1, 1))


def _rectangle(region: Numbers, name: str) -> Rectangle:
    """The smallest rectangle of whole pixels around a region."""
    if isinstance(region, Rectangle):
        return region
    if not isinstance(region, Iterable):  # of a lone region that is in no list
        raise InvalidRequest(
            name, f"{name}: {quoted(region)} is not a region; give a list of (left, top, right, bottom)"
        )
    sides = list(region)
    if len(sides) != _SIDES:
        raise InvalidRequest(name, f"{name}: it has {len(sides)} numbers; left, top, right and bottom are needed")
    for side in sides:
        if isinstance(side, str) or not math.isfinite(side):
            raise InvalidRequest(name, f"{name}: {quoted(side)} is not a number")
    left, top, right, bottom = sides
    return Rectangle(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))


def _corners(rectangle: Rectangle) -> dict[str, int]:
    names = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")
    return dict(zip(names, (rectangle.left, rectangle.top, rectangle.right, rectangle.bottom), strict=True))


def _picture(image: ImageSource, page: int, limits: Limits) -> PagePicture:
    opened = open_source(image, limits)
    if isinstance(opened, PagePicture):
        return opened
    if not isinstance(page, SupportsIndex):
        raise InvalidRequest("page", f"page: {quoted(page)} is not a whole number")
    if not 1 <= page <= len(opened):
        raise InvalidRequest("page", f"page: {page} is not one of the document's {len(opened)}")
    return opened.page(page)
