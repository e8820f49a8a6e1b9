"""Regions on the page: drawn, moved, resized, typed, ordered, duplicated, deleted, undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from browser import Tab
from harness import ServiceProcess, draw

SIZE = (700, 240)
LINES = ["All men live", "enveloped in", "whale-lines.", "Call me Ishmael."]


@pytest.fixture
def sheet(tab: Tab) -> Tab:
    tab.open_image(draw(LINES))
    return tab


def near(corners: tuple[int, ...], wanted: tuple[int, ...], by: int = 2) -> bool:
    return all(abs(a - b) <= by for a, b in zip(corners, wanted, strict=True))


def test_a_rectangle_is_drawn_where_the_mouse_was(sheet: Tab) -> None:
    sheet.drag(SIZE, (40, 30), (300, 90))
    expect(sheet.cards).to_have_count(1)
    assert near(sheet.corners(0), (40, 30, 300, 90))
    sheet.drag(SIZE, (500, 200), (320, 120))  # from the bottom right
    assert near(sheet.corners(1), (320, 120, 500, 200))
    expect(sheet.page.locator("#read")).to_have_text("Read 2 regions")


def test_drawing_stops_at_the_edge_of_the_image(sheet: Tab) -> None:
    sheet.drag(SIZE, (600, 180), (720, 260))
    left, top, right, bottom = sheet.corners(0)
    assert near((left, top), (600, 180))
    assert (right, bottom) == SIZE


def test_a_click_draws_nothing(sheet: Tab) -> None:
    sheet.drag(SIZE, (40, 30), (41, 30))
    expect(sheet.cards).to_have_count(0)


def test_dragging_moves_and_resizes(sheet: Tab) -> None:
    sheet.add(100, 60, 300, 120)
    sheet.drag(SIZE, (200, 90), (250, 130))
    assert near(sheet.corners(0), (150, 100, 350, 160))
    width = sheet.corners(0)[2] - sheet.corners(0)[0]
    assert width == 200, "moving keeps the size"
    left, top, right, bottom = sheet.corners(0)
    sheet.drag(SIZE, (right, bottom), (right + 60, bottom + 30))
    assert near(sheet.corners(0), (left, top, right + 60, bottom + 30))
    sheet.drag(SIZE, (left, (top + bottom) // 2), (left - 50, top))
    assert near(sheet.corners(0), (left - 50, top, right + 60, bottom + 30))


def test_a_moved_region_stays_in_the_image(sheet: Tab) -> None:
    sheet.add(100, 60, 300, 120)
    sheet.drag(SIZE, (200, 90), (10, 20))
    assert sheet.corners(0)[:2] == (0, 0)
    assert sheet.corners(0)[2:] == (200, 60)


def test_shift_draws_inside_a_region(sheet: Tab) -> None:
    sheet.add(10, 10, 690, 230)
    sheet.page.keyboard.down("Shift")
    sheet.drag(SIZE, (100, 60), (200, 120))
    sheet.page.keyboard.up("Shift")
    assert sheet.corners(0) == (10, 10, 690, 230)
    assert near(sheet.corners(1), (100, 60, 200, 120))


def test_escape_takes_back_a_drag_under_way(sheet: Tab) -> None:
    sheet.add(100, 60, 300, 120)
    scale, x, y = sheet.fit(*SIZE)
    sheet.page.mouse.move(x + 200 * scale, y + 90 * scale)
    sheet.page.mouse.down()
    sheet.page.mouse.move(x + 400 * scale, y + 150 * scale, steps=3)
    assert sheet.corners(0) != (100, 60, 300, 120)
    sheet.page.keyboard.press("Escape")
    sheet.page.mouse.up()
    assert sheet.corners(0) == (100, 60, 300, 120)


def test_typed_corners_are_exact_and_wrong_ones_are_told(sheet: Tab) -> None:
    sheet.add(13, 17, 411, 93)
    complaint = sheet.cards.nth(0).locator(".complaint")
    expect(complaint).to_be_hidden()
    sheet.cards.nth(0).locator("[data-edge=right]").fill("13")
    sheet.page.keyboard.press("Tab")
    expect(complaint).to_have_text("Right must be more than left, which is 13.")
    sheet.stage.focus()
    sheet.page.keyboard.press("Escape")
    expect(sheet.cards.nth(0).locator("[data-edge=right]")).to_be_visible()  # as long as it is wrong
    expect(sheet.cards.nth(0).locator("[data-edge=right]")).to_have_attribute("aria-invalid", "true")
    assert sheet.request()["regions"][0]["rect"]["bottomRightX"] == 411, "a wrong corner is not taken"
    sheet.tab("regions")
    sheet.cards.nth(0).locator("[data-edge=right]").fill("412")
    sheet.page.keyboard.press("Tab")
    expect(complaint).to_be_hidden()
    assert sheet.corners(0) == (13, 17, 412, 93)


def test_a_region_beyond_the_image_is_told(sheet: Tab) -> None:
    sheet.add(600, 100, 900, 200)
    note = sheet.cards.nth(0).locator(".note")
    expect(note).to_have_text("This region extends beyond the image of 700 × 240 pixels and will be cut.")
    sheet.type_corners(0, 720, 100, 900, 200)
    expect(note).to_have_text("This region is outside the image of 700 × 240 pixels and will not be read.")


def test_regions_are_ordered_by_dragging(sheet: Tab) -> None:
    for number, name in enumerate(("one", "two", "three")):
        sheet.add(10, 60 * number, 600, 60 * number + 50, name=name)
    grip = sheet.cards.nth(2).locator(".grip").bounding_box()
    first = sheet.cards.nth(0).bounding_box()
    assert grip is not None
    assert first is not None
    mouse = sheet.page.mouse
    mouse.move(grip["x"] + 10, grip["y"] + 10)
    mouse.down()
    mouse.move(grip["x"] + 10, first["y"] + 4, steps=6)
    mouse.up()
    assert sheet.names() == ["three", "one", "two"]
    expect(sheet.page.locator(".region .tag").first).to_have_text("1three")
    tops = [each["rect"]["topLeftY"] for each in sheet.request()["regions"]]
    assert tops == [120, 0, 60]


def test_a_long_list_scrolls_while_a_region_is_dragged(sheet: Tab) -> None:
    for number in range(16):
        sheet.add(10, 10 * number, 600, 10 * number + 50, name=str(number))
    sheet.page.evaluate("document.querySelector('#panel-regions').scrollTop = 0")
    grip, panel = (
        sheet.cards.nth(0).locator(".grip").bounding_box(),
        sheet.page.locator("#panel-regions").bounding_box(),
    )
    assert grip is not None
    assert panel is not None
    assert not sheet.page.evaluate(
        "document.querySelector('.card:last-child').getBoundingClientRect().top < innerHeight"
    )
    mouse = sheet.page.mouse
    mouse.move(grip["x"] + 10, grip["y"] + 10)
    mouse.down()
    mouse.move(grip["x"] + 10, panel["y"] + panel["height"] - 5, steps=4)
    expect(sheet.cards.nth(15)).to_have_class("card after")
    mouse.up()
    assert sheet.names()[-2:] == ["15", "0"]


def test_escape_leaves_the_order_as_it_was(sheet: Tab) -> None:
    for number in range(3):
        sheet.add(10, 10 * number, 600, 10 * number + 50, name=str(number))
    grip, first = sheet.cards.nth(2).locator(".grip").bounding_box(), sheet.cards.nth(0).bounding_box()
    assert grip is not None
    assert first is not None
    mouse = sheet.page.mouse
    mouse.move(grip["x"] + 10, grip["y"] + 10)
    mouse.down()
    mouse.move(grip["x"] + 10, first["y"] + 4, steps=4)
    expect(sheet.cards.nth(0)).to_have_class("card before")
    sheet.page.keyboard.press("Escape")
    expect(sheet.cards.nth(0)).to_have_class("card")
    mouse.up()
    assert sheet.names() == ["0", "1", "2"]


def test_a_copy_stays_in_the_image(sheet: Tab) -> None:
    sheet.add(500, 180, 700, 240)
    sheet.cards.nth(0).get_by_role("button", name="Duplicate").click()
    assert sheet.corners(1) == (485, 165, 685, 225)


def test_a_name_that_would_cover_another_region_is_shown_when_it_is_selected(sheet: Tab) -> None:
    sheet.add(0, 60, 700, 118, name="above")
    sheet.add(0, 120, 700, 178, name="beneath")
    sheet.select(0)
    names = sheet.page.locator(".region .tag-name")
    expect(names.nth(0)).to_be_visible()
    expect(names.nth(1)).to_be_hidden()
    sheet.select(1)
    expect(names.nth(1)).to_be_visible()


def test_duplicate_delete_undo_redo(sheet: Tab) -> None:
    sheet.add(100, 60, 300, 120, name="surname")
    page = sheet.page
    sheet.cards.nth(0).get_by_role("button", name="Duplicate").click()
    assert sheet.names() == ["surname", "surname (copy)"]
    assert sheet.corners(1) == (115, 75, 315, 135)
    sheet.cards.nth(0).get_by_role("button", name="Delete").click()
    assert sheet.names() == ["surname (copy)"]
    page.locator("#undo").click()
    assert sheet.names() == ["surname", "surname (copy)"]
    page.locator("#undo").click()
    assert sheet.names() == ["surname"]
    page.locator("#redo").click()
    page.locator("#redo").click()
    assert sheet.names() == ["surname (copy)"]
    expect(page.locator("#redo")).to_be_disabled()


def test_a_whole_drag_is_one_step_to_undo(sheet: Tab) -> None:
    sheet.drag(SIZE, (40, 30), (300, 90))
    drawn = sheet.corners(0)
    sheet.drag(SIZE, (150, 60), (250, 140))
    assert sheet.corners(0) != drawn
    sheet.page.keyboard.press("Control+z")
    assert sheet.corners(0) == drawn
    sheet.page.keyboard.press("Control+z")
    expect(sheet.cards).to_have_count(0)
    sheet.page.keyboard.press("Control+Shift+Z")
    assert sheet.corners(0) == drawn


def test_zoom_keeps_regions_in_place_and_the_picture_can_be_moved(sheet: Tab) -> None:
    sheet.add(100, 60, 300, 120)
    page = sheet.page
    zoom = page.locator("#zoom")
    fitted = zoom.inner_text()
    page.locator("#zoom-one").click()
    expect(zoom).to_have_text("100%")
    box = page.locator(".region").bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (200, 60)
    stage = sheet.stage.bounding_box()
    assert stage is not None
    page.mouse.move(box["x"] + 100, box["y"] + 30)
    page.mouse.wheel(30, 20)  # the wheel moves the picture
    page.wait_for_function(
        "([x, y]) => { const b = document.querySelector('.region').getBoundingClientRect();"
        " return Math.abs(b.x - x) < 1 && Math.abs(b.y - y) < 1 }",
        arg=[box["x"] - 30, box["y"] - 20],
    )
    page.locator("#mode-pan").click()
    page.mouse.move(stage["x"] + 30, stage["y"] + 30)
    page.mouse.down()
    page.mouse.move(stage["x"] + 70, stage["y"] + 60, steps=4)
    page.mouse.up()
    moved = page.locator(".region").bounding_box()
    assert moved is not None
    assert abs(moved["x"] - box["x"] - 10) <= 1
    assert abs(moved["y"] - box["y"] - 10) <= 1
    expect(sheet.cards).to_have_count(1)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(zoom).not_to_have_text("100%")
    page.locator("#zoom-fit").click()
    expect(zoom).to_have_text(fitted)


def test_fingers_draw_move_resize_and_pinch(open_tab: Callable[..., Tab], page_service: ServiceProcess) -> None:
    tab = open_tab(page_service, has_touch=True, viewport={"width": 390, "height": 800})
    expect(tab.page.locator(".camera")).to_be_visible()
    tab.open_image(draw(LINES))
    tab.stage.scroll_into_view_if_needed()
    touch = tab.page.context.new_cdp_session(tab.page)
    scale, x, y = tab.fit(*SIZE)

    def send(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x + px * scale, "y": y + py * scale, "id": number} for number, (px, py) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def slide(x0: int, y0: int, x1: int, y1: int) -> None:
        send("touchStart", (x0, y0))
        for step in range(1, 6):
            send("touchMove", (x0 + (x1 - x0) * step / 5, y0 + (y1 - y0) * step / 5))
        send("touchEnd")

    slide(100, 60, 300, 160)
    expect(tab.cards).to_have_count(1)
    drawn = tab.corners(0)
    assert near(drawn, (100, 60, 300, 160), by=4)
    slide(200, 110, 240, 130)
    moved = tab.corners(0)
    assert near(moved, (drawn[0] + 40, drawn[1] + 20, drawn[2] + 40, drawn[3] + 20), by=4)
    slide(moved[2], moved[3], moved[2] + 60, moved[3] + 30)
    resized = tab.corners(0)
    assert resized[:2] == moved[:2]
    assert near(resized[2:], (moved[2] + 60, moved[3] + 30), by=4)
    before = tab.page.locator("#zoom").inner_text()
    send("touchStart", (200, 100), (300, 100))
    for step in range(1, 6):
        send("touchMove", (200 - 15 * step, 100), (300 + 15 * step, 100))
    send("touchEnd")
    expect(tab.page.locator("#zoom")).not_to_have_text(before)
    expect(tab.cards).to_have_count(1)
    assert tab.corners(0) == resized
