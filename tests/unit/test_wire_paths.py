"""wire/paths.py by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from whaleline.wire.paths import CanonicalPaths

ROUTES = ("/v5.0/ocr/RecognizeRegions", "/v5.0/ocr/Utilities/GetTaskStatus", "/connect/token", "/healthz")


def routed(path: str, kind: str = "http", query: bytes = b"") -> dict[str, Any]:
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = {"type": kind, "path": path, "raw_path": path.encode(), "query_string": query, "method": "GET"}
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


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (b"", b""),
        (b"id=aB", b"id=aB"),
        (b"ID=aB&Limit=2", b"id=aB&limit=2"),
        (b"Id=a=B&ID&=C&&iD=%49D", b"id=a=B&id&=C&&id=%49D"),
    ],
)
def test_names_in_the_query_of_a_known_path_are_in_lower_case(query: bytes, names: bytes) -> None:
    for path in (ROUTES[0], ROUTES[0].upper()):
        assert routed(path, query=query)["query_string"] == names
    assert routed("/elsewhere", query=query)["query_string"] == query


def test_only_http_is_touched() -> None:
    assert routed("/HEALTHZ", "websocket")["path"] == "/HEALTHZ"
