"""Held requests hear of what other processes do, from PostgreSQL alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence

import psycopg
import pytest

from harness import DEADLINE, wait_until
from new_task import new_task
from servers import PostgreSQL
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.sql import Client, Store
from whaleline.tasks.task import StoredAnswer, Task, TaskStatus
from whaleline.wire.holds import Holds
from whaleline.wire.threads import Threads

CLIENT = Client("c1", "first", "hash", 1.0)
LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[str]:
    url = postgresql.create_database()
    store = Store(url)
    store.migrate()
    store.add_client(CLIENT)
    store.close()
    yield url
    postgresql.drop_database(url)


def end(database: str, task_id: str) -> None:
    """Do what a worker does."""
    store = Store(database)
    store.claim(task_id, "claim", 200.0)
    code = ResponseStatusCode.OK
    store.finish(task_id, "claim", status=TaskStatus.COMPLETED, code=code, messages=[], digest="d", now=1.0)
    store.close()


def as_ever(task_ids: Sequence[str]) -> dict[str, Task]:
    """What a look at the rows would give if nothing had ended, so that none of these looks lets anybody go."""
    return {task_id: new_task(CLIENT.id, id=task_id) for task_id in task_ids}


async def hear_of(holds: Holds, store: Store, database: str, task_id: str) -> StoredAnswer | None:
    """Hold a request for a task that ends elsewhere; what it is told."""
    store.insert(new_task(CLIENT.id, id=task_id))
    holds.expect(task_id, CLIENT.id)
    held = asyncio.create_task(holds.until_ended(lambda told: (False, told), task_id, CLIENT.id, DEADLINE))
    await asyncio.to_thread(end, database, task_id)
    return await held


def test_an_end_is_heard_with_its_answer_and_again_once_the_connection_was_lost(database: str) -> None:
    def listens(*, not_by: int = 0) -> int:
        """The server's process that tells, as soon as it is another than one before."""
        query = f"{LISTENING} AND pid <> {not_by}"
        return int(wait_until(lambda: server.execute(query).fetchall(), "a connection that listens")[0][0])

    async def hear() -> None:
        with contextlib.closing(Threads(4)) as threads:
            holds = Holds(threads, as_ever, most=10, listen=store.ends)
            async with holds.running():
                first = await asyncio.to_thread(listens)
                assert await hear_of(holds, store, database, "one") == StoredAnswer("claim", "d")
                server.execute("SELECT pg_terminate_backend(%s)", (first,))
                await asyncio.to_thread(listens, not_by=first)
                assert await hear_of(holds, store, database, "two") == StoredAnswer("claim", "d")

    store = Store(database)
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as server:
        asyncio.run(hear())
    store.close()
