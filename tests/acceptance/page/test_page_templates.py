"""Templates on the page: saved, loaded, scaled, exported, imported; and their names in the results."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from browser import Tab, content
from harness import LINE_HEIGHT, draw

LINES = ["Melville", "1 August 1819"]
TEMPLATE = {
    "format": "whaleline-template",
    "version": 1,
    "name": "Form 7",
    "image": {"width": 700, "height": 120},
    "regions": [
        {"name": "surname", "rect": {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 700, "bottomRightY": 60}},
        {"name": "date of birth", "rect": {"topLeftX": 0, "topLeftY": 60, "bottomRightX": 700, "bottomRightY": 120}},
    ],
}
CORNERS = [(0, 0, 700, 60), (0, 60, 700, 120)]


@pytest.fixture
def sheet(tab: Tab) -> Tab:
    tab.open_image(draw(LINES))
    return tab


def import_(tab: Tab, content: object, name: str = "template.json") -> None:
    data = content if isinstance(content, str) else json.dumps(content)
    tab.tab("templates")
    tab.page.set_input_files(
        "#import-template", {"name": name, "mimeType": "application/json", "buffer": data.encode()}
    )


def save(tab: Tab, name: str) -> None:
    tab.tab("templates")
    tab.page.get_by_label("Name of the template").fill(name)
    tab.page.keyboard.press("Enter")


def test_a_template_is_saved_and_laid_over_the_next_image(sheet: Tab) -> None:
    for number, name in enumerate(("surname", "date of birth")):
        sheet.add(0, LINE_HEIGHT * number, 700, LINE_HEIGHT * (number + 1), name=name)
    save(sheet, "Form 7")
    expect(sheet.page.locator("#template-message")).to_have_text("“Form 7” is saved, with 2 regions.")
    sheet.open()  # another visit
    sheet.open_image(draw(["Starbuck", "7 May 1822"]), "next.png")
    sheet.tab("templates")
    expect(sheet.page.locator(".template")).to_contain_text("2 regions, drawn on 700 × 120")
    sheet.page.get_by_role("button", name="Load Form 7").click()
    assert sheet.names() == ["surname", "date of birth"]
    assert sheet.all_corners() == CORNERS
    sheet.read()
    assert sheet.download("Text")[1].decode() == "surname: Starbuck\ndate of birth: 7 May 1822\n"


def test_another_size_is_told_and_scaled_by_choice(tab: Tab) -> None:
    tab.open_image(draw(LINES * 2, width=1400))
    import_(tab, TEMPLATE)
    page = tab.page
    page.get_by_role("button", name="Load Form 7").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("drawn on an image of 700 × 120 pixels; this one has 1400 × 240")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    expect(tab.cards).to_have_count(0)
    page.get_by_role("button", name="Load Form 7").click()
    question.get_by_role("button", name="Scale to this image").click()
    tab.expect_corners([(0, 0, 1400, 120), (0, 120, 1400, 240)])
    tab.tab("templates")
    page.get_by_role("button", name="Load Form 7").click()
    question.get_by_role("button", name="Use as is").click()
    tab.expect_corners(CORNERS)
    page.locator("#undo").click()
    tab.expect_corners([(0, 0, 1400, 120), (0, 120, 1400, 240)])


def test_a_template_that_was_loaded_first_is_compared_with_the_image_too(tab: Tab) -> None:
    import_(tab, TEMPLATE)
    tab.page.get_by_role("button", name="Load Form 7").click()
    tab.expect_corners(CORNERS)
    tab.open_image(draw(LINES * 2, width=1400))
    question = tab.page.get_by_role("dialog")
    expect(question).to_contain_text("drawn on an image of 700 × 120 pixels; this one has 1400 × 240")
    question.get_by_role("button", name="Scale to this image").click()
    tab.expect_corners([(0, 0, 1400, 120), (0, 120, 1400, 240)])
    assert tab.names() == ["surname", "date of birth"]


def test_what_is_exported_can_be_imported(sheet: Tab) -> None:
    import_(sheet, TEMPLATE)
    with sheet.page.expect_download() as coming:
        sheet.page.get_by_role("button", name="Export Form 7").click()
    name, data = content(coming.value)
    assert name == "Form 7.json"
    assert json.loads(data) == TEMPLATE


def test_a_name_that_is_taken_is_asked_about(sheet: Tab) -> None:
    import_(sheet, TEMPLATE)
    expect(sheet.page.locator(".template")).to_have_count(1)
    sheet.tab("regions")
    sheet.add(0, 0, 100, 50)
    save(sheet, "Form 7")
    question = sheet.page.get_by_role("dialog")
    question.get_by_role("button", name="Keep it").click()
    expect(sheet.page.locator(".template")).to_contain_text("2 regions")
    save(sheet, "Form 7")
    question.get_by_role("button", name="Replace").click()
    expect(sheet.page.locator(".template")).to_contain_text("1 region,")


def test_a_template_is_deleted_after_a_question(sheet: Tab) -> None:
    import_(sheet, TEMPLATE)
    sheet.page.get_by_role("button", name="Delete Form 7").click()
    sheet.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(sheet.page.locator("#templates")).to_have_text("No templates are saved in this browser yet.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "template.json is not a template: it is not JSON."),
        ([], "This is not a template: its “format” and “version” are missing or others."),
        ("null", "This is not a template: its “format” and “version” are missing or others."),
        (TEMPLATE | {"version": 2}, "This is not a template: its “format” and “version” are missing or others."),
        (TEMPLATE | {"name": " "}, "The template has no name."),
        (TEMPLATE | {"image": {"width": 0, "height": 1}}, "The template does not say how large its image was."),
        (TEMPLATE | {"regions": {}}, "The template has no list of regions."),
        (
            TEMPLATE | {"regions": [{"name": "x", "rect": {"topLeftX": 5}}]},
            "Region 1 of the template is not a rectangle.",
        ),
        (TEMPLATE | {"regions": [None]}, "Region 1 of the template is not a rectangle."),
    ],
)
def test_what_is_no_template_is_told(sheet: Tab, content: object, message: str) -> None:
    import_(sheet, content)
    expect(sheet.page.locator("#template-message")).to_have_text(message)
    expect(sheet.page.locator(".template")).to_have_count(0)


def test_names_in_a_template_are_text_not_markup(sheet: Tab) -> None:
    marked = "<img src=x onerror=alert(1)>"
    first = TEMPLATE["regions"][0] | {"name": marked}  # type: ignore[index,operator]
    import_(sheet, TEMPLATE | {"name": marked, "regions": [first]})
    sheet.page.get_by_role("button", name="Load").click()
    # Cut to size by the other picture's question, if any; there is none here, since the sizes agree.
    expect(sheet.cards).to_have_count(1)
    assert sheet.names() == [marked]
    expect(sheet.page.locator("img")).to_have_count(0)


def test_without_image_or_regions_nothing_is_saved(tab: Tab) -> None:
    save(tab, "Empty")
    expect(tab.page.locator("#template-message")).to_have_text("There are no regions to save yet; draw some first.")
    save(tab, " ")
    expect(tab.page.locator("#template-message")).to_have_text("Give the template a name.")
