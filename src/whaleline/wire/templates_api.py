"""Templates of forms, under /api/templates: stored for a client by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from whaleline.documents import formats
from whaleline.errors import InvalidRequest, NotFound
from whaleline.forms.template import Template, schema
from whaleline.operations.read_form import checked
from whaleline.operations.schema import parse
from whaleline.tasks import clients
from whaleline.tasks.sql import StoredTemplate
from whaleline.wire import body, schemas
from whaleline.wire.service import Service
from whaleline.wording import quoted

_PATH = "/templates"
_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class TemplateFacts(_Model):
    """A template as the list shows it."""

    name: str = Field(examples=["id-card"])
    version: int = Field(description="Raised by one with each PUT.", examples=[1])
    fields: int = Field(description="Number of fields.", examples=[12])
    created: float = Field(description="When this version was made, in seconds since the epoch.")


class TemplateList(_Model):
    """A client's templates, by name."""

    templates: list[TemplateFacts]


def add(routes: APIRouter, service: Service, problems: dict[int | str, dict[str, Any]]) -> None:
    """Add the resources under /api/templates; `problems` are the answers that all of them may have."""
    unknown: dict[int | str, dict[str, Any]] = {404: schemas.problem("The client has no such template")}
    changed: dict[int | str, dict[str, Any]] = {412: schemas.problem("It is not the version that If-Match expects")}
    expectation = schemas.header("If-Match", '"1"')
    secured: dict[str, Any] = {"security": [{"JWT": []}]}

    @routes.get(f"{_PATH}/schema", summary="The JSON schema of a template", response_class=Response)
    async def described(request: Request) -> Response:
        """The schema of what PUT accepts and GET returns."""
        service.access.count(request)
        return Response(orjson.dumps(schema()), media_type="application/schema+json")

    @routes.get(
        _PATH,
        summary="List the client's templates",
        response_model=TemplateList,
        responses=problems,
        openapi_extra=secured,
    )
    async def listed(request: Request) -> Response:
        """By name, without their pictures."""
        client_id = service.access.client_of(request)
        found = await to_thread.run_sync(service.tasks.templates.listed, client_id)
        return _answer(TemplateList(templates=[_facts(each) for each in found]))

    @routes.get(
        f"{_PATH}/{{name}}",
        summary="Get a template",
        response_model=Template,
        responses={**unknown, **problems},
        openapi_extra=secured,
    )
    async def get(request: Request, name: str) -> Response:
        """With its pictures. The header ETag has its version."""
        client_id = service.access.client_of(request)
        found = await to_thread.run_sync(_whole, service, client_id, name)
        if found is None:
            raise NotFound(f"The client has no template {quoted(name)}.")
        version, content = found
        headers = {"Cache-Control": "no-store", "ETag": f'"{version}"'}
        return Response(content, 200, headers, "application/json")

    @routes.put(
        f"{_PATH}/{{name}}",
        summary="Keep a template",
        response_model=TemplateFacts,
        responses={
            201: {"model": TemplateFacts, "description": "It is new"},
            400: schemas.problem("A field is wrong; the message names it"),
            408: schemas.problem("The body did not arrive in time"),
            413: schemas.problem("The body is larger than the limit"),
            415: schemas.problem("The body is not JSON"),
            **changed,
            **problems,
        },
        openapi_extra={
            "parameters": [expectation, schemas.header("If-None-Match", "*")],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Template"}}},
            },
            **secured,
        },
    )
    async def put(request: Request, name: str) -> Response:
        """Replaces the stored version; tasks that were accepted before use the former one.

        With the header `If-Match` it takes place only if that version is the present one; with `If-None-Match: *` only
        if there is none of this name.
        """
        client_id = service.access.client_of(request)
        body.check_is_json(request)
        expected = _expected(request)
        async with service.bodies.read(request, service.settings.max_body_bytes, client_id) as raw:
            row = await to_thread.run_sync(_put, service, client_id, name, raw, expected)
        headers = {"ETag": f'"{row.version}"', "Cache-Control": "no-store"}
        content = _facts(row).model_dump_json(by_alias=True)
        return Response(content, 201 if row.version == 1 else 200, headers, "application/json")

    @routes.delete(
        f"{_PATH}/{{name}}",
        summary="Delete a template",
        response_class=Response,
        responses={
            200: {"description": "Done, even if there was no such template", "content": {}},
            400: schemas.problem("A header is wrong; the message names it"),
            **changed,
            **problems,
        },
        openapi_extra={"parameters": [expectation], **secured},
    )
    async def delete(request: Request, name: str) -> Response:
        """Tasks that were accepted before still use it."""
        client_id = service.access.client_of(request)
        await to_thread.run_sync(service.tasks.templates.remove, client_id, name, _expected(request))
        return Response()


def _whole(service: Service, client_id: str, name: str) -> tuple[int, bytes] | None:
    """The version of a template and its JSON, with all its pictures; None if the client has none of this name."""
    found = service.tasks.templates.get(client_id, name)
    if found is None:
        return None
    row, template = found
    content = template.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    return row.version, orjson.dumps({"format": template.format, "version": row.version, **orjson.loads(content)})


def _put(
    service: Service, client_id: str, name: str, raw: bytes, expected: Callable[[StoredTemplate | None], bool]
) -> StoredTemplate:
    body.check_values(raw, service.settings)
    value = body.decode_json(raw)
    if isinstance(value, dict):
        value.setdefault("name", name)
    template = checked(parse(Template, value))
    if template.name != name:
        raise InvalidRequest("name", f"name: {quoted(template.name)} is not {quoted(name)}, the name in the path")
    for number, page in enumerate(template.pages):
        if page.picture is not None and formats.sniff(page.picture) is None:  # decoded by confined workers only
            field = f"pages[{number}].picture"
            raise InvalidRequest(
                field, f"{field}: {formats.describe(page.picture)} is not supported; send {formats.NAMES}"
            )
    if not service.settings.authentication:
        clients.ensure(service.store, client_id)
    return service.tasks.templates.put(client_id, template, expected)


def _expected(request: Request) -> Callable[[StoredTemplate | None], bool]:
    """What the request's headers say of the present version (RFC 9110, section 13.1)."""
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if none_match is not None and none_match.strip() != "*":
        raise InvalidRequest("If-None-Match", "If-None-Match: only * is supported")
    versions = None if match is None or match.strip() == "*" else {int(each) for each in _TAG.findall(match)}
    if match is not None and versions == set():
        raise InvalidRequest("If-Match", 'If-Match: it must be a version in quotes, such as "1", or *')

    def holds(present: StoredTemplate | None) -> bool:
        if none_match is not None and present is not None:
            return False
        return match is None or (present is not None and (versions is None or present.version in versions))

    return holds


def _facts(row: StoredTemplate) -> TemplateFacts:
    return TemplateFacts(name=row.name, version=row.version, fields=row.fields, created=row.created)


def _answer(model: _Model) -> Response:
    return Response(model.model_dump_json(by_alias=True), 200, {"Cache-Control": "no-store"}, "application/json")
