"""The ASGI application: routes, health, documentation, and the life of the service around them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline
from starlette.routing import Route
from starlette.types import ASGIApp

from whaleline.settings import Settings
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.wire import health, own_api, page_files, problems, routes, schemas
from whaleline.wire.body import Bodies
from whaleline.wire.holds import Holds
from whaleline.wire.limits import RateLimits
from whaleline.wire.paths import CanonicalPaths
from whaleline.wire.requests import RequestRecorder
from whaleline.wire.routes import Service
from whaleline.wire.shortcut import Shortcut
from whaleline.wire.threads import Threads
from whaleline.wire.tokens import Tokens

_THREADS = 40
"""Requests that wait for database, blob store or broker at a time; others wait for them."""

_DESCRIPTION = """\
Reads regions of images: post an image with rectangles, get a task id, fetch one Base64 result for each rectangle.

The protocol is that of Aspose.OCR Cloud v5.0, so that its client libraries work against this service by changing the
host. Whaleline is independent of its maker and not affiliated with it.
"""


def create_app(settings: Settings, store: Store, tasks: Tasks, tokens: Tokens) -> tuple[ASGIApp, Holds]:
    """The application, and its held requests, which are to be closed before it is shut down.

    Starting it up starts the workers; shutting it down lets running tasks finish within their bound.
    """
    threads = Threads(_THREADS)
    holds = Holds(threads, tasks.find_all, settings.max_holds, tasks.ends)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with contextlib.closing(threads):
            async with holds.running():
                await threads.run(tasks.start, holds.expect, holds.wake)
                yield
                await threads.run(tasks.stop)

    app = FastAPIOffline(
        title="Whaleline",
        version=version("whaleline"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
    )
    service = Service(settings, store, tasks, tokens, threads, holds, Bodies(settings), RateLimits(settings))
    protocol = routes.router(service)
    for router in (protocol, health.router(tasks, threads), own_api.router(service), page_files.router()):
        # Not by include_router, whose routers each look for their route twice.
        app.router.routes.extend(router.routes)
    methods: dict[str, list[str]] = {}
    for route in app.routes:
        if isinstance(route, Route):
            methods.setdefault(route.path, []).extend(route.methods or ())
    problems.install(app, methods)
    # FastAPI's documented way to extend the document:
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    # The page stands at the root alone, not at every spelling of the base without a resource.
    shortcut = Shortcut(app, protocol.routes)
    return RequestRecorder(CanonicalPaths(shortcut, methods.keys() - {"/"})), holds


def _drop_422(document: dict[str, Any]) -> None:
    """Take out the answer that FastAPI adds wherever there is a parameter; here that is 400 with ProblemDetails."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document.get("components", {}).get("schemas", {}).pop(name, None)


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _drop_422(document)
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas.settings_schemas())
        for name, example in schemas.EXAMPLES.items():
            components["schemas"][name]["examples"] = [example]
        components["securitySchemes"] = {
            "JWT": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": routes.TOKEN_PATH, "scopes": {}}},
            }
        }
        app.openapi_schema = document
    return app.openapi_schema
