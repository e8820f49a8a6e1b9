"""Documents that the service keeps: their pages, pictures of them, and tasks that name them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

import corpus
from corpus import Sheet
from harness import REGIONS, Api, ServiceProcess, b64, blobs, draw, line_region, rows, texts

DOCUMENTS = "/api/documents"
CREW = ("Queequeg", "Daggoo")


def pdf() -> bytes:
    pages = [Image.open(io.BytesIO(draw([name], 400))).convert("L") for name in CREW]
    return corpus.pdf(*[Sheet((page.width * 0.36, page.height * 0.36), page) for page in pages])


def keep(api: Api, data: bytes) -> dict[str, Any]:
    answer = api.http.post(DOCUMENTS, json={"file": b64(data)})
    assert answer.status_code == 201, answer.text
    facts: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"{DOCUMENTS}/{facts['id']}"
    return facts


def detail(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


@pytest.fixture(scope="module")
def kept(api: Api) -> str:
    return str(keep(api, pdf())["id"])


def test_a_document_tells_its_pages(api: Api, kept: str) -> None:
    facts = api.http.get(f"{DOCUMENTS}/{kept}").json()
    page = {"width": 400, "height": 60, "dpi": 200.0, "drawn": True, "error": None}
    assert (facts["taskStatus"], facts["format"], facts["messages"]) == ("Completed", "PDF", [])
    assert facts["pages"] == [page, page]
    assert 3500 < facts["secondsLeft"] <= 3600


@pytest.mark.parametrize(("query", "size"), [("", (1000, 150)), ("?width=100", (100, 15)), ("?width=1", (1, 1))])
def test_a_page_is_shown_at_any_width(api: Api, kept: str, query: str, size: tuple[int, int]) -> None:
    answer = api.http.get(f"{DOCUMENTS}/{kept}/pages/2{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.content)).size == size


@pytest.mark.every_deployment
def test_the_picture_is_that_of_the_page(api: Api, kept: str) -> None:
    picture = api.http.get(f"{DOCUMENTS}/{kept}/pages/2", params={"width": 800}).content
    assert texts(api.read(picture)) == ["Daggoo"]


@pytest.mark.every_deployment
def test_tasks_may_name_the_document_again_and_again(api: Api, kept: str) -> None:
    for page, name in enumerate(CREW, 1):
        settings = {"regions": [line_region(0, width=400) | {"page": page}]}
        posted = api.post({"document": kept, "settings": settings})
        assert posted.status_code == 200, posted.text
        assert texts(api.finished(posted.text)) == [name]


def test_a_document_belongs_to_its_client(api: Api, stranger: Api, kept: str) -> None:
    assert "no such document" in detail(stranger.http.get(f"{DOCUMENTS}/{kept}"), 404)
    assert "no such document" in detail(stranger.http.get(f"{DOCUMENTS}/{kept}/pages/1"), 404)
    assert "no such document" in detail(stranger.post({"document": kept}), 400)
    assert stranger.http.delete(f"{DOCUMENTS}/{kept}").status_code == 200
    assert api.http.get(f"{DOCUMENTS}/{kept}").status_code == 200


@pytest.mark.every_deployment
def test_an_erased_document_is_gone_with_its_blobs(service: ServiceProcess, api: Api) -> None:
    document = keep(api, pdf())["id"]
    assert [blob.name for blob in blobs(service, "inputs") if blob.name == document]
    assert api.http.delete(f"{DOCUMENTS}/{document}").status_code == 200
    assert not [blob.name for blob in blobs(service, "inputs") if blob.name == document]
    assert "no such document" in detail(api.http.get(f"{DOCUMENTS}/{document}"), 404)
    assert "no such document" in detail(api.post({"document": document}), 400)


@pytest.mark.every_deployment
def test_ids_that_no_database_takes_are_unknown(api: Api) -> None:
    assert "no such document" in detail(api.http.get(f"{DOCUMENTS}/%00"), 404)
    assert "no such document" in detail(api.post({"document": "a\0"}), 400)
    assert api.http.get("/api/tasks/%00").status_code == 404


def test_documents_and_pictures_are_no_tasks_of_the_protocol(service: ServiceProcess, api: Api, kept: str) -> None:
    assert api.get(kept)["taskStatus"] == "NotExist"
    assert kept not in [task["id"] for task in api.http.get("/api/tasks").json()["tasks"]]
    drawn = "SELECT id FROM tasks WHERE operation = 'DrawPage'"
    before = rows(service, drawn)
    assert api.http.get(f"{DOCUMENTS}/{kept}/pages/1").status_code == 200
    assert set(rows(service, drawn)) <= set(before)


def test_a_task_is_no_document(api: Api) -> None:
    task = api.submit(draw(["a task"]))
    assert api.http.get(f"{DOCUMENTS}/{task}").status_code == 404
    assert "no such document" in detail(api.post({"document": task}), 400)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"document": 7}, "document: 7 is not a string"),
        ({"document": "x", "image": "iVBORw0KGgo="}, "document: it cannot be combined with image; send one of them"),
        ({"document": "nowhere"}, "document: there is no such document"),
        ({"document": "../inputs"}, "document: there is no such document"),
    ],
)
def test_a_document_that_cannot_be_named_is_told(api: Api, body: dict[str, Any], words: str) -> None:
    assert words in detail(api.post(body), 400)


@pytest.mark.parametrize(
    ("post", "status", "words"),
    [
        (lambda api: api.http.post(DOCUMENTS, json={"file": b64(b"<html>")}), 400, "file: HTML is not supported"),
        (lambda api: api.http.post(DOCUMENTS, json={}), 400, "file: is missing or empty"),
        (lambda api: api.http.post(DOCUMENTS, content=b"x"), 415, "Content-Type is missing"),
    ],
    ids=["HTML", "nothing", "no JSON"],
)
def test_what_is_no_document_is_refused(
    api: Api, post: Callable[[Api], httpx.Response], status: int, words: str
) -> None:
    assert words in detail(post(api), status)


def test_a_document_that_cannot_be_opened_says_why(api: Api) -> None:
    facts = keep(api, pdf()[:100])
    assert facts["taskStatus"] == "Error"
    assert re.match("The PDF file is damaged or cut short", facts["messages"][0])
    assert "The PDF file is damaged" in detail(api.http.get(f"{DOCUMENTS}/{facts['id']}/pages/1"), 404)


def test_a_page_that_is_not_there_is_told(api: Api, kept: str) -> None:
    assert detail(api.http.get(f"{DOCUMENTS}/{kept}/pages/3"), 404) == "The document has no page 3: it has 2"
    assert api.http.get(f"{DOCUMENTS}/{kept}/pages/0").status_code == 400
    told = detail(api.http.get(f"{DOCUMENTS}/{kept}/pages/1?width=10001"), 400)
    assert told == "width: '10001' is wrong: input should be less than or equal to 10000"


def test_without_a_token_there_is_no_document(service: ServiceProcess, kept: str) -> None:
    with httpx.Client(base_url=service.url) as http:
        assert http.get(f"{DOCUMENTS}/{kept}").status_code == 401
        assert http.post(DOCUMENTS, json={"file": b64(pdf())}).status_code == 401


def test_the_list_of_tasks_tells_how_many_pages_are_done(api: Api, kept: str) -> None:
    regions = [line_region(0, width=400) | {"page": page} for page in (1, 2)]
    task = api.post({"document": kept, "settings": {"regions": regions}}).text
    api.finished(task)
    assert api.http.get(f"/api/tasks/{task}").json()["pages"] == {"done": 2, "all": 2}
    single = api.submit(draw(["one"]))
    api.finished(single)
    assert api.http.get(f"/api/tasks/{single}").json()["pages"] is None
    assert api.http.get(REGIONS, params={"id": task}).json()["taskStatus"] == "Completed"
