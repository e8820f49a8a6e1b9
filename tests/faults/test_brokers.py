"""Faults of a service on several processes and servers: nothing is lost and nothing ends twice.

The servers are of this file's own, since they are killed and emptied. A trigger in the database counts the ends of
each task, so that a second one would be seen however short it stood.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from deployments import Servers
from harness import (
    DEADLINE,
    Api,
    ServiceProcess,
    assert_settled,
    b64,
    blobs,
    count_ends,
    draw,
    grain,
    rows,
    texts,
    wait_for_processing,
    wait_until,
    workers_of,
)
from servers import S3, PostgreSQL, RabbitMQ, Redis, free_port, running
from whaleline.settings import Settings
from whaleline.tasks.dispatch.celery import CeleryDispatcher

QUICK: dict[str, Any] = {"lease_seconds": 3}
"""Claims and messages that are given up soon, so that tests need not wait for it."""

FAILED = "a run did not end well"
"""What a worker logs of an attempt that its storage broke off."""


@pytest.fixture(scope="module")
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, signing_key: Path
) -> Iterator[Servers]:
    """Parametrised in conftest.py."""
    kinds: dict[str, type[Redis] | type[RabbitMQ]] = {"redis": Redis, "rabbitmq": RabbitMQ}
    directory = tmp_path_factory.mktemp("servers")
    with contextlib.ExitStack() as stack:
        postgresql = stack.enter_context(running(PostgreSQL(directory / "postgresql")))
        broker = stack.enter_context(running(kinds[request.param](directory / "broker")))
        s3 = stack.enter_context(running(S3(directory / "s3")))
        yield Servers(postgresql, broker, s3, signing_key)


StartScaled = Callable[..., ServiceProcess]


@pytest.fixture
def start(servers: Servers, tmp_path: Path) -> Iterator[StartScaled]:
    """Starts a scaled service: `start(worker_processes=1, **settings)`; killed at the end of the test."""
    made: list[ServiceProcess] = []

    def start(**settings: Any) -> ServiceProcess:
        directory = tmp_path / f"data-{len(made)}"
        made.append(ServiceProcess(directory, servers.deployment(directory), **QUICK | settings))
        made[-1].start()
        count_ends(made[-1])
        return made[-1]

    yield start
    for service in made:
        service.kill()


@pytest.fixture(scope="module")
def lasting(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A running service with one worker, which outlives the faults around it."""
    directory = tmp_path_factory.mktemp("lasting") / "data"
    service = ServiceProcess(directory, servers.deployment(directory), **QUICK, workers=1).start()
    count_ends(service)
    yield service
    service.kill()


@pytest.fixture
def service(lasting: ServiceProcess) -> Iterator[ServiceProcess]:
    """The same, without any tasks."""
    yield lasting
    api = lasting.connect()
    for (task,) in rows(lasting, "SELECT id FROM tasks"):
        api.cancel(task)
    rows(lasting, "DELETE FROM ends")


def assert_sound(service: ServiceProcess, tasks: list[str]) -> None:
    """Lost 0, doubled 0: every task has ended, once, and left one result."""
    assert_settled(service, tasks)
    ends = dict(rows(service, "SELECT id, count(*) FROM ends GROUP BY id"))
    assert ends == dict.fromkeys(tasks, 1)


def read_all(api: Api, tasks: dict[str, str]) -> None:
    """Each task's text is the one drawn."""
    for task, text in tasks.items():
        assert texts(api.finished(task)) == [text]


def submit_some(api: Api, count: int, what: str) -> dict[str, str]:
    """Submit so many short tasks; the text of each."""
    return {api.submit(draw([f"{what} {n}"])): f"{what} {n}" for n in range(count)}


# Watching


def test_celerys_own_tools_and_prometheus_see_a_worker(servers: Servers, start: StartScaled) -> None:
    port = free_port()
    service = start(workers=1, metrics_port=port)
    assert texts(service.connect().read(draw(["watched"]))) == ["watched"]
    broker = str(service.settings["broker"])
    # It collects answers until its time is up, however many there are.
    command = [sys.executable, "-m", "celery", "--broker", broker, "inspect", "ping", "--timeout", "2"]

    def ping() -> bool:
        told = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
        return "1 node online" in told.stdout

    wait_until(ping, "the worker's answer")
    ended = 'whaleline_tasks_ended_total{code="Ok",operation="RecognizeRegions",status="Completed"} 1.0'
    wait_until(lambda: ended in httpx.get(f"http://127.0.0.1:{port}/metrics").text, "word of the task's end")
    assert service.stop() == 0
    assert "the worker is to end" in service.log  # by the logger, as all other lines


# Processes


@pytest.mark.every_deployment
def test_a_child_killed_in_a_task(service: ServiceProcess, long_page: bytes) -> None:
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    (child,) = workers_of(service)
    child.kill()
    answer = api.finished(task)
    assert texts(answer)[0].count("true places never are") > 12
    assert rows(service, "SELECT attempts FROM tasks") == [(2,)]
    short = submit_some(api, 3, "afterwards")
    read_all(api, short)
    assert_sound(service, [task, *short])


@pytest.mark.every_deployment
def test_a_whole_worker_killed_in_a_task_leaves_it_to_another(start: StartScaled, long_page: bytes) -> None:
    """With its children, as the end of its machine would have it."""
    service = start(workers=1, worker_processes=1)
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    (child,) = workers_of(service)
    (worker,) = service.workers
    other = service.start_worker()
    child.suspend()  # else it might finish in between
    service.kill_one(worker)
    child.kill()
    assert texts(api.finished(task))[0].count("true places never are") > 12
    short = submit_some(api, 3, "afterwards")
    read_all(api, short)
    assert other.poll() is None
    assert_sound(service, [task, *short])


def test_children_end_with_a_worker_that_was_killed(start: StartScaled) -> None:
    """Also those that were forked a moment before, and do not know yet whose end they are to share."""
    service = start(workers=2)
    children = workers_of(service)
    assert len(children) == 2
    former, fresh = set(service.children()), set[int]()
    for child in children:
        child.kill()
    end = time.monotonic() + DEADLINE
    while len(fresh) < 2 and time.monotonic() < end:  # as quickly as may be
        for pid in set(service.children()) - former - fresh:
            os.kill(pid, signal.SIGSTOP)
            fresh.add(pid)
    children += map(psutil.Process, fresh)
    service.kill_one(service.workers[0])
    for pid in fresh:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    assert len(fresh) == 2


def test_every_worker_and_the_api_killed(start: StartScaled, long_page: bytes) -> None:
    service = start(workers=1, worker_processes=2)
    api = service.connect()
    long_ones = [api.submit(long_page) for _ in range(2)]
    short = submit_some(api, 8, "queued")
    for task in long_ones:
        wait_for_processing(api, task)
    service.kill()
    service.start()
    api = service.connect(token=api.token)
    read_all(api, short)
    for task in long_ones:
        assert texts(api.finished(task))[0].count("true places never are") > 12
    assert_sound(service, [*long_ones, *short])


def test_the_api_killed_while_workers_go_on(start: StartScaled, long_page: bytes) -> None:
    service = start(workers=1)
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    service.kill_one(service.process)
    ended = "SELECT count(*) FROM tasks WHERE status = 'Completed' AND attempts = 1"
    wait_until(lambda: rows(service, ended) == [(1,)], "the end of the task without the API")
    service.start_api()
    assert service.connect(token=api.token).get(task)["taskStatus"] == "Completed"
    assert_sound(service, [task])


def test_several_apis_are_one_service_and_one_of_them_is_killed(
    start: StartScaled, tmp_path: Path, long_page: bytes
) -> None:
    service = start(workers=1)
    another = ServiceProcess(tmp_path / "another", service.deployment, worker_processes=0, **QUICK)
    with contextlib.ExitStack() as stack:
        stack.callback(another.kill)
        one = service.connect()
        other = another.start().connect(token=one.token)
        short, large = submit_some(one, 4, "By the one"), one.submit(grain(), resultType="ImagePNG")
        for task, text in short.items():
            assert texts(other.get(task, wait=30)) == [text]
        assert other.get(large, wait=30) == one.get(large, wait=30)
        doomed = one.submit(long_page)
        held = stack.enter_context(ThreadPoolExecutor(1)).submit(other.get, doomed, wait=30)
        wait_for_processing(one, doomed)
        one.cancel(doomed)
        assert held.result(DEADLINE)["taskStatus"] == "NotExist"
        service.kill_one(service.process)
        short |= submit_some(other, 2, "By the other")
        read_all(other, short)
        assert_sound(service, [*short, large])


# Messages


@pytest.mark.every_deployment
@pytest.mark.parametrize("fault", ["emptied", "killed, and away for seconds, and emptied"])
def test_the_broker_fails_in_mid_flight(
    servers: Servers, service: ServiceProcess, long_page: bytes, fault: str
) -> None:
    api = service.connect()
    running_one = api.submit(long_page)
    wait_for_processing(api, running_one)
    short = submit_some(api, 5, "on its way")
    match fault:
        case "emptied":
            servers.broker.empty(service.deployment.settings["broker"])
        case _:
            with servers.broker.away():
                # What is accepted now has no message, and what runs now cannot tell that it is done.
                image = b64(draw(["accepted unsent"]))
                answer = api.post({"image": image, "settings": {}})
                assert answer.status_code in (200, 503), answer.text
                if answer.status_code == 200:
                    short[answer.text] = "accepted unsent"
            servers.broker.empty(service.deployment.settings["broker"])
    short |= submit_some(api, 2, "afterwards")
    read_all(api, short)
    assert texts(api.finished(running_one))[0].count("true places never are") > 12
    assert_sound(service, [running_one, *short])


def test_messages_that_come_twice_do_nothing_twice(start: StartScaled, long_page: bytes) -> None:
    service = start(workers=1, worker_processes=2)
    place = service.deployment.settings
    settings = Settings(database=place["database"], broker=place["broker"], blobs=place["blobs"])
    dispatcher = CeleryDispatcher(settings)
    api = service.connect()
    running_one = api.submit(long_page)
    dispatcher.wake(5)
    short = submit_some(api, 10, "again and again")
    dispatcher.wake(20)
    read_all(api, short)
    api.finished(running_one)
    dispatcher.stop(0)
    assert rows(service, "SELECT max(attempts) FROM tasks") == [(1,)]
    assert_sound(service, [running_one, *short])


# Rows


def test_the_database_killed_in_mid_flight(servers: Servers, service: ServiceProcess, long_page: bytes) -> None:
    api = service.connect()
    task = api.submit(long_page)
    short = submit_some(api, 4, "waiting")
    wait_for_processing(api, task)
    servers.postgresql.restart()
    read_all(api, short)
    assert texts(api.finished(task))[0].count("true places never are") > 12
    assert_sound(service, [task, *short])


def test_the_database_is_away_for_seconds(servers: Servers, service: ServiceProcess, long_page: bytes) -> None:
    """Requests are refused with 503 meanwhile, and what was accepted is carried out without a restart of anything."""
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    short = submit_some(api, 2, "waiting")
    failed = service.log.count(FAILED)
    with servers.postgresql.away():
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        assert httpx.get(f"{service.url}/readyz").status_code == 503
        accepted = {blob.name for blob in blobs(service, "inputs")}
        answer = api.post({"image": b64(draw(["refused"])), "settings": {}})
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        # What cannot have reached the database is not kept until it is back.
        assert {blob.name for blob in blobs(service, "inputs")} <= accepted
        wait_until(lambda: service.log.count(FAILED) > failed, "an end of the task that cannot be written")
    read_all(api, short)
    assert texts(api.finished(task))[0].count("true places never are") > 12
    assert_sound(service, [task, *short])


# Blobs


def test_the_object_store_refuses_for_seconds(servers: Servers, service: ServiceProcess, long_page: bytes) -> None:
    if not isinstance(servers.broker, Redis):
        pytest.skip("blobs are in a directory here")
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    short = submit_some(api, 2, "waiting")
    failed = service.log.count(FAILED)
    with servers.s3.away():
        answer = api.post({"image": b64(draw(["refused"])), "settings": {}})
        assert answer.status_code == 503, answer.text
        wait_until(
            lambda: service.log.count(FAILED) > failed, "an attempt that cannot store its result, or fetch its input"
        )
    read_all(api, short)
    assert texts(api.finished(task))[0].count("true places never are") > 12
    assert rows(service, "SELECT max(attempts) FROM tasks") == [(1,)]  # the storage's fault counts against no task
    assert_sound(service, [task, *short])


# All of it


def test_random_faults_under_load(servers: Servers, start: StartScaled, long_page: bytes) -> None:
    """Seven faults of all kinds, each while tasks are posted; a longer run of the same is in benchmarks/faults.py."""
    service = start(workers=1, worker_processes=2)
    api = service.connect()
    chance, sent, is_over = random.Random(7), dict[str, str](), threading.Event()

    def post() -> None:
        n = 0
        while not is_over.is_set():
            with contextlib.suppress(httpx.TransportError):
                answer = api.post({"image": b64(draw([f"number {n}"])), "settings": {}})
                if answer.status_code == 200:
                    sent[answer.text] = f"number {n}"
            n += 1
            time.sleep(0.2)

    client = threading.Thread(target=post)
    client.start()
    try:
        for _ in range(7):
            time.sleep(chance.uniform(0.2, 1.0))
            match chance.choice(["child", "child", "worker", "empty", "postgresql", "s3"]):
                case "child":
                    if children := workers_of(service):
                        chance.choice(children).kill()
                case "worker":
                    worker = chance.choice(service.workers)
                    service.kill_one(worker)
                    service.workers.remove(worker)
                    service.start_worker()
                case "empty":
                    servers.broker.empty(service.deployment.settings["broker"])
                case "postgresql":
                    servers.postgresql.restart()
                case "s3":
                    servers.s3.restart()
    finally:
        is_over.set()
        client.join()
    assert sent
    given_up = 0
    for task, text in sent.items():
        answer = api.finished(task)
        if answer["taskStatus"] == "Error":  # the faults hit it as often as a task is tried
            assert "given up after 3 attempts" in answer["error"]["messages"][0]
            given_up += 1
        else:
            assert texts(answer) == [text]
    assert given_up <= 1
    # A connection cut off after the row was in has left a task that the client never heard of.
    assert_sound(service, [task for (task,) in rows(service, "SELECT id FROM tasks")])
    assert set(sent) <= {task for (task,) in rows(service, "SELECT id FROM tasks")}
