"""Request bodies: read within the size limit, decoded as tolerantly as the protocol's clients need."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pyjson5
from starlette.requests import Request

from whaleline.errors import BodyTooLarge, BodyTooSlow, InvalidRequest, Unavailable, UnsupportedMediaType
from whaleline.operations.operation import Operation
from whaleline.operations.schema import WireModel, parse, quoted
from whaleline.settings import Settings

_BOM = b"\xef\xbb\xbf"
_DEPTH = 32  # levels of nesting; the protocol's own bodies have five
_IMAGE_KEYS = ("image", "file", "data", "pdf", "table")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BLANKS = b" \t\r\n"
_LEAST_RATE = 64 * 1024  # bytes a second


class Bodies:
    """Request bodies on their way in, each within its limits and all together within one."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.body_seconds
        self._most = max(settings.max_held_bytes, settings.max_body_bytes)  # else one that is allowed would never fit
        self._held = 0

    @contextlib.asynccontextmanager
    async def read(self, request: Request, limit: int) -> AsyncIterator[bytes]:
        """The whole body, which counts as held until the context ends.

        Raises:
            BodyTooLarge: it has more bytes than `limit`, by its header or by count; no more than that is ever held.
            BodyTooSlow: it does not arrive in time.
            Unavailable: it does not fit beside those that are held already.
        """
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise BodyTooLarge(f"The body of {int(declared)} bytes is larger than the limit of {limit} bytes.")
        body = bytearray()
        try:
            start = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout_at(start + self._seconds) as clock:
                    async for chunk in request.stream():
                        self._held += len(chunk)
                        body += chunk
                        if len(body) > limit:
                            raise BodyTooLarge(f"The body is larger than the limit of {limit} bytes.")
                        if self._held > self._most:
                            raise Unavailable("The service holds as many requests as it can; try again soon.")
                        clock.reschedule(start + self._seconds + len(body) / _LEAST_RATE)
            except TimeoutError:
                allowed = self._seconds + len(body) / _LEAST_RATE
                raise BodyTooSlow(
                    f"The body took longer than {allowed:.0f} seconds; {len(body)} bytes of it have arrived."
                ) from None
            yield bytes(body)
        finally:
            self._held -= len(body)


def check_is_json(request: Request) -> None:
    """Raise UnsupportedMediaType unless the request says that its body is plain JSON, or says nothing."""
    media = (request.headers.get("content-type") or "application/json").partition(";")[0].strip().lower()
    if media not in ("application/json", "text/json") and not media.endswith("+json"):
        raise UnsupportedMediaType(f"The Content-Type {quoted(media)} is not read; send application/json.")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedMediaType(f"The Content-Encoding {quoted(coding)} is not read; send the body as it is.")


def parse_task(operation: Operation[Any], body: bytes, settings: Settings) -> tuple[bytes, WireModel]:
    """The input and the settings that a body of {image, settings} carries, within the service's limits.

    Raises:
        InvalidRequest: the body is not such an object, or past a limit of the settings; the message names what is
            wrong.
    """
    # Neither of these is a digit of Base64, and each value but the first comes behind one of them. A value of one
    # byte takes up to a hundred when it is decoded, so they are counted before.
    values = sum(body.count(mark) for mark in (b",", b"[", b"{"))
    if values > settings.max_json_values:
        raise InvalidRequest("body", f"body: its JSON has {values} values; at most {settings.max_json_values} are read")
    value = decode_json(body)
    if not isinstance(value, dict):
        raise InvalidRequest("body", f"body: {quoted(value)} is not an object with image and settings")
    fields = {key.lower(): item for key, item in value.items() if item is not None and item != ""}
    key = next((key for key in _IMAGE_KEYS if key in fields), "image")
    return (
        decode_base64(fields.get(key), key, settings.max_image_bytes),
        parse(operation.settings_model, fields.get("settings", {}), "settings", settings),
    )


def decode_json(body: bytes) -> object:
    """JSON in UTF-8; a byte order mark and what JSON5 adds, such as trailing commas, are let pass.

    Raises:
        InvalidRequest: it is not JSON.
    """
    text = body.removeprefix(_BOM)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            # Not by its decode_utf8, which takes anything for UTF-8 and then fails in ways of its own.
            value: object = pyjson5.decode(text.decode("utf-8"), maxdepth=_DEPTH)
        except (pyjson5.Json5DecoderException, ValueError, RecursionError):
            raise InvalidRequest("body", f"body: it is not JSON: {error}") from None
        return value


def decode_base64(value: object, field: str, limit: int) -> bytes:
    """Base64 (RFC 4648) in either alphabet, padded or not; a data: prefix and blanks are let pass.

    Raises:
        InvalidRequest: the value is not a string, not Base64, stands for nothing, or for more than `limit` bytes.
    """
    if value is None or value == "":
        raise InvalidRequest(field, f"{field}: is missing or empty")
    if not isinstance(value, str):
        raise InvalidRequest(field, f"{field}: {quoted(value)} is not a string")
    text = value.partition(",")[2] if value[:5].lower() == "data:" else value
    try:
        plain = text.encode("ascii").translate(_URL_SAFE, _BLANKS).rstrip(b"=")
        size = len(plain) * 3 // 4
        if size > limit:
            raise InvalidRequest(field, f"{field}: it is a file of {size} bytes; at most {limit} are read")
        data = base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidRequest(field, f"{field}: {quoted(value)} is not Base64: {error}") from None
    if not data:
        raise InvalidRequest(field, f"{field}: it is the Base64 of nothing")
    return data
