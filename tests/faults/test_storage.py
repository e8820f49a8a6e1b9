"""Storage that is full, read-only, locked or damaged: told as 503, and whatever was accepted completes afterwards.

Full and read-only are those of a small file system of the test's own, since permissions do not stop root. Where it may
not be mounted, the tests are skipped, and say so.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from harness import (
    Deployment,
    ServiceProcess,
    assert_settled,
    b64,
    blob_directory,
    blobs,
    draw,
    rows,
    texts,
    wait_for_processing,
    wait_until,
    workers_of,
    write_lock,
)

StartService = Callable[..., ServiceProcess]

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Volume:
    """A mounted file system of a few mebibytes."""

    path: Path

    @property
    def _filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def make_room(self) -> None:
        self._filler.unlink()

    def remount(self, mode: str) -> None:
        """Make it read-only or writable: ro or rw."""
        subprocess.run(["mount", "-o", f"remount,{mode}", self.path], check=True)

    def spoil(self, how: str) -> None:
        if how == "full":
            self.fill()
        else:
            # Refused as long as somebody has a file open for writing.
            wait_until(lambda: self._is_remounted("ro"), "a read-only volume")

    def mend(self, how: str) -> None:
        if how == "full":
            self.make_room()
        else:
            self.remount("rw")

    def _is_remounted(self, mode: str) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.remount(mode)
            return True
        return False


@pytest.fixture
def mount() -> Iterator[Callable[[Path, int], Volume]]:
    """Mounts a volume: `mount(path, mebibytes)`."""
    mounted: list[Path] = []

    def mount(path: Path, mebibytes: int) -> Volume:
        path.mkdir(parents=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "whaleline-test", path],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"NOT TESTED: what a full volume does, since none can be mounted here: {done.stderr.strip()}")
        mounted.append(path)
        return Volume(path)

    yield mount
    for path in reversed(mounted):
        subprocess.run(["umount", "--lazy", path], check=True)


Mount = Callable[[Path, int], Volume]


@pytest.fixture
def blob_volume(mount: Mount, deploy: Callable[[Path], Deployment], tmp_path: Path) -> Volume:
    """A volume of four mebibytes for the blobs of the service whose data directory is `tmp_path / "data"`."""
    directory = blob_directory(tmp_path / "data", deploy(tmp_path / "data"))
    if directory is None:
        pytest.skip("blobs are in an object store here; test_brokers.py has one that refuses")
    return mount(directory, 4)


def assert_refused(answer: httpx.Response) -> None:
    """503 that says when to come again."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["status"] == 503


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_blobs_cannot_be_written_at_post(
    start_service: StartService, blob_volume: Volume, tmp_path: Path, how: str
) -> None:
    volume = blob_volume
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    done = api.submit(draw(["before"]))
    before = api.finished(done)
    body = {"image": b64(draw(["after"]) + bytes(MEBIBYTE)), "settings": {}}
    volume.spoil(how)
    assert_refused(api.post(body))
    assert rows(service, "SELECT id FROM tasks") == [(done,)]
    assert not blobs(service, "inputs")
    assert api.get(done) == before
    volume.mend(how)
    again = api.post(body)
    assert again.status_code == 200
    assert texts(api.finished(again.text)) == ["after"]
    assert_settled(service, [done, again.text])


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_blobs_cannot_be_written_at_finish(
    start_service: StartService, blob_volume: Volume, tmp_path: Path, long_page: bytes, how: str
) -> None:
    volume = blob_volume
    service = start_service(tmp_path / "data", workers=1, row_answer_bytes=0, lease_seconds=3)
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    (worker,) = workers_of(service)
    worker.suspend()
    volume.spoil(how)
    worker.resume()
    wait_until(lambda: rows(service, "SELECT status, attempts FROM tasks") == [("Pending", 0)], "the task's waiting")
    volume.mend(how)
    answer = api.finished(task)
    assert (answer["taskStatus"], answer["responseStatusCode"]) == ("Completed", "Ok")
    assert rows(service, "SELECT attempts FROM tasks") == [(1,)]
    assert_settled(service, [task])


@pytest.mark.embedded("PostgreSQL looks after its own disk")
def test_the_database_is_full(start_service: StartService, mount: Mount, tmp_path: Path) -> None:
    volume = mount(tmp_path / "data", 2)
    mount(tmp_path / "data" / "blobs", 8)
    service = start_service(tmp_path / "data", workers=1, lease_seconds=3)
    api = service.connect()
    accepted = [api.submit(draw(["accepted 0"]))]
    api.finished(accepted[0])
    volume.fill()
    # What the log holds of room already may still take some.
    for n in range(1, 500):
        answer = api.post({"image": b64(draw([f"accepted {n}"])), "settings": {}})
        if answer.status_code != 200:
            break
        accepted.append(answer.text)
    assert_refused(answer)
    known = {task for (task,) in rows(service, "SELECT id FROM tasks")}
    assert known == set(accepted)
    assert {path.name for path in blobs(service, "inputs")} <= known
    volume.make_room()
    accepted.append(api.submit(draw([f"accepted {len(accepted)}"])))
    assert [texts(api.finished(task)) for task in accepted] == [[f"accepted {n}"] for n in range(len(accepted))]
    assert rows(service, "SELECT max(attempts) FROM tasks") == [(1,)]
    assert_settled(service, accepted)


def test_the_database_is_locked_for_seconds(start_service: StartService, long_page: bytes) -> None:
    """Longer than a statement waits, with one task at its finish and one at the door."""
    service = start_service(workers=1, lease_seconds=60)
    api = service.connect()
    running = api.submit(long_page)
    wait_for_processing(api, running)
    with write_lock(service):
        assert_refused(api.post({"image": b64(draw(["refused"])), "settings": {}}))
        assert re.search(r"The database cannot be reached at the moment\. .*\block", service.log), "the cause is logged"
        assert api.status(running)["taskStatus"] == "Processing"
        wait_until(lambda: "a failed attempt is handled later" in service.log, "the end of the finish's waiting")
        assert [path.name for path in blobs(service, "inputs")] == [running]
        waiting: list[str] = []
        client = threading.Thread(target=lambda: waiting.append(api.submit(draw(["waited"]))))
        client.start()
        wait_until(lambda: len(blobs(service, "inputs")) == 2, "a third task at the door")
    client.join()
    assert texts(api.finished(waiting[0])) == ["waited"]
    assert api.finished(running)["responseStatusCode"] == "Ok"
    assert rows(service, "SELECT attempts FROM tasks") == [(1,), (1,)]
    assert_settled(service, [running, *waiting])


@pytest.mark.embedded("drain_seconds bounds a service's own workers; Celery's finish what they have")
def test_a_drain_ends_though_the_database_is_locked(
    start_service: StartService, tmp_path: Path, long_page: bytes
) -> None:
    service = start_service(tmp_path / "data", workers=1, drain_seconds=0)
    api = service.connect()
    task = api.submit(long_page)
    wait_for_processing(api, task)
    with write_lock(service):
        assert service.stop() == 0
    again = start_service(tmp_path / "data", workers=1)
    assert again.connect(token=api.token).finished(task)["responseStatusCode"] == "Ok"
    assert rows(again, "SELECT attempts FROM tasks") == [(1,)]
    assert_settled(again, [task])


def test_an_input_that_is_damaged_ends_its_task_and_no_other(start_service: StartService, long_page: bytes) -> None:
    service = start_service(workers=1)
    api = service.connect()
    first, damaged, last = api.submit(long_page), api.submit(draw(["damaged"])), api.submit(draw(["whole"]))
    (blob,) = (each for each in blobs(service, "inputs") if each.name == damaged)
    whole = blob.read_bytes()
    blob.write_bytes(whole[: len(whole) // 3] + os.urandom(len(whole)))
    assert api.finished(damaged)["taskStatus"] == "Error"
    assert texts(api.finished(last)) == ["whole"]
    assert api.finished(first)["taskStatus"] == "Completed"
    assert_settled(service, [first, damaged, last])
