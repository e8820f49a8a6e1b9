"""The task types that read a whole document, in this process."""

from __future__ import annotations

import io
import json

import pikepdf
import pypdfium2
import pytest
from PIL import Image

import corpus
from corpus import Sheet
from harness import draw
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Outcome, ResponseStatusCode, open_document
from whaleline.settings import Settings

CREW = ("Queequeg", "Daggoo")


def page(*lines: str) -> Image.Image:
    return Image.open(io.BytesIO(draw(list(lines), 600))).convert("L")


def scanned() -> bytes:
    """A PDF of two scans of 200 dpi."""
    pages = map(page, CREW)
    return corpus.pdf(*[Sheet((image.width * 0.36, image.height * 0.36), image) for image in pages])


def frames() -> bytes:
    first, second = map(page, CREW)
    return corpus.saved(first, "TIFF", save_all=True, append_images=[second], dpi=(200, 200))


def run(name: str, data: bytes, **request: object) -> Outcome:
    operation = OPERATIONS[name]
    return operation.run(data, operation.settings_model.model_validate(request), Settings())


@pytest.mark.parametrize("name", ["RecognizeImage", "RecognizePdf"])
@pytest.mark.parametrize("make", [scanned, frames], ids=["PDF", "TIFF"])
def test_all_pages_come_as_one_result_of_each_kind(name: str, make: corpus.Maker) -> None:
    outcome = run(name, make(), resultType="TextAndPdfAndHocr")
    assert (outcome.code, outcome.messages) == (ResponseStatusCode.OK, ())
    results = {result.type: result.data for result in outcome.results}
    assert list(results) == ["Text", "Pdf", "Hocr"]
    assert results["Text"].decode() == "\n".join(CREW)
    assert results["Hocr"].count(b'class="ocr_page"') == 2
    with pypdfium2.PdfDocument(results["Pdf"]) as document:
        assert [each.get_textpage().get_text_range() for each in document] == list(CREW)
        assert document[0].get_size() == pytest.approx((600 * 0.36, 60 * 0.36), abs=0.01)


def test_json_says_the_page_of_each_block() -> None:
    (result,) = run("RecognizePdf", frames(), resultType="JSON").results
    assert [(block["text"], block["page"]) for block in json.loads(result.data)] == [(CREW[0], 1), (CREW[1], 2)]


def test_a_png_holds_one_page_so_there_is_one_for_each() -> None:
    results = run("RecognizeImage", frames(), resultType="ImagePNG").results
    assert [result.type for result in results] == ["ImagePNG"] * 2
    assert {result.data[:4] for result in results} == {b"\x89PNG"}


def test_djvu_becomes_a_pdf_that_archives_take() -> None:
    (result,) = run("DjVu2PDF", corpus.djvu(page("Queequeg"), page("Daggoo"))).results
    assert result.type == "Pdf"
    with pypdfium2.PdfDocument(result.data) as document:
        assert [each.get_textpage().get_text_range() for each in document] == list(CREW)
    with pikepdf.open(io.BytesIO(result.data)) as document, document.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"


def test_black_and_white_is_shown_only_where_it_is_asked_for() -> None:
    data = corpus.saved(page("Queequeg").point(lambda value: 90 + value // 2), "JPEG", quality=95)
    (kept,), (binary,) = (
        run("RecognizeImage", data, resultType="Pdf", makeBinarization=asked).results for asked in (False, True)
    )
    for result, filter_ in ((kept, "/DCTDecode"), (binary, "/CCITTFaxDecode")):
        with pikepdf.open(io.BytesIO(result.data)) as document:
            (picture,) = document.pages[0].get_images().values()
            assert picture.Filter == filter_
            assert (picture.read_raw_bytes() == data) == (result is kept)


def test_a_lost_page_leaves_its_place() -> None:
    operation, settings = OPERATIONS["RecognizePdf"], Settings()
    request = operation.settings_model.model_validate({"resultType": "TextAndPdfAndHocr"})
    for data in (scanned(), frames()):
        document = open_document(data, settings)
        assert operation.pages(document, request) == (1, 2)
        second = operation.read(document, 2, request, settings)
        outcome = operation.join(document, [None, second], request, settings)
        text, pdf, hocr = (result.data for result in outcome.results)
        assert text == b"Daggoo"
        assert b'id="page_2"' in hocr
        with pypdfium2.PdfDocument(pdf) as joined:
            assert [each.get_textpage().get_text_range() for each in joined] == ["", "Daggoo"]


def test_a_document_without_text_says_so() -> None:
    outcome = run("RecognizePdf", corpus.pdf(Sheet(), Sheet()))
    assert (outcome.code, outcome.messages) == (ResponseStatusCode.NO_ANY_RESULT_DATA, ("no text was found",))
    assert [result.data for result in outcome.results] == [b""]
