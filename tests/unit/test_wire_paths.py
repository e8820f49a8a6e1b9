"""wire/paths.py by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from whaleline.wire.paths import CanonicalPaths

ROUTES = ("/v5.0/ocr/RecognizeRegions", "/v5.0/ocr/Utilities/GetTaskStatus", "/connect/token", "/healthz")


def routed(path: str, kind: str = "http") -> dict[str, Any]:
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = {"type": kind, "path": path, "raw_path": path.encode(), "method": "GET"}
    asyncio.run(CanonicalPaths(app, ROUTES)(scope, None, None))  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v5.0/ocr/recognizeregions", ROUTES[0]),
        ("/V5/OCR/v5.1/ocr//RECOGNIZEREGIONS//", ROUTES[0]),
        ("/ocr/ocr/RecognizeRegions", ROUTES[0]),
        ("/utilities/GETTASKSTATUS", ROUTES[1]),
        ("/Connect/Token/", ROUTES[2]),
        ("/HealthZ", ROUTES[3]),
    ],
)
def test_a_known_path_is_spelled_as_its_route(path: str, route: str) -> None:
    scope = routed(path)
    assert (scope["path"], scope["raw_path"]) == (route, route.encode())


@pytest.mark.parametrize(
    "path", ["/", "", "/v5.2/ocr/RecognizeRegions", "/v50/RecognizeRegions", "/ocrRecognizeRegions", "/v5.0/ocr", "/é"]
)
def test_an_unknown_path_is_left_as_it_is(path: str) -> None:
    assert routed(path)["path"] == path


def test_only_http_is_touched() -> None:
    assert routed("/HEALTHZ", "websocket")["path"] == "/HEALTHZ"
