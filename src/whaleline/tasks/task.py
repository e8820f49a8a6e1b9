"""A task, and the protocol's words for its state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from whaleline.operations.kept_documents import KEEP_DOCUMENT
from whaleline.operations.operation import ResponseStatusCode


class TaskStatus(StrEnum):
    """OCRTaskStatus of the protocol. A row holds the first four; NotExist is the answer where there is no row."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    ERROR = "Error"
    NOT_EXIST = "NotExist"


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the table of tasks.

    Attributes:
        id: random UUID, version 4.
        client_id: whose task it is.
        operation: the task type's wire name, for example RecognizeRegions.
        settings: the operation's settings as JSON.
        priority: urgency as in RFC 9218, from 0 (first) to 7.
        status: where it stands.
        code: what the protocol says beside the status; NotReady until the end.
        messages: sentences for the user: why it failed, or what was not fatal. While it is open, why its last attempt
            failed, which nobody is told.
        attempts: how often it was claimed.
        claim: token of the last claim, None before the first. Only its holder may finish the task, and the result's
            blob bears it in its name, so that a late worker can overwrite nothing.
        former_claim: the claim before that, whose leavings the last one erases.
        created: seconds since the epoch.
        started: when it was claimed last, in seconds since the epoch; None before.
        lease: until when that claim holds, likewise.
        finished: seconds since the epoch; None before the end.
        digest: SHA-256 of the response body in hexadecimal; None where no body is stored as a blob.
        interruptions: how often the whole service ended while a worker had it; not counted among the attempts.
        idempotency_key: the client's own name for the request that made the task, if it gave one.
        request_digest: SHA-256 of that request in hexadecimal, if it gave one.
        answer: the response body where it stands in the row and `Store.task_of` gave it, or what a part came to, in
            Base64, where `Store.parts` did; else None.
        parent: the task whose document's page this part is; None for a task.
        page: number of that page, the first being 1; None for a task.
        parts: into how many parts it was split; None where it was not.
        parts_open: how many of them have not ended.
    """

    id: str
    client_id: str
    operation: str
    settings: str
    priority: int
    status: TaskStatus
    code: ResponseStatusCode
    messages: tuple[str, ...]
    attempts: int
    claim: str | None
    created: float
    lease: float | None
    finished: float | None
    digest: str | None
    interruptions: int = 0
    idempotency_key: str | None = None
    request_digest: str | None = None
    started: float | None = None
    former_claim: str | None = None
    answer: str | None = None
    parent: str | None = None
    page: int | None = None
    parts: int | None = None
    parts_open: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in (TaskStatus.PENDING, TaskStatus.PROCESSING)

    @property
    def is_document(self) -> bool:
        """Whether it is a kept document, so that its input is kept, too."""
        return self.operation == KEEP_DOCUMENT.name

    @property
    def needs_input(self) -> bool:
        """Whether its input is still needed."""
        return self.is_open or (self.is_document and self.status is TaskStatus.COMPLETED)

    @property
    def told_status(self) -> TaskStatus:
        """The state that its client sees: a document whose parts wait to be joined is not Pending again."""
        return TaskStatus.PROCESSING if self.parts and self.status is TaskStatus.PENDING else self.status
