"""The names of the page's files, under which browsers keep them for good."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI

from whaleline.wire import page_files


def names() -> list[str]:
    app = FastAPI()
    app.include_router(page_files.router())

    async def page() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return (await client.get("/")).text

    return re.findall(r"/page/\w+/main\.js", asyncio.run(page()))


def test_files_have_other_names_under_another_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    before = names()
    assert len(before) == 1
    assert names() == before
    monkeypatch.setitem(page_files.HEADERS, "Content-Security-Policy", "default-src 'none'")
    assert names() != before
