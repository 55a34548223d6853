"""Migrations: the schema brought up to date at start, by itself, after a backup; under a lock, in one transaction.

Alembic is imported only when the stored version differs: a normal start does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from store.database import Store, private
from store.owners import number

#: The newest migration; a test compares it with store/migrations/versions.
HEAD = "0007"
VERSIONS = Path(__file__).parent / "migrations"


class NewerSchema(Exception):
    """The database was made by a newer version of this program."""


def current(connection: Connection) -> str | None:
    """The stored version, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else None


def migrate(store: Store, before: Callable[[Store], object] = lambda store: None) -> None:
    """Bring the schema to HEAD. Raises NewerSchema; a migration that fails leaves everything as it was.

    `before` is called with a store that holds something and is about to change: it makes a backup, or raises.
    """
    if store.path is not None:
        private(store.path)
    with store.engine.connect() as connection:
        stored = current(connection)
    if stored == HEAD:
        return
    if stored is not None and stored not in known_versions():
        raise NewerSchema(stored)
    if stored is not None:
        before(store)
    engine = store.engine
    with engine.connect() as plain:
        connection = plain.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            if not store.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number("migrate")})
            if current(connection) != HEAD:
                upgrade(connection)


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations on a connection whose transaction the caller ends."""
    from alembic import command

    command.upgrade(_configuration(connection), to)


def known_versions() -> set[str]:
    """The versions this program can start from."""
    return {path.name.split("_")[0] for path in (VERSIONS / "versions").glob("[0-9]*.py")}


def _configuration(connection: Connection) -> Any:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(VERSIONS))
    configuration.attributes["connection"] = connection
    return configuration
