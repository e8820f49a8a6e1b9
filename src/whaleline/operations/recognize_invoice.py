"""RecognizeAndParseInvoice: the fields of an invoice, from what is printed and from what its file tells programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from whaleline.documents import Document
from whaleline.errors import InvalidRequest
from whaleline.extraction.found import Found
from whaleline.extraction.invoices import embedded, printed
from whaleline.extraction.invoices.invoice import CONTRACT, MORE, NUMBERS, Invoice, Value
from whaleline.extraction.invoices.merging import Merged, merged
from whaleline.extraction.words import rows_of
from whaleline.operations import whole_pages
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
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
from whaleline.operations.reading import check, notes_of
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages, spelling
from whaleline.results import Result, ResultType
from whaleline.settings import Settings


class RecognizeAndParseInvoiceSettings(ReadingSettings):
    """OCRSettingsRecognizeAndParseInvoice."""


def _check(data: bytes, request: RecognizeAndParseInvoiceSettings, settings: Settings) -> None:
    check(data, request, settings)
    if request.result_type not in (ResultType.Text, ResultType.JSON):
        raise InvalidRequest(
            "settings.resultType",
            f"settings.resultType: {request.result_type.value!r} is not available for invoices; use 'Text' or 'JSON'",
        )


def _read(document: Document, number: int, request: RecognizeAndParseInvoiceSettings, settings: Settings) -> bytes:
    page, reading = read_page(document, number, request, settings)
    prefix = f"page {number}: " if len(document) > 1 else ""
    notes = [*page.notes, *(f"{'' if prefix else 'the image: '}{note}" for note in notes_of(reading, request.rotate))]
    return encode(Part(placed_words(reading, number), tuple(prefix + note for note in notes)))


def _join(
    document: Document, parts: Sequence[bytes | None], request: RecognizeAndParseInvoiceSettings, _settings: Settings
) -> Outcome:
    pages = [decode(part) if part is not None else None for part in parts]
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    words, cut = words_for_fields(pages)
    file, own = _embedded(document)
    invoice = merged(printed.extract(rows_of(words), language.tag), own)
    is_text = request.result_type is ResultType.Text
    data = orjson.dumps(_contract(invoice.fields)) if is_text else _rich(invoice, file)
    results = (Result(request.result_type.value, data),)
    told = [*(message for page in pages if page for message in page.messages), *cut]
    if request.make_spell_check and (lack := spelling.how_to_add(language)):
        told.append(lack)
    if not words and None not in pages and own is None:
        told.append("no text was found")
        return Outcome(ResponseStatusCode.NO_ANY_RESULT_DATA, results, tuple(told))
    return Outcome(ResponseStatusCode.OK, results, tuple(told))


def _embedded(document: Document) -> tuple[str, Invoice | None]:
    """The first XML file within the document that is an invoice, and its name."""
    for name, data in document.attachments():
        if name.lower().endswith(".xml") and (invoice := embedded.read(data)) is not None:
            return name, invoice
    return "", None


def _contract(fields: Mapping[str, Found[Value]]) -> dict[str, Any]:
    """The protocol's keys in its order; an absent text is empty, an absent number -1."""
    return {name: plain(fields[name].value) if name in fields else -1 if name in NUMBERS else "" for name in CONTRACT}


def _rich(invoice: Merged, file: str) -> bytes:
    """All fields, null where they are absent, with where they stand and what else is printed."""
    fields = invoice.fields
    return orjson.dumps(
        {
            **{name: plain(fields[name].value) if name in fields else None for name in (*CONTRACT, *MORE)},
            "items": listed(invoice.items),
            "embedded": file or None,
            "fields": {
                name: {**placed(value), "source": "embedded" if name in invoice.embedded else "print"}
                for name, value in fields.items()
            },
            "differing": {
                name: {"embedded": plain(fields[name].value), "print": plain(value.value), **placed(value)}
                for name, value in invoice.differing.items()
            },
        }
    )


RECOGNIZE_AND_PARSE_INVOICE = Operation(
    name="RecognizeAndParseInvoice",
    summary="Read the fields of an invoice",
    settings_model=RecognizeAndParseInvoiceSettings,
    check=_check,
    pages=whole_pages.pages,
    read=_read,
    join=_join,
)
