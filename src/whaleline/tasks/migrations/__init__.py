"""The database schema, step by step: one file in versions/ for each change, applied in order by Alembic.

A file that has been released is never changed again. `tests/integration/test_migrations.py` upgrades a database of
every former version, and holds the outcome to the tables in `sql.py`. Alembic takes a quarter of a second to load, so
only a database that is to be changed loads it.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from whaleline.errors import ConfigurationError

ENDS_CHANNEL = "whaleline_ends"
"""Where PostgreSQL tells the ids of tasks that end or are taken out."""

VERSIONS = tuple(sorted(file.name[1:5] for file in Path(__file__).parent.glob("versions/v*.py")))
"""The versions there are, oldest first."""


def is_current(connection: sa.Connection) -> bool:
    """Whether a database has the schema that this version of Whaleline needs.

    Raises:
        ConfigurationError: it has a newer one, which this version does not know.
    """
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found is not None and found not in VERSIONS:
        raise ConfigurationError(
            f"database: its schema is version {found}, but this Whaleline knows versions up to"
            f" {VERSIONS[-1]}; use a newer Whaleline, or an older backup of the database"
        )
    return found == VERSIONS[-1]


def upgrade(connection: sa.Connection, to: str = VERSIONS[-1]) -> None:
    """Migrate a database to the newest schema, or an empty one to an older schema; whole or not at all.

    Args:
        connection: in autocommit mode. Others that come meanwhile wait, then find the work done.
        to: the version's number.
    """
    if to == VERSIONS[-1] and is_current(connection):
        return
    from whaleline.tasks.migrations import upgrading  # noqa: PLC0415 - see above

    upgrading.upgrade(connection, to)
