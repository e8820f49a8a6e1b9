"""A page that was read for its fields: words with their places, as one process passes them to the next."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from whaleline.documents import Document, PagePicture
from whaleline.extraction.found import Found
from whaleline.extraction.invoices.invoice import InvoiceItem
from whaleline.extraction.receipt_items import Item
from whaleline.extraction.words import PlacedWord
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.reading import read_rectangles
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition.modes import DsrMode
from whaleline.results import Reading
from whaleline.settings import Settings


def read_page(
    document: Document, number: int, request: ReadingSettings, settings: Settings
) -> tuple[PagePicture, Reading]:
    """Read a whole page.

    The first mode means the detector here: it finds the amount at the end of a row apart from the name at its head,
    which Tesseract's layout joins or drops.
    """
    page = document.page(number)
    if request.dsr_mode is DsrMode.REGIONS:
        request = request.model_copy(update={"dsr_mode": DsrMode.TEXT_DETECTOR})
    (reading,) = read_rectangles(page, (), request, settings)
    assert reading is not None  # noqa: S101 - a whole page does not lie outside itself
    return page, reading


def placed_words(reading: Reading, number: int) -> tuple[PlacedWord, ...]:
    """The words of a page with their places on it."""
    return tuple(
        PlacedWord(word.text, word.box, reading.placement.bounds(word.box), word.confidence, number)
        for word in reading.page.words
    )


_MOST_WORDS = 20_000
"""Some 50 pages; more are no invoice, and would take minutes."""


@dataclass(frozen=True, slots=True)
class Part:
    """The outcome of one page.

    Attributes:
        words: of the page.
        messages: what is to be told of it.
        more: what else the operation keeps.
    """

    words: tuple[PlacedWord, ...]
    messages: tuple[str, ...] = ()
    more: str = ""


def encode(part: Part) -> bytes:
    """A part as JSON; each word as its text, page, confidence, and the corners of its box and place."""
    words = [(word.text, word.page, word.confidence, *_corners(word.box), *_corners(word.place)) for word in part.words]
    return orjson.dumps({"words": words, "messages": part.messages, "more": part.more})


def decode(data: bytes) -> Part:
    """What `encode` wrote."""
    part = orjson.loads(data)
    words = tuple(
        PlacedWord(text, Rectangle(*corners[:4]), Rectangle(*corners[4:]), confidence, page)
        for text, page, confidence, *corners in part["words"]
    )
    return Part(words, tuple(part["messages"]), part["more"])


def words_for_fields(parts: Sequence[Part | None]) -> tuple[tuple[PlacedWord, ...], tuple[str, ...]]:
    """The words of all pages that are not lost, up to the limit for finding fields, and the messages about them."""
    words = tuple(word for part in parts if part for word in part.words)
    if len(words) <= _MOST_WORDS:
        return words, ()
    return words[:_MOST_WORDS], (f"only the first {_MOST_WORDS} of {len(words)} words were searched for fields",)


def placed(field: Found[Any]) -> dict[str, Any]:
    """A field's text as printed, its confidence, and where it stands if it does."""
    place = field.place
    told = {"text": field.text, "confidence": round(field.confidence, 1), "page": field.page}
    if place is None:
        return told
    corners = zip(("topLeftX", "topLeftY", "bottomRightX", "bottomRightY"), _corners(place), strict=True)
    return {**told, **dict(corners)}


def listed(items: Sequence[Item | InvoiceItem]) -> list[dict[str, Any]]:
    """Rows of goods; null for what is not printed."""
    return [
        {
            "text": item.text,
            "quantity": plain(item.quantity),
            "price": plain(item.price),
            "amount": plain(item.amount),
        }
        for item in items
    ]


def plain(value: str | datetime.date | datetime.time | Decimal | None) -> str | float | None:
    """A value as JSON has it: dates and times as ISO 8601 writes them."""
    if value is None or isinstance(value, str):
        return value
    return float(value) if isinstance(value, Decimal) else value.isoformat()


def _corners(box: Rectangle) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
