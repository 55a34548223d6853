"""People: whose address this is, who they are in which community, how they are called."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from bot.text.fold import display_name, fold

ADDRESS = text("""
    SELECT id, channel, account, remote, room, member_id, title, name, language, status, community_id, mode, thread_id,
           thread_at, spoke_to, spoke_at, seen_at
    FROM address WHERE channel = :channel AND account = :account AND remote = :remote AND sub = :sub
""")
ADDRESS_BY_ID = text("""
    SELECT id, channel, account, remote, room, member_id, title, name, language, status, community_id, mode, thread_id,
           thread_at, spoke_to, spoke_at, seen_at
    FROM address WHERE id = :id
""")
NEW_ADDRESS = text("""
    INSERT INTO address (channel, account, remote, sub, room, title, name, language, created_at, seen_at)
    VALUES (:channel, :account, :remote, :sub, :room, :title, :name, :language, :now, :now)
    ON CONFLICT (channel, account, remote, sub) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING id
""")
SEEN = text("UPDATE address SET seen_at = :now WHERE id = :id")
MEMBERSHIPS = text("""
    SELECT s.id, s.member_id, s.community_id, s.name, s.language, s.timezone, s.role, s.status, s.address_id, s.pace,
           s.token_generation, s.visible, c.name AS community, c.slug, c.language AS community_language,
           c.timezone AS community_timezone
    FROM membership s JOIN community c ON c.id = s.community_id
    WHERE s.member_id = :member ORDER BY s.id
""")
MEMBERSHIP = text("""
    SELECT s.id, s.member_id, s.community_id, s.name, s.language, s.timezone, s.role, s.status, s.address_id, s.pace,
           s.token_generation, s.visible, c.name AS community, c.slug, c.language AS community_language,
           c.timezone AS community_timezone
    FROM membership s JOIN community c ON c.id = s.community_id
    WHERE s.id = :id
""")
NAMES = text("SELECT id, name, folded FROM membership WHERE community_id = :community AND status = 'active'")
ROOM_NAMED = text("UPDATE address SET title = :title WHERE id = :id AND title <> :title")
PRESENT = text("""
    INSERT INTO presence (room_id, address_id, how, since) VALUES (:room, :address, :how, :now)
    ON CONFLICT (room_id, address_id) DO NOTHING
""")
ABSENT = text("DELETE FROM presence WHERE room_id = :room AND address_id = :address")


@dataclass(frozen=True, slots=True)
class Place:
    """An address as it stands in the store."""

    id: int
    channel: str
    account: str
    remote: str
    room: bool
    member_id: int | None
    title: str
    name: str
    language: str
    status: str
    community_id: int | None
    mode: str
    thread_id: int | None
    thread_at: float | None
    spoke_to: int | None
    spoke_at: float | None
    seen_at: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A person in one community."""

    id: int  # the membership's
    member_id: int
    community_id: int
    name: str
    language: str
    timezone: str
    role: str
    status: str
    address_id: int | None
    pace: str
    token_generation: int
    visible: bool
    community: str
    slug: str
    community_language: str
    community_timezone: str

    @property
    def organizes(self) -> bool:
        """Is an organizer, now."""
        return self.role == "organizer" and self.status == "active"


def find(connection: Connection, channel: str, account: str, remote: str, sub: str = "") -> Place | None:
    """The address with this id on this account, if we know it."""
    row = connection.execute(
        ADDRESS, {"channel": channel, "account": account, "remote": remote, "sub": sub}
    ).first()
    return Place(*row) if row else None


def place(connection: Connection, address: int) -> Place:
    """The address with our own id `address`; LookupError if there is none."""
    row = connection.execute(ADDRESS_BY_ID, {"id": address}).first()
    if row is None:
        raise LookupError("no such address")
    return Place(*row)


def meet(
    connection: Connection,
    channel: str,
    account: str,
    remote: str,
    *,
    room: bool = False,
    title: str = "",
    name: str = "",
    language: str = "",
    sub: str = "",
) -> Place:
    """The address, made if it is new."""
    known = find(connection, channel, account, remote, sub)
    if known is not None:
        if room and title and title != known.title:
            connection.execute(ROOM_NAMED, {"id": known.id, "title": display_name(title, 80)})
        return known
    values = {
        "channel": channel, "account": account, "remote": remote, "sub": sub, "room": room,
        "title": display_name(title, 80), "name": display_name(name), "language": language[:8], "now": time.time(),
    }  # fmt: skip
    connection.execute(NEW_ADDRESS, values)
    made = find(connection, channel, account, remote, sub)
    if made is None:
        raise LookupError("the address just made is not there")
    return made


def standings(connection: Connection, member: int | None) -> list[Standing]:
    """What a person is in each community, whatever the status."""
    if member is None:
        return []
    return [Standing(*row) for row in connection.execute(MEMBERSHIPS, {"member": member})]


def standing(connection: Connection, membership: int) -> Standing | None:
    """The membership with this id."""
    row = connection.execute(MEMBERSHIP, {"id": membership}).first()
    return Standing(*row) if row else None


def called(connection: Connection, community: int, name: str) -> list[int]:
    """The active memberships that answer to `name`, accents and case aside: exact ones, else those that begin so."""
    wanted = fold(name.lstrip("@"))
    rows: list[Any] = list(connection.execute(NAMES, {"community": community}))
    exact = [row.id for row in rows if row.folded == wanted]
    return exact or [row.id for row in rows if wanted and row.folded.split(" ")[0] == wanted]


def free_name(connection: Connection, community: int, wanted: str, but: int = 0) -> str:
    """`wanted`, cleaned, told apart from those of the same name: "Karim", "Karim 2"."""
    name = display_name(wanted) or "?"
    taken = {row.folded for row in connection.execute(NAMES, {"community": community}) if row.id != but}
    if fold(name) not in taken:
        return name
    number = 2
    while fold(f"{name} {number}") in taken:
        number += 1
    return f"{name} {number}"


def is_present(connection: Connection, room: int, address: int, how: str = "spoke") -> None:
    """Remember that the person of `address` is in `room`."""
    connection.execute(PRESENT, {"room": room, "address": address, "how": how, "now": time.time()})


def is_gone(connection: Connection, room: int, address: int) -> None:
    """Remember that the person of `address` has left `room`."""
    connection.execute(ABSENT, {"room": room, "address": address})
