"""Who runs what where. A dispatcher wakes workers and says no more: each claims a task, and the rows say which."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from whaleline import metrics
from whaleline.errors import Unavailable

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run did not close its task's row.

    Attributes:
        reason: a sentence for the user.
        is_storage: the storage failed and not the task: it is to be tried again later, and the attempt does not count.
    """

    reason: str
    is_storage: bool = False


KILLED = Failure("Its worker process was killed, which the system does when memory runs out.")
DIED = Failure("Its worker process died.")
TOO_LARGE = Failure("It needs more memory than a worker has.")


def took_too_long(seconds: int) -> Failure:
    """Why a run was stopped after so many seconds."""
    return Failure(f"It took longer than {seconds} seconds and was stopped.")


def failure_of(error: BaseException) -> Failure:
    """Why a run ended that raised this."""
    if isinstance(error, Unavailable):
        return Failure(str(error), is_storage=True)
    return TOO_LARGE if isinstance(error, MemoryError) else Failure("It failed because of an error in the service.")


@dataclass(frozen=True, slots=True)
class Report:
    """How a run closed its row.

    Attributes:
        task: the task's id, also where the row was a part of it.
        operation: the task type.
        status: Completed or Error; Processing where the task was split into parts.
        code: the response status code.
        seconds: what each stage took.
        page: the part's page; None where it was no part.
        ready: rows that wait now because of it, for each of which a worker is to be woken.
    """

    task: str
    operation: str
    status: str
    code: str
    seconds: Mapping[str, float]
    page: int | None = None
    ready: int = 0

    def tell(self) -> None:
        """Tell the metrics and the log."""
        for stage, seconds in self.seconds.items():
            metrics.STAGES.labels(stage).observe(seconds)
        facts: dict[str, object] = {"task": self.task, "status": self.status, "code": self.code}
        facts |= {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}
        if self.page is not None:
            metrics.PAGES.labels(self.operation, self.status).inc()
            _log.info("page ended", page=self.page, **facts)
        elif self.status == "Processing":
            _log.info("task split", pages=self.ready, **facts)
        else:
            metrics.ENDED.labels(self.operation, self.status, self.code).inc()
            _log.info("task ended", **facts)


STARTUP_SECONDS = 120
"""How long a worker process may take to load its engines."""

Ended = Callable[[str, Report | Failure | None], None]
"""Called with the claim of a run that has ended, and how it went; None if no task waited or nothing is known."""


class Dispatcher(ABC):
    """Wakes workers. A lost or repeated call does no harm: a worker that finds no waiting task does nothing.

    Attributes:
        is_sole: whether its workers are the only ones there are. Then every claim is void before it starts.
    """

    is_sole: bool

    def prepare(self) -> None:  # noqa: B027 - as for `heal`
        """Let its own workers load their engines before `start`."""

    @abstractmethod
    def start(self, ended: Ended) -> None:
        """Start the workers; `ended` is called from any thread whenever a run has ended, whatever the reason."""

    @abstractmethod
    def wake(self, count: int = 1) -> None:
        """Let so many workers claim a task each, as soon as they are free."""

    @abstractmethod
    def queued(self) -> int | None:
        """How many such calls wait for a worker; None if this is unknown at the moment."""

    @abstractmethod
    def cancel(self, claim: str) -> None:
        """Kill the worker that runs a task under this claim, if there is one."""

    def is_ready(self) -> bool:
        """Whether a worker is up; True where workers start by themselves, for tasks wait for them in the table."""
        return True

    def wait_ready(self, seconds: float) -> bool:  # noqa: ARG002
        """Wait for the first worker to be up; True if one is."""
        return True

    def heal(self) -> None:  # noqa: B027 - those without workers of their own need not
        """Replace workers that died without a task; called regularly."""

    def busy(self) -> int:
        """Number of tasks that run in its own workers."""
        return 0

    @abstractmethod
    def stop(self, grace: float) -> None:
        """Start nothing more, let running tasks finish for `grace` seconds, then kill them."""
