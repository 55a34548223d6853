"""Removing: somebody's membership is ended, on every channel at once. What they wrote stays; an organizer may invite them again."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.core import inviting, members, waiting
from bot.core.members import Place, Standing
from bot.text.fold import display_name, fold
from store.statement import run, sql

REMOVE = sql("""
    UPDATE membership SET status = 'removed', role = 'member', left_at = :now, held_until = NULL,
        token_generation = token_generation + 1
    WHERE id = :id AND status = 'active'
""")
# What they gave out brings nobody in any more.
CODES = sql("""
    UPDATE code SET expires_at = :now WHERE membership_id = :id AND purpose = 'invite' AND (used_at IS NULL OR shared) AND expires_at > :now
""")
MEMBER = sql("INSERT INTO member (created_at) VALUES (:now) RETURNING id")
OWNED = sql("UPDATE address SET member_id = :member WHERE id = :address AND member_id IS NULL")
NEVER_IN = sql("""
    INSERT INTO membership (community_id, member_id, name, folded, language, timezone, role, status, left_at, created_at)
    SELECT c.id, :member, :name, :folded, c.language, c.timezone, 'member', 'removed', :now, :now
    FROM community c WHERE c.id = :community
    ON CONFLICT (community_id, member_id) DO UPDATE SET status = 'removed', left_at = excluded.left_at
    RETURNING id
""")
REMOVED = sql("""
    SELECT 1 FROM membership WHERE member_id = :member AND community_id = :community AND status = 'removed'
""")


def remove(connection: Connection, standing: Standing, *, now: float) -> bool:
    """End a membership; nothing that waits for them leaves. False if it is over already."""
    if not run(connection, REMOVE, {"id": standing.id, "now": now}).rowcount:
        return False
    waiting.withdraw(connection, standing.id)
    inviting.stop(connection, standing.id)
    run(connection, CODES, {"id": standing.id, "now": now})
    return True


def bar(connection: Connection, community: int, person: Place, *, now: float) -> int:
    """Somebody who has only ever spoken in a room: from now on they are removed too; their membership, which never was."""
    member = person.member_id
    if member is None:
        member = int(run(connection, MEMBER, {"now": now}).scalar_one())
        run(connection, OWNED, {"member": member, "address": person.id})
    name = members.free_name(connection, community, display_name(person.name) or "?")
    values = {"community": community, "member": member, "name": name, "folded": fold(name), "now": now}
    return int(run(connection, NEVER_IN, values).scalar_one())


def is_removed(connection: Connection, community: int | None, member: int | None) -> bool:
    """Was this person's membership ended by the organizers?"""
    values = {"community": community, "member": member}
    return None not in (community, member) and run(connection, REMOVED, values).first() is not None
