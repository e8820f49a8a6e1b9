"""Documents of many pages on the page: small pictures of them, the way from one to the next, and regions on each."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Route, expect

import corpus
from browser import Tab, content, longest_task
from corpus import Sheet
from harness import LINE_HEIGHT, ServiceProcess, draw, wait_until

CREW = ("Queequeg", "Daggoo", "Tashtego")


def document(*names: str) -> bytes:
    pages = [Image.open(io.BytesIO(draw([name], 400))).convert("L") for name in names]
    return corpus.pdf(*[Sheet((page.width * 0.36, page.height * 0.36), page) for page in pages])


@pytest.fixture
def crew(tab: Tab) -> Tab:
    tab.open_image(document(*CREW), "crew.pdf", "application/pdf")
    return tab


def turn_to(tab: Tab, number: int) -> None:
    tab.page.get_by_role("button", name=f"Page {number}", exact=True).click()
    expect(tab.page.locator("#image-facts")).to_contain_text(f"page {number} of")


def test_pages_are_shown_and_all_are_read(crew: Tab) -> None:
    expect(crew.page.locator("#image-facts")).to_have_text("crew.pdf, page 1 of 3, 400 × 60 pixels")
    expect(crew.page.locator("#pages .page")).to_have_count(3)
    expect(crew.page.locator("#pages img")).to_have_count(3)  # drawn by the service
    expect(crew.page.locator("#read")).to_have_text("Read all 3 pages")
    crew.read()
    assert crew.texts() == [CREW[0]]  # of the page that is open
    assert crew.download("Text")[1].decode() == "\n".join([*CREW, ""])
    turn_to(crew, 2)
    assert crew.texts() == [CREW[1]]
    with crew.page.expect_download() as coming:
        crew.page.locator("[data-download=Pdf]").click()
    assert content(coming.value)[1].startswith(b"%PDF")
    crew.page.locator("#to-tasks").click()
    task = crew.page.locator("#tasks tr", has_text="crew.pdf")
    expect(task).to_contain_text("RecognizeImage, 3 pages")


def test_regions_belong_to_a_page(crew: Tab) -> None:
    crew.add(0, 0, 400, LINE_HEIGHT, name="first")
    turn_to(crew, 3)
    expect(crew.page.locator(".region")).to_have_count(0)
    crew.add(0, 0, 400, LINE_HEIGHT, name="third")
    expect(crew.page.locator(".region")).to_have_count(1)
    assert [each.get("page", 1) for each in crew.request()["regions"]] == [1, 3]
    crew.tab("regions")
    crew.read()
    assert crew.texts() == [CREW[0], CREW[2]]
    # Who goes to a region by its card sees its page; the keys turn pages, too.
    crew.select(0)
    expect(crew.page.locator("#image-facts")).to_contain_text("page 1 of 3")
    expect(crew.page.locator(".region")).to_have_attribute(
        "aria-label", "1, first: left 0, top 0, right 400, bottom 60, 400 by 60 pixels"
    )
    crew.stage.focus()
    crew.page.keyboard.press("PageDown")
    expect(crew.page.locator("#image-facts")).to_contain_text("page 2 of 3")
    crew.page.get_by_label("Page", exact=True).fill("3")
    crew.page.keyboard.press("Enter")
    expect(crew.page.locator("#image-facts")).to_contain_text("page 3 of 3")


def test_regions_are_found_on_the_page_that_is_open(crew: Tab) -> None:
    turn_to(crew, 2)
    crew.page.locator("#find-regions").click()
    expect(crew.cards).to_have_count(1)
    assert crew.request()["regions"][0]["page"] == 2
    crew.tab("regions")
    crew.read()
    assert crew.texts() == [CREW[1]]


def test_the_pile_tells_how_many_pages_of_a_file_are_done(fresh_tab: Tab, page_service: ServiceProcess) -> None:
    tab = fresh_tab

    def told(route: Route) -> None:
        """The service's words on a document in the middle of its reading, for a moment that no test could hold."""
        answer = route.fetch()
        tasks = answer.json()
        for task in tasks["tasks"]:
            task["pages"] = {"done": 1, "all": 3}
        route.fulfill(response=answer, json=tasks)

    tab.page.locator("#to-files").click()
    crew: FilePayload = {"name": "crew.pdf", "mimeType": "application/pdf", "buffer": document(*CREW)}
    tab.page.set_input_files("#choose-files", crew)
    row = tab.page.locator("#files-rows tr")
    expect(row).to_contain_text("3 pages")
    paper = "document.querySelector('.thumbnail').getContext('2d').getImageData(1, 18, 1, 1).data[3] === 255"
    tab.page.wait_for_function(paper)  # the first page is drawn, by the service
    tab.page.route("**/api/tasks", told)
    with page_service.frozen_workers():
        tab.page.locator("#read-files").click()
        expect(row).to_contain_text("1 of 3 pages")
        for bar in (row.get_by_role("progressbar", name="1 of 3 pages"), tab.page.locator("#files-progress")):
            expect(bar).to_have_js_property("value", 1)
            expect(bar).to_have_js_property("max", 3)
    tab.page.unroute("**/api/tasks")
    expect(row.locator(".state")).to_have_text("Done")
    expect(row).to_contain_text("3 pages")


def test_three_hundred_pages_stay_smooth(fresh_tab: Tab) -> None:
    tab = fresh_tab
    tab.open_image(document(*(f"page {n}" for n in range(1, 301))), "logbook.pdf", "application/pdf")
    page, strip = tab.page, tab.page.locator("#pages")
    expect(strip.locator("img").first).to_be_visible()
    nodes = page.evaluate("document.querySelectorAll('*').length")
    # No worker is asked for pictures while this is measured, so that what is slow is the page itself.
    page.route("**/api/documents/*/pages/*", lambda route: route.abort())
    scroll = (
        "to => { const strip = document.querySelector('#pages'); strip.scrollLeft = to * strip.scrollWidth / 300; }"
    )
    assert longest_task(page, scroll, range(300, -1, -6)) < 0.1
    assert strip.locator(".page").count() < 60
    assert page.evaluate("document.querySelectorAll('*').length") < nodes + 60
    page.unroute("**/api/documents/*/pages/*")
    tab.complaints.clear()  # of the requests that were broken off above
    page.get_by_label("Page", exact=True).fill("300")
    page.keyboard.press("Enter")
    expect(page.locator("#image-facts")).to_contain_text("page 300 of 300")

    def is_drawn() -> bool:
        return bool(page.get_by_role("button", name="Page 300", exact=True).locator("img").count())

    wait_until(is_drawn, "the picture of the last page")
    memory = page.evaluate("performance.memory.usedJSHeapSize")
    assert memory < 64 * 2**20, json.dumps(memory)
