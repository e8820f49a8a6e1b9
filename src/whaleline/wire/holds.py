"""GETs that wait for a task to end: woken by whoever ends it, or by one query for all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

import structlog
from anyio import to_thread

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.tasks.task import Task

_log = structlog.get_logger()

_TICK = 2.0
"""Seconds between two looks while somebody waits, for an end that nobody told."""

_CHUNK = 500
"""Ids in one query; SQLite takes 32,766 parameters at most."""

_T = TypeVar("_T")


class Holds:
    """Requests that wait, by task.

    A request that is told that its task may have ended looks at it once more. What nobody tells is found by one
    watcher, which asks for all tasks that are waited for at intervals, and never while nobody waits. No more than
    `most` wait at a time; others are answered at once.
    """

    def __init__(self, find_all: Callable[[Sequence[str]], dict[str, Task]], most: int) -> None:
        """Make it.

        Args:
            find_all: finds those of the tasks that are there.
            most: how many requests may wait.
        """
        self._find_all = find_all
        self._most = most
        self._held = 0
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._somebody = asyncio.Event()
        self._look = asyncio.Event()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch while the context lasts."""
        self._loop = asyncio.get_running_loop()
        watcher = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

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
        end = asyncio.get_running_loop().time() + seconds
        with self._waiting_for(task_id) as woken:
            # Waited for before it is looked at, so that an end between the two is not missed.
            is_open, answer = await to_thread.run_sync(look)
            if is_open and self._held < self._most and not self._closed:
                with self._holding():
                    while is_open and not self._closed and await _is_set(woken, end):
                        woken.clear()
                        is_open, answer = await to_thread.run_sync(look)
            return answer

    @contextlib.contextmanager
    def _holding(self) -> Iterator[None]:
        self._held += 1
        try:
            with metrics.HOLDS.track_inprogress():
                yield
        finally:
            self._held -= 1

    @contextlib.contextmanager
    def _waiting_for(self, task_id: str) -> Iterator[asyncio.Event]:
        woken = asyncio.Event()
        self._waiting.setdefault(task_id, set()).add(woken)
        self._somebody.set()
        try:
            yield woken
        finally:
            waiting = self._waiting[task_id]
            waiting.discard(woken)
            if not waiting:
                del self._waiting[task_id]
            if not self._waiting:
                self._somebody.clear()

    def _wake(self, task_id: str | None) -> None:
        if self._closed:
            for each in self._waiting:
                self._let_go(each)
        elif task_id is None:
            self._look.set()
        else:
            self._let_go(task_id)

    async def _watch(self) -> None:
        while True:
            await self._somebody.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._look.wait()
            self._look.clear()
            ids = list(self._waiting)
            for start in range(0, len(ids), _CHUNK):
                chunk = ids[start : start + _CHUNK]
                try:
                    tasks = await to_thread.run_sync(self._find_all, chunk)
                except Unavailable:
                    continue  # those who wait are told by their own last look
                except RuntimeError as error:  # the system gives no thread for now
                    _log.warning("waiting requests cannot be checked", exc_info=error)
                    continue
                for task_id in chunk:
                    if (task := tasks.get(task_id)) is None or not task.is_open:
                        self._let_go(task_id)

    def _let_go(self, task_id: str) -> None:
        for woken in self._waiting.get(task_id, ()):
            woken.set()


async def _is_set(event: asyncio.Event, end: float) -> bool:
    """Wait for an event until a moment by the loop's clock; whether to look once more, as at the moment itself."""
    if asyncio.get_running_loop().time() >= end:
        return False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(end):
            await event.wait()
    return True
