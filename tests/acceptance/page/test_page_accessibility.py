"""What axe-core finds on every view of the page, and that no view is wider than its window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

import corpus
from browser import Tab
from corpus import Sheet
from harness import ServiceProcess, draw

LOOKS: list[dict[str, Any]] = [
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}},
    {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}, "locale": "es-ES"},
    {"color_scheme": "light", "viewport": {"width": 360, "height": 740}, "locale": "de-DE"},
    {"color_scheme": "dark", "viewport": {"width": 1920, "height": 1080}, "reduced_motion": "reduce"},
]
"""Both sets of colours, and every width; neither depends on the other."""

# Not among those that axe-core applies by itself: who speaks to a page says what stands on a button.
OPTIONS = {"rules": {"label-content-name-mismatch": {"enabled": True}}}


def check(tab: Tab, view: str) -> None:
    response = Axe().run(tab.page, options=OPTIONS).response
    assert len(response["passes"]) > 15, "axe-core has looked"
    found = response["violations"]
    told = [f"{each['id']} ({each['impact']}): {[node['html'][:120] for node in each['nodes']]}" for each in found]
    assert told == [], view
    # No sideways scrolling.
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "narrow", "wide and dark"])
def test_every_view_is_accessible(
    open_tab: Callable[..., Tab], page_service: ServiceProcess, look: dict[str, Any]
) -> None:
    tab = open_tab(page_service, **look)
    page = tab.page
    check(tab, "empty")
    tab.open_image(draw(["All men live", "enveloped in"]))
    tab.add(0, 0, 700, 60, name="first")
    tab.add(0, 60, 900, 120)
    tab.select(0)
    tab.read()
    page.locator(".help summary").click()
    page.locator(".card .word").first.hover()
    check(tab, "read")
    tab.select(1)
    tab.cards.nth(1).locator("[data-edge=right]").fill("")
    page.keyboard.press("Tab")
    check(tab, "wrong corner")
    for name in ("settings", "templates", "code"):
        tab.tab(name)
        check(tab, name)
    tab.tab("templates")
    page.locator("#template-name").fill("Form 7")
    page.keyboard.press("Enter")
    page.locator(".template .button").last.click()
    check(tab, "question")
    page.locator("dialog[open] .button.danger").click()
    expect(page.locator(".template")).to_have_count(0)
    if page.locator("#sign-in").is_visible():
        page.locator("#sign-in").click()
        check(tab, "sign-in")
        page.keyboard.press("Escape")
    pages = [Image.new("L", (200, 100), 255) for _ in range(3)]
    tab.open_image(corpus.pdf(*[Sheet((72, 36), page) for page in pages]), "pages.pdf", "application/pdf")
    if page.locator("dialog[open]").is_visible():  # regions were drawn on an image of another size
        page.locator("dialog[open] .button").first.click()
    expect(page.locator("#pages img")).to_have_count(3)
    check(tab, "pages")
    page.locator("#to-files").click()
    check(tab, "no files")
    page.set_input_files("#choose-files", {"name": "a.png", "mimeType": "image/png", "buffer": draw(["Ahab"])})
    page.locator("#read-files").click()
    expect(page.locator("#files-rows .state")).to_have_attribute("data-state", "done")
    check(tab, "files")
    page.locator("#files-rows .value").first.click()
    check(tab, "review")
    page.keyboard.press("Escape")
    page.locator("#to-tasks").click()
    expect(page.locator("#tasks tr").first).to_be_visible()
    check(tab, "tasks")
    page.locator("#tasks .button:enabled").first.click()
    expect(page.locator("#outcome")).to_be_visible()
    check(tab, "opened task")


def test_what_screen_readers_are_told_of_a_region(tab: Tab) -> None:
    tab.open_image(draw(["All men live"]))
    tab.add(10, 5, 300, 55, name="surname")
    region = tab.page.locator(".region")
    expect(region).to_have_attribute("aria-label", "1, surname: left 10, top 5, right 300, bottom 55, 290 by 50 pixels")
    expect(tab.page.get_by_label("Left edge of surname, in pixels")).to_have_value("10")
