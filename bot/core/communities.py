"""Communities, and how a person comes to be in one."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from bot.core import members
from bot.core.bridge import Capabilities
from bot.core.scene import House
from bot.text.fold import fold
from store.statement import run, sql

COMMUNITY = sql("SELECT id FROM community WHERE slug = :slug")
NEW = sql("""
    INSERT INTO community (slug, name, language, timezone, created_at)
    VALUES (:slug, :name, :language, :timezone, :now) RETURNING id
""")
MEMBER = sql("INSERT INTO member (created_at) VALUES (:now) RETURNING id")
MEMBERSHIP = sql("""
    INSERT INTO membership (community_id, member_id, name, folded, language, timezone, role, status, address_id, pace,
                            invited_by, consent_at, consent_how, consent_text, joined_at, created_at)
    VALUES (:community, :member, :name, :folded, :language, :timezone, :role, :status, :address, :pace,
            :invited_by, :consent_at, :consent_how, :consent_text, :joined_at, :now)
    RETURNING id
""")
ORGANIZES = sql("UPDATE membership SET role = 'organizer' WHERE id = :id")
AGAIN = sql("""
    UPDATE membership SET status = 'active', role = :role, address_id = COALESCE(address_id, :address), name = :name,
        folded = :folded, invited_by = COALESCE(:invited_by, invited_by), consent_at = :now, consent_how = :how, consent_text = :consent_text, left_at = NULL
    WHERE id = :id
""")
OWNED = sql("UPDATE address SET member_id = :member, verified_at = :now, status = 'active' WHERE id = :address")


# A network where nobody may be written to first: whoever only stands in the configuration is waited for.
WROTE = sql("""
    SELECT 1 FROM inbound i JOIN address a ON a.id = :id
    WHERE i.channel = a.channel AND i.account = a.account AND i.lane = a.remote LIMIT 1
""")
NOT_MET = sql("UPDATE address SET status = 'unmet' WHERE id = :id")


def slug_of(name: str) -> str:
    """A name as part of an address, never with a hyphen at an end: "Cercle de lecture" is "cercle-de-lecture"."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name))[:40].strip("-") or "community"


def found(
    connection: Connection,
    house: House,
    slug: str,
    name: str,
    language: str,
    timezone: str,
    organizers: Sequence[str] = (),
) -> int:
    """The community called `slug`, made if it is new, with its first organizers ("channel:address"); its id."""
    row = run(connection, COMMUNITY, {"slug": slug}).first()
    now = time.time()
    if row is not None:
        return int(row[0])
    values = {"slug": slug, "name": name, "language": language, "timezone": timezone, "now": now}
    community = int(run(connection, NEW, values).scalar_one())
    for one in organizers:
        channel, _, remote = one.partition(":")
        if channel not in house.channels:
            continue
        address = members.meet(connection, channel, house.accounts[channel], remote.strip())
        met = house.channels[channel].writes_first or run(connection, WROTE, {"id": address.id}).first() is not None
        enter(
            connection, community, address, house.channels[channel], name=remote.split("@")[0], role="organizer",
            how="configuration", consent_text="configuration",
        )  # fmt: skip
        if not met:
            run(connection, NOT_MET, {"id": address.id})
    return community


def enter(
    connection: Connection,
    community: int,
    address: members.Place,
    can: Capabilities,
    *,
    name: str,
    how: str,
    consent_text: str,
    role: str = "member",
    language: str = "",
    invited_by: int | None = None,
) -> int:
    """Make the person of `address` an active member, who is told there; return the membership.

    One who left comes back as the same membership; an organizer's code makes a member an organizer.
    """
    row = run(connection, sql("SELECT name, language, timezone FROM community WHERE id = :id"), {"id": community}).one()
    now = time.time()
    member = address.member_id
    if member is None:
        member = int(run(connection, MEMBER, {"now": now}).scalar_one())
    run(connection, OWNED, {"member": member, "address": address.id, "now": now})
    known = next((s for s in members.standings(connection, member) if s.community_id == community), None)
    if known is not None and known.status == "active":
        if role == "organizer":
            run(connection, ORGANIZES, {"id": known.id})
        return known.id
    if known is not None:
        shown = members.free_name(connection, community, known.name, but=known.id)
        values = {
            "id": known.id, "role": role, "address": address.id, "now": now, "how": how, "consent_text": consent_text,
            "name": shown, "folded": fold(shown), "invited_by": invited_by,
        }  # fmt: skip
        run(connection, AGAIN, values)
        return known.id
    shown = members.free_name(connection, community, name)
    values = {
        "community": community, "member": member, "name": shown, "folded": fold(shown),
        "language": language or row.language, "timezone": row.timezone, "role": role, "status": "active",
        "address": address.id, "pace": can.default_pace, "invited_by": invited_by, "consent_at": now,
        "consent_how": how, "consent_text": consent_text, "joined_at": now, "now": now,
    }  # fmt: skip
    return int(run(connection, MEMBERSHIP, values).scalar_one())
