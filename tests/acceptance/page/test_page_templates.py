"""Templates on the page: made beside the picture, kept by the service, used for crooked scans, exported, imported."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import FilePayload, Route, expect

import corpus
from browser import Tab, content
from corpus import Sheet
from harness import Api, ServiceProcess, draw
from page_forms import LABELS, SIZE, corners, form, scan

OLD = {
    "format": "whaleline-template",
    "version": 1,
    "name": "Form 7",
    "image": {"width": 700, "height": 120},
    "regions": [
        {"name": "surname", "rect": {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 700, "bottomRightY": 60}},
        {"name": "born", "rect": {"topLeftX": 0, "topLeftY": 60, "bottomRightX": 700, "bottomRightY": 120}},
    ],
}
"""As earlier versions of the page wrote them."""

NEW: dict[str, Any] = {
    "format": "whaleline-template",
    "version": 1,
    "name": "Form 7",
    "pages": [{"width": 700, "height": 120}],
    "fields": [
        {"name": "surname", "rect": {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 700, "bottomRightY": 60}},
        {
            "name": "born",
            "rect": {"topLeftX": 0, "topLeftY": 60, "bottomRightX": 700, "bottomRightY": 120},
            "kind": "date",
            "language": "German",
            "required": True,
            "leastConfidence": 50,
        },
    ],
}


@pytest.fixture
def kept(page_service: ServiceProcess) -> Iterator[Api]:
    """The service as its page sees it; the templates that a test leaves there are removed."""
    api = page_service.connect(token=page_service.page_token())
    yield api
    for each in templates(api):
        api.http.delete(f"/api/templates/{each['name']}")


def templates(api: Api) -> list[dict[str, Any]]:
    return list(api.http.get("/api/templates").json()["templates"])


def template(api: Api, name: str) -> dict[str, Any]:
    return dict(api.http.get(f"/api/templates/{name}").raise_for_status().json())


def put(api: Api, value: dict[str, Any]) -> httpx.Response:
    return api.http.put(f"/api/templates/{value['name']}", json=value).raise_for_status()


def bring(tab: Tab, value: object) -> None:
    data = value if isinstance(value, str) else json.dumps(value)
    tab.tab("templates")
    tab.page.set_input_files(
        "#import-template", {"name": "template.json", "mimeType": "application/json", "buffer": data.encode()}
    )


def save(tab: Tab, name: str) -> None:
    tab.tab("templates")
    tab.page.get_by_label("Name of the template").fill(name)
    tab.page.keyboard.press("Enter")


def blurred(picture: bytes) -> bytes:
    kept = io.BytesIO()
    Image.open(io.BytesIO(picture)).filter(ImageFilter.GaussianBlur(9)).save(kept, "PNG")
    return kept.getvalue()


def told(tab: Tab) -> Any:
    return expect(tab.page.locator("#template-message"))


def choose(tab: Tab, at: int, key: str, value: str) -> None:
    """Say what a region holds."""
    tab.select(at)
    tab.cards.nth(at).locator(f".detail-{key} select").select_option(value)


def test_a_form_is_marked_saved_and_found_in_crooked_scans(fresh_tab: Tab, kept: Api) -> None:
    tab = fresh_tab
    tab.open_image(form(), "empty.png")
    for row, label in enumerate(LABELS):
        tab.add(*corners(row), name=label)
    choose(tab, 2, "kind", "date")
    choose(tab, 3, "kind", "number")
    tab.cards.nth(3).locator(".detail-required input").check()
    save(tab, "Form 7")
    told(tab).to_have_text("“Form 7” is saved, with 4 fields. Click Use to read files by it.")
    made = template(kept, "Form 7")
    assert [(each["name"], each.get("kind", "text"), each.get("required", False)) for each in made["fields"]] == [
        ("Surname", "text", False),
        ("Given names", "text", False),
        ("Date of birth", "date", False),
        ("Berth", "number", True),
    ]
    assert [tuple(each["rect"].values()) for each in made["fields"]] == [corners(row) for row in range(4)]
    assert made["pages"][0]["picture"]

    files = {
        "good.png": scan("Starbuck", "Mary", "7 May 1972", "17"),
        "other.png": draw(["All men live", "enveloped in", "whale-lines."]),
        "lacks.png": scan("Coffin", "Peter", "12 March 1981", "", degrees=-6),
        "blurred.png": blurred(scan("Hussey", "Mary", "7 May 1972", "17")),
    }
    tab.page.locator("#to-files").click()
    piled: list[FilePayload] = [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files.items()]
    tab.page.set_input_files("#choose-files", piled)
    tab.page.locator("#files-by").select_option("Form 7")
    tab.page.locator("#read-files").click()
    expect(tab.page.locator("#files-done")).to_have_text("4 of 4 files")
    rows = tab.page.locator("#files-rows tr")
    expect(rows.nth(0).locator(".value")).to_have_text(["Starbuck", "Mary", "1972-05-07", "17"])
    # Pages that are not recognised stand apart, each with its reason.
    expect(rows.nth(1)).to_contain_text("Not recognised")
    expect(rows.nth(1)).to_contain_text("The image does not look like the form 'Form 7'")
    expect(rows.nth(3)).to_contain_text("Not recognised")
    expect(rows.nth(3)).to_contain_text("too faint or blurred")
    tab.page.locator("#files-show").select_option("Not recognised (2)")
    expect(rows).to_have_count(2)
    tab.page.locator("#files-show").select_option("All")
    # What must be filled in and is not comes first when fields are checked.
    tab.page.locator("#review-files").click()
    expect(tab.page.locator("#review-title")).to_have_text("Berth")
    expect(tab.page.locator("#review-file")).to_have_text("lacks.png")
    expect(tab.page.locator("#review-facts")).to_contain_text("It is required")
    expect(tab.page.locator("#review-picture")).to_be_visible()
    tab.page.keyboard.press("Escape")
    # The fields are drawn where they lie in the scan: here along lines that rise to the right by 5 degrees.
    tab.page.get_by_role("button", name="good.png", exact=True).click()
    expect(tab.page.locator("#outcome-text")).to_have_text("Text in 4 of 4 fields.")
    laid = tab.page.locator(".laid")
    expect(laid).to_have_count(4)
    points = [tuple(map(float, each.split(","))) for each in str(laid.first.get_attribute("points")).split()]
    (left, top), (right, right_top) = points[:2]
    assert 0.07 < (top - right_top) / (right - left) < 0.105
    expect(tab.page.locator("#files-by")).to_have_value("Form 7")
    tab.page.locator("#to-tasks").click()
    task = tab.page.locator("#tasks tr", has_text="good.png")
    expect(task).to_contain_text("RecognizeRegions, by “Form 7”")


def test_a_document_is_as_many_forms_as_it_has_times_the_pages_of_one(fresh_tab: Tab, kept: Api) -> None:
    tab = fresh_tab
    page = {"width": SIZE[0], "height": SIZE[1], "picture": base64.b64encode(form()).decode()}
    keys = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")
    fields = [
        {"name": LABELS[row], "page": row + 1, "rect": dict(zip(keys, corners(row), strict=True))} for row in range(2)
    ]
    put(kept, {"name": "Two pages", "pages": [page, page], "fields": fields})
    tab.open("#files")
    values = [("Starbuck", "", "", ""), ("", "Mary", "", ""), ("Coffin", "", "", "")]  # the last form lacks a page
    sheets = [Image.open(io.BytesIO(scan(*each, degrees=3))).convert("L") for each in values]
    bound = corpus.pdf(*[Sheet((620, 480), sheet) for sheet in sheets])
    tab.page.set_input_files("#choose-files", {"name": "all.pdf", "mimeType": "application/pdf", "buffer": bound})
    tab.page.locator("#files-by").select_option("Two pages")
    tab.page.locator("#read-files").click()
    expect(tab.page.locator("#files-done")).to_have_text("2 of 2 files")
    rows = tab.page.locator("#files-rows tr")
    expect(rows.locator(".file-name")).to_have_text(["all.pdf, pages 1 to 2", "all.pdf, page 3"])
    expect(rows.nth(0).locator(".value")).to_have_text(["Starbuck", "Mary"])
    expect(rows.nth(1).locator(".value")).to_have_text(["Coffin", "nothing read"])


def test_the_first_of_a_pile_is_levelled_and_marked(fresh_tab: Tab, kept: Api) -> None:
    tab = fresh_tab
    piled: list[FilePayload] = [
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": scan("Starbuck", "Mary", "", "17", degrees=n)}
        for n in (5, 4)
    ]
    tab.page.set_input_files("#choose", piled)
    tab.page.locator("#files-mark").click()
    expect(tab.page.locator("#image-facts")).to_contain_text("5 level.png")
    expect(tab.page.locator("#marking")).to_contain_text("2 files are waiting.")
    expect(tab.page.locator("#save-marked")).to_be_disabled()
    tab.page.locator("#find-regions").click()
    expect(tab.cards.first).to_be_visible()
    # Boxes around level lines are about as high as those of the form, which are 64 pixels; leaning ones would have 116.
    at = tab.names().index("Given names")
    _, top, _, bottom = tab.corners(at)
    assert bottom - top < 90
    tab.page.locator("#save-marked").click()
    tab.page.keyboard.type("Form 7")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="Use Form 7").click()
    expect(tab.page.locator("#files-how")).to_contain_text("The fields of “Form 7” are looked for in each file")
    expect(tab.page.locator("#read-files")).to_have_text("Read 2 files")
    tab.page.locator("#to-read").click()
    expect(tab.page.locator("#marking")).to_be_hidden()


def test_an_open_template_is_edited_and_a_change_by_others_is_asked_about(tab: Tab, kept: Api) -> None:
    put(kept, NEW)
    tab.open()
    tab.tab("templates")
    tab.page.get_by_role("button", name="Edit Form 7").click()
    tab.tab("regions")
    assert tab.names() == ["surname", "born"]
    tab.expect_corners([(0, 0, 700, 60), (0, 60, 700, 120)])
    tab.select(1)
    card = tab.cards.nth(1)
    expect(card.locator(".detail-kind select")).to_have_value("date")
    expect(card.locator(".detail-language select")).to_have_value("German")
    expect(card.locator(".detail-required input")).to_be_checked()
    expect(card.locator(".detail-leastConfidence input")).to_have_value("50")
    card.locator(".detail-kind select").select_option("choice")
    card.locator(".detail-choices textarea").fill("yes\nno")
    tab.select(0)
    tab.cards.nth(0).locator(".more summary").click()
    tab.cards.nth(0).locator(".detail-pattern input").fill("[A-Z][a-z]+")
    save(tab, "Form 7")
    told(tab).to_have_text("“Form 7” is saved, with 2 fields. Click Use to read files by it.")
    assert template(kept, "Form 7")["fields"][0] == {**NEW["fields"][0], "pattern": "[A-Z][a-z]+"}
    assert template(kept, "Form 7")["fields"][1] == {
        **NEW["fields"][1],
        "kind": "choice",
        "choices": ["yes", "no"],
    }
    put(kept, NEW)  # somebody else
    save(tab, "Form 7")
    question = tab.page.get_by_role("dialog")
    expect(question).to_contain_text("“Form 7” has been changed since you opened it.")
    question.get_by_role("button", name="Keep it").click()
    assert template(kept, "Form 7")["fields"] == NEW["fields"]
    save(tab, "Form 7")
    question.get_by_role("button", name="Replace").click()
    told(tab).to_have_text("“Form 7” is saved, with 2 fields. Click Use to read files by it.")
    assert template(kept, "Form 7")["fields"][1]["kind"] == "choice"


def test_a_name_that_is_taken_is_asked_about_and_a_template_is_deleted(fresh_tab: Tab, kept: Api) -> None:
    tab = fresh_tab
    put(kept, NEW)
    tab.open_image(draw(["Ahab"]))
    tab.add(0, 0, 100, 50)
    save(tab, "Form 7")
    question = tab.page.get_by_role("dialog")
    expect(question).to_contain_text("There is already a template named “Form 7”.")
    question.get_by_role("button", name="Replace").click()
    told(tab).to_have_text("“Form 7” is saved, with 1 field. Click Use to read files by it.")
    assert [each["name"] for each in template(kept, "Form 7")["fields"]] == ["Region 1"]
    tab.page.get_by_role("button", name="Delete Form 7").click()
    question.get_by_role("button", name="Keep it").click()
    assert len(templates(kept)) == 1
    tab.page.get_by_role("button", name="Delete Form 7").click()
    question.get_by_role("button", name="Delete").click()
    told(tab).to_have_text("“Form 7” is deleted.")
    assert templates(kept) == []
    save(tab, "Form 7")  # it is new then, and there is nothing to be asked
    told(tab).to_have_text("“Form 7” is saved, with 1 field. Click Use to read files by it.")


def test_what_is_exported_is_what_the_schema_says_and_can_be_imported(
    fresh_tab: Tab, kept: Api, page_service: ServiceProcess
) -> None:
    tab = fresh_tab
    bring(tab, NEW)
    told(tab).to_have_text("“Form 7” is saved, with 2 fields. Click Use to read files by it.")
    with tab.page.expect_download() as coming:
        tab.page.get_by_role("button", name="Export Form 7").click()
    name, data = content(coming.value)
    assert name == "Form 7.json"
    assert {**json.loads(data), "version": 1} == NEW
    schema = httpx.get(f"{page_service.url}/api/templates/schema").json()
    assert json.loads(data).keys() <= schema["properties"].keys()
    bring(tab, data.decode())
    tab.page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    told(tab).to_have_text("“Form 7” is saved, with 2 fields. Click Use to read files by it.")


def test_those_that_only_this_browser_has_are_offered_for_moving_over(fresh_tab: Tab, kept: Api) -> None:
    tab = fresh_tab
    tab.page.evaluate("value => localStorage.setItem('whaleline.templates', value)", json.dumps([OLD]))
    tab.open()
    tab.tab("templates")
    local = tab.page.locator(".template.local")
    expect(local).to_contain_text("in this browser only")
    local.get_by_role("button", name="Move to the service: Form 7").click()
    told(tab).to_have_text("“Form 7” is saved, with 2 fields. Click Use to read files by it.")
    expect(local).to_have_count(0)
    moved = template(kept, "Form 7")
    assert moved["pages"] == NEW["pages"]
    assert [(each["name"], each["rect"]) for each in moved["fields"]] == [
        (each["name"], each["rect"]) for each in NEW["fields"]
    ]


def test_what_is_no_template_is_told(tab: Tab, kept: Api) -> None:
    for value, message in (
        ("{", "template.json is not a template: it is not JSON."),
        ("[]", "This is not a template: its “format” is missing or wrong."),
        ({**NEW, "fields": []}, "fields"),
        ({**NEW, "fields": [{**NEW["fields"][0], "pattern": "(?=a)"}]}, "pattern"),
    ):
        bring(tab, value)
        told(tab).to_contain_text(message, ignore_case=True)
        assert templates(kept) == []
    # Nor is one saved that lacks something.
    save(tab, " ")
    told(tab).to_have_text("Give the template a name.")
    save(tab, "Form 7")
    told(tab).to_have_text("There are no regions to save yet; draw some first.")


def test_kinds_count_without_a_template_and_another_reading_is_offered(tab: Tab) -> None:
    def doubted(route: Route) -> None:
        """The service's words where its engines differ, which nothing that is drawn makes them do for sure."""
        answer = route.fetch()
        task = answer.json()
        for result in task["results"] or ():
            blocks = json.loads(base64.b64decode(result["data"]))
            blocks[0]["field"] |= {"confidence": 60, "other": "1987-03-12"}
            result["data"] = base64.b64encode(json.dumps(blocks).encode()).decode()
        route.fulfill(response=answer, json=task)

    tab.open_image(draw(["12 March 1981"]))
    tab.add(0, 0, 700, 60, name="born")
    choose(tab, 0, "kind", "date")
    assert tab.request()["template"]["fields"][0]["kind"] == "date"
    tab.tab("regions")
    tab.page.route("**/RecognizeRegions?id=*", doubted)
    tab.read()
    expect(tab.cards.nth(0).locator(".text")).to_have_text("1981-03-12")
    tab.page.locator("#check").click()
    tab.page.get_by_role("button", name="It may also be “1987-03-12”").click()
    tab.page.keyboard.press("Enter")
    expect(tab.cards.nth(0).locator(".text")).to_have_text("1987-03-12")
