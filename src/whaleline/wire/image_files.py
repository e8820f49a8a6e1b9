"""The protocol's deprecated resources: a file uploaded as a form, and its better picture as a file."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Operation, ResponseStatusCode
from whaleline.operations.schema import parse
from whaleline.tasks.answer import answer, parsed
from whaleline.tasks.object_store import Chunks, whole
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import body, schemas
from whaleline.wire.parameters import Client, FormBody, Wait, Wishes
from whaleline.wire.paths import BASE
from whaleline.wire.routes import TaskId, as_json, submit_task
from whaleline.wire.service import OF_BODIES, USUAL, Service, problems_of

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


router = APIRouter(tags=["The protocol, deprecated"], deprecated=True, responses=problems_of(400, *USUAL))


def _add_upload(path: str, operation_id: str, operation: Operation[Any]) -> None:
    @router.post(
        f"{_ROOT}/{path}",
        summary=operation.summary,
        operation_id=operation_id,
        response_class=PlainTextResponse,
        responses={200: schemas.TASK_ID, **problems_of(*OF_BODIES, 422)},
        openapi_extra=schemas.body(_FORM, "multipart/form-data"),
    )
    def upload(request: Request, caller: Client, raw: FormBody, wishes: Wishes) -> Response:
        """Accepts a form with a file, and answers with the bare id of a task."""
        data = body.parse_upload(request.headers.get("content-type", ""), raw, caller.service.settings)
        settings = parse(operation.settings_model, {})
        return submit_task(caller, request, wishes, operation, data=data, settings=settings, raw=raw)


for _path, (_operation_id, _name) in _UPLOADS.items():
    _add_upload(_path, _operation_id, OPERATIONS[_name])


@router.get(
    f"{_ROOT}/GetResultTask",
    summary="Get a task's results",
    operation_id="GetResultTask",
    response_model=schemas.OCRResponse,
)
async def result(caller: Client, id: TaskId, wait: Wait) -> Response:  # noqa: A002 - the protocol's name
    """Like GET of the task type's own resource, but an unknown id gets a message."""
    seconds, headers = wait
    return as_json(await caller.ended(id, seconds, partial(_body, caller.service, id)), headers)


@router.get(
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
    },
)
async def file(caller: Client, id: TaskId, wait: Wait) -> Response:  # noqa: A002 - the protocol's name
    """Waits for the end of the task, as GET of the task type's own resource does."""
    seconds, headers = wait
    told = await caller.ended(id, seconds, partial(_body, caller.service, id))
    results, _ = await to_thread.run_sync(lambda: parsed(whole(told)))
    if not results or not results[0].data:
        return Response(None, 204, headers)
    media_type = "image/png" if results[0].type == "ImagePNG" else "application/octet-stream"
    return Response(results[0].data, 200, headers, media_type)


def _body(service: Service, task_id: str, task: Task | None) -> bytes | Chunks:
    if task is None:
        return answer(
            task_id, TaskStatus.NOT_EXIST, ResponseStatusCode.TASK_NOT_FOUND, messages=("Invalid identifier",)
        )
    return service.tasks.body(task_id, task)
