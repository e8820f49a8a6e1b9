"""wire/limits.py by itself; what a client meets stands in acceptance/test_limits.py."""

from __future__ import annotations

import threading

from whaleline.settings import Settings
from whaleline.wire.limits import RateLimits


def test_counting_a_request_starts_no_thread() -> None:
    """The library would start one for nearly each; the first may, for what has run out."""
    limits = RateLimits(Settings())
    before = set(threading.enumerate())
    limits.count("client", "first")
    for thread in set(threading.enumerate()) - before:
        thread.join()
    for n in range(10):
        limits.count("address", f"192.0.2.{n}")
        assert set(threading.enumerate()) <= before
