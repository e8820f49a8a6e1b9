"""What the service tells about itself: its page, its OpenAPI document, and whether it is well."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

import berths
import forks
from harness import DEADLINE, REGIONS, STATUS, Api, ServiceProcess, b64, environment, rows, texts


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
        "textLayer",  # an addition, as is the next
        "template",
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
    assert api.post({"image": b64(b"<html>")}).json() == example_of(document, "ProblemDetails")
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
    assert not httpx.get(f"{service.url}/healthz").headers.get("server")


ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8080"
ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CONFIDENCE = r"\b\d\d\.\d\b"  # may differ a little between processors


def samples(page: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Of a page: its commands with what they print, and its programs."""
    text = (ROOT / page).read_text()
    commands = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = each.splitlines(keepends=True)
            # A command goes on after a backslash, and within quotes.
            length = next(
                n
                for n in range(1, len(lines) + 1)
                if _is_whole("".join(lines[:n])) and not lines[n - 1].endswith("\\\n")
            )
            commands.append(("".join(lines[:length]), "".join(lines[length:])))
    return commands, re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def _is_whole(command: str) -> bool:
    return subprocess.run(["bash", "-n"], input=command, text=True, capture_output=True, check=False).returncode == 0


def alike(text: str) -> str:
    return re.sub(r"\s", "", re.sub(CONFIDENCE, "99.9", re.sub(ID, "ID", text)))


NEEDS_CURL = pytest.mark.skipif(not shutil.which("curl"), reason="NOT TESTED: there is no curl here")
OWN_DATA = pytest.mark.embedded("the commands open the database of the service's data directory")


def printed(commands: list[str], programs: list[str], service: ServiceProcess, folder: Path) -> list[str]:
    """What each command and then each program of a page prints, in one shell, with the address of this service."""
    (folder / "bin").mkdir()
    (folder / "docs").symlink_to(ROOT / "docs")
    script = ["set -eu"]
    for command in commands:
        script += [command.replace(ADDRESS, service.url).replace("$PWD/.venv/bin:", ""), "echo; echo ======"]
    for program in programs:
        script += [f"{sys.executable} - <<'END'\n{program.replace(ADDRESS, service.url)}END", "echo; echo ======"]
    settings = {"data": service.data_dir, "max_pixels": 1_000_000}
    variables = environment(**settings) | {"CLIENT": service.client_id, "SECRET": service.secret}
    variables["PATH"] = f"{folder / 'bin'}{os.pathsep}{variables['PATH']}"
    with forks.program(folder / "bin" / "whaleline"):
        told = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            env=variables,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
    assert told.returncode == 0, told
    return told.stdout.split("======\n")


@OWN_DATA
@NEEDS_CURL
def test_every_sample_of_the_readme_runs_as_it_stands(service: ServiceProcess, tmp_path: Path) -> None:
    """From the top down, and prints what is shown."""
    commands, programs = samples("README.md")
    assert len(commands) >= 8
    assert len(programs) == 2
    said = printed([command for command, _ in commands], programs, service, tmp_path)
    for (command, shown), got in zip(commands, said, strict=False):
        assert alike(got) == alike(shown), command
    client, library = said[len(commands) : len(commands) + 2]
    assert client.strip() == "Surname Melville"
    assert [line for line in library.splitlines() if line in ("Surname Melville", "Born 1 August 1819")] == [
        "Surname Melville",
        "Born 1 August 1819",
    ]


@OWN_DATA
@NEEDS_CURL
def test_every_sample_of_the_tutorial_runs_as_it_stands(service: ServiceProcess, tmp_path: Path) -> None:
    """As the README's; tests/acceptance/page/test_page_tutorial.py takes its steps on the page."""
    commands, _ = samples("docs/tutorial.md")
    assert len(commands) >= 7
    for (command, shown), got in zip(
        commands, printed([command for command, _ in commands], [], service, tmp_path), strict=False
    ):
        assert alike(got) == alike(shown), command


@OWN_DATA
@pytest.mark.skipif(not shutil.which("sqlite3"), reason="NOT TESTED: there is no sqlite3 here")
def test_a_backup_as_the_guide_makes_it_can_be_restored(service: ServiceProcess, api: Api, tmp_path: Path) -> None:
    api.http.put("/api/templates/backed-up", json={**berths.template(), "name": "backed-up"}).raise_for_status()
    commands = [command for command, _ in samples("docs/backup.md")[0]]
    for command in ("client list", "template list"):
        assert any(command in each for each in commands)
    *_, clients, templates = printed(commands, [], service, tmp_path)[: len(commands)]
    assert service.client_id in clients
    assert "backed-up  version 1, 1 field" in templates
    kept = tmp_path / "restored" / "blobs" / "templates"
    assert any(json.loads(each.read_bytes())["name"] == "backed-up" for each in kept.iterdir())


def test_the_tutorial_shows_its_template_as_it_is() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```$", (ROOT / "docs/tutorial.md").read_text(), re.DOTALL | re.MULTILINE)
    assert shown == (ROOT / "docs/tutorial/voyage.json").read_text()


def test_links_between_the_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\((?!https?://)([^)\s]+)", page.read_text()):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.relative_to(ROOT)}: {link}"


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub and PyPI make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
