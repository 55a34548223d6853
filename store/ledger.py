"""The ledger: what is owed and must go out, in SQL. Each function is one step of the outbox, inside one transaction.

Only these statements run for every message; they are text, with their reason above each, and read the same on both databases.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from store.database import wake
from store.statement import run, sql

#: A run: how many parcels at the head of a lane are looked at together, because they may leave as one message.
RUN = 64
#: How long a failing parcel holds its lane before the others pass.
HOLD = 15 * 60.0

# The lanes that are due, the most pressing first. No lane rests for an hour after a send: such a time was written while
# the clock was ahead. On PostgreSQL two processes never take the same.
DUE_LANES = """
    SELECT address_id FROM lane
    WHERE owner = '' AND due_at IS NOT NULL AND channel = :channel AND due_at <= :now
      AND (free_at <= :now OR free_at > :now + 3600)
    ORDER BY priority, due_at LIMIT :most
"""
DUE_LANES_SQLITE, DUE_LANES_SHARED = sql(DUE_LANES), sql(DUE_LANES + " FOR UPDATE SKIP LOCKED")
TAKE_LANES = sql("UPDATE lane SET owner = :owner WHERE address_id IN :lanes")

# The first parcels of each lane, in order; those that wait after a failure hold their place.
RUNS = """
    SELECT p.id, p.address_id, p.membership_id, p.message_id, p.thread_id, p.kind, p.priority, p.due_at, p.retry_at,
           p.attempts, p.ambiguous, p.failing_since, p.first_at, p.created_at, p.bundle,
           a.remote, a.sub, a.room, a.status, a.language AS address_language, a.shown_thread_id,
           CASE WHEN a.suspended_at IS NULL THEN a.identity ELSE '' END AS identity,
           m.language, m.timezone, m.token_generation, m.community_id
    FROM lane l
    {first}
    JOIN address a ON a.id = p.address_id
    LEFT JOIN membership m ON m.id = p.membership_id
    WHERE l.address_id IN :lanes
    ORDER BY p.address_id, p.priority, p.id
"""
FIRST = """SELECT q.{what} FROM parcel q
        WHERE q.address_id = l.address_id AND q.state = 'due' AND q.due_at <= :now
        ORDER BY q.priority, q.id LIMIT :ahead"""
# PostgreSQL answers the first form by looking at every lane for every parcel; SQLite does not know the second.
RUNS_SQLITE = sql(RUNS.format(first=f"JOIN parcel p ON p.id IN ({FIRST.format(what='id')})"))
RUNS_SHARED = sql(RUNS.format(first=f"JOIN LATERAL ({FIRST.format(what='*')}) p ON TRUE"))
DELIVERIES = sql("""
    SELECT d.id, d.parcel_id, d.message_id, d.kind, d.part, d.revision, d.body,
           m.revision AS now_revision, LENGTH(m.text) AS length
    FROM delivery d LEFT JOIN message m ON m.id = d.message_id
    WHERE d.parcel_id IN :parcels AND d.state = 'owed' ORDER BY d.parcel_id, d.id
""")
# Empty lanes sleep; others wake when their first parcel is due.
FREE_LANE = sql("""
    UPDATE lane SET owner = '', due_at = :due_at, free_at = :free_at,
        priority = COALESCE((SELECT MIN(priority) FROM parcel WHERE address_id = :lane AND state = 'due'), 9)
    WHERE address_id = :lane
""")
# The lane had nothing but what was sent: by far the most frequent case with many readers.
REST_LANE = sql("""
    UPDATE lane SET owner = '', free_at = :free_at, priority = 9,
        due_at = (SELECT MIN(CASE WHEN p.retry_at > p.due_at THEN p.retry_at ELSE p.due_at END)
                  FROM parcel p WHERE p.address_id = :lane AND p.state = 'due')
    WHERE address_id = :lane
""")
MARK = sql("""
    UPDATE parcel SET state = 'sending', owner = :owner, attempts = attempts + 1
    WHERE id IN :parcels AND state = 'due'
    RETURNING id
""")
MERGE = sql("UPDATE delivery SET parcel_id = :head WHERE parcel_id IN :parcels")
MERGED = sql("DELETE FROM parcel WHERE id IN :parcels")

SENT = sql("""
    UPDATE parcel SET state = 'sent', owner = '', error = '', settled_at = :now WHERE id = :parcel
""")
LATER = sql("""
    UPDATE parcel SET state = 'due', owner = '', retry_at = :retry_at, error = :error,
        failing_since = COALESCE(failing_since, :now), ambiguous = ambiguous + :ambiguous,
        attempts = attempts - :forgiven
    WHERE id = :parcel
""")
ENDED = sql("""
    UPDATE parcel SET state = :state, owner = '', error = :error, settled_at = :now,
        ambiguous = ambiguous + :ambiguous WHERE id = :parcel
""")
COPY = sql("""
    INSERT INTO copy (message_id, address_id, remote, part, own, created_at)
    VALUES (:message, :address, :remote, :part, :own, :now)
    ON CONFLICT (message_id, address_id, remote) DO NOTHING
""")
PART = sql("UPDATE delivery SET part = :part WHERE id = :delivery")
SHOWN = sql("UPDATE address SET shown_thread_id = :thread WHERE id = :address")

# A lane is told that something is due: the most urgent and the soonest hold.
TOLD = """
    ON CONFLICT (address_id) DO UPDATE SET
        priority = CASE WHEN excluded.priority < lane.priority OR lane.due_at IS NULL
                        THEN excluded.priority ELSE lane.priority END,
        due_at = CASE WHEN lane.due_at IS NULL OR excluded.due_at < lane.due_at
                      THEN excluded.due_at ELSE lane.due_at END
"""
LANE_DUE = sql(f"""
    INSERT INTO lane (address_id, channel, priority, due_at)
    SELECT a.id, a.channel, :priority, :due_at FROM address a WHERE a.id = :address {TOLD}
""")  # noqa: S608 - put together of constants
#: The lanes of those who are owed `:kind` of `:message`; `which` narrows the parcels `p`.
LANES = f"""
    INSERT INTO lane (address_id, channel, priority, due_at)
    SELECT p.address_id, a.channel, p.priority, p.due_at
    FROM parcel p JOIN address a ON a.id = p.address_id
    WHERE p.message_id = :message AND p.kind = :kind AND p.state = 'due' AND {{which}} {TOLD}
"""  # noqa: S608 - the same


@dataclass(slots=True)
class Owed:
    """A delivery of a leased parcel."""

    id: int
    message_id: int | None
    kind: str
    part: int
    revision: int
    body: Any
    now_revision: int  # of the message, now
    length: int  # of its text, in characters


@dataclass(slots=True)
class Leased:
    """A parcel of a lane this process holds, with all that differs from reader to reader."""

    id: int
    address_id: int
    membership_id: int | None
    message_id: int | None
    thread_id: int | None
    kind: str
    priority: int
    attempts: int
    ambiguous: int
    failing_since: float | None
    first_at: float
    bundle: str | None
    remote: str
    sub: str
    room: bool
    status: str
    language: str
    timezone: str
    generation: int
    community_id: int | None
    shown_thread_id: int | None
    identity: str  # of the device there, confirmed
    owed: list[Owed] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """The first parcels of one lane; `more`: others wait behind them."""

    lane: int
    parcels: list[Leased]
    more: bool


def lease(connection: Connection, channel: str, owner: str, most: int, ahead: int = RUN) -> list[Run]:
    """Take up to `most` due lanes of a channel, and read the first `ahead` parcels of each.

    The lease is on the lane: nobody else sends there until `free`. Its parcels stay `due` until they are marked.
    """
    now = time.time()
    shared = connection.dialect.name != "sqlite"
    due = run(
        connection, DUE_LANES_SHARED if shared else DUE_LANES_SQLITE, {"channel": channel, "now": now, "most": most}
    ).all()
    lanes = [row[0] for row in due]
    if not lanes:
        return []
    run(connection, TAKE_LANES, {"owner": owner, "lanes": lanes})
    taken: dict[int, list[Leased]] = {lane: [] for lane in lanes}
    held: dict[int, float] = {}
    counts = dict.fromkeys(lanes, 0)
    runs_of = RUNS_SHARED if shared else RUNS_SQLITE
    for row in run(connection, runs_of, {"lanes": lanes, "now": now, "ahead": ahead}):
        counts[row.address_id] += 1
        if row.address_id in held:
            continue
        if row.retry_at is not None and row.retry_at > now:
            if row.failing_since is not None and row.failing_since > now - HOLD:
                held[row.address_id] = row.retry_at  # a retry keeps its place, for a while
            continue
        taken[row.address_id].append(_leased(row))
    runs = []
    for lane, parcels in taken.items():
        if parcels:
            runs.append(Run(lane, parcels, more=counts[lane] >= ahead))
        elif lane in held:
            run(connection, FREE_LANE, {"lane": lane, "due_at": held[lane], "free_at": now})
        else:
            run(connection, REST_LANE, {"lane": lane, "free_at": now})
    _load(connection, [parcel for one in runs for parcel in one.parcels])
    return runs


def _leased(row: Any) -> Leased:
    return Leased(
        row.id, row.address_id, row.membership_id, row.message_id, row.thread_id, row.kind, row.priority,
        row.attempts, row.ambiguous, row.failing_since, row.first_at, row.bundle, row.remote, row.sub, bool(row.room),
        row.status, row.language or row.address_language or "", row.timezone or "", row.token_generation or 0,
        row.community_id, row.shown_thread_id, row.identity,
    )  # fmt: skip


def _load(connection: Connection, parcels: Sequence[Leased]) -> None:
    """Bring their deliveries."""
    by_id = {parcel.id: parcel for parcel in parcels}
    ids = list(by_id)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for row in run(connection, DELIVERIES, {"parcels": some}):
            owed = Owed(
                row.id, row.message_id, row.kind, row.part, row.revision, _json(row.body), row.now_revision or 0,
                row.length or 0,
            )  # fmt: skip
            by_id[row.parcel_id].owed.append(owed)


def _json(value: Any) -> Any:
    if isinstance(value, str):  # SQLite gives JSON as text when the statement is text
        return json.loads(value)
    return value


def mark(connection: Connection, owner: str, parcels: Sequence[int]) -> set[int]:
    """Say that these are about to leave; return those that still may (nobody withdrew them meanwhile)."""
    return {row[0] for row in run(connection, MARK, {"owner": owner, "parcels": list(parcels)})}


def merge(connection: Connection, head: int, others: Sequence[int]) -> None:
    """Let the deliveries of `others` leave with `head`."""
    run(connection, MERGE, {"head": head, "parcels": list(others)})
    run(connection, MERGED, {"parcels": list(others)})


def lane_due(connection: Connection, address: int, priority: int, due_at: float) -> None:
    """Wake a lane at `due_at` at the latest."""
    run(connection, LANE_DUE, {"address": address, "priority": priority, "due_at": due_at})
    wake(connection)


def free(connection: Connection, lane: int, *, free_at: float, more: bool, retry_at: float | None) -> None:
    """Let a lane go; it sleeps, or wakes at `retry_at`, or at once if there is `more`. Nothing more before `free_at`."""
    if retry_at is not None or more:
        due_at = time.time() if retry_at is None else retry_at
        run(connection, FREE_LANE, {"lane": lane, "due_at": due_at, "free_at": free_at})
    else:
        run(connection, REST_LANE, {"lane": lane, "free_at": free_at})


# When the next lane of a channel is due.
NEXT_DUE = sql("""
    SELECT MIN(CASE WHEN free_at > due_at AND free_at <= :now + 3600 THEN free_at ELSE due_at END) FROM lane
    WHERE owner = '' AND due_at IS NOT NULL AND channel = :channel
""")


def next_due(connection: Connection, channel: str) -> float | None:
    """When something of this channel must leave, if anything waits; seconds since 1970."""
    value = run(connection, NEXT_DUE, {"channel": channel, "now": time.time()}).scalar()
    return float(value) if value is not None else None


# Who has something in hand. Asked before who of them is gone: a process that starts meanwhile is not among them.
HOLDERS = sql("""
    SELECT owner FROM lane WHERE owner <> ''
    UNION SELECT owner FROM parcel WHERE state IN ('sending', 'uncertain', 'failed') AND state = 'sending'
""")
# What an owner that is gone was sending may have arrived: it is sent once more, then somebody decides.
ORPHANS_DOUBTFUL = sql("""
    UPDATE parcel SET state = 'uncertain', owner = '', ambiguous = ambiguous + 1, settled_at = :now,
        error = 'the program stopped while it was sending this, twice'
    WHERE state IN ('sending', 'uncertain', 'failed') AND state = 'sending' AND owner IN :gone AND ambiguous >= 1
""")
ORPHANS_SENDING = sql("""
    UPDATE parcel SET state = 'due', owner = '', ambiguous = ambiguous + 1, retry_at = NULL
    WHERE state IN ('sending', 'uncertain', 'failed') AND state = 'sending' AND owner IN :gone
""")
ORPHAN_LANES = sql("UPDATE lane SET owner = '', due_at = :now WHERE owner <> '' AND owner IN :gone")
HELD = sql("SELECT COUNT(*) FROM lane WHERE owner <> '' AND owner = :owner AND channel = :channel")


def held(connection: Connection, channel: str, owner: str) -> int:
    """How many lanes of a channel this owner has in hand: as many sends are under way, or ended and not settled."""
    return int(run(connection, HELD, {"channel": channel, "owner": owner}).scalar_one())


def holders(connection: Connection) -> list[str]:
    """Every owner that has something in hand."""
    return [row[0] for row in run(connection, HOLDERS)]


def adopt(connection: Connection, gone: Sequence[str]) -> int:
    """Free what owners that are gone had in their hands; return how many sends were in doubt."""
    if not gone:
        return 0
    values = {"gone": list(gone), "now": time.time()}
    doubtful = run(connection, ORPHANS_DOUBTFUL, values).rowcount
    doubtful += run(connection, ORPHANS_SENDING, values).rowcount
    run(connection, ORPHAN_LANES, values)
    return int(doubtful)
