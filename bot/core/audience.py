"""Who gets a message, and where: every bound room once, every other member once, on the address they prefer.

Decided by the database in one statement, in the transaction that makes the message visible.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection

from store import ledger
from store.database import wake
from store.statement import run, sql

#: Members served in one transaction; beyond it the message is `spreading` and the next ones follow.
CHUNK = 2_000
#: `grouped`: a mail leaves after this silence, or this long after its oldest line (MANNERS 5).
SILENCE, LONGEST = 15 * 60.0, 2 * 3600.0
#: So many messages of one person within so many seconds leave one by one. What follows leaves together, everywhere,
#: after this pause and this long after its first line.
SINGLE, BURST, PAUSE, AT_MOST = 30, 600.0, 60.0, 600.0
#: In a statement about `message`: is it one of those that follow?
FLOODS = f"""
           COALESCE((SELECT o.created_at FROM message o WHERE o.author_id = message.author_id AND o.id < message.id
                     ORDER BY o.id DESC LIMIT 1 OFFSET {SINGLE - 1}), 0) > created_at - {BURST}
"""  # noqa: S608 - two numbers of ours

# Members who are in no room of the community (those get it there, unless they want it elsewhere too), from the last one
# served on. A room that has not begun yet serves nobody. Those with the
# pace `grouped` have one open parcel a thread, which waits for silence; others have one each, after the channel's grace.
# Readers of paces that the clock sends (daily, weekly, mine) are owed it in their bundle. A flood (`:flood`, otherwise
# NULL) waits for its pause at every address.
PARCELS = sql("""
    INSERT INTO parcel (address_id, membership_id, message_id, thread_id, kind, state, priority, due_at, first_at, bundle,
                        created_at)
    SELECT m.address_id, m.id, :message, :thread, 'relay', 'due', :priority,
           CASE WHEN m.pace = 'grouped' THEN :now + :silence ELSE :now + COALESCE(c.grace, 0) + :pause END, :now,
           CASE WHEN m.pace = 'grouped' THEN :bundle ELSE CAST(:flood AS TEXT) END, :now
    FROM membership m
    JOIN address a ON a.id = m.address_id AND a.status = 'active'
    LEFT JOIN channel_state c ON c.name = a.channel
    WHERE m.community_id = :community AND m.status = 'active' AND m.id <> :author AND m.id > :after AND m.id <= :upto
      AND (NOT EXISTS (
             SELECT 1 FROM presence p
             JOIN address r ON r.id = p.room_id AND r.community_id = :community AND r.status = 'active'
               AND r.relays_from <= :now
             JOIN address pa ON pa.id = p.address_id
             WHERE pa.member_id = m.member_id)
           OR EXISTS (
             SELECT 1 FROM preference w WHERE w.membership_id = m.id AND w.scope = 'all' AND w.key = 'elsewhere'))
    ORDER BY m.id
    ON CONFLICT (address_id, bundle) WHERE state = 'due' AND bundle IS NOT NULL DO UPDATE SET
        message_id = excluded.message_id,
        due_at = CASE
            WHEN excluded.bundle = CAST(:flood AS TEXT) AND excluded.due_at > parcel.first_at + :at_most
                THEN parcel.first_at + :at_most
            WHEN excluded.due_at > parcel.first_at + :longest THEN parcel.first_at + :longest
            ELSE excluded.due_at END
""")
LAST_OF_CHUNK = sql("""
    SELECT MAX(id) AS upto, COUNT(*) AS number FROM (
        SELECT id FROM membership WHERE community_id = :community AND id > :after ORDER BY id LIMIT :chunk) AS next
""")
# Every room that has begun, but the one it was said in.
ROOM_PARCELS = sql("""
    INSERT INTO parcel (address_id, message_id, thread_id, kind, state, priority, due_at, first_at, bundle, created_at)
    SELECT a.id, :message, :thread, 'relay', 'due', :priority, :now + COALESCE(c.grace, 0) + :pause, :now,
           CAST(:flood AS TEXT), :now
    FROM address a LEFT JOIN channel_state c ON c.name = a.channel
    WHERE a.community_id = :community AND a.room AND a.status = 'active' AND a.relays_from <= :now
      AND a.id <> :origin
    ORDER BY a.id
    ON CONFLICT (address_id, bundle) WHERE state = 'due' AND bundle IS NOT NULL DO UPDATE SET
        message_id = excluded.message_id,
        due_at = CASE WHEN excluded.due_at > parcel.first_at + :at_most
                      THEN parcel.first_at + :at_most ELSE excluded.due_at END
""")
ROOMS, MEMBERS = "p.membership_id IS NULL", "p.membership_id > :after AND p.membership_id <= :upto"
DELIVERIES = """
    INSERT INTO delivery (key, parcel_id, address_id, message_id, kind)
    SELECT 'm' || CAST(:message AS TEXT) || ':' || CAST(p.address_id AS TEXT), p.id, p.address_id, :message, 'relay'
    FROM parcel p WHERE p.message_id = :message AND p.kind = 'relay' AND p.state = 'due' AND {which}
    ORDER BY p.id
    ON CONFLICT (key) DO NOTHING
"""
TO_ROOMS = [sql(each.format(which=ROOMS)) for each in (DELIVERIES, ledger.LANES)]
TO_MEMBERS = [sql(each.format(which=MEMBERS)) for each in (DELIVERIES, ledger.LANES)]
#: Whoever has a parcel of it, whatever made it.
TO_ALL = [sql(each.format(which="TRUE")) for each in (DELIVERIES, ledger.LANES)]
SPREAD = sql("UPDATE message SET state = :state, spread_to = :upto WHERE id = :message")
SPREADING = f"""
    SELECT id, community_id, thread_id, author_id, origin_id, spread_to, kind, {FLOODS} AS bundled FROM message
    WHERE state = 'spreading' ORDER BY id LIMIT 1
"""  # noqa: S608 - the same
# Several processes go on with it in turns, each from where the last one stopped; and nobody removes it meanwhile.
SPREADING_SQLITE, SPREADING_SHARED = sql(SPREADING), sql(SPREADING + " FOR UPDATE")


def spread(connection: Connection, message: Any, *, after: int = 0) -> bool:
    """Owe `message` (id, community_id, thread_id, author_id, origin_id, kind, bundled) to the next readers.

    True when everybody has been served; otherwise the message is `spreading` and the same must be called again.
    """
    values = {
        "message": message.id,
        "kind": "relay",
        "community": message.community_id,
        "thread": message.thread_id,
        "author": message.author_id or 0,
        "origin": message.origin_id or 0,
        "priority": 5 if message.kind == "announcement" else 1,
        "now": time.time(),
        "silence": SILENCE,
        "longest": LONGEST,
        "bundle": f"t{message.thread_id}",
        "flood": f"f{message.author_id or 0}:{message.thread_id}" if message.bundled else None,
        "pause": PAUSE if message.bundled else 0.0,
        "at_most": AT_MOST,
        "after": after,
    }
    served = run(connection, LAST_OF_CHUNK, {"community": message.community_id, "after": after, "chunk": CHUNK}).one()
    upto, more = served.upto or after, served.number == CHUNK
    if after == 0 and run(connection, ROOM_PARCELS, values).rowcount:
        for statement in TO_ROOMS:
            run(connection, statement, values)
    if served.number:
        run(connection, PARCELS, values | {"upto": upto})
        for statement in TO_MEMBERS:
            run(connection, statement, values | {"upto": upto})
    if more or after:
        state = "spreading" if more else "visible"
        run(connection, SPREAD, {"message": message.id, "state": state, "upto": upto})
    wake(connection)
    if more:
        connection.info["spreading"] = True
    return not more


def spread_more(connection: Connection) -> bool:
    """Serve the next readers of the oldest message that is spreading; False if there is none."""
    sqlite = connection.dialect.name == "sqlite"
    message = run(connection, SPREADING_SQLITE if sqlite else SPREADING_SHARED).first()
    if message is None:
        return False
    spread(connection, message, after=message.spread_to)
    return True
