"""The web page in a real browser, as its user sees it."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from playwright.sync_api import Browser, ConsoleMessage, Download, Locator, Page, expect

HOW_TO_INSTALL = "Chromium is missing, so the page was not tested; as root: apt-get install chromium-headless-shell"

SECONDS = 120
"""How long anything on the page may take; generous, for machines that are busy."""

expect.set_options(timeout=SECONDS * 1000)


def find_chromium() -> str | None:
    """The browser's executable: that of the variable CHROMIUM, or Debian's.

    The one without a window comes first: the engine is the same, and a tab takes it half as much of the processor.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@dataclass
class Tab:
    """A tab with the page of a service.

    Attributes:
        page: Playwright's view of it.
        url: the service's address.
        link: what to open first, to be signed in; empty to open the page as a stranger.
        complaints: what the browser has complained about: errors of scripts, of the policy, of loading.
        foreign: addresses of other hosts that were asked for anything.
    """

    page: Page
    url: str
    link: str = ""
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note what a page should never do."""
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._on_address(request.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        # The browser reports every answer of 400 and more there; what the page makes of it is what tests look at.
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def _on_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("blob", "data") and parts.netloc != urlsplit(self.url).netloc:
            self.foreign.append(address)

    def open(self, fragment: str = "") -> Tab:
        """Load the page, and wait until it is ready; by the link the first time, which the browser then remembers."""
        address, before = f"{self.url}/{fragment}", self.page.url
        if self.link and before == "about:blank":
            self._go(self.link)
        if fragment or self.page.url == before:
            self._go(address)
            if "#" in fragment and before.partition("#")[0] == address.partition("#")[0]:
                self.page.reload()  # since nothing is loaded where only the fragment differs
                self._wait()
        return self

    def _go(self, address: str) -> None:
        self.page.goto(address)
        self._wait()

    def _wait(self) -> None:
        self.page.locator("html[data-ready]").wait_for(state="attached")

    def open_image(self, image: bytes, name: str = "form.png", media: str = "image/png") -> None:
        """Choose an image file, and wait until it is shown."""
        chooser = "#choose" if self.page.locator("#drop").is_visible() else "#reopen"
        self.page.set_input_files(chooser, {"name": name, "mimeType": media, "buffer": image})
        expect(self.page.locator("#image-facts")).to_contain_text(name)

    # The picture

    @property
    def stage(self) -> Locator:
        """The picture's stage."""
        return self.page.locator("#stage")

    def fit(self, width: int, height: int) -> tuple[float, float, float]:
        """Scale and offset, in the window, of an image that fits its stage."""
        box = self.stage.bounding_box()
        assert box is not None
        margin = min(24.0, box["width"] / 10, box["height"] / 10)
        scale = min((box["width"] - 2 * margin) / width, (box["height"] - 2 * margin) / height, 4.0)
        return (
            scale,
            box["x"] + (box["width"] - width * scale) / 2,
            box["y"] + (box["height"] - height * scale) / 2,
        )

    def drag(self, size: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag the mouse from one of a fitted image's points to another."""
        scale, x, y = self.fit(*size)
        mouse = self.page.mouse
        mouse.move(x + start[0] * scale, y + start[1] * scale)
        mouse.down()
        mouse.move(x + (start[0] + end[0]) / 2 * scale, y + (start[1] + end[1]) / 2 * scale, steps=3)
        mouse.move(x + end[0] * scale, y + end[1] * scale, steps=3)
        mouse.up()

    # The regions

    @property
    def cards(self) -> Locator:
        """The cards of the regions, in order."""
        return self.page.locator(".card[data-id]")

    def corners(self, at: int) -> tuple[int, ...]:
        """Left, top, right and bottom of a region, counted from 0."""
        fields = self.cards.nth(at).locator(".edges input")
        return tuple(int(fields.nth(number).input_value()) for number in range(4))

    def all_corners(self) -> list[tuple[int, ...]]:
        """The corners of all regions."""
        return [self.corners(at) for at in range(self.cards.count())]

    def expect_corners(self, corners: Sequence[tuple[int, ...]]) -> None:
        """Wait until the regions have these corners."""
        expect(self.cards).to_have_count(len(corners))
        for at, four in enumerate(corners):
            for number, corner in enumerate(four):
                expect(self.cards.nth(at).locator(".edges input").nth(number)).to_have_value(str(corner))

    def names(self) -> list[str]:
        """The names of all regions."""
        names = self.cards.locator(".name")
        return [names.nth(at).input_value() for at in range(names.count())]

    def select(self, at: int) -> None:
        """Select a region by its card."""
        self.cards.nth(at).locator(".name").click()

    def type_corners(self, at: int, *corners: int | str) -> None:
        """Type a region's corners, and leave the last field."""
        self.select(at)
        for number, corner in enumerate(corners):
            self.cards.nth(at).locator(".edges input").nth(number).fill(str(corner))
        self.page.keyboard.press("Tab")

    def add(self, *corners: int, name: str = "") -> None:
        """Add a region with the corners given."""
        at = self.cards.count()
        self.page.locator("#add-region").click()
        expect(self.cards).to_have_count(at + 1)
        # Edges are taken one by one, and left must never pass right; so the far ones go first.
        self.select(at)
        fields = self.cards.nth(at).locator(".edges input")
        for number in (2, 3, 0, 1):
            fields.nth(number).fill(str(corners[number]))
        self.page.keyboard.press("Tab")
        assert self.corners(at) == corners
        if name:
            self.cards.nth(at).locator(".name").fill(name)

    # Reading

    def read(self) -> None:
        """Press Read, and wait for the result."""
        self.page.locator("#read").click()
        expect(self.page.locator("#outcome")).to_be_visible()

    def texts(self) -> list[str]:
        """What was read, by card."""
        return [text.inner_text() for text in self.page.locator(".card .text").all()]

    def tab(self, name: str) -> None:
        """Go to a tab of the panel."""
        self.page.locator(f"#tab-{name}").click()

    def code(self, kind: str = "json") -> str:
        """What `As code` shows."""
        self.tab("code")
        self.page.locator(f"#code-language input[value={kind}]").check()
        return self.page.locator("#code").inner_text()

    def request(self) -> dict[str, Any]:
        """The settings of the request that is on the screen."""
        return dict(json.loads(self.code())["settings"])

    def download(self, kind: str) -> tuple[str, bytes]:
        """Download the results; name and content of the file."""
        with self.page.expect_download() as coming:
            self.page.locator(f"[data-download={kind}]").click()
        return content(coming.value)


def longest_task(page: Page, script: str, steps: Iterable[int]) -> float:
    """Runs a script with each number, and tells how long the page's own thread was at work for it at most, in seconds.

    That is its processor time, so what else the machine has to do does not count. All tasks of a step are taken as one.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in told if each["name"] == "TaskDuration"))

    longest = 0.0
    for step in steps:
        before = spent()
        page.evaluate(script, step)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        longest = max(longest, spent() - before)
    session.detach()
    assert longest > 0, "the browser counts"
    return longest


def memory(page: Page, *, most: bool = False) -> float:
    """Mebibytes that a page's own process takes when its garbage is collected: scripts, nodes and pictures.

    Args:
        page: the page.
        most: tell the most that it has ever taken instead.
    """
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()
    browser = page.context.browser
    assert browser is not None
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    taken = [
        int(line.split()[1])
        for each in processes
        if each["type"] == "renderer"
        for line in Path(f"/proc/{each['id']}/status").read_text().splitlines()
        if line.startswith("VmHWM" if most else "VmRSS")
    ]
    assert taken
    return sum(taken) / 1024


def content(download: Download) -> tuple[str, bytes]:
    """Name and content of a downloaded file."""
    return download.suggested_filename, Path(download.path()).read_bytes()


def sheets(data: bytes) -> dict[str, list[list[str]]]:
    """The rows of each sheet of a workbook."""
    names = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        titles = etree.fromstring(book.read("xl/workbook.xml")).xpath("//x:sheet/@name", namespaces=names)
        return {
            str(title): [
                ["".join(cell.itertext()) for cell in row.xpath("x:c", namespaces=names)]
                for row in etree.fromstring(book.read(f"xl/worksheets/sheet{at}.xml")).xpath(
                    "//x:row", namespaces=names
                )
            ]
            for at, title in enumerate(titles, 1)
        }


def new_tab(browser: Browser, url: str, link: str = "", **options: Any) -> Tab:
    """A tab in a context of its own, with nothing stored."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = Tab(context.new_page(), url, link)
    tab.watch()
    return tab
