"""Who works on this database: processes, told apart by the random id of their start, and which of them are alive.

On SQLite there is one, proved by a file lock; whatever another id left behind is an orphan, no clock involved. On
PostgreSQL each holds an advisory lock of its session: a lock that can be had belongs to the dead.

Each says what it is about to handle, in a way that outlives it: only so is one item blamed for the end of a process,
and not everything that waited beside it. On SQLite that stands in the file that is locked, on PostgreSQL in the row of
the process, written at once by the owner's session: in both it costs no wait for a disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from store.database import Store
from store.statement import run, sql

CHANNEL = "filcommun"
#: Bytes that say how long what is being handled is called.
_SIZE = 4


BEGIN = sql("INSERT INTO process (id, started_at, seen_at) VALUES (:id, :now, :now) ON CONFLICT (id) DO NOTHING")
END = sql("DELETE FROM process WHERE id = :id")
OTHERS = sql("SELECT id, handling FROM process WHERE id <> :id")
HANDLING = text("UPDATE process SET handling = :what WHERE id = :id")
TRY_LOCK = sql("SELECT pg_try_advisory_xact_lock(:key)")


class AlreadyRunning(Exception):
    """Another process works on this database."""


def number(name: str) -> int:
    """A lock's number: 63 bits of the name's hash, as PostgreSQL wants it."""
    import hashlib

    return int.from_bytes(hashlib.sha256(f"filcommun:{name}".encode()).digest()[:8], "big") >> 1


class Owners:
    """This process among those that share the store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.id = secrets.token_hex(8)
        self._lock: int | None = None
        self._left = ""  # what the process before us was handling when it ended, on SQLite
        self._session: Connection | None = None
        self._session_guard = threading.Lock()
        self._led: set[str] = set()
        self._listener: threading.Thread | None = None
        self._stop = threading.Event()

    def open(self) -> None:
        """Take our place. Raises AlreadyRunning where only one may be."""
        if self.store.sqlite:
            lock = os.open(Path(f"{self.store.path}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                raise AlreadyRunning from None
            self._lock = lock
            size = int.from_bytes(os.pread(lock, _SIZE, 0))
            self._left = os.pread(lock, size, _SIZE).decode(errors="replace")
            self.handling("")
            return
        self._session = self._connected()
        self.store.notify = notify

    def _connected(self) -> Connection | None:
        """A session that holds our lock; None while another one holds it."""
        session = self.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            # Not waited for: who holds it is burying us, perhaps waits for a row of ours, and is done in a moment.
            if _locks(session, f"owner {self.id}"):
                # What is being handled must outlive this process, not the server.
                session.execute(text("SET synchronous_commit TO off"))
                return session
        except DBAPIError:
            session.invalidate()
            session.close()
            raise
        session.close()
        return None

    def _kept(self) -> Connection | None:
        """The owner's session; with all its locks opened anew if the server has ended it. None while that cannot be."""
        if self._session is None or not self._session.invalidated:
            return self._session
        fresh = None
        try:
            fresh = self._connected()
            if fresh is None:
                return None
            fresh.execute(text(BEGIN.text), {"id": self.id, "now": time.time()})  # if somebody took us for dead
            self._led = {what for what in self._led if _locks(fresh, f"lead {what}")}
        except DBAPIError:
            if fresh is not None:
                fresh.invalidate()  # with whatever it holds
            return None
        self._session.close()
        self._session = fresh
        return fresh

    def keep(self) -> None:
        """Look whether the owner's session lives: without it the others take us for dead."""
        if self.store.sqlite:
            return
        with self._session_guard, contextlib.suppress(DBAPIError):
            if self._session is not None and not self._session.invalidated:
                self._session.execute(text("SELECT 1"))
        with self._session_guard:
            self._kept()

    def begin(self, connection: Connection) -> list[str]:
        """Write ourselves down; what processes that ended without leaving (they crashed) were just handling."""
        blamed = self.forget_dead(connection)
        run(connection, BEGIN, {"id": self.id, "now": time.time()})
        return [what for what in (*blamed, self._left) if what]

    def handling(self, what: str) -> None:
        """Say what is about to be handled; empty: nothing. Called for each item: it must cost next to nothing."""
        if self._lock is not None:
            raw = what.encode()
            os.pwrite(self._lock, len(raw).to_bytes(_SIZE) + raw, 0)
            if not raw:
                os.ftruncate(self._lock, _SIZE)  # an item's name may say whose it is
            return
        with self._session_guard:
            if session := self._kept():
                session.execute(HANDLING, {"what": what, "id": self.id})

    def end(self, connection: Connection) -> None:
        """Write down that we left by ourselves."""
        run(connection, END, {"id": self.id})

    def forget_dead(self, connection: Connection) -> list[str]:
        """Forget the processes that are gone and did not say so; what each was just handling."""
        self.keep()
        living = self.alive(connection)
        dead = [row for row in run(connection, OTHERS, {"id": self.id}) if row.id not in living]
        for row in dead:
            run(connection, END, {"id": row.id})
        return [row.handling for row in dead]

    def lead(self, what: str) -> bool:
        """Be the one that listens to `what` (a Telegram token, a mailbox); False if another process is."""
        if self.store.sqlite:
            return True
        with self._session_guard, contextlib.suppress(DBAPIError):
            session = self._kept()
            if session is not None and (what in self._led or _locks(session, f"lead {what}")):
                self._led.add(what)
                return True
        return False

    def leads(self, what: str) -> bool:
        """Whether we are still the one: another process may have become it while the server had ended our session."""
        return self.store.sqlite or what in self._led

    def alive(self, connection: Connection) -> list[str]:
        """The ids of the processes that live, ours among them."""
        others = [] if self.store.sqlite else [other for other, _ in run(connection, OTHERS, {"id": self.id})]
        gone = self.gone(connection, others)
        return [self.id, *(other for other in others if other not in gone)]

    def gone(self, connection: Connection, among: Sequence[str]) -> list[str]:
        """Those of these processes that live no more."""
        others = [other for other in among if other != self.id]
        if self.store.sqlite:
            return others
        # A lock that can be had belongs to nobody; it is given back when this transaction ends.
        return [other for other in others if run(connection, TRY_LOCK, {"key": number(f"owner {other}")}).scalar()]

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` (in a thread) when another process left something due. A hint only."""
        if self.store.sqlite:
            return

        def listening() -> None:
            import psycopg

            url = self.store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            while not self._stop.is_set():
                try:
                    with psycopg.connect(url, autocommit=True) as connection:
                        connection.execute(f"LISTEN {CHANNEL}")
                        while not self._stop.is_set():
                            for _ in connection.notifies(timeout=1.0, stop_after=1):
                                heard()
                except psycopg.Error:
                    self._stop.wait(2.0)

        self._listener = threading.Thread(target=listening, name="store-listen", daemon=True)
        self._listener.start()

    def close(self) -> None:
        """Leave; what we held is free at once."""
        self._stop.set()
        if self._listener is not None:
            self._listener.join(3.0)
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _locks(session: Connection, name: str) -> bool:
    """Take an advisory lock of the session, if nobody has it."""
    return bool(session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": number(name)}).scalar())


def notify(connection: Connection) -> None:
    """Tell the other processes, when this transaction commits."""
    connection.execute(text(f"NOTIFY {CHANNEL}"))
