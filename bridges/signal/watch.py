"""Who listens, since when, and what wakes the reader: the small files beside the spool.

`NAME.lock` is held by the one listener, `NAME.turn` by one that wants to take over from the bot's own,
`NAME.state` tells since when somebody is connected and the last moment the connection was surely alive,
`NAME.bell` is a FIFO the writer rings.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

_ROOM = 96  # bytes of the state: written in place, always as long, so that a reader sees all or nothing


def beside(spool: Path, what: str) -> Path:
    """The file `what` that belongs to this spool."""
    return spool.with_name(f"{spool.name}.{what}")


@dataclass(frozen=True, slots=True)
class State:
    """Is somebody connected to the service? `since` when, and when that was last proved."""

    connected: bool
    since: float
    alive: float


class Watch:
    """The listening state, kept in a file so that a killed listener's absence is known to the next one."""

    def __init__(self, spool: Path) -> None:
        self._path = beside(spool, "state")
        self._state: State | None = None
        self._hold = -1  # the file, locked while we are connected: the dead hold nothing
        self._shared = False

    def read(self) -> State | None:
        """What the file says; None if nobody ever listened (or wrote nonsense)."""
        try:
            found = json.loads(self._path.read_bytes())
            return State(bool(found["connected"]), float(found["since"]), float(found["alive"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def gap(self) -> tuple[float, float] | None:
        """A connection stands: from when to when nobody listened before it, if anybody ever did. `connected` comes next.

        Whoever is connected first after an absence learns of it, whichever that is of two that begin together; who is
        connected beside another one (which hands over) has missed nothing.
        """
        first = self._held(fcntl.LOCK_EX)
        now = time.time()
        before = self.read()
        return (before.alive, now) if first and before and before.alive < now else None

    def connected(self) -> None:
        """A connection stands, and the gap before it is noted."""
        now = time.time()
        self._write(State(True, now, now))
        self._shared = self._held(fcntl.LOCK_SH)

    def _held(self, how: int) -> bool:
        if self._hold < 0:
            self._hold = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._hold, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def alive(self) -> None:
        """The service just answered."""
        now = time.time()
        self._write(State(True, self._state.since if self._state else now, now))
        self._shared = self._shared or self._held(fcntl.LOCK_SH)  # another one was just noting a gap

    def lost(self, *, heard: bool) -> None:
        """The connection is gone; `heard`: it was closed before our eyes, so it lived until now."""
        now = time.time()
        last = self._state.alive if self._state else now
        if self._held(fcntl.LOCK_EX):  # otherwise another one is connected
            self._write(State(False, now, now if heard else last))
        os.close(self._hold)
        self._hold, self._shared = -1, False

    def away(self) -> None:
        """The service could not be reached: nothing changes but that somebody tried."""
        before = self.read()
        if before and before.connected:  # the one who wrote that is dead
            self._write(State(False, before.alive, before.alive))

    def _write(self, state: State) -> None:
        self._state = state
        text = json.dumps(
            {"connected": state.connected, "since": round(state.since, 3), "alive": round(state.alive, 3)}
        )
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(file, text.encode().ljust(_ROOM), 0)
        finally:
            os.close(file)


class Lock:
    """A lock on a file that dies with its process, and says who holds it."""

    def __init__(self, spool: Path, what: str = "lock") -> None:
        self._path = beside(spool, what)
        self._file = -1

    def take(self, who: str) -> bool:
        """Hold it, if nobody does. `who` can be read by the others."""
        if self._file >= 0:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        os.ftruncate(file, 0)
        os.pwrite(file, who.encode(), 0)
        self._file = file
        return True

    @property
    def mine(self) -> bool:
        """Whether we hold it."""
        return self._file >= 0

    def held(self) -> bool:
        """Whether another one holds it."""
        if self.mine or not self._path.exists():
            return False
        if self.take(""):
            self.free()
            return False
        return True

    def holder(self) -> str:
        """Who took it last."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return self._path.read_text()
        return ""

    def free(self) -> None:
        """Let go."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Ringer:
    """The writer's end of the bell; ringing never waits and never fails."""

    def __init__(self, spool: Path) -> None:
        self._path = beside(spool, "bell")
        self._file = -1

    def ring(self) -> None:
        """Wake whoever waits."""
        for _ in range(2):
            if self._file < 0:
                try:
                    self._file = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                except OSError:
                    return  # nobody waits
            try:
                os.write(self._file, b"\0")
            except BlockingIOError:
                return  # it has been ringing for long enough
            except OSError:  # the reader we knew is gone; perhaps there is another
                self.close()
            else:
                return

    def close(self) -> None:
        """Let go."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Bell:
    """The reader's end: wakes within microseconds; where there are no FIFOs, looks twenty times a second."""

    def __init__(self, spool: Path) -> None:
        self._rung = asyncio.Event()
        self._file = -1
        path = beside(spool, "bell")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not stat.S_ISFIFO(path.stat().st_mode):
                path.unlink()
            if not path.exists():
                os.mkfifo(path, 0o600)
            # Opened both ways it never comes to its end when a writer goes.
            self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            asyncio.get_running_loop().add_reader(self._file, self._hear)

    def _hear(self) -> None:
        with contextlib.suppress(OSError):
            os.read(self._file, 4096)
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until it rings, or `seconds` passed. What rang since the last wait counts."""
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(min(seconds, 0.5 if self._file >= 0 else 0.05)):
                await self._rung.wait()
        self._rung.clear()

    def close(self) -> None:
        """Let go."""
        if self._file >= 0:
            asyncio.get_running_loop().remove_reader(self._file)
            os.close(self._file)
            self._file = -1
