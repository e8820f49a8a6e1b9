"""One worker process of this service: a pebble pool of its own, and what the end of a run says of a task.

Not one pool of several, because such a pool shares one pipe and its lock: a process that is killed at the wrong moment
takes the lock along, a cancelled task's process may be stopped while it already runs the next, and one that dies idle
breaks the pool for all.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from pebble import ProcessExpired, ProcessPool

from whaleline.errors import Unavailable
from whaleline.settings import Settings
from whaleline.tasks.dispatch import Failure, Report


@dataclass(eq=False)
class WorkerProcess:
    """A worker process, and what it is doing. Not safe to share between threads without a lock.

    Attributes:
        pool: the process's own.
        pid: the process, once it is up; None again when it is to be replaced.
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

    @classmethod
    def made(cls, settings: Settings) -> WorkerProcess:
        """One that `start` starts."""
        spawn = multiprocessing.get_context("spawn")
        return cls(ProcessPool(max_workers=1, initializer=_start, initargs=(settings,), context=spawn))

    @property
    def is_free(self) -> bool:
        """Whether it is up and runs no task."""
        return self.pid is not None and self.claim is None

    def start(self) -> Future[int]:
        """Start the process; its id, once it has loaded.

        Raises:
            RuntimeError: it is closed, or the system has no thread for it.
            OSError: the system has no room for it.
        """
        probe: Future[int] = self.pool.schedule(os.getpid)
        return probe

    def take(self, claim: str) -> Future[Report | None]:
        """Have it claim a task and run that.

        Raises:
            RuntimeError: the process died while it was idle.
        """
        run: Future[Report | None] = self.pool.schedule(_run, args=(claim,))
        self.claim, self.run = claim, run
        return run

    def rest(self) -> None:
        """Note that its run has ended."""
        if self.watch is not None:
            self.watch.cancel()
        self.claim = self.run = self.watch = None

    def kill(self) -> None:
        """Kill the process, if it is up."""
        if self.pid is not None:
            self.killed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process, and the threads that watch it."""
        self.pool.stop()  # type: ignore[no-untyped-call]
        self.pool.join()


def has_died(error: BaseException | None) -> bool:
    """Whether a run ended so because its process died."""
    return isinstance(error, ProcessExpired | BrokenProcessPool)


def failure(error: BaseException, overtime_of: int | None) -> Failure:
    """What a task is told when its run ended with an error; `overtime_of` so many seconds, if it took too long."""
    if isinstance(error, Unavailable):
        return Failure(str(error), is_storage=True)
    if overtime_of is not None:
        return Failure(f"It took longer than {overtime_of} seconds and was stopped.")
    if isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGKILL:
        return Failure("Its worker process was killed, which the system does when memory runs out.")
    if has_died(error):
        return Failure("Its worker process died.")
    if isinstance(error, MemoryError):
        return Failure("It needs more memory than a worker has.")
    return Failure("It failed because of an error in the service.")


def after(seconds: float, do: Callable[..., None], *arguments: object) -> threading.Timer:
    """Do it in a thread of its own, since closing a pool joins the very threads that call us back."""
    timer = threading.Timer(seconds, do, arguments)
    timer.daemon = True
    timer.start()
    return timer


def _start(settings: Settings) -> None:
    # The new process loads the engines here. This one does without, so that workers are on their way at once.
    from whaleline.tasks import worker  # noqa: PLC0415

    worker.start(settings)


def _run(claim: str) -> Report | None:
    from whaleline.tasks import worker  # noqa: PLC0415

    return worker.run(claim)
