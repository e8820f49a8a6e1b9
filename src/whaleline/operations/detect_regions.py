"""DetectRegions: where the text of a page is, region by region, in reading order."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from whaleline.documents import Document, PagePicture
from whaleline.imaging.geometry import Rectangle
from whaleline.layout.regions import regions
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.page_layout import PageLayout, lay_out
from whaleline.operations.reading import check
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.results import Result, ResultType
from whaleline.settings import Settings


class DetectRegionsSettings(ReadingSettings):
    """OCRSettingsDetectRegions; `makeSpellCheck` has no effect, and `resultType` only as JSON, an addition to it."""


def _pages(document: Document, request: DetectRegionsSettings) -> tuple[int, ...]:
    """All of them where the answer can tell them apart."""
    return tuple(range(1, len(document) + 1 if request.result_type is ResultType.JSON else 2))


def _read(document: Document, number: int, request: DetectRegionsSettings, settings: Settings) -> bytes:
    """The number of a page, and its boxes in its own pixels, as JSON."""
    page = document.page(number)
    boxes = regions_of(page, lay_out(page, request, settings))
    return orjson.dumps((number, [(box.left, box.top, box.right, box.bottom) for box in boxes]))


def regions_of(page: PagePicture, found: PageLayout) -> list[Rectangle]:
    """The regions of a page in its own pixels, in reading order.

    Args:
        page: as it came.
        found: what lies on it.
    """
    height, width = page.picture.shape[:2]
    whole = Rectangle(0, 0, width, height)
    placed = (
        found.reading.placement.bounds(box).intersection(whole)
        for box in regions(found.reading.plain, found.reading.page, found.words, found.tables, found.rules)
    )
    return [box for box in placed if not box.is_empty]


def _join(
    _document: Document, parts: Sequence[bytes | None], request: DetectRegionsSettings, _settings: Settings
) -> Outcome:
    pages = [orjson.loads(part) for part in parts if part is not None]
    boxes = [(number, box) for number, found in pages for box in found]
    if request.result_type is ResultType.JSON:
        result = Result("JSON", orjson.dumps([_region(*each, order) for order, each in enumerate(boxes)]))
    else:
        # With spaces, as the protocol's sample has it.
        written = ", ".join("[" + ", ".join(map(str, box)) + "]" for _, box in boxes)
        result = Result("Other", f"[{written}]".encode())
    if not boxes:
        return Outcome(ResponseStatusCode.NO_ANY_RESULT_DATA, (result,), ("no text was found",))
    return Outcome(ResponseStatusCode.OK, (result,))


def _region(page: int, box: Sequence[int], order: int) -> dict[str, object]:
    """A region as RecognizeRegions takes it."""
    corners = dict(zip(("topLeftX", "topLeftY", "bottomRightX", "bottomRightY"), box, strict=True))
    return {"page": page, "order": order, "rect": corners}


DETECT_REGIONS = Operation(
    name="DetectRegions",
    summary="Find the regions of a page that hold text",
    settings_model=DetectRegionsSettings,
    check=check,
    pages=_pages,
    read=_read,
    join=_join,
)
