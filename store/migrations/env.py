"""What Alembic runs: always on the connection it is given, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from store.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    # Without it half a migration stays behind when the other half fails (SQLite commits before DDL by default).
    transactional_ddl=True,
    compare_server_default=True,
)
context.run_migrations()
