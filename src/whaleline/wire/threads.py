"""Threads for calls that block: to the database, the blob store, the broker."""

from __future__ import annotations

import asyncio
import collections
import contextvars
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar, TypeVarTuple

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class Threads:
    """What `asyncio.to_thread` does, for one event loop, in two thirds of its time (80 of 125 microseconds).

    Each thread waits for calls of its own, where all those of a ThreadPoolExecutor wait for any: that of Python 3.11
    wakes a second one for each call, to no end. And an outcome goes straight to the loop, by no other future.
    """

    def __init__(self, most: int) -> None:
        """Make it; `most` threads run calls at a time, and others wait for them."""
        self._most = most
        self._idle: list[SimpleQueue[_Call | None]] = []
        self._behind: collections.deque[_Call] = collections.deque()
        self._started = itertools.count(1)
        self._closed = False

    def run(self, function: Callable[[*_Arguments], _T], *arguments: *_Arguments) -> asyncio.Future[_T]:
        """What a function gives or raises that is called in a thread, with this task's context variables.

        To cancel it does not end the call. This is no coroutine, whose frame would hold on to an error, by the future,
        as the error does to the frame: what was called with megabytes would keep them until the cycle is found.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[_T] = loop.create_future()
        call = _Call(loop, outcome, contextvars.copy_context(), function, arguments)
        if self._idle:
            self._idle.pop().put(call)  # who came last has the warmest caches
        elif self._most:
            self._most -= 1
            calls: SimpleQueue[_Call | None] = SimpleQueue()
            calls.put(call)
            threading.Thread(target=self._work, args=(calls,), name=f"request_{next(self._started)}").start()
        else:
            self._behind.append(call)
        return outcome

    def close(self) -> None:
        """End the threads, each when its call has ended; called on the loop, as the last."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)

    def _work(self, calls: SimpleQueue[_Call | None]) -> None:
        while (call := calls.get()) is not None:
            result, error = None, None
            try:
                result = call.context.run(call.function, *call.arguments)
            except BaseException as raised:  # to be raised where it is awaited
                error = raised
            try:
                call.loop.call_soon_threadsafe(self._deliver, calls, call.outcome, result, error)
            except RuntimeError:  # the loop is closed: nobody awaits it any more
                return
            del call, result, error  # while this waits for the next, it holds on to nothing of the last

    def _deliver(
        self,
        calls: SimpleQueue[_Call | None],
        outcome: asyncio.Future[Any],
        result: object,
        error: BaseException | None,
    ) -> None:
        if self._behind:
            calls.put(self._behind.popleft())
        elif self._closed:
            calls.put(None)
        else:
            self._idle.append(calls)
        if outcome.cancelled():
            return
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(error)


@dataclass(frozen=True, slots=True)
class _Call:
    loop: asyncio.AbstractEventLoop
    outcome: asyncio.Future[Any]
    context: contextvars.Context
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
