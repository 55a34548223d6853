"""The ground the tests of commands stand on: the real program with two networks of this process, a messenger and mail."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from bot import app as program
from bot.config.sections import Keep
from bot.core import communities, members
from bot.core.bridge import Seen
from bot.core.bus import Post
from bridges.memory.bridge import CAN, posing_as
from store.database import Store
from store.migrate import migrate
from store.owners import Owners
from store.statement import run, sql
from tests import databases

CHAT = replace(CAN, words=("chat",), label={"en": "the chat", "fr": "le tchat"}, encrypted=True)
MAIL = replace(
    CAN,
    words=("post", "mail"),
    label={"en": "post", "fr": "le courrier"},
    rooms=False,
    buttons=False,
    titles=True,
    writes_first=True,
    keeps_our_ids=True,
    invites_by_link=False,
    raw_kept=30 * 86400.0,
)
OPEN = sql("""
    SELECT (SELECT COUNT(*) FROM inbound WHERE state IN ('new', 'waiting'))
         + (SELECT COUNT(*) FROM parcel WHERE state = 'sending' OR (state = 'due' AND due_at <= :now
                                                  AND COALESCE(retry_at, 0) <= :now)) AS open
""")


@dataclass
class Ground:
    """A running program; people are on "chat" unless they are named on "post"."""

    app: Any
    boxes: dict[str, Any]
    bridges: dict[str, Any]
    on: dict[str, str] = field(default_factory=dict)
    slug: str = "cercle"

    def box(self, who: str) -> Any:
        return self.boxes[self.on.get(who, "chat")]

    async def write(self, work: Any) -> Any:
        return await self.app.store.write(work)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        return await self.app.store.read(lambda connection: list(run(connection, sql(statement), values)))

    async def enter(
        self, *names: str, channel: str = "chat", role: str = "member", slug: str = "", language: str = "en"
    ):
        """Make members of people; the names are what others see."""
        for name in names:
            self.on.setdefault(name, channel)
            remote = self.boxes[channel].person(name)
            self.boxes[channel].network.human(name).started = True

            def joins(connection: Any, remote: str = remote, name: str = name) -> int:
                bridge = self.bridges[channel]
                address = members.meet(connection, channel, bridge.account, remote, name=name)
                community = run(
                    connection, sql("SELECT id FROM community WHERE slug = :slug"), {"slug": slug or self.slug}
                ).scalar_one()
                return communities.enter(
                    connection, community, address, bridge.can, name=name, how="test", consent_text="test", role=role,
                    language=language,
                )  # fmt: skip

            await self.write(joins)
            await self.write(
                lambda connection: run(connection, sql("UPDATE membership SET pace = 'each', confirmed = 2")),
            )

    async def says(self, who: str, text: str, **how: Any) -> list[Seen]:
        """`who` writes; return what their device (or the room) shows since, when everything has settled."""
        shown = lambda: [one for one in self.box(who).seen(who, how.get("room", "")) if one.raw is not None]  # noqa: E731
        before = len(shown())
        self.last = await self.box(who).say(who, text, **how)
        await self.settled()
        return shown()[before:]

    async def asks(self, who: str, text: str, **how: Any) -> str:
        """The same; the words of the one answer."""
        found = await self.says(who, text, **how)
        assert len(found) == 1, [one.text for one in found]
        return found[0].text

    def seen(self, who: str, room: str = "") -> list[str]:
        """The words the bot put on a device."""
        return [one.text for one in self.box(who).seen(who, room) if one.raw is not None]

    async def settled(self) -> None:
        """Wait until everything is handled and nothing is due."""
        await asyncio.sleep(0.002)
        until = time.monotonic() + 30.0
        quiet = 0
        while quiet < 2:
            assert time.monotonic() < until, "the program does not come to rest"
            open_ = (await self.rows(OPEN.text, now=time.time()))[0].open
            waiting = any(box.network.updates for box in self.boxes.values())
            quiet = quiet + 1 if not open_ and not waiting else 0
            await asyncio.sleep(0.004)


@asynccontextmanager
async def ground(url: str, folder: Any):
    """The program on a database, with the community Cercle."""
    channels = {"chat": posing_as("chat", CHAT), "post": posing_as("post", MAIL)}
    boxes = {name: channel.sandbox() for name, channel in channels.items()}
    for box in boxes.values():
        await box.start()
    bridges = {name: channel.make(channel.settings()) for name, channel in channels.items()}
    settings: Any = SimpleNamespace(
        store=SimpleNamespace(url=url, files=folder / "files", key=folder / "key"),
        keep=Keep(),
        community=SimpleNamespace(slug="cercle", name="Cercle", language="en", timezone="Europe/Paris", organizers=()),
    )
    # No other process writes here, and the ear for others takes a second to close.
    with patch.object(Owners, "listen", lambda *_: None):
        app = await program.start(settings, posts=[Post(bridge) for bridge in bridges.values()])
        for ready in app.bus.ready.values():
            await asyncio.wait_for(ready.wait(), 10)
    try:
        yield Ground(app, boxes, bridges)
    finally:
        await app.stop()
        for box in boxes.values():
            await box.stop()


@pytest.fixture(scope="module", params=databases.OF_THE_PROGRAM)
def migrated(request: Any, tmp_path_factory: Any):
    """How to make a database with its tables there, as (kind, what to copy): migrating takes longer than most tests."""
    databases.demand(request.param)
    with databases.made(request.param, tmp_path_factory.mktemp("migrated")) as url:
        store = Store(url)
        migrate(store)
        store.engine.dispose()
        yield request.param, url


@contextmanager
def copied(kind: str, url: str, folder: Any):
    """The URL of a copy of the test's own."""
    if kind == "sqlite":
        shutil.copy(url.removeprefix("sqlite:///"), folder / "test.db")
        yield f"sqlite:///{folder}/test.db"
        return
    import psycopg

    server, _, name = url.rpartition("/")
    copy = f"{name}_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["TEST_POSTGRES"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        try:
            yield f"{server}/{copy}"
        finally:
            connection.execute(f"DROP DATABASE {copy} WITH (FORCE)")


@pytest.fixture
async def circle(migrated: Any, tmp_path: Any):
    """Amina organizes; Bruno and Chloé are on the chat, Dora has mail."""
    with copied(*migrated, tmp_path) as url:
        async with ground(url, tmp_path) as made:
            await made.enter("Amina", role="organizer")
            await made.enter("Bruno", "Chloé")
            await made.enter("Dora", channel="post")
            yield made
