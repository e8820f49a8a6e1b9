"""Without authentication: who may use the service all the same, who may not, and as whom."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from harness import DEADLINE, REGIONS, STATUS, Api, ServiceProcess, b64, draw, rows, texts, wait_until

TOKEN = "/connect/token"
GRANT = {"grant_type": "client_credentials"}
BODY = {"image": b64(draw(["Pip"], 100))}
ASKED: dict[str, dict[str, Any]] = {
    "post": {"method": "POST", "url": REGIONS, "json": BODY},
    "get": {"method": "GET", "url": f"{REGIONS}?id=x"},
    "delete": {"method": "DELETE", "url": f"{REGIONS}?id=x"},
    "status": {"method": "GET", "url": f"{STATUS}?id=x"},
    "token": {"method": "POST", "url": TOKEN, "data": GRANT},
    "list": {"method": "GET", "url": "/api/tasks"},
    "details": {"method": "GET", "url": "/api/tasks/x"},
}
"""Everything that asks for a token where authentication is on, or gives one."""


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service without authentication, behind a proxy, so that requests may come from any address."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("open") / "data",
        workers=1,
        authentication=False,
        allowed_hosts="ocr.example, whaleline",
        trusted_proxies="127.0.0.1",
        client_requests_per_minute=50,
        max_open_tasks=1,
    ).start()
    yield process
    assert process.stop() == 0, process.log


NETWORKS = itertools.count(1)


@pytest.fixture
def http(open_service: ServiceProcess) -> Iterator[httpx.Client]:
    """A client at an address of the test's own."""
    headers = {"X-Forwarded-For": f"2001:db8:{next(NETWORKS):x}::1"}
    with httpx.Client(base_url=open_service.url, timeout=DEADLINE, headers=headers) as client:
        yield client


def refused(answer: httpx.Response, *said: str) -> None:
    assert answer.status_code == answer.json()["status"] == 403, answer.text
    for part in said:
        assert part in answer.json()["detail"]


def test_any_token_or_none_will_do(http: httpx.Client, open_service: ServiceProcess) -> None:
    assert open_service.client_id == ""
    anybody = Api(open_service.url, "whatever")
    assert texts(anybody.read(draw(["Pip"], 100))) == ["Pip"]
    anybody.close()
    assert http.get(REGIONS, params={"id": "x"}).json()["taskStatus"] == "NotExist"
    # Clients that insist on a token get one.
    assert http.post(TOKEN, data=GRANT).json()["token_type"] == "Bearer"


def test_the_start_says_that_it_is_open(open_service: ServiceProcess) -> None:
    (line,) = [line for line in open_service.told.splitlines() if "no access token" in line]
    assert f"Everybody who can reach {urlsplit(open_service.url).netloc} can use the service" in line


@pytest.mark.parametrize("asked", ASKED)
def test_a_name_that_somebody_lets_resolve_to_the_service_is_refused(http: httpx.Client, asked: str) -> None:
    """DNS rebinding: a page of evil.example asks evil.example, which is 127.0.0.1 by then."""
    host = f"evil.example:{http.base_url.port}"
    for more in (
        {},
        {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"},
        {"Authorization": "Bearer made-up"},
    ):
        refused(http.request(**ASKED[asked], headers={"Host": host, **more}), host, "allowed_hosts")


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_another_sites_page_is_refused(http: httpx.Client, asked: str, headers: dict[str, str]) -> None:
    refused(http.request(**ASKED[asked], headers=headers), *headers)


@pytest.mark.parametrize(
    "host", ["", "[", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example#127.0.0.1"]
)
def test_an_odd_host_is_refused(http: httpx.Client, host: str) -> None:
    refused(http.get(REGIONS, params={"id": "x"}, headers={"Host": host}), "Host")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "192.0.2.7:80", "[::1]:8080", "OCR.example", "whaleline"]
)
def test_addresses_and_the_names_of_the_setting_are_the_services_own(http: httpx.Client, host: str) -> None:
    headers = {"Host": host, "Origin": f"https://{host}", "Sec-Fetch-Site": "same-origin"}
    assert http.get(REGIONS, params={"id": "x"}, headers=headers).status_code == 200


def test_a_token_opens_the_service_under_any_name(http: httpx.Client) -> None:
    token = http.post(TOKEN, data=GRANT).json()["access_token"]
    headers = {"Host": "api.example", "Authorization": f"Bearer {token}"}
    for asked in ("post", "get", "delete", "status", "list"):
        assert http.request(**ASKED[asked], headers=headers).status_code == 200


def test_a_body_that_does_not_say_that_it_is_json_is_refused(http: httpx.Client) -> None:
    """Such a request a browser sends for any page, without asking."""
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        assert http.post(REGIONS, content=b"{}", headers=headers).status_code == 415


def test_each_address_is_a_client(open_service: ServiceProcess) -> None:
    """IPv6 counts by network: the last 64 bits anybody can choose."""
    with httpx.Client(base_url=open_service.url, timeout=DEADLINE) as http:

        def post(address: str) -> httpx.Response:
            return http.post(REGIONS, json=BODY, headers={"X-Forwarded-For": address})

        def get(address: str, path: str) -> dict[str, Any]:
            return dict(http.get(path, headers={"X-Forwarded-For": address}).json())

        with open_service.frozen_workers():
            tasks = {address: post(address).text for address in ("192.0.2.1", "192.0.2.2", "2001:db8:a:b::1")}
            for address in ("192.0.2.1", "2001:db8:a:b:c::2"):
                full = post(address)
                assert full.status_code == 503
                assert "1 of your tasks are waiting or running" in full.json()["detail"]
        owners = dict(rows(open_service, "SELECT id, client_id FROM tasks"))
        assert [owners[task] for task in tasks.values()] == [
            "address:192.0.2.1",
            "address:192.0.2.2",
            "address:2001:db8:a:b::/64",
        ]
        task = tasks["192.0.2.1"]
        [listed] = get("192.0.2.1", "/api/tasks")["tasks"]
        assert (listed["id"], listed["client"]) == (task, "192.0.2.1")
        assert task not in str(get("192.0.2.2", "/api/tasks"))
        # The id is all the secret that a task has, so who was told of it may fetch and cancel it.
        assert texts(get("192.0.2.2", f"{REGIONS}?id={task}")) == ["Pip"]
        assert get("192.0.2.2", f"{STATUS}?id={task}")["taskStatus"] == "Completed"
        details = get("192.0.2.2", f"/api/tasks/{task}")
        assert details["id"] == task
        assert "client" not in details
        http.delete(f"{REGIONS}?id={task}", headers={"X-Forwarded-For": "192.0.2.2"})
        assert get("192.0.2.1", f"{REGIONS}?id={task}")["taskStatus"] == "NotExist"


def test_addresses_take_turns(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(workers=1, authentication=False, trusted_proxies="127.0.0.1")
    with httpx.Client(base_url=service.url, timeout=DEADLINE) as http:

        def post(address: str) -> str:
            return http.post(REGIONS, json=BODY, headers={"X-Forwarded-For": address}).text

        def has_ended(task: str) -> bool:
            return bool(http.get(f"{REGIONS}?id={task}").json()["taskStatus"] == "Completed")

        with service.frozen_workers():
            many = [post("192.0.2.1") for _ in range(5)]
            one = post("192.0.2.2")
        for task in (*many, one):
            wait_until(functools.partial(has_ended, task), "the end of a task")
    finished = [task for (task,) in rows(service, "SELECT id FROM tasks ORDER BY finished")]
    # A worker may have had the first already, and the last of the others is not waited for.
    assert finished.index(one) <= 2


def test_requests_are_counted_by_address(http: httpx.Client) -> None:
    answers = [http.get(f"{REGIONS}?id=x").status_code for _ in range(70)]
    assert answers[:50] == [200] * 50
    assert 429 in answers  # not always the 51st: where a minute of the clock ends meanwhile, its count weighs less
    assert http.get(f"{REGIONS}?id=x", headers={"X-Forwarded-For": "192.0.2.99"}).status_code == 200


def test_tokens_of_this_mode_end_with_it(start_service: Callable[..., ServiceProcess], tmp_path: Any) -> None:
    data = tmp_path / "data"
    service = start_service(data, workers=1, authentication=False)
    form: dict[str, Any] = {"data": GRANT, "timeout": DEADLINE}
    token = httpx.post(service.url + TOKEN, **form).json()["access_token"]
    assert service.connect(token=token).post(BODY).status_code == 200
    service.stop()
    guarded = start_service(data, workers=1)
    assert guarded.connect(token=token).post(BODY).status_code == 401
    assert guarded.connect().post(BODY).status_code == 200
    for client_id in ("address:127.0.0.1", "local"):
        refusal = httpx.post(guarded.url + TOKEN, data=GRANT | {"client_id": client_id, "client_secret": ""})
        assert refusal.json()["error"] == "invalid_client"
