"""Request bodies, decoded as tolerantly as the protocol's clients need."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
import pyjson5
from starlette.requests import Request

from whaleline.errors import InvalidRequest, UnsupportedMediaType
from whaleline.operations.operation import Operation
from whaleline.operations.schema import WireModel, parse
from whaleline.settings import Settings
from whaleline.tasks.intake import KeptDocument
from whaleline.wire.multipart import parts_of
from whaleline.wording import misspelt, quoted

_BOM = b"\xef\xbb\xbf"
_DEPTH = 32  # levels of nesting; the protocol's own bodies have five
_IMAGE_KEYS = ("image", "file", "data", "pdf", "table")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_SPACES = b" \t\r\n"

_MOST_PARTS = 8  # of a form; the clients send one

_LENIENT_BYTES = 64 * 1024
"""Of a body that is JSON5 alone, all that is not its longest string, which is the image."""

_MANY_DIGITS = re.compile(rb"[0-9][0-9A-Fa-fxX]{99}")
"""More than any number in a request has; Python takes the square of their number to tell what they stand for."""


def check_is_json(request: Request) -> None:
    """Raise UnsupportedMediaType unless the request says that its body is plain JSON.

    A web page of another site can send a request without a Content-Type, or with that of a form, unasked (WHATWG Fetch,
    CORS-safelisted request-header); one that says JSON it cannot.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media:
        raise UnsupportedMediaType("The Content-Type is missing; send application/json.")
    if media not in ("application/json", "text/json") and not media.endswith("+json"):
        raise UnsupportedMediaType(f"The Content-Type {quoted(media)} is not supported; send application/json.")
    check_is_plain(request)


def check_is_plain(request: Request) -> None:
    """Raise UnsupportedMediaType where the request says that its body is compressed."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedMediaType(f"The Content-Encoding {quoted(coding)} is not supported; send the body without it.")


def parse_task(operation: Operation[Any], body: bytes, settings: Settings) -> tuple[bytes | KeptDocument, WireModel]:
    """The input and the settings that a body of {image, settings} carries, within the service's limits.

    Instead of an image it may have the name of a document that is kept, as `document`.

    Raises:
        InvalidRequest: the body is not such an object, or past a limit of the settings; the message names what is
            wrong.
    """
    fields = _fields(body, settings, "image", "settings", "document")
    data = _document(fields) if "document" in fields else _file(fields, "image", settings)
    return data, parse(operation.settings_model, fields.get("settings", {}), "settings", settings)


def parse_document(body: bytes, settings: Settings) -> bytes:
    """The file that a body of {file} carries; raises what `parse_task` raises."""
    return _file(_fields(body, settings, "file"), "file", settings)


def _file(fields: Mapping[str, Any], usual: str, settings: Settings) -> bytes:
    key = next((key for key in _IMAGE_KEYS if key in fields), usual)
    return decode_base64(fields.get(key), key, settings.max_image_bytes)


def _document(fields: Mapping[str, Any]) -> KeptDocument:
    for key in _IMAGE_KEYS:
        if key in fields:
            raise InvalidRequest("document", f"document: it cannot be combined with {key}; send one of them")
    if not isinstance(fields["document"], str):
        raise InvalidRequest("document", f"document: {quoted(fields['document'])} is not a string")
    return KeptDocument(fields["document"])


def _fields(body: bytes, settings: Settings, *names: str) -> dict[str, Any]:
    """What stands in a body's object, by keys in lower case, but for what is null or empty."""
    value = decode_object(body, settings, *names[:2])
    fields = {key.lower(): item for key, item in value.items() if item is not None and item != ""}
    lacking = [name for name in names if name not in fields]
    for name in fields:
        if name not in (*names, *_IMAGE_KEYS) and (meant := misspelt(name, lacking)):
            raise InvalidRequest("body", f"body: unknown key {quoted(name)}; did you mean {meant}?")
    return fields


def parse_upload(content_type: str, body: bytes, settings: Settings) -> bytes:
    """The file in a form (multipart/form-data, RFC 7578): its first part with a file's name, else its first one.

    Raises:
        UnsupportedMediaType: it is no such form.
        InvalidRequest: the form is broken, has more than eight parts, no file, or one past the limit.
    """
    parts = parts_of(content_type, body, _MOST_PARTS)
    file = next((part.data for part in [*(part for part in parts if part.is_file), *parts]), b"")
    return checked_file(file, "file", settings.max_image_bytes)


def checked_file(data: bytes, field: str, limit: int) -> bytes:
    """A file of a form; `InvalidRequest` if it is empty or too large."""
    if not data:
        raise InvalidRequest(field, f"{field}: is missing or empty")
    _check_size(len(data), field, limit)
    return data


def _check_size(size: int, field: str, limit: int) -> None:
    if size > limit:
        raise InvalidRequest(field, f"{field}: it is a file of {size} bytes; at most {limit} are allowed")


def check_values(body: bytes, settings: Settings, field: str = "body") -> None:
    """Raise `InvalidRequest` where JSON has more values than the settings allow, before it is decoded."""
    # None of these is a digit of Base64, and each value but the first comes behind one of them. A value of one
    # byte takes up to a hundred when it is decoded, so they are counted before.
    values = sum(body.count(mark) for mark in (b",", b"[", b"{"))
    if values > settings.max_json_values:
        raise InvalidRequest(
            field, f"{field}: its JSON has {values} values; at most {settings.max_json_values} are allowed"
        )


def decode_object(body: bytes, settings: Settings, *names: str) -> dict[str, Any]:
    """A body that is a JSON object with these names; `InvalidRequest` if it is none, or has too many values."""
    check_values(body, settings)
    value = decode_json(body)
    if not isinstance(value, dict):
        raise InvalidRequest("body", f"body: {quoted(value)} is not an object with {' and '.join(names)}")
    return value


def decode_json(body: bytes) -> object:
    """JSON in UTF-8; a byte order mark and JSON5, such as trailing commas and comments, are accepted.

    JSON5 is read slowly, so only where all but the longest string, the image, has at most 64 KiB.

    Raises:
        InvalidRequest: it is not JSON.
    """
    text = body.removeprefix(_BOM)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            return _decode_json5(text)
        except (pyjson5.Json5DecoderException, ValueError, RecursionError):
            raise InvalidRequest("body", f"body: it is not JSON: {error}") from None


def _decode_json5(text: bytes) -> object:
    """JSON5 of which all but the longest string is short; else a ValueError, or another error of pyjson5's."""
    parts = text.split(b'"', _LENIENT_BYTES)  # the odd ones are strings, but for quotes in strings and comments
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    image = parts[longest]
    if len(text) - len(image) > _LENIENT_BYTES:
        raise ValueError("too much of it is not its longest string")
    is_long = len(text) > _LENIENT_BYTES
    if is_long:
        parts[longest] = uuid.uuid4().hex.encode()
    if any(map(_MANY_DIGITS.search, parts[::2])):
        raise ValueError("a number has too many digits")
    # Not by its decode_utf8, which takes anything for UTF-8 and then fails in ways of its own.
    value: object = pyjson5.decode(b'"'.join(parts).decode("utf-8"), maxdepth=_DEPTH)
    if not is_long:
        return value
    if isinstance(value, dict):
        for key, item in value.items():
            if item == parts[longest].decode():
                return value | {key: orjson.loads(b'"%b"' % image)}
    raise ValueError("its longest string is not the image")


def decode_base64(value: object, field: str, limit: int) -> bytes:
    """Base64 (RFC 4648) in either alphabet, padded or not; a data: prefix and white space are accepted.

    Raises:
        InvalidRequest: the value is not a string, not Base64, stands for nothing, or for more than `limit` bytes.
    """
    if value is None or value == "":
        raise InvalidRequest(field, f"{field}: is missing or empty")
    if not isinstance(value, str):
        raise InvalidRequest(field, f"{field}: {quoted(value)} is not a string")
    text = value.partition(",")[2] if value[:5].lower() == "data:" else value
    try:
        plain = text.encode("ascii").translate(_URL_SAFE, _SPACES).rstrip(b"=")
        _check_size(len(plain) * 3 // 4, field, limit)
        data = base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidRequest(field, f"{field}: {quoted(value)} is not Base64: {error}") from None
    if not data:
        raise InvalidRequest(field, f"{field}: its Base64 is empty")
    return data
