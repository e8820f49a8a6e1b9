"""How often and how much a client may ask, and what it is told beyond that."""

from __future__ import annotations

import ctypes
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness import DEADLINE, REGIONS, STATUS, ServiceProcess, b64, blobs, draw, texts
from whaleline.tasks import clients
from whaleline.tasks.sql import Store


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with little room."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("crowded") / "data",
        workers=1,
        max_queue=3,
        max_open_tasks=2,
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
        address_requests_per_minute=150,
        trusted_proxies="127.0.0.1",
    ).start()
    yield process
    assert process.stop() == 0, process.log


def ask(service: ServiceProcess, *addresses: str, path: str = f"{REGIONS}?id=x") -> list[httpx.Response]:
    """The answers to a request without a token, as a proxy passes it on from each address."""
    with httpx.Client(base_url=service.url, timeout=DEADLINE) as http:
        return [http.get(path, headers={"X-Forwarded-For": address}) for address in addresses]


def processor_seconds(pid: int) -> float:
    """Processor time that a process has taken, all its threads together, to the nanosecond."""
    clock = ctypes.c_int()
    assert ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)) == 0
    return time.clock_gettime(clock.value)


def refused(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status
    assert words in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) >= 1


def inputs(service: ServiceProcess) -> set[str]:
    return {blob.name for blob in blobs(service, "inputs")}


def test_a_full_queue_refuses_and_goes_on_when_there_is_room(crowded: ServiceProcess) -> None:
    api, other = crowded.connect(), crowded.connect(*crowded.add_client())
    with crowded.frozen_workers():
        taken = [api.submit(draw(["one more line"])), api.submit(draw(["one more line"]))]
        last = other.submit(draw(["one more line"]))
        refused(other.post({"image": b64(draw(["too many"]))}), 503, "3 tasks are waiting, which is the limit")
    assert [api.finished(task)["taskStatus"] for task in taken] == ["Completed"] * 2
    assert other.finished(last)["taskStatus"] == "Completed"
    assert texts(other.read(draw(["room again"]))) == ["room again"]


def test_a_client_with_too_many_open_tasks_is_refused_and_another_is_not(crowded: ServiceProcess) -> None:
    greedy, modest = crowded.connect(), crowded.connect(*crowded.add_client("modest"))
    with crowded.frozen_workers():
        taken = [greedy.submit(draw(["one more line"])) for _ in range(2)]
        refused(greedy.post({"image": b64(draw(["a third"]))}), 503, "2 of your tasks are waiting or running")
        task = modest.submit(draw(["modest"]))
    assert texts(modest.finished(task)) == ["modest"]
    assert [greedy.finished(task)["taskStatus"] for task in taken] == ["Completed"] * 2


def test_of_a_hundred_posts_at_once_as_many_are_taken_as_may_be_open(crowded: ServiceProcess) -> None:
    client = crowded.add_client("hasty")
    api = crowded.connect(*client)
    body = {"image": b64(draw(["at once"]))}
    with crowded.frozen_workers(), ThreadPoolExecutor(20) as threads:
        before = inputs(crowded)
        apis = [crowded.connect(token=api.token) for _ in range(20)]
        answers = list(threads.map(lambda n: apis[n % 20].post(body), range(100)))
        taken = [answer.text for answer in answers if answer.status_code == 200]
        assert len(taken) == 2
        assert {answer.status_code for answer in answers} == {200, 503}
        assert inputs(crowded) - before == set(taken)
    assert [api.finished(task)["taskStatus"] for task in taken] == ["Completed"] * 2


def test_a_request_that_comes_twice_at_once_has_its_task_though_no_other_may_be_open(crowded: ServiceProcess) -> None:
    api = crowded.connect(*crowded.add_client("insistent"))
    body = {"image": b64(draw(["at once"]))}
    with crowded.frozen_workers(), ThreadPoolExecutor(8) as threads:
        before = inputs(crowded)
        first = api.submit(draw(["one more line"]))
        apis = [crowded.connect(token=api.token) for _ in range(8)]
        answers = list(threads.map(lambda each: each.post(body, headers={"Idempotency-Key": "twice"}), apis))
        assert {answer.status_code for answer in answers} == {200}
        (second,) = {answer.text for answer in answers}
        assert inputs(crowded) - before == {first, second}
    assert [api.finished(task)["taskStatus"] for task in (first, second)] == ["Completed"] * 2


def test_a_client_that_asks_too_often_is_refused_and_another_is_not(metered: ServiceProcess) -> None:
    busy, other = metered.connect(), metered.connect(*metered.add_client("other"))
    answers = [busy.http.get(f"{REGIONS}?id=x") for _ in range(20)]
    assert {answer.status_code for answer in answers[:5]} == {200}
    refusal = next(answer for answer in answers if answer.status_code == 429)  # the sixth, or one soon after it
    refused(refusal, 429, "more than 5 requests of your client within a minute")
    assert other.get("some-id", wait=0)["taskStatus"] == "NotExist"


def too_many(answers: list[httpx.Response]) -> tuple[set[int], httpx.Response]:
    """The statuses of the 150 answers that there may be in a minute, and the first refusal.

    A few more than 150 pass where a minute of the clock ends meanwhile, since its count then weighs less and less.
    """
    return {answer.status_code for answer in answers[:150]}, next(a for a in answers if a.status_code == 429)


def test_an_address_that_asks_too_often_is_refused_even_without_a_token(metered: ServiceProcess) -> None:
    passed, refusal = too_many(ask(metered, *["192.0.2.1"] * 180))
    assert passed == {401}
    refused(refusal, 429, "more than 150 requests from your address within a minute")
    assert ask(metered, "192.0.2.2")[0].status_code == 401


@pytest.mark.parametrize("path", [f"{STATUS}?id=x", "/readyz", "/metrics", "/api/service"])
def test_what_asks_for_no_token_is_counted_by_address(metered: ServiceProcess, path: str) -> None:
    address = f"192.0.2.{10 + len(path)}"
    passed, refusal = too_many(ask(metered, *[address] * 180, path=path))
    assert passed == {200}
    refused(refusal, 429, "more than 150 requests from your address within a minute")
    assert ask(metered, address, path="/healthz")[0].status_code == 200  # which asks nobody and must always answer


def guess(service: ServiceProcess, address: str, times: int, *, at_once: int = 1, **form: str) -> list[int]:
    """The statuses of so many requests for a token, all from one address, so many of them at a time."""
    form = {"grant_type": "client_credentials", "client_id": service.client_id, "client_secret": "a guess", **form}
    limits = httpx.Limits(max_connections=at_once)
    headers = {"X-Forwarded-For": address}
    with (
        httpx.Client(base_url=service.url, timeout=DEADLINE, limits=limits, headers=headers) as http,
        ThreadPoolExecutor(at_once) as threads,
    ):
        return list(threads.map(lambda _: http.post("/connect/token", data=form).status_code, range(times)))


def test_guessing_secrets_is_stopped_and_right_ones_cost_nothing(metered: ServiceProcess) -> None:
    assert guess(metered, "192.0.2.3", 70, client_secret=metered.secret) == [200] * 70
    assert guess(metered, "192.0.2.3", 61) == [400] * 60 + [429]
    assert guess(metered, "192.0.2.3", 1, client_secret=metered.secret) == [429]


def test_guesses_at_once_are_counted_like_one_after_the_other(metered: ServiceProcess) -> None:
    assert sorted(guess(metered, "192.0.2.4", 100, at_once=100)) == [400] * 60 + [429] * 40


def test_many_right_secrets_at_once_are_no_guesses(metered: ServiceProcess) -> None:
    assert guess(metered, "192.0.2.5", 100, at_once=100, client_secret=metered.secret) == [200] * 100


def test_a_guesser_locks_out_nobody_else_behind_the_same_proxy(metered: ServiceProcess) -> None:
    guess(metered, "192.0.2.6", 61)
    client_id, secret = metered.add_client("neighbour")
    assert guess(metered, "192.0.2.6", 1, client_id=client_id, client_secret=secret) == [200]
    assert guess(metered, "192.0.2.7", 1, client_secret=metered.secret) == [200]


def test_no_id_is_told_by_the_time_that_a_refusal_takes(metered: ServiceProcess) -> None:
    """Neither that of a client, nor that of the page, which has no secret.

    By the service's processor time, since what else the machine does decides how long an answer takes: the medians of
    alternating turns.
    """
    store = Store(f"sqlite:///{metered.data_dir / 'whaleline.db'}")
    clients.ensure(store, clients.LOCAL)
    store.close()
    seconds: dict[str, list[float]] = {metered.client_id: [], "unknown": [], clients.LOCAL: []}
    form = {"grant_type": "client_credentials", "client_secret": "a guess"}
    with httpx.Client(base_url=metered.url, timeout=DEADLINE, headers={"X-Forwarded-For": "192.0.2.8"}) as http:
        for _ in range(30):
            for client_id, taken in seconds.items():
                start = processor_seconds(metered.process.pid)
                assert http.post("/connect/token", data={**form, "client_id": client_id}).status_code == 400
                taken.append(processor_seconds(metered.process.pid) - start)
    medians = [statistics.median(taken) for taken in seconds.values()]
    assert max(medians) < 1.5 * min(medians)


def test_forwarded_addresses_are_believed_of_trusted_proxies_only(crowded: ServiceProcess) -> None:
    """Last, for it uses up the minute; that a trusted one is believed is what the tests above live by."""
    statuses = [answer.status_code for answer in ask(crowded, *(f"192.0.2.{number}" for number in range(250)))]
    assert statuses[0] == 401
    assert 429 in statuses[1:]  # of 200 in a minute, and a few more where a minute of the clock ends meanwhile
