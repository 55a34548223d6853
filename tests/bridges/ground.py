"""What the contract stands on: a channel's sandbox, its real bridge, and somebody who stores what arrives as the bus does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.core.bridge import Address, Bridge, Button, Channel, LocalFile, Outgoing, Personal, Shared
from bot.core.errors import BridgeError, Unreadable
from bot.core.events import Arrival, ChoiceMade, Event, MembershipChanged, MessageReceived
from bot.text.rich import Rich

#: How long something that is under way may take on a machine that is busy.
PATIENCE = 15.0

#: Ids as the core derives them: what a bridge that keeps our ids is given.
ID = "m.aebagbafaydqqcikbmga2dqpcaireeyu"
TOKEN = "aebagbafaydqqcikbmga2dqpcaireeyu"


async def until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"not within {patience:.0f} s: {what}"
        await asyncio.sleep(0.01)


@dataclass
class Stored:
    """What the store would hold of a channel: items by key, the cursor, what the items mean."""

    items: dict[str, Arrival] = field(default_factory=dict)
    cursor: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    again: int = 0  # items whose key was stored before
    acknowledged: set[str] = field(default_factory=set)  # keys whose batch the bridge has been asked to go on after

    def texts(self) -> list[str]:
        return [event.text.text for event in self.events if isinstance(event, MessageReceived)]

    def message(self, text: str) -> MessageReceived:
        return next(e for e in self.events if isinstance(e, MessageReceived) and e.text.text == text)

    def gone(self, room: str, person: str) -> list[MembershipChanged]:
        """How it was told that somebody is no longer in a room."""
        moves = [event for event in self.events if isinstance(event, MembershipChanged) and not event.present]
        return [event for event in moves if (event.place.id, event.person.id) == (room, person)]

    def choices(self) -> list[ChoiceMade]:
        return [event for event in self.events if isinstance(event, ChoiceMade)]


class Ground:
    """One channel, its sandbox, one bridge at a time."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.can = channel.can
        self.sandbox = channel.sandbox()
        self.stored = Stored()
        self.bridge: Any = None
        self._listening: asyncio.Task[None] | None = None
        self._count = 0

    async def open(self) -> Bridge:
        """A bridge as the program makes it, connected."""
        self.bridge = self.channel.make(self.channel.settings(**self.sandbox.settings()))
        await self.bridge.open(dict(self.stored.cursor))
        return self.bridge

    async def listen(self) -> None:
        """Store and read what arrives, until `close`."""
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                async for batch in self.bridge.arrivals():
                    await self.store(batch)
                    self.stored.acknowledged |= {arrival.key for arrival in batch}
            except (BridgeError, OSError):
                await asyncio.sleep(0.05)

    async def store(self, batch: Any) -> None:
        """Each new item once, with its cursor; then what it means."""
        for arrival in batch:
            self.stored.cursor |= arrival.cursor
            if arrival.key in self.stored.items:
                self.stored.again += 1
            else:
                self.stored.items[arrival.key] = arrival
                try:
                    self.stored.events += await self.bridge.read(arrival.raw)
                except Unreadable as error:
                    self.stored.unreadable.append(str(error))
            if hasattr(self.bridge, "file"):
                await self.bridge.file(arrival.key, "processed")

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            _, going_on = await asyncio.wait([self._listening], timeout=PATIENCE)
            self._listening = None
            assert not going_on, "arrivals() went on although it was cancelled"
        if self.bridge is not None:
            await self.bridge.close(1.0)
            self.bridge = None

    async def meet(self, name: str) -> Address:
        """Somebody who has written to us, so that we may answer."""
        address = Address(self.sandbox.person(name))
        await self.says(name, f"Hello, I am {name}")
        return address

    async def say(self, name: str, text: str, **more: str) -> str:
        """Somebody writes; again, if the network dropped it because nobody was listening yet (and says so)."""
        if self.can.titles and "subject" not in more and "reply_to" not in more:
            more["subject"] = "A subject"
        async with asyncio.timeout(PATIENCE):
            while True:
                dropped = getattr(self.sandbox, "dropped", 0)
                number: str = await self.sandbox.say(name, text, **more)
                if getattr(self.sandbox, "dropped", 0) == dropped:
                    return number
                await asyncio.sleep(0.05)

    async def says(self, name: str, text: str, **more: str) -> str:
        """Say it, and wait until it is stored."""
        number = await self.say(name, text, **more)
        await until(lambda: text in self.stored.texts(), f"{name}'s words are stored: {text[:40]!r}")
        await self.acknowledged()
        return number

    async def acknowledged(self) -> None:
        """Wait until the bridge has been told that everything is stored."""
        await until(lambda: set(self.stored.items) <= self.stored.acknowledged, "every batch is acknowledged")

    def words(
        self,
        text: str,
        *,
        buttons: tuple[tuple[Button, ...], ...] = (),
        automatic: bool = False,
        files: tuple[LocalFile, ...] = (),
        **personal: Any,
    ) -> Outgoing:
        """Something to send, with everything a mail needs besides."""
        self._count += 1
        shared = Shared(
            Rich(text), "en", ("contract", text, len(buttons)), subject="A subject", author="Amina",
            community="Reading Circle", slug="circle", automatic=automatic, buttons=buttons,
            files=files,
        )  # fmt: skip
        own: dict[str, Any] = {}
        if self.can.keeps_our_ids:
            # Only the first letters differ: that is enough to tell the messages apart.
            letters = chr(97 + self._count % 26) + chr(97 + self._count // 26)
            own = {
                "id": f"m.{letters}{TOKEN[2:]}",
                "reply_token": letters + TOKEN[2:],
                "bounce_token": letters + TOKEN[2:],
            }
        return Outgoing(shared, Personal(**(own | personal)))


@contextlib.asynccontextmanager
async def ground(channel: Channel) -> AsyncIterator[Ground]:
    """A sandbox that runs, with a bridge that is open and listened to."""
    found = Ground(channel)
    await found.sandbox.start()
    try:
        await found.open()
        await found.listen()
        yield found
    finally:
        await found.close()
        await found.sandbox.stop()
