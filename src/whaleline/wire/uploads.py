"""Incoming request bodies: so many at a time for each client and address, and none slower than allowed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from whaleline import metrics
from whaleline.errors import BodyTooLarge, BodyTooSlow, Unavailable
from whaleline.settings import Settings
from whaleline.wire.access import address_of

CLIENT_BODIES = 4
"""Bodies of one client that are read at a time; others wait unread."""

ADDRESS_BODIES = 16
"""The same of one address, which several clients may share."""

_MOST_WAITING = 256
"""Bodies of one client, and of one address, that may wait; more are refused, because each takes a connection."""

_PACE_SECONDS = 10
"""Seconds over which a body's speed is measured, and for which an unwanted body is read on."""


class Bodies:
    """Request bodies within their limits, each by itself and all together."""

    def __init__(self, settings: Settings) -> None:
        self._pace = settings.body_bytes_per_second
        self._most = max(settings.max_held_bytes, settings.max_body_bytes)  # else one that is allowed would never fit
        self._held = 0
        self._turns: WeakValueDictionary[tuple[str, int], anyio.Semaphore] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def read(self, request: Request, limit: int, client_id: str | None = None) -> AsyncIterator[bytes]:
        """The whole body, once it is its turn; it counts as held until the context ends.

        Raises:
            BodyTooLarge: it has more bytes than `limit`, by its header or by count; no more than that is ever held.
            BodyTooSlow: it stalls.
            Unavailable: it does not fit beside those that are held already, or too many wait.
        """
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise BodyTooLarge(f"The body of {int(declared)} bytes is larger than the limit of {limit} bytes.")
        body = bytearray()
        try:
            async with contextlib.AsyncExitStack() as turns:
                # The client's first: what waits for that must not keep its address from other clients.
                if client_id is not None:
                    await turns.enter_async_context(self._turn(client_id, CLIENT_BODIES))
                await turns.enter_async_context(self._turn(address_of(request), ADDRESS_BODIES))
                with metrics.BODIES.track_inprogress():
                    await self._receive(request, limit, body)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def discard(self, request: Request) -> None:
        """Read and drop the rest of a body for a while; not if its address has no more bodies to spare."""
        turn = self._semaphore(address_of(request), ADDRESS_BODIES)
        try:
            turn.acquire_nowait()
        except anyio.WouldBlock:
            return
        try:
            with contextlib.suppress(TimeoutError, ClientDisconnect):
                async with asyncio.timeout(_PACE_SECONDS):
                    async for _ in request.stream():
                        pass
        finally:
            turn.release()

    async def _receive(self, request: Request, limit: int, body: bytearray) -> None:
        loop = asyncio.get_running_loop()
        due = quota = self._pace * _PACE_SECONDS
        try:
            async with asyncio.timeout(_PACE_SECONDS if quota else None) as clock:
                async for chunk in request.stream():
                    self._held += len(chunk)
                    body += chunk
                    if len(body) > limit:
                        raise BodyTooLarge(f"The body is larger than the limit of {limit} bytes.")
                    if self._held > self._most:
                        raise Unavailable("The service holds as many requests as it can; try again soon.")
                    if quota and len(body) >= due:
                        due = len(body) + quota
                        clock.reschedule(loop.time() + _PACE_SECONDS)
        except TimeoutError:
            raise BodyTooSlow(
                f"The body came too slowly: less than {self._pace} bytes a second within {_PACE_SECONDS} seconds."
                f" {len(body)} bytes have arrived."
            ) from None

    @contextlib.asynccontextmanager
    async def _turn(self, who: str, places: int) -> AsyncIterator[None]:
        turn = self._semaphore(who, places)
        if turn.statistics().tasks_waiting >= _MOST_WAITING:
            raise Unavailable(f"{_MOST_WAITING} of your requests are already waiting to be read; try again soon.")
        async with turn:
            yield

    def _semaphore(self, who: str, places: int) -> anyio.Semaphore:
        """The turns of a client or an address, which exist as long as somebody has one or waits for one."""
        semaphore = self._turns.get((who, places)) or anyio.Semaphore(places)
        self._turns[who, places] = semaphore
        return semaphore


class Lingering:
    """Goes on reading after a request was answered before its body had arrived, such as one without a token.

    A connection that is closed while its client still sends is reset, and the client may lose the answer (RFC 9112,
    section 9.6).
    """

    def __init__(self, app: ASGIApp, bodies: Bodies) -> None:
        self._app = app
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and read what is left of its body."""
        request = Request(scope, receive)
        is_read = not {"content-length", "transfer-encoding"} & set(request.headers)

        async def receive_on() -> dict[str, object]:
            nonlocal is_read
            is_read = True  # also where this is broken off, for then the body has stalled
            message = await receive()
            is_read = not message.get("more_body", False)
            return dict(message)

        await self._app(scope, receive_on, send)
        if not is_read:
            await self._bodies.discard(request)
