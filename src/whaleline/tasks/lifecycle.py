"""The life of a task: submit, look, cancel, and what happens when a worker or the clock ends it."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from whaleline import metrics
from whaleline.errors import ConfigurationError, KeyReused, Unauthorized, Unavailable
from whaleline.operations.operation import ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks.answer import answer
from whaleline.tasks.attempts import Attempts, Keeper
from whaleline.tasks.blobs import Blobs
from whaleline.tasks.dispatch import Dispatcher, Failure, Report
from whaleline.tasks.room import Room
from whaleline.tasks.sql import Ends, Store, may_have_taken_place
from whaleline.tasks.sweep import Sweep
from whaleline.tasks.task import Answered, StoredAnswer, Task, TaskStatus

_log = structlog.get_logger()

_STARTUP_SECONDS = 60.0
"""How long the service's start waits for a worker, so that the first tasks find one."""

OnChange = Callable[[str, Answered | None], None]

_BATCH = 1000
"""Rows that one round of housekeeping takes at a time."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's own name for a request (draft-ietf-httpapi-idempotency-key-header), and the request's SHA-256."""

    key: str
    digest: str


class Tasks:
    """The tasks of one service. Safe to share between threads; every method may raise `Unavailable`."""

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
        self._on_submit: Callable[[str, str], None] = lambda _task_id, _client_id: None
        self._on_change: OnChange = lambda _task_id, _answered: None
        self._attempts = Attempts(settings, store, dispatcher, blobs=blobs, clock=clock, on_end=self._tell_change)
        self._keeper = Keeper(self._attempts, settings.reconcile_seconds, self._look_around)
        self._sweep = Sweep(store, blobs, clock)
        self._room = Room(settings, store)

    # What a client does

    def submit(
        self,
        client_id: str,
        operation: str,
        settings: str,
        data: bytes,
        *,
        priority: int,
        idempotency: Idempotency | None = None,
    ) -> str:
        """Take a task in: input to the blob store, row to the database, id to the dispatcher.

        Args:
            client_id: whose task it is.
            operation: the task type's wire name.
            settings: the operation's settings as JSON.
            data: the submitted input.
            priority: urgency from 0 (first) to 7, as RFC 9218 has it.
            idempotency: the client's name for the request; the same name brings the same task.

        Returns:
            The task's id. From then on the task is not lost, whatever happens to this process.

        Raises:
            Unauthorized: there is no such client any more.
            KeyReused: the name was given to another request before.
            QueueFull: as many tasks wait, or are open for this client, as may be.
        """
        if idempotency is not None and (known := self._by_key(client_id, idempotency)) is not None:
            return known
        self._room.take_place(client_id)
        now = self._clock()
        task = Task(
            id=str(uuid.uuid4()),
            client_id=client_id,
            operation=operation,
            settings=settings,
            priority=priority,
            status=TaskStatus.PENDING,
            code=ResponseStatusCode.NOT_READY,
            messages=(),
            attempts=0,
            claim=None,
            created=now,
            lease=None,
            finished=None,
            digest=None,
            sent=now,
            idempotency_key=idempotency.key if idempotency else None,
            request_digest=idempotency.digest if idempotency else None,
        )
        self._blobs.put_input(task.id, data)
        self._on_submit(task.id, client_id)
        try:
            is_in = self._store.insert(task)
        except Unavailable as error:
            with contextlib.suppress(Unavailable):  # if the row's fate is not known, the sweep decides
                if not may_have_taken_place(error) or self._store.task(task.id) is None:
                    self._blobs.erase_input(task.id)
            raise
        if not is_in:
            self._blobs.erase_input(task.id)
            # The same request may have come twice at once.
            if idempotency is not None and (known := self._by_key(client_id, idempotency)) is not None:
                return known
            raise Unauthorized("The client of this token has been removed.")
        metrics.ACCEPTED.labels(operation).inc()
        self._dispatcher.submit(task.id, task.priority, task.created)
        return task.id

    def find(self, client_id: str, task_id: str) -> Task | None:
        """A client's task; None if it is unknown, expired, cancelled or another client's.

        Raises:
            Unauthorized: there is no such client any more.
        """
        known, task = self._store.task_of(client_id, task_id)
        if not known:
            raise Unauthorized("The client of this token has been removed.")
        return self._unless_expired(task)

    def recent(self, client_id: str, limit: int) -> list[Task]:
        """A client's tasks that are still kept, newest first.

        Raises:
            Unauthorized: there is no such client any more.
        """
        tasks = self._store.tasks_of(client_id, self._clock() - self._settings.retention_seconds, limit)
        if not tasks and self._store.client(client_id) is None:
            raise Unauthorized("The client of this token has been removed.")
        return tasks

    def now(self) -> float:
        """The moment by the clock that dates tasks, in seconds since the epoch."""
        return self._clock()

    def find_any(self, task_id: str) -> Task | None:
        """A task, whoever's it is."""
        return self._unless_expired(self._store.task(task_id))

    def find_all(self, task_ids: Sequence[str]) -> dict[str, Task]:
        """Those of the tasks that are there, by id."""
        tasks = [self._unless_expired(task) for task in self._store.tasks(task_ids)]
        return {task.id: task for task in tasks if task is not None}

    def body(self, task_id: str, task: Task | None) -> bytes:
        """The whole answer on a task as `find` gave it: the bytes that its worker wrote, once it is Completed."""
        if task is None or task.status is not TaskStatus.COMPLETED:
            return self.status_body(task_id, task)
        if task.answer is not None:
            return task.answer.encode()
        body = self.stored_body(task.id, StoredAnswer(task.claim, task.digest)) if task.claim and task.digest else None
        return body or answer(
            task.id,
            TaskStatus.COMPLETED,
            ResponseStatusCode.RESULT_DATA_LOST,
            messages=("The result of the task is lost; submit the image again.",),
        )

    def stored_body(self, task_id: str, stored: StoredAnswer) -> bytes | None:
        """The same of one whose answer is a blob; None if that is erased or damaged."""
        return self._blobs.result(task_id, stored.claim, stored.digest)

    def status_body(self, task_id: str, task: Task | None) -> bytes:
        """The answer on a task without its results."""
        if task is None:
            return answer(task_id, TaskStatus.NOT_EXIST, ResponseStatusCode.TASK_NOT_FOUND)
        return answer(task.id, task.status, task.code, messages=() if task.is_open else task.messages)

    def cancel(self, client_id: str, task_id: str) -> None:
        """Forget a client's task: take it from the queue or stop it, and erase its input and result."""
        if (task := self._store.delete(client_id, task_id)) is not None:
            metrics.CANCELLED.inc()
            self._forget([task])
            self._on_change(task_id, None)

    def remove_client(self, client_id: str) -> bool:
        """Remove a client with all its tasks and blobs; False if there is none."""
        self._forget(self._store.delete_all(client_id))
        return self._store.remove_client(client_id)

    def _by_key(self, client_id: str, idempotency: Idempotency) -> str | None:
        task = self._store.task_by_key(client_id, idempotency.key)
        if task is None:
            return None
        if task.request_digest != idempotency.digest:
            raise KeyReused("The Idempotency-Key was given to another request before; take a fresh one.")
        return task.id

    # Running

    def start(self, on_submit: Callable[[str, str], None], on_change: OnChange) -> None:
        """Take up what the last run of the service left where it was the only one, and start the workers.

        Args:
            on_submit: called from any thread with the id and the client of a task that is about to be taken in.
            on_change: called from any thread with the id of a task that may have ended, and with its answer where that
                is known.

        Raises:
            ConfigurationError: another service uses the same database in a way that excludes this one.
        """
        self._on_submit, self._on_change = on_submit, on_change
        if self._dispatcher.is_sole:
            self._take_up()
        elif not self._store.be_one_of_many():
            raise ConfigurationError("database: a service with workers of its own runs on it; stop that first")
        self._dispatcher.start(self._on_end)
        if self._dispatcher.is_sole:
            self._attempts.send_waiting()
        self._keeper.start()
        if not self._dispatcher.wait_ready(_STARTUP_SECONDS):
            _log.warning("no worker is up yet; tasks wait until one is")

    def stop(self) -> None:
        """Let running tasks finish within the bound that the settings give; queued ones stay for the next start."""
        self._dispatcher.stop(self._settings.drain_seconds)
        self._keeper.stop()
        if self._dispatcher.is_sole:
            try:
                for task in self._store.processing():
                    self._store.release(task.id, task.claim or "", refund=True)
                self._sweep.erase_ended()
            except Unavailable as error:
                _log.warning("interrupted tasks are left to the next start", exc_info=error)

    def _take_up(self) -> None:
        if not self._store.be_sole_service():
            raise ConfigurationError("database: another service runs on it; with a broker there may be several")
        self._attempts.take_back_all()
        self._sweep.erase_unneeded()

    def ends(self) -> Ends | None:
        """What tells of each task that ends, whichever process ends it; None where no other process does."""
        return None if self._dispatcher.is_sole else self._store.ends()

    def _tell_change(self, task_id: str) -> None:
        self._on_change(task_id, None)

    def check_ready(self) -> None:
        """Raise Unavailable unless the database answers and a worker is up."""
        self._store.ping()
        if not self._dispatcher.is_ready():
            raise Unavailable("No worker is up yet.")

    def gauge(self) -> None:
        """Bring the metrics that the rows tell up to date."""
        waiting, oldest, claimed = self._store.load()
        metrics.WAITING.set(waiting)
        metrics.OLDEST.set(0.0 if oldest is None else max(0.0, self._clock() - oldest))
        metrics.IN_FLIGHT.set(claimed)

    # Housekeeping: what ends without a worker's finish

    def reconcile(self) -> None:
        """Take back what is overdue, send again what may have been lost, erase what has expired.

        Of several processes one does it at a time; the others leave it at that.
        """
        with self._store.housekeeping() as is_ours:
            if not is_ours:
                return
            self._attempts.take_back_overdue()
            if self._dispatcher.is_sole:
                self._attempts.send_waiting(_BATCH)
            else:
                self._attempts.send_lost()
            now = self._clock()
            while expired := self._store.delete_older(now - self._settings.retention_seconds, _BATCH):
                metrics.EXPIRED.inc(len(expired))
                self._forget(expired)
            self._sweep.look_around()

    def _look_around(self) -> None:
        self._dispatcher.heal()
        self.reconcile()

    def _on_end(self, task_id: str, end: Report | Failure | None) -> None:
        answered = None
        if isinstance(end, Failure):
            self._keeper.tell(task_id, end)
        elif end is not None:
            metrics.ENDED.labels(end.operation, end.status, end.code).inc()
            for stage, seconds in end.seconds.items():
                metrics.STAGES.labels(stage).observe(seconds)
            _log.info("task ended", task=task_id, status=end.status, code=end.code, **_rounded(end.seconds))
            answered = end.answer
        self._on_change(task_id, answered)

    def _forget(self, tasks: Sequence[Task]) -> None:
        """See to what is left of tasks whose rows are gone."""
        for task in tasks:
            if task.is_open:
                self._dispatcher.cancel(task.id)
        self._blobs.erase_inputs([task.id for task in tasks])
        written = [task for task in tasks if task.is_open or task.digest]
        self._blobs.erase_results((task.id, task.claim) for task in written if task.claim)

    def _unless_expired(self, task: Task | None) -> Task | None:
        if task is not None and task.created < self._clock() - self._settings.retention_seconds:
            return None
        return task


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 3) for stage, value in seconds.items()}
