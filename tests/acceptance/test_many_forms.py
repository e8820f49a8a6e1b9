"""`whaleline template` and `whaleline read --template`: forms by the command line, many at a time."""

from __future__ import annotations

import csv
import json
import socket
from pathlib import Path

import pytest

from berths import filled, stack, template
from harness import ServiceProcess, draw, whaleline
from whaleline.forms.template_values import MAX_PICTURE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "berth.json").write_text(json.dumps(template() | {"name": "berth"}))
    forms = tmp_path / "forms"
    forms.mkdir()
    for name in ("ISHMAEL", "QUEEQUEG"):
        (forms / f"{name}.png").write_bytes(filled(name))
    (forms / "broken.png").write_bytes(b"")  # as of a scanner whose disk is full
    (forms / "notes.txt").write_text("no form")
    return tmp_path


def test_a_folder_is_read_into_a_table_and_taken_up_again(folder: Path) -> None:
    table = folder / "crew.CSV"
    command = ("read", str(folder / "forms"), "--template", str(folder / "berth.json"), "--output", str(table))
    done = whaleline(*command)
    assert done.returncode == 1  # one is broken, and the others are read nevertheless
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [(Path(row["file"]).stem, row["name"]) for row in rows] == [
        ("ISHMAEL", "ISHMAEL"),
        ("QUEEQUEG", "QUEEQUEG"),
        ("broken", ""),
    ]
    assert "1 file in no supported format" in done.stderr
    assert "1 of 3 files could not be read" in done.stderr
    (folder / "forms" / "broken.png").write_bytes(filled())
    again = whaleline(*command)
    assert (again.returncode, "2 of 3 files have been read already" in again.stderr) == (0, True)
    assert [row["name"] for row in csv.DictReader(table.read_text().splitlines())] == ["ISHMAEL", "QUEEQUEG", "ISHMAEL"]
    journal = Path(f"{table}.jsonl")
    journal.write_bytes(journal.read_bytes()[:-20])  # killed while it wrote
    assert "2 of 3 files have been read already" in whaleline(*command).stderr


def test_a_file_that_cannot_be_looked_into_stops_no_other(folder: Path) -> None:
    (folder / "forms" / "locked").symlink_to("/proc/self/mem")  # which not even root can read from its start
    done = whaleline("read", str(folder / "forms"), "--template", str(folder / "berth.json"))
    assert done.returncode == 1
    assert "2 of 4 files could not be read" in done.stderr
    assert "locked: [Errno 5] Input/output error" in done.stderr
    assert [json.loads(line)["error"] == "" for line in done.stdout.splitlines()].count(True) == 2


def test_pages_behind_the_form_are_told(folder: Path) -> None:
    file, table = folder / "stack.tif", folder / "crew.csv"
    file.write_bytes(stack("ISHMAEL", "QUEEQUEG", "STARBUCK"))
    done = whaleline("read", str(file), "--template", str(folder / "berth.json"), "--output", str(table))
    (row,) = csv.DictReader(table.read_text().splitlines())
    told = "the form 'berth' has 1 page, and the document 3: pages 2 to 3 were not read"
    assert (done.returncode, row["name"], row["messages"]) == (0, "ISHMAEL", told)


def test_why_fields_were_not_read_is_told_once(folder: Path) -> None:
    file, table = folder / "berth.json", folder / "crew.csv"
    form = json.loads(file.read_text())
    form["fields"].append(form["fields"][0] | {"name": "again"})
    file.write_text(json.dumps(form))
    (folder / "other.png").write_bytes(draw(["Another", "form"]))
    whaleline("read", str(folder / "other.png"), "--template", str(file), "--output", str(table))
    (row,) = csv.DictReader(table.read_text().splitlines())
    assert row["messages"].endswith("so it was not read. name, again: the page does not look like this form")


def test_a_server_reads_by_a_template_that_it_keeps(service: ServiceProcess, folder: Path) -> None:
    client_id, _ = service.client("forms")
    file, image = str(folder / "berth.json"), str(folder / "forms" / "ISHMAEL.png")
    assert "berth  version 1, 1 field" in service.command("template", "add", file, "--client", client_id)
    assert "berth  version 1" in service.command("template", "list", "--client", client_id)
    variables = {"WHALELINE_TOKEN": service.token(*service.client("forms"))}
    done = whaleline("read", image, "--template", "berth", "--server", service.url, "--jobs", "2", variables=variables)
    assert (done.returncode, json.loads(done.stdout)["fields"][0]["text"]) == (0, "ISHMAEL"), done.stderr
    service.command("template", "remove", "berth", "--client", client_id)
    table = folder / "crew.csv"
    command = ("read", image, "--template", "berth", "--server", service.url, "--output", str(table))
    refused = whaleline(*command, variables=variables)
    assert (refused.returncode, "the server has no template of that name" in refused.stderr) == (2, True)
    stranger = whaleline(*command)
    assert (stranger.returncode, "takes it from $WHALELINE_TOKEN" in stranger.stderr) == (2, True), stranger.stderr
    assert not list(folder.glob("crew*"))  # no journal stands in the way of the right name


def test_a_template_file_is_checked(folder: Path) -> None:
    file = folder / "berth.json"
    right = whaleline("template", "check", str(file))
    assert (right.stdout, right.stderr) == ("berth: 1 field on 1 page, 1 picture\n", "")
    page = json.loads(file.read_text())["pages"][0]
    everywhere = {"topLeftX": 0, "topLeftY": 0, "bottomRightX": page["width"], "bottomRightY": page["height"]}
    file.write_text(json.dumps(template(everywhere) | {"name": "berth"}))
    warned = whaleline("template", "check", str(file))
    assert (warned.returncode, "page 1 has hardly any printed words" in warned.stderr) == (0, True)
    wrong = json.loads(file.read_text())
    wrong["fields"][0]["kind"] = "colour"
    file.write_text(json.dumps(wrong))
    told = whaleline("template", "check", str(file))
    assert (told.returncode, "fields[0].kind: 'colour' is not one of" in told.stderr) == (2, True)
    assert "fields: is missing" not in told.stderr


def test_a_picture_that_is_too_large_is_told(folder: Path) -> None:
    large = folder / "large.png"
    large.write_bytes(b"\0" * (MAX_PICTURE + 1))
    told = whaleline("template", "add", str(folder / "berth.json"), "--picture", str(large))
    said = (
        f"Error: pages[0].picture: it has {MAX_PICTURE + 1} bytes; a picture may have {MAX_PICTURE}, so save it as JPEG"
    )
    assert (told.returncode, told.stderr.strip()) == (2, said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.png"], "there is no such file"),
        (["forms", "--output", "crew.txt"], "must end in .csv, .xlsx, .jsonl"),
        (["forms", "--server", "localhost"], "must be a URL with http:// or https://"),
        (["forms", "--server", "http://[x"], "must be a URL with http:// or https://"),
        (["forms", "--server", "http://x:y"], "must be a URL with http:// or https://"),
        (["forms", "--template", "."], "--template: . is a directory."),
    ],
)
def test_what_is_asked_wrongly_is_told(folder: Path, arguments: list[str], said: str) -> None:
    first, *options = arguments
    told = whaleline("read", str(folder / first), "--template", str(folder / "berth.json"), *options)
    assert (told.returncode, said in told.stderr) == (2, True), told.stderr


def test_a_server_that_cannot_be_reached_is_told_by_its_url(folder: Path) -> None:
    with socket.socket() as bound:  # and does not listen
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        told = whaleline("read", str(folder / "forms"), "--template", "berth", "--server", url)
    said = f"Error: The server {url} cannot be reached: Connection refused.\n"
    assert (told.returncode, told.stderr.splitlines(keepends=True)[-1]) == (1, said)
