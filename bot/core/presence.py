"""Rooms: who is there, and whether what they say there leaves it.

To be in a room is no consent to more than its notice says: what begins with `//` stays there, so does everything of
somebody who said "not me", and nothing leaves it before the hour the notice named.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from bot.core import hiding, members, removing
from bot.core.events import MembershipChanged, RoomChanged
from bot.core.members import Place
from bot.text.rich import Rich
from store.statement import run, sql

#: What begins so is for the room alone.
ASIDE: Final = "//"
#: How wrong the clock of a device may be: words said this long before a room begins may still count as said after it.
CLOCKS: Final = 60.0
#: What somebody said in the hour before they were taken out of a room is looked at again.
HOUR: Final = 3600.0

# What somebody lost is not found by a network saying that it works.
STATUS = sql("""
    UPDATE address SET status = :status, status_at = :now, status_why = :why WHERE id = :id AND status <> 'lost'
""")
LOST = sql("UPDATE address SET founded = :no, people = NULL WHERE id = :id")
ROOM = sql("SELECT status, mode, community_id, relays_from, people, founded FROM address WHERE id = :id")
RENAMED = sql("UPDATE address SET title = :title WHERE id = :id")
PEOPLE = sql("UPDATE address SET people = :people WHERE id = :id")
FOUNDED = sql("UPDATE address SET founded = :yes WHERE id = :id")
# A person is silent in a room wherever they said so: two devices of one member are one person.
SILENT = sql("""
    SELECT 1 FROM silence s JOIN address a ON a.id = s.address_id
    WHERE s.room_id = :room AND (s.address_id = :address OR a.member_id = :member) LIMIT 1
""")
BE_SILENT = sql("""
    INSERT INTO silence (room_id, address_id, since) VALUES (:room, :address, :now)
    ON CONFLICT (room_id, address_id) DO NOTHING
""")
SPEAK = sql("""
    DELETE FROM silence WHERE room_id = :room
      AND (address_id = :address OR address_id IN (SELECT id FROM address WHERE member_id = :member))
""")
# What somebody said in a room: of the last hour, or still on its way to somebody.
SAID = sql("""
    SELECT m.id, m.created_at,
           EXISTS (SELECT 1 FROM delivery d JOIN parcel p ON p.id = d.parcel_id
                   WHERE d.message_id = m.id AND d.kind = 'relay' AND d.state = 'owed'
                     AND p.state IN ('sending', 'sent', 'uncertain')) AS has_left
    FROM message m
    WHERE m.origin_id = :room AND m.state IN ('visible', 'spreading', 'held', 'hidden')
      AND (m.speaker_id = :address OR m.author_id IN (SELECT s.id FROM membership s WHERE s.member_id = :member))
      AND (m.created_at > :since OR m.state <> 'visible'
           OR EXISTS (SELECT 1 FROM delivery d JOIN parcel p ON p.id = d.parcel_id
                      WHERE d.message_id = m.id AND d.kind = 'relay' AND d.state = 'owed' AND p.state = 'due'))
    ORDER BY m.id
""")
# The next readers of a message that is still spreading do not get it.
STOP_SPREADING = sql("UPDATE message SET state = 'visible' WHERE id = :id AND state = 'spreading'")


@dataclass(frozen=True, slots=True)
class Room:
    """A room as it stands in the store."""

    status: str
    mode: str  # both | in: it receives and gives nothing
    community_id: int | None
    relays_from: float | None
    people: int | None  # without us
    founded: bool

    def begins(self, now: float) -> float | None:
        """When it begins, if that is still to come."""
        return self.relays_from if self.relays_from is not None and self.relays_from > now else None


def room(connection: Connection, address: int) -> Room:
    """The room with this id."""
    row = run(connection, ROOM, {"id": address}).one()
    return Room(row.status, row.mode, row.community_id, row.relays_from, row.people, bool(row.founded))


# What leaves it


def is_aside(words: Rich) -> bool:
    """Whether these words are for the room alone."""
    return words.text.lstrip().startswith(ASIDE)


def stays(connection: Connection, here: Place, person: Place, community: int | None, said_at: float) -> str:
    """Why what was said for a community stays in the room, in one word for the record; empty if it leaves."""
    if here.community_id is None or here.community_id != community or here.status != "active":
        return "unbound"
    found = room(connection, here.id)
    begins = found.relays_from
    if begins is None or begins > time.time() or said_at < begins - CLOCKS:
        return "not_yet"
    if found.mode != "both":
        return "one_way"
    if person.forget_at is not None:
        return "forgotten"
    if removing.is_removed(connection, here.community_id, person.member_id):
        return "removed"
    return "not_me" if is_silent(connection, here.id, person) else ""


def is_silent(connection: Connection, room: int, person: Place) -> bool:
    """Whether this person has said "not me" there."""
    values = {"room": room, "address": person.id, "member": person.member_id}
    return run(connection, SILENT, values).first() is not None


def be_silent(connection: Connection, room: int, person: Place) -> None:
    """From now on nothing of this person leaves the room; what has not left yet does not leave."""
    run(connection, BE_SILENT, {"room": room, "address": person.id, "now": time.time()})
    take_back(connection, room, person)


def speak_again(connection: Connection, room: int, person: Place) -> bool:
    """What they say from now on leaves it again; False if it always did."""
    values = {"room": room, "address": person.id, "member": person.member_id}
    return run(connection, SPEAK, values).rowcount > 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of somebody's words of the last hour in a room."""

    withdrawn: int  # not everybody had them, and nobody more gets them
    left: tuple[int, ...]  # messages of the last hour that somebody has


def take_back(connection: Connection, room: int, person: Place) -> TakenBack:
    """Withdraw what this person said in a room and has not left yet; tell what of the last hour has."""
    now = time.time()
    values = {"room": room, "address": person.id, "member": person.member_id, "since": now - HOUR}
    withdrawn, left = 0, []
    for row in run(connection, SAID, values).all():
        if row.has_left:
            run(connection, STOP_SPREADING, {"id": row.id})
            withdrawn += hiding.withhold(connection, row.id, now) > 0
            if row.created_at > now - HOUR:
                left.append(int(row.id))
        else:
            withdrawn += hiding.hide(connection, row.id, by=None, now=now) is not None
    return TakenBack(withdrawn, tuple(left))


# Who is there


def came_or_went(connection: Connection, channel: str, account: str, event: MembershipChanged) -> str:
    """Somebody, or we, came into a room or left it. The outcome in one word."""
    now = time.time()
    here = members.meet(connection, channel, account, event.place.id, room=True, title=event.place.title)
    if event.us:
        status = "active" if event.present else "gone"
        run(connection, STATUS, {"id": here.id, "status": status, "why": "", "now": now})
        if not event.present:
            run(connection, LOST, {"id": here.id, "no": False})
        return "room_gone" if not event.present else "room_came"
    if event.person.automatic:
        return "automatic"
    person = members.meet(connection, channel, account, event.person.id, name=event.person.name)
    if event.present:
        members.is_present(connection, here.id, person.id, "joined")
    else:
        members.is_gone(connection, here.id, person.id)
    return "presence"


def changed(connection: Connection, channel: str, account: str, event: RoomChanged) -> str:
    """A room has another title; or we learn how many are there, or that it was made with us."""
    here = members.meet(connection, channel, account, event.place.id, room=True, title=event.place.title)
    if event.place.title:
        run(connection, RENAMED, {"id": here.id, "title": event.place.title[:80]})
    if event.people is not None:
        run(connection, PEOPLE, {"id": here.id, "people": event.people})
    if event.founded:
        run(connection, FOUNDED, {"id": here.id, "yes": True})
    return "room"
