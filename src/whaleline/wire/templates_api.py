"""Templates of forms, under /api/templates: stored for a client by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Response
from pydantic import Field

from whaleline.documents import formats
from whaleline.errors import InvalidRequest, NotFound
from whaleline.forms.template import Template, schema
from whaleline.operations.read_form import checked
from whaleline.operations.schema import parse
from whaleline.tasks.sql import StoredTemplate
from whaleline.wire import body, schemas
from whaleline.wire.parameters import COUNTED, Client, JsonBody
from whaleline.wire.service import OF_BODIES, USUAL, Caller, problems_of
from whaleline.wording import quoted

_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


class TemplateFacts(schemas.Facts):
    """A template as the list shows it."""

    name: str = Field(examples=["id-card"])
    version: int = Field(description="Raised by one with each PUT.", examples=[1])
    fields: int = Field(description="Number of fields.", examples=[12])
    created: float = Field(description="When this version was made, in seconds since the epoch.")


class TemplateList(schemas.Facts):
    """A client's templates, by name."""

    templates: list[TemplateFacts]


async def _expected(
    match: Annotated[str | None, Header(alias="If-Match", examples=['"1"'])] = None,
    none_match: Annotated[str | None, Header(alias="If-None-Match", examples=["*"])] = None,
) -> Callable[[StoredTemplate | None], bool]:
    """What the request's headers say of the present version (RFC 9110, section 13.1)."""
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


Expected = Annotated[Callable[[StoredTemplate | None], bool], Depends(_expected)]

router = APIRouter(prefix="/api/templates", tags=["Whaleline's own"])

_USUAL = problems_of(*USUAL)
_CHANGED = problems_of(others={412: "It is not the version that If-Match expects"})


@router.get("/schema", summary="The JSON schema of a template", response_class=Response, dependencies=[COUNTED])
async def described() -> Response:
    """The schema of what PUT accepts and GET returns."""
    return Response(orjson.dumps(schema()), media_type="application/schema+json")


@router.get("", summary="List the client's templates", responses=_USUAL)
def listed(caller: Client) -> TemplateList:
    """By name, without their pictures."""
    return TemplateList(templates=[_facts(each) for each in caller.service.tasks.templates.listed(caller.client_id)])


@router.get(
    "/{name}",
    summary="Get a template",
    response_model=Template,
    responses={**problems_of(others={404: "The client has no such template"}), **_USUAL},
)
def get(caller: Client, name: str) -> Response:
    """With its pictures. The header ETag has its version."""
    found = caller.service.tasks.templates.get(caller.client_id, name)
    if found is None:
        raise NotFound(f"The client has no template {quoted(name)}.")
    row, template = found
    said = orjson.loads(template.model_dump_json(by_alias=True, exclude_defaults=True))
    content = orjson.dumps({"format": template.format, "version": row.version, **said})
    return Response(content, 200, {"ETag": f'"{row.version}"'}, "application/json")


@router.put(
    "/{name}",
    summary="Keep a template",
    responses={
        201: {"model": TemplateFacts, "description": "It is new"},
        **problems_of(*OF_BODIES),
        **_CHANGED,
        **_USUAL,
    },
    openapi_extra=schemas.body({"$ref": "#/components/schemas/Template"}),
)
def put(caller: Client, name: str, *, raw: JsonBody, expected: Expected, response: Response) -> TemplateFacts:
    """Replaces the stored version; tasks that were accepted before use the former one.

    With the header `If-Match` it takes place only if that version is the present one; with `If-None-Match: *` only if
    there is none of this name.
    """
    row = _put(caller, name, raw, expected)
    response.headers["ETag"] = f'"{row.version}"'
    if row.version == 1:
        response.status_code = 201
    return _facts(row)


@router.delete(
    "/{name}",
    summary="Delete a template",
    response_class=Response,
    responses={
        200: {"description": "Done, even if there was no such template", "content": {}},
        **problems_of(400),
        **_CHANGED,
        **_USUAL,
    },
)
def delete(caller: Client, name: str, expected: Expected) -> None:
    """Tasks that were accepted before still use it."""
    caller.service.tasks.templates.remove(caller.client_id, name, expected)


def _put(caller: Caller, name: str, raw: bytes, expected: Callable[[StoredTemplate | None], bool]) -> StoredTemplate:
    body.check_values(raw, caller.service.settings)
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
    caller.ensure()
    return caller.service.tasks.templates.put(caller.client_id, template, expected)


def _facts(row: StoredTemplate) -> TemplateFacts:
    return TemplateFacts(name=row.name, version=row.version, fields=row.fields, created=row.created)
