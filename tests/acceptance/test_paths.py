"""Every spelling of a path that some client uses leads to the same resource, and every other one to an honest 404."""

from __future__ import annotations

import pytest

from harness import REGIONS, STATUS, Api, b64
from whaleline.operations import OPERATIONS


@pytest.mark.parametrize(
    "path",
    [
        "/v5.0/ocr/RecognizeRegions",
        "/v5.0/ocr/recognizeregions",
        "/V5.0/OCR/RECOGNIZEREGIONS",
        "/v5.1/ocr/RecognizeRegions",
        "/v5/ocr/RecognizeRegions",
        "/v5.0/RecognizeRegions",
        "/v5/recognizeRegions",
        "/ocr/RecognizeRegions",
        "/v5.0/ocr/v5.0/ocr/RecognizeRegions",
        "/RecognizeRegions",
        "/v5.0/ocr/RecognizeRegions/",
        "//v5.0//ocr/RecognizeRegions",
    ],
)
def test_a_task_resource_is_found(api: Api, path: str) -> None:
    # An error of the resource itself, told by the field that it names, so that no task need be run.
    answer = api.post({"image": b64(b"plain text")}, path)
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (400, ["image"])
    answer = api.http.get(path, params={"id": "unknown"})
    assert (answer.status_code, answer.json()["taskStatus"]) == (200, "NotExist")
    answer = api.http.delete(path, params={"id": "unknown"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        STATUS,
        "/v5.0/Utilities/GetTaskStatus",
        "/utilities/gettaskstatus",
        "/v5.0/ocr/v5.0/ocr/Utilities/GetTaskStatus",
    ],
)
def test_the_status_resource_is_found(api: Api, path: str) -> None:
    assert api.http.get(path, params={"id": "unknown"}).json()["responseStatusCode"] == "TaskNotFound"


@pytest.mark.parametrize("name", ["ID", "Id", "iD"])
def test_the_id_is_found_by_its_name_in_any_case(api: Api, name: str) -> None:
    for path in (REGIONS, STATUS):
        assert api.http.get(path, params={name: "UnKnown"}).json()["id"] == "UnKnown"
    answer = api.http.delete(REGIONS, params={name: "UnKnown"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/connect/token", "/CONNECT/Token", "/connect/token/"])
def test_the_token_resource_is_found(api: Api, path: str) -> None:
    assert api.http.post(path, data={"grant_type": "password"}).json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "path", ["/v3.0/ocr/RecognizeRegions", "/v5.0/ocr", "/v5.0/ocr/RecognizeRegions/more", "/v5.0/ocr/Recognise"]
)
def test_other_paths_are_not_found(api: Api, path: str) -> None:
    answer = api.http.get(path, params={"id": "unknown"})
    assert answer.status_code == answer.json()["status"] == 404
    assert answer.headers["content-type"] == "application/json"
    detail = answer.json()["detail"]
    there = OPERATIONS.keys() - {"RecognizeImageTrial"}  # which works only where a setting says so
    assert all(name in detail for name in (repr(path), *there))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", REGIONS, "DELETE, GET, POST"),
        ("PATCH", "/recognizeregions", "DELETE, GET, POST"),
        ("POST", STATUS, "GET"),
        ("GET", "/connect/token", "POST"),
        ("DELETE", "/healthz", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_there_is_answered_with_all_that_are(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = api.http.request(method, path)
    assert answer.status_code == answer.json()["status"] == 405
    assert answer.headers["allow"] == allowed
    assert allowed in answer.json()["detail"]


def test_ids_are_asked_for(api: Api) -> None:
    paths = (("GET", REGIONS), ("DELETE", REGIONS), ("GET", STATUS))
    for answer in (api.http.request(method, path + query) for method, path in paths for query in ("", "?id=", "?id")):
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["id"])
