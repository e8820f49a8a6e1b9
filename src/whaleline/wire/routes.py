"""The resources of the protocol: POST, GET and DELETE of each task type, and GetTaskStatus."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Operation
from whaleline.operations.recognize_image_trial import RECOGNIZE_IMAGE_TRIAL
from whaleline.operations.schema import WireModel
from whaleline.settings import Settings
from whaleline.tasks.intake import Idempotency, KeptDocument
from whaleline.tasks.object_store import Chunks
from whaleline.wire import body, schemas
from whaleline.wire.parameters import Shared, TaskHeaders, Wait, Wishes, body_of, caller, caller_on_trial
from whaleline.wire.paths import BASE
from whaleline.wire.service import OF_BODIES, USUAL, Caller, problems_of

TaskId = Annotated[str, Query(min_length=1, description="The id that POST answered with")]


def router(settings: Settings) -> APIRouter:
    """The resources of the task types of this service; the trial only if the settings offer it."""
    routes = APIRouter(tags=["The protocol"], responses=problems_of(400, *USUAL))
    for operation in OPERATIONS.values():
        if operation is not RECOGNIZE_IMAGE_TRIAL:
            _add_operation(routes, operation, caller)
        elif settings.trial:
            _add_operation(routes, operation, caller_on_trial)
    routes.get(
        f"{BASE}/Utilities/GetTaskStatus",
        summary="Get a task's state without its results",
        operation_id="GetTaskStatus",
        response_model=schemas.OCRResponse,
        openapi_extra={"security": [{"JWT": []}, {}]},
    )(status)
    return routes


def _add_operation(routes: APIRouter, operation: Operation[Any], who: Any) -> None:
    path = f"{BASE}/{operation.name}"
    asking = Depends(who)
    json = body_of(who, body.check_is_json)

    @routes.post(
        path,
        summary=operation.summary,
        operation_id=f"Post{operation.name}",
        response_class=PlainTextResponse,
        responses={200: schemas.TASK_ID, **problems_of(*OF_BODIES, 422)},
        openapi_extra=schemas.task_body(operation.name),
    )
    def submit(request: Request, caller: Caller = asking, raw: bytes = json, *, wishes: Wishes) -> PlainTextResponse:
        """Accepts the image and the settings, and answers with the bare id of a task.

        The header `Priority: u=0` to `u=7` (RFC 9218) puts it before or behind other tasks of this client. With the
        header `Idempotency-Key`, a request that is sent again brings the id of the task that it made before.
        """
        data, settings = body.parse_task(operation, raw, caller.service.settings)
        return submit_task(caller, request, wishes, operation, data=data, settings=settings, raw=raw)

    @routes.get(
        path, summary="Get a task's results", operation_id=f"Get{operation.name}", response_model=schemas.OCRResponse
    )
    async def fetch(id: TaskId, wait: Wait, caller: Caller = asking) -> Response:  # noqa: A002 - the protocol's name
        """Answers when the task has ended, or after 20 seconds by default (`Prefer: wait=N`).

        The header `Prefer: wait=N` (RFC 7240) says how many, up to 30.
        """
        seconds, headers = wait
        return as_json(await caller.ended(id, seconds, partial(caller.service.tasks.body, id)), headers)

    @routes.delete(
        path,
        summary="Cancel a task, or erase its results",
        operation_id=f"Cancel{operation.name}",
        response_class=Response,
        responses={200: {"description": "Done, even if there was no such task", "content": {}}},
    )
    def cancel(id: TaskId, caller: Caller = asking) -> None:  # noqa: A002 - the protocol's name
        """After this, the task's id is unknown."""
        if (task := caller.find(id)) is not None:
            caller.service.tasks.cancel(task.client_id, id)


async def status(request: Request, service: Shared, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
    """Never waits.

    The .NET client's class for this resource sends no token, so one is checked only if it is there: the id is a secret
    by itself, and no result is told.
    """
    if "authorization" in request.headers or not service.settings.authentication:
        task = await to_thread.run_sync(Caller(service, await service.access.client_of(request)).find, id)
    else:
        service.access.count(request)
        task = await to_thread.run_sync(service.find_any, id)
    return Response(service.tasks.status_body(id, task), media_type="application/json")


def submit_task(
    caller: Caller,
    request: Request,
    wishes: TaskHeaders,
    operation: Operation[Any],
    *,
    data: bytes | KeptDocument,
    settings: WireModel,
    raw: bytes,
) -> PlainTextResponse:
    """Accept a task, and answer with its bare id.

    The request is logged with the id. Its body, `raw`, is what another one with the same idempotency key is told by.
    """
    service = caller.service
    if isinstance(data, KeptDocument) and caller.find_document(data.id) is None:
        data = KeptDocument("")  # is told like one that has expired
    head = data if isinstance(data, bytes) else service.tasks.intake.head(data)
    caller.ensure()
    settings, stored = service.tasks.templates.accept(caller.client_id, settings)
    operation.check(head, settings, service.settings)
    digest = hashlib.sha256(operation.name.encode() + b"\0" + raw).hexdigest()
    request.state.task = service.tasks.intake.submit(
        caller.client_id,
        operation.name,
        stored.model_dump_json(by_alias=True),
        data,
        priority=wishes.priority,
        idempotency=Idempotency(wishes.key, digest) if wishes.key else None,
    )
    return PlainTextResponse(request.state.task)


def as_json(told: bytes | Chunks, headers: dict[str, str]) -> Response:
    """The answer with that body; a large one goes out piece by piece."""
    if isinstance(told, bytes):
        return Response(told, 200, headers, "application/json")
    return StreamingResponse(iter(told), 200, {**headers, "Content-Length": str(told.size)}, "application/json")
