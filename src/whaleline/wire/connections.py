"""HTTP connections with an end: how many, how large a request's head, and how long to wait for it.

uvicorn bounds none of these with its httptools parser, and starts no clock before the first answer: a client that sends
a byte now and then would hold a connection for ever, and one long header line would fill the memory.
"""

from __future__ import annotations

import asyncio
import uuid
from http import HTTPStatus
from typing import Any

import httptools
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.settings import Settings
from whaleline.wire.problems import document
from whaleline.wire.requests import SECURITY

_log = structlog.get_logger()


def bounded(settings: Settings) -> type[HttpToolsProtocol]:
    """The protocol of uvicorn with the limits of the settings."""

    class Connection(_Connection):
        limits = settings

    return Connection


class _Gathering:
    """A transport that sends what is written in one turn of the loop together.

    uvicorn writes the head and the body of a response apart, each of which would take a system call and a packet.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if not data:  # asyncio's writelines would try to send it for ever
            return
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():  # a client may have reset the connection since
            self._transport.writelines(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Connection(HttpToolsProtocol):
    """One connection.

    A clock runs whenever a request's head is awaited or a body that nobody reads any more; who reads a body has a
    clock of his own. Between two requests uvicorn's keep-alive limit holds.
    """

    limits: Settings

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], **options: Any) -> None:
        super().__init__(config, server_state, app_state, **options)
        self._clock: asyncio.TimerHandle | None = None
        self._in_head = self._in_body = False
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        self._gathering = _Gathering(transport, self.loop)
        super().connection_made(self._gathering)  # type: ignore[arg-type]  # it stands for one
        if len(self.connections) > self.limits.max_connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections; try again soon.")
        else:
            self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def eof_received(self) -> None:
        self._gathering.flush()  # for the transport is closed after that, and a client may only have ended its own half

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        began_before = self._in_head
        self._unset_keepalive_if_required()
        self._feed(data)
        # After that, for most heads come whole, and need none.
        if self._clock is None and (self.cycle is None or self.cycle.response_complete):
            self._start_clock()
        if began_before and self._in_head:
            self._head_bytes += len(data)
            self._check_head()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("It is not a request of HTTP/1.1.")

    def _decline(self, rest: bytes) -> None:
        """Read a request that offers another protocol as though it did not (RFC 9110, section 7.8).

        The parser takes what follows for the other protocol's, were it the body: Java's HttpClient offers HTTP/2 with
        its first POST. So the head goes through a parser once more, without the offer.
        """
        headers = [pair for pair in self.headers if pair[0] not in (b"upgrade", b"connection", b"http2-settings")]
        head = b"%s %s HTTP/1.1\r\n" % (self.parser.get_method(), self.url)
        self.parser = httptools.HttpRequestParser(self)
        self._feed(head + b"".join(b"%s: %s\r\n" % pair for pair in headers) + b"\r\n" + rest)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        self._head_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if not self._check_head():
            return
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            return
        self._stop_clock()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        if not self.transport.is_closing() and not self.parser.should_upgrade():
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _check_head(self) -> bool:
        if self._head_bytes <= self.limits.max_header_bytes:
            return True
        if not self.transport.is_closing():
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The request's line and headers are larger than the limit of {self.limits.max_header_bytes} bytes.",
            )
        return False

    def _start_clock(self) -> None:
        seconds = self.limits.body_seconds if self._in_body else self.limits.header_seconds
        self._clock = self.loop.call_later(seconds, self._on_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _on_late(self) -> None:
        self._clock = None
        if self.transport.is_closing():
            return
        if self._in_head:
            seconds = f"{self.limits.header_seconds:g} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"The request's line and headers took longer than {seconds}.")
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer without the application, and close."""
        self._stop_clock()
        request_id = uuid.uuid4().hex
        _log.info("refused a connection", request=request_id, status=status.value, why=detail)
        metrics.REJECTS.labels("Connection").inc()
        body = document(status, detail)
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
            "x-request-id": request_id,
            **{name.lower(): value for name, value in SECURITY.items()},
        }
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["retry-after"] = str(Unavailable.retry_after)
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        self.transport.write("\r\n".join([*lines, "\r\n"]).encode("ascii") + body)
        self.transport.close()
