"""Workers inside this service: one pebble pool of a single process for each.

Single-process pools, because a pool of several shares one pipe and its lock: a process that is killed at the wrong
moment takes the lock along, a cancelled task's process may be stopped while it already runs the next, and one that
dies idle breaks the pool for all. Here whatever ends abnormally takes nothing but its own pool along, which is
replaced. It also leaves the order to us: a process gets its next task only when it is free.

The time limit is watched here too, since pebble goes by the wall clock, which can be set, and counts only from the
process's sign that it has begun, which a stopped process never gives.

A process that has had its number of tasks, or holds more memory than it should, is replaced: it goes on working until
its successor is ready, so that no task waits for the change.
"""

from __future__ import annotations

import contextlib
import heapq
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial

import structlog
from pebble import ProcessExpired, ProcessPool

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.settings import Settings
from whaleline.tasks import isolation, worker
from whaleline.tasks.dispatch import Dispatcher, Ended, Failure, Report

_log = structlog.get_logger()

_RESTART_SECONDS = 1.0
"""How long to wait before a process that did not come up is tried again."""


@dataclass(eq=False)
class _Slot:
    """One worker process, and what it is doing.

    Attributes:
        pool: the process's own.
        pid: the process, once it is up.
        task_id: what it runs.
        run: the end of that.
        watch: kills the process when its task's time is up.
        tasks: how many tasks it has ended.
        overtime: whether the watch has killed it.
        killed: whether we have killed it, so that it takes no further task even if the last one ended well.
        fault: why it is replaced, in the metrics' words.
        replaces: the process whose place it takes when it is up.
        is_relieved: whether a successor is on its way.
        is_done: whether the successor is up, so that it takes no further task.
    """

    pool: ProcessPool
    pid: int | None = None
    task_id: str | None = None
    run: Future[Report | None] | None = field(default=None, repr=False)
    watch: threading.Timer | None = field(default=None, repr=False)
    tasks: int = 0
    overtime: bool = False
    killed: bool = False
    fault: str = "died idle"
    replaces: _Slot | None = field(default=None, repr=False)
    is_relieved: bool = False
    is_done: bool = False


class LocalPool(Dispatcher):
    """As many worker processes as the settings say. Safe to share between threads."""

    is_sole = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._slots: list[_Slot] = []
        self._waiting: list[tuple[int, float, str]] = []  # a heap
        self._known: set[str] = set()  # ids that wait or run
        self._stopping = False
        self._up = threading.Event()
        self._ended: Ended = lambda _id, _end: None

    def start(self, ended: Ended) -> None:
        """Start the processes; they get ready on their own."""
        self._ended = ended
        for _ in range(self._settings.worker_count):
            self._open_slot()

    def submit(self, task_id: str, priority: int, created: float) -> None:
        """Queue an id, unless it waits or runs already."""
        with self._lock:
            if task_id not in self._known:
                self._known.add(task_id)
                heapq.heappush(self._waiting, (priority, created, task_id))
                self._fill()

    def queued(self) -> int:
        """How many ids wait for a worker."""
        with self._lock:
            return len(self._waiting)

    def cancel(self, task_id: str) -> None:
        """Forget a waiting id; kill the process that runs it."""
        with self._lock:
            for slot in self._slots:
                if slot.task_id == task_id:
                    _kill(slot)
                    return
            self._known.discard(task_id)

    def is_ready(self) -> bool:
        """Whether a process has come up."""
        with self._lock:
            return not self._stopping and any(slot.pid is not None for slot in self._slots)

    def wait_ready(self, seconds: float) -> bool:
        """Wait for the first process to come up."""
        return self._up.wait(seconds)

    def heal(self) -> None:
        """Replace the processes that died while they were idle."""
        with self._lock:
            dead = [slot for slot in self._slots if slot.task_id is None and not slot.pool.active]
        for slot in dead:
            self._replace(slot)

    def stop(self, grace: float) -> None:
        """Let running tasks finish for `grace` seconds, then kill; waiting ids are dropped, their rows stay."""
        with self._lock:
            self._stopping = True
            self._waiting.clear()
            runs = [slot.run for slot in self._slots if slot.run is not None]
        wait(runs, timeout=grace)
        with self._lock:
            slots, self._slots = self._slots, []
        for slot in slots:
            _kill(slot)
        for slot in slots:
            _close(slot.pool)

    def _open_slot(self, replaces: _Slot | None = None) -> None:
        pool = ProcessPool(
            max_workers=1,
            initializer=worker.start,
            initargs=(self._settings,),
            context=multiprocessing.get_context("spawn"),
        )
        slot = _Slot(pool, replaces=replaces)
        with self._lock:
            if self._stopping:
                return
            self._slots.append(slot)
        try:
            probe = pool.schedule(os.getpid)
        except (RuntimeError, OSError) as error:  # no room for a process, or stopped meanwhile
            self._on_stillborn(slot, error)
            return
        probe.add_done_callback(lambda probe: self._on_up(slot, probe))

    def _on_up(self, slot: _Slot, probe: Future[int]) -> None:
        if (error := probe.exception()) is not None:
            self._on_stillborn(slot, error)
            return
        with self._lock:
            slot.pid = probe.result()
            self._up.set()
            former, slot.replaces = slot.replaces, None
            if former is not None and former in self._slots:
                former.is_done = True
                if former.task_id is None:
                    self._replace_soon(former)
            self._fill()

    def _on_stillborn(self, slot: _Slot, error: BaseException) -> None:
        if not self._stopping:
            _log.error("a worker process did not come up", exc_info=error)
            slot.fault = "did not start"
            self._replace_soon(slot, _RESTART_SECONDS)

    def _fill(self) -> None:
        """Give each free process the next id. Called under the lock."""
        free = [slot for slot in self._slots if slot.pid is not None and slot.task_id is None and not slot.is_done]
        while free and self._waiting and not self._stopping:
            first = heapq.heappop(self._waiting)
            task_id = first[2]
            if task_id not in self._known:
                continue  # cancelled while it waited
            slot = free.pop()
            try:
                run = slot.pool.schedule(worker.run, args=(task_id,))
            except RuntimeError:  # the process died while it was idle
                heapq.heappush(self._waiting, first)
                slot.pid = None
                self._replace_soon(slot)
                continue
            slot.task_id, slot.run = task_id, run
            slot.watch = threading.Timer(self._settings.task_seconds, self._on_overtime, (slot, run))
            slot.watch.daemon = True
            slot.watch.start()
            run.add_done_callback(partial(self._on_end, slot, task_id))

    def _on_end(self, slot: _Slot, task_id: str, run: Future[Report | None]) -> None:
        error = run.exception()
        with self._lock:
            self._known.discard(task_id)
            if slot.watch is not None:
                slot.watch.cancel()
            slot.task_id = slot.run = slot.watch = None
            slot.tasks += 1
            if slot.killed or isinstance(error, ProcessExpired | BrokenProcessPool):
                slot.pid = None
                slot.fault = "time limit" if slot.overtime else "cancelled" if slot.killed else "died at work"
                self._replace_soon(slot)
            elif slot.is_done:
                self._replace_soon(slot)
            else:
                self._relieve(slot)
            self._fill()
            if self._stopping:
                return
        self._ended(task_id, run.result() if error is None else self._failure(error, overtime=slot.overtime))

    def _on_overtime(self, slot: _Slot, run: Future[Report | None]) -> None:
        with self._lock:
            if slot.run is run and not slot.killed:
                slot.overtime = True
                _kill(slot)

    def _relieve(self, slot: _Slot) -> None:
        """Order a successor for a process that has worked long enough. Called under the lock."""
        if slot.is_relieved or slot.pid is None or self._stopping:
            return
        resident = isolation.resident_mb(slot.pid)
        if resident > self._settings.worker_resident_mb:
            slot.fault = "memory"
        elif 0 < self._settings.worker_tasks <= slot.tasks:
            slot.fault = "task count"
        else:
            return
        _log.info("a worker is to be replaced", worker=slot.pid, why=slot.fault, tasks=slot.tasks, resident_mb=resident)
        slot.is_relieved = True
        _soon(0.0, self._open_slot, slot)

    def _failure(self, error: BaseException, *, overtime: bool) -> Failure:
        _log.warning("a run did not end well", overtime=overtime, exc_info=error)
        if isinstance(error, Unavailable):
            return Failure(str(error), is_storage=True)
        if overtime:
            return Failure(f"It took longer than {self._settings.task_seconds} seconds and was stopped.")
        if isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGKILL:
            return Failure("Its worker process was killed, which the system does when memory runs out.")
        if isinstance(error, ProcessExpired | BrokenProcessPool):
            return Failure("Its worker process died.")
        if isinstance(error, MemoryError):
            return Failure("It needs more memory than a worker has.")
        return Failure("It failed by a fault of the service.")

    def _replace_soon(self, slot: _Slot, delay: float = 0.0) -> None:
        _soon(delay, self._replace, slot)

    def _replace(self, slot: _Slot) -> None:
        with self._lock:
            if slot not in self._slots:
                return
            self._slots.remove(slot)
        metrics.WORKER_RESTARTS.labels(slot.fault).inc()
        _close(slot.pool)
        if not slot.is_relieved:
            self._open_slot(slot.replaces)


def _soon(delay: float, do: Callable[[_Slot], None], slot: _Slot) -> None:
    """Do it in a thread of its own, since closing a pool joins the very threads that call us back."""
    timer = threading.Timer(delay, do, (slot,))
    timer.daemon = True
    timer.start()


def _close(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _kill(slot: _Slot) -> None:
    """Kill a slot's process, if it is up. Called under the lock, or when nothing else knows the slot."""
    if slot.pid is not None:
        slot.killed = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(slot.pid, signal.SIGKILL)
