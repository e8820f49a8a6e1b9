"""Documents that the service keeps for an hour, so that programs can see pages before they are read."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from whaleline.errors import NotFound, Unavailable
from whaleline.operations.kept_documents import DRAW_PAGE, KEEP_DOCUMENT, MAX_WIDTH, DrawSettings, KeepSettings
from whaleline.tasks.answer import parsed
from whaleline.tasks.intake import KeptDocument
from whaleline.tasks.lifecycle import KEPT_SECONDS, Tasks
from whaleline.tasks.object_store import whole
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import body, schemas
from whaleline.wire.parameters import Client
from whaleline.wire.service import OF_BODIES, USUAL, Caller, problems_of

_DRAW_SECONDS = 30.0
"""How long a request for a picture waits for a worker."""

_URGENT, _USUAL = 0, 3


class PageFacts(schemas.Facts):
    """A page: how large it is as the service reads it, or why it cannot be read."""

    width: int | None = Field(None, description="Pixels; rectangles of regions are in these.", examples=[1654])
    height: int | None = Field(None, description="Pixels.", examples=[2339])
    dpi: float | None = Field(None, description="Pixels an inch; null where the file does not say.", examples=[200])
    drawn: bool = Field(False, description="Whether the page has no pixels of its own and is drawn at `dpi`.")
    error: str | None = Field(None, description="Why it cannot be read; null if it can.")


class DocumentFacts(schemas.Facts):
    """A document that is kept."""

    id: str
    task_status: TaskStatus = Field(description="Pending or Processing until a worker has opened it.")
    seconds_left: float = Field(description="Seconds for which it is still kept.", examples=[3599.5])
    format: str | None = Field(None, description="Null until a worker has opened it.", examples=["PDF"])
    pages: list[PageFacts] = Field([], description="In their order.")
    messages: list[str] = Field([], description="Why it cannot be opened, if so.")


router = APIRouter(prefix="/api/documents", tags=["Whaleline's own"], responses=problems_of(*USUAL))

_UNKNOWN = problems_of(others={404: "The client has no such document, or it no such page"})


@router.post(
    "",
    summary="Keep a document for an hour",
    status_code=201,
    responses=problems_of(*OF_BODIES),
    openapi_extra=schemas.document_body(),
)
async def keep(request: Request, caller: Client, response: Response) -> DocumentFacts:
    """Tasks can name it as `document` instead of sending an image. It is erased after an hour.

    Waits until a worker has opened it, as the GET of a task does.
    """
    body.check_is_json(request)
    # Not a dependency: the body is not to be held while its client waits.
    async with caller.body(request) as raw:
        document_id = await to_thread.run_sync(_keep, caller, raw)
    response.headers["Location"] = f"{router.prefix}/{document_id}"
    return await _facts(caller, document_id)


@router.get("/{document_id}", summary="Get a kept document's pages and their sizes", responses=_UNKNOWN)
async def look(caller: Client, document_id: str) -> DocumentFacts:
    """Waits until a worker has opened it, as the GET of a task does."""
    return await _facts(caller, document_id)


@router.delete(
    "/{document_id}",
    summary="Erase a kept document",
    response_class=Response,
    responses={200: {"description": "Done, even if there was no such document", "content": {}}},
)
def erase(caller: Client, document_id: str) -> None:
    """Tasks that were posted with it go on."""
    if (document := caller.find_document(document_id)) is not None:
        caller.service.tasks.cancel(document.client_id, document.id)


@router.get(
    "/{document_id}/pages/{number}",
    summary="Get a picture of a page",
    response_class=Response,
    responses={
        200: {"description": "The picture", "content": {"image/jpeg": {"schema": {"type": "string"}}}},
        **problems_of(400),
        **_UNKNOWN,
    },
)
async def picture(
    caller: Client,
    document_id: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="The first page is 1")],
    width: Annotated[int, Query(ge=1, le=MAX_WIDTH, description="Pixels")] = 1000,
) -> Response:
    """As the service reads the page: upright, on white paper."""
    facts = await _facts(caller, document_id)
    if number > len(facts.pages):
        why = " ".join(facts.messages) or f"it has {len(facts.pages)}"
        raise NotFound(f"The document has no page {number}: {why}")
    task = await to_thread.run_sync(_draw, caller, document_id, number, width)
    service = caller.service
    try:
        answer = await service.holds.until_ended(partial(_look, service.tasks, task), task.id, _DRAW_SECONDS)
    finally:
        await to_thread.run_sync(service.tasks.cancel, task.client_id, task.id)
    results, messages = parsed(answer)
    if results:
        return Response(results[0].data, 200, {"Cache-Control": f"private, max-age={KEPT_SECONDS}"}, "image/jpeg")
    if messages:
        raise NotFound(" ".join(messages))
    raise Unavailable("No worker is free to draw the page at the moment; try again later.")


def _keep(caller: Caller, raw: bytes) -> str:
    service = caller.service
    data = body.parse_document(raw, service.settings)
    KEEP_DOCUMENT.check(data, KeepSettings(), service.settings)
    caller.ensure()
    return service.tasks.intake.submit(caller.client_id, KEEP_DOCUMENT.name, "{}", data, priority=_USUAL)


def _draw(caller: Caller, document_id: str, page: int, width: int) -> Task:
    document = _found(caller, document_id)
    settings = DrawSettings(page=page, width=width).model_dump_json()
    source = KeptDocument(document.id)
    tasks = caller.service.tasks
    task_id = tasks.intake.submit(document.client_id, DRAW_PAGE.name, settings, source, priority=_URGENT)
    if (task := tasks.find(document.client_id, task_id)) is None:
        raise NotFound("The document has been erased.")
    return task


def _found(caller: Caller, document_id: str) -> Task:
    document = caller.find_document(document_id)
    if document is None:
        raise NotFound("The client has no such document: it was never there, has been erased or has expired.")
    return document


async def _facts(caller: Caller, document_id: str) -> DocumentFacts:
    service = caller.service

    def look() -> tuple[bool, DocumentFacts]:
        document = _found(caller, document_id)
        left = max(0.0, round(document.created + KEPT_SECONDS - service.tasks.now(), 3))
        facts: dict[str, Any] = {"id": document_id, "task_status": document.status, "seconds_left": left}
        if not document.is_open:
            results, facts["messages"] = parsed(whole(service.tasks.body(document.id, document)))
            for result in results:
                facts |= orjson.loads(result.data)
        return document.is_open, DocumentFacts(**facts)

    return await service.holds.until_ended(look, document_id, service.settings.hold_seconds)


def _look(tasks: Tasks, task: Task) -> tuple[bool, bytes]:
    found = tasks.find(task.client_id, task.id)
    return found is not None and found.is_open, whole(tasks.body(task.id, found))
