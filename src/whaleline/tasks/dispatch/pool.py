"""Workers inside this service: who runs what, and how long.

What ends abnormally takes nothing but its own process along, which is replaced.

The time limit is watched here, since pebble goes by the wall clock, which can be set, and counts only from the
process's sign that it has begun, which a stopped process never gives.

A process that holds more memory than it should after a task is replaced.
"""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import structlog

from whaleline import metrics
from whaleline.settings import Settings
from whaleline.tasks import isolation
from whaleline.tasks.dispatch import STARTUP_SECONDS, Dispatcher, Ended, Report
from whaleline.tasks.dispatch.worker_process import WorkerProcess, after, failure, has_died

_log = structlog.get_logger()

_RESTART_SECONDS = 1.0
"""How long to wait before a process that did not come up is tried again."""


class LocalPool(Dispatcher):
    """As many worker processes as the settings say. Safe to share between threads."""

    is_sole = True

    def __init__(self, settings: Settings, start_seconds: float = STARTUP_SECONDS) -> None:
        self._settings = settings
        self._start_seconds = start_seconds
        self._lock = threading.RLock()
        self._slots: list[WorkerProcess] = []
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
                    slot.kill()

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
                run.cancel()  # pebble may be about to end it, which an exception of ours would disturb

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
            slot.kill()
        for slot in slots:
            slot.close()

    def _open_slot(self) -> None:
        slot = WorkerProcess.made(self._settings)
        with self._lock:
            if self._stopping:
                return
            self._slots.append(slot)
        try:
            probe = slot.start()
        except (RuntimeError, OSError) as error:  # no room for a process, or stopped meanwhile
            self._on_stillborn(slot, error)
            return
        slot.watch = after(self._start_seconds, self._on_stillborn, slot, TimeoutError("a start without an end"))
        probe.add_done_callback(lambda probe: self._on_up(slot, probe))

    def _on_up(self, slot: WorkerProcess, probe: Future[int]) -> None:
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

    def _on_stillborn(self, slot: WorkerProcess, error: BaseException) -> None:
        if not self._stopping:
            if self._is_started:  # else this process finds the fault itself, and tells it in one sentence
                _log.error("a worker process did not come up", exc_info=error)
            slot.fault = "did not start"
            self._replace_soon(slot, _RESTART_SECONDS)

    def _fill(self) -> None:
        """Have each free process claim a task, as long as there are calls for it. Called under the lock."""
        free = [slot for slot in self._slots if slot.is_free]
        while free and self._wakes and not self._stopping:
            slot, claim = free.pop(), uuid.uuid4().hex
            try:
                run = slot.take(claim)
            except RuntimeError:  # the process died while it was idle
                slot.pid = None
                self._replace_soon(slot)
                continue
            self._wakes -= 1
            slot.watch = after(self._settings.task_seconds, self._on_overtime, slot, run)
            run.add_done_callback(partial(self._on_end, slot, claim))

    def _on_end(self, slot: WorkerProcess, claim: str, run: Future[Report | None]) -> None:
        error = (
            run.exception()
            if not run.cancelled()
            else BrokenProcessPool("The process died before the call reached it.")
        )
        with self._lock:
            slot.rest()
            if slot.killed or has_died(error):
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
        if error is None:
            self._ended(claim, run.result())
            return
        _log.warning("a run did not end well", overtime=slot.overtime, exc_info=error)
        self._ended(claim, failure(error, self._settings.task_seconds if slot.overtime else None))

    def _on_overtime(self, slot: WorkerProcess, run: Future[Report | None]) -> None:
        with self._lock:
            if slot.run is run and not slot.killed:
                slot.overtime = True
                slot.kill()

    def _replace_soon(self, slot: WorkerProcess, delay: float = 0.0) -> None:
        after(delay, self._replace, slot)

    def _replace(self, slot: WorkerProcess) -> None:
        with self._lock:
            if slot not in self._slots:
                return
            self._slots.remove(slot)
        metrics.WORKER_RESTARTS.labels(slot.fault).inc()
        slot.close()
        self._open_slot()
