"""A store on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from new_task import CLIENT
from servers import PostgreSQL
from whaleline.tasks.sql import Store


@pytest.fixture(scope="module")
def database(postgresql: PostgreSQL) -> Iterator[str]:
    """URL of a database on a PostgreSQL server."""
    url = postgresql.create_database()
    yield url
    postgresql.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with one client and no tasks."""
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    else:
        store = Store(request.getfixturevalue("database"))
    store.migrate()
    assert store.add_client(CLIENT)
    yield store
    for client in store.clients():
        store.delete_all(client.id)
        store.remove_client(client.id)
    store.close()
