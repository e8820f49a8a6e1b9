"""Reading on the page: images in, progress, cancel, results, files, messages and errors."""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable

import httpx
import pypdfium2
import pytest
from lxml import etree
from PIL import Image, ImageDraw, ImageFont, ImageOps
from playwright.sync_api import Error, Locator, expect

from browser import Tab, content, sheets
from harness import LINE_HEIGHT, Api, ServiceProcess, draw, wait_until
from page_forms import form

LINES = ["All men live", "enveloped in", "whale-lines."]


@pytest.fixture
def sheet(tab: Tab) -> Tab:
    tab.open_image(draw(LINES))
    return tab


def add_lines(tab: Tab, *names: str) -> None:
    for number, name in enumerate(names):
        tab.add(0, LINE_HEIGHT * number, 700, LINE_HEIGHT * (number + 1), name=name)


def test_the_whole_image_is_read_where_there_are_no_regions(sheet: Tab) -> None:
    expect(sheet.page.locator("#read")).to_have_text("Read the whole image")
    sheet.read()
    assert sheet.texts() == ["\n".join(LINES)]
    expect(sheet.page.locator("#outcome-text")).to_have_text("The whole image was read.")
    name, data = sheet.download("Pdf")  # of one region, so that it needs no archive
    assert name == "form.pdf"
    assert data.startswith(b"%PDF")


def test_an_image_that_was_read_in_part_says_so(tab: Tab) -> None:
    lines = Image.open(io.BytesIO(draw(LINES)))
    image = Image.new("L", (700, 440), 255)
    image.paste(lines, (0, 0))
    image.paste(ImageOps.mirror(lines), (0, 240))  # of what is written backwards some is surely not read
    out = io.BytesIO()
    image.save(out, "PNG")
    tab.open_image(out.getvalue())
    tab.tab("settings")
    tab.page.get_by_label("Detection confidence").select_option("Ultra")
    tab.read()
    told = re.compile(r"The image was read in part. (\d) places have print that was not read.")
    expect(tab.page.locator("#outcome-text")).to_have_text(told)
    number = told.fullmatch(tab.page.locator("#outcome-text").inner_text())
    tab.page.locator("#toggle-unread").click()
    expect(tab.page.locator(".unread")).to_have_count(int(number[1]) if number else 0)


def test_results_stand_beside_their_regions(sheet: Tab) -> None:
    add_lines(sheet, "first", "", "third")
    sheet.read()
    assert sheet.texts() == LINES
    expect(sheet.page.locator("#outcome-text")).to_have_text("Text in 3 of 3 regions.")
    run = sheet.page.locator(".run")
    expect(run).to_have_attribute("data-state", "done")
    expect(run.locator(".run-outcome")).to_have_text(re.compile(r"^Done in \d"))
    for step in run.locator(".steps time").all():
        expect(step).to_have_text(re.compile(r"^\d+\.\d+ s$"))


def test_pointing_at_a_word_tells_it_and_its_confidence(sheet: Tab) -> None:
    add_lines(sheet, "first")
    sheet.read()
    page = sheet.page
    bubble = page.locator(".bubble")
    page.locator(".card .word", has_text="live").hover()
    expect(bubble).to_have_text(re.compile(r"^live\d+%$"))
    expect(bubble).to_be_visible()
    expect(page.locator(".word-facts")).to_have_text(re.compile(r"^\d+% “live”$"))
    page.mouse.move(2, 2)
    expect(bubble).to_be_hidden()
    expect(page.locator(".word-facts")).to_have_text("")
    over = sheet.download("JSON")[1]
    word = json.loads(over)[0]["blocks"][0]["lines"][0]["words"][0]
    scale, x, y = sheet.fit(700, LINE_HEIGHT * len(LINES))
    page.mouse.move(
        x + (word["topLeftX"] + word["bottomRightX"]) / 2 * scale,
        y + (word["topLeftY"] + word["bottomRightY"]) / 2 * scale,
    )
    expect(bubble).to_have_text(f"All{int(word['confidence'])}%")
    expect(page.locator(".card .word.pointed")).to_have_text("All")


def test_a_click_on_a_word_brings_it_into_sight(sheet: Tab) -> None:
    sheet.read()
    for _ in range(12):
        sheet.page.locator("#zoom-in").click()
    word = sheet.page.locator(".card .word", has_text="whale-lines.")
    bubble = sheet.page.locator(".bubble")
    stage = sheet.stage.bounding_box()
    assert stage is not None

    def is_in_sight() -> bool:
        expect(bubble).to_contain_text("whale-lines.")
        box = bubble.bounding_box()
        assert box is not None
        return stage["y"] <= box["y"] <= stage["y"] + stage["height"] - box["height"]

    word.hover()
    assert not is_in_sight()
    word.click()
    assert is_in_sight()


def test_words_are_outlined_over_the_picture(sheet: Tab) -> None:
    add_lines(sheet, "first")
    canvas = sheet.page.locator("#stage canvas")
    plain = canvas.screenshot()
    sheet.read()
    outlined = canvas.screenshot()
    assert outlined != plain
    sheet.page.locator("#toggle-words").click()
    expect(sheet.page.locator("#toggle-words")).to_have_attribute("aria-pressed", "false")
    assert canvas.screenshot() != outlined


def test_text_is_copied(sheet: Tab) -> None:
    add_lines(sheet, "first", "second")
    sheet.read()
    sheet.cards.nth(1).get_by_role("button", name="Copy the text of second").click()
    assert sheet.page.evaluate("navigator.clipboard.readText()") == LINES[1]
    sheet.page.locator("#copy-all").click()
    assert sheet.page.evaluate("navigator.clipboard.readText()") == f"first: {LINES[0]}\nsecond: {LINES[1]}\n"


def test_text_is_copied_where_the_browser_has_no_clipboard_for_the_page(fresh_tab: Tab) -> None:
    # As with pages over plain HTTP from another machine.
    fresh_tab.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    fresh_tab.open()
    fresh_tab.open_image(draw(LINES))
    add_lines(fresh_tab, "first")
    fresh_tab.read()
    fresh_tab.cards.nth(0).get_by_role("button", name="Copy the text of first").click()
    expect(fresh_tab.page.locator("#announcements")).to_contain_text("Copied.")
    fresh_tab.cards.nth(0).locator(".name").press("Control+a")
    fresh_tab.cards.nth(0).locator(".name").press("Control+v")
    assert fresh_tab.names() == [LINES[0]]


def test_results_are_downloaded_in_every_format(sheet: Tab) -> None:
    """PDF and hOCR as one file for each region."""
    add_lines(sheet, "first, with “marks”", "Größe & Maß")
    sheet.read()
    text = f"first, with “marks”: {LINES[0]}\nGröße & Maß: {LINES[1]}\n"
    assert sheet.download("Text") == ("form.txt", text.encode())
    name, data = sheet.download("JSON")
    rows = json.loads(data)
    assert name == "form.json"
    assert [(row["position"], row["name"], row["text"]) for row in rows] == [
        (1, "first, with “marks”", LINES[0]),
        (2, "Größe & Maß", LINES[1]),
    ]
    assert rows[1]["rect"] == {"topLeftX": 0, "topLeftY": 60, "bottomRightX": 700, "bottomRightY": 120}
    name, data = sheet.download("CSV")
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert name == "form.csv"
    assert [(row["position"], row["name"], row["top"], row["text"]) for row in table] == [
        ("1", "first, with “marks”", "0", LINES[0]),
        ("2", "Größe & Maß", "60", LINES[1]),
    ]
    assert all(50 < float(row["confidence"]) <= 100 for row in table)
    name, data = sheet.download("Pdf")
    assert name == "form-pdf.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["01-first-with-marks.pdf", "02-größe-maß.pdf"]
        document = pypdfium2.PdfDocument(archive.read("02-größe-maß.pdf"))
        assert LINES[1] in document[0].get_textpage().get_text_bounded()
        document.close()
    name, data = sheet.download("Hocr")
    assert name == "form-hocr.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parsed = etree.fromstring(archive.read("01-first-with-marks.hocr.html"))
        words = parsed.xpath("//*[@class='ocrx_word']")
        assert " ".join("".join(word.itertext()) for word in words) == LINES[0]


def test_a_correction_of_what_is_open_is_kept_with_its_task_and_exported(sheet: Tab) -> None:
    page = sheet.page
    add_lines(sheet, "first", "second")
    sheet.read()
    page.get_by_role("button", name="Correct the text of second").click()
    expect(page.locator("#review-picture")).to_be_visible()
    page.locator("#review-value").fill("All men dive")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    corrected = sheet.cards.nth(1)
    expect(corrected.locator(".text")).to_have_text("All men dive")
    expect(corrected.locator(".note.corrected-by")).to_have_text(f"Corrected by hand; “{LINES[1]}” was read.")
    rows = json.loads(sheet.download("JSON")[1])
    assert [(row["text"], row["checked"], row.get("original")) for row in rows] == [
        (LINES[0], False, None),
        ("All men dive", True, LINES[1]),
    ]
    [_, row] = csv.DictReader(io.StringIO(sheet.download("CSV")[1].decode("utf-8-sig")))
    assert (row["text"], row["note"]) == ("All men dive", f"corrected by hand; “{LINES[1]}” was read")
    # Undo takes it back, and redo brings it again.
    page.locator("#undo").click()
    expect(corrected.locator(".text")).to_have_text(LINES[1])
    page.locator("#redo").click()
    expect(corrected.locator(".text")).to_have_text("All men dive")
    # It is kept under the task's id, and there when the task is opened from the list.
    page.locator("#close-image").click()
    page.locator("#to-tasks").click()
    page.locator("#tasks").get_by_role("button", name="Open").first.click()
    expect(sheet.cards.nth(1).locator(".text")).to_have_text("All men dive")


def test_settings_have_the_defaults_of_the_api_and_are_sent(sheet: Tab, page_service: ServiceProcess) -> None:
    assert sheet.request() == {
        "language": "English",
        "makeSkewCorrect": True,
        "makeContrastCorrection": True,
        "makeBinarization": False,
        "makeUpsampling": False,
        "makeSpellCheck": False,
        "Rotate": 0,
        "resultType": "Text",
        "regions": [],
    }
    sheet.open_image(turned(draw(LINES)))
    sheet.tab("settings")
    sheet.page.get_by_label("Rotate").fill("90")
    sheet.page.get_by_label("Black and white").check()
    with sheet.page.expect_response(re.compile("/RecognizeRegions$")) as taken:
        sheet.read()
    details = local(page_service).http.get(f"/api/tasks/{taken.value.text()}").json()
    assert details["settings"]["Rotate"] == 90
    assert details["settings"]["makeBinarization"] is True
    assert details["settings"]["resultType"] == "JSON"
    assert sheet.texts() == ["\n".join(LINES)]
    sheet.tab("settings")
    sheet.page.locator("#reset-settings").click()
    assert sheet.request()["Rotate"] == 0


def local(service: ServiceProcess) -> Api:
    """The service as its page sees it that was opened by the link."""
    return service.connect(token=service.page_token())


def turned(image: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(image)).transpose(Image.Transpose.ROTATE_90).save(out, "PNG")
    return out.getvalue()


def test_a_language_that_is_not_installed_is_told_with_how_to_add_it(
    open_tab: Callable[..., Tab], page_service: ServiceProcess
) -> None:
    # Which languages a machine has is its own affair, so the service's words on one that lacks are played here.
    lack = "language German is not installed; add it with: apt-get install tesseract-ocr-deu"
    facts = httpx.get(f"{page_service.url}/api/service").json()
    facts["languages"][1] |= {"installed": False, "howToAdd": lack}
    problem = {"detail": f"settings.language: {lack}", "errors": {"settings.language": [f"settings.language: {lack}"]}}
    tab = open_tab(page_service)
    tab.page.route("**/api/service", lambda route: route.fulfill(json=facts))
    tab.page.route(
        "**/RecognizeRegions",
        lambda route: route.fulfill(json=problem, status=400) if route.request.method == "POST" else route.continue_(),
    )
    tab.open()
    tab.open_image(draw(LINES))
    tab.tab("settings")
    expect(tab.page.locator("#setting-language optgroup option")).to_have_count(1)
    tab.page.locator("#setting-language").select_option("German")
    complaint = tab.page.locator("#complaint-language")
    expect(complaint).to_have_text(lack[0].upper() + lack[1:] + ".")
    tab.page.locator("#setting-language").select_option("English")
    expect(complaint).to_be_hidden()
    tab.tab("regions")
    tab.page.locator("#read").click()
    expect(tab.page.locator("#read-problem")).to_have_text("The service did not accept a setting.")
    expect(complaint).to_be_visible()
    expect(complaint).to_have_text(lack[0].upper() + lack[1:] + ".")


def test_a_rectangle_that_the_service_refuses_is_told_at_its_region(sheet: Tab) -> None:
    add_lines(sheet, "first", "second")
    sheet.type_corners(1, 0, 0, 10, 10)
    detail = "settings.regions[1].rect: the rectangle 0,0-10,10 is not to its liking"
    answer = {"detail": detail, "errors": {"settings.regions[1].rect": [detail]}}
    sheet.page.route("**/RecognizeRegions", lambda route: route.fulfill(json=answer, status=400))
    sheet.page.locator("#read").click()
    expect(sheet.page.locator("#read-problem")).to_have_text("The service did not accept second.")
    expect(sheet.cards.nth(1).locator(".note")).to_have_text("The rectangle 0,0-10,10 is not to its liking.")
    expect(sheet.cards.nth(1)).to_have_class(re.compile("selected"))


def test_messages_stand_with_their_regions(sheet: Tab) -> None:
    sheet.add(0, 0, 900, 60, name="wide")
    sheet.add(0, 500, 700, 560, name="outside")
    sheet.add(0, 60, 700, 120, name="fine")
    sheet.read()
    notes = [card.locator(".note") for card in sheet.cards.all()]
    expect(notes[0]).to_have_text("This region extends beyond the image of 700 × 180 pixels and will be cut.")
    expect(notes[1]).to_have_text("This region lies outside the image and was not read.")
    expect(notes[2]).to_be_hidden()
    expect(sheet.page.locator("#outcome-text")).to_have_text("Text in 2 of 3 regions.")


def test_a_changed_region_says_that_its_result_is_older(sheet: Tab) -> None:
    add_lines(sheet, "first")
    sheet.read()
    sheet.type_corners(0, 0, 0, 650, 60)
    expect(sheet.cards.nth(0).locator(".note")).to_have_text("The region has been changed since it was read.")


def test_the_summary_speaks_of_the_regions_that_are_there(sheet: Tab) -> None:
    add_lines(sheet, "first", "second")
    sheet.read()
    sheet.cards.nth(0).get_by_role("button", name="Delete first").click()
    expect(sheet.page.locator("#outcome-text")).to_have_text("Text in 1 of 1 region.")
    assert sheet.download("Text")[1].decode() == f"second: {LINES[1]}\n"
    sheet.page.locator("#undo").click()
    expect(sheet.page.locator("#outcome-text")).to_have_text("Text in 2 of 2 regions.")


def test_no_text_is_told(tab: Tab) -> None:
    tab.open_image(draw([""]))
    tab.read()
    expect(tab.page.locator(".card .text")).to_have_text("No text was found here.")
    expect(tab.page.locator("#outcome-messages li")).to_have_text(["No text was found."])


def test_queued_processing_and_cancel(sheet: Tab, page_service: ServiceProcess) -> None:
    run = sheet.page.locator(".run")
    with page_service.frozen_workers():
        sheet.page.locator("#read").click()
        expect(run).to_have_attribute("data-state", re.compile("queued|processing"))
        expect(sheet.page.locator("#read")).to_be_disabled()
        run.get_by_role("button", name="Cancel").click()
        expect(run).to_have_attribute("data-state", "cancelled")
        expect(run.locator(".run-outcome")).to_have_text(re.compile("^Cancelled after"))
    expect(sheet.page.locator("#outcome")).to_be_hidden()
    sheet.page.locator("#to-tasks").click()
    expect(sheet.page.locator("#view-tasks")).to_be_visible()
    sheet.page.locator("#to-read").click()
    sheet.read()  # and it can be read again
    assert sheet.texts() == ["\n".join(LINES)]


@pytest.mark.embedded("with a broker there is no link: several processes have no secret in common")
def test_what_is_past_the_limits_of_the_service_is_told(
    start_service: Callable[..., ServiceProcess], open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(start_service(workers=1, max_body_bytes=100_000, max_pixels=200_000, max_regions=2))
    for image, message in (
        (draw(["large"] * 6), "form.png has 700 × 360 = 252,000 pixels; this service reads at most 200,000."),
        (draw(LINES, format_="BMP"), "form.png has 127,078 bytes; this service takes files of at most 75,000 bytes."),
    ):
        tab.page.set_input_files("#choose", {"name": "form.png", "mimeType": "image/png", "buffer": image})
        expect(tab.page.locator("#image-problem")).to_have_text(message)
        expect(tab.page.locator("#drop")).to_be_visible()
    tab.open_image(draw(LINES))
    add_lines(tab, "one", "two", "three")
    expect(tab.page.locator("#read-hint")).to_have_text("The service takes at most 2 regions.")
    tab.page.locator("#read").click()
    expect(tab.page.locator("#read-problem")).to_contain_text("3 regions are more than the limit of 2")


@pytest.mark.embedded("with a broker there is no link: several processes have no secret in common")
def test_a_service_that_is_gone_is_told(
    start_service: Callable[..., ServiceProcess], open_tab: Callable[..., Tab]
) -> None:
    gone = start_service(workers=1)
    tab = open_tab(gone)
    tab.open_image(draw(LINES))
    gone.stop()
    tab.page.locator("#read").click()
    expect(tab.page.locator("#read-problem")).to_have_text("The service cannot be reached. Is it still running?")
    tab.complaints.clear()  # the browser reports the refused connection


def test_what_is_no_image_is_told(tab: Tab) -> None:
    tab.page.set_input_files("#choose", {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"})
    problem = tab.page.locator("#image-problem")
    expect(problem).to_contain_text("notes.txt is not an image or document")
    tab.page.set_input_files("#choose", {"name": "broken.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(problem).to_contain_text("is not supported; send")
    expect(tab.page.locator("#drop")).to_be_visible()


def test_a_format_that_browsers_do_not_know_is_shown_by_the_service(tab: Tab) -> None:
    tab.open_image(draw(LINES, format_="TIFF"), "fax.tif", "image/tiff")
    expect(tab.page.locator("#image-facts")).to_have_text("fax.tif, 700 × 180 pixels")
    tab.read()
    assert tab.texts() == ["\n".join(LINES)]


def test_a_turned_photo_has_the_coordinates_that_it_shows(tab: Tab) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    Image.open(io.BytesIO(turned(draw(LINES)))).save(out, "JPEG", quality=95, exif=exif)
    tab.open_image(out.getvalue(), "photo.jpg", "image/jpeg")
    expect(tab.page.locator("#image-facts")).to_have_text("photo.jpg, 700 × 180 pixels")
    add_lines(tab, "first", "second")
    tab.read()
    assert tab.texts() == LINES[:2]


PUT = """([data, kind]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'given.png', { type: 'image/png' }));
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })
    : new DragEvent(kind, { dataTransfer: transfer, bubbles: true });
  document.querySelector('main:not([hidden])').dispatchEvent(event);
}"""


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_an_image_is_pasted_or_dropped(tab: Tab, way: str) -> None:
    tab.page.evaluate(PUT, [base64.b64encode(draw(LINES)).decode(), way])
    expect(tab.page.locator("#image-facts")).to_have_text("given.png, 700 × 180 pixels")
    tab.read()
    assert tab.texts() == ["\n".join(LINES)]


def test_the_example_needs_no_file(tab: Tab) -> None:
    tab.page.locator("#example").click()
    expect(tab.cards).to_have_count(4)
    tab.read()
    assert tab.texts() == ["Melville", "Herman", "1 August 1819", "New York"]


def test_a_drop_is_hinted_at_and_shown_from_any_view(tab: Tab) -> None:
    page = tab.page
    hint = "getComputedStyle(document.querySelector('#stage'), '::after').content"
    assert page.evaluate(hint) == "none"
    page.evaluate(PUT, [base64.b64encode(draw(LINES)).decode(), "dragover"])
    assert page.evaluate(hint) == '"Drop it to open it"'
    page.evaluate(PUT, [base64.b64encode(draw(LINES)).decode(), "drop"])
    assert page.evaluate(hint) == "none"
    expect(page.locator("#image-facts")).to_have_text("given.png, 700 × 180 pixels")
    page.locator("#to-tasks").click()
    expect(page.locator("#view-tasks")).to_be_visible()
    page.evaluate(PUT, [base64.b64encode(draw(LINES[:1])).decode(), "drop"])
    expect(tab.stage).to_be_visible()
    expect(page.locator("#image-facts")).to_have_text("given.png, 700 × 60 pixels")


def test_a_camera_picture_is_taken_on_a_phone(open_tab: Callable[..., Tab], page_service: ServiceProcess) -> None:
    tab = open_tab(page_service, has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    choices = tab.page.locator(".drop-choices .button")
    expect(choices.first).to_have_text("Take a photo")
    assert all(top(choices.first) <= top(each) for each in choices.all())
    camera = tab.page.locator("#camera")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": draw(LINES, format_="JPEG")})
    expect(tab.page.locator("#image-facts")).to_have_text("image.jpg, 700 × 180 pixels")
    tab.read()
    assert top(tab.page.locator("#outcome")) < top(tab.stage), "results come first"
    # The toolbar, which has most buttons now, is one row without anything beyond it.
    toolbar = tab.page.locator("#toolbar")
    box = toolbar.bounding_box()
    assert box is not None
    assert box["height"] < 60
    assert toolbar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")


def top(node: Locator) -> float:
    box = node.bounding_box()
    assert box is not None
    return box["y"]


def test_regions_stay_for_the_next_image_of_the_same_size(sheet: Tab) -> None:
    add_lines(sheet, "first", "second")
    sheet.open_image(draw(["same size", "as", "before"]), "same.png")
    expect(sheet.page.get_by_role("dialog")).to_be_hidden()
    assert sheet.names() == ["first", "second"]


def test_regions_on_an_image_of_another_size_are_asked_about(sheet: Tab) -> None:
    add_lines(sheet, "first", "second")
    before = sheet.all_corners()
    for choice, corners in (
        ("Scale to this image", [(0, 0, 1400, 120), (0, 120, 1400, 240)]),
        ("Use as is", before),
        ("Remove them", []),
    ):
        sheet.open_image(draw([*LINES, *LINES], width=1400), "another.png")
        question = sheet.page.get_by_role("dialog")
        expect(question).to_contain_text("drawn on an image of 700 × 180 pixels; this one has 1,400 × 360.")
        question.get_by_role("button", name=choice).click()
        sheet.expect_corners(corners)
        if corners != before:
            sheet.page.locator("#undo").click()
        sheet.expect_corners(before)
        assert sheet.names() == ["first", "second"]
        sheet.open_image(draw(LINES))
        question.get_by_role("button", name="Use as is").click()


def test_what_is_read_of_an_image_is_not_shown_over_the_next(sheet: Tab, page_service: ServiceProcess) -> None:
    page = sheet.page
    with page_service.frozen_workers():
        page.locator("#read").click()
        expect(page.locator(".run")).to_have_attribute("data-state", re.compile("queued|processing"))
        sheet.open_image(draw(["something else"] * 3), "next.png")
        expect(page.locator("#read")).to_be_enabled()
    expect(page.locator("#announcements")).to_contain_text("Reading: done in")
    expect(page.locator("#outcome")).to_be_hidden()
    expect(page.locator(".run")).to_have_count(0)
    sheet.read()
    assert sheet.texts() == ["\n".join(["something else"] * 3)]


def test_a_setting_that_is_wrong_is_told_and_not_sent(sheet: Tab) -> None:
    sheet.tab("settings")
    rotate = sheet.page.get_by_label("Rotate")
    for wrong in ("1.5", "", "2147483648"):
        rotate.fill(wrong)
        expect(sheet.page.locator("#complaint-Rotate")).to_have_text("Rotate takes a whole number of degrees.")
        assert sheet.request()["Rotate"] == 0
        sheet.page.locator("#read").click()
        expect(sheet.page.locator("#read-problem")).to_have_text("Rotate takes a whole number of degrees.")
        expect(rotate).to_be_focused()
    expect(sheet.page.locator(".run")).to_have_count(0)
    rotate.fill("-90")
    expect(sheet.page.locator("#complaint-Rotate")).to_be_hidden()
    assert sheet.request()["Rotate"] == -90


def test_regions_are_found_by_the_service_and_undone(tab: Tab) -> None:
    tab.open_image(draw(["All men live", "", "", "", "enveloped in"]))
    tab.page.locator("#find-regions").click()
    expect(tab.cards).to_have_count(2)
    tab.page.keyboard.press("Control+Enter")
    expect(tab.page.locator("#outcome")).to_be_visible()
    assert tab.texts() == ["All men live", "enveloped in"]
    tab.page.locator("#undo").click()  # undo covers results
    expect(tab.page.locator("#outcome")).to_be_hidden()
    expect(tab.cards).to_have_count(2)
    tab.page.locator("#undo").click()
    expect(tab.cards).to_have_count(0)
    tab.page.locator("#redo").click()
    tab.page.locator("#redo").click()
    assert tab.texts() == ["All men live", "enveloped in"]


def test_found_regions_have_the_names_of_their_labels_and_are_merged_and_split(tab: Tab) -> None:
    tab.open_image(form("Starbuck", "Mary", "7 May 1972", "17"))
    tab.page.locator("#find-regions").click()
    expect(tab.cards.first).to_be_visible()
    expect(tab.page.locator("#find-regions")).to_be_enabled()
    names = tab.names()
    # Each has room for a longer value: as far as any print goes.
    assert len({tab.corners(names.index(label))[2] for label in ("Given names", "Date of birth")}) == 1
    at = names.index("Given names")
    whole, below = tab.corners(at), tab.corners(at + 1)
    tab.select(at)
    tab.cards.nth(at).get_by_role("button", name="Split Given names").click()
    expect(tab.cards).to_have_count(len(names) + 1)
    middle = round((whole[0] + whole[2]) / 2)
    assert tab.corners(at) == (whole[0], whole[1], middle, whole[3])
    tab.cards.nth(at).get_by_role("button", name="Merge with the next: Given names and").click()
    expect(tab.cards).to_have_count(len(names))
    assert tab.corners(at) == whole
    tab.cards.nth(at).get_by_role("button", name=f"Merge with the next: Given names and {names[at + 1]}").click()
    assert tab.names()[at] == f"Given names {names[at + 1]}"
    assert tab.corners(at) == (min(whole[0], below[0]), whole[1], max(whole[2], below[2]), below[3])


def test_a_value_that_is_found_twice_or_without_words_becomes_one_region(tab: Tab) -> None:
    """As the service finds them on noisy scans: its finding cannot be made to fail on a picture that is drawn."""
    words = [[100, 100, 160, 120, "Fee"], [310, 100, 400, 120, "120.50"], [100, 200, 160, 220, "Town"]]
    boxes = [[100, 98, 162, 122], [100, 198, 162, 222], [300, 90, 420, 130], [310, 94, 700, 126], [305, 190, 450, 230]]
    named = tab.page.evaluate(
        """async ([boxes, words]) => {
          const { nameRegions } = await import('/page/any/naming.js');
          const boxed = ([left, top, right, bottom]) => ({ left, top, right, bottom });
          return nameRegions(boxes.map(boxed), words.map((word) => ({ ...boxed(word), text: word[4], line: word[1] })));
        }""",
        [boxes, words],
    )
    assert [[each["name"], *(each[edge] for edge in ("left", "top", "right", "bottom"))] for each in named] == [
        ["Fee", 297, 87, 700, 133],
        ["Town", 305, 190, 450, 230],
    ]


def test_print_that_no_region_holds_is_shaded_on_demand(sheet: Tab) -> None:
    add_lines(sheet, "first")
    sheet.read()
    toggle = sheet.page.locator("#toggle-unread")
    toggle.click()
    expect(toggle).to_have_text("Unread: 2")
    expect(sheet.page.locator(".unread")).to_have_count(2)
    assert [
        LINE_HEIGHT * n < float(str(each.get_attribute("y"))) < LINE_HEIGHT * (n + 1)
        for n, each in enumerate(sheet.page.locator(".unread").all(), 1)
    ] == [True, True]
    toggle.click()
    expect(sheet.page.locator(".unread")).to_have_count(0)


def test_a_grid_is_shown_and_exported_as_a_table(tab: Tab) -> None:
    tab.open_image(grid())
    tab.add(0, 0, 700, 260, name="crew")
    tab.read()
    table = tab.cards.nth(0).locator(".grid table")
    expect(table.locator("tr")).to_have_count(3)
    expect(table.locator("tr").nth(1).locator("td")).to_have_text(["Starbuck", "200"])
    with tab.page.expect_download() as coming:
        tab.page.get_by_role("button", name="Table as CSV: crew").click()
    assert content(coming.value)[1].decode("utf-8-sig").splitlines()[1] == "Starbuck,200"
    book = sheets(tab.download("XLSX")[1])
    assert list(book) == ["Results", "crew"]
    assert book["crew"][2] == ["Flask", "150"]


def grid() -> bytes:
    image = Image.new("RGB", (700, 260), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(34)
    for row, cells in enumerate([("Name", "Lay"), ("Starbuck", "200"), ("Flask", "150")]):
        for column, text in enumerate(cells):
            left, top = 30 + 320 * column, 20 + 72 * row
            pen.rectangle((left, top, left + 320, top + 72), outline="black", width=3)
            pen.text((left + 24, top + 16), text, "black", font)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_the_work_outlives_a_reload_until_it_is_closed(fresh_tab: Tab) -> None:
    fresh_tab.open_image(draw(LINES))
    add_lines(fresh_tab, "first", "second")
    fresh_tab.read()
    wait_until(lambda: "read" in kept(fresh_tab), "the keeping of what was read")
    fresh_tab.open()
    expect(fresh_tab.page.locator("#image-facts")).to_contain_text("form.png")
    assert fresh_tab.names() == ["first", "second"]
    assert fresh_tab.texts() == LINES[:2]
    with fresh_tab.page.expect_event("crash"), contextlib.suppress(Error):
        fresh_tab.page.goto("chrome://crash")
    fresh_tab.page = fresh_tab.page.context.new_page()
    fresh_tab.watch()
    fresh_tab.open()
    assert fresh_tab.texts() == LINES[:2]
    fresh_tab.page.locator("#close-image").click()
    expect(fresh_tab.page.locator("#drop")).to_be_visible()
    wait_until(lambda: not kept(fresh_tab), "the end of its keeping")
    fresh_tab.open()
    expect(fresh_tab.page.locator("#drop")).to_be_visible()
    expect(fresh_tab.cards).to_have_count(0)


def kept(tab: Tab) -> list[str]:
    """What the browser has of the work: the file, and that it was read once the result is there."""
    told: list[str] = tab.page.evaluate(
        """async () => {
          const { Store } = await import('/page/any/store.js');
          const all = await new Store('work').all();
          return all.filter(({ id, reading }) => id === 'file' || reading).map(({ id }) => id);
        }"""
    )
    return told


def test_leaving_asks_while_a_task_is_under_way(fresh_tab: Tab, page_service: ServiceProcess) -> None:
    fresh_tab.open_image(draw(LINES))
    page = fresh_tab.page
    page.on("dialog", lambda dialog: dialog.dismiss())  # who is asked stays
    with page_service.frozen_workers():
        page.locator("#read").click()
        expect(page.locator(".run")).to_be_visible()
        with page.expect_event("dialog") as asked:
            page.close(run_before_unload=True)
        assert asked.value.type == "beforeunload"
        # Another language loads the page again, so it is asked, too; the present one goes on.
        with page.expect_event("dialog") as asked:
            page.locator("#page-language").select_option("Deutsch")
        assert asked.value.type == "beforeunload"
        expect(page.locator("#page-language")).to_have_value("en")
        assert page.evaluate("localStorage.getItem('whaleline.language')") is None
        page.locator(".run").get_by_role("button", name="Cancel").click()


def test_turning_becomes_part_of_the_request_and_is_offered_where_it_reads_better(tab: Tab) -> None:
    tab.open_image(draw(LINES))
    for degrees in (90, 180, 270, 0, 90):
        tab.page.locator("#turn").click()
        assert tab.request()["Rotate"] == degrees
    expect(tab.page.locator("#turn")).to_have_attribute("aria-pressed", "true")
    tab.read()
    tab.page.locator("#outcome-messages").get_by_role("button", name="Read turned by 0°").click()
    expect(tab.page.locator(".card .text")).to_have_text("\n".join(LINES))
    expect(tab.page.locator("#turn")).to_have_attribute("aria-pressed", "false")
