"""What Alembic runs: the versions, on the connection that `upgrade` opened a transaction on."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
