"""The stage: the real program, with its channels, and the people of a story on their devices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import time_machine
from sqlalchemy import Connection, text

from bot import journal
from bot.app import App, start
from bot.config.sections import Backup, Community, Keep, Store
from bot.core import bus, communities, members
from bot.core.bridge import Channel, Seen
from bot.core.bus import Post
from bot.core.events import ChoiceMade, Event, MembershipChanged, MessageReceived
from bridges.memory.bridge import plug_in, unplug
from bridges.memory.network import Network
from tests.playing.script import ZONE, Room, Someone, Story

PATIENCE = 20.0  # seconds until everything that is under way must have ended

#: What keeps the program busy: items not handled, messages still spreading, parcels that may leave now.
UNDER_WAY = text("""
    SELECT (SELECT COUNT(*) FROM inbound WHERE state IN ('new', 'waiting')) AS items,
           (SELECT COUNT(*) FROM message WHERE state = 'spreading') AS messages,
           (SELECT COUNT(*) FROM parcel WHERE NOT EXISTS (SELECT 1 FROM chore WHERE name = 'hold')
               AND (state IN ('leased', 'sending')
                   OR (state = 'due' AND due_at <= :now AND COALESCE(retry_at, 0) <= :now AND address_id NOT IN (
                   SELECT a.id FROM address a WHERE :away LIKE '%,' || a.channel || ',%')))
           ) AS parcels
""")
BIND = text("UPDATE address SET community_id = :community, relays_from = :now WHERE id = :id")
IS_AWAY = text("SELECT 1 FROM channel_state WHERE name = :name AND down_since IS NOT NULL AND found_at >= :since")
WAYS = text("""
    UPDATE membership SET pace = :pace, language = :language, timezone = :zone, confirmed = :confirmed WHERE id = :id
""")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place a device shows: somebody's private chat (or mailbox) on a channel, or a room."""

    channel: str
    who: str = ""
    room: str = ""

    def __str__(self) -> str:
        return self.room or f"{self.who} by {self.channel}"


class Stage:
    """One story's program, people and clock."""

    def __init__(self, story: Story, channels: Mapping[str, Channel], folder: Path, url: str, clock: Any) -> None:
        self.story = story
        self.channels = {name: channels[name] for name in story.channels}
        self.folder = folder
        self.url = url
        self.clock: time_machine.Traveller = clock
        self.sandboxes: dict[str, Any] = {}
        self.app: App | None = None
        self.settings: Any = None
        self._posts: list[Post] = []
        self._meant: dict[int, Sequence[Event]] = {}  # by inbound item
        self._handled: list[int] = []  # inbound items whose effect is committed
        self._unsubscribe: Callable[[], None] = lambda: None
        self.unplugged: dict[str, Network] = {}
        self._retries = bus.RETRY_FIRST, bus.RETRY_MOST
        if any(step.kind == "away" for step in story.steps):
            bus.RETRY_FIRST = bus.RETRY_MOST = 0.02  # what is away is tried again at once

    # Coming and going

    async def open(self) -> None:
        """Start the networks and the program, and bring the people in."""
        for name, channel in self.channels.items():
            sandbox = self.sandboxes[name] = channel.sandbox()
            await sandbox.start()
        name, language = self.story.communities[0]
        self.settings = SimpleNamespace(
            community=Community(name=name, language=language, timezone=ZONE.key),
            store=Store(url=self.url, files=self.folder / "files", key=self.folder / "secret.key"),
            keep=Keep(),
            backup=Backup(folder=self.folder / "elsewhere"),
            channels={},
        )
        await self.run()
        await self._bring_in()

    async def run(self) -> None:
        """Start the program, and wait until it listens."""
        self._posts.clear()
        for name, channel in self.channels.items():
            section = channel.settings(**(self.sandboxes[name].settings() | _unhurried(channel)))
            self._posts.append(Post(channel.make(section), channel.budgets(section), grace=0.0))
        self.app = await start(self.settings, posts=self._posts)
        self._overhear(self.app)
        async with asyncio.timeout(PATIENCE):
            there = [ready for name, ready in self.app.bus.ready.items() if name not in self.unplugged]
            await asyncio.gather(*(ready.wait() for ready in there))

    async def quit(self) -> None:
        """Stop the program; the networks and the devices go on."""
        self._unsubscribe()
        if self.app is not None:
            await self.app.stop()

    def _overhear(self, app: App) -> None:
        """Know what is handled: only so can be told that what somebody just did has had its effect."""
        reception = app.bus.inbox.reception
        original = reception.handle

        def handle(connection: Any, item: Any, events: Sequence[Event]) -> Any:
            self._meant[item.id] = events
            return original(connection, item, events)

        def heard(event: str, fields: Mapping[str, Any]) -> None:
            if event == "inbound.handled":
                self._handled.append(fields["inbound"])

        reception.handle = handle  # type: ignore[method-assign]
        self._unsubscribe = journal.subscribe(heard)

    async def close(self) -> None:
        """Stop everything."""
        await self.quit()
        bus.RETRY_FIRST, bus.RETRY_MOST = self._retries
        for sandbox in self.sandboxes.values():
            await sandbox.stop()

    async def _bring_in(self) -> None:
        """Everybody has written to the bot once, as a stranger; then they are members, and the rooms are bound."""
        people = self.story.people.values()
        for one in people:
            for channel in one.channels:
                self.sandboxes[channel].person(one.name, one.language)
                if not self.channels[channel].can.writes_first and one.role:
                    await self.say(Spot(channel, one.name), "Hello")
        for room in self.story.rooms.values():
            inside = [one.name for one in people if one.room == room.title]
            self.sandboxes[room.channel].room(room.title, inside, founded=room.founded)
        await self.settle(calm=0.3 if len(self.story.rooms) and self.over_the_wire else 0.0)
        if self.app is not None:
            await self.app.store.write(self._enter)
        await self.settle()

    @property
    def over_the_wire(self) -> bool:
        """Whether real sockets are between us and the devices."""
        return not all(type(sandbox).__module__.startswith("bridges.memory") for sandbox in self.sandboxes.values())

    def _enter(self, connection: Connection) -> None:
        app = self.app
        if app is None:
            return
        ids = {}
        for name, language in self.story.communities:
            ids[name] = communities.found(connection, app.house, communities.slug_of(name), name, language, ZONE.key)
        first = self.story.communities[0][0]
        for room in self.story.rooms.values():
            self._bind(connection, room, ids[room.community or first])
        for one in self.story.people.values():
            if one.role:
                for community in one.communities or [first]:
                    self._member(connection, one, ids[community])

    def _bind(self, connection: Connection, room: Room, community: int) -> None:
        remote = self.sandboxes[room.channel].room(room.title, [])
        place = members.meet(connection, room.channel, self.account(room.channel), remote, room=True, title=room.title)
        if room.bound:
            connection.execute(BIND, {"id": place.id, "community": community, "now": time.time()})

    def _member(self, connection: Connection, one: Someone, community: int) -> None:
        channel = one.channels[0]
        remote = self.sandboxes[channel].person(one.name)
        place = members.meet(connection, channel, self.account(channel), remote, name=one.name)
        membership = communities.enter(
            connection, community, place, self.channels[channel].can, name=one.name, how="story", consent_text="story",
            role=one.role,
        )  # fmt: skip
        language = one.language or self.story.communities[0][1]
        ways = {"pace": one.pace, "language": language, "zone": ZONE.key, "confirmed": 0 if one.new else 2}
        connection.execute(WAYS, ways | {"id": membership})
        standing = members.standing(connection, membership)
        for other in one.linked:
            remote = self.sandboxes[other].person(one.name)
            linked = members.meet(connection, other, self.account(other), remote, name=one.name)
            members.own(connection, linked.id, standing.member_id if standing else 0)
        if one.room and self.story.rooms[one.room].bound:
            room = self.story.rooms[one.room]
            remote = self.sandboxes[room.channel].room(room.title, [])
            hall = members.meet(connection, room.channel, self.account(room.channel), remote, room=True)
            members.is_present(connection, hall.id, place.id, "listed")

    def account(self, channel: str) -> str:
        """Which account of ours a channel has."""
        return next(post.bridge.account for post in self._posts if post.bridge.name == channel)

    # Doing

    async def say(self, spot: Spot, words: str, **more: str) -> str:
        """Somebody writes; returns when it is handled and what follows from it has left."""
        sandbox = self.sandboxes[spot.channel]
        if self.channels[spot.channel].can.titles and not more.get("reply_to"):
            more.setdefault("subject", "")
        before = self._count(MessageReceived)
        number: str = await sandbox.say(spot.who, words, room=spot.room, **more)
        await self._arrives(MessageReceived, before)
        return number

    async def press(self, spot: Spot, line: Seen, label: str) -> None:
        """Press the button with this label."""
        button = next((button for button in line.buttons if button.label == label), None)
        assert button is not None, f"no button {label!r} there; there are {[b.label for b in line.buttons]}"
        before = self._count(ChoiceMade)
        await self.sandboxes[spot.channel].press(spot.who, line, button)
        await self._arrives(ChoiceMade, before)

    async def move(self, spot: Spot, *, present: bool, by: str = "") -> None:
        """Somebody comes into a room, leaves it, or is taken out of it by somebody."""
        before = self._count(MembershipChanged)
        sandbox = self.sandboxes[spot.channel]
        if by:
            sandbox.remove(spot.who, spot.room, by)
        else:
            (sandbox.join if present else sandbox.leave)(spot.who, spot.room)
        await self._arrives(MembershipChanged, before)

    async def away(self, channel: str, *, back: bool) -> None:
        """Nothing can be sent or heard on a channel; or it can again. Only of networks in this process."""
        if back:
            plug_in(channel, self.unplugged.pop(channel))
        else:
            self.unplugged[channel] = self.sandboxes[channel].network
            unplug(channel)
            self.unplugged[channel].arrived.set()
        await self.noticed(channel, back=back)
        await self.settle()

    async def noticed(self, channel: str, *, back: bool, since: float = 0.0) -> None:
        """Wait until the program has found out."""
        assert self.app is not None
        end, values = time.monotonic() + PATIENCE, {"name": channel, "since": since}
        while bool(await self.app.store.read(lambda c: c.execute(IS_AWAY, values).first())) == back:
            assert time.monotonic() < end, f"nobody noticed that {channel} is {'back' if back else 'away'}"
            await asyncio.sleep(0.005)

    async def block(self, who: str) -> None:
        """Somebody blocks the bot in their chat."""
        before = self._count(MembershipChanged)
        self.sandboxes[self.story.people[who].channels[0]].block(who)
        await self._arrives(MembershipChanged, before)

    async def later(self, seconds: float) -> None:
        """Let time pass: what is due then leaves, and the clock's jobs are done."""
        self.clock.shift(seconds)
        if self.app is not None:
            for job in self.app.clock.jobs:
                # Real sockets take a leap of the clock for an absence.
                if not (self.over_the_wire and job.name == "outages"):
                    await self.app.store.write(job.job)
            await self.app.sweeper.sweep()
            self.app.bus.outbox.wake()
        await self.settle()

    # Waiting

    def _count(self, kind: type) -> int:
        return sum(isinstance(event, kind) for item in self._handled for event in self._meant.get(item, ()))

    async def _arrives(self, kind: type, before: int) -> None:
        end = time.monotonic() + PATIENCE
        while self._count(kind) <= before:
            assert time.monotonic() < end, "what was just done never arrived"
            await asyncio.sleep(0.002)
        await self.settle()
        if self.app is not None:
            await self.app.lookout.look_around()  # what it does every few seconds

    async def settle(self, calm: float = 0.0) -> None:
        """Wait until nothing is under way (for `calm` seconds)."""
        end, quiet = time.monotonic() + PATIENCE, time.monotonic()
        while time.monotonic() < end:
            under_way = await self._under_way()
            if any(under_way):
                quiet = time.monotonic()
            elif time.monotonic() - quiet >= calm:
                return
            await asyncio.sleep(0.003)
        raise AssertionError(f"still under way after {PATIENCE:.0f} s: (items, messages, parcels) = {under_way}")

    async def _under_way(self) -> tuple[int, ...]:
        assert self.app is not None
        values = {"now": time.time(), "away": f",{','.join(self.unplugged)},"}
        return tuple(await self.app.store.read(lambda c: c.execute(UNDER_WAY, values).one()))

    # Looking

    def spots(self) -> list[Spot]:
        """Every place a device shows."""
        private = [Spot(channel, one.name) for one in self.story.people.values() for channel in one.channels]
        return private + [self.room(title) for title in self.story.rooms]

    def room(self, title: str) -> Spot:
        """The room of this title, seen by the first of its people."""
        room = self.story.rooms[title]
        inside = next((one.name for one in self.story.people.values() if one.room == title), "")
        return Spot(room.channel, inside, title)

    def shown(self, spot: Spot) -> list[Seen]:
        """What the device shows there."""
        found: list[Seen] = self.sandboxes[spot.channel].seen(spot.who, spot.room)
        return found

    def written_to_first(self) -> list[Spot]:
        """The private chats in which the bot spoke before their owner did, where nobody may be written to first."""
        found = []
        for spot in self.spots():
            if not spot.room and not self.channels[spot.channel].can.writes_first:
                lines = self.shown(spot)
                found += [spot] * bool(lines and not lines[0].mine)
        return found

    def hour(self, clock: str) -> float:
        """How many seconds it is until the clock says this."""
        from datetime import datetime, timedelta

        now = datetime.now(ZONE)
        hour, minute = map(int, clock.split(":"))
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (then - now if then > now else then + timedelta(days=1) - now).total_seconds() + 1


def _unhurried(channel: Channel) -> dict[str, Any]:
    """The settings that let a channel write as fast as it can, and at once."""
    raised: dict[str, Any] = {name: 100_000 for name in channel.settings.model_fields if name.startswith("per_")}
    if "grace" in channel.settings.model_fields:
        raised["grace"] = 0.0
    return raised
