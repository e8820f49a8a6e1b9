"""What the service tells about itself: its page, its OpenAPI document, and whether it is well."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from harness import REGIONS, STATUS, Api, ServiceProcess, b64, rows, texts


@pytest.fixture(scope="module")
def document(service: ServiceProcess) -> Any:
    return httpx.get(f"{service.url}/openapi.json").raise_for_status().json()


def test_the_page_needs_no_other_host(service: ServiceProcess) -> None:
    page = httpx.get(f"{service.url}/docs").raise_for_status()
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page.text)
    assert any("openapi.json" in address for address in addresses)
    for address in addresses:
        whole = urljoin(f"{service.url}/docs", address)
        assert urlsplit(whole).netloc == urlsplit(service.url).netloc, address
        assert httpx.get(whole).status_code == 200, address
    foreign = re.findall(r"https?://[\w.-]+", page.text)
    assert not foreign


def test_the_document_describes_every_resource(document: Any) -> None:
    assert document["openapi"].startswith("3.")
    operations = {f"{method} {path}" for path, methods in document["paths"].items() for method in methods}
    assert operations >= {
        f"post {REGIONS}",
        f"get {REGIONS}",
        f"delete {REGIONS}",
        f"get {STATUS}",
        "post /connect/token",
        "get /healthz",
        "get /readyz",
    }
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert {"PostRecognizeRegions", "GetRecognizeRegions", "CancelRecognizeRegions", "GetTaskStatus"} <= set(names)
    assert len(names) == len(set(names))


def test_every_reference_in_the_document_leads_somewhere(document: Any) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [each for value in node.values() for each in references(value)]
        return [each for value in node for each in references(value)] if isinstance(node, list) else []

    found = references(document)
    assert found
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    schemes = {
        name
        for path in document["paths"].values()
        for each in path.values()
        for need in each.get("security", ())
        for name in need
    }
    assert schemes == set(document["components"]["securitySchemes"])


def test_the_documents_settings_are_the_protocols(document: Any) -> None:
    settings = document["components"]["schemas"]["RecognizeRegionsSettings"]["properties"]
    assert set(settings) == {
        "language",
        "makeSkewCorrect",
        "makeBinarization",
        "makeSpellCheck",
        "makeContrastCorrection",
        "makeUpsampling",
        "dsrMode",
        "dsrConfidence",
        "resultType",
        "Rotate",
        "resultTypeTable",
        "regions",
    }
    assert len(settings["language"]["enum"]) == 154
    assert set(document["components"]["schemas"]["OCRResponse"]["properties"]) == {
        "id",
        "responseStatusCode",
        "taskStatus",
        "results",
        "error",
    }


def test_the_documents_example_is_accepted(document: Any, api: Api) -> None:
    content = document["paths"][REGIONS]["post"]["requestBody"]["content"]["application/json"]
    example = content["example"]
    assert set(example) <= set(content["schema"]["properties"])
    task_id = api.post(example)
    assert task_id.status_code == 200, task_id.text
    answer = api.finished(task_id.text)
    assert answer["taskStatus"] == "Completed"
    assert [result["type"] for result in answer["results"]] == [example["settings"]["resultType"]]
    assert texts(answer)[0].split() == ["Ishmael"]
    assert answer == example_of(document, "OCRResponse") | {"id": task_id.text}


def example_of(document: Any, schema: str) -> Any:
    (example,) = document["components"]["schemas"][schema]["examples"]
    return example


def test_the_documents_other_examples_are_what_is_answered(document: Any, api: Api) -> None:
    assert api.post({"image": b64(b"%PDF-1.7")}).json() == example_of(document, "ProblemDetails")
    refused = api.http.post("/connect/token", data={"grant_type": "client_credentials"})
    assert refused.json() == example_of(document, "TokenError")
    assert example_of(document, "OCRResult") in example_of(document, "OCRResponse")["results"]
    token = example_of(document, "Token")
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    given = document["paths"]["/connect/token"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert set(given["schema"]["properties"]) == set(form)
    assert token.keys() == document["components"]["schemas"]["Token"]["properties"].keys()


def test_the_document_tells_of_the_headers_and_what_they_may_lead_to(document: Any) -> None:
    post, get = (document["paths"][REGIONS][method] for method in ("post", "get"))
    named = {each["name"] for method in (post, get) for each in method["parameters"]}
    assert named == {"id", "Idempotency-Key", "Priority", "Prefer"}
    assert "422" in post["responses"]  # an Idempotency-Key that was given to another request
    assert "422" not in get["responses"]


def test_it_is_alive_and_ready(service: ServiceProcess) -> None:
    for path, said in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = httpx.get(service.url + path)
        assert (answer.status_code, answer.text) == (200, said)


def test_it_is_alive_but_not_ready_without_its_tables(narrow_service: ServiceProcess) -> None:
    rows(narrow_service, "ALTER TABLE clients RENAME TO elsewhere")
    try:
        answer = httpx.get(f"{narrow_service.url}/readyz")
        alive = httpx.get(f"{narrow_service.url}/healthz")
    finally:
        rows(narrow_service, "ALTER TABLE elsewhere RENAME TO clients")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The database cannot be reached at the moment.")
    assert answer.headers["Retry-After"] == "5"
    assert alive.status_code == 200
    assert httpx.get(f"{narrow_service.url}/readyz").status_code == 200


def test_an_answer_does_not_tell_what_serves_it(service: ServiceProcess) -> None:
    assert "server" not in httpx.get(f"{service.url}/healthz").headers
