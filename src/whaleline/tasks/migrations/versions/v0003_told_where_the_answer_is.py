"""On PostgreSQL, the word of a task's end tells where its answer is, too."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Replace what the triggers call; claim and digest have no spaces, and NEW is null where a row is taken out."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION whaleline_tell_end() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_notify('whaleline_ends', concat_ws(' ', OLD.id,"
            " CASE WHEN NEW.status = 'Completed' THEN NEW.claim || ' ' || NEW.digest END));"
            " RETURN NULL; END $$"
        )
