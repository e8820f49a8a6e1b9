"""Processes killed and stopped at the moments that hurt: nothing is lost, nothing done twice, nothing left behind.

A process is caught inside a statement by holding the database's write lock: there it waits, until it is killed or the
lock is let go. PostgreSQL itself waits there, and goes on with the statement of a process that was killed meanwhile.
Kills in the middle of reading a page stand in tests/integration/test_life_of_a_task.py, kills of whole hosts and of
servers in test_hosts.py and test_brokers.py.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from harness import (
    REGIONS,
    Api,
    ServiceProcess,
    assert_settled,
    b64,
    blobs,
    database_of,
    draw,
    region,
    rows,
    texts,
    wait_for_processing,
    wait_until,
    workers_of,
    write_lock,
)

StartService = Callable[..., ServiceProcess]

SOON = {"lease_seconds": 3}
"""Where workers are processes of their own, what nobody tells of is taken for lost after these."""

BUSY_LOOKS = 20
"""Times that a process has slept and looked again, from which it must be waiting for the database's lock: one that
waits for a task sleeps once, and one that works sleeps a few times."""


def only_worker(service: ServiceProcess) -> psutil.Process:
    wait_until(lambda: httpx.get(f"{service.url}/readyz").status_code == 200, "a worker that is up")
    (worker,) = workers_of(service)
    return worker


def wait_for_lock_waiting(service: ServiceProcess, process: psutil.Process) -> None:
    if service.deployment.is_scaled:
        ports = ",".join(str(each.laddr.port) for each in process.net_connections("tcp"))
        waiting = f"SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND client_port IN ({ports})"
        wait_until(lambda: rows(service, waiting), "its waiting for the lock")
        return
    before = process.num_ctx_switches().voluntary
    wait_until(lambda: process.num_ctx_switches().voluntary > before + BUSY_LOOKS, "its waiting for the lock")


def kill(victim: str, service: ServiceProcess, worker: psutil.Process) -> None:
    """Kill a worker, or the service and so its worker."""
    if victim == "worker":
        worker.kill()
    else:
        service.kill()
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running()


def carry_on(start_service: StartService, victim: str, service: ServiceProcess, api: Api) -> tuple[ServiceProcess, Api]:
    """The service after the kill: the same one, or a new one on its data."""
    if victim == "worker":
        return service, api
    again = start_service(service.data_dir, workers=1, **SOON)
    return again, again.connect(token=api.token)


@pytest.fixture(params=["worker", "service"])
def victim(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_killed_while_it_claims(start_service: StartService, victim: str) -> None:
    service = start_service(workers=1, **SOON)
    api = service.connect()
    worker = only_worker(service)
    worker.suspend()
    task = api.submit(draw(["claimed once"]))
    with write_lock(service):
        worker.resume()
        wait_for_lock_waiting(service, worker)
        kill(victim, service, worker)
        assert rows(service, "SELECT status, attempts FROM tasks") == [("Pending", 0)]
    service, api = carry_on(start_service, victim, service, api)
    assert texts(api.finished(task)) == ["claimed once"]
    ((attempts, interruptions),) = rows(service, "SELECT attempts, interruptions FROM tasks")
    assert interruptions == 0
    assert attempts in ({1, 2} if service.deployment.is_scaled else {1})
    assert_settled(service, [task])


def test_killed_while_it_finishes(start_service: StartService, victim: str, long_page: bytes) -> None:
    service = start_service(workers=1, row_answer_bytes=0, **SOON)
    api = service.connect()
    worker = only_worker(service)
    task = api.submit(long_page)
    wait_for_processing(api, task)
    worker.suspend()
    with write_lock(service):
        worker.resume()
        written = wait_until(lambda: [p for p in blobs(service, "results") if "#" not in p.name], "the result's blob")
        wait_for_lock_waiting(service, worker)
        kill(victim, service, worker)
        assert rows(service, "SELECT status FROM tasks") == [("Processing",)]
    service, api = carry_on(start_service, victim, service, api)
    assert texts(api.finished(task))[0].count("true places never are") > 12
    counted = rows(service, "SELECT attempts, interruptions FROM tasks")
    if service.deployment.is_scaled:
        assert counted in ([(1, 0)], [(2, 0)])
    else:
        assert counted == [{"worker": (2, 0), "service": (1, 1)}[victim]]
        assert not written[0].exists()
    assert_settled(service, [task])


def test_killed_after_the_row_is_in_and_before_the_answer_is_sent(start_service: StartService, tmp_path: Path) -> None:
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    body = {"image": b64(draw(["accepted unheard"])), "settings": {}}
    for _ in range(10):  # the answer is on its way a millisecond after the row, and now and then outruns the kill
        answers: list[httpx.Response] = []

        def post(api: Api, answers: list[httpx.Response]) -> None:
            with contextlib.suppress(httpx.TransportError):
                answers.append(api.post(body))

        client = threading.Thread(target=post, args=(api, answers))
        with database_of(service) as ask:
            before = ask("SELECT count(*) FROM tasks")
            client.start()
            while ask("SELECT count(*) FROM tasks") == before:
                pass
            service.process.kill()
        client.join()
        service.kill()
        service = start_service(tmp_path / "data", workers=1)
        api = service.connect(token=api.token)
        if not answers:
            break
    else:
        raise AssertionError("every answer outran the kill")
    tasks = [task for (task,) in rows(service, "SELECT id FROM tasks")]
    for task in tasks:
        assert texts(api.finished(task)) == ["accepted unheard"]
    assert_settled(service, tasks)


def test_killed_with_half_a_body_received(start_service: StartService, tmp_path: Path) -> None:
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    body = b'{"image": "' + b64(draw(["half a body"])).encode() + b'", "settings": {}}'
    head = (
        f"POST {REGIONS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    port = int(service.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + body[: len(body) // 2])
        api.status("x")  # by now the service has seen that
        service.kill()
    again = start_service(tmp_path / "data", workers=1)
    assert_settled(again, [])
    assert texts(again.connect(token=api.token).read(draw(["a whole body"]))) == ["a whole body"]


@pytest.mark.embedded("a half-written file is erased at the start of a sole service, else by the sweep: test_expiry.py")
def test_killed_while_it_writes_the_input(start_service: StartService, tmp_path: Path) -> None:
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    body = b'{"image": "' + b64(draw(["x"]) + os.urandom(40 * 1024 * 1024)).encode() + b'", "settings": {}}'

    def post(api: Api) -> None:
        with contextlib.suppress(httpx.TransportError):
            api.post(body)

    for _ in range(10):  # the write takes some ten milliseconds; a busy machine may sleep through them
        client = threading.Thread(target=post, args=(api,))
        client.start()
        while not os.listdir(tmp_path / "data" / "blobs" / "inputs"):  # noqa: PTH208 - the quickest look there is
            pass
        service.process.kill()
        client.join()
        service.kill()
        half_written = [path for path in blobs(service, "inputs") if "#" in path.name]
        service = start_service(tmp_path / "data", workers=1)
        api = service.connect(token=api.token)
        if half_written:
            break
        for (task,) in rows(service, "SELECT id FROM tasks"):
            api.cancel(task)
    else:
        raise AssertionError("every write outran the kill")
    for (task,) in rows(service, "SELECT id FROM tasks"):
        api.finished(task)
    assert not half_written[0].exists()
    assert not blobs(service, "inputs")


def test_a_late_finish_is_refused(start_service: StartService, long_page: bytes) -> None:
    """The lease is moved into the past, which is what the clock does when it is set forward."""
    # On a busy machine a Celery worker may be late with the renewal of a short lease.
    service = start_service(workers=1, row_answer_bytes=0, lease_seconds=6)
    api = service.connect()
    # The main process of a Celery worker, too, else it would renew the claim.
    stopped = [only_worker(service), *(psutil.Process(each.pid) for each in service.workers)]
    tasks = []
    while True:  # a busy machine may let it end before it is stopped
        tasks.append(api.submit(long_page))
        wait_for_processing(api, tasks[-1])
        for each in stopped:
            each.suspend()
        if api.status(tasks[-1])["taskStatus"] == "Processing":
            break
        for each in stopped:
            each.resume()
    which = f"WHERE id = '{tasks[-1]}'"
    ((late,),) = rows(service, f"SELECT claim FROM tasks {which}")
    rows(service, f"UPDATE tasks SET lease = 1 {which}")
    wait_until(lambda: rows(service, f"SELECT status FROM tasks {which}") == [("Pending",)], "the end of the claim")
    for each in stopped:
        each.resume()
    assert api.finished(tasks[-1])["responseStatusCode"] == "Ok"
    ((attempts, claim),) = rows(service, f"SELECT attempts, claim FROM tasks {which}")
    assert attempts == 2
    assert claim != late
    assert "a late result is dropped" in service.log
    assert_settled(service, tasks)


@pytest.mark.embedded(
    "Celery's time limit begins when a process takes a task up, so that one that is stopped before waits"
)
def test_workers_that_are_stopped_for_good_are_replaced_when_their_time_is_up(
    start_service: StartService, long_page: bytes
) -> None:
    service = start_service(workers=2, task_seconds=12)
    api = service.connect()
    assert texts(api.read(draw(["warm"]))) == ["warm"]
    wait_until(lambda: service.log.count("a worker is up") == 2, "both workers")
    stopped = workers_of(service)
    while True:  # a busy machine may let it end before both are stopped
        running = api.submit(long_page)
        wait_for_processing(api, running)
        for worker in stopped:
            worker.suspend()
        if api.status(running)["taskStatus"] == "Processing":
            break
        for worker in stopped:
            worker.resume()
    given_to_a_stopped_one = api.submit(draw(["meanwhile"]))
    assert texts(api.finished(given_to_a_stopped_one)) == ["meanwhile"]
    assert api.finished(running)["taskStatus"] == "Completed"
    assert not {worker.pid for worker in stopped} & {worker.pid for worker in workers_of(service)}
    assert_settled(service, [task for (task,) in rows(service, "SELECT id FROM tasks")])


@pytest.mark.embedded("the kernel kills the children of a worker with it: test_brokers.py")
def test_a_worker_that_outlives_its_service_changes_nothing(
    start_service: StartService, long_page: bytes, tmp_path: Path
) -> None:
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    orphan = only_worker(service)
    task = api.submit(long_page)
    wait_for_processing(api, task)
    orphan.suspend()
    service.kill()
    again = start_service(tmp_path / "data", workers=1)
    api = again.connect(token=api.token)
    answer = api.finished(task)
    assert answer["taskStatus"] == "Completed"
    orphan.resume()
    psutil.wait_procs([orphan], timeout=60)
    assert not orphan.is_running()
    assert api.get(task) == answer
    assert rows(again, "SELECT attempts, interruptions FROM tasks") == [(1, 1)]
    assert_settled(again, [task])


@pytest.mark.embedded("a claim elsewhere is not void when a service starts; it runs out, as an attempt")
def test_ten_kills_of_the_service_do_not_end_a_task_and_more_do(start_service: StartService, tmp_path: Path) -> None:
    """The kills are written into the row, since ten restarts take their time."""
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    tasks = []
    for interruptions in (9, 10):
        worker = only_worker(service)
        worker.suspend()
        tasks.append(api.submit(draw(["interrupted"])))
        service.kill()
        worker.kill()
        rows(
            service,
            f"UPDATE tasks SET status = 'Processing', claim = 'x', attempts = 1, interruptions = {interruptions}"
            " WHERE status = 'Pending'",
        )
        service = start_service(tmp_path / "data", workers=1)
        api = service.connect(token=api.token)
        api.finished(tasks[-1])
    assert texts(api.finished(tasks[0])) == ["interrupted"]
    answer = api.finished(tasks[1])
    assert answer["error"]["messages"] == ["The service ended 11 times while it worked on this task."]
    assert_settled(service, tasks)


@pytest.mark.every_deployment
def test_a_task_that_kills_its_workers_is_given_up(start_service: StartService, long_page: bytes) -> None:
    service = start_service(workers=1)
    api = service.connect()
    task = api.submit(long_page, regions=[region(0, 0, 1500, 1800)] * 40)  # none of them ends before it is killed
    for attempt in (1, 2, 3):
        runs = f"SELECT 1 FROM tasks WHERE status = 'Processing' AND attempts = {attempt}"
        wait_until(functools.partial(rows, service, runs), "an attempt")
        (worker,) = wait_until(lambda: w if len(w := workers_of(service)) == 1 else None, "the one worker")
        worker.kill()
        psutil.wait_procs([worker], timeout=60)
    assert api.finished(task)["error"]["messages"] == [
        "The task was given up after 3 attempts."
        " Its worker process was killed, which the system does when memory runs out."
    ]
    assert texts(api.read(draw(["the next one"]))) == ["the next one"]
    assert_settled(service, [t for (t,) in rows(service, "SELECT id FROM tasks")])


@pytest.mark.every_deployment
def test_a_task_that_hangs_holds_up_nobody_else(start_service: StartService, long_page: bytes) -> None:
    service = start_service(workers=2, task_seconds=2)
    api = service.connect()
    endless = api.submit(long_page, regions=[region(0, 0, 1500, 1800)] * 40)  # each takes over a second
    wait_for_processing(api, endless)
    for n in range(3):
        assert texts(api.read(draw([f"quick {n}"]))) == [f"quick {n}"]
    assert api.status(endless)["taskStatus"] in {"Pending", "Processing"}
    answer = api.finished(endless)
    assert (answer["taskStatus"], answer["responseStatusCode"], answer["results"]) == ("Error", "Error", None)
    assert answer["error"] == {
        "messages": ["The task was given up after 3 attempts. It took longer than 2 seconds and was stopped."],
        "warnings": [],
    }
    assert_settled(service, [task for (task,) in rows(service, "SELECT id FROM tasks")])
