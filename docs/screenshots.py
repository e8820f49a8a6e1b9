"""Makes the pictures of docs/page/ from the running page: `make screenshots`."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.sync_api import Browser, FilePayload, expect, sync_playwright

from browser import HOW_TO_INSTALL, Tab, find_chromium, new_tab
from harness import ServiceProcess

FOLDER = Path(__file__).with_name("page")
COLOURS = 256
"""Enough for a page of few colours, and half the bytes."""

SIZE = (1240, 900)
ROWS = [
    ("Surname", "Melville", "surname"),
    ("Given names", "Herman", "given names"),
    ("Date of birth", "1 August 1819", "date of birth"),
    ("Place of birth", "New York, Manhattan", "place of birth"),
    ("Vessel", "Acushnet of Fairhaven", "vessel"),
]


def form(number: int = 0) -> bytes:
    """A filled form, the last row of which has suffered; not so where the number is odd."""
    image = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(image)
    pen.text((100, 80), "Application for a whaling voyage", "#16212b", ImageFont.load_default(52))
    pen.text((100, 160), "Please complete in block letters or by machine.", "#16212b", ImageFont.load_default(26))
    for row, (label, value, _) in enumerate(ROWS):
        top = 270 + 110 * row
        pen.text((100, top + 8), label, "#5a6772", ImageFont.load_default(26))
        pen.text((420, top), value, "#16212b", ImageFont.load_default(40))
        pen.line((400, top + 62, 1140, top + 62), "#9aa5ae", 2)
    box = (400, 700, 1140, 768)
    if number % 2 == 0:
        suffered = image.crop(box).resize((74, 7)).resize((740, 68)).filter(ImageFilter.GaussianBlur(1.5))
        image.paste(suffered, box)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def scan(number: int) -> bytes:
    """The form as it lies askew on the glass."""
    sheet = Image.new("RGB", (SIZE[0] + 160, SIZE[1] + 160), "#e9e9e9")
    sheet.paste(Image.open(io.BytesIO(form(number))), (80, 80))
    out = io.BytesIO()
    sheet.rotate(3 * number - 9, Image.Resampling.BICUBIC, fillcolor="#e9e9e9").save(out, "JPEG", quality=85)
    return out.getvalue()


def fill(tab: Tab, number: int = 0) -> None:
    """Open the form, lay regions over it and read them."""
    tab.open_image(form(number), "application.png")
    for row, (_, _, name) in enumerate(ROWS):
        tab.add(404, 262 + 110 * row, 1136, 328 + 110 * row, name=name)
    tab.read()
    tab.stage.focus()
    tab.page.keyboard.press("Escape")
    tab.page.evaluate("document.activeElement.blur()")


def save(tab: Tab, name: str) -> None:
    """Keep what the window shows, in few colours."""
    picture = Image.open(io.BytesIO(tab.page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def shoot(browser: Browser, service: ServiceProcess) -> None:
    """All pictures."""
    tab = new_tab(browser, service.url, service.link, viewport={"width": 1360, "height": 860}).open()
    save(tab, "start")
    fill(tab)
    tab.page.locator(".card .word").last.hover()
    save(tab, "read")
    tab.page.mouse.move(0, 0)
    tab.code("python")
    save(tab, "code")
    tab.tab("regions")
    tab.select(1)
    tab.page.evaluate("document.activeElement.blur()")
    save(tab, "fields")
    tab.tab("templates")
    tab.page.locator("#template-name").fill("Voyage")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="Use Voyage").click()
    tab.page.locator("#to-files").click()
    piled: list[FilePayload] = [
        {"name": f"application-{n}.jpg", "mimeType": "image/jpeg", "buffer": scan(n)} for n in range(1, 6)
    ]
    tab.page.set_input_files("#choose-files", piled)
    tab.page.locator("#read-files").click()
    expect(tab.page.locator("#files-done")).to_have_text("5 of 5 files", timeout=600_000)
    save(tab, "files")
    tab.page.locator("#review-files").click()
    expect(tab.page.locator("#review-picture")).to_be_visible()
    save(tab, "review")
    tab.page.keyboard.press("Escape")
    tab.page.locator("#files-rows .file-name").first.click()
    expect(tab.page.locator(".laid")).to_have_count(len(ROWS))
    save(tab, "form")
    tab.page.context.close()

    shoot_success(browser, service)

    tab = new_tab(
        browser, service.url, service.link, viewport={"width": 1360, "height": 860}, color_scheme="dark"
    ).open()
    fill(tab)
    tab.select(2)
    save(tab, "dark")
    tab.page.locator("#to-tasks").click()
    expect(tab.page.locator("#tasks tr").nth(6)).to_be_visible()
    save(tab, "tasks")
    tab.page.context.close()

    tab = new_tab(browser, service.url, service.link, viewport={"width": 390, "height": 844}, has_touch=True).open()
    fill(tab)
    tab.page.evaluate("scrollTo(0, 0)")
    save(tab, "narrow")
    tab.page.context.close()


def shoot_success(browser: Browser, service: ServiceProcess) -> None:
    """The picture of the README."""
    tab = new_tab(browser, service.url, service.link, viewport={"width": 1360, "height": 860}).open()
    fill(tab, 1)
    save(tab, "success")
    tab.page.context.close()


def main() -> None:
    """Start a private service, and take its pictures."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(HOW_TO_INSTALL)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = ServiceProcess(Path(folder) / "data", workers=1).start()
        try:
            browser = playwright.chromium.launch(executable_path=chromium)
            shoot(browser, service)
            browser.close()
        finally:
            service.stop()


if __name__ == "__main__":
    main()
