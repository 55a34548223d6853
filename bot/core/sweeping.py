"""Sweeping: what was erased in the database is taken away where else it lies; apart from it, slowly, until it is done.

The database's own journal; mails of the forgotten in the folders of their channel, and those kept long enough; bytes on
the disk that a crash left without a row. Each is asked for again until it worked, and doing it twice does no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from bot import journal
from bot.core import dropping, forgetting
from bot.core.bridge import Bridge
from bot.core.errors import BridgeError
from store.database import Store, StoreClosed
from store.files import Files
from store.statement import run, sql

EVERY: Final = 60.0
DAY: Final = 86400.0
#: A channel that never comes back is not asked for longer; and how young a file may be that is on its way to a row.
GIVE_UP, YOUNG = 30 * DAY, DAY
#: Files looked up in one read.
BATCH: Final = 200

REMOVALS = sql("SELECT id, channel, account, remote, created_at FROM removal ORDER BY id LIMIT 500")
REMOVED = sql("DELETE FROM removal WHERE id IN :ids")
CHORE = sql("SELECT done_at FROM chore WHERE name = :name")
DONE = sql("""
    INSERT INTO chore (name, done_at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at
""")


class Sweeper:
    """Does it for one process: the one that leads."""

    def __init__(self, store: Store, bridges: Mapping[str, Bridge], files: Files, handled_kept: float) -> None:
        self.store = store
        self.bridges = bridges
        self.files = files
        self.handled_kept = handled_kept  # seconds, of what channels keep of handled items

    async def run(self, leads: Callable[[], bool]) -> None:
        """Sweep from time to time until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                if await asyncio.to_thread(leads):
                    await self.sweep()
            except StoreClosed:
                return

    async def sweep(self) -> None:
        """Do what is due; what fails is tried the next time, and keeps nothing else from being done."""
        for job in (self._removals, self._scrub, self._tidy, self._orphans):
            try:
                await job()
            except StoreClosed:
                raise
            except (BridgeError, OSError, TimeoutError) as error:
                journal.event("sweep.later", job=job.__name__.strip("_"), error=type(error).__name__)
            except Exception:
                journal.error("job.failed", job=f"sweep{job.__name__}")

    async def _done_at(self, name: str) -> float:
        found = await self.store.read(lambda connection: run(connection, CHORE, {"name": name}).scalar())
        return float(found or 0.0)

    async def _done(self, name: str, at: float) -> None:
        await self.store.write(lambda connection: run(connection, DONE, {"name": name, "at": at}))

    async def _removals(self) -> None:
        """Mails of people who were erased."""
        by_channel: dict[tuple[str, str], list[Any]] = {}
        for row in await self.store.read(lambda connection: run(connection, REMOVALS).all()):
            by_channel.setdefault((row.channel, row.account), []).append(row)
        for (channel, account), rows in by_channel.items():
            bridge: Any = self.bridges.get(channel)
            if bridge is not None and bridge.account == account and hasattr(bridge, "forget"):
                await bridge.forget([row.remote for row in rows])
                done = rows
            else:
                done = [row for row in rows if row.created_at < time.time() - GIVE_UP]
                if done:
                    journal.event("sweep.given_up", channel=channel, count=len(done))
            if done:
                ids = [row.id for row in done]
                await self.store.write(lambda connection, ids=ids: run(connection, REMOVED, {"ids": ids}))  # type: ignore[misc]

    async def _scrub(self) -> None:
        """The journal of the database."""
        erased = await self._done_at(forgetting.SCRUB)
        if erased > await self._done_at("scrubbed") and await asyncio.to_thread(self.store.scrub):
            await self._done("scrubbed", erased)

    async def _tidy(self) -> None:
        """Handled items that channels have kept long enough, once a day."""
        now = time.time()
        for name, bridge in self.bridges.items():
            able: Any = bridge
            if hasattr(able, "tidy") and await self._done_at(f"tidy {name}") < now - DAY:
                await able.tidy(now - self.handled_kept)
                await self._done(f"tidy {name}", now)

    async def _orphans(self) -> None:
        """Bytes no row needs, once a day."""
        now = time.time()
        if await self._done_at("orphans") > now - DAY:
            return
        names = await asyncio.to_thread(_old_files, self.files.folder, now - YOUNG)
        for start in range(0, len(names), BATCH):
            some = names[start : start + BATCH]
            for name in await self.store.read(partial(_unneeded, names=some)):
                await asyncio.to_thread(self.files.drop, name)
        await self._done("orphans", now)


def _old_files(folder: Path, before: float) -> list[str]:
    """The names of all files older than that; what was only half written goes at once."""
    found = []
    for path in folder.rglob("*"):
        try:
            if not path.is_file() or path.stat().st_mtime >= before:
                continue
        except OSError:  # dropped just now
            continue
        if path.name.endswith(".part"):
            path.unlink(missing_ok=True)
        else:
            found.append(path.name)
    return sorted(found)


def _unneeded(connection: Connection, names: Sequence[str]) -> list[str]:
    return [name for name in names if not dropping.is_needed(connection, name)]
