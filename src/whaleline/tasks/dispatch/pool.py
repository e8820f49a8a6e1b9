"""Workers inside this service: each is a process, and a thread that starts it, gives it tasks and replaces it.

What ends abnormally takes nothing but its own process along. The process of a task that takes too long or is cancelled
is killed, and one that holds more memory than it should after a task is replaced.
"""

from __future__ import annotations

import signal
import threading
import time
import uuid

import structlog

from whaleline import metrics
from whaleline.settings import Settings
from whaleline.tasks import isolation
from whaleline.tasks.dispatch import DIED, KILLED, STARTUP_SECONDS, Dispatcher, Ended, Failure, Report, took_too_long
from whaleline.tasks.dispatch.worker_process import WorkerProcess

_log = structlog.get_logger()

_RESTART_SECONDS = 1.0
"""How long to wait before a process that did not come up is tried again."""


class LocalPool(Dispatcher):
    """As many worker processes as the settings say. Safe to share between threads."""

    is_sole = True

    def __init__(self, settings: Settings, start_seconds: float = STARTUP_SECONDS) -> None:
        self._settings = settings
        self._start_seconds = start_seconds
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()  # held whenever one of the next two, or what a process runs, changes
        self._processes: list[WorkerProcess] = []
        self._wakes = 0
        self._up = threading.Event()
        self._stopping = threading.Event()
        self._ended: Ended | None = None

    def prepare(self) -> None:
        """Start the processes; they load by themselves."""
        for _ in range(self._settings.worker_count):
            self._threads.append(threading.Thread(target=self._attend, name="worker", daemon=True))
            self._threads[-1].start()

    def start(self, ended: Ended) -> None:
        """Start to give them work."""
        self._ended = ended
        if not self._threads:
            self.prepare()

    def wake(self, count: int = 1) -> None:
        """Let so many processes claim a task each, as soon as they are free."""
        with self._changed:
            self._wakes += count
            self._changed.notify_all()

    def queued(self) -> int:
        """How many calls wait for a process."""
        with self._changed:
            return self._wakes

    def cancel(self, claim: str) -> None:
        """Kill the process that runs a task under this claim."""
        with self._changed:
            for process in self._processes:
                if process.claim == claim:
                    process.kill()

    def is_ready(self) -> bool:
        """Whether a process is up."""
        with self._changed:
            return any(process.is_up and process.is_alive for process in self._processes)

    def wait_ready(self, seconds: float) -> bool:
        """Wait for the first process to come up."""
        return self._up.wait(seconds)

    def heal(self) -> None:
        """Have each thread look whether its process died while it was idle."""
        with self._changed:
            self._changed.notify_all()

    def busy(self) -> int:
        """How many processes run a task."""
        with self._changed:
            return sum(process.claim is not None for process in self._processes)

    def stop(self, grace: float) -> None:
        """Let running tasks finish for `grace` seconds, then kill."""
        end = time.monotonic() + grace
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
            for process in self._processes:
                if process.claim is None:
                    process.kill()
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        with self._changed:
            for process in self._processes:
                process.kill()
        for thread in self._threads:
            thread.join()

    def _attend(self) -> None:
        """Keep one process at work until the pool stops."""
        while not self._stopping.is_set():
            try:
                fault = self._employ()
            except Exception as error:  # whatever it is, the worker relies on this thread
                fault = self._did_not_start(error)
            if not self._stopping.is_set():
                metrics.WORKER_RESTARTS.labels(fault).inc()

    def _employ(self) -> str:
        """Start a process and have it run tasks; why it is to be replaced in the end, in the metrics' words."""
        process = WorkerProcess(self._settings)
        try:
            with self._changed:
                self._processes.append(process)
                if self._stopping.is_set():
                    return ""
            try:
                process.answer(self._start_seconds)
            except (EOFError, OSError) as error:  # TimeoutError is one
                return self._did_not_start(error)
            process.is_up = True
            self._up.set()
            while not (fault := self._run_next(process)):
                pass
            return fault
        finally:
            with self._changed:
                self._processes.remove(process)
            process.close()

    def _did_not_start(self, error: BaseException) -> str:
        # Before the pool's start, the service finds the fault itself, and tells it in one sentence.
        if self._ended is not None and not self._stopping.is_set():
            _log.error("a worker process did not come up", exc_info=error)
        self._stopping.wait(_RESTART_SECONDS)
        return "did not start"

    def _run_next(self, process: WorkerProcess) -> str:
        """Have a process run a task, once one waits; why it is to be replaced, or nothing."""
        claim = uuid.uuid4().hex
        with self._changed:
            self._changed.wait_for(lambda: self._wakes or self._stopping.is_set() or not process.is_alive)
            try:
                if self._stopping.is_set() or not process.is_alive:
                    return "died idle"
                process.give(claim)
            except OSError:
                return "died idle"
            self._wakes -= 1
            process.claim = claim
        end, fault = self._end_of_run(process)
        with self._changed:
            process.claim = None  # from here on nobody cancels it
            if process.is_killed and not fault:
                fault = "cancelled"
        if isinstance(end, Failure):
            if self._stopping.is_set():  # which is no failure of the task's
                return fault or "stopped"
            _log.warning("a run did not end well", claim=claim, why=end.reason)
        if self._ended is not None:
            self._ended(claim, end)
        return fault

    def _end_of_run(self, process: WorkerProcess) -> tuple[Report | Failure | None, str]:
        """How a run ended, and why its process is to be replaced, if it is."""
        try:
            end = process.answer(self._settings.task_seconds)
        except TimeoutError:
            process.kill()
            return took_too_long(self._settings.task_seconds), "time limit"
        except (EOFError, OSError):
            was_killed = process.exit_code() == -signal.SIGKILL
            return KILLED if was_killed else DIED, "cancelled" if process.is_killed else "died at work"
        is_large = process.pid and isolation.resident_mb(process.pid) > self._settings.worker_resident_mb
        return end, "memory" if is_large else ""
