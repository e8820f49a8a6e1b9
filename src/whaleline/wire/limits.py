"""How often a client and an address may ask, counted in this process over the last minute."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from whaleline.errors import TooManyRequests
from whaleline.settings import Settings

_EXPIRY_SECONDS = 60.0
"""How often counts that have run out are looked for."""


class _Storage(MemoryStorage):
    """Looks for what has run out now and then; a thread starts for it at nearly every hit, by limits' own rule.

    That took 0.13 ms of CPU, more than all the rest that is done to let a request pass. Were limits to rename the
    method, its own rule would hold again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._next_expiry = 0.0

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802
        if (now := time.monotonic()) >= self._next_expiry:
            self._next_expiry = now + _EXPIRY_SECONDS
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


class RateLimits:
    """Counts requests. A setting of 0 stands for no limit."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(_Storage())
        self._client = _per_minute(settings.client_requests_per_minute)
        self._address = _per_minute(settings.address_requests_per_minute)
        self._failures = _per_minute(settings.token_failures_per_minute)

    def count_address(self, address: str) -> None:
        """Count a request of an address.

        Raises:
            TooManyRequests: it has had its requests for this minute.
        """
        self._count(self._address, "address", address, "requests from your address")

    def count_client(self, client_id: str) -> None:
        """Count a request of a client.

        Raises:
            TooManyRequests: it has had its requests for this minute.
        """
        self._count(self._client, "client", client_id, "requests of your client")

    def check_token_failures(self, address: str) -> None:
        """Raise TooManyRequests if an address has failed to get a token too often in the last minute."""
        if self._failures is not None and not self._limiter.test(self._failures, "token", address):
            raise self._refusal(self._failures, "token", address, "failed attempts to get a token")

    def count_token_failure(self, address: str) -> None:
        """Count a failed attempt of an address to get a token; attempts that succeed are free."""
        if self._failures is not None:
            self._limiter.hit(self._failures, "token", address)

    def _count(self, limit: RateLimitItemPerMinute | None, kind: str, who: str, what: str) -> None:
        if limit is not None and not self._limiter.hit(limit, kind, who):
            raise self._refusal(limit, kind, who, what)

    def _refusal(self, limit: RateLimitItemPerMinute, kind: str, who: str, what: str) -> TooManyRequests:
        reset = self._limiter.get_window_stats(limit, kind, who).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        return TooManyRequests(f"There were more than {limit.amount} {what} within a minute.", seconds)


def _per_minute(amount: int) -> RateLimitItemPerMinute | None:
    return RateLimitItemPerMinute(amount) if amount else None
