"""wire/holds.py by itself: who waits, who is let go, and how often the store is asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from new_task import new_task
from whaleline.errors import Unavailable
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire.holds import Holds

DEADLINE = 60.0
OPEN, DONE = TaskStatus.PENDING, TaskStatus.COMPLETED


class Store:
    """The rows as these tests want them, and how often they were asked for."""

    def __init__(self, **rows: TaskStatus) -> None:
        self.rows = rows
        self.looks = threading.Semaphore(0)
        self.broken = False

    def find(self, task_id: str) -> Task | None:
        self.looks.release()
        if self.broken:
            raise Unavailable("no store")
        return new_task("c", id=task_id, status=self.rows[task_id]) if task_id in self.rows else None

    async def looked_at(self, times: int = 1) -> None:
        for _ in range(times):
            await asyncio.to_thread(self.looks.acquire)


def run(test: Callable[[Holds], Coroutine[Any, Any, None]], most: int = 1000) -> None:
    async def running() -> None:
        async with asyncio.timeout(DEADLINE):
            await test(Holds(most))

    asyncio.run(running())


def look_for(store: Store, task_id: str) -> Callable[[], tuple[bool, TaskStatus | None]]:
    """A look at a task that answers with its status."""

    def look() -> tuple[bool, TaskStatus | None]:
        found = store.find(task_id)
        return (found.is_open, found.status) if found else (False, None)

    return look


def test_who_need_not_or_will_not_or_may_not_wait_looks_once() -> None:
    store = Store(done=DONE, open=OPEN)

    async def test(holds: Holds) -> None:
        assert await holds.until_ended(look_for(store, "done"), "done", 30) is DONE
        assert await holds.until_ended(look_for(store, "none"), "none", 30) is None
        assert await holds.until_ended(look_for(store, "open"), "open", 0) is OPEN

    async def test_without_room(holds: Holds) -> None:
        assert await holds.until_ended(look_for(store, "open"), "open", 30) is OPEN

    run(test)
    run(test_without_room, most=0)
    assert [store.looks.acquire(blocking=False) for _ in range(5)] == [True] * 4 + [False]


def test_who_waits_is_let_go_at_once_and_looks_no_more_than_needed() -> None:
    store = Store(a=OPEN, b=OPEN)

    async def test(holds: Holds) -> None:
        waiting = [asyncio.create_task(holds.until_ended(look_for(store, each), each, 30)) for each in "ab" * 50]
        await store.looked_at(100)
        store.rows["a"] = DONE
        del store.rows["b"]
        holds.wake("a")
        assert await asyncio.gather(*waiting[::2]) == [DONE] * 50
        holds.wake()
        assert await asyncio.gather(*waiting[1::2]) == [None] * 50

    run(test)
    assert [store.looks.acquire(blocking=False) for _ in range(101)] == [True] * 100 + [False]


def test_an_end_that_nobody_told_of_is_seen_all_the_same() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await store.looked_at()
        store.rows["a"] = DONE  # by another process: no wake
        assert await waiting is DONE

    run(test)


def test_an_end_between_look_and_wait_is_not_missed() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        def look() -> tuple[bool, TaskStatus]:
            found = store.rows["a"]
            store.rows["a"] = DONE
            holds.wake("a")
            return found is OPEN, found

        assert await holds.until_ended(look, "a", 30) is DONE

    run(test)


def test_who_is_told_looks_for_himself_and_goes_on_waiting_where_nothing_has_ended() -> None:
    store = Store(a=OPEN, b=OPEN)
    looks: list[bool] = []
    looked = threading.Semaphore(0)

    async def test(holds: Holds) -> None:
        def look() -> tuple[bool, TaskStatus]:
            looks.append(store.rows["a"] is OPEN)
            looked.release()
            return store.rows["a"] is OPEN, store.rows["a"]

        waiting = asyncio.create_task(holds.until_ended(look, "a", 30))
        await asyncio.to_thread(looked.acquire)
        holds.wake("b")
        holds.wake("a")
        await asyncio.to_thread(looked.acquire)
        store.rows["a"] = DONE
        holds.wake("a")
        assert await waiting is DONE

    run(test)
    assert looks == [True, True, False]


def test_who_has_waited_long_enough_is_told_how_it_stands() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        assert await holds.until_ended(look_for(store, "a"), "a", 0.01) is OPEN

    run(test)


def test_closing_lets_everybody_go_and_holds_nobody_any_more() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await store.looked_at()
        holds.close()
        assert await waiting is OPEN
        assert await holds.until_ended(look_for(store, "a"), "a", 30) is OPEN

    run(test)


def test_a_store_that_fails_for_a_while_loses_nobody() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await store.looked_at()
        store.broken = True
        holds.wake("a")
        await store.looked_at()
        store.rows["a"] = DONE
        store.broken = False
        assert await waiting is DONE

    run(test)


def test_a_client_that_hangs_up_leaves_nothing_behind() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await store.looked_at()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await holds.until_ended(look_for(store, "a"), "a", 0.01) is OPEN  # the only place is free again

    run(test, most=1)


def test_waking_after_the_end_does_no_harm() -> None:
    holds = Holds(1000)
    holds.wake()
    assert asyncio.run(holds.until_ended(lambda: (False, DONE), "a", 30)) is DONE
    holds.wake()
