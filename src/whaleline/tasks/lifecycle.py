"""The life of a task after it was accepted: find, cancel, and what happens when a worker or the clock ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from whaleline import metrics
from whaleline.errors import ConfigurationError, Unauthorized, Unavailable
from whaleline.operations import OWN
from whaleline.operations.operation import ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks.answer import answer
from whaleline.tasks.attempts import Attempts, Keeper
from whaleline.tasks.blobs import Blobs, input_key, result_key, template_key
from whaleline.tasks.dispatch import Dispatcher, Failure, Report
from whaleline.tasks.intake import Intake
from whaleline.tasks.object_store import Chunks
from whaleline.tasks.sql import CLIENT_REMOVED, Store
from whaleline.tasks.sweep import Sweep
from whaleline.tasks.task import Task, TaskStatus
from whaleline.tasks.templates import Templates

_log = structlog.get_logger()

_STARTUP_SECONDS = 60.0
"""How long the service's start waits for a worker, so that the first tasks find one."""

KEPT_SECONDS = 3600
"""How long a document is kept that tasks may name."""

OnChange = Callable[[str | None], None]

_LISTEN_AGAIN_SECONDS = 1.0
"""How long to wait before a lost connection to PostgreSQL, on which ends are told, is made again."""

_BATCH = 1000
"""Rows that one round of housekeeping takes at a time."""


class Tasks:
    """The tasks of one service. Safe to share between threads; every method may raise `Unavailable`.

    What looks for a client's tasks raises `Unauthorized` if there is no such client any more.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        blobs: Blobs,
        dispatcher: Dispatcher,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._store = store
        self._blobs = blobs
        self._dispatcher = dispatcher
        self._clock = clock
        self._on_change: OnChange = lambda _task_id: None
        self.templates = Templates(store, blobs, clock)
        self.intake = Intake(settings, store, blobs, dispatcher.wake, clock)
        self._attempts = Attempts(store, dispatcher, blobs=blobs, clock=clock, on_end=self._tell_change)
        self._keeper = Keeper(self._attempts, settings.look_seconds, self._look_around)
        self._sweep = Sweep(store, blobs, clock)
        self._stopping = threading.Event()

    # What a client does

    def find(self, client_id: str, task_id: str) -> Task | None:
        """A client's task; None if it is unknown, expired, cancelled or another client's."""
        task = self._store.task_of(client_id, task_id)
        if task is None:
            self._check_client(client_id)
        return self._unless_expired(task)

    def recent(self, client_id: str, limit: int) -> list[Task]:
        """A client's tasks that are still kept, newest first."""
        tasks = self._store.tasks_of(client_id, self._clock() - self._settings.retention_seconds, limit)
        if not tasks:
            self._check_client(client_id)
        return tasks

    def _check_client(self, client_id: str) -> None:
        if self._store.client(client_id) is None:
            raise Unauthorized(CLIENT_REMOVED)

    def now(self) -> float:
        """The time by the clock that dates tasks, in seconds since the epoch."""
        return self._clock()

    def find_any(self, task_id: str) -> Task | None:
        """A task of any client."""
        return self._unless_expired(self._store.task(task_id))

    def body(self, task_id: str, task: Task | None) -> bytes | Chunks:
        """The whole answer on a task as `find` gave it: the bytes that its worker wrote, once it is Completed.

        A large one comes piece by piece, so that no process but its worker ever holds all of it.
        """
        if task is None or task.status is not TaskStatus.COMPLETED:
            return self.status_body(task_id, task)
        if task.answer is not None:
            return task.answer.encode()
        body = self._blobs.open(result_key(task.id, task.claim), task.digest) if task.digest else None
        return body or answer(
            task.id,
            TaskStatus.COMPLETED,
            ResponseStatusCode.RESULT_DATA_LOST,
            messages=("The result of the task was lost; submit the image again.",),
        )

    def status_body(self, task_id: str, task: Task | None) -> bytes:
        """The answer on a task without its results."""
        if task is None:
            return answer(task_id, TaskStatus.NOT_EXIST, ResponseStatusCode.TASK_NOT_FOUND)
        return answer(task.id, task.told_status, task.code, messages=() if task.is_open else task.messages)

    def cancel(self, client_id: str, task_id: str) -> None:
        """Cancel a client's task: remove it from the queue or stop it, and erase its input and result."""
        if gone := self._store.delete(client_id, task_id, self._clock()):
            metrics.CANCELLED.inc()
            self._forget(gone)
            self._on_change(task_id)

    def remove_client(self, client_id: str) -> bool:
        """Remove a client with all its tasks and blobs; False if there is none."""
        self._forget(self._store.delete_all(client_id))
        self._blobs.erase([template_key(each) for each in self._store.delete_templates(client_id=client_id)])
        return self._store.remove_client(client_id)

    # Running

    def start(self, on_change: OnChange) -> None:
        """Recover what the last run of the service left, if it was the only one, and start the workers.

        Args:
            on_change: called from any thread with the id of a task that may have ended; None where any may have.

        Raises:
            ConfigurationError: another service uses the same database in a way that excludes this one.
        """
        self._on_change = on_change
        if self._dispatcher.is_sole:
            self._take_up()
        elif self._store.be_one_of_many():
            threading.Thread(target=self._hear, name="hearing", daemon=True).start()
        else:
            raise ConfigurationError("database: a service with its own workers uses it; stop that first")
        self._dispatcher.start(self._on_end)
        if self._dispatcher.is_sole:
            self._attempts.wake_waiting()
        self._keeper.start()
        if not self._dispatcher.wait_ready(_STARTUP_SECONDS):
            _log.warning("no worker is up yet; tasks wait until one is")

    def stop(self) -> None:
        """Let running tasks finish within the time of the settings; queued ones stay for the next start."""
        self._stopping.set()
        self._dispatcher.stop(self._settings.drain_seconds)
        self._keeper.stop()
        if self._dispatcher.is_sole:
            try:
                for task in self._store.processing():
                    self._store.release(task, self._clock(), refund=True)
                self._sweep.erase_ended()
            except Unavailable as error:
                _log.warning("interrupted tasks are left to the next start", exc_info=error)

    def _take_up(self) -> None:
        if not self._store.be_sole_service():
            raise ConfigurationError("database: another service uses it; only with a broker can several share it")
        self._attempts.take_back_all()
        self._sweep.erase_unneeded()

    def _tell_change(self, task_id: str) -> None:
        self._on_change(task_id)

    def _hear(self) -> None:
        """Tell what ends in other processes."""
        while not self._stopping.is_set():
            try:
                for task_id in self._store.ends(self._stopping):
                    self._on_change(task_id)
            except Exception as error:  # whatever it is, held requests rely on this thread
                _log.warning("ends of tasks are not announced for now; waiting requests poll for them", exc_info=error)
                self._stopping.wait(_LISTEN_AGAIN_SECONDS)

    def check_ready(self) -> None:
        """Raise Unavailable unless the database answers and a worker is up."""
        self._store.ping()
        if not self._dispatcher.is_ready():
            raise Unavailable("No worker is up yet.")

    def gauge(self) -> None:
        """Update the metrics that come from the rows."""
        waiting, oldest, claimed = self._store.load()
        metrics.WAITING.set(waiting)
        metrics.OLDEST.set(0.0 if oldest is None else max(0.0, self._clock() - oldest))
        metrics.IN_FLIGHT.set(claimed)

    # Housekeeping: what ends without a worker's finish

    def reconcile(self) -> None:
        """Take back what is overdue, wake workers for what waits, erase what has expired.

        Of several processes one does it at a time; the others leave it at that.
        """
        with self._store.housekeeping() as is_ours:
            if not is_ours:
                return
            self._attempts.take_back_overdue()
            self._attempts.wake_waiting()
            now = self._clock()
            for seconds, operations in ((self._settings.retention_seconds, ()), (KEPT_SECONDS, tuple(OWN))):
                while expired := self._store.delete_older(now - seconds, _BATCH, operations):
                    metrics.EXPIRED.inc(sum(task.parent is None for task in expired))
                    self._forget(expired)
            # Every task that named one of these was submitted before it was replaced, and is gone by now.
            retired = self._store.delete_templates(retired_before=now - self._settings.retention_seconds)
            self._blobs.erase([template_key(each) for each in retired])
            self._sweep.look_around()

    def _look_around(self) -> None:
        self._dispatcher.heal()
        self.reconcile()

    def _on_end(self, claim: str, end: Report | Failure | None) -> None:
        if isinstance(end, Failure):
            self._keeper.tell(claim, end)
        elif end is not None:
            end.tell()
            self._dispatcher.wake(end.ready)
            self._on_change(end.task)

    def _forget(self, tasks: Sequence[Task]) -> None:
        """See to what is left of tasks whose rows are gone."""
        for task in tasks:
            if task.status is TaskStatus.PROCESSING and task.claim:
                self._dispatcher.cancel(task.claim)
        self._blobs.erase([input_key(task.id) for task in tasks if task.parent is None])
        written = [task for task in tasks if task.claim and (task.is_open or task.digest)]
        self._blobs.erase([result_key(task.id, task.claim) for task in written])

    def _unless_expired(self, task: Task | None) -> Task | None:
        if task is None:
            return None
        kept = KEPT_SECONDS if task.operation in OWN else self._settings.retention_seconds
        return None if task.created < self._clock() - kept else task
