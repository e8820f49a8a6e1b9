"""The page in several languages: chosen by the browser or by hand, and every text from the file of messages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import FilePayload, Route, expect

from browser import Tab, content
from harness import LINE_HEIGHT, ServiceProcess, draw

# All texts of the document, shown or not, beside those that are the same in every language: the names and values of the
# API, what is marked as not to be translated, and messages, which stand between brackets here.
FOREIGN = r"""() => {
  const found = [];
  const same = [
    '[translate=no]', 'code', 'script', 'style', 'noscript', '#settings option', '.detail-language option',
    '#tasks td:nth-child(3)', 'td .muted:not(.state-code)',
    ':is([data-state=failed], [data-state=Error]) ~ .state-code',
  ];
  const isSame = (node) => node.closest(same.join());
  const take = (text) => {
    let rest = text;
    for (let before = null; before !== rest; ) [before, rest] = [rest, rest.replace(/⟦[^⟦⟧]*⟧/g, '')];
    if (/\p{L}/u.test(rest.replace(/\d\.png/, ''))) found.push(text.trim());
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!isSame(walk.currentNode.parentElement)) take(walk.currentNode.data);
  for (const name of ['aria-label', 'title', 'aria-roledescription', 'data-drop', 'data-label']) {
    for (const node of document.querySelectorAll(`[${name}]:not(.edges input)`)) {
      if (!isSame(node)) take(node.getAttribute(name));
    }
  }
  return [document.title, ...found].filter((text) => !/^⟦/.test(text));
}"""


def bracketed(route: Route) -> None:
    """The English messages, each between brackets."""

    def mark(value: Any) -> Any:
        if isinstance(value, dict):
            return {form: mark(text) for form, text in value.items()}
        return "`".join(f"⟦{part}⟧" for part in value.split("`"))  # each part becomes a text of the document

    answer = route.fetch()
    route.fulfill(response=answer, body=json.dumps({name: mark(text) for name, text in answer.json().items()}))


def test_no_text_of_the_page_stands_outside_the_messages(fresh_tab: Tab) -> None:
    tab, page = fresh_tab, fresh_tab.page
    page.route(re.compile(r"/messages\.en\.json$"), bracketed)
    tab.open()
    assert page.evaluate(FOREIGN) == []
    page.set_input_files("#choose", {"name": "1.png", "mimeType": "image/png", "buffer": draw(["1822", "1819"])})
    for number in range(2):
        page.locator("#add-region").click()
        tab.type_corners(number, 0, 0, 700, LINE_HEIGHT)
    tab.read()
    page.locator(".card .word").first.hover()
    page.locator("#toggle-unread").click()
    expect(page.locator("#toggle-unread")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(FOREIGN) == []
    page.locator("#template-name").evaluate("(input) => input.form.requestSubmit()")
    expect(page.locator("#template-message")).to_be_attached()
    page.locator("#to-files").click()
    pile: list[FilePayload] = [
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": draw([str(n) * 4]) if n else b"none"} for n in range(3)
    ]
    page.set_input_files("#choose-files", pile)
    page.locator("#read-files").click()
    expect(page.locator("#files-rows .state[data-state=done]")).to_have_count(2)
    page.locator("#files-rows .value").first.click()
    assert page.evaluate(FOREIGN) == []
    page.keyboard.press("Escape")
    page.locator("#forget-files").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(FOREIGN) == []
    page.keyboard.press("Escape")
    page.locator("#to-tasks").click()
    expect(page.locator("#tasks tr").first).to_be_visible()
    assert page.evaluate(FOREIGN) == []


def test_the_browser_or_its_user_chooses_the_language(
    open_tab: Callable[..., Tab], page_service: ServiceProcess
) -> None:
    tab = open_tab(page_service, locale="de-AT")
    page = tab.page
    tab.open_image(draw(["Ahab"]))
    tab.read()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#outcome-text")).to_have_text("Das ganze Bild wurde gelesen.")
    expect(page.locator(".card .confidence")).to_have_text(re.compile(r"^\d+\s%$"))
    page.locator("#page-language").select_option("Español")
    expect(page.locator("html[data-ready]")).to_have_attribute("lang", "es")
    # What is open has stayed, and speaks Spanish, too.
    expect(page.locator("#outcome-text")).to_have_text("Se leyó toda la imagen.")
    page.set_viewport_size({"width": 390, "height": 844})
    for view in ("#to-read", "#to-files", "#to-tasks"):
        page.locator(view).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    expect(page.locator("#to-tasks")).to_have_text("Tareas")


def test_files_have_the_same_columns_in_every_language(
    open_tab: Callable[..., Tab], page_service: ServiceProcess
) -> None:
    page = open_tab(page_service, locale="es").page
    page.locator("#to-files").click()
    page.set_input_files("#choose-files", {"name": "1.png", "mimeType": "image/png", "buffer": draw(["Ahab"])})
    page.locator("#read-files").click()
    expect(page.locator("#files-rows .state[data-state=done]")).to_be_visible()
    expect(page.locator("#files-head th").nth(2)).to_have_text("Texto")
    with page.expect_download() as coming:
        page.locator("[data-files=csv]").click()
    assert content(coming.value)[1].decode("utf-8-sig").splitlines()[0] == "file,Text,note"
    with page.expect_download() as coming:
        page.locator("[data-files=json]").click()
    assert [field["name"] for row in json.loads(content(coming.value)[1]) for field in row["fields"]] == ["Text"]
