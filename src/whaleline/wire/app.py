"""The ASGI application: routes, health, documentation, and the start and end of what they need."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from whaleline.settings import Settings
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.wire import (
    documents_api,
    health,
    image_files,
    own_api,
    page_files,
    plain_api,
    problems,
    routes,
    schemas,
    templates_api,
    token_route,
)
from whaleline.wire.access import Access
from whaleline.wire.holds import Holds
from whaleline.wire.limits import RateLimits
from whaleline.wire.page_link import PageLink
from whaleline.wire.paths import CanonicalPaths
from whaleline.wire.requests import RequestRecorder
from whaleline.wire.service import Service
from whaleline.wire.tokens import Tokens
from whaleline.wire.uploads import Bodies, Lingering

_DESCRIPTION = """\
Reads regions of images: post an image with rectangles, get a task id, fetch one Base64 result for each rectangle.

The protocol is that of Aspose.OCR Cloud v5.0, so that its client libraries work against this service by changing the
host. Whaleline is independent of its maker and not affiliated with it.
"""


class App:
    """The application (ASGI), and the start and end of what it needs."""

    def __init__(
        self, settings: Settings, store: Store, tasks: Tasks, tokens: Tokens, *, link: PageLink | None, connections: int
    ) -> None:
        """Make it, for as many connections at a time at most; half of them may be held."""
        self._tasks = tasks
        self._holds = Holds(connections // 2)
        limits, bodies = RateLimits(settings), Bodies(settings)
        access = Access(settings, store, tokens, limits)
        fastapi = FastAPIOffline(
            title="Whaleline",
            version=version("whaleline"),
            description=_DESCRIPTION,
            redoc_url=None,
            redirect_slashes=False,
        )
        fastapi.state.service = Service(settings, store, tasks, tokens, self._holds, bodies, limits, access, link)
        methods: dict[str, list[str]] = {}
        for router in (
            fastapi.router,
            token_route.router,
            routes.router(settings),
            image_files.router,
            health.router,
            own_api.router,
            documents_api.router,
            plain_api.router,
            templates_api.router,
            page_files.router(),
        ):
            for route in router.routes:
                if isinstance(route, Route):
                    methods.setdefault(route.path, []).extend(route.methods or ())
            if router is not fastapi.router:  # which has the documentation
                fastapi.include_router(router)
        problems.install(fastapi, methods)
        # FastAPI's documented way to extend the document:
        fastapi.openapi = lambda: _document(fastapi)  # type: ignore[method-assign]
        # The page stands at the root alone, not at every spelling of the base without a resource.
        self._app = Lingering(RequestRecorder(CanonicalPaths(fastapi, methods.keys() - {"/"})), bodies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the workers; at the end, let running tasks finish within their time."""
        await to_thread.run_sync(self._tasks.start, self._holds.wake)
        yield
        await to_thread.run_sync(self._tasks.stop)

    def let_go(self) -> None:
        """Answer all requests that are held now, and hold no more."""
        self._holds.close()


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
        components.setdefault("schemas", {}).update(schemas.components())
        for name, example in schemas.EXAMPLES.items():
            components["schemas"][name]["examples"] = [example]
        app.openapi_schema = document
    return app.openapi_schema
