"""Who runs what where. A dispatcher carries task ids and nothing else; the row says what is to be done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whaleline.tasks.task import Answered


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run did not close its task's row.

    Attributes:
        reason: a sentence for the user.
        is_storage: the storage failed and not the task: it is to be tried again later, and the attempt does not count.
        claim: the claim that failed; None where only one can be meant.
    """

    reason: str
    is_storage: bool = False
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How a run closed its task's row.

    Attributes:
        operation: the task type.
        status: Completed or Error.
        code: the response status code.
        seconds: what each stage took.
        answer: the response body or where it is, if it is Completed and the database does not tell.
    """

    operation: str
    status: str
    code: str
    seconds: Mapping[str, float]
    answer: Answered | None = None


Ended = Callable[[str, Report | Failure | None], None]
"""Told a task's id when its run has ended: how it went, or None if there was nothing to do or nothing is known."""


class Dispatcher(ABC):
    """Brings ids to workers. A message lost or doubled does no harm, since the claim is fenced by the row.

    Attributes:
        is_sole: whether its workers are the only ones there are. Then every claim is void before it starts, and it
            knows which ids it has; else others carry on without it, and it may be told an id twice.
    """

    is_sole: bool

    @abstractmethod
    def start(self, ended: Ended) -> None:
        """Start the workers; `ended` is called from any thread whenever a run has ended, whatever the reason."""

    @abstractmethod
    def submit(self, task_id: str, priority: int, created: float) -> None:
        """Have a task run, in order of priority, then age; nothing happens if it is already on its way."""

    @abstractmethod
    def queued(self) -> int | None:
        """How many ids wait for a worker; None if that cannot be known now."""

    @abstractmethod
    def cancel(self, task_id: str) -> None:
        """See that a task is not run, and that it stops if it is running."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether a worker is up."""

    @abstractmethod
    def wait_ready(self, seconds: float) -> bool:
        """Wait for the first worker to be up; whether one is."""

    @abstractmethod
    def heal(self) -> None:
        """Look after workers that died without a task; called now and then."""

    @abstractmethod
    def stop(self, grace: float) -> None:
        """Start nothing more, let what runs finish for `grace` seconds, then kill it."""
