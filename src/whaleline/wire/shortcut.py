"""The protocol's resources, reached by method and path alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from whaleline.wire import problems


class Shortcut:
    """Calls the endpoint of a request itself where it takes the request and, at most, an id.

    FastAPI describes these resources, and tells what is wrong where a method is not theirs or the id is not given. Its
    middlewares, router and dependencies have nothing to do for the others; the way through them took a tenth of all
    that the API does for a task.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._endpoints = {
            (method, route.path): (route.endpoint, bool(route.dependant.query_params))
            for route in routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        found = self._endpoints.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        endpoint, takes_id = found
        request = Request(scope, receive, send)
        arguments: list[Any] = [request]
        if takes_id:
            if (task_id := request.query_params.get("id")) is None:
                await self._app(scope, receive, send)
                return
            arguments.append(task_id)
        try:
            response = await endpoint(*arguments)
        except ClientDisconnect:
            return
        except Exception as error:
            response = await problems.respond(request, error)
        await response(scope, receive, send)
