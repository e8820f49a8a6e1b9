"""The protocol's deprecated resources: a file uploaded as a form, and its better picture as a file."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Request, Response

from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Operation, ResponseStatusCode
from whaleline.operations.schema import parse
from whaleline.tasks.answer import answer
from whaleline.tasks.object_store import Chunks
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import body, schemas
from whaleline.wire.paths import BASE
from whaleline.wire.routes import TaskId, as_json, ended, submit_task
from whaleline.wire.service import Service, problems_of

_ROOT = f"{BASE}/ImageProcessing"
_UPLOADS = {
    "PostUpsamplingImageFile": ("PostUpsamplingFile", "UpscaleImage"),
    "PostBinarizationFile": ("PostBinarizationFile", "BinarizeImage"),
    "PostSkewCorrectionFile": ("PostSkewCorrectionFile", "DeskewImage"),
    "PostDewarpingFile": ("PostDewarpingFile", "DewarpImage"),
}
"""By the end of the path: the protocol's name for the operation, and the task type that does the same."""

_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "description": "The image file"}},
}


def router(service: Service) -> APIRouter:
    """All deprecated resources for pictures."""
    routes = APIRouter(tags=["The protocol, deprecated"], deprecated=True)
    for path, (operation_id, name) in _UPLOADS.items():
        _add_upload(routes, service, path, operation_id, OPERATIONS[name])
    _add_results(routes, service)
    return routes


def _add_upload(routes: APIRouter, service: Service, path: str, operation_id: str, operation: Operation[Any]) -> None:
    @routes.post(
        f"{_ROOT}/{path}",
        summary=operation.summary,
        operation_id=operation_id,
        response_class=Response,
        responses={
            200: {
                "description": "The task's id",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": schemas.EXAMPLE_ID}},
            },
            **problems_of(400, 401, 408, 413, 415, 422, 429, 503),
        },
        openapi_extra={
            "parameters": [schemas.header("Idempotency-Key", "order-4711"), schemas.header("Priority", "u=0")],
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
            "security": [{"JWT": []}],
        },
    )
    async def upload(request: Request) -> Response:
        """Accepts a form with a file, and answers with the bare id of a task."""
        client_id = service.access.client_of(request)
        body.check_is_plain(request)
        settings = service.settings
        content_type = request.headers.get("content-type", "")
        async with service.bodies.read(request, settings.max_body_bytes, client_id) as raw:

            def read() -> tuple[bytes, Any]:
                return body.parse_upload(content_type, raw, settings), parse(operation.settings_model, {})

            return await submit_task(service, request, operation, read, client_id=client_id, raw=raw)


def _add_results(routes: APIRouter, service: Service) -> None:
    @routes.get(
        f"{_ROOT}/GetResultTask",
        summary="Get a task's results",
        operation_id="GetResultTask",
        response_model=schemas.OCRResponse,
        responses=problems_of(400, 401, 429, 503),
        openapi_extra={"parameters": [schemas.header("Prefer", "wait=30")], "security": [{"JWT": []}]},
    )
    async def result(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """Like GET of the task type's own resource, but an unknown id gets a message."""
        return as_json(*await ended(service, request, id, partial(_body, service, id)))

    @routes.get(
        f"{_ROOT}/GetResultFile",
        summary="Get a task's first result as a file",
        operation_id="GetResultFile",
        response_class=Response,
        responses={
            200: {
                "description": "The file",
                "content": {
                    media: {"schema": {"type": "string", "format": "binary"}}
                    for media in ("image/png", "application/octet-stream")
                },
            },
            204: {"description": "There is no result: the task is not finished, is unknown, or its result was erased"},
            **problems_of(400, 401, 429, 503),
        },
        openapi_extra={"parameters": [schemas.header("Prefer", "wait=30")], "security": [{"JWT": []}]},
    )
    async def file(request: Request, id: TaskId) -> Response:  # noqa: A002 - the protocol's name
        """Waits for the end of the task, as GET of the task type's own resource does."""
        told, headers = await ended(service, request, id, partial(_body, service, id))
        kind, data = await to_thread.run_sync(_first, told)
        if not data:
            return Response(None, 204, headers)
        return Response(data, 200, headers, "image/png" if kind == "ImagePNG" else "application/octet-stream")


def _first(told: bytes | Chunks) -> tuple[str, bytes]:
    """Type and data of an answer's first result; empty where there is none."""
    for result in orjson.loads(told if isinstance(told, bytes) else b"".join(told))["results"] or ():
        return result["type"], base64.b64decode(result["data"])
    return "", b""


def _body(service: Service, task_id: str, task: Task | None) -> bytes | Chunks:
    if task is None:
        return answer(
            task_id, TaskStatus.NOT_EXIST, ResponseStatusCode.TASK_NOT_FOUND, messages=("Invalid identifier",)
        )
    return service.tasks.body(task_id, task)
