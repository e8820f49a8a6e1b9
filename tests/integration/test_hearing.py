"""Held requests hear of what other processes do, from PostgreSQL alone."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator, Sequence

import psycopg
import pytest
import sqlalchemy as sa
import uvloop

from harness import DEADLINE, wait_until
from new_task import new_task
from servers import PostgreSQL
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks import migrations
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


def listens(database: str, *, not_by: int = 0) -> int:
    """The server's process that tells, as soon as it is another than one before."""
    with psycopg.connect(database, autocommit=True) as server:
        query = f"{LISTENING} AND pid <> {not_by}"
        return int(wait_until(lambda: server.execute(query).fetchall(), "a connection that listens")[0][0])


@contextlib.asynccontextmanager
async def hearing(store: Store) -> AsyncIterator[Holds]:
    """Held requests that only what the store is told lets go."""
    with contextlib.closing(Threads(4)) as threads:
        holds = Holds(threads, as_ever, most=10, listen=store.ends)
        async with holds.running():
            yield holds


async def hear_of(holds: Holds, store: Store, database: str, task_id: str) -> StoredAnswer | None:
    """Hold a request for a task that ends elsewhere; what it is told."""
    store.insert(new_task(CLIENT.id, id=task_id))
    holds.expect(task_id, CLIENT.id)
    held = asyncio.create_task(holds.until_ended(lambda told: (False, told), task_id, CLIENT.id, DEADLINE))
    await asyncio.to_thread(end, database, task_id)
    return await held


def test_an_end_is_heard_with_its_answer_and_again_once_the_connection_was_lost(database: str) -> None:
    async def hear() -> None:
        async with hearing(store) as holds:
            first = await asyncio.to_thread(listens, database)
            assert await hear_of(holds, store, database, "one") == StoredAnswer("claim", "d")
            server.execute("SELECT pg_terminate_backend(%s)", (first,))
            await asyncio.to_thread(listens, database, not_by=first)
            assert await hear_of(holds, store, database, "two") == StoredAnswer("claim", "d")

    store = Store(database)
    with psycopg.connect(database, autocommit=True) as server:
        uvloop.run(hear())
    store.close()


class Relay:
    """Stands between a client and PostgreSQL, and resets the connection behind the next word when it is told to."""

    def __init__(self, database: str) -> None:
        url = sa.make_url(database)
        self._server = (url.host, url.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = url.set(port=self._listener.getsockname()[1]).render_as_string(hide_password=False)
        self.resets = False
        self.has_reset = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, server = self._listener.accept()[0], socket.create_connection(self._server)
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        # In one thread, for a connection that another one still waits on is not reset when it is closed.
        with client, server, contextlib.suppress(OSError):
            while True:
                for source in select.select([client, server], [], [])[0]:
                    if not (data := source.recv(65536)):
                        return
                    (client if source is server else server).sendall(data)
                    if self.resets and source is server and migrations.ENDS_CHANNEL.encode() in data:
                        self.resets = False
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        client.close()
                        self.has_reset.set()
                        return


def test_a_connection_that_is_reset_behind_a_word_is_noticed(database: str) -> None:
    """While the loop is busy, so that it finds both at once; uvloop calls its reader once, and never again."""

    async def hear() -> None:
        async with hearing(relayed) as holds:
            first = await asyncio.to_thread(listens, database)
            store.insert(new_task(CLIENT.id, id="two"))
            relay.resets = True
            end(database, "two")
            assert relay.has_reset.wait(DEADLINE)
            await asyncio.to_thread(listens, database, not_by=first)
            assert await hear_of(holds, store, database, "three") == StoredAnswer("claim", "d")

    with contextlib.closing(Relay(database)) as relay:
        store, relayed = Store(database), Store(relay.url)
        uvloop.run(hear())
        store.close()
        relayed.close()
