"""One worker process of this service, and the pipes through which it is given tasks and tells their ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from multiprocessing.connection import Connection, wait

import structlog

from whaleline.settings import Settings
from whaleline.tasks.dispatch import Failure, Report, failure_of

_log = structlog.get_logger()

_SPAWN = multiprocessing.get_context("spawn")  # a process with threads is not to be forked


class WorkerProcess:
    """A process that runs one task at a time. It serves one thread; others may only kill it.

    Attributes:
        is_up: whether it has loaded.
        claim: that of the task that it runs.
        is_killed: whether we have killed it, so that it takes no further task even if the last one ended well.
    """

    def __init__(self, settings: Settings) -> None:
        """Start it; an OSError if the system has no room for it."""
        self.is_up = False
        self.claim: str | None = None
        self.is_killed = False
        claims, self._claims = _SPAWN.Pipe(duplex=False)
        self._ends, ends = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(target=_work, args=(settings, claims, ends), daemon=True)
        with claims, ends:  # closed here, so that the pipes end with the process
            self._process.start()

    @property
    def pid(self) -> int | None:
        """Its id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        # `Process.is_alive` would take the exit code, which the system tells once, from the thread that waits for it.
        return not wait([self._process.sentinel], 0)

    def give(self, claim: str) -> None:
        """Have it claim a task and run that; an OSError if it has ended."""
        self._claims.send(claim)

    def answer(self, seconds: float) -> Report | Failure | None:
        """How the run ended, with None if no task waited; at first None, once it has loaded.

        Raises:
            TimeoutError: it takes longer.
            EOFError: it has ended.
        """
        if not self._ends.poll(seconds):
            raise TimeoutError
        answer: Report | Failure | None = self._ends.recv()
        return answer

    def kill(self) -> None:
        """Kill it, whatever it does."""
        self.is_killed = True
        self._process.kill()

    def exit_code(self) -> int | None:
        """How it ended, as `multiprocessing.Process.exitcode` says; waits for the end."""
        self._process.join()
        return self._process.exitcode

    def close(self) -> None:
        """End it, and leave nothing of it."""
        self._process.kill()
        self._process.join()
        self._claims.close()
        self._ends.close()


def _work(settings: Settings, claims: Connection, ends: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes, and lets running tasks finish
    # This process loads the engines here. The service does without, so that workers are on their way at once.
    from whaleline.tasks import worker  # noqa: PLC0415

    worker.start(settings)
    ends.send(None)
    with contextlib.suppress(EOFError):  # the service has ended
        while True:
            claim = claims.recv()
            try:
                end: Report | Failure | None = worker.run(claim)
            except Exception as error:
                _log.warning("a run did not end well", exc_info=error)
                end = failure_of(error)
            ends.send(end)
