"""GETs that wait for a task to end: told by whoever ends it, else all of them on one query."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

import structlog

from whaleline import metrics
from whaleline.errors import Unavailable
from whaleline.tasks.sql import Ends
from whaleline.tasks.task import Answered, StoredAnswer, Task
from whaleline.wire.threads import Threads

_log = structlog.get_logger()

_TICK = 0.5
"""Seconds between two looks while somebody waits and nothing is told, for what other processes do to a task."""

_TICK_WHILE_TOLD = 5.0
"""The same where the database tells what other processes do."""

_LISTEN_AGAIN_SECONDS = 1.0
"""How long to wait before a lost connection to the database, on which ends are told, is made again."""

_CHUNK = 500
"""Ids in one query; SQLite takes 32,766 parameters at most."""

_MOST_EXPECTED = 10_000
"""Tasks that are remembered as open; those that are forgotten are looked at before they are waited for."""

_T = TypeVar("_T")


class Holds:
    """Requests that wait, by task.

    Who is told that a task has ended looks at it once more, unless its answer was told. What nobody tells is found by
    one watcher, which asks for all tasks that are waited for at intervals, and never while nobody waits. No more than
    `most` wait at a time; others are answered at once.
    """

    def __init__(
        self,
        threads: Threads,
        find_all: Callable[[Sequence[str]], dict[str, Task]],
        most: int,
        listen: Callable[[], Ends | None] = lambda: None,
    ) -> None:
        """Make it.

        Args:
            threads: where looks are taken.
            find_all: finds those of the tasks that are there.
            most: how many requests may wait.
            listen: makes what tells of ends in other processes, too; None where there are none.
        """
        self._threads = threads
        self._find_all = find_all
        self._most = most
        self._listen = listen
        self._is_told = False
        self._held = 0
        self._waiting: dict[str, set[_Word]] = {}
        self._expected: dict[str, str] = {}  # clients, by task
        self._somebody = asyncio.Event()
        self._look = asyncio.Event()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen and watch while the context lasts."""
        self._loop = asyncio.get_running_loop()
        tasks = [asyncio.create_task(each) for each in (self._hear(), self._watch())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def expect(self, task_id: str, client_id: str) -> None:
        """Tell that a task is about to be taken in, and open until `wake` is called for it; from any thread.

        The GET that follows its POST then waits at once, where it would have to look first.
        """
        if len(self._expected) >= _MOST_EXPECTED:
            self._expected.clear()
        self._expected[task_id] = client_id

    def wake(self, task_id: str | None = None, answered: Answered | None = None) -> None:
        """Tell that a task, or some task, may have ended, and its answer where it is known; from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake, task_id, answered)

    def close(self) -> None:
        """Let everybody go now, and hold nobody from here on; from any thread or a signal handler."""
        self._closed = True
        self.wake()

    async def until_ended(
        self, look: Callable[[StoredAnswer | None], tuple[bool, _T]], task_id: str, client_id: str, seconds: float
    ) -> _T | bytes:
        """What `look` gives of a task that has ended, or that has not after some seconds.

        Args:
            look: tells whether the task is still open for the client, and what to answer; called in a thread, at first
                unless it is known that the task is open, and then whenever it may have ended, with the place of its
                answer if that was told. An answer that was told itself needs no look.
            task_id: the task's id.
            client_id: who asks.
            seconds: how long to wait at most.
        """
        end = asyncio.get_running_loop().time() + seconds
        with self._waiting_for(task_id) as woken:
            # Waited for before it is looked at, so that an end between the two is not missed.
            if self._expected.get(task_id) == client_id and self._may_hold():
                with self._holding():
                    await _is_set(woken, end)
            is_open, answer = await self._told_or_seen(woken, look)
            if is_open and self._may_hold():
                with self._holding():
                    while is_open and not self._closed and await _is_set(woken, end):
                        is_open, answer = await self._told_or_seen(woken, look)
            return answer

    async def _told_or_seen(
        self, woken: _Word, look: Callable[[StoredAnswer | None], tuple[bool, _T]]
    ) -> tuple[bool, _T | bytes]:
        if isinstance(told := woken.answered, bytes):
            return False, told
        woken.clear()
        return await self._threads.run(look, told)

    def _may_hold(self) -> bool:
        return self._held < self._most and not self._closed

    @contextlib.contextmanager
    def _holding(self) -> Iterator[None]:
        self._held += 1
        try:
            with metrics.HOLDS.track_inprogress():
                yield
        finally:
            self._held -= 1

    @contextlib.contextmanager
    def _waiting_for(self, task_id: str) -> Iterator[_Word]:
        woken = _Word()
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

    def _wake(self, task_id: str | None, answered: Answered | None) -> None:
        if self._closed:
            for each in self._waiting:
                self._let_go(each)
        elif task_id is None:
            self._expected.clear()
            self._look.set()
        else:
            self._let_go(task_id, answered)

    async def _hear(self) -> None:
        while True:
            try:
                if (ends := await self._threads.run(self._listen)) is None:
                    return
                with contextlib.closing(ends):
                    self._is_told = True
                    self._wake(None, None)  # what has ended before
                    await self._hear_of(ends)
            except Exception as error:  # whatever it is, held requests must not go on trusting this
                self._is_told = False
                _log.warning("the ends of tasks are not told for now; held requests look for them", exc_info=error)
                await asyncio.sleep(_LISTEN_AGAIN_SECONDS)

    async def _hear_of(self, ends: Ends) -> None:
        """Wake whose task has ended, until the connection is lost."""
        loop = asyncio.get_running_loop()
        lost: asyncio.Future[None] = loop.create_future()

        def take() -> None:
            try:
                for task_id, answered in ends.take():
                    self._wake(task_id, answered)
            except Exception as error:  # to be raised where it is awaited
                if not lost.done():
                    loop.remove_reader(descriptor)  # at once, for the number may soon be another connection's
                    lost.set_exception(error)

        loop.add_reader(descriptor := ends.fileno(), take)
        try:
            while not lost.done():
                # Also for what came along with the answer to LISTEN, and so does not make the socket readable.
                take()
                await asyncio.wait({lost}, timeout=_TICK_WHILE_TOLD)
            lost.result()
        finally:
            if not lost.done():
                loop.remove_reader(descriptor)

    async def _watch(self) -> None:
        while True:
            await self._somebody.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_WHILE_TOLD if self._is_told else _TICK):
                    await self._look.wait()
            self._look.clear()
            ids = list(self._waiting)
            for start in range(0, len(ids), _CHUNK):
                chunk = ids[start : start + _CHUNK]
                try:
                    tasks = await self._threads.run(self._find_all, chunk)
                except Unavailable:
                    continue  # those who wait are told by their own last look
                except RuntimeError as error:  # the system gives no thread for now
                    _log.warning("held requests are not looked for", exc_info=error)
                    continue
                for task_id in chunk:
                    if (task := tasks.get(task_id)) is None or not task.is_open:
                        self._let_go(task_id)

    def _let_go(self, task_id: str, answered: Answered | None = None) -> None:
        self._expected.pop(task_id, None)
        for woken in self._waiting.get(task_id, ()):
            woken.answered = answered
            woken.set()


class _Word(asyncio.Event):
    """That a task may have ended; with its answer where that was told."""

    answered: Answered | None = None


async def _is_set(event: asyncio.Event, end: float) -> bool:
    """Wait for an event until a moment by the loop's clock; whether to look once more, as at the moment itself."""
    if asyncio.get_running_loop().time() >= end:
        return False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(end):
            await event.wait()
    return True
