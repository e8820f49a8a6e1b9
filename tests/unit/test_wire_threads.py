"""wire/threads.py by itself: where calls run, how many at a time, and what becomes of their outcomes."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from whaleline.wire.threads import Threads

DEADLINE = 60.0


class Busy:
    """A call that lasts until it is let go.

    Attributes:
        thread: where it runs.
    """

    thread: threading.Thread

    def __init__(self) -> None:
        self.go = threading.Event()
        self._begun = threading.Event()

    def __call__(self) -> None:
        self.thread = threading.current_thread()
        self._begun.set()
        self.go.wait(DEADLINE)

    def wait_begun(self) -> None:
        assert self._begun.wait(DEADLINE)


def run(most: int, test: Callable[[Threads], Coroutine[Any, Any, None]]) -> None:
    async def running() -> None:
        with contextlib.closing(Threads(most)) as threads:
            async with asyncio.timeout(DEADLINE):
                await test(threads)

    asyncio.run(running())


def test_a_call_gives_and_raises_in_a_thread_as_it_would_here() -> None:
    async def test(threads: Threads) -> None:
        assert await threads.run(divmod, 7, 2) == (3, 1)
        assert await threads.run(threading.get_ident) != threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            await threads.run(divmod, 7, 0)
        assert await threads.run(divmod, 9, 2) == (4, 1)

    run(1, test)


def test_as_many_calls_run_at_a_time_as_may() -> None:
    begun: list[int] = []
    here, go = threading.Barrier(3), threading.Event()

    def call(number: int) -> None:
        begun.append(number)
        if number < 2:
            here.wait(DEADLINE)
            go.wait(DEADLINE)

    async def test(threads: Threads) -> None:
        calls = [asyncio.ensure_future(threads.run(call, number)) for number in range(6)]
        await asyncio.to_thread(here.wait, DEADLINE)
        assert sorted(begun) == [0, 1]
        go.set()
        await asyncio.gather(*calls)
        assert sorted(begun) == list(range(6))

    run(2, test)


def test_calls_that_wait_for_a_thread_keep_their_order() -> None:
    begun: list[int] = []

    async def test(threads: Threads) -> None:
        await asyncio.gather(*(threads.run(begun.append, number) for number in range(50)))

    run(1, test)
    assert begun == list(range(50))


def test_one_call_after_the_other_needs_one_thread() -> None:
    async def test(threads: Threads) -> None:
        assert len({await threads.run(threading.get_ident) for _ in range(20)}) == 1

    run(8, test)


def test_a_call_sees_the_context_of_who_asks_for_it() -> None:
    variable = contextvars.ContextVar("variable", default=0)

    async def test(threads: Threads) -> None:
        variable.set(1)
        assert await threads.run(variable.get) == 1
        await threads.run(variable.set, 2)
        assert variable.get() == 1

    run(1, test)


def test_a_thread_whose_call_nobody_awaits_any_more_goes_on_to_the_next() -> None:
    call = Busy()

    async def test(threads: Threads) -> None:
        left = asyncio.ensure_future(threads.run(call))
        await asyncio.to_thread(call.wait_begun)
        left.cancel()
        behind = asyncio.ensure_future(threads.run(divmod, 7, 2))
        call.go.set()
        assert await behind == (3, 1)
        assert left.cancelled()

    run(1, test)


def test_closing_ends_every_thread_the_busy_ones_when_their_call_has_ended() -> None:
    call = Busy()
    idle: list[threading.Thread] = []

    async def test(threads: Threads) -> None:
        busy = asyncio.ensure_future(threads.run(call))
        idle.append(await threads.run(threading.current_thread))
        await asyncio.to_thread(call.wait_begun)
        threads.close()
        call.go.set()
        await busy

    run(2, test)
    for thread in (call.thread, *idle):
        thread.join(DEADLINE)
        assert not thread.is_alive()


def test_a_call_that_ends_after_the_last_turn_of_the_loop_ends_its_thread() -> None:
    """The interpreter waits for every thread when it exits: one that waits for a call would never let it."""
    call = Busy()

    async def ask() -> None:
        threads.run(call)

    threads = Threads(1)
    loop = asyncio.new_event_loop()
    with contextlib.closing(loop):
        loop.run_until_complete(ask())
        call.wait_begun()
        threads.close()
        call.go.set()
        call.thread.join(DEADLINE)
        assert not call.thread.is_alive()


def test_closing_cancels_what_has_not_begun_and_refuses_what_comes_after() -> None:
    call = Busy()

    async def test(threads: Threads) -> None:
        busy, behind = threads.run(call), threads.run(divmod, 7, 2)
        await asyncio.to_thread(call.wait_begun)
        threads.close()
        call.go.set()
        await busy
        with pytest.raises(asyncio.CancelledError):
            await behind
        with pytest.raises(RuntimeError, match="closed"):
            threads.run(divmod, 7, 2)

    run(1, test)


def test_a_call_that_was_cancelled_before_it_began_is_never_made() -> None:
    call = Busy()
    made: list[int] = []

    async def test(threads: Threads) -> None:
        busy = threads.run(call)
        left = [threads.run(made.append, number) for number in range(3)]
        await asyncio.to_thread(call.wait_begun)
        left[0].cancel()
        left[2].cancel()
        call.go.set()
        await busy
        await threads.run(made.append, 3)

    run(1, test)
    assert made == [1, 3]


def test_where_the_system_gives_no_thread_the_call_says_so_and_the_next_gets_one() -> None:
    """In a process of its own, which may have no more threads than it has."""
    program = """
import asyncio, resource
from whaleline.wire.threads import Threads

async def main():
    threads = Threads(1)
    size, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1, most))  # no room for a stack
    try:
        threads.run(divmod, 7, 2)
    except RuntimeError as error:
        refused = error
    resource.setrlimit(resource.RLIMIT_AS, (size, most))
    print(refused)
    print(await asyncio.wait_for(threads.run(divmod, 7, 2), 60))
    threads.close()

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=DEADLINE, check=True)
    assert done.stdout.splitlines() == ["can't start new thread", "(3, 1)"]


def test_a_function_that_raises_what_no_future_can_is_told_all_the_same() -> None:
    async def test(threads: Threads) -> None:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await threads.run(next, iter(()))
        assert await threads.run(divmod, 7, 2) == (3, 1)

    run(1, test)


@pytest.mark.parametrize("function", [id, len], ids=["that gives", "that raises"])
def test_nothing_of_a_call_is_held_on_to_once_it_has_ended(function: Callable[[object], object]) -> None:
    class Body:
        pass

    async def ask(threads: Threads, body: Body) -> None:
        with contextlib.suppress(TypeError):
            await threads.run(function, body)

    async def test(threads: Threads) -> None:
        gone = threading.Event()
        body = Body()
        weakref.finalize(body, gone.set)
        await ask(threads, body)
        del body
        await asyncio.to_thread(gone.wait, DEADLINE)
        assert gone.is_set()

    gc.disable()  # a cycle would be found in the end, but megabytes are not to wait for that
    try:
        run(1, test)
    finally:
        gc.enable()
