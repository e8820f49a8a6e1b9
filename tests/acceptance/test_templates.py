"""Templates that the service keeps, and tasks that name them."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from berths import NAME, filled, stack, template
from harness import REGIONS, Api, ServiceProcess, b64, blobs, rows, texts

TEMPLATES = "/api/templates"
TITLE = {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 690, "bottomRightY": 60}


def test_a_template_is_kept_told_replaced_and_deleted(service: ServiceProcess) -> None:
    api = service.connect(*service.add_client("keeps"))
    put = api.http.put(f"{TEMPLATES}/berth", json=template())
    assert (put.status_code, put.headers["ETag"], put.json()["version"]) == (201, '"1"', 1)
    got = api.http.get(f"{TEMPLATES}/berth")
    assert (got.headers["ETag"], got.json()["name"], got.json()["fields"]) == ('"1"', "berth", template()["fields"])
    assert got.json()["pages"] == template()["pages"]
    assert [each["name"] for each in api.http.get(TEMPLATES).json()["templates"]] == ["berth"]
    again = api.http.put(f"{TEMPLATES}/berth", json=got.json())
    assert (again.status_code, again.headers["ETag"]) == (200, '"2"')
    assert api.http.delete(f"{TEMPLATES}/berth").status_code == 200
    assert api.http.get(f"{TEMPLATES}/berth").status_code == 404
    assert api.http.put(f"{TEMPLATES}/berth", json=template()).json()["version"] == 3
    assert api.http.delete(f"{TEMPLATES}/berth").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": '"1"'}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"7"'}, 412),
        ({"If-Match": "one"}, 400),
        ({"If-None-Match": "*"}, 412),
    ],
)
def test_a_put_keeps_to_what_it_expects(api: Api, headers: dict[str, str], status: int) -> None:
    name = f"{TEMPLATES}/expected-{abs(hash(str(headers)))}"
    assert api.http.put(name, json=template(), headers={"If-None-Match": "*"}).status_code == 201
    assert api.http.put(name, json=template(), headers=headers).status_code == status
    assert api.http.delete(name).status_code == 200
    assert api.http.put(name, json=template(), headers={"If-Match": "*"}).status_code == 412


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fields": []}, "fields: is missing or empty"),
        ({"name": "other"}, "name: 'other' is not 'wrong', the name in the path"),
        ({"pages": [{"width": 9, "height": 9, "picture": "aGVsbG8="}]}, "reaches beyond its page"),
        ({"fields": [{"name": "name", "rect": NAME, "pattern": r"(a)\1"}]}, "fields[0].pattern"),
        ({"pages": [{"width": 999, "height": 999, "picture": "aGVsbG8="}]}, "pages[0].picture: text is not supported"),
    ],
)
def test_a_template_that_is_none_is_refused(api: Api, wrong: dict[str, Any], message: str) -> None:
    answer = api.http.put(f"{TEMPLATES}/wrong", json=template() | wrong)
    assert answer.status_code == 400
    assert message in answer.json()["detail"]


def test_the_schema_is_published_and_fits(api: Api) -> None:
    schema = api.http.get(f"{TEMPLATES}/schema").json()
    Draft202012Validator(schema).validate(template() | {"name": "berth"})


def test_a_task_names_a_template_or_brings_one(api: Api) -> None:
    assert api.http.put(f"{TEMPLATES}/named", json=template()).status_code == 201
    assert texts(api.read(filled(), template="named")) == ["ISHMAEL"]
    assert texts(api.read(filled(), template=template() | {"name": "brought"})) == ["ISHMAEL"]
    posted = api.http.post(REGIONS, json={"image": b64(filled()), "settings": {"template": "unknown"}})
    assert posted.status_code == 400
    assert "there is no template 'unknown'" in posted.json()["detail"]


def test_a_task_keeps_the_version_that_it_was_accepted_with(api: Api) -> None:
    assert api.http.put(f"{TEMPLATES}/kept", json=template()).status_code == 201
    task = api.submit(filled(), template="kept")
    assert api.http.put(f"{TEMPLATES}/kept", json=template(TITLE)).status_code == 200
    assert api.http.delete(f"{TEMPLATES}/kept").status_code == 200
    assert texts(api.finished(task)) == ["ISHMAEL"]


@pytest.mark.every_deployment
def test_templates_go_with_their_client(service: ServiceProcess) -> None:
    client_id, secret = service.add_client("leaves")
    api, before = service.connect(client_id, secret), {blob.name for blob in blobs(service, "templates")}
    assert api.http.put(f"{TEMPLATES}/berth", json=template()).status_code == 201
    assert service.connect().http.get(f"{TEMPLATES}/berth").status_code == 404  # another client's
    assert texts(api.read(filled(), template="berth")) == ["ISHMAEL"]
    (own,) = {blob.name for blob in blobs(service, "templates")} - before
    service.command("client", "remove", client_id)
    assert rows(service, f"SELECT id FROM templates WHERE client_id = '{client_id}'") == []
    assert own not in {blob.name for blob in blobs(service, "templates")}


def test_the_plain_api_reads_by_a_template(api: Api) -> None:
    assert api.http.put(f"{TEMPLATES}/plain", json=template()).status_code == 201
    answer = api.http.post("/api/read", files={"file": filled()}, data={"template": "plain"})
    assert answer.status_code == 200, answer.text
    (field,) = answer.json()["fields"]
    assert (field["name"], field["text"], field["value"], field["valid"]) == ("name", "ISHMAEL", "ISHMAEL", True)
    assert field["registration"] > 90
    assert field["corners"][0] == pytest.approx([0, 110], abs=1)
    other = api.http.post("/api/read", files={"file": filled()}, data={"template": "unknown"})
    assert (other.status_code, "there is no template 'unknown'" in other.json()["detail"]) == (400, True)


def test_pages_behind_the_form_are_told(api: Api) -> None:
    assert api.http.put(f"{TEMPLATES}/single", json=template()).status_code == 201
    answer = api.read(stack("ISHMAEL", "QUEEQUEG"), template="single")
    told = ["the form 'single' has 1 page, and the document 2: page 2 was not read"]
    assert (texts(answer), answer["error"]["messages"]) == (["ISHMAEL"], told)
    plain = api.http.post("/api/read", files={"file": stack("ISHMAEL", "QUEEQUEG")}, data={"template": "single"})
    assert plain.json()["messages"] == told
