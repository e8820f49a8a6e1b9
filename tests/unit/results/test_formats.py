from __future__ import annotations

import io
import json
from collections.abc import Callable

import pikepdf
import pytest
from lxml import etree
from PIL import Image

from whaleline.results import Reading, Result, ResultType, write

# The protocol's ResultType, in the order in which it declares the values.
PROTOCOL = [
    "Text",
    "Pdf",
    "TextAndPdf",
    "Hocr",
    "TextAndHocr",
    "PdfAndHocr",
    "TextAndPdfAndHocr",
    "ImagePNG",
    "JSON",
]


def test_the_result_types_are_exactly_the_protocols() -> None:
    assert [str(result_type) for result_type in ResultType] == PROTOCOL


@pytest.mark.parametrize(
    ("result_type", "types"),
    [
        (ResultType.Text, ["Text"]),
        (ResultType.Pdf, ["Pdf"]),
        (ResultType.TextAndPdf, ["Text", "Pdf"]),
        (ResultType.Hocr, ["Hocr"]),
        (ResultType.TextAndHocr, ["Text", "Hocr"]),
        (ResultType.PdfAndHocr, ["Pdf", "Hocr"]),
        (ResultType.TextAndPdfAndHocr, ["Text", "Pdf", "Hocr"]),
        (ResultType.ImagePNG, ["ImagePNG"]),
        (ResultType.JSON, ["JSON"]),
    ],
)
def test_a_combined_type_gives_its_parts_in_the_order_of_its_name(
    typeset: Callable[..., Reading], result_type: ResultType, types: list[str]
) -> None:
    assert [result.type for result in write(result_type, typeset(["one"]))] == types


def test_the_parts_of_a_combined_type_are_those_of_the_simple_types(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["Hello big", "world"])
    simple = (ResultType.Text, ResultType.Pdf, ResultType.Hocr)
    expected = tuple(result for result_type in simple for result in write(result_type, reading))
    assert write(ResultType.TextAndPdfAndHocr, reading) == expected


@pytest.mark.parametrize("result_type", ResultType)
def test_equal_readings_give_equal_bytes(typeset: Callable[..., Reading], result_type: ResultType) -> None:
    first, second = typeset(["the same", "twice"]), typeset(["the same", "twice"])
    assert write(result_type, first) == write(result_type, second)


def test_where_nothing_was_read_every_type_is_a_valid_empty_document(nothing_read: Reading) -> None:
    assert write(ResultType.Text, nothing_read) == (Result("Text", b""),)
    (as_json,) = write(ResultType.JSON, nothing_read)
    assert json.loads(as_json.data) == []
    (hocr,) = write(ResultType.Hocr, nothing_read)
    assert etree.fromstring(hocr.data).xpath("//@class") == ["ocr_page"]
    (pdf,) = write(ResultType.Pdf, nothing_read)
    with pikepdf.open(io.BytesIO(pdf.data)) as document:
        assert document.check_pdf_syntax() == []
        assert len(document.pages) == 1
    (png,) = write(ResultType.ImagePNG, nothing_read)
    assert Image.open(io.BytesIO(png.data)).size == (200, 60)
