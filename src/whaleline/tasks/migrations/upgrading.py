"""What Alembic does to a database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from whaleline.tasks.migrations import VERSIONS

_LOCK = 0x77680000


def upgrade(connection: sa.Connection, to: str) -> None:
    """Apply the versions up to this one that are missing, whole or not at all; the connection is in autocommit mode."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        if not is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        context = MigrationContext.configure(connection)
        there = context.get_current_revision()
        if there is None and sa.inspect(connection).has_table("tasks"):  # made before versions were kept
            there = VERSIONS[0]
        scripts = ScriptDirectory(str(Path(__file__).parent))
        with Operations.context(context):
            for script in reversed(list(scripts.iterate_revisions(to, there or "base"))):
                script.module.upgrade()
        context.stamp(scripts, to)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
