"""HTTP/1.1 by Granian, which bounds heads, chunks, trailers and connections before Python sees anything of them."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator

import structlog
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]  # its stub says less than there is
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp

from whaleline.settings import Settings

HEAD_BYTES = 64 * 1024
"""A request's line and headers, but for one read more; also what is read of a body at a time."""

HEAD_SECONDS = 10
"""How long a head may take, and how long a connection may be idle."""

_SEND_SECONDS = 30
"""How long a client may leave unread what is sent to it."""

_LAST_SECONDS = 10
"""How long a request that is under way may hold up the end of the service."""

_BACKLOG = 2048
_OTHER_FILES = 256
"""Descriptors that are not for connections: the database's, the blobs', the workers'."""

_log = structlog.get_logger()


def connections(settings: Settings) -> int:
    """The most connections: as the settings say, or as many as the system allows this process.

    Raises the process's limit on open files as far as that takes.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.max_connections + _OTHER_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    if files < wanted:
        _log.warning("the system allows fewer connections than max_connections", files=files, connections=wanted)
    return max(1, files - _OTHER_FILES)


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, settings: Settings, most: int
) -> AsyncIterator[asyncio.Task[None]]:
    """Answer requests while the context lasts, and then those in progress for some seconds more.

    At most so many connections are open at a time; others wait to be accepted. The socket is bound, and closed at the
    end. Yields a task that ends before the context does only if the server fails.
    """
    if settings.trusted_proxies:
        app = wrap_asgi_with_proxy_headers(app, settings.trusted_proxies.split(","))
    server = _Server(app, listener, settings, most)
    task = asyncio.create_task(server.serve())
    try:
        yield task
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({task}, timeout=_LAST_SECONDS)
        task.cancel()


class _Server(Server):
    """Granian within this event loop, on a socket of ours.

    Granian's own would share its port with other processes, so that a second service would start on it without a word,
    and would not tell which port it was given.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket, settings: Settings, most: int) -> None:
        super().__init__(
            app,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
            websockets=False,
            backpressure=most,
            ssl_cert=settings.tls_certificate,
            ssl_key=settings.tls_key or settings.tls_certificate,
            ssl_protocol_min=SSLProtocols.tls12,
            log_level=LogLevels.error,
            log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {}},
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        # Both are passed on to the sockets that it accepts.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SEND_SECONDS * 1000)
        self._shd = SocketHolder(self._listener.detach(), False, _BACKLOG)  # type: ignore[assignment, call-arg]
