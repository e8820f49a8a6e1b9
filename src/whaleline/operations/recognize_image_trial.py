"""RecognizeImageTrial: what RecognizeImage gives for the first page of a small file, with a word in ten hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whaleline.documents import Document
from whaleline.errors import InvalidRequest
from whaleline.operations import reading, whole_pages
from whaleline.operations.operation import Operation, Outcome
from whaleline.operations.recognize_image import RecognizeImageSettings
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.settings import Settings

MOST_BYTES = 4 * 1024 * 1024
"""Of a file on trial."""

_HIDDEN = 10  # every so manieth word


class RecognizeImageTrialSettings(RecognizeImageSettings):
    """OCRSettingsRecognizeImage."""


def hidden(page: Page) -> Page:
    """The page with asterisks for the letters and digits of every tenth word; the same words each time."""
    number = 0

    def word(each: Word) -> Word:
        nonlocal number
        number += 1
        if number % _HIDDEN:
            return each
        return replace(each, text="".join("*" if sign.isalnum() else sign for sign in each.text), alternative="")

    blocks = tuple(
        Block(tuple(Line(tuple(word(each) for each in line.words)) for line in block.lines)) for block in page.blocks
    )
    return replace(page, blocks=blocks)


def _check(data: bytes, request: RecognizeImageTrialSettings, settings: Settings) -> None:
    if len(data) > MOST_BYTES:
        raise InvalidRequest(
            "image", f"image: it is a file of {len(data)} bytes; on trial at most {MOST_BYTES} are read"
        )
    reading.check(data, request, settings)


def _pages(_document: Document, _request: RecognizeImageTrialSettings) -> tuple[int, ...]:
    return (1,)


def _read(document: Document, number: int, request: RecognizeImageTrialSettings, settings: Settings) -> bytes:
    page = document.page(number)
    (found,) = reading.read_rectangles(page, (), request, settings)
    assert found is not None  # noqa: S101 - the whole page lies inside the page
    added = None if found.added is None else hidden(found.added)
    return whole_pages.part_of(document, number, page, replace(found, page=hidden(found.page), added=added), request)


def _join(
    document: Document, parts: Sequence[bytes | None], request: RecognizeImageTrialSettings, settings: Settings
) -> Outcome:
    more = len(document) - len(parts)
    # The pages of a PDF file all stay in it, whether they are read or not.
    pages = (*parts, *[None] * more) if document.format.name == "PDF" else parts
    outcome = whole_pages.join(document, pages, request, settings)
    if not more:
        return outcome
    told = f"on trial, only the first of the {len(document)} pages was read"
    return replace(outcome, messages=(*outcome.messages, told))


RECOGNIZE_IMAGE_TRIAL = Operation(
    name="RecognizeImageTrial",
    summary="Read an image without an access token; one word in ten is hidden",
    settings_model=RecognizeImageTrialSettings,
    check=_check,
    pages=_pages,
    read=_read,
    join=_join,
)
