"""What the clock does to tasks; the clock is the test's, everything else is real."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import wait_until
from new_task import new_task
from whaleline.errors import InvalidRequest
from whaleline.operations.operation import ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.blobs import BlobKind, Blobs, input_key, result_key
from whaleline.tasks.dispatch.pool import LocalPool
from whaleline.tasks.intake import KeptDocument
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.object_store import digest_of
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task, TaskStatus

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
        self.settings = Settings(data=data, workers=1)
        self.clock = Clock()
        self.store = Store(self.settings.database_url)
        self.store.migrate()
        self.blobs = Blobs(self.settings.blobs_url)
        self.tasks = Tasks(self.settings, self.store, self.blobs, LocalPool(self.settings), self.clock)
        self.client = clients.add(self.store, "first")[0].id

    def submit(self) -> str:
        return self.tasks.intake.submit(self.client, "RecognizeRegions", "{}", b"image", priority=3)

    def claim(self, claim: str, seconds: float) -> Task | None:
        return self.store.claim(claim, self.clock.now, self.clock.now + seconds)

    def put_result(self, task_id: str, claim: str, body: bytes) -> str:
        self.blobs.put(result_key(task_id, claim), body)
        return digest_of(body)

    def files(self) -> list[str]:
        return sorted(blob.key for kind in BlobKind for blob in self.blobs.list(kind))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


def complete(world: World, task_id: str, claim: str, digest: str) -> None:
    completed, ok, now = TaskStatus.COMPLETED, ResponseStatusCode.OK, world.clock.now
    task = new_task(world.client, id=task_id, claim=claim)
    assert world.store.finish(task, digest=digest, status=completed, code=ok, messages=(), now=now)


def test_a_task_is_unknown_the_moment_it_expires_and_erased_by_the_next_look_around(world: World) -> None:
    old = world.submit()
    world.claim("claim", 100)
    complete(world, old, "claim", digest=world.put_result(old, "claim", b"body"))
    world.clock.now += DAY
    young = world.submit()
    assert world.tasks.find(world.client, old) is not None
    world.clock.now += 0.001
    assert world.tasks.find(world.client, old) is None
    assert world.tasks.find_any(old) is None
    assert [world.tasks.find_any(each) is None for each in (old, young)] == [True, False]
    world.tasks.reconcile()
    assert world.store.task(old) is None
    assert world.files() == [f"inputs/{young}"]


def test_a_document_is_kept_for_an_hour_and_a_task_that_names_it_keeps_its_own(world: World) -> None:
    document = world.tasks.intake.submit(world.client, "KeepDocument", "{}", b"pages", priority=3)
    assert world.claim("look", 100) is not None
    complete(world, document, "look", digest=world.put_result(document, "look", b"facts"))
    world.clock.now += 3599
    world.tasks.reconcile()
    assert world.files() == [f"inputs/{document}", f"results/{document}.look"]
    assert world.tasks.find(world.client, document) is not None
    source = KeptDocument(document)
    task = world.tasks.intake.submit(world.client, "RecognizeRegions", "{}", source, priority=3)
    world.clock.now += 2
    assert world.tasks.find(world.client, document) is None
    world.tasks.reconcile()
    assert world.files() == [f"inputs/{task}"]
    assert world.blobs.get(input_key(task)) == b"pages"
    with pytest.raises(InvalidRequest, match="no such document"):
        world.tasks.intake.submit(world.client, "RecognizeRegions", "{}", source, priority=3)


def test_a_claim_that_ran_out_is_given_back_until_the_attempts_are_used_up(world: World) -> None:
    task_id = world.submit()
    for attempt in (1, 2, 3):
        claimed = world.claim(f"claim {attempt}", 150)
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
    assert ended.messages == ("The task was given up after 3 attempts. Its worker stopped responding.",)
    assert world.files() == []


def test_a_page_whose_claims_run_out_is_given_up_and_the_document_goes_on(world: World) -> None:
    task_id = world.submit()
    document = world.claim("split", 150)
    assert document is not None
    assert world.store.split(document, (1, 2), world.clock.now)
    for attempt in (1, 2, 3):
        part = world.claim(f"page 1, {attempt}", 150)
        assert part is not None
        assert part.page == 1
        world.put_result(part.id, part.claim or "", b"left by a broken attempt")
        world.clock.now += 151
        world.tasks.reconcile()
    gap, _ = world.store.parts(task_id)
    reason = "The task was given up after 3 attempts. Its worker stopped responding."
    assert (gap.status, gap.messages) == (TaskStatus.ERROR, (reason,))
    assert world.files() == [f"inputs/{task_id}"]
    last = world.claim("page 2", 150)
    assert last is not None
    ok: dict[str, Any] = {"status": TaskStatus.COMPLETED, "code": ResponseStatusCode.OK, "messages": ()}
    digest = world.put_result(last.id, "page 2", b"read")
    assert world.store.finish(last, digest=digest, now=world.clock.now, **ok)
    for kind in (0.0, 4000.0):  # the sweep takes nothing that is still to be joined
        world.clock.now += kind
        world.tasks.reconcile()
    assert world.files() == [f"inputs/{task_id}", f"results/{last.id}.page 2"]
    joins = world.claim("join", 150)
    assert joins is not None
    assert (joins.id, joins.attempts) == (task_id, 1)


def test_blobs_that_no_row_needs_are_swept(world: World) -> None:
    done = world.submit()
    assert world.claim("claim", 10_000) is not None
    failed = world.submit()
    assert world.claim("failing", 10_000) is not None
    waiting = world.submit()
    orphan, ended = "inputs/orphan", f"inputs/{done}"
    world.tasks.reconcile()
    world.blobs.put(input_key("orphan"), b"left by a crash between blob and row")
    for task, claim in ((done, "former"), (done, "claim"), ("orphan", "claim")):
        world.put_result(task, claim, b"left by a crash between row and blob")
    complete(world, done, "claim", digest="d")
    world.put_result(failed, "failing", b"left by a crash before the task was given up")
    world.store.fail(new_task(world.client, id=failed, claim="failing"), "why", world.clock.now)
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
    (row,) = world.store.delete(world.client, task, world.clock.now)
    world.tasks.reconcile()
    world.clock.now += 59
    world.tasks.reconcile()
    assert world.store.insert(row, most_open=10, most_waiting=1000)
    for _ in range(2):
        world.clock.now += 60
        world.tasks.reconcile()
    assert world.files() == [f"inputs/{task}"]


def test_a_service_that_stops_erases_what_has_ended_and_nothing_else(world: World) -> None:
    """As after a worker that was killed between its finish and the erasure."""
    world.tasks.start(lambda _: None)
    task = world.submit()
    wait_until(lambda: (row := world.store.task(task)) is not None and not row.is_open, "the end of the task")
    wait_until(lambda: not world.files(), "the erasure by its worker")
    world.blobs.put(input_key(task), b"left")
    world.blobs.put(input_key("young"), b"its row is on the way")
    world.tasks.stop()
    assert world.files() == ["inputs/young"]


def test_what_was_left_half_written_is_swept_after_an_hour(world: World) -> None:
    inputs = world.settings.data / "blobs" / "inputs"
    for name, age in (("old#1", 3601), ("young#1", 3500)):
        (inputs / name).write_bytes(b"half")
        os.utime(inputs / name, (time.time() - age,) * 2)
    world.tasks.reconcile()
    assert [path.name for path in inputs.iterdir()] == ["young#1"]
