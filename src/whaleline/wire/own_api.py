"""What the web page needs beyond the protocol, under /api/: the service's facts, a local sign-in, a client's tasks."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field

from whaleline.errors import Forbidden, NotFound
from whaleline.operations import PERFORMED
from whaleline.operations.operation import ResponseStatusCode
from whaleline.recognition import languages
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire import schemas
from whaleline.wire.parameters import COUNTED, Client, Shared
from whaleline.wire.service import USUAL, Service, problems_of

SESSION_SECONDS = 900
"""How long a local session's token is valid; the page gets another one when it needs it."""

_MOST_TASKS = 1000
_USUAL_TASKS = 200

_SignIn = Literal["credentials", "link", "none"]


class LanguageFacts(schemas.Facts):
    """A language of the protocol."""

    name: str = Field(examples=["German"])
    installed: bool
    how_to_add: str = Field(description="How to install it; empty if it is installed.")


class Limits(schemas.Facts):
    """What a request may hold at most."""

    body_bytes: int
    pixels: int
    regions: int


class ServiceFacts(schemas.Facts):
    """What the page shows of the service before anybody has signed in."""

    version: str
    sign_in: _SignIn = Field(
        description="What reading takes: client id and secret; these, or the link that the service printed when it"
        " started; nothing at all."
    )
    languages: list[LanguageFacts]
    limits: Limits
    retention_seconds: int = Field(description="Seconds after submission for which a task is kept.")


class PagesFacts(schemas.Facts):
    """The progress of a document."""

    done: int = Field(description="Pages that are finished.", examples=[17])
    all: int = Field(description="Pages to read.", examples=[100])


class TaskFacts(schemas.Facts):
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


class TaskList(schemas.Facts):
    """A client's tasks, newest first."""

    tasks: list[ListedTask]
    more: bool = Field(description="Whether there are older tasks than these.")


class TaskDetails(TaskFacts):
    """A task with the settings that it was submitted with."""

    settings: dict[str, Any] = Field(description="As POST accepts them, with defaults filled in.")


router = APIRouter(prefix="/api", tags=["Whaleline's own"], responses=problems_of(429, 503))


@router.get("/service", summary="What the service offers", dependencies=[COUNTED])
def service_facts(service: Shared) -> ServiceFacts:
    """Needs no token; reveals nothing about clients or tasks."""
    settings = service.settings
    return ServiceFacts(
        version=version("whaleline"),
        sign_in=_sign_in(service),
        languages=_languages(settings),
        limits=Limits(body_bytes=settings.max_body_bytes, pixels=settings.max_pixels, regions=settings.max_regions),
        retention_seconds=settings.retention_seconds,
    )


def _sign_in(service: Service) -> _SignIn:
    if not service.settings.authentication:
        return "none"
    return "link" if service.link else "credentials"


def _languages(settings: Settings) -> list[LanguageFacts]:
    places = languages.folders(settings.tessdata)
    lacks = [(language.wire, languages.how_to_add(language, places)) for language in languages.languages()]
    return [LanguageFacts(name=name, installed=not lack, how_to_add=lack) for name, lack in lacks]


@router.post(
    "/session",
    summary="Get an access token by the page's link",
    responses=problems_of(others={403: "This is not the link of this service"}),
    dependencies=[COUNTED],
)
def session(
    request: Request,
    service: Shared,
    authorization: Annotated[str, Header(alias="Authorization", examples=["Bearer the-secret-of-the-link"])] = "",
) -> schemas.Token:
    """A token of 15 minutes for the client `local`.

    `Authorization: Bearer` brings the secret of the link that the service printed when it started. There is such a link
    only while the service listens on a loopback address.
    """
    service.access.check_site(request)
    scheme, _, secret = authorization.partition(" ")
    if service.link is None:
        raise Forbidden("Sign in with client id and secret: this service has no link for its page.")
    if scheme.lower() != "bearer" or not service.link.has(secret.strip()):
        raise Forbidden("This is not the link that the service printed when it started.")
    clients.ensure(service.store, clients.LOCAL)
    token = service.tokens.issue(clients.LOCAL, SESSION_SECONDS)
    return schemas.Token(access_token=token, expires_in=SESSION_SECONDS, token_type="Bearer")  # noqa: S106 - no secret


@router.get(
    "/tasks",
    summary="List the client's tasks",
    responses=problems_of(401, others={400: "The limit is not a number, or out of range"}),
)
def tasks(caller: Client, limit: Annotated[int, Query(ge=1, le=_MOST_TASKS)] = _USUAL_TASKS) -> TaskList:
    """Tasks of this client from the last 24 hours, or for as long as the service keeps them; newest first."""
    caller.ensure()
    service = caller.service
    found = service.tasks.recent(caller.client_id, limit + 1)
    who, now = clients.name_of(service.store, caller.client_id), service.tasks.now()
    return TaskList(
        tasks=[ListedTask(**_facts(task, now), client=who) for task in found[:limit]], more=len(found) > limit
    )


@router.get(
    "/tasks/{task_id}",
    summary="Get a task's settings and times",
    responses=problems_of(*USUAL, others={404: "The client has no such task"}),
)
def task_details(caller: Client, task_id: str) -> TaskDetails:
    """GET of the task type returns its results."""
    task = caller.find(task_id)
    if task is None:
        raise NotFound("The client has no such task: it was never there, has been erased or has expired.")
    settings = PERFORMED[task.operation].settings_model.model_validate_json(task.settings)
    return TaskDetails(
        **_facts(task, caller.service.tasks.now()), settings=settings.model_dump(mode="json", by_alias=True)
    )


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
