"""Templates of forms: a row for each version that may still be needed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "templates",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("client_id", sa.String, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fields", sa.Integer, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("retired", sa.Double),
        sa.UniqueConstraint("client_id", "name", "version", name="templates_by_version"),
    )
    op.create_index("templates_by_end", "templates", ["retired"])
