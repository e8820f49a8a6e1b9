"""Who may use the page: who has its link, and who has id and secret; and what nobody may."""

from __future__ import annotations

import contextlib
import re
import shlex
import socket
import socketserver
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from browser import Tab
from harness import DEADLINE, ServiceProcess, draw, whaleline

CSP = {
    "default-src 'self'",
    "img-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}


def secret_of(service: ServiceProcess) -> str:
    return service.link.partition("#link=")[2]


def ask(service: ServiceProcess, secret: str, **headers: str) -> httpx.Response:
    """Ask for a session as the page does, but for some headers."""
    usual = {"Origin": service.url, "Sec-Fetch-Site": "same-origin", "Authorization": f"Bearer {secret}".strip()}
    sent = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{service.url}/api/session", headers=sent, timeout=DEADLINE)


def test_the_link_comes_first_and_its_secret_is_long(page_service: ServiceProcess) -> None:
    told = page_service.told
    assert told.index(page_service.link) < min(told.index("secret"), told.index("listens on"))
    assert page_service.link.startswith(f"{page_service.url}/#link=")
    assert len(secret_of(page_service)) >= 43  # 256 bits in Base64
    assert secret_of(page_service) not in page_service.log


@pytest.mark.embedded("with a broker there is no link: several processes have no secret in common")
def test_the_link_stands_in_a_file_of_its_owners_alone_and_outlives_a_restart(
    start_service: Callable[..., ServiceProcess], tmp_path: Path
) -> None:
    first = start_service(tmp_path / "data", workers=1)
    file = tmp_path / "data" / "page-link"
    assert file.read_text() == f"{first.link}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first.stop()
    second = start_service(tmp_path / "data", workers=1)
    assert secret_of(second) == secret_of(first)
    assert file.read_text() == f"{second.link}\n"  # at another port
    assert ask(second, secret_of(first)).status_code == 200
    second.stop()
    file.unlink()  # ends it
    third = start_service(tmp_path / "data", workers=1)
    assert ask(third, secret_of(first)).status_code == 403


def test_the_link_gets_a_short_lived_token(page_service: ServiceProcess) -> None:
    answer = ask(page_service, secret_of(page_service))
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 900)
    assert "set-cookie" not in answer.headers
    page = page_service.connect(token=answer.json()["access_token"])
    assert page.read(draw(["hello"]))["taskStatus"] == "Completed"


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_who_has_not_the_link_gets_none(page_service: ServiceProcess, secret: str) -> None:
    answer = ask(page_service, secret)
    assert answer.status_code == 403
    assert "not the link that the service printed" in answer.json()["detail"]
    odd = {b"Authorization": b"Bearer \xc3\xa9\xff"}
    for headers in ({}, odd):
        assert httpx.post(f"{page_service.url}/api/session", timeout=DEADLINE, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Sec_Fetch_Site": "cross-site"}],
    ids="".join,
)
def test_another_sites_page_gets_none_even_by_the_link(page_service: ServiceProcess, headers: dict[str, str]) -> None:
    assert ask(page_service, secret_of(page_service), **headers).status_code == 403


def test_strangers_behind_a_proxy_of_this_machine_get_none(page_service: ServiceProcess) -> None:
    """One that passes bytes on, as socat does and HAProxy in TCP mode: nothing in the request tells of it."""
    with forwarding_to(page_service) as port:
        headers = {"Origin": f"http://127.0.0.1:{port}"}
        assert httpx.post(f"http://127.0.0.1:{port}/api/session", headers=headers).status_code == 403
        assert httpx.get(f"http://127.0.0.1:{port}/api/service").json()["signIn"] == "link"


@contextlib.contextmanager
def forwarding_to(service: ServiceProcess) -> Iterator[int]:
    """A port that passes each connection on, byte by byte."""
    target = urlsplit(service.url)

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((target.hostname, target.port)) as there:
                other = threading.Thread(target=pass_on, args=(there, self.request))
                other.start()
                pass_on(self.request, there)
                other.join()

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forward) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_service_open_to_others_has_no_link(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(host="0.0.0.0", workers=1)
    service.url = service.url.replace("0.0.0.0", "127.0.0.1")
    assert service.link == ""
    answer = ask(service, "")
    assert answer.status_code == 403
    assert "no link" in answer.json()["detail"]
    assert httpx.get(f"{service.url}/api/service").json()["signIn"] == "credentials"


def test_local_tasks_are_not_a_clients(page_service: ServiceProcess) -> None:
    page, client = page_service.connect(token=page_service.page_token()), page_service.connect()
    mine, its = page.submit(draw(["mine"])), client.submit(draw(["its"]))
    assert client.get(mine)["taskStatus"] == "NotExist"
    assert page.get(its)["taskStatus"] == "NotExist"
    listed = {task["id"] for task in page.http.get("/api/tasks").json()["tasks"]}
    assert mine in listed
    assert its not in listed


def test_the_local_client_has_no_secret(page_service: ServiceProcess) -> None:
    page_service.page_token()  # from here on the client is there
    listed = whaleline("client", "list", data=page_service.data_dir).stdout
    assert "this machine's page, without a secret" in listed
    for secret in ("", "local"):
        form = {"grant_type": "client_credentials", "client_id": "local", "client_secret": secret}
        assert httpx.post(f"{page_service.url}/connect/token", data=form).status_code == 400


def test_the_page_opened_by_its_link_needs_no_sign_in(
    page_service: ServiceProcess, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(page_service)
    page = tab.page
    expect(page.locator("#who")).to_have_text("Local: opened by its link")
    expect(page.locator("#sign-out")).to_be_hidden()
    expect(page.locator("#link-hint")).to_be_hidden()
    assert page.url == f"{page_service.url}/"  # the secret is no longer to be seen
    assert page.context.cookies() == []
    tab.open_image(draw(["All men live"]))
    tab.read()
    assert tab.texts() == ["All men live"]
    page.goto("about:blank")
    page.goto(page_service.url)  # the next visit needs no link
    expect(page.locator("#who")).to_have_text("Local: opened by its link")


def test_a_link_that_does_not_do_is_forgotten(page_service: ServiceProcess, open_tab: Callable[..., Tab]) -> None:
    page = open_tab(page_service, link=f"{page_service.url}/#link=of-another-service").page
    expect(page.locator("#who")).to_be_hidden()
    expect(page.locator("#link-hint")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == []
    # The right one may be opened in the same tab, where only the fragment is new.
    page.evaluate("address => { location.href = address }", page_service.link)
    expect(page.locator("#who")).to_have_text("Local: opened by its link")


def test_the_page_says_where_the_link_is_asks_for_id_and_secret_and_keeps_them_in_memory_only(
    page_service: ServiceProcess, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(page_service, link="")
    page = tab.page
    expect(page.locator("#who")).to_be_hidden()
    expect(page.locator("#link-hint")).to_contain_text("open the link that the service printed when it started")
    expect(page.locator("#link-hint")).to_contain_text("page-link")
    tab.open_image(draw(["All men live"]))
    tab.add(0, 0, 700, 60)  # coordinates can be found without signing in
    page.locator("#read").click()
    expect(page.locator("#sign-in-dialog")).to_be_visible()
    expect(page.locator("#sign-in-dialog .link-hint")).to_be_visible()
    # The command that the dialog tells makes a pair of id and secret, as it stands there.
    program, *arguments = shlex.split(page.locator("#sign-in-command").inner_text())
    assert program == "whaleline"
    pair = whaleline(*arguments, data=page_service.data_dir).stdout
    client_id, secret = (re.search(rf"^{key}\s+(\S+)$", pair, re.MULTILINE) for key in ("id", "secret"))
    assert client_id, pair
    assert secret, pair
    page.get_by_label("Client id").fill(client_id[1])
    page.get_by_label("Client secret").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-problem")).to_have_text("The client id and secret do not match.")
    page.get_by_label("Client secret").fill(secret[1])
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-dialog")).to_be_hidden()
    expect(page.locator("#outcome")).to_be_visible()  # what was asked for goes on
    assert tab.texts() == ["All men live"]
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    assert secret[1] not in stored
    assert client_id[1] not in stored
    assert page.locator("#client-secret").input_value() == ""
    tab.open()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("#who")).to_be_hidden()


def test_signing_out_forgets(page_service: ServiceProcess, open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(page_service, "#tasks", link="")
    page = tab.page
    expect(page.locator("#tasks-message")).to_have_text("Sign in first.")
    page.locator("#sign-in").click()
    page.get_by_label("Client id").fill(page_service.client_id)
    page.get_by_label("Client secret").fill(page_service.secret)
    page.locator("#sign-in-form").get_by_role("button", name="Sign in").click()
    expect(page.locator("#who")).to_have_attribute("title", f"Signed in as client {page_service.client_id}")
    expect(page.locator("#tasks-message")).not_to_have_text("Sign in first.")
    page.locator("#sign-out").click()
    expect(page.locator("#tasks-message")).to_have_text("Sign in first.")


def test_nobody_signs_in_where_authentication_is_off(
    start_service: Callable[..., ServiceProcess], open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(start_service(workers=1, authentication=False))
    expect(tab.page.locator("#who")).to_have_text("Open: no sign-in")
    expect(tab.page.locator("#sign-in")).to_be_hidden()
    tab.open_image(draw(["All men live"]))
    tab.read()
    assert tab.texts() == ["All men live"]
    tab.page.locator("#to-tasks").click()
    expect(tab.page.locator("#tasks tr")).to_have_count(1)


FILES = ["/", *[f"/page/any/{name}" for name in ("main.js", "style.css", "tiles-worker.js", "icon.svg")]]


@pytest.mark.parametrize("path", FILES)
def test_files_are_served_under_a_strict_policy(page_service: ServiceProcess, path: str) -> None:
    answer = httpx.get(page_service.url + path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert {each.strip() for each in policy.split(";")} == CSP
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    again = httpx.get(page_service.url + path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(page_service.url + path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/page/", "/page/any/nothing.js", "/page/any/index.html", "/page/any/..%2Fapp.py", "/page/any/app.py"]
)
def test_nothing_else_is_served(page_service: ServiceProcess, path: str) -> None:
    assert httpx.get(page_service.url + path).status_code == 404


def test_a_browser_that_has_the_page_fetches_nothing_but_what_names_its_files(fresh_tab: Tab) -> None:
    def fetched() -> list[str]:
        names = fresh_tab.page.evaluate("performance.getEntries().filter(one => one.transferSize).map(one => one.name)")
        return [name for name in names if "/page/" in name or name == f"{fresh_tab.url}/"]

    assert len(fetched()) > 60
    fresh_tab.open()
    assert fetched() == [f"{fresh_tab.url}/"]


def test_the_page_takes_no_other_method(page_service: ServiceProcess) -> None:
    answer = httpx.post(page_service.url + "/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
