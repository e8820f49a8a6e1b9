"""The deprecated resources of the protocol, which take a form and give a file."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import aspose_ocr_cloud as sdk
import pytest
from PIL import Image

from harness import Api, ServiceProcess, b64, draw

PICTURE = draw(["Queequeg"])
UPLOADS = ("upsampling", "binarization", "skew_correction", "dewarping")


@pytest.fixture(scope="module")
def client(service: ServiceProcess) -> Iterator[sdk.ApiClient]:
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=service.token())) as client:
        yield client


@pytest.mark.filterwarnings("ignore:.*is deprecated")
@pytest.mark.parametrize("kind", UPLOADS)
def test_the_official_client_uploads_to_the_deprecated_resources(client: sdk.ApiClient, kind: str) -> None:
    api = sdk.ImageProcessingApi(client)
    task_id = getattr(api, f"post_{kind}_file")(file=PICTURE)
    answer = api.get_result_task(id=task_id)
    assert answer.task_status == sdk.OCRTaskStatus.COMPLETED
    data = base64.b64decode(answer.results[0].data)
    file = api.get_result_file_without_preload_content(id=task_id)  # with it, the client takes a PNG for UTF-8
    assert (file.status, file.headers["content-type"]) == (200, "image/png")
    assert file.read() == data
    assert Image.open(io.BytesIO(data)).format == "PNG"


def test_an_unknown_id_has_a_message_and_no_file(api: Api) -> None:
    unknown = {"id": "9b2f9a1e-7c1b-4b6e-9f7b-0d6c1b1d3c55"}
    answer = api.http.get("/v5.0/ocr/ImageProcessing/GetResultTask", params=unknown)
    assert answer.json()["taskStatus"] == "NotExist"
    assert answer.json()["error"]["messages"] == ["Invalid identifier"]
    file = api.http.get("/v5.0/ocr/ImageProcessing/GetResultFile", params=unknown)
    assert (file.status_code, file.content) == (204, b"")


def test_a_result_that_is_no_picture_is_a_file_of_bytes(api: Api) -> None:
    task_id = api.submit(PICTURE)
    api.finished(task_id)
    file = api.http.get("/v5.0/ocr/ImageProcessing/GetResultFile", params={"id": task_id})
    assert (file.headers["content-type"], file.content) == ("application/octet-stream", b"Queequeg")


def test_a_form_without_a_file_is_refused(api: Api) -> None:
    answer = api.http.post("/v5.0/ocr/imageprocessing/postbinarizationfile", files={"file": ("a.png", b"")})
    assert (answer.status_code, answer.json()["detail"]) == (400, "file: is missing or empty")


def test_what_is_no_form_is_refused(api: Api) -> None:
    answer = api.post({"image": b64(PICTURE)}, "/v5.0/ocr/ImageProcessing/PostDewarpingFile")
    assert answer.status_code == 415
    assert "send multipart/form-data" in answer.json()["detail"]
