"""What the routes share: the parts of the service, what they ask of a request, and the descriptions of problems."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Header, Request
from fastapi.openapi.models import OAuth2, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase

from whaleline.errors import InvalidRequest
from whaleline.operations import OWN
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task
from whaleline.wire import body, schemas
from whaleline.wire.access import TOKEN_PATH, Access
from whaleline.wire.holds import Holds
from whaleline.wire.limits import RateLimits
from whaleline.wire.page_link import PageLink
from whaleline.wire.tokens import Tokens
from whaleline.wire.uploads import Bodies

_LONGEST_HOLD = 30.0  # seconds; every official client waits longer
_USUAL_URGENCY = 3  # RFC 9218, section 4.1

_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:$|[,;])", re.IGNORECASE)
_URGENCY = re.compile(r"(?:^|,)\s*u=([0-7])\s*(?:$|[,;])")
_KEY = re.compile(r"\"([\x20-\x7e]{1,255})\"|([\x21\x23-\x7e]{1,255})")

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

    async def ended(self, client_id: str, task_id: str, seconds: float, answer: Callable[[Task | None], _T]) -> _T:
        """What `answer` returns for a client's task once it has ended, or after some seconds."""

        def look() -> tuple[bool, _T]:
            task = self.find(client_id, task_id)
            return task is not None and task.is_open, answer(task)

        return await self.holds.until_ended(look, task_id, seconds)

    def _find(self, client_id: str, task_id: str) -> Task | None:
        if not _ID.fullmatch(task_id):
            return None
        if not self.settings.authentication or clients.is_on_trial(client_id):
            task = self.tasks.find_any(task_id)
            if task is None or clients.is_on_trial(client_id) != clients.is_on_trial(task.client_id):
                return None
            client_id = task.client_id
        return self.tasks.find(client_id, task_id)


# What a route asks of a request, as its parameters.


async def _service_of(request: Request) -> Service:
    return cast("Service", request.app.state.service)


Shared = Annotated[Service, Depends(_service_of)]
"""The service that was asked."""


async def _counted(request: Request, service: Shared) -> None:
    service.access.count(request)


COUNTED = Depends(_counted)
"""Counts a request by its address alone."""


class _ByToken(SecurityBase):
    """The client that a request comes from, as `Access.client_of`."""

    scheme_name = "JWT"
    model = OAuth2(flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl=TOKEN_PATH)))

    async def __call__(self, request: Request) -> str:
        return await (await _service_of(request)).access.client_of(request)


client_of = _ByToken()

API_KEY = Depends(HTTPBearer(scheme_name="API key", description="From `whaleline client key`", auto_error=False))
"""Lets the documentation say that an API key will do, too."""


async def client_on_trial(request: Request, service: Shared) -> str:
    """The client of an address that uses the trial, as `Access.client_on_trial`."""
    return service.access.client_on_trial(request)


Client = Annotated[str, Depends(client_of)]


def body_of(client: Callable[..., Any], check: Callable[[Request], None]) -> Any:
    """The body of a client's request with such headers; it counts as held until the route has made its answer."""
    whose = Depends(client)

    async def read(request: Request, client_id: str = whose) -> AsyncIterator[bytes]:
        check(request)
        service = await _service_of(request)
        async with service.bodies.read(request, service.settings.max_body_bytes, client_id) as raw:
            yield raw

    return Depends(read, scope="function")


JsonBody = Annotated[bytes, body_of(client_of, body.check_is_json)]
FormBody = Annotated[bytes, body_of(client_of, body.check_is_plain)]


async def _wait_of(
    service: Shared, prefer: Annotated[str, Header(alias="Prefer", examples=["wait=30"])] = ""
) -> tuple[float, dict[str, str]]:
    if (wait := _WAIT.search(prefer)) is None:
        return service.settings.hold_seconds, {}
    seconds = min(float(wait[1]), _LONGEST_HOLD)
    return seconds, {"Preference-Applied": f"wait={seconds:.0f}"}


Wait = Annotated[tuple[float, dict[str, str]], Depends(_wait_of)]
"""How many seconds to wait for the end of a task (`Prefer: wait=N`, RFC 7240), and the headers that say so."""


@dataclass(frozen=True, slots=True)
class TaskHeaders:
    """What the headers of a POST say of its task: how urgent it is, and the client's own name for the request."""

    priority: int
    key: str | None


async def _task_headers(
    priority: Annotated[str, Header(alias="Priority", examples=["u=0"])] = "",
    key: Annotated[str | None, Header(alias="Idempotency-Key", examples=["order-4711"])] = None,
) -> TaskHeaders:
    urgency = _URGENCY.search(priority)
    named = _KEY.fullmatch(key.strip()) if key is not None else None  # in quotes (RFC 8941), or bare
    if key is not None and named is None:
        raise InvalidRequest(
            "Idempotency-Key", "Idempotency-Key: it must be 1 to 255 printable ASCII characters without a space"
        )
    return TaskHeaders(int(urgency[1]) if urgency else _USUAL_URGENCY, (named[1] or named[2]) if named else None)


Wishes = Annotated[TaskHeaders, Depends(_task_headers)]
