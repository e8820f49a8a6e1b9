"""The resource of access tokens: client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import orjson
from anyio import to_thread
from fastapi import APIRouter, Request, Response

from whaleline import metrics
from whaleline.tasks import clients
from whaleline.wire import schemas
from whaleline.wire.access import TOKEN_PATH, address_of
from whaleline.wire.parameters import COUNTED, Shared
from whaleline.wire.service import Service, problems_of
from whaleline.wire.tokens import LIFETIME

_FORM_BYTES = 16 * 1024


_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "client_id": {"type": "string", "examples": [schemas.EXAMPLE_ID]},
        "client_secret": {"type": "string", "format": "password"},
    },
}

router = APIRouter(tags=["The protocol"])


@router.post(
    TOKEN_PATH,
    summary="Get an access token",
    response_model=schemas.Token,
    responses={
        400: {"model": schemas.TokenError, "description": "The form is wrong, or id and secret in it do not match"},
        401: {"model": schemas.TokenError, "description": "Id and secret of HTTP Basic do not match"},
        **problems_of(408, 413, 429, 503),
    },
    openapi_extra=schemas.body(_FORM, "application/x-www-form-urlencoded"),
    dependencies=[COUNTED],
)
async def token(request: Request, service: Shared) -> Response:
    """Client credentials (RFC 6749, section 4.4), as form fields or as HTTP Basic."""
    async with service.bodies.read(request, _FORM_BYTES) as raw:
        pass
    fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
    if any(len(values) > 1 for values in fields.values()):
        return _token_error("invalid_request", "A parameter is given more than once.")
    form = {name: values[0] for name, values in fields.items()}
    grant = form.get("grant_type")
    if grant is None:
        return _token_error("invalid_request", "grant_type is missing; send a form, as curl -d does.")
    if grant != "client_credentials":
        return _token_error("unsupported_grant_type", "Only client_credentials is supported.")
    basic = request.headers.get("authorization", "").lower().startswith("basic ")
    if basic:
        client_id, secret = _basic(request.headers["authorization"])
    else:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not service.settings.authentication:
        client_id = service.access.client_without_token(request)
    elif not await _match(service, address_of(request), client_id, secret):
        return _token_error("invalid_client", "The client id and secret do not match.", basic=basic)
    content = {
        "access_token": service.tokens.issue(client_id),
        "expires_in": LIFETIME,
        "token_type": "Bearer",
    }
    return _token_answer(content, HTTPStatus.OK)


async def _match(service: Service, address: str, client_id: str, secret: str) -> bool:
    """Whether id and secret belong together; counts where they do not."""
    if not client_id:
        return False
    async with service.limits.attempt(address, client_id) as fail:
        is_known = await to_thread.run_sync(clients.is_known, service.store, client_id, secret)
        if not is_known:
            fail()
        return is_known


def _basic(header: str) -> tuple[str, str]:
    """Id and secret of HTTP Basic, each form-encoded (RFC 6749, section 2.3.1); empty where it is malformed."""
    try:
        pair = base64.b64decode(header[6:].strip(), validate=True).decode("utf-8")
    except ValueError:
        return "", ""
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _token_error(error: str, description: str, *, basic: bool = False) -> Response:
    metrics.REJECTS.labels(error).inc()
    status = HTTPStatus.UNAUTHORIZED if basic else HTTPStatus.BAD_REQUEST
    answer = _token_answer({"error": error, "error_description": description}, status)
    if basic:
        answer.headers["WWW-Authenticate"] = 'Basic realm="whaleline", charset="UTF-8"'
    return answer


def _token_answer(content: dict[str, Any], status: int) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749, section 5.1
    return Response(orjson.dumps(content), int(status), headers, "application/json")
