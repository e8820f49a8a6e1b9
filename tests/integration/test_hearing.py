"""A service hears of what other processes do, from PostgreSQL alone."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness import DEADLINE, wait_until
from new_task import CLIENT, new_task
from servers import PostgreSQL
from whaleline.operations.operation import ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks.blobs import Blobs
from whaleline.tasks.dispatch.celery import CeleryDispatcher
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.tasks.task import TaskStatus

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


def end(store: Store, task_id: str) -> None:
    """Do what a worker does."""
    store.insert(new_task(CLIENT.id, id=task_id), most_open=10, most_waiting=1000)
    store.claim("claim", 100.0, 200.0)
    code = ResponseStatusCode.OK
    task = new_task(CLIENT.id, id=task_id, claim="claim")
    store.finish(task, status=TaskStatus.COMPLETED, code=code, messages=[], digest="d", now=1.0)


def test_an_end_is_heard_and_again_once_the_connection_was_lost(database: str, tmp_path: Path) -> None:
    """The broker is away, which nothing here needs."""
    blobs = tmp_path.as_uri()
    settings = Settings(data=tmp_path, database=database, blobs=blobs, broker="redis://localhost:1/0")
    store = Store(database)
    tasks = Tasks(settings, store, Blobs(blobs), CeleryDispatcher(settings))
    told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    with contextlib.closing(store), psycopg.connect(database, autocommit=True) as server:
        tasks.start(told.put)
        try:
            assert told.get(timeout=DEADLINE) is None
            end(store, "one")
            assert told.get(timeout=DEADLINE) == "one"
            ((pid,),) = wait_until(lambda: server.execute(LISTENING).fetchall(), "a connection that listens")
            server.execute("SELECT pg_terminate_backend(%s)", (pid,))
            assert told.get(timeout=DEADLINE) is None
            end(store, "two")
            assert told.get(timeout=DEADLINE) == "two"
        finally:
            tasks.stop()
