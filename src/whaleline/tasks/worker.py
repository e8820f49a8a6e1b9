"""What a worker process does: claim a row, do its work, store the result, close the row."""

from __future__ import annotations

import base64
import contextlib
import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from whaleline import heap, logs, tracing
from whaleline.errors import ConfigurationError, Unavailable, WhalelineError
from whaleline.operations import PERFORMED
from whaleline.operations.operation import Outcome, ResponseStatusCode, open_document
from whaleline.operations.warm_up import warm_up
from whaleline.settings import Settings
from whaleline.tasks import isolation
from whaleline.tasks.answer import answer
from whaleline.tasks.attempts import MOST_ATTEMPTS, given_up
from whaleline.tasks.blobs import Blobs, input_key, result_key
from whaleline.tasks.dispatch import Report
from whaleline.tasks.object_store import digest_of
from whaleline.tasks.parts import Parts, joined
from whaleline.tasks.sql import End, Store
from whaleline.tasks.task import Task, TaskStatus
from whaleline.tasks.templates import with_template

_log = structlog.get_logger()

LEASE_MARGIN = 30.0
"""Seconds after the time limit at which a claim ends; the limit itself kills the worker before that."""


@dataclass(frozen=True, slots=True)
class _Split:
    """A document with several pages to be read, each of which becomes a part."""

    pages: tuple[int, ...]


_Work = Outcome | bytes | _Split | str
"""The result of a claimed row: a task's outcome, a part's page, pages to read, or a sentence about a failure."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One process's connections to the stores."""

    store: Store
    blobs: Blobs
    settings: Settings

    def run(self, claim: str, lease: float | None = None) -> Report | None:
        """Claim a row and do its work; None if none waits, or it was taken away meanwhile.

        A task whose document has one page to be read is carried out at once. Where there are more, the first claim
        splits it, each part reads a page, and another claim of the task joins them.

        Args:
            claim: a token that was never used before.
            lease: seconds for which the claim holds unless it is renewed; past the time limit if None.

        Raises:
            Unavailable: the database or the blob store failed; the row stays claimed and is to be tried again.
        """
        now = time.time()
        row = self.store.claim(claim, now, now + (lease or self.settings.task_seconds + LEASE_MARGIN))
        if row is None:
            return None
        if row.former_claim is not None:
            self.blobs.erase([result_key(row.id, row.former_claim)])
        seconds: dict[str, float] = {}
        if row.parent is None and row.parts is None:
            seconds["queue"] = max(0.0, now - row.created)
        task_id = row.parent or row.id
        with tracing.span("task", **{"task.id": task_id, "task.operation": row.operation}):
            with _stage("input", seconds):
                task = row if row.parent is None else self.store.task(row.parent)  # a part does not repeat its settings
                data = self.blobs.get(input_key(task_id))
            with _stage("perform", seconds):
                work = self._perform(row, task, data)
            with _stage("store", seconds):
                end = self._close(row, work)
        if end is None:
            _log.info("a late result is dropped, because the task has another claim", task=row.id)
            return None
        status, code = _told(work)
        return Report(task_id, row.operation, status, code, seconds, row.page, end.ready)

    def _close(self, row: Task, work: _Work) -> End | None:
        """Store the result and close the row; None if it is no longer ours."""
        if isinstance(work, _Split):
            is_split = self.store.split(row, work.pages, time.time())
            return End(len(work.pages)) if is_split else None
        end = self.store.fail(row, work, time.time()) if isinstance(work, str) else self._finish(row, work)
        if end is not None and row.parent is None:
            is_kept = row.is_document and not isinstance(work, str)
            parts = [result_key(part.id, part.claim) for part in end.left if part.claim]
            self.blobs.erase(parts if is_kept else [input_key(row.id), *parts])
        return end

    def _finish(self, row: Task, work: Outcome | bytes) -> End | None:
        """Store a result, in its row if it is small, and close the row."""
        messages: Sequence[str] = ()
        if isinstance(work, Outcome):
            messages = work.messages
            body = answer(row.id, TaskStatus.COMPLETED, work.code, work.results, messages)
            stored = body
        else:
            body, stored = work, base64.b64encode(work)
        key, is_small = result_key(row.id, row.claim), len(body) <= self.settings.row_answer_bytes
        if not is_small:
            self.blobs.put(key, body)
        end = self.store.finish(
            row,
            status=TaskStatus.COMPLETED,
            code=_told(work)[1],
            messages=messages,
            digest=None if is_small else digest_of(body),
            answer=stored.decode() if is_small else None,
            now=time.time(),
        )
        if end is None and not is_small:
            self.blobs.erase([key])
        return end

    def _perform(self, row: Task, task: Task | None, data: bytes | None) -> _Work:
        if row.attempts > MOST_ATTEMPTS:
            return given_up(row.attempts - 1, " ".join(row.messages))
        if data is None or task is None:
            return "The task's image was lost."
        try:
            return self._work(row, task, data)
        except Unavailable:
            raise
        except WhalelineError as error:
            return str(error)
        except MemoryError:
            return "The task needs more memory than a worker has."
        except Exception:
            _log.exception("a task failed", task=row.id)
            return f"The task failed because of an error in the service. Its log has more under the id {row.id}."

    def _work(self, row: Task, task: Task, data: bytes) -> _Work:
        operation = PERFORMED[row.operation]
        request = with_template(operation.settings_model.model_validate_json(task.settings), self.blobs)
        document = open_document(data, self.settings)
        if row.parts is not None:
            parts = Parts(self.store.parts(row.id), self.blobs)
            return joined(operation, document, parts, request, self.settings)
        if row.page is not None:
            return operation.read(document, row.page, request, self.settings)
        pages = operation.pages_to_read(document, request, self.settings)
        return _Split(pages) if len(pages) > 1 else operation.read_all(document, pages, request, self.settings)


def _told(work: _Work) -> tuple[TaskStatus, ResponseStatusCode]:
    """Status and code of a row by its work."""
    if isinstance(work, _Split):
        return TaskStatus.PROCESSING, ResponseStatusCode.NOT_READY
    if isinstance(work, str):
        return TaskStatus.ERROR, ResponseStatusCode.ERROR
    return TaskStatus.COMPLETED, work.code if isinstance(work, Outcome) else ResponseStatusCode.OK


@contextlib.contextmanager
def _stage(name: str, seconds: dict[str, float]) -> Iterator[None]:
    """A stage of a run, with a span of its own; adds what it took."""
    start = time.perf_counter()
    with tracing.span(name):
        yield
    seconds[name] = time.perf_counter() - start


_worker: Worker | None = None


def start(settings: Settings) -> None:
    """Make this process a worker: confined, and with everything loaded that a first task needs."""
    global _worker  # noqa: PLW0603 - one per process, made where the pool starts the process
    # Killed means killed, even inside a library's long call; the row's fence makes that safe.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if multiprocessing.parent_process() is not None:  # a forked process has none, and is told by the kernel
        threading.Thread(target=_end_with_parent, daemon=True).start()
    heap.keep_pictures()
    logs.configure(settings)
    tracing.configure(settings)
    held = isolation.confine(settings)
    try:
        warm_up(settings)
    except ConfigurationError as error:  # other languages may do
        _log.warning("English cannot be read", why=str(error))
    _log.info("a worker is up", worker=os.getpid(), **held)
    _worker = Worker(Store(settings.database_url), Blobs(settings.blobs_url), settings)
    gc.freeze()  # all that is there stays, and need not be looked through again and again


def run(claim: str, lease: float | None = None) -> Report | None:
    """`Worker.run` of this process's worker."""
    if _worker is None:
        raise RuntimeError("start() was not called in this process")
    return _worker.run(claim, lease)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
