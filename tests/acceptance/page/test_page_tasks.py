"""The view of tasks, and the API beneath it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from browser import Tab
from harness import Api, ServiceProcess, draw, line_region, wait_until

LINES = ["All men live", "enveloped in"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("own") / "data", workers=1).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture
def client(own: ServiceProcess) -> Api:
    """The service as its page sees it that was opened by the link, with no tasks yet."""
    client = own.connect(token=own.page_token())
    for task in client.http.get("/api/tasks").json()["tasks"]:
        client.cancel(task["id"])
    return client


def test_the_list_tells_state_age_and_duration(own: ServiceProcess, client: Api, open_tab: Callable[..., Tab]) -> None:
    done = client.submit(draw(LINES), resultType="JSON", regions=[line_region(0), line_region(1)])
    client.finished(done)
    failed = client.submit(draw(LINES)[:100])
    client.finished(failed)
    tab = open_tab(own, "#tasks")
    page = tab.page
    with own.frozen_workers():
        waiting = client.submit(draw(LINES))
        row = page.locator(f"tr[data-id='{waiting}']")
        expect(row.locator(".state")).to_have_text(re.compile("Queued|Processing"))
        expect(row.get_by_role("button", name="Open")).to_be_disabled()
        expect(page.locator("#tasks tr")).to_have_count(3)
        ids = [each.get_attribute("data-id") for each in page.locator("#tasks tr").all()]
        assert ids == [waiting, failed, done], "newest first"
        row.get_by_role("button", name="Cancel").click()
        expect(row).to_have_count(0)
    assert client.get(waiting)["taskStatus"] == "NotExist"
    row = page.locator(f"tr[data-id='{done}']")
    expect(row.locator(".state")).to_have_text("Done")
    expect(row.locator("[data-label='Sent by']")).to_have_text("local")
    expect(row.locator("[data-label=Age]")).to_have_text(re.compile(r"^\d+(\.\d+)? s$"))
    expect(row.locator("[data-label=Duration]")).to_have_text(re.compile(r"^\d+(\.\d+)? s$"))
    expect(page.locator(f"tr[data-id='{failed}'] .state")).to_have_text("Failed")


def test_a_task_is_opened_with_its_words_on_a_blank_ground(
    own: ServiceProcess, client: Api, open_tab: Callable[..., Tab]
) -> None:
    done = client.submit(draw(LINES), resultType="JSON", Rotate=0, regions=[line_region(0, 2), line_region(1, 1)])
    client.finished(done)
    tab = open_tab(own, "#tasks")
    tab.page.get_by_role("button", name="Open").click()
    expect(tab.page.locator("#outcome")).to_be_visible()
    assert tab.texts() == ["enveloped in", "All men live"], "in the order of the results"
    assert tab.all_corners() == [(0, 60, 700, 120), (0, 0, 700, 60)]
    expect(tab.page.locator("#image-facts")).to_contain_text("The picture of this task is no longer kept.")
    expect(tab.page.locator("#read")).to_be_disabled()
    expect(tab.page.locator("[data-download=CSV]")).to_be_visible()
    expect(tab.page.locator("[data-download=Pdf]")).to_be_hidden()


def test_other_kinds_of_results_are_shown_as_they_are(
    own: ServiceProcess, client: Api, open_tab: Callable[..., Tab]
) -> None:
    kinds = ["Text", "TextAndPdf", "ImagePNG", "Hocr"]
    regions = [line_region(0), line_region(1)]
    ids = {kind: client.submit(draw(LINES), resultType=kind, regions=regions) for kind in kinds}
    for task_id in ids.values():
        client.finished(task_id)
    tab = open_tab(own, "#tasks")
    for kind, task_id in ids.items():
        tab.page.locator("#to-tasks").click()
        tab.page.locator(f"tr[data-id='{task_id}']").get_by_role("button", name="Open").click()
        expect(tab.page.locator(".result-picture")).to_have_count(2 if kind == "ImagePNG" else 0)
        expect(tab.page.locator("#outcome")).to_be_visible()
        expect(tab.page.locator("#check")).to_be_visible(visible="Text" in kind)
        if "Text" in kind:
            assert tab.texts() == LINES
            tab.page.locator("#check").click()
            expect(tab.page.locator("#review-value")).to_have_value(LINES[0])
            expect(tab.page.locator("#review-facts")).to_have_text("")  # how sure it is, this result does not tell
            tab.page.keyboard.press("Escape")
        parts = [part for part in kind.split("And") if part != "Text"]
        downloads = tab.page.get_by_role("button", name=re.compile("^Download (Pdf|ImagePNG|Hocr)"))
        expect(downloads).to_have_count(2 * len(parts))
        for part in parts:
            expect(tab.page.get_by_role("button", name=f"Download {part}")).to_have_count(2)


def test_a_failed_task_tells_why(own: ServiceProcess, client: Api, open_tab: Callable[..., Tab]) -> None:
    failed = client.finished(client.submit(draw(LINES)[:100]))
    tab = open_tab(own, "#tasks")
    tab.page.get_by_role("button", name="Open").click()
    expect(tab.page.locator("#read-problem")).to_contain_text(failed["error"]["messages"][0], ignore_case=True)


def test_a_task_is_erased_after_a_question(own: ServiceProcess, client: Api, open_tab: Callable[..., Tab]) -> None:
    done = client.submit(draw(LINES))
    client.finished(done)
    tab = open_tab(own, "#tasks")
    tab.page.get_by_role("button", name="Erase").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(tab.page.locator("#tasks tr")).to_have_count(1)
    tab.page.get_by_role("button", name="Erase").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(tab.page.locator("#tasks-message")).to_have_text("There are no tasks yet, or none that are still kept.")
    assert client.get(done)["taskStatus"] == "NotExist"


def test_a_task_of_this_page_is_listed_by_its_file_and_opened_over_its_picture(tab: Tab) -> None:
    tab.open_image(draw(LINES), "log.png")
    tab.add(0, 0, 700, 60, name="opening words")
    tab.read()
    tab.page.locator("#close-image").click()
    tab.page.locator("#to-tasks").click()
    row = tab.page.locator("#tasks tr").first
    expect(row.locator(".task-name")).to_have_text("log.png")
    expect(row.locator("[data-label='Sent by']")).to_have_text(re.compile(r"^local\s*from this page$"))
    row.get_by_role("button", name="Open").click()
    expect(tab.page.locator("#image-facts")).to_have_text("log.png, 700 × 120 pixels")
    assert tab.names() == ["opening words"]
    assert tab.texts() == [LINES[0]]
    tab.read()  # its picture is there, so it can be read again
    # Once the browser has forgotten it, the words stand on blank ground.
    tab.page.locator("#to-tasks").click()
    tab.page.locator("#forget-tasks").click()
    expect(tab.page.locator(".task-name")).to_have_count(0)
    tab.page.locator("#tasks").get_by_role("button", name="Open").first.click()
    expect(tab.page.locator("#image-facts")).to_contain_text("The picture of this task is no longer kept.")
    assert tab.names() == [""]
    tab.tab("templates")
    tab.page.get_by_label("Name of the template").fill("Form 7")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#template-message")).to_have_text(
        "Open an image first: a template keeps a picture of the form."
    )


def test_tasks_are_bound_to_their_client(own: ServiceProcess, client: Api) -> None:
    mine = client.submit(draw(LINES))
    stranger = own.connect(*own.add_client("stranger"))
    assert stranger.http.get("/api/tasks").json() == {"tasks": [], "more": False}
    foreign, unknown = stranger.http.get(f"/api/tasks/{mine}"), stranger.http.get("/api/tasks/unknown")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert httpx.get(f"{own.url}/api/tasks").status_code == 401
    assert httpx.get(f"{own.url}/api/tasks/{mine}").status_code == 401


def test_the_list_is_bounded(own: ServiceProcess, client: Api) -> None:
    ids = [client.submit(draw([""])) for _ in range(3)]
    told = client.http.get("/api/tasks", params={"limit": 2}).json()
    assert [task["id"] for task in told["tasks"]] == ids[:0:-1]
    assert told["more"] is True
    assert client.http.get("/api/tasks", params={"limit": 3}).json()["more"] is False
    for wrong in ("0", "1001", "x"):
        assert client.http.get("/api/tasks", params={"limit": wrong}).status_code == 400


@pytest.mark.embedded("with a broker there is no link: several processes have no secret in common")
def test_what_has_expired_is_not_listed(
    start_service: Callable[..., ServiceProcess], open_tab: Callable[..., Tab]
) -> None:
    service = start_service(workers=1, retention_seconds=1, lease_seconds=10_000)
    client = service.connect()
    client.submit(draw([""]))
    client.http.get("/api/tasks").raise_for_status()

    def is_empty() -> bool:
        return not client.http.get("/api/tasks").json()["tasks"]

    wait_until(is_empty, "the end of the task's time")
    tab = open_tab(service, "#tasks")
    expect(tab.page.get_by_role("heading", name="Tasks of the last second")).to_be_visible()
    expect(tab.page.locator("#tasks-message")).to_have_text("There are no tasks yet, or none that are still kept.")


def test_the_own_api_is_documented(own: ServiceProcess) -> None:
    document = httpx.get(f"{own.url}/openapi.json").json()
    paths = {path: set(methods) for path, methods in document["paths"].items() if path.startswith("/api/")}
    assert paths == {
        "/api/service": {"get"},
        "/api/session": {"post"},
        "/api/tasks": {"get"},
        "/api/tasks/{task_id}": {"get"},
        "/api/documents": {"post"},
        "/api/documents/{document_id}": {"delete", "get"},
        "/api/documents/{document_id}/pages/{number}": {"get"},
        "/api/read": {"post"},
        "/api/read/{task_id}": {"delete", "get"},
        "/api/templates/schema": {"get"},
        "/api/templates": {"get"},
        "/api/templates/{name}": {"delete", "get", "put"},
    }
    for path in ("/api/tasks", "/api/tasks/{task_id}"):
        assert document["paths"][path]["get"]["security"] == [{"JWT": []}]
