"""Clients and tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "clients",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("secret_hash", sa.String, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("client_id", sa.String, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
        sa.Column("operation", sa.String, nullable=False),
        sa.Column("settings", sa.String, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("messages", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claim", sa.String),
        sa.Column("created", sa.Double, nullable=False, index=True),
        sa.Column("lease", sa.Double),
        sa.Column("finished", sa.Double),
        sa.Column("digest", sa.String),
        sa.Column("interruptions", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.String),
        sa.Column("request_digest", sa.String),
        sa.UniqueConstraint("client_id", "idempotency_key", name="tasks_by_key"),
        sa.Index("tasks_by_client", "client_id", "status"),
        sa.Index("tasks_by_urgency", "status", "priority", "created"),
    )
