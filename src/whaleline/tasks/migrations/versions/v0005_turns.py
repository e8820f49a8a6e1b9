"""Whose turn it is: what each client has used, and since when a task has cost it something.

Ids are no longer sent to workers. On PostgreSQL, the word of a task's end is its id alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Change the columns and their indexes; no client has used anything yet."""
    op.add_column("clients", sa.Column("used", sa.Double, nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("started", sa.Double))
    op.drop_column("tasks", "sent")
    op.drop_index("tasks_by_client", "tasks")
    op.drop_index("tasks_by_urgency", "tasks")
    op.create_index("tasks_by_client", "tasks", ["client_id", "status", "priority", "created"])
    op.create_index("tasks_by_status", "tasks", ["status", "created"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION whaleline_tell_end() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_notify('whaleline_ends', OLD.id); RETURN NULL; END $$"
        )
