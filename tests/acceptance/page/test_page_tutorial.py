"""The steps on the page that docs/tutorial.md describes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from browser import Tab, content

FOLDER = Path(__file__).parents[3] / "docs"


def test_the_tutorial_s_scans_become_the_table_that_it_shows(tab: Tab) -> None:
    (shown,) = re.findall(r"^```csv\n(.*?)^```$", (FOLDER / "tutorial.md").read_text(), re.DOTALL | re.MULTILINE)
    scans = sorted((FOLDER / "tutorial" / "scans").iterdir())
    tab.open_image(scans[0].read_bytes(), scans[0].name)
    for field in json.loads((FOLDER / "tutorial" / "voyage.json").read_text())["fields"]:
        if field.get("kind") != "checkmark":
            tab.add(*field["rect"].values(), name=field["name"])
    tab.page.locator("#to-files").click()
    tab.page.set_input_files("#choose-files", scans)
    tab.page.locator("#read-files").click()
    expect(tab.page.locator("#files-done")).to_have_text("3 of 3 files")
    with tab.page.expect_download() as coming:
        tab.page.locator("[data-files=csv]").click()
    assert content(coming.value)[1].decode("utf-8-sig").replace("\r\n", "\n") == shown
