"""What every request gets: an id, a log line, a count, and security headers."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whaleline import tracing

_log = structlog.get_logger()

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/healthz", "/readyz", "/metrics")

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "",  # else Granian would name itself
}
"""Set where an answer does not say otherwise itself."""

_RAW_SECURITY = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in SECURITY.items()]


class RequestRecorder:
    """Numbers the requests, logs each when it is answered, and sets the security headers.

    An X-Request-Id that the request brings along is kept if it is short and plain. The line tells the route's path
    only, since a query string holds task ids, which are secrets of a kind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = Headers(scope=scope).get("x-request-id", "")
        request_id = brought if _ID.fullmatch(brought) else uuid.uuid4().hex
        start, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = {name for name, _ in message["headers"]}
                more = [pair for pair in _RAW_SECURITY if pair[0] not in said]
                message["headers"] = [*message["headers"], *more, (b"x-request-id", request_id.encode("ascii"))]
            await send(message)

        structlog.contextvars.bind_contextvars(request=request_id)  # in a context that ends with this request's task
        with tracing.span("request", method=scope["method"], path=scope["path"]):
            try:
                await self._app(scope, receive, send_on)
            except Exception:  # Starlette raises it again when the handler of faults has logged and answered it
                if not status:
                    raise
            finally:
                if scope["path"] not in _QUIET:
                    milliseconds = round(1000 * (time.perf_counter() - start), 1)
                    # A request that was taken in as a task says so here.
                    ids = {"task": task} if (task := scope.get("state", {}).get("task")) else {}
                    _log.info(
                        "request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds, **ids
                    )
