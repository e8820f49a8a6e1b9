"""The many spellings of a path and its query that clients use, and the one that the routes know."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

BASE = "/v5.0/ocr"
"""Where the protocol's resources stand."""

_PREFIX = re.compile(r"^(?:/(?:v5(?:\.[01])?|ocr)(?=/|$))+", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")


class CanonicalPaths:
    """Changes a path to the spelling of its route before it is routed.

    Case does not matter, nor do doubled and final slashes. Any run of version and `ocr` segments stands for the
    base: the .NET client leaves `/ocr` out, the Java client doubles the prefix or drops it, by how it is set up. Nor
    does case matter in the names of a query's parameters, as with ASP.NET, whose ProblemDetails the protocol has.
    """

    def __init__(self, app: ASGIApp, paths: Iterable[str]) -> None:
        self._app = app
        self._routes = {_folded(path): path for path in paths}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its path as the route spells it."""
        if scope["type"] == "http":
            path = self._routes.get(_folded(scope["path"]))
            query = scope["query_string"]
            if path is not None and (path != scope["path"] or query != query.lower()):
                scope = {**scope, "path": path, "raw_path": path.encode(), "query_string": _with_folded_names(query)}
        await self._app(scope, receive, send)


def _folded(path: str) -> str:
    return _PREFIX.sub("", _SLASHES.sub("/", path)).rstrip("/").lower()


def _with_folded_names(query: bytes) -> bytes:
    pairs = (pair.partition(b"=") for pair in query.split(b"&"))
    return b"&".join(name.lower() + equals + value for name, equals, value in pairs)
