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

        Raises:
            RuntimeError: it is closed, or the system gives no thread.
        """
        if self._closed:
            raise RuntimeError("a call after the threads were closed")
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[_T] = loop.create_future()
        call = _Call(loop, outcome, contextvars.copy_context(), function, arguments)
        if self._idle:
            self._idle.pop().put(call)  # who came last has the warmest caches
        elif self._most:
            calls: SimpleQueue[_Call | None] = SimpleQueue()
            calls.put(call)
            threading.Thread(target=self._work, args=(calls,), name=f"request_{next(self._started)}").start()
            self._most -= 1  # not before: where the system gives no thread, the next call asks for one again
        else:
            self._behind.append(call)
        return outcome

    def close(self) -> None:
        """Cancel the calls that wait, and end the threads, each when its call has ended; called on the loop."""
        self._closed = True
        while self._behind:
            self._behind.popleft().outcome.cancel()
        while self._idle:
            self._idle.pop().put(None)

    def _work(self, calls: SimpleQueue[_Call | None]) -> None:
        while (call := calls.get()) is not None:
            result: object = None
            error: BaseException | None = None
            try:
                result = call.context.run(call.function, *call.arguments)
            except StopIteration as raised:  # no future can raise that, nor can a coroutine (PEP 479)
                error = RuntimeError(f"{call.function} raised StopIteration")
                error.__cause__ = raised
            except BaseException as raised:  # to be raised where it is awaited
                error = raised
            try:
                call.loop.call_soon_threadsafe(self._deliver, calls, call.outcome, result, error)
            except RuntimeError:  # the loop is closed: nobody awaits it any more
                return
            if self._closed:  # the loop may have had its last turn, in which case nobody says that this is to end
                return
            del call, result, error  # while this waits for the next, it holds on to nothing of the last

    def _deliver(
        self,
        calls: SimpleQueue[_Call | None],
        outcome: asyncio.Future[Any],
        result: object,
        error: BaseException | None,
    ) -> None:
        while self._behind and self._behind[0].outcome.cancelled():
            self._behind.popleft()
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
