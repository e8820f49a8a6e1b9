"""Whether there is room for one more task: so many may wait in all, and so many be open for each client."""

from __future__ import annotations

import threading
import time

from whaleline.errors import QueueFull
from whaleline.settings import Settings
from whaleline.tasks.sql import Store

_SHARE = 16
"""Of the places that a count finds free, one in so many is given away before the next count.

So as many processes that do the same give away no more than there are, and the last places are counted one by one.
"""

_SECONDS = 1.0
"""How long a count holds."""


class Room:
    """Gives places away, and counts rows as seldom as it can. Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._most_waiting = settings.max_queue
        self._most_open = settings.max_open_tasks
        self._store = store
        self._lock = threading.Lock()
        self._left = 0
        self._left_of: dict[str, tuple[int, float]] = {}

    def take_place(self, client_id: str) -> None:
        """Take a place for one more task of a client.

        Raises:
            QueueFull: as many tasks wait, or are open for this client, as may be.
        """
        now = time.monotonic()
        with self._lock:
            left, until = self._left_of.get(client_id, (0, now))
            if now < until and left > 0 and self._left > 0:
                self._left -= 1
                self._left_of[client_id] = left - 1, until
                return
        waiting, own = self._store.crowd(client_id, self._most_waiting, self._most_open)
        if waiting >= self._most_waiting:
            raise QueueFull(f"{waiting} tasks wait already, which is the limit; try again later.")
        if own >= self._most_open:
            raise QueueFull(f"{own} tasks of yours wait or run already, which is the limit; try again later.")
        with self._lock:
            # Less the one that is taken now.
            self._left = (self._most_waiting - waiting - 1) // _SHARE
            self._left_of[client_id] = (self._most_open - own - 1) // _SHARE, now + _SECONDS
