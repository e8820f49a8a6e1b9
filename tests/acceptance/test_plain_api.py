"""POST /api/read: in plain words, in one request."""

from __future__ import annotations

import base64
import csv
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from harness import ServiceProcess, b64, draw, rows, whaleline

READ = "/api/read"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = draw(["Harbour Street 12", "03/04/2026", "=1+2 EUR"])
DATE = {"name": "date", "kind": "date", "left": 0, "top": 70, "right": 400, "bottom": 130}
StartService = Callable[..., ServiceProcess]


@pytest.fixture(scope="module")
def http(service: ServiceProcess) -> Iterator[httpx.Client]:
    token = service.connect().token
    with httpx.Client(base_url=service.url, timeout=90, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def read(http: httpx.Client, file: bytes = PAGE, headers: dict[str, str] | None = None, **form: Any) -> httpx.Response:
    data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in form.items()}
    return http.post(
        READ, files={"file": ("page.png", file)}, data=data, headers={"Prefer": "wait=30"} | (headers or {})
    )


def test_a_file_is_read_in_one_request(http: httpx.Client) -> None:
    answer = read(http)
    assert answer.status_code == 200
    said = answer.json()
    assert said.keys() == {"id", "pages", "fields", "messages"}
    (page,) = said["pages"]
    assert page["text"].startswith("Harbour Street 12\n03/04/2026")
    word = page["words"][0]
    assert (word["text"], word["line"]) == ("Harbour", 1)
    assert 0 <= word["left"] < word["right"] < page["width"]
    assert 0 <= word["top"] < word["bottom"] < page["height"]


def test_regions_are_fields_with_values(http: httpx.Client) -> None:
    page = read(http).json()["pages"][0]
    words = {word["text"]: word for word in page["words"]}
    place = words["03/04/2026"]
    box = {"left": 0, "top": place["top"] - 12, "right": page["width"], "bottom": place["bottom"] + 12}
    asked = [
        {"name": "date", "kind": "date", "region": "GB"} | box,
        {"kind": "date"} | box,
        [0, 0, *list(box.values())[2:]],
    ]
    said = read(http, regions=asked).json()
    british, plain, text = said["fields"]
    assert (british["name"], british["text"], british["value"], british["valid"]) == (
        "date",
        "03/04/2026",
        "2026-04-03",
        True,
    )
    assert (plain["name"], plain["value"], plain["other"]) == ("region 2", "2026-03-04", "2026-04-03")
    assert "guess" in plain["reasons"][0]
    assert text["kind"] == "text"
    assert {word["text"] for word in text["words"]} >= {"Harbour", "03/04/2026"}
    assert {key: british[key] for key in box} == box
    assert "words" not in said["pages"][0]


def test_json_says_the_same(http: httpx.Client) -> None:
    answer = http.post(READ, json={"file": b64(PAGE), "regions": [DATE]}, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    assert answer.json()["fields"][0]["name"] == "date"


def test_a_later_answer_has_a_location(http: httpx.Client) -> None:
    answer = read(http, headers={"Prefer": "wait=0"})
    if answer.status_code == 202:  # else it was ready at once
        assert answer.headers["location"] == answer.json()["location"]
        assert answer.json()["status"] in ("waiting", "reading")
    place = f"{READ}/{answer.json()['id']}"
    later = http.get(place, headers={"Prefer": "wait=30"})
    assert later.status_code == 200
    assert later.json()["pages"]
    gone = http.delete(place)
    assert (gone.status_code, gone.headers.get("content-type")) == (204, None)
    assert http.get(place).status_code == 404
    assert http.delete(place).status_code == 204


def test_pages_that_the_document_lacks_are_named(http: httpx.Client) -> None:
    said = read(http, pages="7,1-3,9-12").json()
    assert [page["page"] for page in said["pages"]] == [1]
    assert said["messages"] == ["the document has 1 page, and no page 7, 9"]


def test_tables_hold_no_formulas(http: httpx.Client) -> None:
    words = read(http, headers={"Accept": "text/csv"})
    assert words.headers["content-type"].startswith("text/csv")
    assert words.text.splitlines()[0] == "page,line,text,confidence,left,top,right,bottom,message"
    assert "\n1,3,'=1+2," in words.text
    fields = read(http, regions=[DATE], headers={"Accept": "text/csv"})
    assert fields.text.startswith("name,page,kind,text,value,")
    book = read(http, headers={"Accept": XLSX})
    assert book.headers["content-type"] == XLSX
    sheet = zipfile.ZipFile(io.BytesIO(book.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_a_table_ends_with_what_was_not_read(http: httpx.Client) -> None:
    table = list(csv.DictReader(read(http, pages="1,7", headers={"Accept": "text/csv"}).text.splitlines()))
    assert [row["message"] for row in table[:-1]] == [""] * (len(table) - 1)
    assert table[-1]["message"] == "the document has 1 page, and no page 7"


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("application/json, text/csv", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv;q=0, */*", "application/json"),
        ("application/json; q=0.5, TEXT/CSV;header=present", "text/csv"),
    ],
)
def test_the_media_type_is_the_one_that_is_liked_best(http: httpx.Client, accepted: str, kind: str) -> None:
    answer = read(http, regions=[DATE], headers={"Accept": accepted})
    assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"regions": [{"left": 1}]}, "regions[0]"),
        ({"regions": "[1"}, "regions"),
        ({"regions": [DATE | {"pattern": r"(a)\1"}]}, "regions[0].pattern"),
        ({"regions": [DATE | {"kind": "colour"}]}, "regions[0].kind"),
        ({"language": "Whalish"}, "language"),
        ({"pages": "one"}, "pages"),
        ({"pages": "0"}, "pages"),
        ({"pages": "1,3-2"}, "pages"),
        ({"pages": "1", "regions": [DATE]}, "pages"),
        ({"regions": [DATE, DATE | {"top": 0}]}, "regions"),
        ({"template": {"name": "a"}}, "template.pages"),
        ({"template": [1]}, "template"),
    ],
)
def test_what_is_wrong_is_named(http: httpx.Client, form: dict[str, Any], field: str) -> None:
    answer = read(http, **form)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {field}


def test_a_body_that_is_no_form_is_refused(http: httpx.Client) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert http.post(READ, content=b"nothing", headers=kind).status_code == 400
    assert http.post(READ, content=b"--x\r\n\r\n", headers=kind).status_code == 400
    assert http.post(READ, content=b"", headers={"Content-Type": "multipart/form-data"}).status_code == 415
    assert http.post(READ, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    packed = http.post(READ, files={"file": PAGE}, headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, "Content-Encoding 'gzip'" in packed.json()["detail"]) == (415, True)
    assert http.post(READ, data={"language": "English"}, files={"other": b"x"}).status_code == 400
    assert read(http, b"plain text").status_code == 400


def test_a_form_has_bounds(http: httpx.Client) -> None:
    many = http.post(READ, files=[("file", PAGE), *((f"part {number}", b"x") for number in range(64))])
    assert (many.status_code, many.json()["detail"]) == (400, "body: the form has more than 64 parts")
    long = http.post(READ, files={"file": PAGE}, data={"regions": " " * (8 * 2**20 + 1)})
    assert (long.status_code, long.json()["errors"].keys()) == (400, {"regions"})
    twice = http.post(READ, files=[("file", PAGE), ("file", PAGE)])
    assert (twice.status_code, twice.json()["detail"]) == (400, "file: the form has it more than once")


def test_a_file_that_turns_out_unreadable_is_told(http: httpx.Client) -> None:
    answer = read(http, PAGE[: len(PAGE) // 2])
    assert answer.status_code == 422
    assert "damaged or cut short" in answer.json()["detail"]


def test_nobody_else_reads_it(http: httpx.Client, service: ServiceProcess) -> None:
    said = read(http).json()
    assert httpx.get(f"{service.url}{READ}/{said['id']}").status_code == 401
    assert http.get(f"{READ}/unknown").status_code == 404


@pytest.mark.embedded(reason="the command opens the database of the service's data directory")
def test_an_api_key_stands_for_a_token(start_service: StartService) -> None:
    service = start_service(workers=1)
    made = whaleline("client", "key", service.client_id, data=service.data_dir)
    key = made.stdout.removeprefix("key  ").strip()
    assert key.endswith(f".{service.client_id}")
    with httpx.Client(base_url=service.url, timeout=90, headers={"Authorization": f"Bearer {key}"}) as client:
        assert read(client).status_code == 200
        [task] = client.get("/api/tasks").json()["tasks"]
        assert (task["operation"], task["client"]) == ("Read", "first")
        other = key[:8] + ("y" if key[8] == "x" else "x") + key[9:]
        wrong = client.get("/api/tasks", headers={"Authorization": f"Bearer {other}"})
        assert wrong.status_code == 401
        assert "API key" in wrong.json()["detail"]
        whaleline("client", "key", service.client_id, "--remove", data=service.data_dir)
        assert client.get("/api/tasks").status_code == 401


def test_a_large_table_keeps_nobody_from_an_answer(service: ServiceProcess, http: httpx.Client) -> None:
    """It is written in a thread: the event loop would answer nobody meanwhile."""
    task = read(http).json()["id"]
    ((told,),) = rows(service, f"SELECT answer FROM tasks WHERE id = '{task}'")
    answer = json.loads(told)
    said = json.loads(base64.b64decode(answer["results"][0]["data"]))
    said["pages"][0]["words"] *= 5000
    answer["results"][0]["data"] = b64(json.dumps(said).encode())
    rows(service, f"UPDATE tasks SET answer = '{json.dumps(answer)}' WHERE id = '{task}'")
    with ThreadPoolExecutor(1) as threads:
        began, longest = time.monotonic(), 0.0
        table = threads.submit(http.get, f"{READ}/{task}", headers={"Accept": XLSX})
        while not table.done():
            asked = time.monotonic()
            assert httpx.get(f"{service.url}/healthz", timeout=90).text == "ok"
            longest = max(longest, time.monotonic() - asked)
        took = time.monotonic() - began
    assert table.result().status_code == 200
    assert longest < took / 2
