"""GETs that wait for a task to end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from anyio import to_thread

from whaleline import metrics
from whaleline.errors import Unavailable

_LOOK_SECONDS = 5.0
"""How often a request that waits looks for an end that nobody announced."""

_T = TypeVar("_T")


class Holds:
    """Requests that wait, `most` at a time; others are answered at once.

    A request that is told that its task may have ended looks at it once more.
    """

    def __init__(self, most: int) -> None:
        self._places = asyncio.Semaphore(most)
        self._told: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self, task_id: str | None = None) -> None:
        """Announce that a task, or some task, may have ended; from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake, task_id)

    def close(self) -> None:
        """Answer all held requests now, and hold no more; from any thread or a signal handler."""
        self._closed = True
        self.wake()

    async def until_ended(self, look: Callable[[], tuple[bool, _T]], task_id: str, seconds: float) -> _T:
        """What `look` returns once the task has ended, or after some seconds.

        Args:
            look: tells whether the task is still open for the client, and what to answer; called in a thread.
            task_id: the task's id.
            seconds: how long to wait at most.
        """
        self._loop = asyncio.get_running_loop()
        end = self._loop.time() + seconds
        told = self._next(task_id)  # before each look, so that an end after it is not missed
        is_open, answer = await to_thread.run_sync(look)
        if not is_open or seconds <= 0 or self._places.locked():
            return answer
        async with self._places:
            with metrics.HOLDS.track_inprogress():
                while is_open and not self._closed and (left := end - self._loop.time()) > 0:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(min(left, _LOOK_SECONDS)):
                            await told.wait()
                    told = self._next(task_id)
                    try:
                        is_open, answer = await to_thread.run_sync(look)
                    except Unavailable:
                        if self._closed or self._loop.time() >= end:
                            raise
        return answer

    def _next(self, task_id: str) -> asyncio.Event:
        """Set when the task is announced next; kept as long as somebody waits for it."""
        return self._told.setdefault(task_id, asyncio.Event())

    def _wake(self, task_id: str | None) -> None:
        for each in [task_id] if task_id is not None else list(self._told):
            if (told := self._told.pop(each, None)) is not None:
                told.set()
