"""What a worker process does: claim a task, carry it out, store the answer, close the row."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import structlog

from whaleline import logs, tracing
from whaleline.errors import ConfigurationError, WhalelineError
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Outcome, ResponseStatusCode
from whaleline.operations.warm_up import warm_up
from whaleline.settings import Settings
from whaleline.tasks import isolation
from whaleline.tasks.answer import answer
from whaleline.tasks.attempts import given_up
from whaleline.tasks.blobs import Blobs
from whaleline.tasks.dispatch import Report
from whaleline.tasks.erasures import Erasures
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Answered, StoredAnswer, Task, TaskStatus

_log = structlog.get_logger()

LEASE_MARGIN = 30.0
"""Seconds past the time limit after which a claim counts as dead; the limit itself kills before that."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One process's hold on the stores."""

    store: Store
    blobs: Blobs
    settings: Settings
    erasures: Erasures

    def run(self, task_id: str, claim: str | None = None, lease: float | None = None) -> Report | None:
        """Carry a task out; None if it is not there to be claimed, or was taken away meanwhile.

        Args:
            task_id: which task.
            claim: a token that was never used before, from who renews the claim; one is made if None.
            lease: seconds for which the claim holds unless renewed; past the time limit if None.

        Raises:
            Unavailable: the database or the blob store failed; the task stays claimed and is to be tried again.
        """
        claim = claim or uuid.uuid4().hex
        started = time.time()
        task = self.store.claim(task_id, claim, started + (lease or self.settings.task_seconds + LEASE_MARGIN))
        if task is None:
            self._clear_up(task_id)
            return None
        if task.former_claim is not None:
            self.blobs.erase_result(task_id, task.former_claim)
        stages = _Stages()
        with tracing.span("task", **{"task.id": task_id, "task.operation": task.operation}):
            with stages.stage("input"):
                data = self.blobs.input(task_id)
            with stages.stage("perform"):
                outcome = self._perform(task, data)
            with stages.stage("store"):
                is_closed, answered = self._close(task_id, claim, outcome)
        if not is_closed:
            return None
        seconds = {"queue": max(0.0, started - task.created), **stages.seconds}
        if isinstance(outcome, Outcome):
            return Report(task.operation, TaskStatus.COMPLETED, outcome.code, seconds, answered)
        return Report(task.operation, TaskStatus.ERROR, ResponseStatusCode.ERROR, seconds)

    def _clear_up(self, task_id: str) -> None:
        """Erase the input of a task that has ended, whose last worker may have been killed before it came to that."""
        task = self.store.task(task_id)
        if task is not None and not task.is_open:
            self.blobs.erase_input(task_id)

    def _close(self, task_id: str, claim: str, outcome: Outcome | str) -> tuple[bool, Answered | None]:
        """Store the answer, if there is one, and close the row; False if the task is no longer ours."""
        body: bytes | None = None
        stored: StoredAnswer | None = None
        if isinstance(outcome, Outcome):
            body = answer(task_id, TaskStatus.COMPLETED, outcome.code, outcome.results, outcome.messages)
            if len(body) > self.settings.row_answer_bytes:
                stored = StoredAnswer(claim, self.blobs.put_result(task_id, claim, body))
            is_closed = self.store.finish(
                task_id,
                claim,
                status=TaskStatus.COMPLETED,
                code=outcome.code,
                messages=outcome.messages,
                digest=stored.digest if stored else None,
                answer=None if stored else body.decode(),
                now=time.time(),
            )
        else:
            is_closed = self.store.fail(task_id, claim, outcome, time.time())
        if is_closed:
            self.erasures.add(task_id)
        else:
            _log.info("a late result is dropped, since the task is no longer ours", task=task_id)
            if stored:
                self.blobs.erase_result(task_id, claim)
        return is_closed, stored or body

    def _perform(self, task: Task, data: bytes | None) -> Outcome | str:
        """The outcome, or a sentence on why there is none."""
        if task.attempts > self.settings.task_attempts:
            return given_up(task.attempts - 1, " ".join(task.messages))
        if data is None:
            return "The task's image is lost."
        operation = OPERATIONS[task.operation]
        try:
            request = operation.settings_model.model_validate_json(task.settings)
            return operation.run(data, request, self.settings)
        except WhalelineError as error:
            return str(error)
        except MemoryError:
            return "The task needs more memory than a worker has."
        except Exception:
            _log.exception("a task failed", task=task.id)
            return f"The task failed by a fault of the service. Its log tells more under the id {task.id}."


class _Stages:
    """Seconds by stage, each with a span of its own."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        with tracing.span(name):
            yield
        self.seconds[name] = time.perf_counter() - start


_worker: Worker | None = None


def start(settings: Settings) -> None:
    """Make this process a worker: confined, and with what a first task would have to wait for already loaded."""
    global _worker  # noqa: PLW0603 - one per process, made where the pool starts the process
    # Killed means killed, even inside a library's long call; the row's fence makes that safe.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if multiprocessing.parent_process() is not None:  # a forked process has none, and is told by the kernel
        threading.Thread(target=_end_with_parent, daemon=True).start()
    logs.configure(settings)
    tracing.configure(settings)
    held = isolation.confine(settings)
    try:
        warm_up(settings)
    except ConfigurationError as error:  # other languages may do
        _log.warning("English cannot be read", why=str(error))
    _log.info("a worker is up", worker=os.getpid(), **asdict(held) | {"umask": f"{held.umask:03o}"})
    blobs = Blobs(settings.blobs_url)
    _worker = Worker(Store(settings.database_url), blobs, settings, Erasures(blobs))
    gc.freeze()  # all that is there stays, and need not be looked through again and again


def run(task_id: str, claim: str | None = None, lease: float | None = None) -> Report | None:
    """`Worker.run` of this process's worker."""
    if _worker is None:
        raise RuntimeError("start() was not called in this process")
    return _worker.run(task_id, claim, lease)


def stop() -> None:
    """See to what a worker would leave behind that is told to end."""
    if _worker is not None:
        _worker.erasures.flush()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
