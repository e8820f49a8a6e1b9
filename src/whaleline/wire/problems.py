"""Errors as ProblemDetails (RFC 9457).

Sent as application/json rather than application/problem+json: the official clients parse only the former, and the Go
client reports an undefined response type for the latter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from whaleline import metrics
from whaleline.errors import (
    BodyTooSlow,
    InvalidRequest,
    TokenRefused,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    WhalelineError,
)
from whaleline.operations import OPERATIONS
from whaleline.wire.paths import BASE
from whaleline.wording import quoted

_log = structlog.get_logger()

_NO_THREAD = "can't start new thread"
"""What Python says, by no class of its own, where the system refuses a thread."""


def install(app: FastAPI, methods: Mapping[str, Sequence[str]]) -> None:
    """Answer every error of the app as ProblemDetails; `methods` are those that each path has."""
    app.state.methods = methods
    app.add_exception_handler(WhalelineError, _on_whaleline_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_fault)


def problem(status: int, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """A response with ProblemDetails; `field` names what is wrong in the request."""
    details: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": None,
    }
    if field is not None:
        details["errors"] = {field: [detail]}
    return Response(orjson.dumps(details), int(status), headers, "application/json")


async def _on_whaleline_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, WhalelineError)  # noqa: S101 - that is what it is installed for
    headers: dict[str, str] = {}
    metrics.REJECTS.labels(type(error).__name__).inc()
    if isinstance(error, TokenRefused):
        headers["WWW-Authenticate"] = f'Bearer realm="whaleline", error="invalid_token", error_description="{error}"'
    elif isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="whaleline"'
    elif isinstance(error, BodyTooSlow):
        headers["Connection"] = "close"
    elif isinstance(error, Unavailable | TooManyRequests):
        if error.__cause__ is not None:  # which is for whoever runs the service, not for its clients
            _log.warning("%s %s", error, getattr(error.__cause__, "orig", error.__cause__))
        headers["Retry-After"] = str(error.retry_after)
    field = error.field if isinstance(error, InvalidRequest) else None
    return problem(error.status or HTTPStatus.INTERNAL_SERVER_ERROR, str(error), field=field, headers=headers)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - that is what it is installed for
    metrics.REJECTS.labels(HTTPStatus(error.status_code).name.title().replace("_", "")).inc()
    detail, headers = error.detail, dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        types = ", ".join(name for name in OPERATIONS if f"{BASE}/{name}" in request.app.state.methods)
        detail = f"There is nothing at {request.url.path!a}; the task types are {types}. /docs lists all paths."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The router names the methods of the first route that it met at the path only.
        headers["Allow"] = ", ".join(sorted(request.app.state.methods.get(request.url.path, ())))
        detail = f"{request.method} is not allowed here. Use {headers['Allow']}."
    return problem(error.status_code, detail, headers=headers)


async def _on_validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - that is what it is installed for
    metrics.REJECTS.labels(InvalidRequest.__name__).inc()
    fault = error.errors()[0]
    field, value, rule = str(fault["loc"][-1]), fault["input"], str(fault["msg"]).lower()
    detail = f"{field}: {quoted(value)} is wrong: {rule}" if value else f"{field}: is missing or empty"
    return problem(HTTPStatus.BAD_REQUEST, detail, field=field)


async def _on_disconnect(_: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, "The connection was closed before the request had arrived.")


async def _on_fault(request: Request, error: Exception) -> Response:
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return await _on_whaleline_error(request, Unavailable("The service is too busy; try again soon."))
    _log.error("a request failed", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The request failed because of an error in the service.")
