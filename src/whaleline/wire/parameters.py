"""What routes need of a request, as parameters of their functions, which FastAPI fills in and documents."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request
from fastapi.openapi.models import OAuth2, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase

from whaleline.errors import InvalidRequest
from whaleline.wire import body
from whaleline.wire.access import TOKEN_PATH
from whaleline.wire.service import Caller, Service

_LONGEST_HOLD = 30.0  # seconds; every official client waits longer
_USUAL_URGENCY = 3  # RFC 9218, section 4.1

_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:$|[,;])", re.IGNORECASE)
_URGENCY = re.compile(r"(?:^|,)\s*u=([0-7])\s*(?:$|[,;])")
_KEY = re.compile(r"\"([\x20-\x7e]{1,255})\"|([\x21\x23-\x7e]{1,255})")


def _service_of(request: Request) -> Service:
    return cast("Service", request.app.state.service)


async def _shared(request: Request) -> Service:
    return _service_of(request)


Shared = Annotated[Service, Depends(_shared)]
"""The service that was asked."""


async def _counted(request: Request, service: Shared) -> None:
    service.access.count(request)


COUNTED = Depends(_counted)
"""Counts a request by its address alone."""


class _ByToken(SecurityBase):
    """Who a request comes from, as `Access.client_of`."""

    scheme_name = "JWT"
    model = OAuth2(flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl=TOKEN_PATH)))

    async def __call__(self, request: Request) -> Caller:
        service = _service_of(request)
        return Caller(service, await service.access.client_of(request))


caller = _ByToken()

API_KEY = Depends(HTTPBearer(scheme_name="API key", description="From `whaleline client key`", auto_error=False))
"""Lets the documentation say that an API key will do, too."""


async def caller_on_trial(request: Request) -> Caller:
    """An address that uses the trial, as `Access.client_on_trial`."""
    service = _service_of(request)
    return Caller(service, service.access.client_on_trial(request))


Client = Annotated[Caller, Depends(caller)]


def body_of(who: Callable[..., Any], check: Callable[[Request], None]) -> Any:
    """The body of a caller's request with such headers; it counts as held until the route has made its answer."""
    asking = Depends(who)

    async def read(request: Request, caller: Caller = asking) -> AsyncIterator[bytes]:
        check(request)
        async with caller.body(request) as raw:
            yield raw

    return Depends(read, scope="function")


JsonBody = Annotated[bytes, body_of(caller, body.check_is_json)]
FormBody = Annotated[bytes, body_of(caller, body.check_is_plain)]


async def _wait_of(
    prefer: Annotated[str, Header(alias="Prefer", examples=["wait=30"])] = "",
) -> tuple[float | None, dict[str, str]]:
    if (wait := _WAIT.search(prefer)) is None:
        return None, {}
    seconds = min(float(wait[1]), _LONGEST_HOLD)
    return seconds, {"Preference-Applied": f"wait={seconds:.0f}"}


Wait = Annotated[tuple[float | None, dict[str, str]], Depends(_wait_of)]
"""How many seconds to wait for the end of a task (`Prefer: wait=N`, RFC 7240), if it says so, and the headers then."""


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
