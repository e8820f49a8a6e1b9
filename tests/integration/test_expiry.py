"""What the clock does to tasks; the clock is the test's, everything else is real."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import wait_until
from whaleline.operations.operation import ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.blobs import BlobKind, Blobs
from whaleline.tasks.dispatch.pool import LocalPool
from whaleline.tasks.erasures import Erasures
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.tasks.task import TaskStatus
from whaleline.tasks.worker import Worker

DAY = 86400.0


class Clock:
    """Seconds since the epoch, as the test says."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class World:
    """The tasks of a service whose workers never start."""

    def __init__(self, data: Path) -> None:
        self.settings = Settings(data=data, workers=1, task_attempts=2)
        self.clock = Clock()
        self.store = Store(self.settings.database_url)
        self.store.migrate()
        self.blobs = Blobs(self.settings.blobs_url)
        self.tasks = Tasks(self.settings, self.store, self.blobs, LocalPool(self.settings), self.clock)
        self.client = clients.add(self.store, "first")[0].id

    def submit(self) -> str:
        return self.tasks.submit(self.client, "RecognizeRegions", "{}", b"image", priority=3)

    def files(self) -> list[str]:
        return sorted(blob.key for kind in BlobKind for blob in self.blobs.list(kind))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


def complete(world: World, task_id: str, claim: str, digest: str) -> None:
    told = {"status": TaskStatus.COMPLETED, "code": ResponseStatusCode.OK, "messages": (), "now": world.clock.now}
    assert world.store.finish(task_id, claim, digest=digest, **told)


def test_a_task_is_unknown_the_moment_it_expires_and_erased_by_the_next_look_around(world: World) -> None:
    old = world.submit()
    world.store.claim(old, "claim", world.clock.now + 100)
    complete(world, old, "claim", digest=world.blobs.put_result(old, "claim", b"body"))
    world.clock.now += DAY
    young = world.submit()
    assert world.tasks.find(world.client, old) is not None
    world.clock.now += 0.001
    assert world.tasks.find(world.client, old) is None
    assert world.tasks.find_any(old) is None
    assert world.tasks.find_all([old, young]).keys() == {young}
    world.tasks.reconcile()
    assert world.store.task(old) is None
    assert world.files() == [f"inputs/{young}"]


def test_a_claim_that_ran_out_is_given_back_until_the_attempts_are_used_up(world: World) -> None:
    task_id = world.submit()
    for attempt in (1, 2):
        claimed = world.store.claim(task_id, f"claim {attempt}", world.clock.now + 150)
        assert claimed is not None
        world.clock.now += 150
        world.tasks.reconcile()
        held = world.store.task(task_id)
        assert held is not None
        assert held.status is TaskStatus.PROCESSING
        world.clock.now += 1
        world.tasks.reconcile()
    ended = world.store.task(task_id)
    assert ended is not None
    assert ended.status is TaskStatus.ERROR
    assert ended.messages == ("The task was given up after 2 attempts. Its worker fell silent.",)
    assert world.files() == []


def test_blobs_that_no_row_needs_are_swept(world: World) -> None:
    waiting = world.submit()
    done, failed = world.submit(), world.submit()
    orphan, ended = "inputs/orphan", f"inputs/{done}"
    world.tasks.reconcile()
    assert world.store.claim(done, "claim", world.clock.now + 10_000) is not None
    world.blobs.put_input("orphan", b"left by a crash between blob and row")
    for task, claim in ((done, "former"), (done, "claim"), ("orphan", "claim")):
        world.blobs.put_result(task, claim, b"left by a crash between row and blob")
    complete(world, done, "claim", digest="d")
    world.store.claim(failed, "claim", world.clock.now + 10_000)
    world.blobs.put_result(failed, "claim", b"left by a crash before the task was given up")
    world.store.fail(failed, "claim", "why", world.clock.now)
    world.clock.now += 19
    world.tasks.reconcile()
    assert {ended, orphan} <= set(world.files())
    world.clock.now += 1
    world.tasks.reconcile()
    assert ended not in world.files()
    world.clock.now += 59
    world.tasks.reconcile()
    assert orphan in world.files()
    world.clock.now += 20
    world.tasks.reconcile()
    assert orphan not in world.files()
    assert len([name for name in world.files() if name.startswith("results/")]) == 4
    world.clock.now += 3600
    world.tasks.reconcile()
    assert world.files() == [f"inputs/{waiting}", f"results/{done}.claim"]


def test_an_input_whose_row_comes_after_a_look_stays(world: World) -> None:
    """As where the insertion of a row waits for a lock: its input is there, and no row needs it yet."""
    task = world.submit()
    row = world.store.delete(world.client, task)
    assert row is not None
    world.tasks.reconcile()
    world.clock.now += 59
    world.tasks.reconcile()
    assert world.store.insert(row)
    for _ in range(2):
        world.clock.now += 60
        world.tasks.reconcile()
    assert world.files() == [f"inputs/{task}"]


def test_a_service_that_stops_erases_what_has_ended_and_nothing_else(world: World) -> None:
    """As after workers that had no time for it, which erase together in an object store."""
    world.tasks.start(lambda *_: None, lambda *_: None)
    task = world.submit()
    wait_until(lambda: (row := world.store.task(task)) is not None and not row.is_open, "the end of the task")
    wait_until(lambda: not world.files(), "the erasure by its worker")
    world.blobs.put_input(task, b"left")
    world.blobs.put_input("young", b"its row is on the way")
    world.tasks.stop()
    assert world.files() == ["inputs/young"]


def test_what_was_left_half_written_is_swept_after_an_hour(world: World) -> None:
    inputs = world.settings.data / "blobs" / "inputs"
    for name, age in (("old#1", 3601), ("young#1", 3500)):
        (inputs / name).write_bytes(b"half")
        os.utime(inputs / name, (time.time() - age,) * 2)
    world.tasks.reconcile()
    assert [path.name for path in inputs.iterdir()] == ["young#1"]


def test_a_message_that_finds_its_task_ended_erases_the_input(world: World) -> None:
    """Which a worker that was killed between its finish and the erasure has left."""
    ended, waiting = world.submit(), world.submit()
    assert world.store.claim(ended, "claim", world.clock.now + 100) is not None
    world.store.fail(ended, "claim", "why", world.clock.now)
    assert Worker(world.store, world.blobs, world.settings, Erasures(world.blobs)).run(ended) is None
    assert world.files() == [f"inputs/{waiting}"]
