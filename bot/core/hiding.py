"""Hiding: a message that should not stand does not leave any more, and what has left is taken back as far as can be.

Here it is only owed: a parcel of the kind `delete` for each address that shows the message, `edit` while it is hidden
for a time. What a channel still allows is known when the parcel leaves (`bot.core.changing`). A mail cannot be recalled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import audience, relay
from store import ledger
from store.database import wake
from store.statement import run, sql

#: States whose words nobody is shown, or quoted.
GONE: Final = frozenset({"held", "hidden", "removed"})

MESSAGE = sql("SELECT community_id, thread_id, state, revision, spread_to FROM message WHERE id = :id")
REMOVE = sql("""
    UPDATE message SET state = 'removed', removed_at = :now, removed_by = :by, hidden_until = NULL,
        revision = revision + 1
    WHERE id = :id
""")
HIDE = sql("UPDATE message SET state = 'hidden', hidden_until = :until, revision = revision + 1 WHERE id = :id")
SHOW = sql("UPDATE message SET state = :state, hidden_until = NULL, revision = revision + 1 WHERE id = :id")
# A key says what is owed, once: what is withdrawn gives it free.
WITHDRAW = sql("""
    UPDATE delivery SET state = 'withdrawn', key = 'w' || CAST(id AS TEXT)
    WHERE message_id = :id AND kind = 'relay' AND state = 'owed'
      AND parcel_id IN (SELECT p.id FROM parcel p JOIN delivery d ON d.parcel_id = p.id
                        WHERE d.message_id = :id AND p.state = 'due')
""")
# The other lines a mail waits with still leave.
DROP_EMPTY = sql("""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now
    WHERE state = 'due' AND kind = 'relay' AND id IN (SELECT parcel_id FROM delivery WHERE message_id = :id)
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = parcel.id AND d.state = 'owed')
""")
# Who shows it: one parcel for each address, whatever the number of parts. Before anything else that waits there.
PARCELS = """
    INSERT INTO parcel (address_id, membership_id, message_id, thread_id, kind, state, priority, due_at, first_at,
                        created_at)
    SELECT s.address_id,
           (SELECT MAX(m.id) FROM membership m JOIN address a ON a.member_id = m.member_id
            WHERE a.id = s.address_id AND m.community_id = :community),
           :message, :thread, :kind, 'due', :priority, :now, :now, :now
    FROM (SELECT DISTINCT address_id FROM copy WHERE message_id = :message AND NOT own {where}) s
    ORDER BY s.address_id
"""
TO_ALL, TO_ONE = sql(PARCELS.format(where="")), sql(PARCELS.format(where="AND address_id = :address"))
DELIVERIES = sql("""
    INSERT INTO delivery (key, parcel_id, address_id, message_id, kind)
    SELECT 'c' || CAST(p.id AS TEXT), p.id, p.address_id, p.message_id, p.kind
    FROM parcel p
    WHERE p.message_id = :message AND p.kind = :kind AND p.state = 'due'
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = p.id)
""")
LANES = sql(ledger.LANES.format(which="TRUE"))
# Readers who have it where nothing can be taken back: what they were sent left no copy.
PAST = sql("""
    SELECT COUNT(DISTINCT d.address_id) FROM delivery d JOIN parcel p ON p.id = d.parcel_id
    WHERE d.message_id = :id AND d.kind = 'relay' AND d.state = 'owed' AND p.state IN ('sent', 'uncertain')
      AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.message_id = :id AND c.address_id = d.address_id)
""")
GONE_AMONG = sql(
    "SELECT id, state, community_id, thread_id FROM message WHERE id IN :ids AND state IN ('hidden', 'removed')"
)
# To whom it was owed and did not leave: it leaves after all, to those who are still there.
OWE_AGAIN = sql("""
    INSERT INTO parcel (address_id, membership_id, message_id, thread_id, kind, state, priority, due_at, first_at,
                        bundle, created_at)
    SELECT d.address_id, p.membership_id, :message, :thread, 'relay', 'due', 1,
           CASE WHEN m.pace = 'grouped' THEN :now + :silence ELSE :now END, :now,
           CASE WHEN m.pace = 'grouped' THEN :bundle ELSE NULL END, :now
    FROM delivery d
    JOIN parcel p ON p.id = d.parcel_id
    JOIN address a ON a.id = d.address_id AND a.status = 'active'
    LEFT JOIN membership m ON m.id = p.membership_id
    WHERE d.message_id = :message AND d.kind = 'relay' AND d.state = 'withdrawn'
      AND (p.membership_id IS NULL AND a.community_id = :community OR m.status = 'active')
      AND NOT EXISTS (SELECT 1 FROM delivery o JOIN parcel q ON q.id = o.parcel_id
                      WHERE o.message_id = :message AND o.kind = 'relay' AND o.state = 'owed'
                        AND (o.address_id = d.address_id OR q.membership_id = p.membership_id))
    ORDER BY d.id
    ON CONFLICT (address_id, bundle) WHERE state = 'due' AND bundle IS NOT NULL DO UPDATE SET
        message_id = excluded.message_id
""")


@dataclass(frozen=True, slots=True)
class Hidden:
    """What became of a message's copies, in numbers."""

    withdrawn: int = 0  # had not left, and does not leave
    recalled: int = 0  # places that show it, where it is taken back or struck as far as the channel allows
    past: int = 0  # readers who keep it: a mail


def hide(connection: Connection, message_id: int, *, by: int | None, now: float) -> Hidden | None:
    """Remove a message: by the membership `by`, or by nobody in particular. None if it was removed before, or never was."""
    found = _locked(connection, message_id)
    if found is None or found.state == "removed":
        return None
    run(connection, REMOVE, {"id": message_id, "by": by, "now": now})
    return _call_back(connection, message_id, found, "delete", now)


def hide_until(connection: Connection, message_id: int, *, until: float, now: float) -> Hidden | None:
    """Hide a message for a time: what has left is struck and can come back. None if it is not to be seen anyway."""
    found = _locked(connection, message_id)
    if found is None or found.state in GONE:
        return None
    run(connection, HIDE, {"id": message_id, "until": until})
    return _call_back(connection, message_id, found, "edit", now)


def show_again(connection: Connection, message_id: int, *, now: float) -> bool:
    """A message that was hidden for a time stands again, with its words; what had not left leaves. False if it was not."""
    found = _locked(connection, message_id)
    if found is None or found.state != "hidden":
        return False
    state = "spreading" if found.spread_to else "visible"  # of many readers the last may not have been served
    run(connection, SHOW, {"id": message_id, "state": state})
    _owe_again(connection, message_id, found, now)
    _owe(connection, message_id, found, "edit", now)
    if state == "spreading":
        connection.info["spreading"] = True
    return True


def overtaken(connection: Connection, messages: Iterable[int], address: int, now: float) -> None:
    """These were just sent to `address`: what was hidden while it was under way is called back from there too."""
    for row in run(connection, GONE_AMONG, {"ids": list(messages)}):
        _owe(connection, row.id, row, "delete" if row.state == "removed" else "edit", now, address)


def withhold(connection: Connection, message_id: int, now: float) -> int:
    """What has not left of a message does not leave any more, the rest stands. Return to how many places it did not."""
    withdrawn = run(connection, WITHDRAW, {"id": message_id}).rowcount
    run(connection, DROP_EMPTY, {"id": message_id, "now": now})
    return withdrawn


def recall(connection: Connection, message_id: int, *, now: float, priority: int) -> Hidden:
    """Call a message back from everywhere, behind what has a smaller `priority`; it is said elsewhere that it is removed."""
    found = _locked(connection, message_id)
    return Hidden() if found is None else _call_back(connection, message_id, found, "delete", now, priority)


def leaves_after_all(connection: Connection, message_id: int, *, now: float) -> None:
    """What was withheld of a message leaves, to those who are still there."""
    found = _locked(connection, message_id)
    if found is None or found.state in GONE:
        return
    if found.spread_to:  # of many readers the last may not have been served
        run(connection, SHOW, {"id": message_id, "state": "spreading"})
        connection.info["spreading"] = True
    _owe_again(connection, message_id, found, now)


def _locked(connection: Connection, message_id: int) -> Any:
    """The message as it stands, nobody changing or spreading it meanwhile."""
    found = run(connection, MESSAGE, {"id": message_id}).first()
    if found is None:
        return None
    relay.lock(connection, found.community_id)
    return run(connection, MESSAGE, {"id": message_id}).one()


def _owe_again(connection: Connection, message_id: int, found: Any, now: float) -> None:
    values = {
        "message": message_id, "kind": "relay", "community": found.community_id, "thread": found.thread_id, "now": now,
        "silence": audience.SILENCE, "bundle": f"t{found.thread_id}",
    }  # fmt: skip
    for statement in (OWE_AGAIN, *audience.TO_ALL):
        run(connection, statement, values)


def _call_back(connection: Connection, message_id: int, found: Any, kind: str, now: float, priority: int = 0) -> Hidden:
    withdrawn = withhold(connection, message_id, now)
    recalled = _owe(connection, message_id, found, kind, now, priority=priority)
    past = int(run(connection, PAST, {"id": message_id}).scalar_one())
    return Hidden(withdrawn, recalled, past)


def _owe(
    connection: Connection,
    message_id: int,
    found: Any,
    kind: str,
    now: float,
    address: int | None = None,
    priority: int = 0,
) -> int:
    """Owe the change to every place that shows the message (or to `address`); return how many."""
    values = {
        "message": message_id, "community": found.community_id, "thread": found.thread_id, "kind": kind,
        "now": now, "address": address, "priority": priority,
    }  # fmt: skip
    number = run(connection, TO_ALL if address is None else TO_ONE, values).rowcount
    if number:
        run(connection, DELIVERIES, values)
        run(connection, LANES, values)
        wake(connection)
    return number
