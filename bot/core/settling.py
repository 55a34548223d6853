"""What the end of a send means for its parcel, its lane, its address and its channel; in the transaction that says so."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from bot.core import fading, fallback, hiding, limits, notices
from bot.core.bridge import Budget, Capabilities, Sent
from bot.core.errors import BridgeError, Down, Moved, Refused, TryLater, Uncertain, Unreachable
from bot.journal import redact
from store import ledger
from store.ledger import Leased, Run
from store.statement import run, sql

Result = Sent | BridgeError
#: An ambiguous send is repeated once, then it is uncertain and somebody decides.
AMBIGUOUS_TRIES = 2

MOVED = sql("UPDATE address SET remote = :to WHERE id = :id")
MOVED_TAKEN = sql(
    "SELECT id FROM address WHERE remote = :to AND id <> :id"
    " AND channel = (SELECT channel FROM address WHERE id = :id) AND account = (SELECT account FROM address WHERE id = :id)"
)
ASKED = sql("UPDATE question SET remote = :remote WHERE parcel_id = :parcel")


@dataclass(slots=True)
class Settled:
    """A send that ended: the parcels that left together (merged into the first), and what happened."""

    channel: str
    run: Run
    parcels: list[Leased]
    result: Result
    prepared: Any  # what render read for it: which messages it shows, how many parts remain
    give_up: float
    channels: Mapping[str, Capabilities] = field(default_factory=dict)  # those that are on


def settle(connection: Connection, one: Settled, budgets: Sequence[Budget]) -> None:
    """Write down what happened and let the lane go."""
    now = time.time()
    head = one.parcels[0]
    retry_at: float | None = None
    if isinstance(one.result, Sent):
        retry_at = _sent(connection, one, one.result, now)
    else:
        retry_at = _failed(connection, one, one.result, budgets, now)
    more = one.run.more or len(one.run.parcels) > len(one.parcels)
    free_at = limits.lane_free_at(budgets, head.room, now)
    ledger.free(connection, one.run.lane, free_at=free_at, more=more, retry_at=retry_at)


def settle_all(connection: Connection, settled: Sequence[Settled], budgets: Mapping[str, Sequence[Budget]]) -> None:
    """`settle` for several; those that were simply sent, and leave nothing else to write down, in two statements."""
    now = time.time()
    plain: list[Settled] = []
    for one in settled:
        if _is_plain(one):
            plain.append(one)
        else:
            settle(connection, one, budgets[one.channel])
    if plain:
        run(connection, ledger.SENT, [{"parcel": one.parcels[0].id, "now": now} for one in plain])
        lanes = [
            {"lane": one.run.lane, "free_at": limits.lane_free_at(budgets[one.channel], one.parcels[0].room, now)}
            for one in plain
        ]
        run(connection, ledger.REST_LANE, lanes)


def _is_plain(one: Settled) -> bool:
    """Sent whole, with no copy to remember, and nothing known to wait behind it: a mail to one of very many."""
    shown = one.prepared
    return (
        isinstance(one.result, Sent)
        and not one.result.ids
        and not one.run.more
        and len(one.run.parcels) == len(one.parcels)
        and (shown is None or (not shown.more_parts and shown.shows_thread in (None, one.parcels[0].shown_thread_id)))
    )


def give_up(connection: Connection, run: Run, head: Leased, reason: str, *, uncertain: bool = False) -> None:
    """A fault of ours ended this send: its parcel becomes a dead letter, its lane goes on."""
    _over(connection, head, "uncertain" if uncertain else "failed", reason)
    ledger.free(connection, run.lane, free_at=0.0, more=True, retry_at=None)


def _sent(connection: Connection, one: Settled, sent: Sent, now: float) -> float | None:
    """The parcel is sent, or its first part is and the next is due; copies are where answers will look."""
    head = one.parcels[0]
    shown = one.prepared
    if shown is not None and shown.more_parts:
        run(connection, ledger.PART, {"delivery": head.owed[0].id, "part": head.owed[0].part + 1})
        run(
            connection, sql("UPDATE parcel SET state = 'due', owner = '', attempts = 0 WHERE id = :id"), {"id": head.id}
        )
    else:
        run(connection, ledger.SENT, {"parcel": head.id, "now": now})
    if sent.ids and shown is not None and head.kind not in ("edit", "delete"):
        values = [
            {"message": message, "address": head.address_id, "remote": remote, "part": head.owed[0].part + part,
             "own": False, "now": now}
            for message in shown.messages
            for part, remote in enumerate(sent.ids)
        ]  # fmt: skip
        if values:
            run(connection, ledger.COPY, values)
            hiding.overtaken(connection, shown.messages, head.address_id, now)
    if sent.ids and head.kind == "answer":
        run(connection, ASKED, {"remote": sent.ids[-1], "parcel": head.id})
        fading.later(connection, head, sent.ids, now)
    if shown is not None and shown.shows_thread and shown.shows_thread != head.shown_thread_id:
        run(connection, ledger.SHOWN, {"thread": shown.shows_thread, "address": head.address_id})
    return now if shown is not None and shown.more_parts else None


def _failed(
    connection: Connection, one: Settled, error: BridgeError, budgets: Sequence[Budget], now: float
) -> float | None:
    """Return when the lane tries again; None when this parcel is over."""
    head = one.parcels[0]
    reason = redact(f"{type(error).__name__}: {error}")[:300]  # a mail server repeats whose address it refuses
    match error:
        case Refused():
            return _over(connection, head, "failed", reason)
        case Unreachable():
            return _elsewhere(connection, one, reason, now)
        case Moved(to=to):
            if run(connection, MOVED_TAKEN, {"to": to, "id": head.address_id}).first() is None:
                run(connection, MOVED, {"to": to, "id": head.address_id})
            return _again(connection, head, now, reason, forgiven=1)
        case Uncertain():
            if head.ambiguous + 1 >= AMBIGUOUS_TRIES:
                return _over(connection, head, "uncertain", reason, ambiguous=1)
            return _again(connection, head, now + limits.backoff(0), reason, ambiguous=1)
        case Down():
            # No fault of the parcel's: it is not counted, and leaves when the channel is back.
            return _again(connection, head, now + 1.0, reason, forgiven=1)
        case TryLater(after=after, scope=scope):
            if now - head.first_at > one.give_up and head.kind != notices.AWAY:
                return _over(connection, head, "expired", reason)
            if scope == "budget" and after:
                limits.postpone(connection, one.channel, budgets, now + after)
            pause = after if after is not None else limits.backoff(head.attempts)
            return _again(connection, head, now + pause, reason, forgiven=int(scope != "chat"))
    return _again(connection, head, now + limits.backoff(head.attempts), reason)


def _elsewhere(connection: Connection, one: Settled, reason: str, now: float) -> float | None:
    """Nothing reaches anybody there any more: it leaves to where its reader is told now, if they can be told at all."""
    head = one.parcels[0]
    again = {"parcel": head.id, "retry_at": now, "error": reason, "now": now, "ambiguous": 0, "forgiven": 0}
    run(connection, ledger.LATER, again)
    fallback.failed(connection, head.address_id, reason, one.channels)
    fallback.tried_again(connection, head.address_id)
    if fallback.unsent(connection, head.id, head.address_id):
        return _over(connection, head, "withdrawn" if head.kind == notices.AWAY else "failed", reason)
    return None


def _again(
    connection: Connection, head: Leased, at: float, reason: str, *, ambiguous: int = 0, forgiven: int = 0
) -> float:
    run(connection,
        ledger.LATER,
        {"parcel": head.id, "retry_at": at, "error": reason, "now": time.time(), "ambiguous": ambiguous,
         "forgiven": forgiven},
    )  # fmt: skip
    fallback.tried_again(connection, head.address_id)
    return at


def _over(connection: Connection, head: Leased, state: str, reason: str, *, ambiguous: int = 0) -> float | None:
    """Nothing more is tried: None, so that the lane goes on."""
    run(
        connection,
        ledger.ENDED,
        {"parcel": head.id, "state": state, "error": reason, "now": time.time(), "ambiguous": ambiguous},
    )
    return None
