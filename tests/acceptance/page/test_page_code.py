"""`As code`: in step with the screen, and it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser import Tab
from harness import DEADLINE, ServiceProcess, draw, texts

LINES = ["All men live", "enveloped in"]
NAME = "my father's form.png"


@pytest.fixture
def sheet(tab: Tab, tmp_path: Path) -> Tab:
    image = draw(LINES)
    (tmp_path / NAME).write_bytes(image)
    tab.open_image(image, NAME)
    tab.add(0, 60, 700, 120)
    tab.add(0, 0, 700, 60)
    return tab


def run(command: Sequence[str], service: ServiceProcess, folder: Path) -> str:
    told = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"CLIENT_ID": service.client_id, "CLIENT_SECRET": service.secret},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_curl_makes_the_request(sheet: Tab, page_service: ServiceProcess, tmp_path: Path) -> None:
    answer = json.loads(run(["sh", "-c", sheet.code("curl")], page_service, tmp_path))
    assert answer["taskStatus"] == "Completed"
    assert texts(answer) == ["enveloped in", "All men live"]


def test_python_makes_the_request(sheet: Tab, page_service: ServiceProcess, tmp_path: Path) -> None:
    told = run([sys.executable, "-c", sheet.code("python")], page_service, tmp_path)
    assert told.splitlines()[1:] == ["Text enveloped in", "Text All men live"]


@pytest.mark.parametrize("kind", ["curl", "python"])
def test_code_without_regions_and_with_other_settings_runs(
    tab: Tab, page_service: ServiceProcess, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "plain.png").write_bytes(draw(LINES))
    tab.open_image(draw(LINES), "plain.png")
    tab.tab("settings")
    tab.page.get_by_label("Result type", exact=False).first.select_option("TextAndPdf")
    tab.page.get_by_label("Text detection").select_option("LineDetector")
    tab.page.get_by_label("Level skewed lines").uncheck()
    command = ["sh", "-c"] if kind == "curl" else [sys.executable, "-c"]
    told = run([*command, tab.code(kind)], page_service, tmp_path)
    if kind == "curl":
        assert [result["type"] for result in json.loads(told)["results"]] == ["Text", "Pdf"]
    else:
        assert told == "Ok\nText All men live\nenveloped in\n"
        assert (tmp_path / "result-2.pdf").read_bytes().startswith(b"%PDF")


def test_it_is_always_in_step(sheet: Tab) -> None:
    code = sheet.page.locator("#code")
    sheet.code("json")
    expect(code).to_contain_text('"topLeftY": 60')
    sheet.page.locator("#undo").click()
    expect(code).to_contain_text('"topLeftY": 60')
    assert len(sheet.request()["regions"]) == 2
    sheet.tab("regions")
    sheet.page.locator("#clear-regions").click()
    assert sheet.request()["regions"] == []
    sheet.tab("settings")
    sheet.page.get_by_label("Rotate").fill("180")
    assert sheet.request()["Rotate"] == 180
    sheet.open_image(draw(LINES), "other.png")
    expect(code).to_contain_text("<Base64 of other.png>")


def test_it_is_copied(sheet: Tab) -> None:
    shown = sheet.code("python")
    sheet.page.locator("#copy-code").click()
    expect(sheet.page.locator("#copy-code")).to_have_text("Copied")
    assert sheet.page.evaluate("navigator.clipboard.readText()").strip() == shown.strip()
