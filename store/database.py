"""The database: one writer that works in turns, readers beside it; SQLite in a file or PostgreSQL, the same statements.

A turn is one transaction that holds what waited: accepted items, handled messages, results of sends. Each
piece of work has a savepoint of its own, so that one that fails takes nothing with it. Work may run twice (a turn is
repeated when the database was busy or the disk full), so it is a function of its connection and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from store.statement import savepoint

T = TypeVar("T")
Work = Callable[[Connection], Any]
log = logging.getLogger("filcommun.store")

#: How long a turn waits for another process that writes to the same SQLite file, before it says so and waits again.
BUSY_TIMEOUT = 10.0
#: A turn that has taken longer ends with the piece at hand: nobody's results wait behind everybody's backlog.
LONGEST_TURN = 0.5
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # upstream is acknowledged on our commit: it must survive a power cut
    "foreign_keys=ON",
    f"busy_timeout={int(BUSY_TIMEOUT * 1000)}",
    "secure_delete=ON",  # what is erased is gone from the file
)


class StoreClosed(Exception):
    """The store is closed: nothing more is written."""


@dataclass(slots=True)
class _Piece:
    work: Work
    done: Callable[[Any, BaseException | None], None]


def is_passing(error: BaseException) -> bool:
    """True for what time mends: the database is busy, the disk full, the server away, two processes in each other's way."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.OperationalError):
        said = str(original).lower()
        return any(word in said for word in ("locked", "busy", "full", "disk i/o", "unable to open"))
    # PostgreSQL: class 08 connection, 40 rollback (deadlock, serialization), 53 resources, 57 the server stops.
    if type(original).__module__.startswith("psycopg"):
        code = getattr(original, "sqlstate", None)
        return type(original).__name__ == "OperationalError" if code is None else code[:2] in ("08", "40", "53", "57")
    return isinstance(error, DBAPIError) and error.connection_invalidated


def private(path: Path) -> None:
    """Let a file that is not there yet be one that nobody else reads: SQLite gives its journal the same rights."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`, set up as the promises need it."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_TIMEOUT}
        )

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            # Before the first table exists, or it has no effect.
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            for pragma in PRAGMAS:
                connection.execute("PRAGMA " + pragma)

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            # A deferred transaction that turns into a write fails at once when another one writes.
            mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
            connection.exec_driver_sql(f"BEGIN {mode}")

        return engine
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, pool_size=4)


class Store:
    """The database of one process. `await open()`, then `write` and `read` from the event loop."""

    def __init__(self, url: str, *, readers: int = 2) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.sqlite = self.engine.dialect.name == "sqlite"
        self.path = Path(str(self.engine.url.database)) if self.sqlite else None
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        #: Called in the writer's thread after a turn whose work asked for it (`wake`): other processes hear of it.
        self.notify: Callable[[Connection], None] | None = None

    def start(self) -> None:
        """Start the writer; needs a running event loop."""
        self._loop = asyncio.get_running_loop()
        self._writer = threading.Thread(target=self._work, name="store-write", daemon=True)
        self._writer.start()

    async def close(self) -> None:
        """Write what waits, then stop."""
        if self._closing:
            return
        self._closing = True
        self._pieces.put(None)
        if self._writer:
            await asyncio.to_thread(self._writer.join)
        self._readers.shutdown(wait=True)
        self.engine.dispose()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in the next turn; return what it returns once it is committed. Raises what it raises, or StoreClosed."""
        loop = self._loop
        if self._closing or loop is None:
            raise StoreClosed
        future: asyncio.Future[T] = loop.create_future()

        def settle(value: Any, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(value)

        self._pieces.put(_Piece(work, settle))
        return await future

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work`, which only reads, beside the writer."""
        if self._loop is None:
            raise StoreClosed

        def reading() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        return await self._loop.run_in_executor(self._readers, reading)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """The same as `write` for programs without an event loop (the command line): one transaction of its own."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(sqlite_begin="IMMEDIATE")
            with connection.begin():
                result = work(connection)
                if self.notify and connection.info.pop("wake", False):
                    self.notify(connection)
                return result

    def scrub(self) -> bool:
        """Let nothing that was erased stand in SQLite's journal, or in rows PostgreSQL has not cleared; False: try again.

        Beside the writer, who goes on.
        """
        if not self.sqlite:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in inspect(connection).get_table_names():
                    connection.exec_driver_sql(f'VACUUM "{name}"')
            return True
        raw = self.engine.raw_connection()
        try:
            busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        finally:
            raw.close()
        return not busy

    # The writer's thread

    def _work(self) -> None:
        connection: Connection | None = None
        waiting: list[_Piece] = []
        last = False
        while waiting or not last:
            if not waiting:
                first = self._pieces.get()
                if first is None:
                    break
                waiting.append(first)
            while not last and not self._pieces.empty():
                piece = self._pieces.get()
                if piece is None:
                    last = True
                else:
                    waiting.append(piece)
            connection, done = self._turn_until_it_holds(connection, waiting)
            waiting = waiting[done:]
        if connection is not None:
            connection.close()

    def _turn_until_it_holds(self, connection: Connection | None, turn: list[_Piece]) -> tuple[Connection | None, int]:
        """Do the first of these, as many as fit into a turn; the connection and how many that were."""
        told = False
        while True:
            try:
                if connection is None or connection.closed or connection.invalidated:
                    connection = self.engine.connect().execution_options(sqlite_begin="IMMEDIATE")
                results = self._turn(connection, turn)
            except Exception as error:
                if not is_passing(error):
                    _drop(connection)
                    self._tell(turn, [(None, error)] * len(turn))
                    return None, len(turn)
                if not told:
                    log.warning("store.waits", extra={"fields": {"error": type(error).__name__}})
                    told = True
                _drop(connection)
                connection = None
                if self._closing:
                    self._tell(turn, [(None, StoreClosed())] * len(turn))
                    return None, len(turn)
                time.sleep(0.2)
                continue
            if told:
                log.info("store.writes_again", extra={"fields": {}})
            self._tell(turn[: len(results)], results)
            return connection, len(results)

    def _turn(self, connection: Connection, turn: list[_Piece]) -> list[tuple[Any, BaseException | None]]:
        results: list[tuple[Any, BaseException | None]] = []
        end = time.monotonic() + LONGEST_TURN
        transaction = connection.begin()
        try:
            for piece in turn:
                try:
                    with savepoint(connection):
                        value = piece.work(connection)
                except Exception as error:
                    if is_passing(error):
                        raise
                    results.append((None, error))
                else:
                    results.append((value, None))
                if time.monotonic() > end:
                    break
            if self.notify and connection.info.pop("wake", False):
                self.notify(connection)
            log.debug("store.committing", extra={"fields": {"pieces": len(results)}})
            transaction.commit()
        except BaseException:
            if transaction.is_active:
                try:
                    transaction.rollback()
                except DBAPIError:
                    connection.invalidate()
            raise
        return results

    def _tell(self, turn: list[_Piece], results: list[tuple[Any, BaseException | None]]) -> None:
        def tell() -> None:
            for piece, (value, error) in zip(turn, results, strict=True):
                piece.done(value, error)

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)


def _drop(connection: Connection | None) -> None:
    """Forget a connection that may be broken."""
    if connection is not None:
        try:
            connection.invalidate()
            connection.close()
        except DBAPIError:
            log.debug("store.connection_gone", extra={"fields": {}})


def wake(connection: Connection) -> None:
    """Let the other processes look at once for what this transaction leaves due."""
    connection.info["wake"] = True
