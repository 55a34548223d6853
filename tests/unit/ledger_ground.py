"""A store with some addresses in it, for the tests of what is owed, leased and sent."""

from __future__ import annotations

import shutil
import time
from typing import Any

import pytest
from sqlalchemy import insert

from bot.core import notices
from store.database import Store
from store.migrate import migrate
from store.models import Address
from store.statement import run, sql
from tests import databases


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A SQLite database with nothing in it, made once."""
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    store = Store(f"sqlite:///{file}")
    migrate(store)
    store.engine.dispose()
    return file


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The same on PostgreSQL: what each test's own database is a copy of."""
    with databases.made("postgres", tmp_path_factory.mktemp("template")) as url:
        store = Store(url)
        migrate(store)
        store.engine.dispose()
        yield url


@pytest.fixture(scope="module", params=databases.KINDS)
def shared(request, tmp_path_factory):
    """A store for all tests of a file, each of which takes back what it wrote."""
    databases.demand(request.param)
    with databases.made(request.param, tmp_path_factory.mktemp("shared")) as url:
        found = Store(url)
        migrate(found)
        yield found
        found.engine.dispose()


@pytest.fixture
def connection(shared):
    """A transaction that is taken back."""
    with shared.engine.connect() as found:
        found = found.execution_options(sqlite_begin="IMMEDIATE")
        with found.begin() as transaction:
            yield found
            transaction.rollback()


@pytest.fixture
def file_store(tmp_path, empty):
    """One on SQLite only, where the kind of database makes no difference."""
    shutil.copy(empty, tmp_path / "filcommun.db")
    found = Store(f"sqlite:///{tmp_path}/filcommun.db")
    yield found
    found.engine.dispose()


@pytest.fixture(params=databases.KINDS)
def store(request, tmp_path, empty):
    """A store of the test's own, its schema made, on each kind of database."""
    databases.demand(request.param)
    origin = ""
    if request.param == "sqlite":
        shutil.copy(empty, tmp_path / "filcommun.db")
    else:
        origin = request.getfixturevalue("template")
    with databases.made(request.param, tmp_path, origin) as url:
        found = Store(url)
        yield found
        found.engine.dispose()


def address(connection: Any, remote: str, channel: str = "fake") -> int:
    """A private chat nobody owns."""
    made = connection.execute(insert(Address).values(channel=channel, account="me", remote=remote))
    return int(made.inserted_primary_key[0])


def owe(connection: Any, to: int, words: str, *, priority: int = 1, due_at: float | None = None) -> int:
    """Owe these words."""
    return notices.owe(connection, to, words, kind="notice", priority=priority, due_at=due_at)


def parcel(connection: Any, number: int) -> Any:
    return run(connection, sql("SELECT * FROM parcel WHERE id = :id"), {"id": number}).one()


def change(connection: Any, number: int, **values: Any) -> None:
    """Put a parcel into another state."""
    words = ", ".join(f"{name} = :{name}" for name in values)
    run(connection, sql(f"UPDATE parcel SET {words} WHERE id = :id"), {"id": number, **values})


def soon(seconds: float) -> float:
    return time.time() + seconds
