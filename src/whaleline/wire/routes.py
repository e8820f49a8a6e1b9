"""The resources of the protocol: the token, and POST, GET and DELETE of each task type."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote_plus

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import Headers

from whaleline import metrics
from whaleline.errors import InvalidRequest, TokenRefused, Unauthorized
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Operation
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.lifecycle import Idempotency, Tasks
from whaleline.tasks.sql import Store
from whaleline.tasks.task import StoredAnswer, Task
from whaleline.wire import body, schemas
from whaleline.wire.holds import Holds
from whaleline.wire.limits import RateLimits
from whaleline.wire.paths import BASE
from whaleline.wire.threads import Threads
from whaleline.wire.tokens import LIFETIME, Tokens

TOKEN_PATH = "/connect/token"  # noqa: S105 - a path, not a secret
_FORM_BYTES = 16 * 1024
_LONGEST_HOLD = 30.0  # seconds; every official client waits longer
_USUAL_URGENCY = 3  # RFC 9218, section 4.1

_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:$|[,;])", re.IGNORECASE)
_URGENCY = re.compile(r"(?:^|,)\s*u=([0-7])\s*(?:$|[,;])")
_KEY = re.compile(r"\"([\x20-\x7e]{1,255})\"|([\x21\x23-\x7e]{1,255})")
_ID = re.compile(r"[\x21-\x7e]{1,100}")

TaskId = Annotated[str, Query(description="The id that POST answered with")]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": schemas.ProblemDetails, "description": "A field is wrong; the message names it"},
    401: {"model": schemas.ProblemDetails, "description": "No access token, or one that is not valid"},
    408: {"model": schemas.ProblemDetails, "description": "The body did not arrive in time"},
    413: {"model": schemas.ProblemDetails, "description": "The body is past the size limit"},
    415: {"model": schemas.ProblemDetails, "description": "The body is not JSON"},
    422: {
        "model": schemas.ProblemDetails,
        "description": "The idempotency key came with another request before",
    },
    429: {
        "model": schemas.ProblemDetails,
        "description": "Too many requests; Retry-After says when to go on",
    },
    503: {
        "model": schemas.ProblemDetails,
        "description": "The service cannot take the request at the moment",
    },
}


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes need of the service."""

    settings: Settings
    store: Store
    tasks: Tasks
    tokens: Tokens
    threads: Threads
    holds: Holds
    bodies: body.Bodies
    limits: RateLimits

    def client_of(self, request: Request) -> str:
        """The client that a request speaks for; counts the request.

        Raises:
            Unauthorized: it carries no access token.
            TokenRefused: its token is not valid.
            TooManyRequests: the client, or the address, has had its requests for this minute.
        """
        self.limits.count_address(address_of(request))
        client_id = self._authenticated(request) if self.settings.authentication else clients.LOCAL
        self.limits.count_client(client_id)
        return client_id

    def _authenticated(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            raise Unauthorized(f"An access token is needed; get one from {TOKEN_PATH}.")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenRefused("The Authorization header is not of the form: Bearer <access token>.")
        return self.tokens.client_of(token.strip())


def address_of(request: Request) -> str:
    """The address that a request came from; a trusted proxy's word for it, where there is one."""
    return request.client.host if request.client else ""


def router(service: Service) -> APIRouter:
    """All resources of the protocol."""
    routes = APIRouter(tags=["The protocol"])
    _add_token(routes, service)
    for operation in OPERATIONS.values():
        _add_operation(routes, service, operation)
    _add_status(routes, service)
    return routes


def _add_token(routes: APIRouter, service: Service) -> None:
    form = {
        "type": "object",
        "required": ["grant_type"],
        "properties": {
            "grant_type": {"type": "string", "enum": ["client_credentials"]},
            "client_id": {"type": "string", "examples": [schemas.EXAMPLE_ID]},
            "client_secret": {"type": "string", "format": "password"},
        },
    }

    @routes.post(
        TOKEN_PATH,
        summary="Get an access token",
        response_model=schemas.Token,
        responses={
            400: {"model": schemas.TokenError, "description": "The form is wrong, or id and secret in it do not match"},
            401: {"model": schemas.TokenError, "description": "Id and secret of HTTP Basic do not match"},
            **_only(408, 413, 429, 503),
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": form}},
            }
        },
    )
    async def token(request: Request) -> Response:
        """Client credentials (RFC 6749, section 4.4), as form fields or as HTTP Basic."""
        address = address_of(request)
        service.limits.count_address(address)
        service.limits.check_token_failures(address)
        async with service.bodies.read(request, _FORM_BYTES) as raw:
            pass
        fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        if any(len(values) > 1 for values in fields.values()):
            return _token_error("invalid_request", "A parameter is given more than once.")
        form = {name: values[0] for name, values in fields.items()}
        grant = form.get("grant_type")
        if grant is None:
            return _token_error("invalid_request", "grant_type is missing.")
        if grant != "client_credentials":
            return _token_error("unsupported_grant_type", "Only client_credentials is supported.")
        basic = request.headers.get("authorization", "").lower().startswith("basic ")
        if basic:
            client_id, secret = _basic(request.headers["authorization"])
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if service.settings.authentication:
            if not await service.threads.run(clients.is_known, service.store, client_id, secret):
                service.limits.count_token_failure(address)
                return _token_error("invalid_client", "The client id and secret do not match.", basic=basic)
        else:
            client_id = clients.LOCAL
        content = {
            "access_token": service.tokens.issue(client_id),
            "expires_in": LIFETIME,
            "token_type": "Bearer",
        }
        return _token_answer(content, HTTPStatus.OK)


def _basic(header: str) -> tuple[str, str]:
    """Id and secret of HTTP Basic, each form-encoded (RFC 6749, section 2.3.1); empty where it is malformed."""
    try:
        pair = base64.b64decode(header[6:].strip(), validate=True).decode("utf-8")
    except ValueError:
        return "", ""
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _token_error(error: str, description: str, *, basic: bool = False) -> Response:
    metrics.REJECTS.labels(error).inc()
    status = HTTPStatus.UNAUTHORIZED if basic else HTTPStatus.BAD_REQUEST
    answer = _token_answer({"error": error, "error_description": description}, status)
    if basic:
        answer.headers["WWW-Authenticate"] = 'Basic realm="whaleline", charset="UTF-8"'
    return answer


def _token_answer(content: dict[str, Any], status: int) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749, section 5.1
    return Response(orjson.dumps(content), int(status), headers, "application/json")


def _add_operation(routes: APIRouter, service: Service, operation: Operation[Any]) -> None:
    path = f"{BASE}/{operation.name}"

    @routes.post(
        path,
        summary=operation.summary,
        operation_id=f"Post{operation.name}",
        response_class=Response,
        responses={
            200: {
                "description": "The task's id",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": schemas.EXAMPLE_ID}},
            },
            **_PROBLEMS,
        },
        openapi_extra={
            "parameters": [_header("Idempotency-Key", "order-4711"), _header("Priority", "u=0")],
            "requestBody": schemas.request_body(operation.name),
            "security": [{"JWT": []}],
        },
    )
    async def submit(request: Request) -> Response:
        """Takes the image and the settings, and answers with the bare id of a task.

        The header `Priority: u=0` to `u=7` (RFC 9218) puts it before or behind other tasks. With the header
        `Idempotency-Key`, a request that is sent again brings the id of the task that it made before.
        """
        client_id = service.client_of(request)
        body.check_is_json(request)
        async with service.bodies.read(request, service.settings.max_body_bytes) as raw:
            task_id = await service.threads.run(_submit, service, client_id, operation, raw, request.headers)
        request.state.task = task_id  # for the request's line, which has both ids
        return Response(task_id, media_type="text/plain")

    @routes.get(
        path,
        summary="Get a task's results",
        operation_id=f"Get{operation.name}",
        response_model=schemas.OCRResponse,
        responses=_only(400, 401, 429, 503),
        openapi_extra={"parameters": [_header("Prefer", "wait=30")], "security": [{"JWT": []}]},
    )
    async def fetch(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """Answers at once when the task has ended, else when it ends or after some seconds.

        The header `Prefer: wait=N` (RFC 7240) says how many, up to 30.
        """
        client_id = service.client_of(request)
        wait = _WAIT.search(request.headers.get("prefer", ""))
        seconds = min(float(wait[1]), _LONGEST_HOLD) if wait else service.settings.hold_seconds

        def look(stored: StoredAnswer | None) -> tuple[bool, bytes]:
            if stored is not None and (body := service.tasks.stored_body(id, stored)) is not None:
                return False, body
            task = service.tasks.find(client_id, id) if _ID.fullmatch(id) else None
            return task is not None and task.is_open, service.tasks.body(id, task)

        answer = await service.holds.until_ended(look, id, client_id, seconds)
        headers = {"Preference-Applied": f"wait={seconds:.0f}"} if wait else None
        return Response(answer, 200, headers, "application/json")

    @routes.delete(
        path,
        summary="Cancel a task, or erase its results",
        operation_id=f"Cancel{operation.name}",
        response_class=Response,
        responses={
            200: {"description": "Done; also where there was no such task", "content": {}},
            **_only(400, 401, 429, 503),
        },
        openapi_extra={"security": [{"JWT": []}]},
    )
    async def cancel(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """From then on the task is unknown."""
        client_id = service.client_of(request)
        if _ID.fullmatch(id):
            await service.threads.run(service.tasks.cancel, client_id, id)
        return Response()


def _add_status(routes: APIRouter, service: Service) -> None:
    @routes.get(
        f"{BASE}/Utilities/GetTaskStatus",
        summary="Get a task's state without its results",
        operation_id="GetTaskStatus",
        response_model=schemas.OCRResponse,
        responses=_only(400, 401, 429, 503),
        openapi_extra={"security": [{"JWT": []}, {}]},
    )
    async def status(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """Never waits.

        The .NET client's class for this resource sends no token, so one is checked only if it is there: the id is a
        secret by itself, and no result is told.
        """
        client_id = service.client_of(request) if "authorization" in request.headers else None

        def look() -> Task | None:
            if not _ID.fullmatch(id):
                return None
            return service.tasks.find_any(id) if client_id is None else service.tasks.find(client_id, id)

        answer = service.tasks.status_body(id, await service.threads.run(look))
        return Response(answer, media_type="application/json")


def _submit(service: Service, client_id: str, operation: Operation[Any], raw: bytes, headers: Headers) -> str:
    data, request = body.parse_task(operation, raw, service.settings)
    operation.check(data, request, service.settings)
    urgency = _URGENCY.search(headers.get("priority", ""))
    return service.tasks.submit(
        client_id,
        operation.name,
        request.model_dump_json(by_alias=True),
        data,
        priority=int(urgency[1]) if urgency else _USUAL_URGENCY,
        idempotency=_idempotency(headers.get("idempotency-key"), operation, raw),
    )


def _idempotency(header: str | None, operation: Operation[Any], raw: bytes) -> Idempotency | None:
    """The request's name, in quotes as a structured field (RFC 8941) has it or bare."""
    if header is None:
        return None
    key = _KEY.fullmatch(header.strip())
    if key is None:
        raise InvalidRequest("Idempotency-Key", "Idempotency-Key: it must be 1 to 255 printable ASCII characters")
    digest = hashlib.sha256(operation.name.encode() + b"\0" + raw).hexdigest()
    return Idempotency(key[1] or key[2], digest)


def _header(name: str, example: str) -> dict[str, Any]:
    """The OpenAPI description of an optional header that the operation's own description explains."""
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "example": example}


def _only(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _PROBLEMS[status] for status in statuses}
