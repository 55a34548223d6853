"""Where a member is told, and at what pace. The pace belongs to the address: each remembers its own."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.core import waiting
from bot.core.audience import SILENCE
from bot.core.members import Place, Standing
from store import ledger
from store.statement import run, sql

PACE = sql("""
    SELECT value FROM preference
    WHERE membership_id = :membership AND scope = 'address' AND scope_id = :address AND key = 'pace'
""")
REMEMBER = sql("""
    INSERT INTO preference (membership_id, scope, scope_id, key, value)
    VALUES (:membership, 'address', :address, 'pace', :pace)
    ON CONFLICT (membership_id, scope, scope_id, key) DO UPDATE SET value = excluded.value
""")
PREFERRED = sql("""
    UPDATE membership SET address_id = :address, pace = :pace, wanted_id = NULL, wanted_why = '' WHERE id = :membership
""")
# The titled thread that holds the old address holds the new one: what is said next belongs to it.
FOLLOW = sql("""
    UPDATE address SET
        thread_id = (SELECT o.thread_id FROM address o WHERE o.id = :old),
        thread_at = (SELECT o.thread_at FROM address o WHERE o.id = :old)
    WHERE id = :address
      AND COALESCE(thread_at, 0) < COALESCE((SELECT o.thread_at FROM address o WHERE o.id = :old), 0)
""")
SET_PACE = sql("UPDATE membership SET pace = :pace WHERE id = :membership")
# Who wants every message at once does not wait for the silence of a thread.
AT_ONCE = sql("""
    UPDATE parcel SET due_at = :now WHERE membership_id = :membership AND state = 'due' AND bundle IS NOT NULL
    RETURNING address_id, priority
""")


def prefer(
    connection: Connection,
    standing: Standing,
    address: Place,
    default_pace: str,
    *,
    lost: int = 0,
    silence: float = SILENCE,
) -> str:
    """From now on this member is told at `address`; what waits follows. Return the pace: the address's own, or the default.

    `lost`: the address whose waiting messages come along whatever became of them. `silence`: how long they wait for more
    of their thread, if they leave grouped.
    """
    row = run(connection, PACE, {"membership": standing.id, "address": address.id}).first()
    pace = str(row[0]) if row else default_pace
    run(connection, PREFERRED, {"membership": standing.id, "address": address.id, "pace": pace})
    if standing.address_id is not None and standing.address_id != address.id:
        run(connection, FOLLOW, {"address": address.id, "old": standing.address_id})
    waiting.carry(connection, standing.id, address.id, grouped=pace == "grouped", lost=lost, silence=silence)
    return pace


def remember_pace(connection: Connection, standing: Standing) -> None:
    """The pace of the address this member is told at is its own, for when they come back to it."""
    if standing.address_id is not None:
        values = {"membership": standing.id, "address": standing.address_id, "pace": standing.pace}
        run(connection, REMEMBER, values)


def set_pace(connection: Connection, standing: Standing, pace: str, now: float) -> None:
    """The pace of the address this member is told at; remembered for when they come back to it."""
    run(connection, SET_PACE, {"membership": standing.id, "pace": pace})
    if standing.address_id is not None:
        values = {"membership": standing.id, "address": standing.address_id, "pace": pace}
        run(connection, REMEMBER, values)
    if pace == "each":
        for row in run(connection, AT_ONCE, {"membership": standing.id, "now": now}).all():
            ledger.lane_due(connection, row.address_id, row.priority, now)
