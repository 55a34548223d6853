"""What waits to be sent to a member: carried along to another address, withdrawn, brought back.

Only what is `due` is touched. What is being sent is past calling back, and what may have arrived is repeated where it
may have arrived.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection

from bot.core.audience import SILENCE
from store import ledger
from store.statement import Statement, run, sql

# What was answered there stays there; so does what has partly left, unless the address is lost: nobody reads it there.
MOVABLE = sql("""
    SELECT p.id, p.thread_id, p.message_id, p.priority FROM parcel p
    WHERE p.membership_id = :membership AND p.address_id <> :new AND p.state = 'due' AND p.kind = 'relay'
      AND (p.address_id = :lost OR (
        p.ambiguous = 0 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = p.id AND d.part > 0)))
    ORDER BY p.id
""")
MOVE = sql("""
    UPDATE parcel SET address_id = :new, bundle = :bundle, message_id = :message, due_at = :due_at, attempts = 0,
        retry_at = NULL, failing_since = NULL, ambiguous = 0, error = ''
    WHERE id = :parcel AND state = 'due'
""")
BUNDLED = sql("SELECT 1 FROM parcel WHERE address_id = :new AND bundle = :bundle AND state = 'due'")
# A message that was owed to the other address before is not owed there twice.
MOVE_DELIVERIES = sql("""
    UPDATE delivery SET address_id = :new, part = 0, key = 'm' || CAST(message_id AS TEXT) || ':' || CAST(:new AS TEXT)
    WHERE parcel_id = :parcel AND state = 'owed' AND NOT EXISTS (
        SELECT 1 FROM delivery o
        WHERE o.key = 'm' || CAST(delivery.message_id AS TEXT) || ':' || CAST(:new AS TEXT))
""")
# A key says what is owed, once: what is withdrawn gives it free.
DROP_DELIVERIES = sql("""
    UPDATE delivery SET state = 'withdrawn', key = 'w' || CAST(id AS TEXT)
    WHERE parcel_id = :parcel AND state = 'owed' AND address_id <> :new
""")
DROP_EMPTY = sql("""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now
    WHERE id = :parcel AND state = 'due'
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = parcel.id AND d.state = 'owed')
""")
WITHDRAW = sql("""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now WHERE membership_id = :membership AND state = 'due'
    RETURNING id
""")
WITHDRAW_OWN = sql("""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now
    WHERE membership_id = :membership AND state = 'due' AND kind = 'relay' AND bundle IS NULL
      AND message_id IN (SELECT id FROM message WHERE author_id = :membership)
    RETURNING id
""")
WITHDRAW_AT = sql("""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now WHERE address_id = :address AND state = 'due' RETURNING id
""")
# Notices, and questions: what answers words that were written there stays there, and so does what holds a code.
NOTICES = sql("""
    SELECT p.id, p.priority, p.due_at FROM parcel p
    WHERE p.membership_id = :membership AND p.address_id = :old AND p.state = 'due' AND p.kind IN ('notice', 'answer')
      AND NOT EXISTS (
        SELECT 1 FROM delivery d WHERE d.parcel_id = p.id
          AND (CAST(d.body AS TEXT) LIKE '%"reply_to"%' OR CAST(d.body AS TEXT) LIKE '%"sealed"%'))
    ORDER BY p.id
""")
MOVE_NOTICE = (
    sql("UPDATE parcel SET address_id = :new, attempts = 0, retry_at = NULL, failing_since = NULL WHERE id = :parcel"),
    sql("UPDATE delivery SET address_id = :new WHERE parcel_id = :parcel AND state = 'owed'"),
    sql("UPDATE question SET address_id = :new WHERE parcel_id = :parcel"),
)
WITHDRAW_DELIVERIES = sql("""
    UPDATE delivery SET state = 'withdrawn', key = 'w' || CAST(id AS TEXT) WHERE parcel_id = :parcel AND state = 'owed'
""")
RESTORE = sql("""
    UPDATE parcel SET state = 'due', settled_at = NULL WHERE id = :parcel AND state = 'withdrawn' AND kind = 'relay'
    RETURNING address_id, priority, due_at
""")
RESTORE_DELIVERIES = sql("""
    UPDATE delivery SET state = 'owed', key = 'm' || CAST(message_id AS TEXT) || ':' || CAST(address_id AS TEXT)
    WHERE parcel_id = :parcel AND state = 'withdrawn' AND message_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM delivery o
        WHERE o.key = 'm' || CAST(delivery.message_id AS TEXT) || ':' || CAST(delivery.address_id AS TEXT))
""")


def carry(
    connection: Connection, membership: int, new: int, *, grouped: bool, lost: int = 0, silence: float = SILENCE
) -> int:
    """Let what waits for this member leave to the address `new`; grouped: one parcel a thread, after this silence.

    From the address `lost` everything comes along, also what may have arrived there. Return how many parcels moved.
    """
    rows = run(connection, MOVABLE, {"membership": membership, "new": new, "lost": lost}).all()
    threads: dict[int, list[int]] = {}
    if grouped:
        for row in rows:
            threads.setdefault(row.thread_id, []).append(row.id)
    last = {row.thread_id: row.message_id for row in rows}
    moved, now = 0, time.time()
    for row in rows:
        bundle, message, due_at = None, row.message_id, now
        if grouped:
            head, *others = threads[row.thread_id]
            if row.id != head:
                continue
            if others:
                ledger.merge(connection, head, others)
            bundle, message, due_at = f"t{row.thread_id}", last[row.thread_id], now + silence
            if run(connection, BUNDLED, {"new": new, "bundle": bundle}).first() is not None:
                bundle = None
        values = {
            "parcel": row.id, "new": new, "bundle": bundle, "message": message, "due_at": due_at, "now": now,
        }  # fmt: skip
        for statement in (MOVE, MOVE_DELIVERIES, DROP_DELIVERIES, DROP_EMPTY):
            run(connection, statement, values)
        ledger.lane_due(connection, new, row.priority, due_at)
        moved += 1
    return moved


def withdraw(connection: Connection, membership: int) -> list[int]:
    """Nothing that waits for this member leaves any more; return the parcels."""
    return _withdrawn(connection, WITHDRAW, membership)


def withdraw_own(connection: Connection, membership: int) -> list[int]:
    """What waits for this member and is their own words does not leave."""
    return _withdrawn(connection, WITHDRAW_OWN, membership)


def withdraw_at(connection: Connection, address: int, now: float) -> list[int]:
    """Nothing that waits for this address leaves any more; return the parcels."""
    parcels = [int(row[0]) for row in run(connection, WITHDRAW_AT, {"address": address, "now": now})]
    for parcel in parcels:
        run(connection, WITHDRAW_DELIVERIES, {"parcel": parcel})
    return parcels


def carry_notices(connection: Connection, membership: int, old: int, new: int) -> None:
    """What the bot has to tell this member is told at `new`, and asked there; answers stay with what they answer."""
    for row in run(connection, NOTICES, {"membership": membership, "old": old}).all():
        values = {"parcel": row.id, "new": new, "now": time.time()}
        for statement in MOVE_NOTICE:
            run(connection, statement, values)
        ledger.lane_due(connection, new, row.priority, row.due_at)


def _withdrawn(connection: Connection, statement: Statement, membership: int) -> list[int]:
    rows = run(connection, statement, {"membership": membership, "now": time.time()})
    parcels = [int(row[0]) for row in rows]
    for parcel in parcels:
        run(connection, WITHDRAW_DELIVERIES, {"parcel": parcel})
    return parcels


def restore(connection: Connection, parcels: list[int]) -> None:
    """Messages that were withdrawn leave after all; answers and notices of that day do not."""
    for parcel in parcels:
        row = run(connection, RESTORE, {"parcel": parcel}).first()
        if row is not None:
            run(connection, RESTORE_DELIVERIES, {"parcel": parcel})
            run(connection, DROP_EMPTY, {"parcel": parcel, "now": time.time()})
            ledger.lane_due(connection, row.address_id, row.priority, row.due_at)
