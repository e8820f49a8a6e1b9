"""The database's form: every former version becomes the present one, with what it held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from harness import whaleline
from new_task import new_task
from servers import PostgreSQL
from whaleline.errors import ConfigurationError, QueueFull
from whaleline.tasks import migrations
from whaleline.tasks.sql import METADATA, Store
from whaleline.tasks.task import TaskStatus

VERSIONS = migrations.VERSIONS

CLIENT = "INSERT INTO clients (id, name, secret_hash, created) VALUES ('c', 'first', 'hash', 1.5)"
TASK = (
    "INSERT INTO tasks (id, client_id, operation, settings, priority, status, code, messages, attempts, created,"
    " interruptions) VALUES ('t', 'c', 'RecognizeRegions', '{}', 3, 'Pending', 'NotReady', '[]', 0, 2.5, 0)"
)
"""What the first version held; later ones have what is missing here by default."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    made = server.create_database()
    yield made
    server.drop_database(made)


def connect(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")


@pytest.mark.parametrize("version", [*VERSIONS, "before versions were kept"])
def test_a_database_of_every_version_is_brought_to_the_present_form(url: str, version: str) -> None:
    engine = connect(url)
    with engine.connect() as connection:
        migrations.upgrade(connection, version if version in VERSIONS else VERSIONS[0])
        if version not in VERSIONS:
            connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.exec_driver_sql(CLIENT)
        connection.exec_driver_sql(TASK)
    store = Store(url)
    if version != VERSIONS[-1]:
        with pytest.raises(ConfigurationError, match="run `whaleline migrate`"):
            store.check_schema()
    store.migrate()
    store.check_schema()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    task = store.task("t")
    assert task is not None
    assert (task.client_id, task.status, task.created) == ("c", TaskStatus.PENDING, 2.5)
    if version not in VERSIONS[5:]:  # whose own insertions count what is open
        with pytest.raises(QueueFull):
            store.insert(new_task("c"), most_open=1, most_waiting=1000)
    assert store.claim("claim", 5.0, 10.0) is not None
    store.close()
    engine.dispose()


def test_a_migration_that_fails_leaves_the_former_form(url: str) -> None:
    engine = connect(url)
    with engine.connect() as connection:
        migrations.upgrade(connection, VERSIONS[0])
        connection.exec_driver_sql(CLIENT)
        connection.exec_driver_sql("ALTER TABLE tasks ADD COLUMN former_claim VARCHAR")  # in the way of the second
        with pytest.raises(sa.exc.DBAPIError):
            migrations.upgrade(connection)
        columns = {column["name"] for column in sa.inspect(connection).get_columns("tasks")}
        assert "former_claim" in columns
        assert "answer" not in columns
        assert MigrationContext.configure(connection).get_current_revision() == VERSIONS[0]
    engine.dispose()


def test_the_command_migrates_and_says_no_more_than_that_the_database_is_new(tmp_path: Path) -> None:
    new = f"There was no database in {tmp_path}, so a new one is made there.\n"
    for told in (new, ""):
        made = whaleline("migrate", data=tmp_path)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", told)
    store = Store(f"sqlite:///{tmp_path / 'whaleline.db'}")
    store.check_schema()
    store.close()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_with_a_broker_nothing_starts_on_tables_of_another_version(
    command: str, postgresql: PostgreSQL, signing_key: Path, tmp_path: Path
) -> None:
    url = postgresql.create_database()
    settings: dict[str, Any] = {
        "database": url,
        "broker": "redis://localhost:1/0",
        "blobs": tmp_path.as_uri(),
        "signing_key": signing_key,
    }
    told = whaleline(command, data=tmp_path / "data", port=0, **settings)
    assert told.returncode == 2
    assert "run `whaleline migrate`" in told.stderr
    postgresql.drop_database(url)
