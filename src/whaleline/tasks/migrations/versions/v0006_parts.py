"""Parts: rows that are one page of another row's document. And how many tasks of each client are open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns and indexes, count what is open, and tell no more of the ends of parts."""
    op.add_column("clients", sa.Column("open", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE clients SET open = (SELECT count(*) FROM tasks"
        " WHERE tasks.client_id = clients.id AND tasks.status IN ('Pending', 'Processing'))"
    )
    op.add_column("tasks", sa.Column("parent", sa.String))
    op.add_column("tasks", sa.Column("page", sa.Integer))
    op.add_column("tasks", sa.Column("parts", sa.Integer))
    op.add_column("tasks", sa.Column("parts_open", sa.Integer))
    op.drop_index("tasks_by_client", "tasks")
    op.create_index("tasks_by_client", "tasks", ["client_id", "status", "priority", "created", "page"])
    op.create_index("tasks_by_parent", "tasks", ["parent"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER tasks_ended ON tasks")
        op.execute("DROP TRIGGER tasks_taken_out ON tasks")
        op.execute(
            "CREATE TRIGGER tasks_ended AFTER UPDATE OF status ON tasks FOR EACH ROW"
            " WHEN (NEW.status IN ('Completed', 'Error') AND NEW.parent IS NULL) EXECUTE FUNCTION whaleline_tell_end()"
        )
        op.execute(
            "CREATE TRIGGER tasks_taken_out AFTER DELETE ON tasks FOR EACH ROW"
            " WHEN (OLD.status IN ('Pending', 'Processing') AND OLD.parent IS NULL)"
            " EXECUTE FUNCTION whaleline_tell_end()"
        )
