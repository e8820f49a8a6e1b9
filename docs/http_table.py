"""Writes docs/http.md from the OpenAPI document: `make docs`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import httpx

from whaleline.operations import OPERATIONS
from whaleline.settings import Settings
from whaleline.tasks.blobs import Blobs
from whaleline.tasks.dispatch.pool import LocalPool
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.wire.app import App
from whaleline.wire.keys import KeyRing
from whaleline.wire.paths import BASE
from whaleline.wire.tokens import Tokens

FILE = Path(__file__).with_name("http.md")

_HEAD = """\
# HTTP

Every resource of the service, with the statuses that it answers. A running service has the details at `/docs`, and an
OpenAPI document at `/openapi.json`. [Errors](errors.md) explains the statuses.

Send an access token from `/connect/token`, or an API key, as `Authorization: Bearer ...`. The resources under
`/v5.0/ocr` are those of the protocol; [migrating](migrating.md) shows how the official clients use them. Those under
`/api` are Whaleline's own; start with [the plain API](plain-api.md).
"""
_GROUPS = (
    ("The protocol", lambda path: path.startswith("/v5.0/") or path == "/connect/token"),
    ("Whaleline's own API", lambda path: path.startswith("/api/")),
    ("For operators", lambda path: not path.startswith(("/v5.0/", "/api/", "/connect/"))),
)


def page() -> str:
    """The whole page."""
    paths = asyncio.run(_document())["paths"]
    text = _HEAD
    for title, is_in in _GROUPS:
        rows = [
            f"| {method.upper()} `{_common(path, method)}` | {operation['summary']} |"
            f" {', '.join(sorted(operation['responses']))} |\n"
            for path, methods in paths.items()
            if is_in(path)
            for method, operation in methods.items()
        ]
        text += f"\n## {title}\n\n| Request | What it does | Statuses |\n|---|---|---|\n" + "".join(dict.fromkeys(rows))
    return text


def _common(path: str, method: str) -> str:
    """The path; with the name of a task type left open where all of them are the same."""
    return f"{BASE}/{{type}}" if method != "post" and path.removeprefix(f"{BASE}/") in OPERATIONS else path


async def _document() -> Any:
    """What a service answers at /openapi.json; none is started for it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        store = Store(settings.database_url)
        tasks = Tasks(settings, store, Blobs(settings.blobs_url), LocalPool(settings))
        app = App(settings, store, tasks, Tokens(KeyRing(None, settings.data)), link=None, connections=2)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            answer = await client.get("/openapi.json")
        store.close()
    return answer.raise_for_status().json()


if __name__ == "__main__":
    FILE.write_text(page())
