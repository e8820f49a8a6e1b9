"""What happens to tasks when processes are killed, the service ends, clients cancel, and time passes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from harness import (
    Api,
    Deployment,
    ServiceProcess,
    assert_settled,
    blobs,
    draw,
    grain,
    region,
    rows,
    texts,
    wait_for_processing,
    wait_until,
    workers_of,
)

pytestmark = pytest.mark.every_deployment

StartService = Callable[..., ServiceProcess]

MEBIBYTE = 1024 * 1024
NOTHING = {"id": "", "responseStatusCode": "TaskNotFound", "taskStatus": "NotExist", "results": None, "error": None}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, deploy: Callable[[Path], Deployment]) -> Iterator[ServiceProcess]:
    """A service with a single worker, which tests may kill."""
    data_dir = tmp_path_factory.mktemp("alone") / "data"
    process = ServiceProcess(data_dir, deploy(data_dir), workers=1).start()
    yield process
    assert process.stop() == 0, process.log


def only_worker(service: ServiceProcess) -> psutil.Process:
    """The service's worker, once the one that a test before killed is replaced."""
    (worker,) = wait_until(lambda: w if len(w := workers_of(service)) == 1 else None, "the one worker")
    return worker


def test_a_worker_loads_its_engines_once(alone: ServiceProcess) -> None:
    api = alone.connect()
    worker = only_worker(alone)
    image = draw(["Loaded once", "for all tasks"])
    api.finished(api.submit(image))
    before = worker.io_counters().read_chars
    for _ in range(5):
        assert texts(api.finished(api.submit(image))) == ["Loaded once\nfor all tasks"]
    assert only_worker(alone) == worker
    assert worker.io_counters().read_chars - before < MEBIBYTE  # of the 23 that Tesseract's English has alone


def test_a_worker_that_is_replaced_leaves_no_input_behind(start_service: StartService, tmp_path: Path) -> None:
    service = start_service(tmp_path / "data", workers=1, worker_resident_mb=1)
    api = service.connect()
    for _ in range(3):
        api.finished(api.submit(draw(["last words"])))
    # Not by the sweep, which looks every twenty seconds.
    wait_until(lambda: not blobs(service, "inputs"), "the erasure of all inputs", 15)


def test_all_tasks_complete_once_each_after_the_whole_service_was_killed(
    start_service: StartService, long_page: bytes, tmp_path: Path
) -> None:
    soon = {"lease_seconds": 3}
    first = start_service(tmp_path / "data", **soon)
    api = first.connect()
    long_ones = [api.submit(long_page) for _ in range(2)]
    short_ones = [api.submit(draw([f"Call me number {n}"])) for n in range(6)]
    wait_until(lambda: {"Processing"} <= {api.status(task)["taskStatus"] for task in long_ones}, "a running task")
    first.kill()

    again = start_service(tmp_path / "data", **soon)
    api = again.connect(token=api.token)
    for task in long_ones:
        answer = api.finished(task)
        assert (answer["taskStatus"], answer["responseStatusCode"]) == ("Completed", "Ok")
        assert texts(answer)[0].count("true places never are") > 12
    assert [texts(api.finished(task)) for task in short_ones] == [[f"Call me number {n}"] for n in range(6)]
    assert_settled(again, [*long_ones, *short_ones])
    # A sole service knows that it was killed itself; with a broker, a host's end is an attempt of its tasks.
    attempts = 2 if again.workers else 1
    ended = f"SELECT count(*) FROM tasks WHERE status = 'Completed' AND attempts <= {attempts}"
    assert rows(again, ended) == [(8,)]


def test_a_task_is_tried_again_when_its_worker_is_killed(alone: ServiceProcess, long_page: bytes) -> None:
    api = alone.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    only_worker(alone).kill()
    if not alone.workers:  # with a broker, a service is ready without workers
        wait_until(lambda: api.http.get("/readyz").status_code == 503, "the time without a worker", pause=0)
    answer = api.finished(task)
    assert answer["taskStatus"] == "Completed"
    assert answer["error"] is None
    assert rows(alone, f"SELECT attempts FROM tasks WHERE id = '{task}'") == [(2,)]


def test_a_worker_killed_while_idle_is_replaced(alone: ServiceProcess) -> None:
    api = alone.connect()
    assert texts(api.read(draw(["before"]))) == ["before"]
    only_worker(alone).kill()
    assert texts(api.read(draw(["after"]))) == ["after"]


def test_cancel_forgets_a_queued_task_and_kills_a_running_one(alone: ServiceProcess, long_page: bytes) -> None:
    def kept(kind: str) -> set[str]:
        return {path.name.partition(".")[0] for path in blobs(alone, kind)} & {running, queued, last}

    api = alone.connect()
    endless = [region(0, 0, 1500, 1800)] * 40
    running, queued = api.submit(long_page, regions=endless), api.submit(draw(["queued"]))
    last = api.submit(grain(), resultType="ImagePNG")
    wait_for_processing(api, running)
    worker = only_worker(alone)
    api.cancel(queued)
    api.cancel(running)
    for task in (queued, running):
        assert api.get(task) == {**NOTHING, "id": task}
    assert not worker.is_running() or psutil.wait_procs([worker], timeout=30)[0]
    assert api.finished(last)["responseStatusCode"] == "Ok"
    if not alone.workers:  # whose restarts are told on their own port
        assert '\nwhaleline_worker_restarts_total{reason="cancelled"} 1.0\n' in api.http.get("/metrics").text
    assert kept("results") == {last}
    wait_until(lambda: not kept("inputs"), "the erasure of the inputs")
    api.cancel(last)
    assert not kept("results")


def test_an_interrupted_service_finishes_what_runs_and_keeps_what_waits(
    start_service: StartService, long_page: bytes, tmp_path: Path
) -> None:
    first = start_service(tmp_path / "data", workers=1, drain_seconds=80)
    api = first.connect()
    running, queued = api.submit(long_page), api.submit(draw(["queued"]))
    wait_for_processing(api, running)
    assert first.stop() == 0
    assert rows(first, "SELECT status, attempts FROM tasks ORDER BY created") == [("Completed", 1), ("Pending", 0)]
    again = start_service(tmp_path / "data", workers=1)
    api = again.connect(token=api.token)
    assert texts(api.finished(queued)) == ["queued"]
    assert api.get(running)["taskStatus"] == "Completed"


@pytest.mark.embedded("drain_seconds bounds a service's own workers; Celery's finish what they have")
def test_a_drain_is_bounded_and_costs_a_task_no_attempt(
    start_service: StartService, long_page: bytes, tmp_path: Path
) -> None:
    service = start_service(tmp_path / "data", workers=1, drain_seconds=0)
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    assert service.stop() == 0
    assert rows(service, "SELECT status, attempts FROM tasks") == [("Pending", 0)]


@pytest.mark.embedded("workers of their own have signals of their own")
def test_a_second_signal_ends_the_service_at_once(start_service: StartService, long_page: bytes) -> None:
    service = start_service(workers=1, drain_seconds=3600, task_seconds=3600)
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    (worker,) = workers_of(service)
    worker.suspend()  # else it might end by itself
    service.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not _accepts(service), "the first signal's effect")
    assert service.tells("Waiting up to 3600 s for 1 running task to finish. Ctrl-C again ends at once.")
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(30) == 128 + signal.SIGTERM
    worker.resume()
    psutil.wait_procs([worker], timeout=30)


def _accepts(service: ServiceProcess) -> bool:
    return "LISTEN" in {c.status for c in psutil.Process(service.process.pid).net_connections("tcp")}


def test_a_large_answer_is_passed_on_piece_by_piece(service: ServiceProcess, api: Api) -> None:
    """The service itself grows by less than the answer is long."""
    task = api.submit(grain(8 * MEBIBYTE), resultType="ImagePNG")
    api.finished(task)
    process = psutil.Process(service.process.pid)
    before = process.memory_info().rss
    answer = api.http.get("/v5.0/ocr/RecognizeRegions", params={"id": task})
    grown = process.memory_info().rss - before
    assert len(answer.content) == int(answer.headers["Content-Length"]) > 10 * MEBIBYTE
    assert answer.json()["responseStatusCode"] == "Ok"
    assert grown < 8 * MEBIBYTE


@pytest.mark.parametrize(
    ("damage", "size"),
    [("missing", 6000), ("cut", 6000), ("changed", 6000), ("changed", 5 * MEBIBYTE)],
    ids=["missing", "cut", "changed", "changed and large"],
)
def test_a_damaged_result_is_reported_as_lost(service: ServiceProcess, api: Api, damage: str, size: int) -> None:
    task = api.submit(grain(size), resultType="ImagePNG")
    assert api.finished(task)["responseStatusCode"] == "Ok"
    (blob,) = (path for path in blobs(service, "results") if path.name.startswith(task))
    body = blob.read_bytes()
    match damage:
        case "missing":
            blob.unlink()
        case "cut":
            blob.write_bytes(body[:-10])
        case "changed":
            blob.write_bytes(body.replace(b"T", b"U", 1))
    answer = api.get(task)
    assert (answer["taskStatus"], answer["responseStatusCode"], answer["results"]) == (
        "Completed",
        "ResultDataLost",
        None,
    )
    assert answer["error"]["messages"] == ["The result of the task was lost; submit the image again."]


def test_a_task_whose_input_is_lost_ends_as_error(alone: ServiceProcess) -> None:
    api = alone.connect()
    with alone.frozen_workers():
        task = api.submit(draw(["lost"]))
        next(blob for blob in blobs(alone, "inputs") if blob.name == task).unlink()
    answer = api.finished(task)
    assert (answer["taskStatus"], answer["error"]["messages"]) == ("Error", ["The task's image was lost."])


def test_removing_a_client_ends_its_tokens_and_erases_its_tasks(service: ServiceProcess, api: Api) -> None:
    client_id, secret = service.add_client("leaver")
    leaver = service.connect(client_id, secret)
    task = leaver.submit(grain(), resultType="ImagePNG")
    leaver.finished(task)
    assert [path for path in blobs(service, "results") if path.name.startswith(task)]
    service.command("client", "remove", client_id)
    assert leaver.http.get("/v5.0/ocr/RecognizeRegions", params={"id": task}).status_code == 401
    assert leaver.post({"image": "iVBORw0KGgo="}).status_code == 401
    assert not [path for path in blobs(service, "results") if path.name.startswith(task)]
    assert texts(api.read(draw(["staying"]))) == ["staying"]
