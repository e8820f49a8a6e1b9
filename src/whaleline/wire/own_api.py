"""What the web page needs beyond the protocol, under /api/: the service's facts, a local sign-in, a client's tasks."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any, Literal

import orjson
from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from whaleline.errors import Forbidden, NotFound
from whaleline.operations import PERFORMED
from whaleline.operations.operation import ResponseStatusCode
from whaleline.recognition import languages
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import documents_api, plain_api, schemas, templates_api
from whaleline.wire.page_link import PageLink
from whaleline.wire.service import Service

SESSION_SECONDS = 900
"""How long a local session's token is valid; the page gets another one when it needs it."""

_MOST_TASKS = 1000
_USUAL_TASKS = 200

_BUSY: dict[int | str, dict[str, Any]] = {
    429: schemas.problem("Too many requests within a minute"),
    503: schemas.problem("The database cannot be reached at the moment"),
}


_NO_TOKEN = schemas.problem("No access token, or one that is not valid")

_SignIn = Literal["credentials", "link", "none"]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class LanguageFacts(_Model):
    """A language of the protocol."""

    name: str = Field(examples=["German"])
    installed: bool
    how_to_add: str = Field(description="How to install it; empty if it is installed.")


class Limits(_Model):
    """What a request may hold at most."""

    body_bytes: int
    pixels: int
    regions: int


class ServiceFacts(_Model):
    """What the page shows of the service before anybody has signed in."""

    version: str
    sign_in: _SignIn = Field(
        description="What reading takes: client id and secret; these, or the link that the service printed when it"
        " started; nothing at all."
    )
    languages: list[LanguageFacts]
    limits: Limits
    retention_seconds: int = Field(description="Seconds after submission for which a task is kept.")


class PagesFacts(_Model):
    """The progress of a document."""

    done: int = Field(description="Pages that are finished.", examples=[17])
    all: int = Field(description="Pages to read.", examples=[100])


class TaskFacts(_Model):
    """A task as the list shows it."""

    id: str
    operation: str = Field(examples=["RecognizeRegions"])
    task_status: TaskStatus
    response_status_code: ResponseStatusCode
    age: float = Field(description="Seconds since it was submitted, by the service's clock.", examples=[42.5])
    duration: float | None = Field(
        description="Seconds from its submission to its end; null before the end.", examples=[1.25]
    )
    attempts: int
    pages: PagesFacts | None = Field(description="Null where the pages are not read one by one.")
    messages: list[str]


class ListedTask(TaskFacts):
    """A task of the list. Whoever only knows the id of a task is not told who sent it."""

    client: str = Field(description="Who sent it: the client's name, `local`, or the address.", examples=["accounting"])


class TaskList(_Model):
    """A client's tasks, newest first."""

    tasks: list[ListedTask]
    more: bool = Field(description="Whether there are older tasks than these.")


class TaskDetails(TaskFacts):
    """A task with the settings that it was submitted with."""

    settings: dict[str, Any] = Field(description="As POST accepts them, with defaults filled in.")


def router(service: Service, link: PageLink | None) -> APIRouter:
    """The resources under /api/; with the page's link, where there is one."""
    routes = APIRouter(prefix="/api", tags=["Whaleline's own"])
    _add_service(routes, service, "none" if not service.settings.authentication else "link" if link else "credentials")
    _add_session(routes, service, link)
    _add_tasks(routes, service)
    documents_api.add(routes, service, {401: _NO_TOKEN, **_BUSY})
    plain_api.add(routes, service)
    templates_api.add(routes, service, {401: _NO_TOKEN, **_BUSY})
    return routes


def _add_service(routes: APIRouter, service: Service, sign_in: _SignIn) -> None:
    @routes.get("/service", summary="What the service offers", response_model=ServiceFacts)
    async def facts(request: Request) -> Response:
        """Needs no token; reveals nothing about clients or tasks."""
        service.access.count(request)
        settings = service.settings
        facts = ServiceFacts(
            version=version("whaleline"),
            sign_in=sign_in,
            languages=await to_thread.run_sync(_languages, settings),
            limits=Limits(body_bytes=settings.max_body_bytes, pixels=settings.max_pixels, regions=settings.max_regions),
            retention_seconds=settings.retention_seconds,
        )
        return _answer(facts)


def _languages(settings: Settings) -> list[LanguageFacts]:
    places = languages.folders(settings.tessdata)
    lacks = [(language.wire, languages.how_to_add(language, places)) for language in languages.languages()]
    return [LanguageFacts(name=name, installed=not lack, how_to_add=lack) for name, lack in lacks]


def _add_session(routes: APIRouter, service: Service, link: PageLink | None) -> None:
    @routes.post(
        "/session",
        summary="Get an access token by the page's link",
        response_model=schemas.Token,
        responses={
            403: schemas.problem("This is not the link of this service"),
            **_BUSY,
        },
        openapi_extra={"parameters": [schemas.header("Authorization", "Bearer the-secret-of-the-link")]},
    )
    async def session(request: Request) -> Response:
        """A token of 15 minutes for the client `local`.

        `Authorization: Bearer` brings the secret of the link that the service printed when it started. There is such a
        link only while the service listens on a loopback address.
        """
        service.access.count(request)
        service.access.check_site(request)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if link is None:
            raise Forbidden("Sign in with client id and secret: this service has no link for its page.")
        if scheme.lower() != "bearer" or not link.has(secret.strip()):
            raise Forbidden("This is not the link that the service printed when it started.")
        await to_thread.run_sync(clients.ensure, service.store, clients.LOCAL)
        token = service.tokens.issue(clients.LOCAL, SESSION_SECONDS)
        content = {"access_token": token, "expires_in": SESSION_SECONDS, "token_type": "Bearer"}
        return Response(orjson.dumps(content), 200, {"Cache-Control": "no-store"}, "application/json")


def _add_tasks(routes: APIRouter, service: Service) -> None:
    problems: dict[int | str, dict[str, Any]] = {401: _NO_TOKEN, **_BUSY}

    @routes.get(
        "/tasks",
        summary="List the client's tasks",
        response_model=TaskList,
        responses={
            400: schemas.problem("The limit is not a number, or out of range"),
            **problems,
        },
        openapi_extra={"security": [{"JWT": []}]},
    )
    async def listed(request: Request, limit: Annotated[int, Query(ge=1, le=_MOST_TASKS)] = _USUAL_TASKS) -> Response:
        """Tasks of this client from the last 24 hours, or for as long as the service keeps them; newest first."""
        client_id = service.access.client_of(request)

        def look() -> Response:
            if not service.settings.authentication:
                clients.ensure(service.store, client_id)
            found = service.tasks.recent(client_id, limit + 1)
            who, now = clients.name_of(service.store, client_id), service.tasks.now()
            tasks = [ListedTask(**_facts(task, now), client=who) for task in found[:limit]]
            return _answer(TaskList(tasks=tasks, more=len(found) > limit))

        return await to_thread.run_sync(look)

    @routes.get(
        "/tasks/{task_id}",
        summary="Get a task's settings and times",
        response_model=TaskDetails,
        responses={404: schemas.problem("The client has no such task"), **problems},
        openapi_extra={"security": [{"JWT": []}]},
    )
    async def details(request: Request, task_id: str) -> Response:
        """GET of the task type returns its results."""
        client_id = service.access.client_of(request)

        def look() -> Response:
            task = service.find(client_id, task_id)
            if task is None:
                raise NotFound("The client has no such task: it was never there, has been erased or has expired.")
            model = PERFORMED[task.operation].settings_model
            settings = model.model_validate_json(task.settings).model_dump(mode="json", by_alias=True)
            return _answer(TaskDetails(**_facts(task, service.tasks.now()), settings=settings))

        return await to_thread.run_sync(look)


def _facts(task: Task, now: float) -> dict[str, Any]:
    return {
        "id": task.id,
        "operation": task.operation,
        "task_status": task.told_status,
        "response_status_code": task.code,
        "age": max(0.0, round(now - task.created, 3)),
        "duration": None if task.finished is None else round(task.finished - task.created, 3),
        "attempts": task.attempts,
        "pages": None if task.parts is None else {"done": task.parts - (task.parts_open or 0), "all": task.parts},
        "messages": [] if task.is_open else list(task.messages),
    }


def _answer(model: _Model) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(model.model_dump_json(by_alias=True), 200, headers, "application/json")
