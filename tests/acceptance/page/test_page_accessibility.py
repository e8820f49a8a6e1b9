"""What axe-core finds on every view of the page, and that no view is wider than its window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import expect

import corpus
from browser import Tab
from corpus import Sheet
from harness import ServiceProcess, draw

LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1280, "height": 860}},
    {"viewport": {"width": 360, "height": 740}, "locale": "de-DE"},
    {"viewport": {"width": 1920, "height": 1080}, "locale": "es-ES", "reduced_motion": "reduce"},
]

# The rule of labels is not among those that axe-core applies by itself: who speaks to a page says what stands there.
ALL = {"rules": {"label-content-name-mismatch": {"enabled": True}}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that a set of colours can change."""
NAMES = {
    "runOnly": {"type": "rule", "values": ["label-content-name-mismatch", "button-name", "label", "link-name"]},
    "rules": ALL["rules"],
}
"""All that a language can change in a window that has room."""

Check = Callable[[str], None]
"""Looks at the page as it is now, which has a name."""


def check(tab: Tab, options: dict[str, Any], view: str) -> None:
    assess(tab, NAMES if options is LOOKS[2] else ALL, view)
    if options is LOOKS[0]:  # the colours are the same at every width
        tab.page.emulate_media(color_scheme="dark")
        assess(tab, COLOURS, f"{view}, dark")
        tab.page.emulate_media(color_scheme="light")
    # No sideways scrolling.
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


def assess(tab: Tab, rules: dict[str, Any], view: str) -> None:
    # Of what is well, one node for each rule will do; to tell of all takes longer than to find it.
    if not tab.page.evaluate("'axe' in window"):
        tab.page.evaluate(AXE_SCRIPT)
    response = tab.page.evaluate("options => axe.run(options)", {**rules, "resultTypes": ["violations"]})
    assert response["passes"], "axe-core has looked"
    found = response["violations"]
    told = [f"{each['id']} ({each['impact']}): {[node['html'][:120] for node in each['nodes']]}" for each in found]
    assert told == [], view


@pytest.mark.sampled(2)
@pytest.mark.parametrize("options", LOOKS, ids=["usual", "narrow", "wide"])
def test_every_view_is_accessible(
    open_tab: Callable[..., Tab], page_service: ServiceProcess, options: dict[str, Any]
) -> None:
    tab = open_tab(page_service, **options)
    look = partial(check, tab, options)
    look("empty")
    read(tab, look)
    keep_a_template(tab, look)
    if tab.page.locator("#sign-in").is_visible():
        tab.page.locator("#sign-in").click()
        look("sign-in")
        tab.page.keyboard.press("Escape")
    read_files(tab, look)
    tab.page.locator("#to-tasks").click()
    expect(tab.page.locator("#tasks tr").first).to_be_visible()
    look("tasks")
    tab.page.locator("#tasks .button:enabled").first.click()
    expect(tab.page.locator("#outcome")).to_be_visible()
    look("opened task")


def read(tab: Tab, look: Check) -> None:
    tab.open_image(draw(["All men live", "enveloped in"]), f"{'0123456789abcdef' * 12}.png")
    tab.add(0, 0, 700, 60, name="first")
    tab.add(0, 60, 900, 120)
    tab.select(0)
    tab.read()
    tab.page.locator(".help summary").click()
    tab.page.locator(".card .word").first.hover()
    look("read")
    tab.select(1)
    tab.cards.nth(1).locator("[data-edge=right]").fill("")
    tab.page.keyboard.press("Tab")
    look("wrong corner")
    for name in ("settings", "templates", "code"):
        tab.tab(name)
        look(name)


def keep_a_template(tab: Tab, look: Check) -> None:
    tab.tab("templates")
    tab.page.locator("#template-name").fill("Form 7")
    tab.page.keyboard.press("Enter")
    tab.page.locator(".template .button").last.click()
    look("question")
    tab.page.locator("dialog[open] .button.danger").click()
    expect(tab.page.locator(".template")).to_have_count(0)


def read_files(tab: Tab, look: Check) -> None:
    page = tab.page
    page.locator("#to-files").click()
    look("no files")
    page.set_input_files("#choose-files", {"name": "a.png", "mimeType": "image/png", "buffer": draw(["Ahab"])})
    page.locator("#to-read").click()
    pages = [Image.new("L", (200, 100), 255) for _ in range(3)]
    tab.open_image(corpus.pdf(*[Sheet((72, 36), page) for page in pages]), "pages.pdf", "application/pdf")
    if page.locator("dialog[open]").is_visible():  # regions were drawn on an image of another size
        page.locator("dialog[open] .button").first.click()
    expect(page.locator("#pages img")).to_have_count(3)
    tab.tab("regions")
    expect(page.locator("#marking")).to_be_visible()
    look("pages, while a file waits")
    page.locator("#to-files").click()
    page.locator("#read-files").click()
    expect(page.locator("#files-rows .state")).to_have_attribute("data-state", "done")
    look("files")
    page.locator("#files-rows .value").first.click()
    look("review")
    page.keyboard.press("Escape")


def test_what_screen_readers_are_told_of_a_region(tab: Tab) -> None:
    tab.open_image(draw(["All men live"]))
    tab.add(10, 5, 300, 55, name="surname")
    region = tab.page.locator(".region")
    expect(region).to_have_attribute("aria-label", "1, surname: left 10, top 5, right 300, bottom 55, 290 by 50 pixels")
    expect(tab.page.get_by_label("Left edge of surname, in pixels")).to_have_value("10")
