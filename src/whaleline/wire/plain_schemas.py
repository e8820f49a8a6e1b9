"""The API documentation of /api/read."""

from __future__ import annotations

from typing import Any, Final

from whaleline.operations.read import ReadSettings
from whaleline.wire import schemas

_ID: Final = schemas.EXAMPLE_ID
_BOX: Final = {"left": 310, "top": 120, "right": 520, "bottom": 150}
_EXAMPLE: Final = {
    "id": _ID,
    "pages": [{"page": 1, "width": 1654, "height": 2339, "dpi": 200.0}],
    "fields": [
        {
            "name": "date of birth",
            "page": 1,
            "kind": "date",
            "text": "03/04/2026",
            "value": "2026-03-04",
            "other": "2026-04-03",
            "confidence": 98.1,
            "valid": True,
            "reasons": ["it may also be 2026-04-03: that the month comes first is a guess"],
            "words": [],
            **_BOX,
        }
    ],
    "messages": [],
}
_TABLE: Final = {"schema": {"type": "string"}}
ANSWER: Final[dict[str, Any]] = {
    "description": "What was read",
    "content": {
        "application/json": {"schema": {"type": "object"}, "example": _EXAMPLE},
        "text/csv": _TABLE,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
            "schema": {"type": "string", "format": "binary"}
        },
    },
}
LATER: Final[dict[str, Any]] = {
    "description": "It is not read yet; the Location has the answer later",
    "content": {
        "application/json": {
            "schema": {"type": "object"},
            "example": {"id": _ID, "status": "reading", "location": f"/api/read/{_ID}"},
        }
    },
}
FAILED: Final[dict[str, Any]] = schemas.problem(
    "The file cannot be read, or the idempotency key was used for another request"
)


def request_body() -> dict[str, Any]:
    """The body of POST in both its forms."""
    settings: dict[str, Any] = {"$ref": f"#/components/schemas/{ReadSettings.__name__}"}
    region = {"name": "date of birth", "kind": "date", **_BOX}

    def body(file: dict[str, Any]) -> dict[str, Any]:
        own = {"type": "object", "required": ["file"], "properties": {"file": file}}
        return {"allOf": [own, settings]}

    content = {
        "multipart/form-data": {
            "schema": body({"type": "string", "format": "binary", "description": "The file"}),
            "encoding": {"regions": {"contentType": "application/json"}},
        },
        "application/json": {
            "schema": body({"type": "string", "format": "byte", "description": "The file in Base64"}),
            "example": {"file": schemas.EXAMPLE_IMAGE, "language": "English", "regions": [region]},
        },
    }
    return {"required": True, "content": content}
