"""Workers inside this service: one pebble pool of a single process for each.

Single-process pools, because a pool of several shares one pipe and its lock: a process that is killed at the wrong
moment takes the lock along, a cancelled task's process may be stopped while it already runs the next, and one that
dies idle breaks the pool for all. Here whatever ends abnormally takes nothing but its own pool along, which is
replaced.

The time limit is watched here too, since pebble goes by the wall clock, which can be set, and counts only from the
process's sign that it has begun, which a stopped process never gives.

A process that holds more memory than it should after a task is replaced.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial

import structlog
from pebble import ProcessExpired, ProcessPool

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.settings import Settings
from whaleline.tasks import isolation
from whaleline.tasks.dispatch import STARTUP_SECONDS, Dispatcher, Ended, Failure, Report

_log = structlog.get_logger()

_RESTART_SECONDS = 1.0
"""How long to wait before a process that did not come up is tried again."""


@dataclass(eq=False)
class _Slot:
    """One worker process, and what it is doing.

    Attributes:
        pool: the process's own.
        pid: the process, once it is up.
        claim: that of the task that it runs.
        run: the end of that.
        watch: kills the process when the time for its task, or for its start, is up.
        overtime: whether the watch has killed it.
        killed: whether we have killed it, so that it takes no further task even if the last one ended well.
        fault: why it is replaced, in the metrics' words.
    """

    pool: ProcessPool
    pid: int | None = None
    claim: str | None = None
    run: Future[Report | None] | None = field(default=None, repr=False)
    watch: threading.Timer | None = field(default=None, repr=False)
    overtime: bool = False
    killed: bool = False
    fault: str = "died idle"


class LocalPool(Dispatcher):
    """As many worker processes as the settings say. Safe to share between threads."""

    is_sole = True

    def __init__(self, settings: Settings, start_seconds: float = STARTUP_SECONDS) -> None:
        self._settings = settings
        self._start_seconds = start_seconds
        self._lock = threading.RLock()
        self._slots: list[_Slot] = []
        self._wakes = 0
        self._is_started = False
        self._stopping = False
        self._up = threading.Event()
        self._ended: Ended = lambda _id, _end: None

    def prepare(self) -> None:
        """Start the processes; they load by themselves."""
        for _ in range(self._settings.worker_count):
            self._open_slot()

    def start(self, ended: Ended) -> None:
        """Start to give them work."""
        self._ended = ended
        self._is_started = True
        if not self._slots:
            self.prepare()

    def wake(self, count: int = 1) -> None:
        """Let so many processes claim a task each, as soon as they are free."""
        with self._lock:
            self._wakes += count
            self._fill()

    def queued(self) -> int:
        """How many calls wait for a process."""
        with self._lock:
            return self._wakes

    def cancel(self, claim: str) -> None:
        """Kill the process that runs a task under this claim."""
        with self._lock:
            for slot in self._slots:
                if slot.claim == claim:
                    _kill(slot)

    def is_ready(self) -> bool:
        """Whether a process is up."""
        with self._lock:
            return not self._stopping and any(slot.pid is not None for slot in self._slots)

    def wait_ready(self, seconds: float) -> bool:
        """Wait for the first process to come up."""
        return self._up.wait(seconds)

    def heal(self) -> None:
        """Replace the processes that died while they were idle.

        A call that came at the moment when pebble noticed the death is never carried out, and pebble does not say so.
        """
        with self._lock:
            dead = [(slot, slot.run) for slot in self._slots if not slot.pool.active]
        for slot, run in dead:
            if run is None:
                self._replace(slot)
            else:
                with contextlib.suppress(InvalidStateError):  # it has ended after all
                    run.set_exception(BrokenProcessPool("The process died before the call reached it."))

    def busy(self) -> int:
        """How many processes run a task."""
        with self._lock:
            return sum(slot.claim is not None for slot in self._slots)

    def stop(self, grace: float) -> None:
        """Let running tasks finish for `grace` seconds, then kill."""
        with self._lock:
            self._stopping = True
            self._wakes = 0
            runs = [slot.run for slot in self._slots if slot.run is not None]
        wait(runs, timeout=grace)
        with self._lock:
            slots, self._slots = self._slots, []
        for slot in slots:
            _kill(slot)
        for slot in slots:
            _close(slot.pool)

    def _open_slot(self) -> None:
        pool = ProcessPool(
            max_workers=1,
            initializer=_start_worker,
            initargs=(self._settings,),
            context=multiprocessing.get_context("spawn"),
        )
        slot = _Slot(pool)
        with self._lock:
            if self._stopping:
                return
            self._slots.append(slot)
        try:
            probe = pool.schedule(os.getpid)
        except (RuntimeError, OSError) as error:  # no room for a process, or stopped meanwhile
            self._on_stillborn(slot, error)
            return
        slot.watch = _after(self._start_seconds, self._on_stillborn, slot, TimeoutError("a start without an end"))
        probe.add_done_callback(lambda probe: self._on_up(slot, probe))

    def _on_up(self, slot: _Slot, probe: Future[int]) -> None:
        if slot.watch is not None:
            slot.watch.cancel()
        if probe.cancelled():  # its pool is being closed
            return
        if (error := probe.exception()) is not None:
            self._on_stillborn(slot, error)
            return
        with self._lock:
            slot.pid = probe.result()
            self._up.set()
            self._fill()

    def _on_stillborn(self, slot: _Slot, error: BaseException) -> None:
        if not self._stopping:
            if self._is_started:  # else this process finds the fault itself, and tells it in one sentence
                _log.error("a worker process did not come up", exc_info=error)
            slot.fault = "did not start"
            self._replace_soon(slot, _RESTART_SECONDS)

    def _fill(self) -> None:
        """Have each free process claim a task, as long as there are calls for it. Called under the lock."""
        free = [slot for slot in self._slots if slot.pid is not None and slot.claim is None]
        while free and self._wakes and not self._stopping:
            slot, claim = free.pop(), uuid.uuid4().hex
            try:
                run = slot.pool.schedule(_run, args=(claim,))
            except RuntimeError:  # the process died while it was idle
                slot.pid = None
                self._replace_soon(slot)
                continue
            self._wakes -= 1
            slot.claim, slot.run = claim, run
            slot.watch = _after(self._settings.task_seconds, self._on_overtime, slot, run)
            run.add_done_callback(partial(self._on_end, slot, claim))

    def _on_end(self, slot: _Slot, claim: str, run: Future[Report | None]) -> None:
        error = run.exception()
        with self._lock:
            if slot.watch is not None:
                slot.watch.cancel()
            slot.claim = slot.run = slot.watch = None
            if slot.killed or isinstance(error, ProcessExpired | BrokenProcessPool):
                slot.pid = None
                slot.fault = "time limit" if slot.overtime else "cancelled" if slot.killed else "died at work"
                self._replace_soon(slot)
            elif slot.pid is not None and isolation.resident_mb(slot.pid) > self._settings.worker_resident_mb:
                slot.pid = None
                slot.fault = "memory"
                self._replace_soon(slot)
            self._fill()
            if self._stopping:
                return
        self._ended(claim, run.result() if error is None else self._failure(error, overtime=slot.overtime))

    def _on_overtime(self, slot: _Slot, run: Future[Report | None]) -> None:
        with self._lock:
            if slot.run is run and not slot.killed:
                slot.overtime = True
                _kill(slot)

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
        return Failure("It failed because of an error in the service.")

    def _replace_soon(self, slot: _Slot, delay: float = 0.0) -> None:
        _after(delay, self._replace, slot)

    def _replace(self, slot: _Slot) -> None:
        with self._lock:
            if slot not in self._slots:
                return
            self._slots.remove(slot)
        metrics.WORKER_RESTARTS.labels(slot.fault).inc()
        _close(slot.pool)
        self._open_slot()


def _start_worker(settings: Settings) -> None:
    # The new process loads the engines here. This one does without, so that workers are on their way at once.
    from whaleline.tasks import worker  # noqa: PLC0415

    worker.start(settings)


def _run(claim: str) -> Report | None:
    from whaleline.tasks import worker  # noqa: PLC0415

    return worker.run(claim)


def _after(seconds: float, do: Callable[..., None], *arguments: object) -> threading.Timer:
    """Do it in a thread of its own, since closing a pool joins the very threads that call us back."""
    timer = threading.Timer(seconds, do, arguments)
    timer.daemon = True
    timer.start()
    return timer


def _close(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _kill(slot: _Slot) -> None:
    """Kill a slot's process, if it is up. Called under the lock, or when nothing else knows the slot."""
    if slot.pid is not None:
        slot.killed = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(slot.pid, signal.SIGKILL)
