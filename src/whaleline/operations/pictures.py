"""BinarizeImage, DeskewImage, DewarpImage and UpscaleImage: an improved picture as PNG. Nothing is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import orjson

from whaleline import recognition
from whaleline.documents import Document
from whaleline.errors import UnreadableImage
from whaleline.imaging import filters, region
from whaleline.imaging.flattening import framed
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.reading import check_file
from whaleline.operations.schema import WireModel
from whaleline.recognition import languages
from whaleline.results import Result, png
from whaleline.settings import Settings

Improve = Callable[[Picture, int], Picture]
"""Makes a better picture of one, of at most so many pixels; raises UnreadableImage where that is not possible."""

_END = b"\0"  # of a page's messages, before its PNG; JSON never holds it


class NoSettings(WireModel):
    """The settings of a task type that has none; what a client sends is ignored."""


def binarized(picture: Picture, _most: int) -> Picture:
    """Black and white, of the same size."""
    return filters.binarize(picture)


def deskewed(picture: Picture, most: int) -> Picture:
    """Level."""
    _check_size(picture, most)
    return recognition.deskewed(picture)


def dewarped(picture: Picture, most: int) -> Picture:
    """The photographed sheet flat and upright, filling the frame; as it is where no sheet is found to flatten."""
    _check_size(picture, most)
    english = languages.find("English")
    assert english is not None  # noqa: S101 - it is in the table
    found = recognition.flattened(picture, english, wanted=True)
    if found is None or found.picture.shape[0] * found.picture.shape[1] > most:
        return picture
    height, width = picture.shape[:2]
    return framed(found.picture, *((width, height) if found.turn % 180 == 0 else (height, width)))


def upscaled(picture: Picture, most: int) -> Picture:
    """Twice as large, up to four times where its letters are small."""
    height, width = picture.shape[:2]
    times = filters.helpful_enlargement(picture)
    while times > 1 and (width * height * times**2 > most or max(width, height) * times > region.MAX_SIDE):
        times -= 1
    if times == 1:
        raise UnreadableImage(
            f"The picture of {width} x {height} pixels would have {4 * width * height} at twice its size; pictures"
            f" of at most {most} pixels, {region.MAX_SIDE} to a side, are made."
        )
    return filters.enlarge(picture, times)


def _check_size(picture: Picture, most: int) -> None:
    region.check_size(Rectangle(0, 0, picture.shape[1], picture.shape[0]), 0, most)


def _pages(document: Document, _request: NoSettings) -> tuple[int, ...]:
    return tuple(range(1, len(document) + 1))


def _check(data: bytes, _request: NoSettings, _settings: Settings) -> None:
    check_file(data)


def _join(document: Document, parts: Sequence[bytes | None], _request: NoSettings, _settings: Settings) -> Outcome:
    results, messages = [], []
    for number, part in enumerate(parts, 1):
        notes, _, picture = part.partition(_END) if part is not None else (b"[]", b"", b"")
        results.append(Result("ImagePNG", picture))
        messages += [note if len(document) == 1 else f"page {number}: {note}" for note in orjson.loads(notes)]
    return Outcome(ResponseStatusCode.OK, tuple(results), tuple(messages))


def _operation(name: str, summary: str, improve: Improve) -> Operation[Any]:
    """A task type that gives a picture for each page."""

    def read(document: Document, number: int, _request: NoSettings, settings: Settings) -> bytes:
        page = document.page(number)
        return orjson.dumps(page.notes) + _END + png.encode(improve(page.picture, settings.max_region_pixels))

    return Operation(
        name=name, summary=summary, settings_model=NoSettings, check=_check, pages=_pages, read=read, join=_join
    )


IMPROVEMENTS: Mapping[str, tuple[str, Improve]] = MappingProxyType(
    {
        "BinarizeImage": ("Make a picture black and white", binarized),
        "DeskewImage": ("Turn a picture so that its lines of text run level", deskewed),
        "DewarpImage": ("Make the photograph of a sheet flat", dewarped),
        "UpscaleImage": ("Make a picture larger", upscaled),
    }
)
"""By task type: a summary, and what is done."""

PICTURES = tuple(_operation(name, summary, improve) for name, (summary, improve) in IMPROVEMENTS.items())
