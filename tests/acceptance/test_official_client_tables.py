"""RecognizeTable and DetectRegions by the official Python client as it comes from PyPI."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import aspose_ocr_cloud as sdk
import pytest

import corpus
from drawn_tables import table
from harness import ServiceProcess, b64

PAGE = table([["Ship", "Men"], ["Pequod", "30"], ["Rachel", "26"]], [300, 300], above=["The ships of the voyage"])


@pytest.fixture(scope="module")
def client(service: ServiceProcess) -> Iterator[sdk.ApiClient]:
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=service.token())) as client:
        yield client


def results(answer: sdk.OCRResponse) -> list[tuple[str, bytes]]:
    assert answer.task_status == sdk.OCRTaskStatus.COMPLETED, answer
    assert answer.error is None
    return [(result.type, base64.b64decode(result.data, validate=True)) for result in answer.results]


def test_tables_come_as_csv_and_as_a_workbook(client: sdk.ApiClient) -> None:
    api = sdk.RecognizeTableApi(client)
    settings = sdk.OCRSettingsRecognizeTable(resultTypeTable=sdk.ResultTypeTable.CSVANDEXCEL)
    body = sdk.OCRRecognizeTableBody(image=b64(corpus.saved(PAGE, "PNG")), settings=settings)
    written, book = results(api.get_recognize_table(id=api.post_recognize_table(body)))
    assert written == ("Csv", b"Ship,Men\nPequod,30\nRachel,26\n")
    assert (book[0], book[1][:2]) == ("Excel", b"PK")


def test_regions_can_be_detected(client: sdk.ApiClient) -> None:
    api = sdk.DetectRegionsApi(client)
    body = sdk.OCRDetectRegionsBody(image=b64(corpus.saved(PAGE, "PNG")), settings=sdk.OCRSettingsDetectRegions())
    ((type_, data),) = results(api.get_detect_regions(id=api.post_detect_regions(body)))
    assert type_ == "Other"
    assert len(json.loads(data)) == 1 + 6
