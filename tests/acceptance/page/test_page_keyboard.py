"""The page without a mouse: everything from opening an image to copying a result."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser import Tab
from harness import draw

LINES = ["All men live", "enveloped in"]


@pytest.fixture
def sheet(tab: Tab) -> Tab:
    tab.open_image(draw(LINES))
    tab.stage.focus()
    return tab


def tab_to(tab: Tab, selector: str, key: str = "Tab") -> None:
    """Press Tab until an element has the focus."""
    for _ in range(80):
        if tab.page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        tab.page.keyboard.press(key)
    raise AssertionError(f"Tab never comes to {selector}")


def said(tab: Tab, text: str | re.Pattern[str]) -> None:
    """What a screen reader is told."""
    expect(tab.page.locator("#announcements")).to_contain_text(text)


def test_from_the_first_key_to_the_copied_text(fresh_tab: Tab) -> None:
    tab = fresh_tab
    page, press = tab.page, tab.page.keyboard.press
    press("Tab")
    expect(page.locator(".skip").first).to_be_focused()
    tab_to(tab, "#example")
    press("Enter")
    expect(page.locator(".region")).to_have_count(4)
    expect(tab.stage).to_be_focused()
    tab_to(tab, ".region:nth-of-type(4)")
    press("Delete")
    expect(page.locator(".region")).to_have_count(3)
    tab_to(tab, "#read")
    press("Enter")
    expect(page.locator("#outcome")).to_be_visible()
    tab_to(tab, ".card .text")
    press("ArrowRight")
    said(tab, re.compile(r"^Melville, \d+%$"))
    expect(page.locator(".bubble")).to_have_text(re.compile(r"^Melville\d+%$"))
    tab_to(tab, ".card .result-facts button")
    press("Enter")
    assert page.evaluate("navigator.clipboard.readText()") == "Melville"


def test_many_regions_can_be_skipped(sheet: Tab) -> None:
    for number in range(3):
        sheet.add(10, 10 * number, 600, 10 * number + 50)
    sheet.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    sheet.page.locator(".skip").first.focus()
    sheet.page.keyboard.press("Tab")
    expect(sheet.page.get_by_role("link", name="To the regions and results")).to_be_focused()
    sheet.page.keyboard.press("Enter")
    expect(sheet.page.locator("#panel")).to_be_focused()
    sheet.page.keyboard.press("Tab")
    expect(sheet.page.locator("#read")).to_be_focused()


def test_the_file_chooser_can_be_reached(tab: Tab) -> None:
    # Choosers are caught from the first listener on; what follows here gives the browser time to begin with it.
    tab.page.on("filechooser", lambda _: None)
    tab_to(tab, "#choose")
    with tab.page.expect_file_chooser() as coming:
        tab.page.keyboard.press("Enter")
    coming.value.set_files({"name": "form.png", "mimeType": "image/png", "buffer": draw(LINES)})
    expect(tab.page.locator("#image-facts")).to_contain_text("form.png")


def test_a_region_is_made_moved_resized_named_and_removed(sheet: Tab) -> None:
    press = sheet.page.keyboard.press
    press("n")
    expect(sheet.page.locator(".region")).to_be_focused()
    left, top, right, bottom = sheet.corners(0)
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        press(key)
    press("Shift+ArrowLeft")
    assert sheet.corners(0) == (left - 8, top + 1, right - 8, bottom + 1)
    press("Alt+ArrowRight")
    press("Alt+Shift+ArrowUp")
    assert sheet.corners(0) == (left - 8, top + 1, right - 7, bottom - 9)
    said(sheet, f"Region 1: left {left - 8}, top {top + 1}, right {right - 7}, bottom {bottom - 9}")
    press("Enter")
    sheet.page.keyboard.type("surname")
    assert sheet.names() == ["surname"]
    tab_to(sheet, ".region", "Shift+Tab")
    press("Control+d")
    assert sheet.names() == ["surname", "surname (copy)"]
    press("Delete")
    press("Delete")
    expect(sheet.cards).to_have_count(0)
    expect(sheet.stage).to_be_focused()
    press("Control+z")
    press("Control+z")
    press("Control+y")
    assert sheet.names() == ["surname"]


def test_key_presses_that_follow_each_other_are_one_step_to_undo(sheet: Tab) -> None:
    press = sheet.page.keyboard.press
    press("n")
    start = sheet.corners(0)
    for _ in range(5):
        press("ArrowRight")
    press("Control+z")
    assert sheet.corners(0) == start


def test_the_edges_stop_at_the_image_and_at_each_other(sheet: Tab) -> None:
    press = sheet.page.keyboard.press
    sheet.add(2, 3, 5, 6)
    tab_to(sheet, ".region", "Shift+Tab")
    press("Shift+ArrowLeft")
    press("Shift+ArrowUp")
    assert sheet.corners(0) == (0, 0, 3, 3)
    press("Alt+Shift+ArrowLeft")
    press("Alt+Shift+ArrowUp")
    assert sheet.corners(0) == (0, 0, 1, 1)


def test_the_order_is_changed(sheet: Tab) -> None:
    for name in ("one", "two", "three"):
        sheet.add(10, 10, 100, 50, name=name)
    sheet.cards.nth(2).locator(".grip").focus()
    sheet.page.keyboard.press("ArrowUp")
    said(sheet, "Now 2 of 3.")
    expect(sheet.cards.nth(1).locator(".grip")).to_be_focused()
    sheet.page.keyboard.press("Home")
    assert sheet.names() == ["three", "one", "two"]


def test_the_picture_is_zoomed_and_moved(sheet: Tab) -> None:
    press, zoom = sheet.page.keyboard.press, sheet.page.locator("#zoom")
    sheet.add(100, 20, 200, 80)
    sheet.stage.focus()
    fitted = zoom.inner_text()
    press("1")
    expect(zoom).to_have_text("100%")
    before = sheet.page.locator(".region").bounding_box()
    press("ArrowRight")
    after = sheet.page.locator(".region").bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == pytest.approx(before["x"] - 50, abs=1)
    press("+")
    expect(zoom).to_have_text("125%")
    press("-")
    press("0")
    expect(zoom).to_have_text(fitted)


def test_tabs_follow_the_arrow_keys(tab: Tab) -> None:
    tab.page.locator("#tab-regions").focus()
    for name in ("settings", "templates", "code", "regions"):
        tab.page.keyboard.press("ArrowRight")
        expect(tab.page.locator(f"#tab-{name}")).to_be_focused()
        expect(tab.page.locator(f"#panel-{name}")).to_be_visible()
    tab.page.keyboard.press("End")
    expect(tab.page.locator("#tab-code")).to_be_focused()


def test_deleting_in_the_list_leaves_the_focus_in_the_list(sheet: Tab) -> None:
    for name in ("one", "two"):
        sheet.add(10, 10, 100, 50, name=name)
    sheet.cards.nth(0).get_by_role("button", name="Delete one").focus()
    sheet.page.keyboard.press("Enter")
    expect(sheet.cards.nth(0).locator(".name")).to_be_focused()
    said(sheet, "one deleted.")


def test_a_dialog_is_left_by_escape(tab: Tab) -> None:
    tab.page.locator("#sign-in").focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_label("Client id")).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("#sign-in-dialog")).to_be_hidden()
    expect(tab.page.locator("#sign-in")).to_be_focused()
