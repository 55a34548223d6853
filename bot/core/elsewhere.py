"""A member who is in a room reads there; one who wants to be told elsewhere too says so, and is."""

from __future__ import annotations

import time

from sqlalchemy import Connection

from bot.core.members import Standing
from store.statement import run, sql

#: Rooms of the community that have begun and in which the member is.
ROOMS = sql("""
    SELECT DISTINCT r.id, r.title FROM presence p
    JOIN address r ON r.id = p.room_id AND r.community_id = :community AND r.status = 'active' AND r.relays_from <= :now
    JOIN address a ON a.id = p.address_id AND a.member_id = :member
    ORDER BY r.id
""")
WANTS = sql("SELECT 1 FROM preference WHERE membership_id = :id AND scope = 'all' AND key = 'elsewhere'")
WANT = sql("""
    INSERT INTO preference (membership_id, scope, scope_id, key, value) VALUES (:id, 'all', 0, 'elsewhere', 'yes')
    ON CONFLICT (membership_id, scope, scope_id, key) DO NOTHING
""")
NO_MORE = sql("DELETE FROM preference WHERE membership_id = :id AND scope = 'all' AND key = 'elsewhere'")


def rooms(connection: Connection, standing: Standing) -> list[str]:
    """The titles of the rooms this member reads in."""
    values = {"community": standing.community_id, "member": standing.member_id, "now": time.time()}
    return [row.title for row in run(connection, ROOMS, values)]


def wants(connection: Connection, standing: Standing) -> bool:
    """Whether this member wants to be told elsewhere too."""
    return run(connection, WANTS, {"id": standing.id}).first() is not None


def want(connection: Connection, standing: Standing, *, too: bool) -> None:
    """From now on they do, or do not."""
    run(connection, WANT if too else NO_MORE, {"id": standing.id})
