"""A hash of each client's API key, where it has one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column."""
    op.add_column("clients", sa.Column("key_hash", sa.String, nullable=False, server_default=""))
