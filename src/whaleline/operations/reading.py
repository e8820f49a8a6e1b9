"""What all task types that read text have in common: the check when a task is posted, and the messages."""

from __future__ import annotations

from collections.abc import Sequence

from whaleline.documents import PagePicture, formats
from whaleline.errors import InvalidRequest
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.operations.regions import read_regions
from whaleline.recognition import languages
from whaleline.results import Reading, ResultType
from whaleline.settings import Settings

_MOST_TOLD = 5
"""Places of unread print that a message is sent for; JSON has them all."""


def check(data: bytes, request: ReadingSettings, settings: Settings) -> None:
    """Check that the file has a supported format, and that the language is installed.

    Raises:
        InvalidRequest: it is not; the message says how to make good for it.
    """
    check_file(data)
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    if lack := languages.how_to_add(language, languages.folders(settings.tessdata)):
        raise InvalidRequest("settings.language", f"settings.language: {lack}")


def check_file(data: bytes) -> None:
    """Check that a file has a supported format.

    Raises:
        InvalidRequest: it is not; the message lists those that are.
    """
    if formats.sniff(data) is None:
        raise InvalidRequest("image", f"image: {formats.describe(data)} is not supported; send {formats.NAMES}")


def read_rectangles(
    page: PagePicture,
    rectangles: Sequence[Rectangle],
    request: ReadingSettings,
    settings: Settings,
    *,
    grids: bool = True,
) -> list[Reading | None]:
    """Read rectangles of a page as a request asks; like `read_regions`, with `grids`."""
    return read_regions(
        page,
        rectangles,
        language=request.language,
        rotate=request.rotate,
        skew_correction=request.make_skew_correct,
        binarization=request.make_binarization,
        contrast_correction=request.make_contrast_correction,
        upsampling=request.make_upsampling,
        mode=request.dsr_mode,
        confidence=request.dsr_confidence,
        spell_check=request.make_spell_check,
        text_layer=request.text_layer,
        grids=grids,
        recognize=request.result_type is not ResultType.ImagePNG,
        tessdata=settings.tessdata,
        max_region_pixels=settings.max_region_pixels,
    )


def notes_of(reading: Reading, rotate: int) -> list[str]:
    """Messages about what is missing from a reading; clients take any message for a failure.

    That a region was turned or a sheet made flat, or a rectangle cut to its page, takes nothing away: JSON says so.
    """
    page = reading.page
    notes = [
        *page.notes,
        *(f"print at {reading.placement.bounds(box)} was not read" for box in page.unread[:_MOST_TOLD]),
    ]
    if (more := len(page.unread) - _MOST_TOLD) > 0:
        notes.append(f"print at {more} more places was not read")
    if page.turn:
        better = (rotate + reading.turned + page.turn) % 360
        notes.append(f"the text seems to be turned; it should read better with Rotate {better}")
    return notes
