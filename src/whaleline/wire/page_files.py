"""The web page: static files of this package, served under a strict policy.

The page names its files under the digest of all of them and of their headers, so a browser keeps them and never asks
for them again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}

HEADERS = {
    # Nothing inline, nothing from elsewhere, no form that could send a secret as a query. Pictures are blobs.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ASK = "no-cache"  # the browser may keep it, and asks each time whether it has changed
_KEEP = "max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str


def router() -> APIRouter:
    """`/`, and the files that it needs under `/page/` and their digest.

    Under another digest, which another version of Whaleline behind the same address may have named, there is the file
    as it is here.
    """
    routes = APIRouter(include_in_schema=False)
    held = _load()
    kept = [*HEADERS.values(), *(held[name].etag for name in sorted(held))]  # with the policy: a browser keeps it, too
    digest = hashlib.sha256("".join(kept).encode()).hexdigest()[:16]
    page = _file(held.pop("index.html").content.replace(b'"/page/', f'"/page/{digest}/'.encode()), _TYPES["html"])

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def index(request: Request) -> Response:
        return _send(request, page, _ASK)

    @routes.api_route("/page/{version}/{name}", methods=["GET", "HEAD"])
    async def file(request: Request, version: str, name: str) -> Response:
        if name not in held:
            raise HTTPException(404)
        return _send(request, held[name], _KEEP if version == digest else _ASK)

    return routes


def _load() -> dict[str, _File]:
    held = {}
    for entry in files(__package__).joinpath("page").iterdir():
        media_type = _TYPES.get(entry.name.rpartition(".")[2])
        if media_type is not None:
            held[entry.name] = _file(entry.read_bytes(), media_type)
    return held


def _file(content: bytes, media_type: str) -> _File:
    return _File(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _send(request: Request, file: _File, caching: str) -> Response:
    headers = {**HEADERS, "Cache-Control": caching, "ETag": file.etag}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(file.content, 200, headers, file.media_type)
