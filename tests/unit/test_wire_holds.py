"""wire/holds.py by itself: who waits, who is let go, and how often the store is asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from new_task import new_task
from whaleline.errors import Unavailable
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wire.holds import Holds

DEADLINE = 60.0
OPEN, DONE = TaskStatus.PENDING, TaskStatus.COMPLETED


class Store:
    """The rows as these tests want them, and how they were asked for."""

    def __init__(self, **rows: TaskStatus) -> None:
        self.rows = rows
        self.queries: list[Sequence[str]] = []
        self.asked = threading.Event()
        self.broken = False

    def find(self, task_id: str) -> Task | None:
        return new_task("c", id=task_id, status=self.rows[task_id]) if task_id in self.rows else None

    def find_all(self, ids: Sequence[str]) -> dict[str, Task]:
        self.queries.append(list(ids))
        self.asked.set()
        if self.broken:
            raise Unavailable("no store")
        return {each: found for each in ids if (found := self.find(each))}


def run(store: Store, test: Callable[[Holds], Coroutine[Any, Any, None]]) -> None:
    async def running() -> None:
        holds = Holds(store.find_all, most=1000)
        async with holds.running(), asyncio.timeout(DEADLINE):
            await test(holds)

    asyncio.run(running())


def look_for(store: Store, task_id: str) -> Callable[[], tuple[bool, TaskStatus | None]]:
    """A look at a task that answers with its status."""

    def look() -> tuple[bool, TaskStatus | None]:
        found = store.find(task_id)
        return (found.is_open, found.status) if found else (False, None)

    return look


def test_who_need_not_or_will_not_wait_causes_no_query() -> None:
    store = Store(done=DONE, open=OPEN)

    async def test(holds: Holds) -> None:
        assert await holds.until_ended(look_for(store, "done"), "done", 30) is DONE
        assert await holds.until_ended(look_for(store, "none"), "none", 30) is None
        assert await holds.until_ended(look_for(store, "open"), "open", 0) is OPEN

    run(store, test)
    assert sum(map(len, store.queries)) == 0


def test_many_who_wait_are_let_go_by_one_query_each_time() -> None:
    store = Store(a=OPEN, b=OPEN)

    async def test(holds: Holds) -> None:
        waiting = [asyncio.create_task(holds.until_ended(look_for(store, each), each, 30)) for each in "ab" * 50]
        await asyncio.to_thread(store.asked.wait, DEADLINE)
        store.rows["a"] = DONE
        del store.rows["b"]
        holds.wake()
        assert await asyncio.gather(*waiting) == [DONE, None] * 50

    run(store, test)
    assert all(sorted(ids) == ["a", "b"] for ids in store.queries if len(ids) > 1)
    assert max(map(len, store.queries)) == 2  # a hundred wait, two ids are asked for


def test_an_end_that_nobody_told_of_is_seen_all_the_same() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await asyncio.to_thread(store.asked.wait, DEADLINE)
        store.rows["a"] = DONE  # by another process: no wake
        assert await waiting is DONE

    run(store, test)


def test_an_end_between_look_and_wait_is_not_missed() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        def look() -> tuple[bool, TaskStatus]:
            found = store.rows["a"]
            store.rows["a"] = DONE
            holds.wake("a")
            return found is OPEN, found

        assert await holds.until_ended(look, "a", 30) is DONE

    run(store, test)


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

    run(store, test)
    assert looks == [True, True, False]


def test_who_has_waited_long_enough_is_told_how_it_stands() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        assert await holds.until_ended(look_for(store, "a"), "a", 0.01) is OPEN

    run(store, test)


def test_closing_lets_everybody_go_and_holds_nobody_any_more() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await asyncio.to_thread(store.asked.wait, DEADLINE)
        holds.close()
        assert await waiting is OPEN
        assert await holds.until_ended(look_for(store, "a"), "a", 30) is OPEN

    run(store, test)


def test_a_store_that_fails_for_a_while_loses_nobody() -> None:
    store = Store(a=OPEN)
    store.broken = True

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await asyncio.to_thread(store.asked.wait, DEADLINE)
        store.rows["a"] = DONE
        store.broken = False
        assert await waiting is DONE

    run(store, test)


def test_a_client_that_hangs_up_leaves_nothing_behind() -> None:
    store = Store(a=OPEN)

    async def test(holds: Holds) -> None:
        waiting = asyncio.create_task(holds.until_ended(look_for(store, "a"), "a", 30))
        await asyncio.to_thread(store.asked.wait, DEADLINE)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert not holds._waiting

    run(store, test)


def test_waking_after_the_end_does_no_harm() -> None:
    holds = Holds(Store().find_all, most=1000)
    holds.wake()

    async def nothing() -> None:
        async with holds.running():
            pass

    asyncio.run(nothing())
    holds.wake()
