"""How often and how much a client may ask, and what it is told beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness import DEADLINE, REGIONS, ServiceProcess, b64, draw, texts, wait_until


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with little room."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("crowded") / "data",
        workers=1,
        max_queue=3,
        max_open_tasks=2,
        max_holds=1,
        address_requests_per_minute=200,
    ).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that is asked little, behind a proxy, so that each test comes from addresses of its own."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("metered") / "data",
        workers=1,
        client_requests_per_minute=5,
        address_requests_per_minute=30,
        token_failures_per_minute=3,
        trusted_proxies="127.0.0.1",
    ).start()
    yield process
    assert process.stop() == 0, process.log


def ask(service: ServiceProcess, *addresses: str) -> list[httpx.Response]:
    """The answers to a request without a token, as a proxy passes it on from each address."""
    with httpx.Client(base_url=service.url, timeout=DEADLINE) as http:
        return [http.get(f"{REGIONS}?id=x", headers={"X-Forwarded-For": address}) for address in addresses]


def refused(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status
    assert words in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_full_queue_refuses_and_goes_on_when_there_is_room(crowded: ServiceProcess) -> None:
    api, other = crowded.connect(), crowded.connect(*crowded.add_client())
    with crowded.frozen_workers():
        taken = [api.submit(draw(["one more line"])), api.submit(draw(["one more line"]))]
        last = other.submit(draw(["one more line"]))
        refused(other.post({"image": b64(draw(["too many"]))}), 503, "3 tasks wait already, which is the limit")
    assert [api.finished(task)["taskStatus"] for task in taken] == ["Completed"] * 2
    assert other.finished(last)["taskStatus"] == "Completed"
    assert texts(other.read(draw(["room again"]))) == ["room again"]


def test_a_client_with_too_many_open_tasks_is_refused_and_another_is_not(crowded: ServiceProcess) -> None:
    greedy, modest = crowded.connect(), crowded.connect(*crowded.add_client("modest"))
    with crowded.frozen_workers():
        taken = [greedy.submit(draw(["one more line"])) for _ in range(2)]
        refused(greedy.post({"image": b64(draw(["a third"]))}), 503, "2 tasks of yours wait or run already")
        task = modest.submit(draw(["modest"]))
    assert texts(modest.finished(task)) == ["modest"]
    assert [greedy.finished(task)["taskStatus"] for task in taken] == ["Completed"] * 2


def test_no_more_than_the_limit_are_held(crowded: ServiceProcess) -> None:
    api, other = crowded.connect(), crowded.connect()
    with crowded.frozen_workers(), ThreadPoolExecutor(1) as threads:
        task = api.submit(draw(["one more line"]))
        held = threads.submit(other.get, task, wait=30)
        wait_until(lambda: "\nwhaleline_holds 1.0\n" in api.http.get("/metrics").text, "the one that is held")
        assert api.get(task, wait=30)["taskStatus"] == "Pending"
        assert not held.done()  # nobody else was let go for that
        api.cancel(task)
        assert held.result(DEADLINE)["taskStatus"] == "NotExist"


def test_a_client_that_asks_too_often_is_refused_and_another_is_not(metered: ServiceProcess) -> None:
    busy, other = metered.connect(), metered.connect(*metered.add_client("other"))
    for _ in range(5):
        busy.get("some-id", wait=0)
    refused(
        busy.http.get("/v5.0/ocr/RecognizeRegions?id=x"), 429, "more than 5 requests of your client within a minute"
    )
    assert other.get("some-id", wait=0)["taskStatus"] == "NotExist"


def test_an_address_that_asks_too_often_is_refused_even_without_a_token(metered: ServiceProcess) -> None:
    answers = ask(metered, *["192.0.2.1"] * 31)
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    refused(answers[-1], 429, "more than 30 requests from your address within a minute")
    assert ask(metered, "192.0.2.2")[0].status_code == 401


def test_guessing_secrets_is_stopped_and_right_ones_cost_nothing(metered: ServiceProcess) -> None:
    for _ in range(10):
        metered.token()
    form = {"grant_type": "client_credentials", "client_id": metered.client_id, "client_secret": "a guess"}
    answers = [httpx.post(f"{metered.url}/connect/token", data=form, timeout=DEADLINE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    refused(answers[-1], 429, "more than 3 failed attempts to get a token within a minute")


def test_forwarded_addresses_are_believed_of_trusted_proxies_only(crowded: ServiceProcess) -> None:
    """Last, for it uses up the minute; that a trusted one is believed is what the tests above live by."""
    statuses = [answer.status_code for answer in ask(crowded, *(f"192.0.2.{number}" for number in range(201)))]
    assert statuses[0] == 401
    assert statuses[-1] == 429
