"""The database's form, step by step: one file in versions/ for each change, applied in order by Alembic.

A file that has been released is never changed again. `tests/integration/test_migrations.py` upgrades a database of
every former version, and holds the outcome to the tables in `sql.py`.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from whaleline.errors import ConfigurationError

ENDS_CHANNEL = "whaleline_ends"
"""Where PostgreSQL tells the ids of tasks that end or are taken out."""

_FIRST = "0001"
_LOCK = 0x77680000


def script() -> ScriptDirectory:
    """The versions there are."""
    return ScriptDirectory.from_config(_config())


def is_current(connection: sa.Connection) -> bool:
    """Whether a database has the form that this version of Whaleline needs.

    Raises:
        ConfigurationError: it has a newer one, which this version does not know.
    """
    known, found = script(), MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {revision.revision for revision in known.walk_revisions()}:
        raise ConfigurationError(
            f"database: its schema is version {found}, but this Whaleline knows versions up to"
            f" {known.get_current_head()}; use a newer Whaleline, or an older backup of the database"
        )
    return found == known.get_current_head()


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Bring a database to the newest form, or to an older one of an empty database; whole or not at all.

    Args:
        connection: in autocommit mode. Others that come meanwhile wait, then find the work done.
        to: the version's number.
    """
    if to == "head" and is_current(connection):
        return
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        if not is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config = _config()
        config.attributes["connection"] = connection
        tables = set(sa.inspect(connection).get_table_names())
        if "tasks" in tables and "alembic_version" not in tables:  # made before versions were kept
            command.stamp(config, _FIRST)
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
