"""What the routes share: the parts of the service, and the descriptions of problems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

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
from whaleline.wire.tokens import Tokens
from whaleline.wire.uploads import Bodies

_ID = re.compile(r"[\x21-\x7e]{1,100}")
"""What any id is made of; PostgreSQL has no place for some other characters."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: schemas.problem("A field is wrong; the message names it"),
    401: schemas.problem("No access token, or one that is not valid"),
    408: schemas.problem("The body did not arrive in time"),
    413: schemas.problem("The body is larger than the limit"),
    415: schemas.problem("The body is not JSON"),
    422: schemas.problem("The idempotency key was used for another request"),
    429: schemas.problem("Too many requests; Retry-After says when to go on"),
    503: schemas.problem("The service cannot take the request at the moment"),
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

    def find(self, client_id: str, task_id: str) -> Task | None:
        """A client's task; without authentication any task, because there its id is the only secret.

        Raises:
            Unauthorized: there is no such client any more.
        """
        task = self._find(client_id, task_id)
        return task if task is not None and task.operation not in OWN else None

    def find_document(self, client_id: str, document_id: str) -> Task | None:
        """A document that is kept for a client, by the same rule."""
        task = self._find(client_id, document_id)
        return task if task is not None and task.is_document else None

    def find_any(self, task_id: str) -> Task | None:
        """A task of any client."""
        return self.tasks.find_any(task_id) if _ID.fullmatch(task_id) else None

    def _find(self, client_id: str, task_id: str) -> Task | None:
        if not _ID.fullmatch(task_id):
            return None
        if not self.settings.authentication or clients.is_on_trial(client_id):
            task = self.tasks.find_any(task_id)
            if task is None or clients.is_on_trial(client_id) != clients.is_on_trial(task.client_id):
                return None
            client_id = task.client_id
        return self.tasks.find(client_id, task_id)


def problems_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI descriptions of some problems."""
    return {status: PROBLEMS[status] for status in statuses}
