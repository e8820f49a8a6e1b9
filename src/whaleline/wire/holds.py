"""GETs that wait for a task to end, all of them on one query."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from starlette.concurrency import run_in_threadpool

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.tasks.task import Task

_TICK = 0.5
"""Seconds between two looks while somebody waits and nothing is told, for what other processes do to a task."""

_TICK_WHILE_TOLD = 5.0
"""The same where the database tells what other processes do."""

_CHUNK = 500
"""Ids in one query; SQLite takes 32,766 parameters at most."""


class Holds:
    """Requests that wait, by task.

    One watcher asks for the tasks that are waited for: at once for those it is told of, else for all at intervals, and
    never while nobody waits. No more than `most` wait at a time; others are answered at once.
    """

    def __init__(
        self,
        find_all: Callable[[Sequence[str]], dict[str, Task]],
        most: int,
        is_told: Callable[[], bool] = lambda: False,
    ) -> None:
        """Make it.

        Args:
            find_all: finds those of the tasks that are there.
            most: how many requests may wait.
            is_told: whether `wake` is called for whatever ends, in other processes too.
        """
        self._find_all = find_all
        self._most = most
        self._is_told = is_told
        self._ended: set[str] | None = set()
        self._held = 0
        self._waiting: dict[str, set[asyncio.Future[Task | None]]] = {}
        self._somebody = asyncio.Event()
        self._woken = asyncio.Event()
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
            with contextlib.suppress(asyncio.CancelledError):
                await watcher

    def wake(self, task_id: str | None = None) -> None:
        """Tell that a task, or some task, may have ended; from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake, task_id)

    def close(self) -> None:
        """Let everybody go now, and hold nobody from here on; from any thread or a signal handler."""
        self._closed = True
        self.wake()

    async def ended(self, look: Callable[[], Task | None], task_id: str, seconds: float) -> Task | None:
        """A task when it has ended, or as it stands after some seconds; None where it is not there.

        Args:
            look: finds the task as it stands now; called in a thread, once.
            task_id: the task's id.
            seconds: how long to wait at most.
        """
        future: asyncio.Future[Task | None] = asyncio.get_running_loop().create_future()
        # Waited for before it is looked at, so that an end between the two is not missed.
        self._waiting.setdefault(task_id, set()).add(future)
        self._somebody.set()
        try:
            task = await run_in_threadpool(look)
            if task is None or not task.is_open or seconds <= 0 or self._closed or self._held >= self._most:
                return task
            self._held += 1
            try:
                with contextlib.suppress(TimeoutError), metrics.HOLDS.track_inprogress():
                    async with asyncio.timeout(seconds):
                        return await future
            finally:
                self._held -= 1
            return await run_in_threadpool(look)
        finally:
            waiting = self._waiting[task_id]
            waiting.discard(future)
            if not waiting:
                del self._waiting[task_id]
            if not self._waiting:
                self._somebody.clear()

    def _wake(self, task_id: str | None) -> None:
        if task_id is None:
            self._ended = None  # any
        elif task_id not in self._waiting:
            return
        elif self._ended is not None:
            self._ended.add(task_id)
        self._woken.set()

    async def _watch(self) -> None:
        while True:
            await self._somebody.wait()
            try:
                async with asyncio.timeout(_TICK_WHILE_TOLD if self._is_told() else _TICK):
                    await self._woken.wait()
            except TimeoutError:
                self._ended = None
            self._woken.clear()
            ids = list(self._waiting if self._ended is None else self._ended & self._waiting.keys())
            self._ended = set()
            for start in range(0, len(ids), _CHUNK):
                chunk = ids[start : start + _CHUNK]
                try:
                    tasks = await run_in_threadpool(self._find_all, chunk)
                except Unavailable:
                    continue  # those who wait are told by their own second look
                for task_id in chunk:
                    self._let_go(task_id, tasks.get(task_id))

    def _let_go(self, task_id: str, task: Task | None) -> None:
        if task is None or not task.is_open or self._closed:
            for future in self._waiting.get(task_id, ()):
                if not future.done():
                    future.set_result(task)
