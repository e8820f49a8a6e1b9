"""The resources of the protocol: the token, and POST, GET and DELETE of each task type."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from whaleline.errors import InvalidRequest
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Operation
from whaleline.operations.recognize_image_trial import RECOGNIZE_IMAGE_TRIAL
from whaleline.operations.schema import WireModel
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.intake import Idempotency, KeptDocument
from whaleline.tasks.object_store import Chunks
from whaleline.tasks.task import Task
from whaleline.wire import body, schemas, token_route
from whaleline.wire.paths import BASE
from whaleline.wire.service import PROBLEMS, Service, problems_of

_LONGEST_HOLD = 30.0  # seconds; every official client waits longer
_USUAL_URGENCY = 3  # RFC 9218, section 4.1

_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:$|[,;])", re.IGNORECASE)
_URGENCY = re.compile(r"(?:^|,)\s*u=([0-7])\s*(?:$|[,;])")
_KEY = re.compile(r"\"([\x20-\x7e]{1,255})\"|([\x21\x23-\x7e]{1,255})")

_T = TypeVar("_T")

TaskId = Annotated[str, Query(min_length=1, description="The id that POST answered with")]


def router(service: Service) -> APIRouter:
    """All resources of the protocol."""
    routes = APIRouter(tags=["The protocol"])
    token_route.add(routes, service)
    for operation in offered(service.settings):
        _add_operation(routes, service, operation)
    _add_status(routes, service)
    return routes


def offered(settings: Settings) -> list[Operation[Any]]:
    """The task types of this service; the trial only if the settings offer it."""
    return [each for each in OPERATIONS.values() if each is not RECOGNIZE_IMAGE_TRIAL or settings.trial]


def _add_operation(routes: APIRouter, service: Service, operation: Operation[Any]) -> None:
    path = f"{BASE}/{operation.name}"
    on_trial = operation is RECOGNIZE_IMAGE_TRIAL
    client_of = service.access.client_on_trial if on_trial else service.access.client_of
    security: list[dict[str, list[str]]] = [] if on_trial else [{"JWT": []}]

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
            **PROBLEMS,
        },
        openapi_extra={
            "parameters": [schemas.header("Idempotency-Key", "order-4711"), schemas.header("Priority", "u=0")],
            "requestBody": schemas.request_body(operation.name),
            "security": security,
        },
    )
    async def submit(request: Request) -> Response:
        """Accepts the image and the settings, and answers with the bare id of a task.

        The header `Priority: u=0` to `u=7` (RFC 9218) puts it before or behind other tasks of this client. With the
        header `Idempotency-Key`, a request that is sent again brings the id of the task that it made before.
        """
        client_id = client_of(request)
        body.check_is_json(request)
        async with service.bodies.read(request, service.settings.max_body_bytes, client_id) as raw:
            parse = partial(body.parse_task, operation, raw, service.settings)
            return await submit_task(service, request, operation, parse, client_id=client_id, raw=raw)

    @routes.get(
        path,
        summary="Get a task's results",
        operation_id=f"Get{operation.name}",
        response_model=schemas.OCRResponse,
        responses=problems_of(400, 401, 429, 503),
        openapi_extra={"parameters": [schemas.header("Prefer", "wait=30")], "security": security},
    )
    async def fetch(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """Answers when the task has ended, or after 20 seconds by default (`Prefer: wait=N`).

        The header `Prefer: wait=N` (RFC 7240) says how many, up to 30.
        """
        who = client_of(request)
        return as_json(*await ended(service, request, id, lambda task: service.tasks.body(id, task), who))

    @routes.delete(
        path,
        summary="Cancel a task, or erase its results",
        operation_id=f"Cancel{operation.name}",
        response_class=Response,
        responses={
            200: {"description": "Done, even if there was no such task", "content": {}},
            **problems_of(400, 401, 429, 503),
        },
        openapi_extra={"security": security},
    )
    async def cancel(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """After this, the task's id is unknown."""
        client_id = client_of(request)

        def drop() -> None:
            if (task := service.find(client_id, id)) is not None:
                service.tasks.cancel(task.client_id, id)

        await to_thread.run_sync(drop)
        return Response()


def _add_status(routes: APIRouter, service: Service) -> None:
    @routes.get(
        f"{BASE}/Utilities/GetTaskStatus",
        summary="Get a task's state without its results",
        operation_id="GetTaskStatus",
        response_model=schemas.OCRResponse,
        responses=problems_of(400, 401, 429, 503),
        openapi_extra={"security": [{"JWT": []}, {}]},
    )
    async def status(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """Never waits.

        The .NET client's class for this resource sends no token, so one is checked only if it is there: the id is a
        secret by itself, and no result is told.
        """
        client_id = None
        if "authorization" in request.headers or not service.settings.authentication:
            client_id = service.access.client_of(request)
        else:
            service.access.count(request)

        def look() -> Task | None:
            return service.find_any(id) if client_id is None else service.find(client_id, id)

        answer = service.tasks.status_body(id, await to_thread.run_sync(look))
        return Response(answer, media_type="application/json")


async def submit_task(
    service: Service,
    request: Request,
    operation: Operation[Any],
    parse: Callable[[], tuple[bytes | KeptDocument, WireModel]],
    *,
    client_id: str,
    raw: bytes,
) -> Response:
    """Accept a task, and answer with its bare id.

    Args:
        service: that takes it.
        request: whose headers may say how urgent it is, and its name.
        operation: the task type.
        parse: gives the input and the settings that stand in the body; raises InvalidRequest.
        client_id: whose it is.
        raw: the request's body.
    """

    def submit() -> str:
        data, settings = parse()
        if isinstance(data, KeptDocument) and service.find_document(client_id, data.id) is None:
            data = KeptDocument("")  # is told like one that has expired
        head = data if isinstance(data, bytes) else service.tasks.intake.head(data)
        if not service.settings.authentication or clients.is_on_trial(client_id):
            clients.ensure(service.store, client_id)
        settings, stored = service.tasks.templates.accept(client_id, settings)
        operation.check(head, settings, service.settings)
        urgency = _URGENCY.search(request.headers.get("priority", ""))
        return service.tasks.intake.submit(
            client_id,
            operation.name,
            stored.model_dump_json(by_alias=True),
            data,
            priority=int(urgency[1]) if urgency else _USUAL_URGENCY,
            idempotency=_idempotency(request.headers.get("idempotency-key"), operation, raw),
        )

    task_id = await to_thread.run_sync(submit)
    request.state.task = task_id  # for the request's line, which has both ids
    return Response(task_id, media_type="text/plain")


async def ended(
    service: Service, request: Request, task_id: str, answer: Callable[[Task | None], _T], client_id: str | None = None
) -> tuple[_T, dict[str, str]]:
    """What `answer` returns for a client's task once it has ended, or after some seconds; and the headers.

    The client is the one that the request speaks for, unless that has been found out already.
    """
    client_id = service.access.client_of(request) if client_id is None else client_id
    wait = _WAIT.search(request.headers.get("prefer", ""))
    seconds = min(float(wait[1]), _LONGEST_HOLD) if wait else service.settings.hold_seconds

    def look() -> tuple[bool, _T]:
        task = service.find(client_id, task_id)
        return task is not None and task.is_open, answer(task)

    told = await service.holds.until_ended(look, task_id, seconds)
    return told, {"Preference-Applied": f"wait={seconds:.0f}"} if wait else {}


def as_json(told: bytes | Chunks, headers: dict[str, str]) -> Response:
    """The answer with that body; a large one goes out piece by piece."""
    if isinstance(told, bytes):
        return Response(told, 200, headers, "application/json")
    return StreamingResponse(iter(told), 200, {**headers, "Content-Length": str(told.size)}, "application/json")


def _idempotency(header: str | None, operation: Operation[Any], raw: bytes) -> Idempotency | None:
    """The request's name, in quotes as a structured field (RFC 8941) has it or bare."""
    if header is None:
        return None
    key = _KEY.fullmatch(header.strip())
    if key is None:
        raise InvalidRequest(
            "Idempotency-Key", "Idempotency-Key: it must be 1 to 255 printable ASCII characters without a space"
        )
    digest = hashlib.sha256(operation.name.encode() + b"\0" + raw).hexdigest()
    return Idempotency(key[1] or key[2], digest)
