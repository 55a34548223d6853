"""A database for each test, made for it and dropped after it: a SQLite file, or one on the PostgreSQL of TEST_POSTGRES."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

KINDS = ("sqlite", "postgres")
#: The same for tests of the whole program: making it a database on PostgreSQL takes longer than most of them.
OF_THE_PROGRAM = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
HOW = "set TEST_POSTGRES to the URL of a role that may create databases"


@contextlib.contextmanager
def made(kind: str, folder: Path, template: str = "") -> Iterator[str]:
    """The URL of an empty database; on PostgreSQL a copy of the one at `template`."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/filcommun.db"
        return
    import psycopg
    from sqlalchemy.engine import make_url

    server = make_url(os.environ["TEST_POSTGRES"])
    name = f"filcommun_{secrets.token_hex(6)}"

    def order(words: str) -> None:
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(words)

    order(f"CREATE DATABASE {name}" + (f" TEMPLATE {make_url(template).database}" if template else ""))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        order(f"DROP DATABASE {name} WITH (FORCE)")


def demand(kind: str) -> None:
    """Skip (or fail, where TEST_REQUIRE says so) if there is no such database here."""
    if kind != "postgres" or os.environ.get("TEST_POSTGRES"):
        return
    if "postgres" in os.environ.get("TEST_REQUIRE", "").split(","):
        pytest.fail(f"TEST_REQUIRE asks for postgres, which is not here: {HOW}")
    pytest.skip(f"needs postgres: {HOW}")


@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    """The URL of an empty database of the test's own, once on each kind."""
    demand(request.param)
    with made(request.param, tmp_path) as found:
        yield found
