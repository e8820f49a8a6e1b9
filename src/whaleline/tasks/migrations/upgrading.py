"""What Alembic does to a database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from whaleline.tasks.migrations import VERSION_TABLE, VERSIONS

_LOCK = 0x77680000


def upgrade(connection: sa.Connection, to: str) -> None:
    """Apply the versions up to this one that are missing, whole or not at all; the connection is in autocommit mode."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        if not is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config = _config()
        config.attributes["connection"] = connection
        tables = set(sa.inspect(connection).get_table_names())
        if "tasks" in tables and VERSION_TABLE not in tables:  # made before versions were kept
            command.stamp(config, VERSIONS[0])
        command.upgrade(config, to)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
