"""Searchable PDFs in pdf.js, the viewer of Firefox: what a user selects there, and where it is marked."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from browser import HOW_TO_INSTALL, find_chromium
from whaleline.imaging.geometry import bounds
from whaleline.results import Reading, pdf, pdf_document

PDF_JS = Path("/usr/share/javascript/pdf/build")
"""Where Debian's package libjs-pdf has it."""

SHOW = """async (file) => {
    const data = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0));
    const page = await (await pdfjsLib.getDocument({data}).promise).getPage(1);
    const layer = document.querySelector("#layer");
    layer.replaceChildren();
    const viewport = page.getViewport({scale: 1});
    await pdfjsLib.renderTextLayer(
        {textContent: await page.getTextContent(), container: layer, viewport, textDivs: []}).promise;
    getSelection().selectAllChildren(layer);
    const spans = [...layer.querySelectorAll("span")].filter((span) => span.textContent.trim());
    return {
        selected: getSelection().toString(),
        placed: spans.map((span) => {
            const box = span.getBoundingClientRect();
            return [span.textContent, box.left, box.top, box.right, box.bottom];
        }),
    };
}"""
"""The text of a file's first page, as selecting all of it gives it; and where each piece is, in points."""

LAYER = """<style>body { margin: 0 } #layer { position: relative; width: 1000px; height: 1000px; line-height: 1 }
#layer span, #layer br { position: absolute; white-space: pre; transform-origin: 0 0 }</style><div id="layer"></div>"""


@pytest.fixture(scope="module")
def viewer() -> Iterator[Tab]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(HOW_TO_INSTALL)
    if not PDF_JS.is_dir():
        pytest.skip("pdf.js is missing, so nothing was selected in it; as root: apt-get install libjs-pdf")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        tab = browser.new_page()
        tab.set_content(LAYER)
        for script in ("pdf.js", "pdf.worker.js"):
            tab.add_script_tag(path=PDF_JS / script)
        yield tab
        browser.close()


@pytest.mark.parametrize(
    ("lines", "right_to_left"),
    [
        (["Größe naïve €", "Привет мир Ελληνικά"], False),
        (["日本語 文字", "한국어 문장", "क्षत्रिय हिन्दी"], False),
        (["שלום עולם טוב", "עוד שורה"], True),
        (["مرحبا العالم", "كتاب"], True),
    ],
)
def test_what_is_selected_is_what_was_read_where_it_was_read(
    viewer: Tab, typeset: Callable[..., Reading], lines: list[str], right_to_left: bool
) -> None:
    reading = typeset(lines, right_to_left=right_to_left)
    data = pdf_document.join([pdf.write(reading)], "en")
    shown = viewer.evaluate(SHOW, base64.b64encode(data).decode())
    assert shown["selected"].split() == reading.page.text.split()
    points = 72 / 300
    for line in (line for block in reading.page.blocks for line in block.lines):
        true = bounds([word.box for word in line.words])
        words = {word.text for word in line.words}
        found = [box for text, *box in shown["placed"] if set(text.split()) <= words]
        left, top, right, bottom = zip(*found, strict=True)
        assert min(left) == pytest.approx(points * true.left, abs=1)
        if not any(unicodedata.category(sign) == "Mn" for sign in line.text):  # pdf.js gives these signs no width
            assert max(right) == pytest.approx(points * true.right, abs=1)
        # It takes where a letter stands from its own font, whatever the file's font says.
        assert (min(top), max(bottom)) == pytest.approx(
            (points * true.top, points * true.bottom), abs=0.25 * points * 40
        )
