"""A service that reads for the command line."""

from __future__ import annotations

import contextlib
import http.client
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson

from whaleline.errors import InvalidRequest

_WAIT = 30  # seconds for which a request is held
_AGAIN = 2.0


@dataclass(frozen=True, slots=True)
class Server:
    """A service that reads: where it is, and the API key or token that it asks for."""

    url: str
    token: str | None


def has_template(server: Server, name: str) -> bool:
    """Whether a server keeps a template of a name.

    Raises:
        InvalidRequest: the server refuses to say; the message says why.
        OSError: the server cannot be reached.
    """
    return any(each["name"] == name for each in _asked(server, "/api/templates")["templates"])


def read_form(server: Server, template: bytes, data: bytes) -> dict[str, Any]:
    """Have a file read by a template: its fields, and what is to be told, as POST /api/read answers.

    Args:
        server: that reads.
        template: the name of a template that the server keeps, or its JSON.
        data: the file.

    Raises:
        InvalidRequest: the server refuses it; the message says why.
        OSError: the server cannot be reached.
    """
    mark = uuid.uuid4().hex
    parts = (b'name="template"', template), (b'name="file"; filename="form"', data)
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (mark.encode(), head, part)
        for head, part in parts
    )
    body += b"--%b--\r\n" % mark.encode()
    answer = _asked(server, "/api/read", body, f"multipart/form-data; boundary={mark}")
    while "location" in answer:
        time.sleep(_AGAIN)
        answer = _asked(server, answer["location"])
    return {"fields": answer["fields"], "messages": answer["messages"]}


def _asked(server: Server, path: str, body: bytes | None = None, media: str = "application/json") -> Any:
    headers = {"Content-Type": media, "Prefer": f"wait={_WAIT}"}
    if server.token:
        headers["Authorization"] = f"Bearer {server.token}"
    request = urllib.request.Request(server.url.rstrip("/") + quote(path), body, headers)  # noqa: S310 - http(s) only
    while True:
        try:
            with urllib.request.urlopen(request, timeout=3 * _WAIT) as answer:  # noqa: S310
                return orjson.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read()
            if error.code in (429, 503):
                time.sleep(float(error.headers.get("Retry-After", _AGAIN)))
                continue
            with contextlib.suppress(ValueError, KeyError):
                text = orjson.loads(text)["detail"].encode()
            if error.code == HTTPStatus.UNAUTHORIZED:
                text += b" This command takes it from $WHALELINE_TOKEN."
            raise InvalidRequest("server", f"{error.code}: {text.decode(errors='replace')[:500]}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)  # of a connection that failed, in a URLError
            why = getattr(reason, "strerror", None) or reason
            raise OSError(f"The server {server.url} cannot be reached: {why}.") from None
        except orjson.JSONDecodeError:
            raise OSError(f"The server {server.url} does not answer as Whaleline does.") from None
