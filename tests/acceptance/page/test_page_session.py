"""Who may use the page: this machine with nothing, everybody else with id and secret; and what nobody may."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from browser import Tab
from harness import ServiceProcess, draw, whaleline

CSP = {
    "default-src 'self'",
    "img-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service whose page wants a sign-in."""
    process = ServiceProcess(tmp_path_factory.mktemp("guarded") / "data", workers=1, local_page=False).start()
    yield process
    assert process.stop() == 0, process.log


def ask(service: ServiceProcess, drop: str = "", **headers: str) -> tuple[int, dict[str, Any]]:
    """Ask for a local session as the page does, but for some headers; written out, for clients add their own."""
    host = urlsplit(service.url).netloc
    sent = {"Host": host, "Origin": f"http://{host}", "Content-Length": "0"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent.pop(drop, None)
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.putrequest("POST", "/api/session", skip_host=True, skip_accept_encoding=True)
    for name, value in sent.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status, told


def test_this_machines_own_page_gets_a_short_lived_token(page_service: ServiceProcess) -> None:
    status, told = ask(page_service)
    assert status == 200
    assert told["expires_in"] == 900
    assert page_service.connect(token=told["access_token"]).read(draw(["hello"]))["taskStatus"] == "Completed"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Origin": "https://evil.example"}, "not made by this page"),
        ({"Origin": "null"}, "not made by this page"),
        ({"drop": "Origin"}, "not made by this page"),
        ({"Origin": "http://127.0.0.1:1"}, "not made by this page"),
        ({"Host": "evil.example:80", "Origin": "http://evil.example:80"}, "not opened by a loopback address"),
        ({"Host": "127.0.0.1.evil.example", "Origin": "http://127.0.0.1.evil.example"}, "not opened by a loopback"),
        ({"Host": "[", "Origin": "http://["}, "not opened by a loopback"),
        ({"Sec_Fetch_Site": "cross-site"}, "made by another site"),
        ({"X_Forwarded_For": "192.0.2.1"}, "forwarded"),
        ({"X_Forwarded_For": "127.0.0.1"}, "forwarded"),
        ({"X_Forwarded_Host": "ocr.example"}, "forwarded"),
        ({"X_Real_IP": "192.0.2.1"}, "forwarded"),
        ({"Forwarded": "for=192.0.2.1"}, "forwarded"),
        ({"Via": "1.1 proxy"}, "forwarded"),
    ],
)
def test_nobody_else_gets_one(page_service: ServiceProcess, headers: dict[str, str], reason: str) -> None:
    status, told = ask(page_service, **headers)
    assert status == 403
    assert reason in told["detail"]
    assert "access_token" not in told


def test_a_proxy_that_speaks_the_old_protocol_is_seen(page_service: ServiceProcess) -> None:
    host = urlsplit(page_service.url).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
    connection.request("POST", "/api/session", headers={"Origin": f"http://{host}"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert b"forwarded" in answer.read()
    connection.close()


def test_it_can_be_switched_off(guarded: ServiceProcess) -> None:
    status, told = ask(guarded)
    assert status == 403
    assert "local_page" in told["detail"]
    assert httpx.get(f"{guarded.url}/api/service").json()["signIn"] == "credentials"


def test_a_service_open_to_others_gives_no_local_session(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(host="0.0.0.0", workers=1)
    service.url = service.url.replace("0.0.0.0", "127.0.0.1")
    status, told = ask(service)
    assert status == 403
    assert "does not listen on a loopback address" in told["detail"]


def test_local_tasks_are_not_a_clients(page_service: ServiceProcess) -> None:
    _, told = ask(page_service)
    local = page_service.connect(token=told["access_token"])
    client = page_service.connect()
    mine, its = local.submit(draw(["mine"])), client.submit(draw(["its"]))
    assert client.get(mine)["taskStatus"] == "NotExist"
    assert local.get(its)["taskStatus"] == "NotExist"
    listed = {task["id"] for task in local.http.get("/api/tasks").json()["tasks"]}
    assert mine in listed
    assert its not in listed


def test_the_local_client_has_no_secret(page_service: ServiceProcess) -> None:
    ask(page_service)  # from here on the client is there
    listed = whaleline("client", "list", data=page_service.data_dir).stdout
    assert "this machine, without signing in" in listed
    for secret in ("", "local"):
        form = {"grant_type": "client_credentials", "client_id": "local", "client_secret": secret}
        assert httpx.post(f"{page_service.url}/connect/token", data=form).status_code == 400


def test_the_page_says_that_it_is_local(tab: Tab) -> None:
    expect(tab.page.locator("#who")).to_have_text("Local: this machine, no sign-in")
    expect(tab.page.locator("#sign-out")).to_be_hidden()


def test_the_page_asks_for_id_and_secret_and_keeps_them_in_memory_only(
    open_tab: Callable[..., Tab], guarded: ServiceProcess
) -> None:
    tab = open_tab(guarded)
    page = tab.page
    expect(page.locator("#who")).to_be_hidden()
    tab.open_image(draw(["All men live"]))
    tab.add(0, 0, 700, 60)  # coordinates can be found without signing in
    page.locator("#read").click()
    expect(page.locator("#sign-in-dialog")).to_be_visible()
    page.get_by_label("Client id").fill(guarded.client_id)
    page.get_by_label("Client secret").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-problem")).to_have_text("The client id and secret do not match.")
    page.get_by_label("Client secret").fill(guarded.secret)
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-dialog")).to_be_hidden()
    expect(page.locator("#outcome")).to_be_visible()  # what was asked for goes on
    assert tab.texts() == ["All men live"]
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    assert guarded.secret not in stored
    assert guarded.client_id not in stored
    assert page.locator("#client-secret").input_value() == ""
    tab.open()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("#who")).to_be_hidden()


def test_signing_out_forgets(open_tab: Callable[..., Tab], guarded: ServiceProcess) -> None:
    tab = open_tab(guarded, "#tasks")
    page = tab.page
    expect(page.locator("#tasks-message")).to_have_text("Sign in first.")
    page.locator("#sign-in").click()
    page.get_by_label("Client id").fill(guarded.client_id)
    page.get_by_label("Client secret").fill(guarded.secret)
    page.locator("#sign-in-form").get_by_role("button", name="Sign in").click()
    expect(page.locator("#who")).to_have_attribute("title", f"Signed in as client {guarded.client_id}")
    expect(page.locator("#tasks-message")).not_to_have_text("Sign in first.")
    page.locator("#sign-out").click()
    expect(page.locator("#tasks-message")).to_have_text("Sign in first.")


def test_everybody_is_one_client_where_authentication_is_off(
    start_service: Callable[..., ServiceProcess], open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(start_service(workers=1, authentication=False))
    expect(tab.page.locator("#who")).to_have_text("Open: no sign-in")
    tab.open_image(draw(["All men live"]))
    tab.read()
    assert tab.texts() == ["All men live"]


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/page/style.css", "/page/tiles-worker.js", "/page/icon.svg"])
def test_files_are_served_under_a_strict_policy(page_service: ServiceProcess, path: str) -> None:
    answer = httpx.get(page_service.url + path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert {each.strip() for each in policy.split(";")} == CSP
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = httpx.get(page_service.url + path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(page_service.url + path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/page/", "/page/nothing.js", "/page/..%2Fapp.py", "/page/app.py"])
def test_nothing_else_is_served(page_service: ServiceProcess, path: str) -> None:
    assert httpx.get(page_service.url + path).status_code == 404


def test_the_page_takes_no_other_method(page_service: ServiceProcess) -> None:
    answer = httpx.post(page_service.url + "/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
