"""People: whose address this is, who they are in which community, how they are called."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from bot.text.fold import display_name, fold
from bot.text.lookalike import looks_like
from store.statement import run, sql

#: An organizer's powers sleep this long on an address that is new; a suspended one has them never.
POWERS_AFTER: Final = 86400.0
NEVER: Final = float("inf")

PLACE = """
    SELECT a.id, a.channel, a.account, a.remote, a.room, a.member_id, a.title, a.name, a.language, a.status, a.community_id,
           a.mode, a.thread_id, a.thread_at, a.spoke_to, a.spoke_at, a.seen_at, a.suspended_at, a.powers_at, m.forget_at
    FROM address a LEFT JOIN member m ON m.id = a.member_id
    WHERE {which}
"""
ADDRESS = sql(
    PLACE.format(which="a.channel = :channel AND a.account = :account AND a.remote = :remote AND a.sub = :sub")
)
ADDRESS_BY_ID = sql(PLACE.format(which="a.id = :id"))
NEW_ADDRESS = sql("""
    INSERT INTO address (channel, account, remote, sub, room, title, name, language, created_at, seen_at)
    VALUES (:channel, :account, :remote, :sub, :room, :title, :name, :language, :now, :now)
    ON CONFLICT (channel, account, remote, sub) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING id
""")
HEARD = sql("UPDATE address SET status = 'active', status_at = :now, status_why = '' WHERE id = :id")
SEEN = sql("UPDATE address SET seen_at = :now WHERE id = :id")
MEMBERSHIPS = sql("""
    SELECT s.id, s.member_id, s.community_id, s.name, s.language, s.timezone, s.role, s.status, s.address_id, s.pace,
           s.token_generation, s.visible, c.name AS community, c.slug, c.language AS community_language,
           c.timezone AS community_timezone, s.powers_at, s.wanted_id, s.wanted_why
    FROM membership s JOIN community c ON c.id = s.community_id
    WHERE s.member_id = :member ORDER BY s.id
""")
MEMBERSHIP = sql("""
    SELECT s.id, s.member_id, s.community_id, s.name, s.language, s.timezone, s.role, s.status, s.address_id, s.pace,
           s.token_generation, s.visible, c.name AS community, c.slug, c.language AS community_language,
           c.timezone AS community_timezone, s.powers_at, s.wanted_id, s.wanted_why
    FROM membership s JOIN community c ON c.id = s.community_id
    WHERE s.id = :id
""")
NAMES = sql("SELECT id, name, folded, role FROM membership WHERE community_id = :community AND status = 'active'")
ROOM_NAMED = sql("UPDATE address SET title = :title WHERE id = :id AND title <> :title")
NAMED = sql("UPDATE address SET name = :name WHERE id = :id")
PRESENT = sql("""
    INSERT INTO presence (room_id, address_id, how, since)
    SELECT :room, id, :how, :now FROM address WHERE id = :address AND status <> 'lost'
    ON CONFLICT (room_id, address_id) DO NOTHING
""")
# What is joined to somebody who can be reached elsewhere has no powers for a day: they hear of it there (X7).
OWN = sql("""
    UPDATE address SET member_id = :member, verified_at = :now, status = 'active', status_why = '',
        suspended_at = CASE WHEN member_id = :member AND status <> 'lost' THEN suspended_at ELSE NULL END,
        powers_at = CASE
            WHEN member_id = :member AND status <> 'lost' THEN powers_at
            WHEN EXISTS (SELECT 1 FROM address o WHERE o.member_id = :member AND o.id <> :address) THEN :powers_at
            ELSE NULL END
    WHERE id = :address
""")
OWNED = sql("SELECT id FROM address WHERE member_id = :member AND NOT room ORDER BY id")
# Two members became one: the membership that stands where this one stood.
SUCCESSOR = sql("""
    SELECT heir.id FROM membership gone
    JOIN member m ON m.id = gone.member_id
    JOIN membership heir ON heir.member_id = m.merged_into AND heir.community_id = gone.community_id
    WHERE gone.id = :id
""")
ABSENT = sql("DELETE FROM presence WHERE room_id = :room AND address_id = :address")
ACTIVE = sql("SELECT COUNT(*) FROM membership WHERE community_id = :community AND status = 'active'")
# Of each room: how many there are by the network's count without the members we know to be there; or those we met.
ONLOOKERS = sql("""
    SELECT COALESCE(SUM(CASE WHEN room.people - room.joined > room.met THEN room.people - room.joined ELSE room.met END), 0)
    FROM (
        SELECT COALESCE(r.people, 0) AS people,
               (SELECT COUNT(DISTINCT m.id) FROM presence p JOIN address a ON a.id = p.address_id
                JOIN membership m ON m.member_id = a.member_id AND m.community_id = :community AND m.status = 'active'
                WHERE p.room_id = r.id) AS joined,
               (SELECT COUNT(*) FROM presence p JOIN address a ON a.id = p.address_id
                WHERE p.room_id = r.id AND NOT EXISTS (
                    SELECT 1 FROM membership m
                    WHERE m.member_id = a.member_id AND m.community_id = :community AND m.status = 'active')) AS met
        FROM address r WHERE r.community_id = :community AND r.room AND r.status = 'active') AS room
""")


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
    suspended_at: float | None  # its device is another one, and nobody has confirmed it
    powers_at: float | None  # no powers from there before
    forget_at: float | None  # its owner asked to be forgotten: nothing they say is for anybody

    @property
    def sleeps_until(self) -> float:
        """When powers may be used from there; a time long past if they may, never if it is suspended."""
        return NEVER if self.suspended_at is not None else self.powers_at or 0.0


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
    powers_at: float | None  # an organizer's powers sleep until then
    wanted_id: int | None  # the address they want to be told at while another serves in its place …
    wanted_why: str  # … and why: failed | away

    @property
    def appointed(self) -> bool:
        """Is an organizer, whether or not the powers sleep."""
        return self.role == "organizer" and self.status == "active"

    @property
    def organizes(self) -> bool:
        """Is an organizer and may act as one, now."""
        return self.appointed and (self.powers_at is None or self.powers_at <= time.time())

    def seen_from(self, place: Place) -> Standing:
        """The same person writing from `place`: with no more powers than it has."""
        sleeps = place.sleeps_until
        return self if sleeps <= (self.powers_at or 0.0) else replace(self, powers_at=sleeps)


def find(connection: Connection, channel: str, account: str, remote: str, sub: str = "") -> Place | None:
    """The address with this id on this account, if we know it."""
    row = run(connection, ADDRESS, {"channel": channel, "account": account, "remote": remote, "sub": sub}).first()
    return Place(*row) if row else None


def place(connection: Connection, address: int) -> Place:
    """The address with our own id `address`; LookupError if there is none."""
    row = run(connection, ADDRESS_BY_ID, {"id": address}).first()
    if row is None:
        raise LookupError("no such address")
    return Place(*row)


def heard(connection: Connection, place: Place) -> Place:
    """Something came from there: it can be reached after all, whatever a send was told once."""
    if place.status not in ("unreachable", "unmet"):
        return place
    run(connection, HEARD, {"id": place.id, "now": time.time()})
    return replace(place, status="active")


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
            run(connection, ROOM_NAMED, {"id": known.id, "title": display_name(title, 80)})
        if name and not known.name and not known.room:  # met in a list of members, which tells no names
            run(connection, NAMED, {"id": known.id, "name": display_name(name)})
            return replace(known, name=display_name(name))
        return known
    values = {
        "channel": channel, "account": account, "remote": remote, "sub": sub, "room": room,
        "title": display_name(title, 80), "name": display_name(name), "language": language[:8], "now": time.time(),
    }  # fmt: skip
    run(connection, NEW_ADDRESS, values)
    made = find(connection, channel, account, remote, sub)
    if made is None:
        raise LookupError("the address just made is not there")
    return made


def standings(connection: Connection, member: int | None) -> list[Standing]:
    """What a person is in each community, whatever the status."""
    if member is None:
        return []
    return [Standing(*row) for row in run(connection, MEMBERSHIPS, {"member": member})]


def standing(connection: Connection, membership: int) -> Standing | None:
    """The membership with this id."""
    row = run(connection, MEMBERSHIP, {"id": membership}).first()
    return Standing(*row) if row else None


def called(connection: Connection, community: int, name: str) -> list[int]:
    """The active memberships that answer to `name`, accents and case aside: exact ones, else those that begin so."""
    wanted = fold(name.lstrip("@"))
    rows: list[Any] = list(run(connection, NAMES, {"community": community}))
    exact = [row.id for row in rows if row.folded == wanted]
    return exact or [row.id for row in rows if wanted and row.folded.split(" ")[0] == wanted]


def free_name(connection: Connection, community: int, wanted: str, but: int = 0) -> str:
    """`wanted`, cleaned, told apart from those of the same name, and of an organizer's that looks so: "Karim", "Karim 2"."""
    name = display_name(wanted) or "?"
    others = [row for row in run(connection, NAMES, {"community": community}) if row.id != but]
    taken = {row.folded for row in others}
    if fold(name) not in taken and not any(row.role == "organizer" and looks_like(name, row.name) for row in others):
        return name
    number = 2
    while fold(f"{name} {number}") in taken:
        number += 1
    return f"{name} {number}"


def poses(connection: Connection, community: int, name: str) -> bool:
    """Is this name, of somebody who has not joined, an organizer's, or could it be taken for one?"""
    return any(
        row.role == "organizer" and looks_like(name, row.name)
        for row in run(connection, NAMES, {"community": community})
    )


def own(connection: Connection, address: int, member: int) -> None:
    """The address is this member's, who has just proved it; powers follow in a day, if it is not their only one."""
    now = time.time()
    run(connection, OWN, {"address": address, "member": member, "now": now, "powers_at": now + POWERS_AFTER})


def owned(connection: Connection, member: int) -> list[Place]:
    """The member's private addresses, the one they last wrote from first."""
    ids = [int(row[0]) for row in run(connection, OWNED, {"member": member})]
    return sorted((place(connection, one) for one in ids), key=lambda one: (-(one.seen_at or 0.0), one.id))


def successor(connection: Connection, membership: int) -> Standing | None:
    """The membership with this id, or the one it was merged into."""
    found = standing(connection, membership)
    for _ in range(20):  # a chain of merges; the rows of one cannot refer to each other in a ring
        row = run(connection, SUCCESSOR, {"id": found.id}).first() if found and found.status == "former" else None
        if row is None:
            break
        found = standing(connection, int(row[0]))
    return found


def is_present(connection: Connection, room: int, address: int, how: str = "spoke") -> None:
    """Remember that the person of `address` is in `room`."""
    run(connection, PRESENT, {"room": room, "address": address, "how": how, "now": time.time()})


def is_gone(connection: Connection, room: int, address: int) -> None:
    """Remember that the person of `address` has left `room`."""
    run(connection, ABSENT, {"room": room, "address": address})


def onlookers(connection: Connection, community: int) -> int:
    """How many people read along in the community's rooms without having joined it, as far as we know."""
    return int(run(connection, ONLOOKERS, {"community": community}).scalar_one())


def people(connection: Connection, community: int) -> int:
    """How many people get what is written to the community: its members, and those who are in its rooms."""
    counted = run(connection, ACTIVE, {"community": community}).scalar_one()
    return int(counted) + onlookers(connection, community)
