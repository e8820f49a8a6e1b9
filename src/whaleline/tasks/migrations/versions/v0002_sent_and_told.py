"""When a task's id was last sent to the workers, and whose leavings its next worker erases.

On PostgreSQL also a word to all processes when a task ends.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the triggers."""
    op.add_column("tasks", sa.Column("sent", sa.Double, nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("former_claim", sa.String))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION whaleline_tell_end() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_notify('whaleline_ends', OLD.id); RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER tasks_ended AFTER UPDATE OF status ON tasks FOR EACH ROW"
            " WHEN (NEW.status IN ('Completed', 'Error')) EXECUTE FUNCTION whaleline_tell_end()"
        )
        op.execute(
            "CREATE TRIGGER tasks_taken_out AFTER DELETE ON tasks FOR EACH ROW"
            " WHEN (OLD.status IN ('Pending', 'Processing')) EXECUTE FUNCTION whaleline_tell_end()"
        )
