"""Many files on the page: read with the same regions, checked by keys, kept over a reload, and one table out."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from lxml import etree
from PIL import Image
from playwright.sync_api import FilePayload, Locator, expect

import corpus
from browser import Tab, content, longest_task, memory, sheets
from corpus import Sheet
from harness import LINE_HEIGHT, ServiceProcess, draw

NAMES = ["Starbuck", "Peter Coffin", "Mary Folger"]
DATES = ["7 May 1822", "1 August 1819", ""]
"""The last form has no date, so there is a field to check."""


def payload(name: str, data: bytes, media: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": media, "buffer": data}


def forms() -> list[FilePayload]:
    return [payload(f"form-{n}.png", draw(list(lines))) for n, lines in enumerate(zip(NAMES, DATES, strict=True), 1)]


def bound(text: str) -> bytes:
    """A PDF of one page with a bookmark, which leads to a place that has a name."""
    page = Image.open(io.BytesIO(draw([text], 400))).convert("L")
    with pikepdf.open(io.BytesIO(corpus.pdf(Sheet((144, 21.6), page)))) as pdf:
        place = pdf.make_indirect(pikepdf.Dictionary(D=pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])))
        names = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("crew"), place]))
        pdf.Root.Names = pikepdf.Dictionary(Dests=pdf.make_indirect(names))
        with pdf.open_outline() as outline:
            led = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.String("crew"))
            outline.root.append(pikepdf.OutlineItem("Crew", action=led))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def table(tab: Tab) -> list[dict[str, str]]:
    with tab.page.expect_download() as coming:
        tab.page.locator("[data-files=csv]").click()
    return list(csv.DictReader(io.StringIO(content(coming.value)[1].decode("utf-8-sig"))))


def add(tab: Tab, files: list[FilePayload]) -> None:
    tab.page.locator("#to-files").click()
    tab.page.set_input_files("#choose-files", files)


def read(tab: Tab, count: int) -> None:
    tab.page.locator("#read-files").click()
    expect(tab.page.locator("#files-done")).to_have_text(f"{count} of {count} file{'s' if count > 1 else ''}")


@pytest.fixture
def tab(fresh_tab: Tab) -> Tab:
    """One for each test: the browser keeps the files."""
    return fresh_tab


@pytest.fixture
def sheet(tab: Tab) -> Tab:
    """The regions of a form, drawn."""
    tab.open_image(draw(["Ahab", "3 July 1820"]))
    for number, name in enumerate(("name", "date")):
        tab.add(0, LINE_HEIGHT * number, 700, LINE_HEIGHT * (number + 1), name=name)
    return tab


def test_a_pile_is_read_checked_by_keys_and_becomes_one_table(sheet: Tab) -> None:
    add(sheet, forms())
    expect(sheet.page.locator("#files-how")).to_contain_text("The 2 regions in the view Read are read")
    read(sheet, 3)
    assert [(row["file"], row["name"], row["date"]) for row in table(sheet)] == [
        (f"form-{n}.png", name, date) for n, (name, date) in enumerate(zip(NAMES, DATES, strict=True), 1)
    ]
    sent: list[str] = []
    sheet.page.on("request", lambda request: sent.append(request.url))
    check = sheet.page.locator("#review-files")
    doubtful = check.inner_text()
    check.click()
    dialog = sheet.page.locator("#review")
    expect(dialog.locator("#review-file")).to_have_text("form-3.png")  # the emptiest is the least sure
    expect(dialog.locator("#review-picture")).to_be_visible()
    while dialog.is_visible():
        sheet.page.keyboard.press("Tab")  # goes on, and accepts nothing
    expect(check).to_have_text(doubtful)
    check.click()
    sheet.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(check).to_have_text(doubtful)
    check.click()
    sheet.page.keyboard.type("5 June 1821")
    sheet.page.keyboard.press("Enter")
    while dialog.is_visible():  # whatever else the reader was unsure of
        sheet.page.keyboard.press("Enter")
    expect(check).to_have_text("Nothing to check")
    assert sent == [], "what a person says stays here"
    last = table(sheet)[2]
    assert (last["date"], last["note"].endswith("1 corrected by hand")) == ("5 June 1821", True)


def test_a_file_that_cannot_be_read_says_why_and_holds_up_nobody(tab: Tab) -> None:
    add(tab, [payload("broken.png", b"\x89PNG\r\n\x1a\nnothing"), *forms()[:1]])
    mark = tab.page.locator("#files-mark")
    mark.click()
    expect(tab.page.locator("#image-problem")).to_contain_text("broken.png cannot be shown: ")
    tab.page.locator("#to-files").click()
    tab.page.get_by_label("Choose form-1.png").check()  # another may be marked instead
    mark.click()
    expect(tab.page.locator("#image-facts")).to_contain_text("form-1 level.png")
    tab.page.locator("#close-image").click()
    tab.page.locator("#to-files").click()
    tab.page.get_by_label("Choose form-1.png").uncheck()
    read(tab, 2)
    failed = tab.page.locator("#files-rows tr").first
    expect(failed.locator(".state").first).to_have_text("Failed")
    expect(failed).to_contain_text("damaged or cut short")
    assert "Starbuck" in table(tab)[1]["Text"]
    for language in ("de", "es"):  # whose words are longer
        tab.open(f"?language={language}#files")
        actions = tab.page.locator("#files-rows .file-actions").first
        expect(actions.locator("button")).to_have_count(2)
        assert actions.evaluate("cell => cell.scrollWidth <= cell.clientWidth"), language


def test_a_service_that_is_away_fails_no_file(tab: Tab) -> None:
    add(tab, forms()[:2])
    tab.page.context.set_offline(True)
    tab.page.locator("#read-files").click()
    expect(tab.page.locator("#files-problem")).to_have_text("The service cannot be reached. Is it still running?")
    expect(tab.page.locator("#read-files")).to_have_text("Read 2 files")
    tab.page.context.set_offline(False)
    read(tab, 2)
    expect(tab.page.locator("#files-problem")).to_be_hidden()
    assert "Starbuck" in table(tab)[0]["Text"]
    tab.complaints.clear()  # the browser reports the connection


def test_a_pile_is_paused_one_file_is_cancelled_and_the_time_left_is_told(
    tab: Tab, page_service: ServiceProcess
) -> None:
    page = tab.page
    add(tab, [payload(f"{n}.png", draw([NAMES[0]])) for n in range(6)])

    def of(state: str) -> Locator:
        return page.locator(f"#files-rows .state[data-state={state}]")

    with page_service.frozen_workers():
        page.locator("#read-files").click()
        expect(of("reading")).to_have_count(4)
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Cancel 0.png").click()
        expect(of("cancelled")).to_have_count(1)
        page.evaluate("performance.now = ((now) => () => now() + 60_000)(performance.now.bind(performance))")
    expect(of("done")).to_have_count(3)
    expect(of("waiting")).to_have_count(2)  # nothing more is sent
    expect(page.locator("#files-done")).to_have_text(re.compile(r"^4 of 6 files, about \d+ s left$"))
    page.get_by_role("button", name="Remove 0.png").click()
    page.get_by_role("button", name="Again: 1.png").click()
    # What waits is read by what is chosen now, and the choice outlives a reload while something waits.
    field = {"name": "captain", "rect": {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 700, "bottomRightY": 60}}
    template = {"name": "Crew", "pages": [{"width": 700, "height": 60}], "fields": [field]}
    api = page_service.connect(token=page_service.page_token()).http
    api.put("/api/templates/Crew", json=template).raise_for_status()
    tab.open("#files")
    page.locator("#files-by").select_option("Crew")
    with page_service.frozen_workers():
        page.get_by_role("button", name="Read 3 files").click()
        expect(of("reading")).to_have_count(3)
        add(tab, [payload(f"more-{n}.png", draw([NAMES[0]])) for n in range(2)])  # they join
        expect(of("reading")).to_have_count(4)
        page.get_by_role("button", name="Pause").click()
        tab.open("#files")
        expect(page.locator("#files-by")).to_have_value("Crew")
    page.get_by_role("button", name="Read 1 file").click()
    expect(page.locator("#files-done")).to_have_text("7 of 7 files")
    expect(page.get_by_role("button", name="captain: Starbuck")).to_have_count(5)
    tab.open("#files")
    expect(page.locator("#files-by")).to_have_value("Crew")  # still, for what is read again or added
    page.locator("#files-by").select_option("")
    tab.open("#files")
    expect(page.get_by_role("button", name="captain: Starbuck")).to_have_count(5)
    expect(page.locator("#files-by")).to_have_value("")  # whatever the files were read by
    api.delete("/api/templates/Crew").raise_for_status()


def test_folders_are_chosen_and_dropped_with_their_names(tab: Tab, tmp_path: Path) -> None:
    for name in ("one/a.png", "two/a.png"):
        (tmp_path / "pile" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pile" / name).write_bytes(draw(["Ahab"]))
        (tmp_path / "pile" / name).with_name("Thumbs.db").write_bytes(b"of the system")
    names = tab.page.locator("#files-rows .file-name")
    tab.page.locator("#to-files").click()
    tab.page.set_input_files("#choose-folder", tmp_path / "pile")
    expect(names).to_have_count(2)
    assert set(names.all_inner_texts()) == {"pile/one/a.png", "pile/two/a.png"}
    session = tab.page.context.new_cdp_session(tab.page)
    data = {"items": [], "files": [str(tmp_path / "pile")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 500, "data": data})
    expect(names).to_have_count(4)
    assert sorted(names.all_inner_texts()) == sorted(["pile/one/a.png", "pile/two/a.png"] * 2)


def test_files_results_and_corrections_outlive_a_reload_until_they_are_forgotten(sheet: Tab) -> None:
    add(sheet, forms()[:1])
    read(sheet, 1)
    sheet.page.get_by_role("button", name="date: 7 May 1822").click()
    sheet.page.locator("#review-value").fill("8 May 1822")
    sheet.page.keyboard.press("Enter")
    sheet.page.keyboard.press("Escape")
    expect(sheet.page.get_by_role("button", name="date: 8 May 1822")).to_be_visible()
    sheet.open("#files")
    expect(sheet.page.get_by_role("button", name="date: 8 May 1822")).to_be_visible()
    for name in ("Again: form-1.png", "Remove form-1.png"):  # neither loses a correction without a question
        sheet.page.get_by_role("button", name=name).click()
        expect(sheet.page.get_by_role("dialog")).to_contain_text("“form-1.png” has 1 field that you checked.")
        sheet.page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(sheet.page.get_by_role("button", name="date: 8 May 1822")).to_be_visible()
    sheet.page.locator("#forget-files").click()
    sheet.page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(sheet.page.locator("#files-empty")).to_be_visible()
    sheet.open("#files")
    expect(sheet.page.locator("#files-empty")).to_be_visible()


def test_text_that_looks_like_a_formula_stays_text_in_the_table(sheet: Tab) -> None:
    add(sheet, forms()[:1])
    read(sheet, 1)
    for value, written in (('=HYPERLINK("http://evil")', '\'=HYPERLINK("http://evil")'), ("-12.50", "-12.50")):
        sheet.page.locator("#files-rows .value").first.click()
        sheet.page.locator("#review-value").fill(value)
        sheet.page.keyboard.press("Enter")
        sheet.page.keyboard.press("Escape")
        expect(sheet.page.locator("#files-rows .value").first).to_have_text(value)
        assert table(sheet)[0]["name"] == written


def test_results_are_taken_for_some_or_all_files_in_one_or_in_one_each(tab: Tab) -> None:
    add(tab, [*forms()[:2], payload("form-3.pdf", bound(NAMES[2]), "application/pdf")])
    read(tab, 3)
    page = tab.page

    def take(kind: str) -> tuple[str, bytes]:
        with page.expect_download() as coming:
            page.locator(f"[data-files={kind}]").click()
        return content(coming.value)

    name, data = take("xlsx")
    assert name == "files.xlsx"
    rows = sheets(data)["Files"]
    assert [row[0] for row in rows] == ["file", "form-1.png", "form-2.png", "form-3.pdf"]
    assert rows[1][1] == f"{NAMES[0]}\n{DATES[0]}"
    page.get_by_label("Choose form-1.png").check()
    page.get_by_label("Choose form-3.pdf").check()
    expect(page.locator("#files-chosen")).to_have_text("Download 2 files as")
    name, data = take("pdf")
    assert name == "files.pdf"
    with pikepdf.open(io.BytesIO(data)) as joined:
        assert joined.check_pdf_syntax() == []
        # Each file is a bookmark, over those that it has itself; one of them leads to a place by its name.
        with joined.open_outline() as outline:
            bookmarks: Any = outline.root
            first, last = bookmarks
            assert (str(first.title), str(last.title), last.children[0].title) == ("form-1", "form-3", "Crew")
            assert last.destination[0] == last.children[0].action.D[0] == joined.pages[1].obj
    with pypdfium2.PdfDocument(data) as joined:
        texts = [each.get_textpage().get_text_range() for each in joined]
    assert len(texts) == 2
    assert NAMES[0] in texts[0]
    assert NAMES[2] in texts[1]
    name, data = take("hocr")
    assert name == "files.hocr.html"
    hocr = etree.fromstring(data)
    assert hocr.xpath("//*[@class='ocr_page']/@id") == ["page_1", "page_2"]
    assert NAMES[2] in "".join(hocr.xpath("//*[@id='page_2']")[0].itertext())
    assert len(set(hocr.xpath("//@id"))) == len(hocr.xpath("//@id"))
    page.get_by_label("one file each").check()
    with zipfile.ZipFile(io.BytesIO(take("pdf")[1])) as archive:
        assert archive.namelist() == ["form-1.pdf", "form-3.pdf"]
        assert archive.read("form-1.pdf").startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(take("txt")[1])) as archive:
        assert archive.namelist() == ["form-1.txt", "form-3.txt"]
        assert NAMES[0] in archive.read("form-1.txt").decode()
    page.get_by_label("Choose form-3.pdf").uncheck()
    assert take("hocr")[0] == "form-1.hocr.html"


def test_hundreds_of_files_are_few_nodes_and_little_memory(tab: Tab) -> None:
    image = draw(["Ahab"] * 20, width=1700)  # two megapixels, 8 MiB when decoded
    scroll = "to => { document.querySelector('#files-table').scrollTop = to * 44; }"
    add(tab, [payload(f"{n:03}.png", image) for n in range(50)])
    expect(tab.page.locator("#read-files")).to_have_text("Read 50 files")
    longest_task(tab.page, scroll, range(0, 51, 10))
    before = memory(tab.page)
    add(tab, [payload(f"{n:03}.png", image) for n in range(50, 250)])
    expect(tab.page.locator("#read-files")).to_have_text("Read 250 files")
    rows = tab.page.locator("#files-rows tr")
    assert rows.count() < 60
    assert longest_task(tab.page, scroll, range(0, 251, 10)) < 0.1  # nothing is read meanwhile
    assert memory(tab.page) - before < 200  # the pictures of 200 files take 1.5 GiB
    tab.page.locator("#files-table").evaluate("(table) => { table.scrollTop = table.scrollHeight; }")
    expect(rows.last).to_contain_text("249.png")
    assert rows.count() < 60
    with tab.page.expect_download() as coming:
        tab.page.locator("[data-files=json]").click()
    assert len(json.loads(content(coming.value)[1])) == 250


def test_joined_files_take_the_memory_of_a_few(tab: Tab) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Large = pdf.make_stream(os.urandom(8 * 2**20))
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    before = memory(tab.page)
    size = tab.page.evaluate(
        """async (text) => {
          const { joinPdfs } = await import('/page/any/joining-pdf.js');
          const { fromBase64 } = await import('/page/any/base64.js');
          const blob = new Blob([fromBase64(text)]);
          return (await joinPdfs(Array.from({ length: 48 }, (_, at) => ({ name: String(at), blob })))).size;
        }""",
        base64.b64encode(out.getvalue()).decode(),
    )
    assert size > 48 * 8 * 2**20
    # What was used stays until it is collected, some 150 MiB; as much for 100 files as for 20.
    assert memory(tab.page, most=True) - before < 240
