"""Kept documents of the service's own API: the sizes and pictures of their pages.

These are task types of the service itself, because only confined workers decode what clients send.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import orjson
from PIL import Image
from pydantic import Field

from whaleline.documents import Document, formats
from whaleline.errors import InvalidRequest, UnreadableImage
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.schema import WireModel
from whaleline.results import Result
from whaleline.settings import Settings

MAX_WIDTH = 10_000
"""Pixels of the width of a page's picture at most."""

_QUALITY = 90


class KeepSettings(WireModel):
    """No settings."""


class DrawSettings(WireModel):
    """The page, and the width of its picture in pixels."""

    page: int = Field(1, ge=1)
    width: int = Field(1000, ge=1, le=MAX_WIDTH)


def _check(data: bytes, _request: WireModel, _settings: Settings) -> None:
    if formats.sniff(data) is None:
        raise InvalidRequest("file", f"file: {formats.describe(data)} is not supported; send {formats.NAMES}")


def _no_pages(_document: Document, _request: KeepSettings) -> tuple[int, ...]:
    return ()


def _read_nothing(_document: Document, _page: int, _request: KeepSettings, _settings: Settings) -> bytes:
    return b""


def _facts(document: Document, _parts: Sequence[bytes | None], _request: KeepSettings, _settings: Settings) -> Outcome:
    pages: list[dict[str, object]] = []
    for number in range(1, len(document) + 1):
        try:
            size = document.size(number)
            dpi = size.dpi and round(size.dpi, 3)
            pages.append({"width": size.width, "height": size.height, "dpi": dpi, "drawn": size.drawn})
        except UnreadableImage as error:
            pages.append({"error": str(error)})
    facts = orjson.dumps({"format": document.format.name, "pages": pages})
    return Outcome(ResponseStatusCode.OK, (Result("Facts", facts),))


def _one_page(_document: Document, request: DrawSettings) -> tuple[int, ...]:
    return (request.page,)


def _draw(document: Document, page: int, request: DrawSettings, settings: Settings) -> bytes:
    picture = document.page(page).picture
    height = max(1, round(request.width * picture.shape[0] / picture.shape[1]))
    if request.width * height > settings.max_pixels:
        raise UnreadableImage(
            f"The picture would have {request.width} x {height} pixels; at most {settings.max_pixels} are allowed."
        )
    smaller = request.width < picture.shape[1]
    scaled = cv2.resize(picture, (request.width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    target = io.BytesIO()
    Image.fromarray(scaled).save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _picture(
    _document: Document, parts: Sequence[bytes | None], _request: DrawSettings, _settings: Settings
) -> Outcome:
    return Outcome(ResponseStatusCode.OK, tuple(Result("Picture", part or b"") for part in parts))


KEEP_DOCUMENT = Operation(
    name="KeepDocument",
    summary="Look into a document and keep it",
    settings_model=KeepSettings,
    check=_check,
    pages=_no_pages,
    read=_read_nothing,
    join=_facts,
)

DRAW_PAGE = Operation(
    name="DrawPage",
    summary="Make a picture of a page of a kept document",
    settings_model=DrawSettings,
    check=_check,
    pages=_one_page,
    read=_draw,
    join=_picture,
)
