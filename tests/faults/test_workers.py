"""What a worker is denied, and when it is replaced."""

from __future__ import annotations

import contextlib
import io
import queue
import re
import resource
import signal
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image

from harness import (
    DEADLINE,
    Deployment,
    ServiceProcess,
    assert_settled,
    blobs,
    draw,
    rows,
    texts,
    wait_until,
    workers_of,
)
from whaleline.settings import Settings
from whaleline.tasks.dispatch import Failure
from whaleline.tasks.dispatch.pool import LocalPool
from whaleline.tasks.dispatch.worker_process import WorkerProcess

StartService = Callable[..., ServiceProcess]


def restarts(service: ServiceProcess, reason: str) -> float:
    """How many workers were replaced for a reason, as the metrics tell."""
    told = httpx.get(f"{service.url}/metrics").text
    found = re.search(rf'^whaleline_worker_restarts_total{{reason="{reason}"}} (\S+)$', told, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, deploy: Callable[[Path], Deployment]) -> Iterator[ServiceProcess]:
    """A service with one worker that has read something."""
    data_dir = tmp_path_factory.mktemp("workers") / "data"
    process = ServiceProcess(data_dir, deploy(data_dir), workers=1, worker_memory_mb=3000, row_answer_bytes=0).start()
    assert texts(process.connect().read(draw(["confined"]))) == ["confined"]
    yield process
    assert process.stop() == 0, process.log


def test_the_kernel_holds_a_worker_to_its_limits(service: ServiceProcess) -> None:
    (worker,) = workers_of(service)
    assert worker.rlimit(resource.RLIMIT_AS) == (3000 * 1024 * 1024,) * 2
    assert worker.rlimit(resource.RLIMIT_CORE) == (0, 0)
    assert worker.rlimit(resource.RLIMIT_NOFILE) == (256, 256)
    status = Path(f"/proc/{worker.pid}/status").read_text()
    assert "\nNoNewPrivs:\t1\n" in status
    assert "\nUmask:\t0077\n" in status
    (result,) = blobs(service, "results")
    if isinstance(result, Path):
        assert stat.S_IMODE(result.stat().st_mode) == 0o600
    assert "a worker is up" in service.log
    assert "address_space_mb=3000" in service.log


@pytest.mark.embedded("a child of `whaleline worker` has sockets, to PostgreSQL and S3; docs/isolation.md")
def test_a_worker_inherits_neither_sockets_nor_the_lock_of_the_data(service: ServiceProcess) -> None:
    (worker,) = workers_of(service)
    opened = {str(path.readlink()) for path in Path(f"/proc/{worker.pid}/fd").iterdir()}
    mine = {str(path.readlink()) for path in Path(f"/proc/{service.process.pid}/fd").iterdir()}
    assert any(name.startswith("socket:") for name in mine)
    assert not [name for name in opened if name.startswith("socket:")]
    assert str(service.data_dir / "lock") in mine
    assert str(service.data_dir / "lock") not in opened
    # Whatever else it has open is the database, pipes to the service, and the standard streams.
    own = rf"{service.data_dir}/whaleline\.db.*|{service.log_path}"
    known = re.compile(rf"pipe:.*|/dev/null|anon_inode:.*|{own}")
    assert not [name for name in opened if not known.fullmatch(name)]


def test_a_task_that_needs_more_memory_than_a_worker_has_ends_as_error(start_service: StartService) -> None:
    service = start_service(workers=1, worker_memory_mb=1024)
    api = service.connect()
    picture = io.BytesIO()
    Image.new("1", (12000, 10000), 1).save(picture, "PNG")
    huge = api.submit(picture.getvalue(), makeUpsampling=True)
    answer = api.finished(huge)
    assert answer["taskStatus"] == "Error"
    assert "memory" in answer["error"]["messages"][0]
    assert rows(service, "SELECT attempts FROM tasks") == [(1,)]
    modest = api.submit(draw(["modest"]))
    assert texts(api.finished(modest)) == ["modest"]
    assert_settled(service, [huge, modest])


def test_workers_are_replaced_by_resident_size(start_service: StartService) -> None:
    service = start_service(workers=2, worker_resident_mb=50)  # less than the engine alone
    api = service.connect()
    first = {worker.pid for worker in workers_of(service)}
    tasks = [api.submit(draw([f"number {n}"])) for n in range(4)]
    assert [texts(api.finished(task)) for task in tasks] == [[f"number {n}"] for n in range(4)]
    assert rows(service, "SELECT max(attempts) FROM tasks") == [(1,)]
    if service.deployment.is_scaled:  # Celery replaces them, and tells nobody
        wait_until(lambda: not {worker.pid for worker in workers_of(service)} & first, "replaced workers")
    else:
        wait_until(lambda: restarts(service, "memory") >= 2, "replaced workers")
    wait_until(lambda: len(workers_of(service)) == 2, "as many workers as before")
    assert_settled(service, tasks)


@pytest.mark.embedded("Celery has a bound of its own, worker_proc_alive_timeout")
def test_a_worker_that_is_stopped_while_it_starts_is_replaced(tmp_path: Path) -> None:
    ended = queue.SimpleQueue[object]()
    pool = LocalPool(Settings(data=tmp_path, workers=1), start_seconds=20)
    pool.start(lambda _, end: ended.put(end))
    try:
        stopped = wait_until(spawned, "a process on its way")[0]
        stopped.suspend()
        assert pool.wait_ready(DEADLINE)
        assert stopped not in spawned()

        # One that dies idle is replaced at the next look around; nothing is told, because it had no task.
        (idle,) = spawned()
        idle.kill()
        wait_until(lambda: not pool.is_ready(), "its end")
        pool.heal()
        wait_until(pool.is_ready, "a successor")
        assert ended.empty()

        # The task of one that dies before it has claimed it is told, so that another worker is woken.
        (busy,) = spawned()
        busy.suspend()
        pool.wake()
        wait_until(lambda: pool.busy() == 1, "a call")
        busy.kill()
        told = ended.get(timeout=DEADLINE)
        assert isinstance(told, Failure)
        assert "killed" in told.reason
        wait_until(pool.is_ready, "a successor")
    finally:
        pool.stop(0)


@pytest.mark.embedded("Celery has processes of its own")
def test_how_a_worker_ended_is_known_although_others_ask_whether_it_lives(tmp_path: Path) -> None:
    def ask_until_it_has_ended(process: WorkerProcess) -> None:
        while process.is_alive:
            pass

    with ThreadPoolExecutor() as threads:
        for _ in range(20):
            process = WorkerProcess(Settings(data=tmp_path))
            asking = threads.submit(ask_until_it_has_ended, process)
            process.kill()
            assert process.exit_code() == -signal.SIGKILL
            asking.result()
            process.close()


def spawned() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found
