"""Attempts that did not close their task's row: the task returns to the queue until its attempts are used up."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.blobs import Blobs, input_key, result_key
from whaleline.tasks.dispatch import Dispatcher, Failure
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task, TaskStatus

_log = structlog.get_logger()

MOST_ATTEMPTS = 3
"""How often a task is tried before it ends as Error."""

_BATCH = 1000
"""Most workers that one check wakes."""

_INTERRUPTIONS = 10
"""Times the whole service may end under a task before that counts against the task.

It is no attempt of the task's own: several run at once, the service may have been killed for reasons of its own, and
three restarts in a row should not end what a client was promised. Yet a task that takes the service along each time
must end some time.
"""


def given_up(attempts: int, reason: str) -> str:
    """The sentence for the user of a task that has had all its attempts."""
    return f"The task was given up after {attempts} attempts. {reason}"


class Attempts:
    """Handles tasks and parts whose workers failed. Every method may raise `Unavailable`."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        *,
        blobs: Blobs | None = None,
        clock: Callable[[], float] = time.time,
        on_end: Callable[[str], None] = lambda _task_id: None,
    ) -> None:
        """Make it.

        Args:
            store: the rows.
            dispatcher: wakes workers.
            blobs: None in a process that forks its workers and so must not touch them: the next worker erases them.
            clock: seconds since the epoch.
            on_end: called with the id of each task that is given up; parts are none.
        """
        self._store = store
        self._dispatcher = dispatcher
        self._blobs = blobs
        self._clock = clock
        self._on_end = on_end

    def deal_with(self, claim: str, failure: Failure) -> None:
        """Return the task of a failed attempt to the queue."""
        if (task := self._store.claimed(claim)) is not None:
            self._give_back(task, failure)
        elif not failure.is_storage:  # it may have failed before it claimed the task that it was woken for
            self._dispatcher.wake()

    def take_back_overdue(self) -> None:
        """Take tasks back from workers whose claims have run out."""
        for task in self._store.processing(lease_before=self._clock()):
            self._give_back(task, Failure("Its worker stopped responding."))

    def take_back_all(self) -> None:
        """Take back all tasks that a former run of the service left claimed; they wait for `wake_waiting`."""
        for task in self._store.processing():
            if task.interruptions < _INTERRUPTIONS:
                self._release(task, interrupted=True)
            else:
                self._give_up(task, f"The service ended {task.interruptions + 1} times while it worked on this task.")

    def wake_waiting(self) -> None:
        """Wake as many workers as tasks wait, in case calls were lost."""
        queued = self._dispatcher.queued()
        if queued is not None and (lost := self._store.load()[0] - queued) > 0:
            self._dispatcher.wake(min(lost, _BATCH))

    def _give_back(self, task: Task, failure: Failure) -> None:
        """Queue a task again whose attempt has failed, or end it when it has had all its attempts."""
        if failure.is_storage:  # the next look around wakes a worker
            self._release(task, refund=True)
        elif task.attempts < MOST_ATTEMPTS or self._blobs is None:
            # Without blobs, the worker that takes it next gives it up, since that can erase what is left of it.
            if self._release(task, failure.reason):
                self._dispatcher.wake()
        else:
            self._give_up(task, given_up(task.attempts, failure.reason))

    def _release(self, task: Task, reason: str = "", *, refund: bool = False, interrupted: bool = False) -> bool:
        is_ours = self._store.release(task, self._clock(), reason, refund=refund, interrupted=interrupted)
        if is_ours:  # else its worker has finished after all, and what it wrote is the result
            self._erase_results([task])
        return is_ours

    def _give_up(self, task: Task, message: str) -> None:
        if (end := self._store.fail(task, message, self._clock())) is None:
            return
        _log.warning("task given up", task=task.id, attempts=task.attempts)
        self._erase_results([task, *end.left])
        if task.parent is not None:
            metrics.PAGES.labels(task.operation, TaskStatus.ERROR).inc()
            self._dispatcher.wake(end.ready)
            return
        metrics.ENDED.labels(task.operation, TaskStatus.ERROR, ResponseStatusCode.ERROR).inc()
        if self._blobs is not None:
            self._blobs.erase([input_key(task.id)])
        self._on_end(task.id)

    def _erase_results(self, tasks: Sequence[Task]) -> None:
        if self._blobs is not None:
            self._blobs.erase([result_key(task.id, task.claim) for task in tasks if task.claim])


class Keeper:
    """A thread that handles failures as they are reported, and checks everything at intervals."""

    def __init__(self, attempts: Attempts, seconds: float, look_around: Callable[[], None]) -> None:
        """Make it, not yet started.

        It looks around at once and then at intervals of so many seconds, unless something that failed is still put off.
        """
        self._attempts = attempts
        self._seconds = seconds
        self._look_around = look_around
        self._told: queue.SimpleQueue[tuple[str, Failure] | None] = queue.SimpleQueue()
        self._put_off: list[tuple[str, Failure]] = []
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def tell(self, claim: str, failure: Failure) -> None:
        """Report a failed attempt; from any thread."""
        metrics.FAILED_ATTEMPTS.inc()
        self._told.put((claim, failure))

    def stop(self) -> None:
        """Handle what was reported, then end."""
        self._told.put(None)
        self._thread.join()

    def _run(self) -> None:
        next_look = time.monotonic()
        while True:
            try:
                told = self._told.get(timeout=max(0.0, next_look - time.monotonic()))
                if told is None:
                    return
                self._handle(told)
            except queue.Empty:
                next_look = time.monotonic() + self._seconds
                self._look()

    def _handle(self, told: tuple[str, Failure]) -> None:
        try:
            self._attempts.deal_with(*told)
        except Unavailable as error:
            _log.warning("a failed attempt is handled later", exc_info=error)
            self._put_off.append(told)

    def _look(self) -> None:
        try:
            again, self._put_off = self._put_off, []
            for told in again:
                self._handle(told)
            if not self._put_off:  # else a lease may end first, and the attempt would count
                self._look_around()
        except Unavailable as error:
            _log.warning("housekeeping is postponed", exc_info=error)
        except Exception:  # without housekeeping, failed tasks would wait for ever
            _log.exception("housekeeping failed")
