"""Every task type, driven by the official Python client as it comes from PyPI: POST, GET, DELETE."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aspose_ocr_cloud as sdk
import pypdfium2
import pytest
from PIL import Image, ImageDraw

import corpus
from harness import ServiceProcess, b64, draw
from whaleline.operations import OPERATIONS

pytestmark = pytest.mark.every_deployment

LINE = "Call me Ishmael."

Holds = Callable[[list[tuple[str, bytes]]], None]


def image() -> bytes:
    return draw([LINE])


def table() -> bytes:
    """Two rows of two cells, ruled."""
    sheet = Image.new("L", (520, 180), 255)
    for left, lines in ((30, ["Name", "Ishmael"]), (290, ["Ship", "Pequod"])):
        sheet.paste(Image.open(io.BytesIO(draw(lines, 200))).convert("L"), (left, 30))
    pen = ImageDraw.Draw(sheet)
    for height in (25, 90, 155):
        pen.line((20, height, 500, height), 0, 3)
    for across in (20, 260, 500):
        pen.line((across, 25, across, 155), 0, 3)
    return corpus.saved(sheet, "PNG")


def one_object(results: list[tuple[str, bytes]]) -> None:
    ((kind, data),) = results
    assert kind == "Text"
    assert json.loads(data)["total_amount"] == -1


def one_table(results: list[tuple[str, bytes]]) -> None:
    assert results == [("Csv", b"Name,Ship\nIshmael,Pequod\n")]


def djvu() -> bytes:
    return corpus.djvu(Image.open(io.BytesIO(image())).convert("L"))


def one_text(results: list[tuple[str, bytes]]) -> None:
    assert results == [("Text", LINE.encode())]


def one_pdf(results: list[tuple[str, bytes]]) -> None:
    ((kind, data),) = results
    assert kind == "Pdf"
    with pypdfium2.PdfDocument(data) as document:
        assert document[0].get_textpage().get_text_range() == LINE


@dataclass(frozen=True, slots=True)
class Case:
    """How a type is driven, and what it is to come to.

    Attributes:
        method: what stands behind `post_`, `get_` and `cancel_` in the client.
        settings: the client's class for the body's settings; None where it sends none.
        make: the input.
        holds: looks at the results.
        given: what is set of the settings.
        body: the name of the client's class for the body, where it does not follow from the type's.
    """

    method: str
    settings: Any
    make: Callable[[], bytes]
    holds: Holds
    given: tuple[tuple[str, Any], ...] = ()
    body: str = ""


def one_region(results: list[tuple[str, bytes]]) -> None:
    ((kind, data),) = results
    assert kind == "Other"
    ((left, top, right, bottom),) = json.loads(data)
    assert 0 <= left < right <= 700
    assert 0 <= top < bottom <= 60


def three_words(results: list[tuple[str, bytes]]) -> None:
    assert results == [("Text", b"call\nme\nishmael.")]


def one_picture(results: list[tuple[str, bytes]]) -> None:
    ((kind, data),) = results
    assert kind == "ImagePNG"
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.width) == ("PNG", 700)


def a_larger_picture(results: list[tuple[str, bytes]]) -> None:
    ((_, data),) = results
    assert Image.open(io.BytesIO(data)).width == 1400


CASES: dict[str, Case] = {
    "BinarizeImage": Case("binarize_image", None, image, one_picture),
    "DeskewImage": Case("deskew_image", None, image, one_picture),
    "DewarpImage": Case("dewarp_image", None, image, one_picture),
    "UpscaleImage": Case("upscale_image", None, image, a_larger_picture),
    "DetectRegions": Case("detect_regions", sdk.OCRSettingsDetectRegions, image, one_region),
    "RecognizeAndParseInvoice": Case(
        "recognize_and_parse_invoice", sdk.OCRSettingsRecognizeAndParseInvoice, image, one_object
    ),
    "RecognizeImage": Case("recognize_image", sdk.OCRSettingsRecognizeImage, image, one_text),
    "RecognizeLabel": Case("recognize_label", sdk.OCRSettingsRecognizeLabel, image, three_words),
    "RecognizePdf": Case("recognize_pdf", sdk.OCRSettingsRecognizePdf, image, one_text),
    "RecognizeReceipt": Case("recognize_receipt", sdk.OCRSettingsRecognizeReceipt, image, one_text),
    "RecognizeRegions": Case("recognize_regions", sdk.OCRSettingsRecognizeRegions, image, one_text),
    "RecognizeTable": Case(
        "recognize_table", sdk.OCRSettingsRecognizeTable, table, one_table, (("result_type_table", "Csv"),)
    ),
    "DjVu2PDF": Case("dj_vu2_pdf", sdk.OCRSettingsDjVu2PDF, djvu, one_pdf, body="OCRDjVu2PDFBody"),
}


@pytest.fixture(scope="module")
def client(service: ServiceProcess) -> Iterator[sdk.ApiClient]:
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=service.token())) as client:
        yield client


def test_no_type_is_left_out() -> None:
    assert CASES.keys() == OPERATIONS.keys() - {"RecognizeImageTrial"}  # which test_trial.py has


@pytest.mark.parametrize("name", CASES)
def test_the_official_client_gets_what_the_type_is_for(client: sdk.ApiClient, name: str) -> None:
    case = CASES[name]
    api = getattr(sdk, f"{name}Api")(client)
    settings = {} if case.settings is None else {"settings": case.settings(**dict(case.given))}
    body = getattr(sdk, case.body or f"OCR{name}Body")(image=b64(case.make()), **settings)
    task_id = getattr(api, f"post_{case.method}")(body)
    fetch = getattr(api, f"get_{case.method}")
    answer = fetch(id=task_id)
    while answer.task_status in (sdk.OCRTaskStatus.PENDING, sdk.OCRTaskStatus.PROCESSING):  # each GET waits by itself
        answer = fetch(id=task_id)
    assert answer.task_status == sdk.OCRTaskStatus.COMPLETED, answer
    assert answer.response_status_code == sdk.ResponseStatusCode.OK
    assert answer.error is None
    case.holds([(result.type, base64.b64decode(result.data, validate=True)) for result in answer.results])
    assert getattr(api, f"cancel_{case.method}")(id=task_id) is None
    assert fetch(id=task_id).task_status == sdk.OCRTaskStatus.NOTEXIST
