"""What the routes share: the parts of the service, and the descriptions of problems."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request

from whaleline.operations import OWN
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task
from whaleline.wire import schemas
from whaleline.wire.access import Access
from whaleline.wire.holds import Holds
from whaleline.wire.limits import RateLimits
from whaleline.wire.page_link import PageLink
from whaleline.wire.tokens import Tokens
from whaleline.wire.uploads import Bodies

_ID = re.compile(r"[\x21-\x7e]{1,100}")
"""What any id is made of; PostgreSQL has no place for some other characters."""

_T = TypeVar("_T")

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: schemas.problem("A field is wrong; the message names it"),
    401: schemas.problem("No access token, or one that is not valid"),
    408: schemas.problem("The body did not arrive in time"),
    413: schemas.problem("The body is larger than the limit"),
    415: schemas.problem("The body is not JSON"),
    422: schemas.problem("The idempotency key was used for another request"),
    429: schemas.problem("Too many requests; Retry-After says when to go on"),
    503: schemas.problem("The service cannot take the request at the moment"),
}

OF_BODIES = (400, 408, 413, 415)
"""Problems that a request with a body may have."""

USUAL = (401, 429, 503)
"""Problems that every request of a client may have."""


def problems_of(*statuses: int, others: Mapping[int, str] | None = None) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI descriptions of usual problems, by their statuses, and of others."""
    return {
        **{status: _PROBLEMS[status] for status in statuses},
        **{status: schemas.problem(text) for status, text in (others or {}).items()},
    }


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes need of the service."""

    settings: Settings
    store: Store
    tasks: Tasks
    tokens: Tokens
    holds: Holds
    bodies: Bodies
    limits: RateLimits
    access: Access
    link: PageLink | None

    def find_any(self, task_id: str) -> Task | None:
        """A task of any client."""
        return self.tasks.find_any(task_id) if _ID.fullmatch(task_id) else None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks the service. What looks for a task raises `Unauthorized` if there is no such client any more."""

    service: Service
    client_id: str

    def find(self, task_id: str) -> Task | None:
        """A task of the caller's; without authentication any task, because there its id is the only secret."""
        task = self._find(task_id)
        return task if task is not None and task.operation not in OWN else None

    def find_document(self, document_id: str) -> Task | None:
        """A document that is kept for the caller, by the same rule."""
        task = self._find(document_id)
        return task if task is not None and task.is_document else None

    async def ended(self, task_id: str, seconds: float | None, answer: Callable[[Task | None], _T]) -> _T:
        """What `answer` returns for a task once it has ended, or after some seconds; None for the usual."""

        def look() -> tuple[bool, _T]:
            task = self.find(task_id)
            return task is not None and task.is_open, answer(task)

        usual = self.service.settings.hold_seconds
        return await self.service.holds.until_ended(look, task_id, usual if seconds is None else seconds)

    def body(self, request: Request) -> AbstractAsyncContextManager[bytes]:
        """The whole body of a request, as `Bodies.read`."""
        return self.service.bodies.read(request, self.service.settings.max_body_bytes, self.client_id)

    def ensure(self) -> None:
        """Make the caller a client if it is an address, before anything is kept for it."""
        clients.ensure_address(self.service.store, self.client_id)

    def _find(self, task_id: str) -> Task | None:
        if not _ID.fullmatch(task_id):
            return None
        client_id, tasks = self.client_id, self.service.tasks
        if not self.service.settings.authentication or clients.is_on_trial(client_id):
            task = tasks.find_any(task_id)
            if task is None or clients.is_on_trial(client_id) != clients.is_on_trial(task.client_id):
                return None
            client_id = task.client_id
        return tasks.find(client_id, task_id)
