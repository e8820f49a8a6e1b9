"""The protocol's answers as models, for the API's documentation; what is sent is written by the tasks themselves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from whaleline.documents.formats import NAMES
from whaleline.operations import OPERATIONS, PERFORMED
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.task import TaskStatus

EXAMPLE_IMAGE = (
    # A PNG of 160 x 40 pixels that says: Ishmael
    "iVBORw0KGgoAAAANSUhEUgAAAKAAAAAoAQAAAABRV8w1AAAAvklEQVR42t2SMQrCQBBF364WVrL2QoK3UESDJ/EI8QTZeC7RKILeQoP2amcRMx"
    "YhcYNgZ6FbDZ+384ZhlPD+NP8YSvCJfNgyPH/Dntqb7czsmnmVyikZ+Z7xx0RkkYiIiIbd8ULePnRXQ/v63rqaUKX08kniiCwYA1nsiO6hD6ik"
    "Zh8U1QblhF6xj6BGdo8AMkIcUeMKkNdJvxyv6qAhLKq8GbkjFeSCpUP2DYDe661NXj2nAEqruNyj+pH7fAJ24Tdmq2s5jAAAAABJRU5ErkJggg"
    "=="
)
EXAMPLE_ID = "9b2f9a1e-7c1b-4b6e-9f7b-0d6c1b1d3c55"
_EXAMPLE_PROBLEM = f"image: HTML is not supported; send {NAMES}"
_EXAMPLE_RESULT: dict[str, Any] = {"type": "Text", "data": "SXNobWFlbA=="}  # what is read in the example's image

TASK_ID: dict[str, Any] = {
    "description": "The task's id",
    "content": {"text/plain": {"schema": {"type": "string"}, "example": EXAMPLE_ID}},
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "OCRResult": _EXAMPLE_RESULT,
    "OCRResponse": {
        "id": EXAMPLE_ID,
        "responseStatusCode": "Ok",
        "taskStatus": "Completed",
        "results": [_EXAMPLE_RESULT],
        "error": None,
    },
    "ProblemDetails": {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": _EXAMPLE_PROBLEM,
        "instance": None,
        "errors": {"image": [_EXAMPLE_PROBLEM]},
    },
    "TokenError": {"error": "invalid_client", "error_description": "The client id and secret do not match."},
    "Token": {"access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOi...", "expires_in": 3600, "token_type": "Bearer"},
}
"""By schema; put into the document when it is whole, since FastAPI drops every null from what a model says."""


class Facts(BaseModel):
    """What the service's own resources answer."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class OCRResult(BaseModel):
    """One file: a region's result, or one part of it for a combined type."""

    type: str
    data: str = Field(description="Base64")


class OCRError(BaseModel):
    """Why a task failed, or what was not fatal; both lists hold the same sentences where the task has Completed."""

    messages: list[str]
    warnings: list[str]


class OCRResponse(BaseModel):
    """A task, and its results once it is Completed."""

    id: str
    response_status_code: ResponseStatusCode = Field(alias="responseStatusCode")
    task_status: TaskStatus = Field(alias="taskStatus")
    results: list[OCRResult] | None
    error: OCRError | None


class ProblemDetails(BaseModel):
    """What is wrong with a request (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None
    errors: dict[str, list[str]] = Field(default={}, description="The messages by field, if a field is wrong.")


class TokenError(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    error: str
    error_description: str


class Token(BaseModel):
    """An access token."""

    access_token: str = Field(description="A JWT")
    expires_in: int = Field(description="Seconds for which it is valid")
    token_type: str


def problem(description: str) -> dict[str, Any]:
    """The OpenAPI description of an answer with ProblemDetails.

    FastAPI would have one made of the model, too, but anew for each answer of each resource: half a service's start.
    """
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def body(schema: dict[str, Any], media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """The OpenAPI description of a request's body, as `openapi_extra`."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema, **more}}}}


def task_body(name: str) -> dict[str, Any]:
    """The OpenAPI description of a task type's POST body."""
    model = OPERATIONS[name].settings_model
    known: dict[str, Any] = {
        "language": "English",
        "regions": [{"rect": {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 160, "bottomRightY": 40}, "order": 1}],
        "resultType": "Text",
    }
    aliases = {field.alias for field in model.model_fields.values()}
    example = {
        "image": EXAMPLE_IMAGE,
        "settings": {key: value for key, value in known.items() if key in aliases},
    }
    settings = model.__name__
    schema = {
        "type": "object",
        "oneOf": [{"required": ["image"]}, {"required": ["document"]}],
        "properties": {
            "image": {"type": "string", "format": "byte", "description": "The image file in Base64"},
            "document": {"type": "string", "description": "Instead, the id of a document that /api/documents keeps"},
            "settings": {"$ref": f"#/components/schemas/{settings}"},
        },
    }
    return body(schema, example=example)


def document_body() -> dict[str, Any]:
    """The OpenAPI description of the body that brings a document."""
    file = {"type": "string", "format": "byte", "description": "The file in Base64"}
    schema = {"type": "object", "required": ["file"], "properties": {"file": file}}
    return body(schema, example={"file": EXAMPLE_IMAGE})


def components() -> dict[str, Any]:
    """The OpenAPI component schemas that are referred to by name: of ProblemDetails, and all task types' settings."""
    models: list[type[BaseModel]] = [ProblemDetails, *(operation.settings_model for operation in PERFORMED.values())]
    _, schemas = models_json_schema(
        [(model, "validation") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    definitions: dict[str, Any] = schemas["$defs"]
    return definitions
