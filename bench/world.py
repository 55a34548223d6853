"""A program set up for a bench: its configuration, a database with members who have joined, and its process."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.servers import Process
from store.database import Store
from store.migrate import migrate
from store.models import Address, Community, Delivery, Membership, Message, Parcel, Thread
from store.models import Member as Person

UNLIMITED = 100_000


@dataclass(slots=True)
class Reader:
    """One member of the bench's community."""

    channel: str
    account: str
    remote: str
    name: str
    pace: str = "each"


@dataclass(slots=True)
class World:
    """Where one bench lives."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="filcommun-bench-")))

    @property
    def url(self) -> str:
        """Its database."""
        return f"sqlite:///{self.folder}/filcommun.db"

    def configure(self, sections: dict[str, dict[str, Any]]) -> Path:
        """Write config.toml."""
        lines = [
            "[community]", 'name = "Bench"', 'slug = "bench"', 'language = "en"', 'timezone = "Europe/Paris"', "",
            "[store]", f'url = "{self.url}"', f'files = "{self.folder}/files"', f'key = "{self.folder}/secret.key"', "",
        ]  # fmt: skip
        for name, section in sections.items():
            lines.append(f"[{name}]")
            lines += [f"{key} = {_toml(value)}" for key, value in section.items() if not isinstance(value, dict)]
            for key, value in section.items():
                if isinstance(value, dict):
                    lines += [f"[{name}.{key}]", *(f"{inner} = {_toml(one)}" for inner, one in value.items())]
        path = self.folder / "config.toml"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o600)
        return path

    def populate(self, readers: Sequence[Reader]) -> None:
        """Make the database and everybody in it."""
        store = Store(self.url)
        migrate(store)
        now = time.time()
        with store.engine.begin() as connection:
            connection.execute(
                insert(Community), {"id": 1, "slug": "bench", "name": "Bench", "language": "en", "created_at": now}
            )
            ids = range(1, len(readers) + 1)
            connection.execute(insert(Person), [{"id": n, "created_at": now} for n in ids])
            connection.execute(
                insert(Address),
                [
                    {"id": n, "channel": r.channel, "account": r.account, "remote": r.remote, "member_id": n}
                    for n, r in zip(ids, readers, strict=True)
                ],
            )
            connection.execute(
                insert(Membership),
                [
                    {"id": n, "community_id": 1, "member_id": n, "name": r.name, "folded": r.name.lower(),
                     "address_id": n, "pace": r.pace, "language": "en", "confirmed": 2}
                    for n, r in zip(ids, readers, strict=True)
                ],
            )  # fmt: skip
        store.engine.dispose()

    def fill_lane(self, address: int, number: int) -> None:
        """Let `number` messages wait for one address."""
        from sqlalchemy import text

        store = Store(self.url)
        now = time.time()
        with store.engine.begin() as connection:
            connection.execute(insert(Thread), {"id": 1, "community_id": 1, "title": "Long", "numbered": number})
            ids = range(1, number + 1)
            messages = [
                {"id": n, "public_id": f"m{n}", "community_id": 1, "thread_id": 1, "number": n, "author_id": 1,
                 "name": "Ana", "text": "A line that waits. " * 90, "created_at": now}
                for n in ids
            ]  # fmt: skip
            connection.execute(insert(Message), messages)
            parcels = [
                {"id": n, "address_id": address, "membership_id": address, "message_id": n, "thread_id": 1,
                 "due_at": now, "first_at": now}
                for n in ids
            ]  # fmt: skip
            connection.execute(insert(Parcel), parcels)
            deliveries = [
                {"key": f"m{n}:{address}", "parcel_id": n, "address_id": address, "message_id": n} for n in ids
            ]
            connection.execute(insert(Delivery), deliveries)
            connection.execute(
                text(
                    "INSERT INTO lane (address_id, channel, priority, due_at) SELECT id, channel, 1, 0 FROM address WHERE id = :id"
                ),
                {"id": address},
            )
        store.engine.dispose()

    def program(self, module: str = "bench.program") -> Process:
        """`filcommun run`, as a child; by `bench.program` no flood waits."""
        return Process(["-m", module, "--config", str(self.folder / "config.toml"), "run"], first_line=False)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else '"' + str(value).replace('"', '\\"') + '"'


def python() -> str:
    """The interpreter everything is measured with."""
    return sys.executable
