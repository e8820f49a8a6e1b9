"""POST /api/read: send a file and get what it says, in plain JSON, and in one request if it does not take long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from anyio import to_thread
from fastapi import APIRouter, Header, Request, Response

from whaleline.errors import InvalidRequest, NotFound, UnsupportedMediaType
from whaleline.operations.read import READ, ReadSettings
from whaleline.operations.schema import parse
from whaleline.results import rows
from whaleline.settings import Settings
from whaleline.tasks.answer import parsed
from whaleline.tasks.object_store import whole
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import plain_schemas, problems
from whaleline.wire.body import check_is_plain, check_values, checked_file, decode_base64, decode_object
from whaleline.wire.multipart import parts_of
from whaleline.wire.parameters import API_KEY, Client, TaskHeaders, Wait, Wishes
from whaleline.wire.routes import submit_task
from whaleline.wire.service import OF_BODIES, USUAL, Caller, problems_of
from whaleline.wording import quoted

FILE: Final = "file"
_MOST_PARTS: Final = 64
_LONGEST_VALUE: Final = 8 * 2**20  # bytes of what is no file: regions, a template
_JSON: Final = "application/json"
_CSV: Final = "text/csv"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WEIGHT: Final = re.compile(r"\bq=([01](?:\.\d{1,3})?)")

Accepted = Annotated[str, Header(alias="Accept", examples=[_CSV])]

_MISSING = problems_of(others={404: "The client has no such reading"})


router = APIRouter(
    prefix="/api/read", tags=["Whaleline's own"], responses=problems_of(400, *USUAL), dependencies=[API_KEY]
)

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: plain_schemas.ANSWER,
    202: plain_schemas.LATER,
    422: plain_schemas.FAILED,
}


@router.post(
    "",
    summary="Read a document, or fields of it",
    response_class=Response,
    responses={**_ANSWERS, **problems_of(*OF_BODIES)},
    openapi_extra={"requestBody": plain_schemas.request_body()},
)
async def read(request: Request, caller: Client, *, wishes: Wishes, wait: Wait, accepted: Accepted = "") -> Response:
    """Waits up to 20 seconds for the end (`Prefer: wait=N`); then answers 202 with a Location for the result.

    The header `Prefer: wait=N` (RFC 7240) says how many seconds, up to 30. `Accept: text/csv` and that of XLSX bring a
    table instead of JSON: of the fields, or of the words.
    """
    check_is_plain(request)
    # Not a dependency: the body is not to be held while its client waits.
    async with caller.body(request) as raw:
        await to_thread.run_sync(_submit, caller, request, wishes, raw)
    return await _fetch(caller, request.state.task, wait, accepted)


@router.get("/{task_id}", summary="Get what was read", response_class=Response, responses={**_ANSWERS, **_MISSING})
async def fetch(caller: Client, task_id: str, wait: Wait, accepted: Accepted = "") -> Response:
    """Answers like POST."""
    return await _fetch(caller, task_id, wait, accepted)


@router.delete(
    "/{task_id}",
    summary="Cancel the reading, or erase what was read",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "Done, even if there was nothing"}},
)
def drop(caller: Client, task_id: str) -> None:
    """After this, its id is unknown."""
    task = caller.find(task_id)
    if task is not None and task.operation == READ.name:
        caller.service.tasks.cancel(task.client_id, task_id)


def _submit(caller: Caller, request: Request, wishes: TaskHeaders, raw: bytes) -> None:
    data, settings = _parsed(raw, request.headers.get("content-type", ""), caller.service.settings)
    submit_task(caller, request, wishes, READ, data=data, settings=settings, raw=raw)


def _parsed(raw: bytes, media: str, settings: Settings) -> tuple[bytes, ReadSettings]:
    """The file and the settings of a form, or of JSON."""
    kind = media.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = _form(media, raw)
        data = checked_file(form.pop(FILE, b""), FILE, settings.max_image_bytes)
        fields: dict[str, Any] = {name: _decoded(name, value, settings) for name, value in form.items()}
    elif kind in ("application/json", "text/json") or kind.endswith("+json"):
        fields = decode_object(raw, settings, FILE, "settings")
        data = decode_base64(fields.pop(FILE, None), FILE, settings.max_image_bytes)
    else:
        raise UnsupportedMediaType(
            f"The Content-Type {quoted(kind)} is not supported; send multipart/form-data or application/json."
        )
    return data, parse(ReadSettings, fields, "", settings)


def _form(media: str, raw: bytes) -> dict[str, bytes]:
    """The parts of a form by their names, each of which it has once."""
    form: dict[str, bytes] = {}
    for part in parts_of(media, raw, _MOST_PARTS):
        if part.name in form:
            raise InvalidRequest(part.name, f"{part.name}: the form has it more than once")
        if part.name != FILE and len(part.data) > _LONGEST_VALUE:
            raise InvalidRequest(
                part.name, f"{part.name}: it has {len(part.data)} bytes; at most {_LONGEST_VALUE} are allowed"
            )
        form[part.name] = part.data
    return form


def _decoded(name: str, value: bytes, settings: Settings) -> object:
    """A form's field: JSON where it can only be that, else text."""
    try:
        text = value.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise InvalidRequest(name, f"{name}: it is not UTF-8") from None
    if text[:1] not in ("[", "{"):
        return text
    check_values(value, settings, name)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(name, f"{name}: it is not JSON: {error}") from None


async def _fetch(caller: Caller, task_id: str, wait: tuple[float | None, dict[str, str]], accepted: str) -> Response:
    def look(task: Task | None) -> tuple[Task | None, bytes]:
        if task is None or task.operation != READ.name:
            return None, b""
        return task, b"" if task.is_open else whole(caller.service.tasks.body(task_id, task))

    seconds, headers = wait
    task, body = await caller.ended(task_id, seconds, look)
    if task is None:
        raise NotFound("There is no such reading: it was never there, has been erased or has expired.")
    if task.is_open:
        location = f"{router.prefix}/{task.id}"
        status = "waiting" if task.status is TaskStatus.PENDING else "reading"
        content = orjson.dumps({"id": task.id, "status": status, "location": location})
        return Response(content, 202, {"Location": location, "Retry-After": "2", **headers}, _JSON)
    if task.status is TaskStatus.ERROR:
        return problems.problem(HTTPStatus.UNPROCESSABLE_ENTITY, " ".join(task.messages))
    # A table of many pages takes seconds, in which the event loop would answer nobody.
    return await to_thread.run_sync(_answer, task.id, body, accepted, headers)


def _answer(task_id: str, answer: bytes, accepted: str, headers: Mapping[str, str]) -> Response:
    results, messages = parsed(answer)
    if not results:
        return problems.problem(HTTPStatus.GONE, "The result was lost; submit the file again.")
    said = {"id": task_id, **orjson.loads(results[0].data), "messages": messages}
    kind = _liked(accepted)
    if kind == _CSV:
        return Response(
            rows.as_csv(*rows.of_reading(said)), 200, dict(headers), "text/csv; charset=utf-8; header=present"
        )
    if kind == _XLSX:
        named = {"Content-Disposition": f'attachment; filename="{task_id}.xlsx"'}
        return Response(rows.as_xlsx(*rows.of_reading(said)), 200, {**headers, **named}, _XLSX)
    return Response(orjson.dumps(said), 200, dict(headers), _JSON)


def _liked(accepted: str) -> str:
    """The media type that a client likes best (RFC 9110, section 12.5.1), of equal ones the first."""
    weights: dict[str, float] = {}
    for each in accepted.lower().split(","):
        kind, _, parameters = each.partition(";")
        weight = _WEIGHT.search(parameters)
        weights[kind.strip()] = float(weight[1]) if weight else 1.0
    known = [kind for kind, weight in weights.items() if kind in (_JSON, _CSV, _XLSX) and weight > 0]
    return max(known, key=weights.__getitem__, default=_JSON)
