"""The lookout: asks the networks who is in our rooms, outside any transaction.

Who binds a group must know how many read there, and a member who reads in a room gets no second copy in private. So an
organizer's command in a group that is no room yet is handled with a fresh answer, and members who joined, linked an
address or left a room unseen are asked for again from time to time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot import journal
from bot.core import members
from bot.core.bridge import Address, Bridge, Census
from bot.core.errors import BridgeError, TryLater
from bot.core.events import Event, MembershipChanged, MessageReceived, Person, Place, RoomChanged
from bot.core.presence import PEOPLE
from store.database import Store, StoreClosed, is_passing
from store.statement import run, sql

#: How often it is looked whether there is somebody new to ask for, and how long an answer holds.
EVERY, HOLDS = 5.0, 86400.0
#: People asked for at once in one room, and how long that may take.
MOST, PATIENCE = 100, 15.0

# What an organizer asks in a group that is nobody's yet: the members who may be there.
ORGANIZERS_GROUP = sql("""
    SELECT a.remote FROM address a
    JOIN membership m ON m.member_id = a.member_id AND m.status = 'active'
    JOIN membership o ON o.community_id = m.community_id AND o.role = 'organizer' AND o.status = 'active'
    JOIN address sender ON sender.member_id = o.member_id
    WHERE sender.channel = :channel AND sender.account = :account AND sender.remote = :sender
      AND a.channel = :channel AND a.account = :account AND NOT a.room
      AND NOT EXISTS (SELECT 1 FROM address r WHERE r.channel = :channel AND r.account = :account AND r.remote = :room
                      AND r.community_id IS NOT NULL)
    GROUP BY a.id, a.remote ORDER BY a.id LIMIT :most
""")
# Members and the rooms of their community on the same channel.
PAIRS = sql("""
    SELECT r.id AS room_id, r.remote AS room, r.channel, r.account, a.id AS address_id, a.remote
    FROM address r
    JOIN address a ON a.channel = r.channel AND a.account = r.account AND NOT a.room AND a.member_id IS NOT NULL
    WHERE r.room AND r.community_id IS NOT NULL AND r.status = 'active'
      AND EXISTS (SELECT 1 FROM membership m
                  WHERE m.member_id = a.member_id AND m.community_id = r.community_id AND m.status = 'active')
    ORDER BY r.id, a.id
""")


class Lookout:
    """Asks, and writes down what it was told."""

    def __init__(self, store: Store, bridges: Mapping[str, Bridge]) -> None:
        self.store = store
        self.bridges = bridges
        self._asked: dict[tuple[int, int], float] = {}  # room and address → when
        self._not_before: dict[str, float] = {}

    # Before an item is handled

    async def ahead(self, bridge: Bridge, events: Sequence[Event]) -> Sequence[Event]:
        """The events of an item, with what must be known to handle them before them."""
        for event in events:
            if isinstance(event, MessageReceived) and event.place.room and _may_be_command(bridge, event):
                return [*await self._of_group(bridge, event), *events]
        return events

    async def _of_group(self, bridge: Bridge, event: MessageReceived) -> list[Event]:
        try:
            people = await self.store.read(partial(_organizers_group, bridge=bridge, event=event))
        except Exception as error:
            if not is_passing(error):
                raise
            return []  # the database is busy: nothing is known of the group, and that is a reason to wait a day
        if not people:
            return []
        found = await self._ask(bridge, event.place.id, people)
        if found is None:
            return []
        place = Place(event.place.id, room=True, title=event.place.title)
        return [
            RoomChanged(place, people=found.people),
            *(MembershipChanged(place, Person(one), present=True) for one in sorted(found.here)),
            *(MembershipChanged(place, Person(one), present=False) for one in sorted(found.gone)),
        ]

    # From time to time

    async def run(self, leads: Callable[[], bool]) -> None:
        """Look around until cancelled; one process does: the one for which `leads` is true."""
        while True:
            try:
                if await asyncio.to_thread(leads):
                    await self.look_around()
            except StoreClosed:
                return
            except Exception:
                journal.error("job.failed", job="lookout")
            await asyncio.sleep(EVERY)

    async def look_around(self) -> None:
        """Ask for everybody who was not asked for within a day, in each room."""
        rooms: dict[tuple[int, str, str], dict[str, int]] = {}
        now = time.time()
        for row in await self.store.read(lambda connection: run(connection, PAIRS).all()):
            bridge = self.bridges.get(row.channel)
            if bridge is None or bridge.account != row.account or self._not_before.get(row.channel, 0.0) > now:
                continue
            if self._asked.get((row.room_id, row.address_id), 0.0) < now - HOLDS:
                rooms.setdefault((row.room_id, row.room, row.channel), {})[row.remote] = row.address_id
        for (room, remote, channel), people in rooms.items():
            some = dict(list(people.items())[:MOST])
            found = await self._ask(self.bridges[channel], remote, list(some))
            if found is None:
                self._not_before[channel] = max(self._not_before.get(channel, 0.0), now + 60.0)
                continue
            self._asked |= {(room, address): now for address in some.values()}
            await self.store.write(partial(_note, room=room, people=some, found=found))

    async def _ask(self, bridge: Any, room: str, people: Sequence[str]) -> Census | None:
        """What the network says; None if it says nothing now."""
        if not hasattr(bridge, "census"):
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                found: Census = await bridge.census(Address(room, room=True), people)
        except TryLater as later:
            self._not_before[bridge.name] = time.time() + (later.after or 60.0)
            return None
        except (BridgeError, OSError, TimeoutError):
            return None
        return found


def _may_be_command(bridge: Any, event: MessageReceived) -> bool:
    """Cheaply: only words that begin with a slash or our name can bind a group."""
    said = event.text.text.lstrip().casefold()
    names = [str(name).casefold() for name in getattr(bridge, "names", ()) if name]
    return event.evidence == "direct" and said.startswith(("/", *names)) and not said.startswith("//")


def _organizers_group(connection: Connection, bridge: Bridge, event: MessageReceived) -> list[str]:
    values = {
        "channel": bridge.name, "account": bridge.account, "sender": event.sender.id, "room": event.place.id,
        "most": MOST,
    }  # fmt: skip
    return [row.remote for row in run(connection, ORGANIZERS_GROUP, values)]


def _note(connection: Connection, room: int, people: Mapping[str, int], found: Census) -> None:
    """Write down who is there."""
    if found.people is not None:
        run(connection, PEOPLE, {"id": room, "people": found.people})
    for remote, address in people.items():
        if remote in found.here:
            members.is_present(connection, room, address, "listed")
        elif remote in found.gone:
            members.is_gone(connection, room, address)
