"""Rate limits of clients and addresses, counted in this process over the last minute."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Literal
from weakref import WeakValueDictionary

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from whaleline.errors import TooManyRequests
from whaleline.settings import Settings

_EXPIRY_SECONDS = 60.0
"""How often counts that have run out are looked for."""

_FAILURES = RateLimitItemPerMinute(60)
"""Of an address at one client's secret. Secrets are long, so this is no matter of luck: it spares the processor."""


_ON_TRIAL = 10
"""Tasks of an address on trial within a minute."""


Counted = Literal["address", "client", "trial"]


class _Storage(MemoryStorage):
    """Looks for what has run out once a minute; by limits' own rule a thread does so at nearly every hit.

    It goes through the counts of all addresses, so that with 10,000 of them each request cost 1 ms of CPU. Were limits
    to rename the method, its own rule would hold again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._next_expiry = 0.0

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802
        if (now := time.monotonic()) >= self._next_expiry:
            self._next_expiry = now + _EXPIRY_SECONDS
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


class RateLimits:
    """Counts requests. A setting of 0 means no limit."""

    def __init__(self, settings: Settings) -> None:
        storage = _Storage()
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._guesses = MovingWindowRateLimiter(storage)  # exact, at the cost of a time stamp for each
        self._limits: dict[Counted, tuple[RateLimitItemPerMinute | None, str]] = {
            "address": (_per_minute(settings.address_requests_per_minute), "requests from your address"),
            "client": (_per_minute(settings.client_requests_per_minute), "requests of your client"),
            "trial": (_per_minute(_ON_TRIAL), "tasks on trial from your address"),
        }
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def count(self, kind: Counted, who: str) -> None:
        """Count a request of an address or a client, or a task that an address posts on trial.

        Raises:
            TooManyRequests: there were as many within this minute as there may be.
        """
        limit, what = self._limits[kind]
        if limit is not None and not self._limiter.hit(limit, kind, who):
            raise _refusal(limit, what, self._limiter.get_window_stats(limit, kind, who).reset_time)

    @contextlib.asynccontextmanager
    async def attempt(self, address: str, client_id: str) -> AsyncIterator[Callable[[], object]]:
        """An attempt of an address at a client's secret; returns what to call if it fails. Success does not count.

        Attempts of an address at one client wait for each other, so that many at once are counted as strictly as one
        after the other. They are counted by client, too, since all who come by a proxy may share an address.

        Raises:
            TooManyRequests: the address has failed at the client's secret too often in the last minute.
        """
        who = (address, hashlib.sha256(client_id.encode()).hexdigest())  # an id may be as long as a form
        async with self._turns.setdefault(who, asyncio.Lock()):
            if not self._guesses.test(_FAILURES, *who):
                reset = self._guesses.get_window_stats(_FAILURES, *who).reset_time
                raise _refusal(_FAILURES, "failed attempts at this client's secret", reset)
            yield lambda: self._guesses.hit(_FAILURES, *who)


def _refusal(limit: RateLimitItemPerMinute, what: str, reset: float) -> TooManyRequests:
    seconds = max(1, math.ceil(reset - time.time()))
    return TooManyRequests(f"There were more than {limit.amount} {what} within a minute.", seconds)


def _per_minute(amount: int) -> RateLimitItemPerMinute | None:
    return RateLimitItemPerMinute(amount) if amount else None
