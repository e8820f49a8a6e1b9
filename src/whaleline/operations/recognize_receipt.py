"""RecognizeReceipt: a till slip row by row, and its fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from whaleline.documents import Document
from whaleline.extraction import receipts
from whaleline.extraction.receipts import Receipt
from whaleline.extraction.words import Words, rows_of
from whaleline.operations import whole_pages
from whaleline.operations.operation import Operation, Outcome
from whaleline.operations.placed_words import (
    Part,
    decode,
    encode,
    listed,
    placed,
    placed_words,
    plain,
    read_page,
    words_for_fields,
)
from whaleline.operations.reading import check
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages
from whaleline.recognition.page import Block, Line, Word
from whaleline.results import Reading, Result, ResultType
from whaleline.settings import Settings

_FIELDS = ("company", "address", "date", "time", "total", "tax", "currency")


class RecognizeReceiptSettings(ReadingSettings):
    """OCRSettingsRecognizeReceipt."""


def _read(document: Document, number: int, request: RecognizeReceiptSettings, settings: Settings) -> bytes:
    page, reading = read_page(document, number, request, settings)
    words = placed_words(reading, number)
    rows = rows_of(words)
    text = "\n".join(_text(row, right_to_left=reading.page.right_to_left) for row in rows).encode()
    part = whole_pages.part_of(document, number, page, _by_rows(reading, rows), request, own_text=text)
    return encode(Part(words, more=part.decode()))


def _by_rows(reading: Reading, rows: Sequence[Words]) -> Reading:
    """The reading with one block, whose lines are the rows."""
    lines = tuple(Line(tuple(Word(word.text, word.box, word.confidence) for word in row.words)) for row in rows)
    return replace(reading, page=replace(reading.page, blocks=(Block(lines),) if lines else ()))


def _text(row: Words, *, right_to_left: bool) -> str:
    return " ".join(word.text for word in (reversed(row.words) if right_to_left else row.words))


def _join(
    document: Document, parts: Sequence[bytes | None], request: RecognizeReceiptSettings, settings: Settings
) -> Outcome:
    pages = [decode(part) if part is not None else None for part in parts]
    outcome = whole_pages.join(document, [page.more.encode() if page else None for page in pages], request, settings)
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    if request.result_type is not ResultType.JSON:
        return outcome
    words, told = words_for_fields(pages)
    receipt = receipts.extract(rows_of(words), language.tag)
    (blocks,) = outcome.results
    result = Result("JSON", _json(receipt, orjson.loads(blocks.data)))
    return replace(outcome, results=(result,), messages=(*outcome.messages, *told))


def _json(receipt: Receipt, blocks: list[Any]) -> bytes:
    """The fields, null where they are not printed, with where they stand; and the blocks that every type has."""
    found = {name: field for name in _FIELDS if (field := getattr(receipt, name)) is not None}
    return orjson.dumps(
        {
            **{name: plain(found[name].value) if name in found else None for name in _FIELDS},
            "items": listed(receipt.items),
            "fields": {name: placed(field) for name, field in found.items()},
            "blocks": blocks,
        }
    )


RECOGNIZE_RECEIPT = Operation(
    name="RecognizeReceipt",
    summary="Read a receipt row by row",
    settings_model=RecognizeReceiptSettings,
    check=check,
    pages=whole_pages.pages,
    read=_read,
    join=_join,
)
