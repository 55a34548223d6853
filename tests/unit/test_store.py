"""The store: everything that waits is written in one turn, a savepoint each; what time mends is waited for."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time

import pytest
from sqlalchemy import text

from bot import journal
from store.database import Store, StoreClosed, is_passing, wake
from store.statement import run, sql

PUT = sql("INSERT INTO budget (name, tat) VALUES (:name, 0)")
NAMES = sql("SELECT name FROM budget ORDER BY name")


@pytest.fixture
async def open_store(store):
    store.start()
    yield store
    await store.close()


def put(name):
    return lambda connection: run(connection, PUT, {"name": name}).rowcount


async def names(store):
    return await store.read(lambda connection: [row.name for row in run(connection, NAMES)])


async def test_what_is_written_is_there_when_write_returns(open_store):
    assert await open_store.write(put("a")) == 1
    assert await names(open_store) == ["a"]


async def test_everything_that_waits_is_one_transaction(open_store):
    turns = []
    end = journal.subscribe(
        lambda event, fields: turns.append(fields["pieces"]) if event == "store.committing" else None
    )
    gate = threading.Event()
    first = asyncio.create_task(open_store.write(lambda connection: gate.wait(5)))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(open_store.write(put(f"n{number}"))) for number in range(20)]
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.gather(first, *others)
    end()
    assert turns == [1, 20]
    assert len(await names(open_store)) == 20


async def test_a_long_turn_ends_early_and_what_still_waits_keeps_its_order(open_store, monkeypatch):
    monkeypatch.setattr("store.database.LONGEST_TURN", 0.1)
    turns, order = [], []
    end = journal.subscribe(
        lambda event, fields: turns.append(fields["pieces"]) if event == "store.committing" else None
    )
    gate = threading.Event()

    def slow(number):
        def work(connection):
            time.sleep(0.04)
            order.append(number)
            return put(f"n{number}")(connection)

        return work

    first = asyncio.create_task(open_store.write(lambda connection: gate.wait(5)))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(open_store.write(slow(number))) for number in range(9)]
    await asyncio.sleep(0.02)
    gate.set()
    assert await asyncio.gather(first, *others) == [True, *[1] * 9]
    end()
    assert order == list(range(9))
    assert turns[0] == 1
    assert max(turns) <= 3
    assert sum(turns) == 10


async def test_a_piece_that_fails_takes_nothing_with_it_and_leaves_nothing(open_store):
    def fails(connection):
        run(connection, PUT, {"name": "half"})
        raise ValueError("ours")

    results = await asyncio.gather(
        open_store.write(put("before")), open_store.write(fails), open_store.write(put("after")), return_exceptions=True
    )
    assert isinstance(results[1], ValueError)
    assert await names(open_store) == ["after", "before"]


async def test_a_statement_the_database_refuses_fails_alone(open_store):
    results = await asyncio.gather(
        open_store.write(put("a")), open_store.write(put("a")), open_store.write(put("b")), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], Exception)
    assert results[2] == 1
    assert await names(open_store) == ["a", "b"]


async def test_a_write_whose_caller_has_gone_is_written_all_the_same(open_store):
    gate = threading.Event()
    first = asyncio.create_task(open_store.write(lambda connection: gate.wait(5)))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(open_store.write(put("a")))
    await asyncio.sleep(0.05)
    second.cancel()
    gate.set()
    await first
    await open_store.write(put("b"))
    assert await names(open_store) == ["a", "b"]


async def test_closing_writes_what_waits_and_then_nothing_more(store):
    store.start()
    waiting = [asyncio.create_task(store.write(put(f"n{number}"))) for number in range(5)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*waiting) == [1] * 5
    with pytest.raises(StoreClosed):
        await store.write(put("late"))


async def test_other_processes_are_told_once_a_turn_and_only_when_something_is_due(open_store):
    told = []
    open_store.notify = told.append
    await open_store.write(put("quiet"))
    assert told == []

    def due(connection):
        wake(connection)
        wake(connection)

    await open_store.write(due)
    assert len(told) == 1


async def test_write_now_is_for_programs_without_a_loop(store):
    store.write_now(put("a"))
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM budget")).scalar() == "a"


async def test_a_database_another_process_writes_to_is_waited_for(tmp_path, empty, monkeypatch):
    """Longer than SQLite itself waits: the turn is begun again until it holds, and told once (facts F13)."""
    import shutil

    monkeypatch.setattr("store.database.PRAGMAS", ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=100"))
    shutil.copy(empty, tmp_path / "f.db")
    store = Store(f"sqlite:///{tmp_path}/f.db")
    store.start()
    await store.write(put("first"))
    told = []
    end = journal.subscribe(lambda event, fields: told.append(event) if event.startswith("store.w") else None)
    other = sqlite3.connect(tmp_path / "f.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    waiting = asyncio.create_task(store.write(put("a")))
    await asyncio.sleep(0.8)
    assert not waiting.done()
    other.execute("COMMIT")
    began = time.monotonic()
    assert await waiting == 1
    assert time.monotonic() - began < 1
    other.close()
    await store.close()
    end()
    assert told == ["store.waits", "store.writes_again"]


def test_what_time_mends_is_told_from_what_it_does_not():
    for words in ("database is locked", "database or disk is full", "disk I/O error", "unable to open database file"):
        assert is_passing(sqlite3.OperationalError(words))
    for error in (sqlite3.OperationalError("no such table: x"), sqlite3.IntegrityError("locked"), ValueError("full")):
        assert not is_passing(error)


def test_nobody_else_reads_the_memory_the_files_or_the_copy(tmp_path):
    from store.files import Files
    from store.migrate import migrate

    store = Store(f"sqlite:///{tmp_path}/memory.db")
    migrate(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO budget (name, tat) VALUES ('x', 0)")
        aside = [one for one in tmp_path.iterdir() if one.name.startswith("memory.db")]
        assert {one.stat().st_mode & 0o777 for one in aside} == {0o600}, aside
    store.engine.dispose()
    files = Files(tmp_path / "files")
    name, size = files.keep([b"une photo", b" de famille"])
    assert size == 20
    assert files.path(name).stat().st_mode & 0o777 == 0o600
    assert files.folder.stat().st_mode & 0o777 == 0o700


def test_the_same_bytes_are_kept_once_under_their_sha_256(tmp_path):
    import hashlib

    from store.files import Files

    files = Files(tmp_path)
    first, again = files.keep([b"abc"]), files.keep([b"a", b"bc"])
    assert first == again == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert files.path(first[0]).read_bytes() == b"abc"
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [files.path(first[0])]
    files.drop(first[0])
    assert not files.path(first[0]).exists()


def test_a_power_cut_loses_nothing_and_what_is_erased_is_gone(tmp_path):
    """What SQLite is told of each connection: the promises stand on it."""
    store = Store(f"sqlite:///{tmp_path}/memory.db")
    with store.engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "auto_vacuum")
        }
    store.engine.dispose()
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "auto_vacuum": 2}
