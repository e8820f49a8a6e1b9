"""The running service, driven by the official Python client as it comes from PyPI."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import aspose_ocr_cloud as sdk
import numpy as np
import pypdfium2
import pytest
from lxml import etree
from PIL import Image

from harness import LINE_HEIGHT, ServiceProcess, b64, draw

pytestmark = pytest.mark.every_deployment

LINES = ("All men live enveloped", "in whale-lines.", "Call me Ishmael.")


@pytest.fixture(scope="module")
def client(service: ServiceProcess) -> Iterator[sdk.ApiClient]:
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=service.token())) as client:
        yield client


@pytest.fixture(scope="module")
def regions(client: sdk.ApiClient) -> sdk.RecognizeRegionsApi:
    return sdk.RecognizeRegionsApi(client)


def body(image: bytes, **settings: Any) -> sdk.OCRRecognizeRegionsBody:
    return sdk.OCRRecognizeRegionsBody(image=b64(image), settings=sdk.OCRSettingsRecognizeRegions(**settings))


def line(number: int, order: int | None = None) -> sdk.OCRRegion:
    rect = sdk.OCRRect(
        topLeftX=0,
        topLeftY=LINE_HEIGHT * number,
        bottomRightX=700,
        bottomRightY=LINE_HEIGHT * (number + 1),
    )
    return sdk.OCRRegion(rect=rect, order=order)


def completed(api: sdk.RecognizeRegionsApi, task_id: str) -> sdk.OCRResponse:
    """As the official sample does it: GET until it is done; each GET waits by itself."""
    for _ in range(45):
        answer = api.get_recognize_regions(id=task_id)
        if answer.task_status not in (sdk.OCRTaskStatus.PENDING, sdk.OCRTaskStatus.PROCESSING):
            assert answer.task_status == sdk.OCRTaskStatus.COMPLETED, answer
            return answer
    raise AssertionError(f"task {task_id} did not end")


def read(api: sdk.RecognizeRegionsApi, image: bytes, **settings: Any) -> list[tuple[str, bytes]]:
    answer = completed(api, api.post_recognize_regions(body(image, **settings)))
    assert answer.response_status_code == sdk.ResponseStatusCode.OK, answer
    assert answer.error is None
    return [(result.type, base64.b64decode(result.data, validate=True)) for result in answer.results]


def test_bare_settings_read_the_whole_page_as_text(regions: sdk.RecognizeRegionsApi, page: bytes) -> None:
    assert read(regions, page) == [("Text", "\n".join(LINES).encode())]


def test_results_stand_in_the_order_of_the_regions(regions: sdk.RecognizeRegionsApi, page: bytes) -> None:
    results = read(regions, page, regions=[line(0, 3), line(1, 1), line(2, 2)], language=sdk.Language.ENGLISH)
    assert [data.decode() for _, data in results] == [LINES[1], LINES[2], LINES[0]]


def text_holds(data: bytes, expected: str) -> None:
    assert data.decode() == expected


def pdf_holds(data: bytes, expected: str) -> None:
    with pypdfium2.PdfDocument(data) as document:
        assert len(document) == 1
        assert " ".join(document[0].get_textpage().get_text_bounded().split()) == expected
        # A picture of the region lies under the text.
        assert any(each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for each in document[0].get_objects())


def hocr_holds(data: bytes, expected: str) -> None:
    document = etree.fromstring(data)
    words = document.xpath("//*[@class='ocrx_word']")
    assert " ".join("".join(word.itertext()) for word in words) == expected
    assert all("bbox " in word.get("title") for word in words)
    assert len(document.xpath("//*[@class='ocr_page']")) == 1


def png_holds(data: bytes, expected: str) -> None:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert image.width >= 700
        pixels = np.asarray(image.convert("L"))
        assert pixels.min() < 64
        assert pixels.max() > 192


def json_holds(data: bytes, expected: str) -> None:
    blocks = json.loads(data)
    assert " ".join(block["text"] for block in blocks) == expected
    block = blocks[0]
    assert 0 <= block["topLeftX"] < block["bottomRightX"] <= 700
    # Boxes are in the submitted image's pixels, not in the region's.
    assert LINE_HEIGHT <= block["topLeftY"] < block["bottomRightY"] <= 2 * LINE_HEIGHT
    words = [word for part in block["lines"] for word in part["words"]]
    assert [word["text"] for word in words] == expected.split()
    assert all(0 <= word["confidence"] <= 100 for word in words)


HOLDS: dict[str, Callable[[bytes, str], None]] = {
    "Text": text_holds,
    "Pdf": pdf_holds,
    "Hocr": hocr_holds,
    "ImagePNG": png_holds,
    "JSON": json_holds,
}


@pytest.mark.parametrize("result_type", list(sdk.ResultType), ids=lambda each: each.value)
def test_every_result_type_comes_as_what_its_name_says(
    regions: sdk.RecognizeRegionsApi, page: bytes, result_type: sdk.ResultType
) -> None:
    asked = [line(1), line(1)]  # twice the same, so that the parts of two regions can be told from one's
    results = read(regions, page, regions=asked, result_type=result_type)
    parts = result_type.value.split("And")
    assert [kind for kind, _ in results] == parts * 2
    for kind, data in results:
        HOLDS[kind](data, LINES[1])


def test_cancel_makes_the_task_unknown(regions: sdk.RecognizeRegionsApi, page: bytes) -> None:
    task_id = regions.post_recognize_regions(body(page))
    assert regions.cancel_recognize_regions(id=task_id) is None
    answer = regions.get_recognize_regions(id=task_id)
    assert answer.task_status == sdk.OCRTaskStatus.NOTEXIST
    assert answer.response_status_code == sdk.ResponseStatusCode.TASKNOTFOUND
    assert regions.cancel_recognize_regions(id=task_id) is None


def test_status_tells_the_state_and_no_results(
    client: sdk.ApiClient, regions: sdk.RecognizeRegionsApi, page: bytes
) -> None:
    task_id = regions.post_recognize_regions(body(page))
    completed(regions, task_id)
    answer = sdk.UtilitiesApi(client).get_task_status(id=task_id)
    assert (answer.id, answer.task_status) == (task_id, sdk.OCRTaskStatus.COMPLETED)
    assert answer.response_status_code == sdk.ResponseStatusCode.OK
    assert not answer.results


def test_a_failed_task_tells_why(regions: sdk.RecognizeRegionsApi, page: bytes) -> None:
    task_id = regions.post_recognize_regions(body(page[: len(page) // 2]))
    for _ in range(45):
        answer = regions.get_recognize_regions(id=task_id)
        if answer.task_status == sdk.OCRTaskStatus.ERROR:
            break
    assert answer.response_status_code == sdk.ResponseStatusCode.ERROR
    assert "cut short" in answer.error.messages[0]
    assert answer.error.warnings == []


def test_a_warning_comes_with_a_completed_task(regions: sdk.RecognizeRegionsApi) -> None:
    task_id = regions.post_recognize_regions(body(draw(["Queequeg"]), regions=[line(0), line(7)]))
    answer = completed(regions, task_id)
    assert answer.response_status_code == sdk.ResponseStatusCode.PARTIALLYNOTFOUND
    assert answer.error.messages == answer.error.warnings
    assert answer.error.messages[0].startswith("region 2 ")
    assert [base64.b64decode(result.data) for result in answer.results] == [b"Queequeg", b""]


def test_a_bad_request_raises_with_our_explanation(regions: sdk.RecognizeRegionsApi) -> None:
    with pytest.raises(sdk.exceptions.BadRequestException) as caught:
        regions.post_recognize_regions(body(b"<html> and so on"))
    problem = json.loads(caught.value.body)
    assert "HTML" in problem["detail"]
    assert problem["errors"] == {"image": [problem["detail"]]}


def test_a_wrong_token_raises_with_problem_details(service: ServiceProcess, page: bytes) -> None:
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token="not-a-token")) as client:
        api = sdk.RecognizeRegionsApi(client)
        with pytest.raises(sdk.exceptions.UnauthorizedException) as caught:
            api.post_recognize_regions(body(page))
    assert isinstance(caught.value.data, sdk.ProblemDetails)
    assert caught.value.data.status == 401
    assert "token" in caught.value.data.detail
