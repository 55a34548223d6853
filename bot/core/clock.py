"""The clock: what is done by itself, every so often. Each job is one transaction; a job that fails is tried next time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from bot import journal
from store.database import Store, StoreClosed

Job = Callable[[Connection], None]


@dataclass(slots=True)
class _Entry:
    name: str
    every: float
    job: Job
    due: float


class Clock:
    """Jobs and when they are due. One process does them: the one that leads `clock`."""

    def __init__(self) -> None:
        self.jobs: list[_Entry] = []

    def every(self, seconds: float, job: Job, *, name: str = "") -> None:
        """Do `job` soon after start, and then every `seconds`."""
        self.jobs.append(_Entry(name or job.__name__, seconds, job, 0.0))

    async def run(self, store: Store, done: Callable[[], None], leads: Callable[[], bool]) -> None:
        """Do what is due until cancelled; `done` is called after each job: something may be owed now."""
        while True:
            now = time.monotonic()
            for entry in self.jobs:
                if entry.due > now or not await asyncio.to_thread(leads):
                    continue
                entry.due = now + entry.every
                try:
                    await store.write(entry.job)
                    done()
                except StoreClosed:
                    return
                except Exception:
                    journal.error("job.failed", job=entry.name)
            await asyncio.sleep(
                min(30.0, max(0.05, min((e.due for e in self.jobs), default=now + 30.0) - time.monotonic()))
            )
