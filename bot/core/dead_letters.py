# ruff: noqa: S608 - what is put together are constants of this module
"""Is everything delivered? And what cannot go on by itself: the dead letters, and the two things one can do with them.

A dead letter has a name people can type: `in:44` came in and could not be handled, `out:812` could not be delivered.
The command line and the organizers' commands both work through this. It shows ids, counts and reasons, never words.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.core.allowance import Paced, paced
from bot.core.bridge import Budget
from bot.i18n import N_
from bot.journal import redact
from store import ledger
from store.statement import run, sql

#: What an item's state means, in words for whoever looks after the community.
MEANINGS: Final = {
    "failed": N_("it cannot be delivered there"),
    "refused": N_("the channel does not take this message"),
    "unreachable": N_("nobody can be reached there any more"),
    "uncertain": N_("it may have arrived, or not: no answer came, twice"),
    "expired": N_("it could not be delivered in time"),
    "unreadable": N_("it cannot be read"),
    "fault": N_("handling it failed: the fault is the program's"),
}
#: How many letters are listed; all are counted.
SHOWN: Final = 20

# The parcels of one community (or of all: 0), by their reader, their message or their room.
OURS = """(:community = 0 OR EXISTS (SELECT 1 FROM membership m WHERE m.id = p.membership_id AND m.community_id = :community)
    OR EXISTS (SELECT 1 FROM message m WHERE m.id = p.message_id AND m.community_id = :community)
    OR EXISTS (SELECT 1 FROM address r WHERE r.id = p.address_id AND r.community_id = :community))"""
# An item belongs to no community before it is understood: it is shown to those whose member or room it came from.
THEIRS = """(:community = 0 OR (SELECT COUNT(*) FROM community) = 1 OR EXISTS (
    SELECT 1 FROM address a LEFT JOIN membership m ON m.member_id = a.member_id
    WHERE a.channel = i.channel AND a.account = i.account AND a.remote = i.lane
      AND (a.community_id = :community OR m.community_id = :community)))"""

QUEUE = sql(f"""
    SELECT COUNT(*) AS waiting, MIN(p.first_at) AS oldest FROM parcel p
    WHERE p.state IN ('due', 'sending') AND p.due_at <= :now AND p.kind <> 'away' AND {OURS}
""")
LATER = sql(f"SELECT COUNT(*) FROM parcel p WHERE p.state IN ('due', 'sending') AND p.due_at > :now AND {OURS}")
INTAKE = sql("""
    SELECT COUNT(*) AS waiting, MIN(received_at) AS oldest FROM inbound i
    WHERE i.state IN ('new', 'waiting') AND i.id <> :but
""")
HELD = sql(f"SELECT COUNT(*) FROM inbound i WHERE i.state = 'held' AND i.outcome <> 'stranger' AND {THEIRS}")
# They are nobody's: whoever looks after a community here may know them.
STRANGERS = sql("SELECT COUNT(*) FROM inbound WHERE state = 'held' AND outcome = 'stranger'")
DOWN = sql("SELECT name, down_since, reason, cure FROM channel_state WHERE down_since IS NOT NULL ORDER BY name")
# Each half is an index (store.models), word for word: what was sent long ago is not looked at.
FAILED = f"""
    FROM parcel p JOIN address a ON a.id = p.address_id LEFT JOIN membership s ON s.id = p.membership_id
    WHERE p.id IN (SELECT id FROM parcel WHERE state IN ('sending', 'uncertain', 'failed') AND state <> 'sending'
                   UNION ALL SELECT id FROM parcel WHERE state = 'expired') AND {OURS}
"""
LETTERS_OUT = sql(f"""
    SELECT p.id, p.state, p.error, p.settled_at, a.channel, a.room, a.title, s.name {FAILED} ORDER BY p.id DESC LIMIT :most
""")
COUNT_OUT = sql(f"SELECT COUNT(*) {FAILED}")
LETTERS_IN = sql(f"""
    SELECT i.id, i.outcome, i.error, i.received_at, i.channel FROM inbound i
    WHERE i.state = 'failed' AND {THEIRS} ORDER BY i.id DESC LIMIT :most
""")
COUNT_IN = sql(f"SELECT COUNT(*) FROM inbound i WHERE i.state = 'failed' AND {THEIRS}")

COUNT_OUT_SINCE = sql(f"SELECT COUNT(*) {FAILED} AND p.settled_at > :since")
COUNT_IN_SINCE = sql(f"""
    SELECT COUNT(*) FROM inbound i WHERE i.state = 'failed' AND i.handled_at > :since AND {THEIRS}
""")
# Members nothing reaches; who has not written yet was never reached before.
UNREACHED = sql("""
    SELECT m.name FROM membership m LEFT JOIN address a ON a.id = m.address_id
    WHERE m.community_id = :community AND m.status = 'active' AND (a.id IS NULL OR a.status NOT IN ('active', 'unmet'))
    ORDER BY m.folded
""")

PARCEL = sql(f"SELECT p.id, p.state, p.address_id, p.priority FROM parcel p WHERE p.id = :id AND {OURS}")
# A third try of what may have arrived is decided by a person; another doubt ends it at once.
PARCEL_AGAIN = sql("""
    UPDATE parcel SET state = 'due', owner = '', attempts = 0, error = '', retry_at = NULL, failing_since = NULL,
        settled_at = NULL, bundle = NULL, due_at = :now, first_at = :now,
        ambiguous = CASE WHEN ambiguous > 1 THEN 1 ELSE ambiguous END
    WHERE id = :id AND state IN ('failed', 'uncertain', 'expired')
""")
REACHABLE = sql("UPDATE address SET status = 'active', status_at = :now WHERE id = :id AND status = 'unreachable'")
PARCEL_GONE = sql("""
    UPDATE parcel SET state = 'withdrawn', owner = '', settled_at = :now
    WHERE id = :id AND state IN ('failed', 'uncertain', 'expired')
""")
DELIVERIES_GONE = sql("UPDATE delivery SET state = 'withdrawn' WHERE parcel_id = :id")
ITEM = sql(f"SELECT i.id, i.state, i.emptied_at FROM inbound i WHERE i.id = :id AND {THEIRS}")
# Nobody's and new: the process that listens to its channel takes it within seconds.
ITEM_AGAIN = sql("""
    UPDATE inbound SET state = 'new', owner = '', attempts = 0, waits = 0, not_before = NULL, outcome = '', error = '',
        handled_at = NULL
    WHERE id = :id AND state IN ('failed', 'held')
""")
ITEM_GONE = sql("""
    UPDATE inbound SET state = 'done', outcome = 'dropped', raw = NULL, handled_at = :now, emptied_at = :now
    WHERE id = :id AND state IN ('failed', 'held')
""")


class NoSuchLetter(LookupError):
    """There is no dead letter of that name; `why` is a sentence (to be translated)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that cannot go on by itself."""

    id: str  # "in:44", "out:812"
    channel: str
    why: str  # a sentence of MEANINGS
    detail: str  # what the channel or the program said, without addresses
    at: float  # when it ended, or came
    to: str = ""  # the display name of its reader, or the title of its room


@dataclass(frozen=True, slots=True)
class Away:
    """A channel that cannot be used."""

    channel: str
    since: float
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class Overview:
    """How things stand."""

    waiting: int  # parcels that should have left by now or are leaving
    oldest: float | None  # since when the oldest of them is owed
    later: int  # parcels postponed by choice: a pace, a grace
    unhandled: int  # items accepted and not yet handled
    unhandled_oldest: float | None
    held: int  # items whose sender is not proved
    strangers: int  # mails of somebody we do not know: nobody has got them, nobody was answered
    letters: tuple[Letter, ...]
    count: int  # of all dead letters
    away: tuple[Away, ...]
    paced: tuple[Paced, ...] = ()  # what waits for a channel's budget; that of an absent channel waits for the channel

    @property
    def well(self) -> bool:
        """Nothing needs anybody."""
        return not self.count and not self.away


def overview(
    connection: Connection,
    community: int = 0,
    now: float | None = None,
    but: int = 0,
    budgets: Mapping[str, Sequence[Budget]] | None = None,
) -> Overview:
    """How things stand in one community, or in all of them (0).

    `but`: the item that asks this is not counted. `budgets`: of each channel that is on.
    """
    now = time.time() if now is None else now
    values = {"community": community, "now": now}
    shown = values | {"most": SHOWN}
    queue = run(connection, QUEUE, values).one()
    intake = run(connection, INTAKE, {"but": but}).one()
    letters = [_outgoing(row) for row in run(connection, LETTERS_OUT, shown)]
    letters += [_incoming(row) for row in run(connection, LETTERS_IN, shown)]
    count = run(connection, COUNT_OUT, values).scalar_one() + run(connection, COUNT_IN, values).scalar_one()
    away = [Away(row.name, row.down_since, redact(row.reason), redact(row.cure)) for row in run(connection, DOWN)]
    here = {name: some for name, some in (budgets or {}).items() if name not in {one.channel for one in away}}
    return Overview(
        queue.waiting, queue.oldest, run(connection, LATER, values).scalar_one(), intake.waiting, intake.oldest,
        run(connection, HELD, values).scalar_one(), run(connection, STRANGERS).scalar_one(), tuple(letters), count, tuple(away),
        tuple(paced(connection, here, now, community)),
    )  # fmt: skip


def since(connection: Connection, community: int, moment: float) -> int:
    """How many dead letters of a community there are that were not there at this moment."""
    values = {"community": community, "since": moment}
    return int(
        run(connection, COUNT_OUT_SINCE, values).scalar_one() + run(connection, COUNT_IN_SINCE, values).scalar_one()
    )


def unreached(connection: Connection, community: int) -> list[str]:
    """The members of a community that can be told nothing, by name."""
    return [row.name for row in run(connection, UNREACHED, {"community": community})]


def _outgoing(row: Any) -> Letter:
    kind = row.error.partition(":")[0].lower() if row.state == "failed" else row.state
    why = MEANINGS.get(kind, MEANINGS["failed"])
    return Letter(f"out:{row.id}", row.channel, why, redact(row.error), row.settled_at or 0.0, row.name or row.title)


def _incoming(row: Any) -> Letter:
    why = MEANINGS.get(row.outcome, MEANINGS["fault"])
    return Letter(f"in:{row.id}", row.channel, why, redact(row.error), row.received_at)


def retry(connection: Connection, name: str, community: int = 0) -> None:
    """Let the dead letter `name` be tried again, as if for the first time. Raises NoSuchLetter."""
    way, number = _parted(name)
    now = time.time()
    if way == "in":
        item = _item(connection, number, community)
        if item.emptied_at is not None:
            raise NoSuchLetter(N_("what came in as {id} is erased already, it cannot be handled again"))
        run(connection, ITEM_AGAIN, {"id": number})
        return
    parcel = _parcel(connection, number, community)
    run(connection, PARCEL_AGAIN, {"id": number, "now": now})
    run(connection, REACHABLE, {"id": parcel.address_id, "now": now})
    ledger.lane_due(connection, parcel.address_id, parcel.priority, now)


def drop(connection: Connection, name: str, community: int = 0) -> None:
    """Give the dead letter `name` up: it is not tried again, and is shown no more. Raises NoSuchLetter."""
    way, number = _parted(name)
    if way == "in":
        _item(connection, number, community)
        run(connection, ITEM_GONE, {"id": number, "now": time.time()})
        return
    _parcel(connection, number, community)
    run(connection, PARCEL_GONE, {"id": number, "now": time.time()})
    run(connection, DELIVERIES_GONE, {"id": number})


def _parted(name: str) -> tuple[str, int]:
    way, _, number = name.strip().lower().partition(":")
    if way not in ("in", "out") or not (number.isascii() and number.isdigit()) or len(number) > 15:
        raise NoSuchLetter(N_("{id} names nothing: write it like in:44 or out:812"))
    return way, int(number)


def _item(connection: Connection, number: int, community: int) -> Any:
    row = run(connection, ITEM, {"id": number, "community": community}).first()
    if row is None:
        raise NoSuchLetter(N_("there is nothing called {id}"))
    if row.state not in ("failed", "held"):
        raise NoSuchLetter(N_("{id} has not failed: nothing is to be done about it"))
    return row


def _parcel(connection: Connection, number: int, community: int) -> Any:
    row = run(connection, PARCEL, {"id": number, "community": community}).first()
    if row is None:
        raise NoSuchLetter(N_("there is nothing called {id}"))
    if row.state not in ("failed", "uncertain", "expired"):
        raise NoSuchLetter(N_("{id} has not failed: nothing is to be done about it"))
    return row
