"""A browser for the tests of the page. Every test also shows that the page keeps its policy and calls no other host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from browser import HOW_TO_INSTALL, Tab, find_chromium, new_tab
from harness import ServiceProcess


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder: Playwright's event loop runs as long, and no other may run beside it."""
    executable = find_chromium()
    if executable is None:
        pytest.skip(HOW_TO_INSTALL)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def page_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A running service in its default set-up, but for one worker and a free port."""
    process = ServiceProcess(tmp_path_factory.mktemp("page") / "data", workers=1).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens a tab on a service, by its link: `open_tab(service, **options of the browser's context)`."""
    made: list[Tab] = []

    def start(service: ServiceProcess, fragment: str = "", **options: Any) -> Tab:
        made.append(new_tab(browser, service.url, options.pop("link", service.link), **options))
        return made[-1].open(fragment)

    yield start
    for tab in made:
        tab.page.context.close()
    for tab in made:
        assert tab.complaints == []
        assert tab.foreign == []


@pytest.fixture
def fresh_tab(open_tab: Callable[..., Tab], page_service: ServiceProcess) -> Tab:
    """A tab on the running service, opened by its link, in which nothing is stored."""
    return open_tab(page_service)


@pytest.fixture(scope="module")
def tab_of_file(browser: Browser, page_service: ServiceProcess) -> Iterator[Tab]:
    """A tab on the running service that the tests of a file share, by `tab`."""
    tab = new_tab(browser, page_service.url, page_service.link).open()
    yield tab
    tab.page.context.close()


@pytest.fixture
def tab(tab_of_file: Tab) -> Iterator[Tab]:
    """The same tab for each test of a file: to load the page takes as long as such a test itself.

    No image is open in it, no region is drawn, and the settings are the usual ones.
    """
    page = tab_of_file.page
    page.unroute_all()
    if page.locator("#view-read").is_hidden():
        page.locator("#to-read").click()
        expect(page.locator("#view-read")).to_be_visible()
    if page.locator("#close-image").is_visible():
        page.locator("#mode-draw").click()
        page.locator("#close-image").click()
        tab_of_file.tab("settings")
        page.locator("#reset-settings").click()
    tab_of_file.tab("regions")
    expect(page.locator(".region, .card[data-id]")).to_have_count(0)
    yield tab_of_file
    complaints, foreign = [*tab_of_file.complaints], [*tab_of_file.foreign]
    tab_of_file.complaints.clear()
    tab_of_file.foreign.clear()
    assert complaints == []
    assert foreign == []
