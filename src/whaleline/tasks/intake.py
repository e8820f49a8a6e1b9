"""How tasks come in: they are checked, stored, and announced to the workers."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from whaleline import metrics
from whaleline.errors import InvalidRequest, KeyReused, QueueFull, Unavailable
from whaleline.operations.operation import ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks.blobs import Blobs, input_key
from whaleline.tasks.clients import is_on_trial
from whaleline.tasks.sql import Store, may_have_taken_place
from whaleline.tasks.task import Task, TaskStatus

MOST_ON_TRIAL = 2
"""Tasks that an address on trial may have waiting or running."""

_HEAD = 64 * 1024
"""Bytes by which a document's format is told."""

_NO_DOCUMENT = "document: there is no such document; it was never there, has been erased or has expired"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's own name for a request (draft-ietf-httpapi-idempotency-key-header), and the request's SHA-256."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document of the client's, by the id that it was given."""

    id: str


class Intake:
    """Accepts tasks, and calls `wake` for each. Safe to share between threads; every method may raise `Unavailable`."""

    def __init__(
        self, settings: Settings, store: Store, blobs: Blobs, wake: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._store = store
        self._blobs = blobs
        self._wake = wake
        self._clock = clock

    def submit(
        self,
        client_id: str,
        operation: str,
        settings: str,
        data: bytes | KeptDocument,
        *,
        priority: int,
        idempotency: Idempotency | None = None,
    ) -> str:
        """Accept a task: write the input to the blob store and the row to the database, and wake the dispatcher.

        Args:
            client_id: whose task it is.
            operation: the task type's wire name.
            settings: the operation's settings as JSON.
            data: the submitted input; or the client's document that is the input.
            priority: urgency among the client's own tasks, from 0 (first) to 7, as RFC 9218 has it.
            idempotency: the client's name for the request; the same name brings the same task.

        Returns:
            The task's id. From then on the task is not lost, whatever happens to this process.

        Raises:
            InvalidRequest: the document is no more.
            KeyReused: the name was given to another request before.
            QueueFull, Unauthorized: as `Store.insert`.
        """
        if idempotency is not None and (known := self._by_key(client_id, idempotency)) is not None:
            return known
        now = self._clock()
        task = Task(
            id=str(uuid.uuid4()),
            client_id=client_id,
            operation=operation,
            settings=settings,
            priority=priority,
            status=TaskStatus.PENDING,
            code=ResponseStatusCode.NOT_READY,
            messages=(),
            attempts=0,
            claim=None,
            created=now,
            lease=None,
            finished=None,
            digest=None,
            idempotency_key=idempotency.key if idempotency else None,
            request_digest=idempotency.digest if idempotency else None,
        )
        refusal = Unavailable("The task that the same request has made is gone; try again.")
        try:
            if self._take_in(task, data):
                metrics.ACCEPTED.labels(operation).inc()
                self._wake()
                return task.id
        except QueueFull as full:
            refusal = full
        # The same request may have come twice at once, and have had the last room.
        if idempotency is not None and (known := self._by_key(client_id, idempotency)) is not None:
            return known
        raise refusal

    def _take_in(self, task: Task, data: bytes | KeptDocument) -> bool:
        key, is_stored = input_key(task.id), False
        if isinstance(data, bytes):
            self._blobs.put(key, data)
        elif not self._blobs.copy(input_key(data.id), key):
            raise InvalidRequest("document", _NO_DOCUMENT)
        most_open = MOST_ON_TRIAL if is_on_trial(task.client_id) else self._settings.max_open_tasks
        try:
            is_stored = self._store.insert(task, most_open, self._settings.max_queue)
        except Unavailable as error:
            if is_stored := may_have_taken_place(error):
                with contextlib.suppress(Unavailable):  # if the row's fate cannot be known, the sweep decides
                    is_stored = self._store.task(task.id) is not None
            raise
        finally:
            if not is_stored:
                self._blobs.erase([key])
        return is_stored

    def head(self, document: KeptDocument) -> bytes:
        """The first bytes of a document, which show its format; `InvalidRequest` if it is no more."""
        if (head := self._blobs.head(input_key(document.id), _HEAD)) is None:
            raise InvalidRequest("document", _NO_DOCUMENT)
        return head

    def _by_key(self, client_id: str, idempotency: Idempotency) -> str | None:
        task = self._store.task_by_key(client_id, idempotency.key)
        if task is None:
            return None
        if task.request_digest != idempotency.digest:
            raise KeyReused("The Idempotency-Key was used for another request; use a new one.")
        return task.id
