"""What the task types share that read all pages of a document and give one result for them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from whaleline.documents import Document, PagePicture
from whaleline.operations.operation import Outcome, ResponseStatusCode
from whaleline.operations.reading import notes_of, read_rectangles
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages, spelling
from whaleline.results import Reading, Result, ResultType, hocr, json_blocks, pdf, pdf_document, png, text
from whaleline.settings import Settings

_LEAST_DPI = 100
"""Pixels an inch of a scan; what files say that is less is the default of a program, and a page of it a poster."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of a page.

    Attributes:
        files: for each part of the result type, in Base64.
        messages: what is to be told of it.
        has_text: whether anything was read.
    """

    files: tuple[str, ...]
    messages: tuple[str, ...]
    has_text: bool


def pages(document: Document, _request: ReadingSettings) -> tuple[int, ...]:
    """All of them."""
    return tuple(range(1, len(document) + 1))


def read(document: Document, number: int, request: ReadingSettings, settings: Settings) -> bytes:
    """One page as JSON of `_Part`."""
    page = document.page(number)
    (reading,) = read_rectangles(page, (), request, settings)
    assert reading is not None  # noqa: S101 - the whole page lies inside the page
    return part_of(document, number, page, reading, request)


def part_of(
    document: Document,
    number: int,
    page: PagePicture,
    reading: Reading,
    request: ReadingSettings,
    *,
    own_text: bytes | None = None,
) -> bytes:
    """A page that was read, as JSON of `_Part`; its Text is `own_text`, where the type writes that its own way."""
    files = []
    for kind in request.result_type.parts:
        data = own_text if kind == "Text" else None
        if data is None:
            data = _file(kind, number, page, reading, request)
        files.append(base64.b64encode(data).decode("ascii"))
    prefix = f"page {number}: " if len(document) > 1 else ""
    notes = [*page.notes, *(f"{'' if prefix else 'the image: '}{note}" for note in notes_of(reading, request.rotate))]
    return orjson.dumps(_Part(tuple(files), tuple(prefix + note for note in notes), bool(reading.page.blocks)))


def join(document: Document, parts: Sequence[bytes | None], request: ReadingSettings, _settings: Settings) -> Outcome:
    """One result for all pages, of each part of the result type; ImagePNG holds one page, so it comes once for each."""
    read_pages = [None if part is None else _Part(**orjson.loads(part)) for part in parts]
    results: list[Result] = []
    for index, kind in enumerate(request.result_type.parts):
        files = [None if page is None else base64.b64decode(page.files[index]) for page in read_pages]
        results += [Result(kind, data) for data in _joined(kind, document, files, request)]
    told = [message for page in read_pages if page is not None for message in page.messages]
    if request.result_type is ResultType.ImagePNG:
        return Outcome(ResponseStatusCode.OK, tuple(results), tuple(told))
    language = languages.find(request.language)
    if request.make_spell_check and language is not None and (lack := spelling.how_to_add(language)):
        told.append(lack)
    if all(page is not None and not page.has_text for page in read_pages):
        told.append("no text was found")
        return Outcome(ResponseStatusCode.NO_ANY_RESULT_DATA, tuple(results), tuple(told))
    return Outcome(ResponseStatusCode.OK, tuple(results), tuple(told))


def _file(kind: str, number: int, page: PagePicture, reading: Reading, request: ReadingSettings) -> bytes:
    """A page in a format, for `_joined` to put together with others."""
    if kind == "Text":
        return text.write(reading)
    if kind == "JSON":
        return json_blocks.write(reading, number)
    if kind == "Hocr":
        return hocr.page(reading, number).encode()
    if kind == "ImagePNG":
        return png.write(reading)
    if page.points is not None:
        lacking = reading if reading.added is None else replace(reading, page=reading.added)
        return pdf_document.overlay(lacking, page.points)
    is_asked_for = request.make_binarization or request.make_upsampling  # and so is to be seen
    shown = None if is_asked_for else page.picture if page.stored is None else page.stored
    return pdf.write(reading, shown, page.dpi if page.dpi and page.dpi >= _LEAST_DPI else None)


def _joined(kind: str, document: Document, files: Sequence[bytes | None], request: ReadingSettings) -> list[bytes]:
    """The pages of a format as one file; None for a page that is lost."""
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    there = [data for data in files if data is not None]
    if kind == "Pdf":
        return [_pdf(document, files, language.tag)]
    if kind == "Text":
        return [b"\n".join(filter(None, there))]
    if kind == "JSON":
        return [json_blocks.join(there)]
    if kind == "Hocr":
        decoded = [data.decode() for data in there]
        return [hocr.document(decoded, language.tag, right_to_left=language.right_to_left)]
    return there


def _pdf(document: Document, files: Sequence[bytes | None], language: str) -> bytes:
    """The pages as one PDF; those of a PDF file stay in it."""
    if document.format.name != "PDF":
        return pdf_document.join(files, language)
    try:
        return pdf_document.lay_over(document.data, files)
    except pdf_document.Unopened:
        return pdf_document.join(_drawn(document, files), language)


def _drawn(document: Document, files: Sequence[bytes | None]) -> list[bytes]:
    """The pages of a PDF that only pdfium could repair, as pictures with their text."""
    made = []
    for number, data in enumerate(files, 1):
        page = document.page(number)
        assert page.points is not None  # noqa: S101 - it is PDF
        made.append(pdf_document.drawn(page.picture, page.points, data))
    return made
