"""What the web page needs beyond the protocol, under /api/: the service's facts, a local sign-in, a client's tasks."""

from __future__ import annotations

import ipaddress
from importlib.metadata import version
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from whaleline.errors import Forbidden, NotFound
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import ResponseStatusCode
from whaleline.recognition import languages
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import schemas
from whaleline.wire.routes import Service, address_of

SESSION_SECONDS = 900
"""How long a local session's token is valid; the page gets another one when it needs it."""

_MOST_TASKS = 1000
_USUAL_TASKS = 200

_FORWARDING = ("forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip")
"""Headers by which a proxy says that it speaks for somebody else, beside all that begin with x-forwarded."""


_BUSY: dict[int | str, dict[str, Any]] = {
    429: {"model": schemas.ProblemDetails, "description": "Too many requests within a minute"},
    503: {"model": schemas.ProblemDetails, "description": "The database cannot be reached at the moment"},
}


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class LanguageFacts(_Model):
    """A language of the protocol."""

    name: str = Field(examples=["German"])
    installed: bool
    how_to_add: str = Field(description="A sentence that says how, where it is not installed; else empty.")


class Limits(_Model):
    """What a request may hold at most."""

    body_bytes: int
    pixels: int
    regions: int


class ServiceFacts(_Model):
    """What the page shows of the service before anybody has signed in."""

    version: str
    sign_in: Literal["credentials", "local", "none"] = Field(
        description="What this caller needs: client id and secret; a local session; nothing at all."
    )
    languages: list[LanguageFacts]
    limits: Limits
    retention_seconds: int = Field(description="Seconds after submission for which a task is kept.")


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
    messages: list[str]


class TaskList(_Model):
    """A client's tasks, newest first."""

    tasks: list[TaskFacts]
    more: bool = Field(description="Whether there are older ones than those listed.")


class TaskDetails(TaskFacts):
    """A task with the settings that it was submitted with."""

    settings: dict[str, Any] = Field(description="As POST takes them; defaults are filled in.")


def router(service: Service) -> APIRouter:
    """The resources under /api/."""
    routes = APIRouter(prefix="/api", tags=["Whaleline's own"])
    _add_service(routes, service)
    _add_session(routes, service)
    _add_tasks(routes, service)
    return routes


def _add_service(routes: APIRouter, service: Service) -> None:
    @routes.get("/service", summary="What the service offers", response_model=ServiceFacts)
    async def facts(request: Request) -> Response:
        """Open to everybody; tells nothing about clients or tasks."""
        service.limits.count_address(address_of(request))
        settings = service.settings
        if not settings.authentication:
            sign_in: Literal["credentials", "local", "none"] = "none"
        else:
            # A GET of the same page carries no Origin.
            sign_in = "credentials" if _why_not_local(request, settings, with_origin=False) else "local"
        facts = ServiceFacts(
            version=version("whaleline"),
            sign_in=sign_in,
            languages=await service.threads.run(_languages, settings),
            limits=Limits(body_bytes=settings.max_body_bytes, pixels=settings.max_pixels, regions=settings.max_regions),
            retention_seconds=settings.retention_seconds,
        )
        return _answer(facts)


def _languages(settings: Settings) -> list[LanguageFacts]:
    places = languages.folders(settings.tessdata)
    lacks = [(language.wire, languages.how_to_add(language, places)) for language in languages.languages()]
    return [LanguageFacts(name=name, installed=not lack, how_to_add=lack) for name, lack in lacks]


def _add_session(routes: APIRouter, service: Service) -> None:
    @routes.post(
        "/session",
        summary="Get an access token for this machine's web page",
        response_model=schemas.Token,
        responses={
            403: {"model": schemas.ProblemDetails, "description": "Not this machine's own page; the message says why"},
            **_BUSY,
        },
    )
    async def session(request: Request) -> Response:
        """A token of 15 minutes for the client `local`, without id and secret.

        Only while the service listens on a loopback address and the setting local_page is on, and only for a request
        that comes over loopback, names a loopback host, was made by a page of that very host, and was not forwarded.
        """
        service.limits.count_address(address_of(request))
        settings = service.settings
        if settings.authentication and (reason := _why_not_local(request, settings)):
            raise Forbidden(f"Sign in with client id and secret: {reason}.")
        await service.threads.run(clients.ensure_local, service.store)
        token = service.tokens.issue(clients.LOCAL, SESSION_SECONDS)
        content = {"access_token": token, "expires_in": SESSION_SECONDS, "token_type": "Bearer"}
        return Response(orjson.dumps(content), 200, {"Cache-Control": "no-store"}, "application/json")


def _why_not_local(request: Request, settings: Settings, *, with_origin: bool = True) -> str:
    """Why a request is not taken for one of this machine's own page; empty where it is.

    The peer's address alone would not do. A page of the internet can send requests to 127.0.0.1 from this machine's
    browser (Origin tells), even under a name of its own that it lets resolve to 127.0.0.1 (Host tells), and a proxy
    on this machine brings strangers over loopback (its headers tell, or the HTTP/1.0 that it speaks).
    """
    headers = request.headers
    host = headers.get("host", "")
    reasons = {
        "it is switched off by the setting local_page": not settings.local_page,
        "the service does not listen on a loopback address": not _is_loopback(settings.host),
        "the request was forwarded by a proxy": request.scope["http_version"] == "1.0"
        or any(name in _FORWARDING or name.startswith("x-forwarded") for name in headers),
        "the request does not come from this machine": not (request.client and _is_loopback(request.client.host)),
        "the page was not opened by a loopback address": not _is_loopback(_hostname(host)),
        "the request was not made by this page": (with_origin or "origin" in headers)
        and headers.get("origin") != f"{request.scope['scheme']}://{host}",
        "the request was made by another site": headers.get("sec-fetch-site", "same-origin")
        not in ("same-origin", "none"),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _hostname(host: str) -> str:
    """The name in a Host header, without its port; empty where it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _add_tasks(routes: APIRouter, service: Service) -> None:
    problems: dict[int | str, dict[str, Any]] = {
        401: {"model": schemas.ProblemDetails, "description": "No access token, or one that is not valid"},
        **_BUSY,
    }

    @routes.get(
        "/tasks",
        summary="List the client's tasks",
        response_model=TaskList,
        responses={
            400: {"model": schemas.ProblemDetails, "description": "The limit is no number, or out of range"},
            **problems,
        },
        openapi_extra={"security": [{"JWT": []}]},
    )
    async def listed(request: Request, limit: Annotated[int, Query(ge=1, le=_MOST_TASKS)] = _USUAL_TASKS) -> Response:
        """Those of the last 24 hours, or as long as the service keeps tasks; newest first, never another client's."""
        client_id = service.client_of(request)
        found = await service.threads.run(service.tasks.recent, client_id, limit + 1)
        now = service.tasks.now()
        return _answer(
            TaskList(tasks=[TaskFacts(**_facts(task, now)) for task in found[:limit]], more=len(found) > limit)
        )

    @routes.get(
        "/tasks/{task_id}",
        summary="Get a task's settings and times",
        response_model=TaskDetails,
        responses={404: {"model": schemas.ProblemDetails, "description": "The client has no such task"}, **problems},
        openapi_extra={"security": [{"JWT": []}]},
    )
    async def details(request: Request, task_id: str) -> Response:
        """Its results come from the operation's own GET."""
        client_id = service.client_of(request)
        task = await service.threads.run(service.tasks.find, client_id, task_id)
        if task is None:
            raise NotFound("The client has no such task: it was never there, has been erased or has expired.")
        model = OPERATIONS[task.operation].settings_model
        settings = model.model_validate_json(task.settings).model_dump(mode="json", by_alias=True)
        return _answer(TaskDetails(**_facts(task, service.tasks.now()), settings=settings))


def _facts(task: Task, now: float) -> dict[str, Any]:
    return {
        "id": task.id,
        "operation": task.operation,
        "task_status": task.status,
        "response_status_code": task.code,
        "age": max(0.0, round(now - task.created, 3)),
        "duration": None if task.finished is None else round(task.finished - task.created, 3),
        "attempts": task.attempts,
        "messages": [] if task.is_open else list(task.messages),
    }


def _answer(model: _Model) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(model.model_dump_json(by_alias=True), 200, headers, "application/json")
