"""What came in, in SQL: raw items accepted once, claimed when their owner is gone, settled when they are handled.

Text statements with their reason above each, the same on both databases; each function is a step inside one transaction.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from store.statement import run, sql

# The same item again (a crash before the acknowledgement) changes nothing and returns nothing.
ACCEPT = sql("""
    INSERT INTO inbound (channel, account, key, own_key, lane, group_key, state, raw, raw_file, size, owner, attempts,
                         not_before, received_at, again)
    VALUES (:channel, :account, :key, :own_key, :lane, :group_key, :state, :raw, :raw_file, :size, :owner, :attempts,
            :not_before, :now, :again)
    ON CONFLICT (channel, account, key) DO NOTHING
    RETURNING id
""")

# A new item of a group starts the group's wait again: an album is complete when it has been quiet.
GROUP_WAITS = sql("""
    UPDATE inbound SET not_before = :not_before
    WHERE channel = :channel AND account = :account AND group_key = :group_key AND state = 'waiting'
""")

CURSOR = sql("""
    INSERT INTO cursor (channel, account, name, value) VALUES (:channel, :account, :name, :value)
    ON CONFLICT (channel, account, name) DO UPDATE SET value = excluded.value
""")

HEARD = sql("UPDATE channel_state SET heard_at = :now WHERE name = :channel")

# What nobody works on: left by an owner that is gone, or not yet taken.
CLAIM = sql("""
    SELECT id, key, own_key, channel, account, lane, group_key, raw, raw_file, attempts, not_before, waits, received_at,
           again
    FROM inbound
    WHERE state IN ('new', 'waiting') AND channel = :channel AND account = :account AND owner <> :owner
      AND owner NOT IN :alive
    ORDER BY id LIMIT :most
""")

# A dead letter that is tried again begins anew.
OWN = sql(
    "UPDATE inbound SET owner = :owner, attempts = CASE WHEN attempts < 1 THEN 1 ELSE attempts END WHERE id IN :ids"
)
# What a process was handling when it ended: it may have been the reason.
BLAME = sql("""
    UPDATE inbound SET attempts = attempts + 1
    WHERE channel = :channel AND account = :account AND key = :key AND state IN ('new', 'waiting')
""")

HANDLED = sql("""
    UPDATE inbound SET state = :state, outcome = :outcome, error = :error, handled_at = :now,
                       raw = CASE WHEN :empty THEN NULL ELSE raw END,
                       emptied_at = CASE WHEN :empty THEN :now ELSE emptied_at END
    WHERE id = :id AND state IN ('new', 'waiting')
""")

WAIT = sql("UPDATE inbound SET state = 'waiting', not_before = :not_before, waits = waits + 1 WHERE id = :id")


_LONGEST = 400  # characters of a key, lane or group


@dataclass(slots=True)
class Item:
    """One inbound row as the inbox holds it."""

    id: int
    key: str
    channel: str
    account: str
    lane: str
    group: str
    raw: bytes
    attempts: int
    not_before: float | None
    waits: int = 0
    raw_file: str = ""
    received_at: float = 0.0
    again: bool = False  # handled before, by a life of the program that was lost


@dataclass(slots=True)
class NewItem:
    """What a bridge gave, about to be stored."""

    key: str
    raw: bytes
    lane: str
    group: str = ""
    quiet: float = 0.0
    cursor: Mapping[str, str] = field(default_factory=dict)
    raw_file: str = ""
    attempts: int = 1  # counted before handling; 2: a process ended with it before it was stored
    again: bool = False


def storable(text: str) -> str:
    """A bridge's key, lane or group as a column takes it: the same, or escaped or cut with a hash that keeps it unique."""
    if len(text) <= _LONGEST and text.isascii() and "\0" not in text:
        return text
    clean = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if clean == text and len(text) <= _LONGEST:
        return text
    return f"{clean[: _LONGEST - 33]}#{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def accept(
    connection: Connection, channel: str, account: str, owner: str, items: Sequence[NewItem], *, heard: bool = True
) -> list[Item]:
    """Store raw items and the cursor; return those that are new, in order, owned and counted as tried once.

    What is returned has the bridge's own key, whatever had to be stored for it.
    """
    now = time.time()
    new: list[Item] = []
    for item in items:
        not_before = now + item.quiet if item.group else None
        key, lane, group = storable(item.key), storable(item.lane), storable(item.group)
        values = {
            "channel": channel,
            "account": account,
            "key": key,
            "own_key": "" if key == item.key else json.dumps(item.key),  # ASCII: every column takes it
            "lane": lane,
            "group_key": group,
            "state": "waiting" if item.group else "new",
            "raw": None if item.raw_file else item.raw,
            "raw_file": item.raw_file,
            "size": len(item.raw),
            "owner": owner,
            "attempts": item.attempts,
            "not_before": not_before,
            "now": now,
            "again": item.again,
        }
        row = run(connection, ACCEPT, values).first()
        if row is not None:
            new.append(
                Item(
                    row[0], item.key, channel, account, lane, group, item.raw, item.attempts, not_before,
                    raw_file=item.raw_file, received_at=now, again=item.again,
                )
            )  # fmt: skip
            if item.group:
                run(
                    connection,
                    GROUP_WAITS,
                    {"channel": channel, "account": account, "group_key": group, "not_before": not_before},
                )
        for name, value in item.cursor.items():
            run(connection, CURSOR, {"channel": channel, "account": account, "name": name, "value": value})
    if heard:
        run(connection, HEARD, {"channel": channel, "now": now})
    return new


def claim(
    connection: Connection, channel: str, account: str, owner: str, alive: Iterable[str], most: int = 500
) -> list[Item]:
    """Take over the inbound items whose owner is gone. That alone is no try: most of them were only waiting.

    What is returned has the bridge's own key, as when it came: the bridge is told by it what became of the item.
    """
    found = run(
        connection,
        CLAIM,
        {"channel": channel, "account": account, "owner": owner, "alive": [*alive, owner], "most": most},
    ).all()
    items = [
        Item(r.id, json.loads(r.own_key) if r.own_key else r.key, r.channel, r.account, r.lane, r.group_key, r.raw or b"", max(1, r.attempts), r.not_before,
             r.waits,
             r.raw_file, r.received_at, bool(r.again))
        for r in found
    ]  # fmt: skip
    if items:
        run(connection, OWN, {"owner": owner, "ids": [item.id for item in items]})
    return items


def name(channel: str, account: str, key: str) -> str:
    """How an item is called while it is handled, whether it is stored yet or not."""
    return json.dumps([channel, account, storable(key)], ensure_ascii=False)


def blame(connection: Connection, item: str) -> bool:
    """Count a try of the item of this `name`, with which a process ended; False if it is not stored."""
    try:
        channel, account, key = json.loads(item)
    except ValueError:  # the machine stopped in the middle of writing it down
        return True
    values = {"channel": channel, "account": account, "key": key}
    return bool(run(connection, BLAME, values).rowcount)


SETTLED = sql("""
    SELECT key, state FROM inbound
    WHERE channel = :channel AND account = :account AND key IN :keys AND state IN ('done', 'held', 'failed')
""")


def settled(connection: Connection, channel: str, account: str, keys: Sequence[str]) -> dict[str, str]:
    """Those of `keys` that were dealt with before, and how they ended."""
    own = {storable(key): key for key in keys}
    values = {"channel": channel, "account": account, "keys": list(own)}
    return {own[row.key]: row.state for row in run(connection, SETTLED, values)}


def cursor(connection: Connection, channel: str, account: str) -> dict[str, str]:
    """How far the bridge has read."""
    found = run(
        connection,
        sql("SELECT name, value FROM cursor WHERE channel = :channel AND account = :account"),
        {"channel": channel, "account": account},
    )
    return {row.name: row.value for row in found}


def handled(
    connection: Connection, item_id: int, state: str, outcome: str, *, error: str = "", empty: bool = False
) -> bool:
    """Mark an item `done`, `held` or `failed`; `empty` removes its raw form now. False if it was settled before."""
    done = run(
        connection,
        HANDLED,
        {
            "id": item_id,
            "state": state,
            "outcome": outcome[:32],
            "error": storable(error[:300]),
            "empty": empty,
            "now": time.time(),
        },
    )
    return bool(done.rowcount)


def wait(connection: Connection, item_id: int, not_before: float) -> None:
    """Put an item back until `not_before`."""
    run(connection, WAIT, {"id": item_id, "not_before": not_before})
