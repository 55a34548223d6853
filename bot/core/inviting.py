"""Inviting by mail: one mail a mailbox, ever, twenty an hour for each member; what must wait leaves by itself.

What waits is a parcel that is due later, so it survives whatever the program does. Nobody learns from an invitation who
is here already or was invited before: such an address takes its place in the queue like any other, and gets nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from bot import journal
from bot.core import codes, members, notices, relay, waiting
from bot.core.members import Place, Standing
from bot.i18n import language_of, translator
from store.statement import run, sql

#: Invitations of one member that leave in an hour; that wait, at most; and that may be refused in a month.
IN_AN_HOUR, MOST_WAITING, REFUSED_AT_MOST = 20, 480, 5
MONTH: Final = 30 * 86400.0
#: How often the dead letters are looked at for invitations.
EVERY: Final = 60.0

# What is typed and what stands in the link of one invitation were made in one moment by one person.
RECENT = sql("""
    SELECT leaves_at FROM (
        SELECT MAX(leaves_at) AS leaves_at FROM code
        WHERE purpose = 'invite' AND membership_id = :membership AND leaves_at > :since
          AND NOT (outcome = 'withdrawn' AND leaves_at > :now)
        GROUP BY created_at, address_id) AS one
    ORDER BY leaves_at DESC LIMIT :most
""")
REFUSED = sql("""
    SELECT COUNT(*) FROM (
        SELECT 1 FROM code
        WHERE purpose = 'invite' AND membership_id = :membership AND outcome IN ('refused', 'bounced') AND created_at > :since
        GROUP BY created_at, address_id) AS one
""")
WRITTEN_TO = sql("""
    SELECT 1 FROM code
    WHERE community_id = :community AND address_id = :address AND purpose = 'invite' AND parcel_id IS NOT NULL
""")
# Nobody can type it: it is the invitation, and it remembers that this mailbox was written to.
NEW = sql("""
    INSERT INTO code (hash, purpose, community_id, membership_id, address_id, origin_id, name, uses_left, created_at,
                      leaves_at, expires_at)
    VALUES (:hash, 'invite', :community, :membership, :address, :origin, :name, 0, :now, :leaves_at, :expires_at)
    RETURNING id
""")
OWED = sql("UPDATE code SET parcel_id = :parcel, uses_left = 1 WHERE id = :id")
WAITS = """
    SELECT c.id, c.parcel_id, c.created_at, c.membership_id, c.address_id FROM code c LEFT JOIN parcel p ON p.id = c.parcel_id
    WHERE c.purpose = 'invite' AND c.outcome = '' AND (c.leaves_at > :now OR p.state = 'due') AND
"""
WAITS_OF = sql(f"{WAITS} c.membership_id = :membership")
WAITS_FROM = sql(f"{WAITS} c.origin_id = :address")
BACK = sql("""
    UPDATE code SET uses_left = 0, outcome = 'withdrawn'
    WHERE purpose = 'invite' AND created_at = :made AND COALESCE(membership_id, 0) = :membership
      AND COALESCE(address_id, 0) = :address AND outcome NOT IN ('accepted', 'withdrawn')
""")
# What has not left was never received: that mailbox may be written to one day.
UNWRITTEN = sql("UPDATE code SET parcel_id = NULL WHERE id = :id")
WITHDRAW = sql("""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now WHERE id = :parcel AND state = 'due' RETURNING ambiguous
""")
UNASKED = sql("DELETE FROM question WHERE parcel_id = :parcel")
BY_PARCEL = sql("SELECT id, membership_id, address_id FROM code WHERE parcel_id = :parcel AND outcome = ''")
OUTCOME = sql("UPDATE code SET outcome = :outcome WHERE id = :id")
SAID_NO = sql("""
    UPDATE code SET uses_left = 0, outcome = 'refused'
    WHERE address_id = :address AND purpose = 'invite' AND parcel_id IS NOT NULL AND outcome = ''
    RETURNING membership_id
""")
# Each half is an index (store.models), word for word.
DEAD = sql("""
    SELECT c.id, c.parcel_id FROM code c
    WHERE c.outcome = '' AND c.parcel_id IS NOT NULL AND c.parcel_id IN (
        SELECT id FROM parcel WHERE state IN ('sending', 'uncertain', 'failed') AND state = 'failed'
        UNION ALL SELECT id FROM parcel WHERE state = 'expired')
""")
QUEUES = sql("SELECT DISTINCT membership_id FROM code WHERE purpose = 'invite' AND outcome = '' AND leaves_at > :now")
UNREACHABLE = sql("""
    UPDATE address SET status = 'unreachable', status_at = :now, status_why = :why WHERE id = :id AND status = 'active'
""")


def recent(connection: Connection, membership: int, now: float) -> list[float]:
    """When the latest invitations of a member left or will leave, the last one first."""
    most = IN_AN_HOUR + MOST_WAITING
    values = {"membership": membership, "since": now - codes.HOUR, "now": now, "most": most}
    return [float(row[0]) for row in run(connection, RECENT, values)]


def places(connection: Connection, membership: int, number: int, now: float) -> list[float]:
    """When the next `number` invitations of a member may leave, fewer if too many wait: never above twenty in any hour."""
    taken = sorted(recent(connection, membership, now))
    number = min(number, MOST_WAITING + IN_AN_HOUR - len(taken))
    for _ in range(number):
        earliest = taken[-IN_AN_HOUR] + codes.HOUR if len(taken) >= IN_AN_HOUR else now
        taken.append(max(now, earliest, taken[-1] if taken else now))
    return taken[len(taken) - number :] if number > 0 else []


def refusals(connection: Connection, membership: int, now: float) -> int:
    """How many of a member's invitations were answered NO in the last month, or could not be delivered."""
    return int(run(connection, REFUSED, {"membership": membership, "since": now - MONTH}).scalar_one())


def take_place(
    connection: Connection, standing: Standing, address: Place, *, origin: int, name: str, leaves_at: float, now: float
) -> int:
    """Remember an invitation that leaves then; return its id, 0 if nothing must be sent there (it keeps its place).

    No two processes come to know the same mailbox at once: the community's turn is taken first.
    """
    relay.lock(connection, standing.community_id)
    values = {
        "hash": secrets.token_hex(32), "community": standing.community_id, "membership": standing.id, "address": address.id,
        "origin": origin, "name": name, "now": now, "leaves_at": leaves_at, "expires_at": leaves_at + codes.LASTS["invite"],
    }  # fmt: skip
    made = int(run(connection, NEW, values).scalar_one())
    here = any(one.community_id == standing.community_id for one in members.standings(connection, address.member_id))
    known = {"community": standing.community_id, "address": address.id}
    return 0 if here or run(connection, WRITTEN_TO, known).first() is not None else made


def owed(connection: Connection, code: int, parcel: int) -> None:
    """The mail of this invitation is owed."""
    if parcel:
        run(connection, OWED, {"id": code, "parcel": parcel})


def take_back(connection: Connection, row: Any, now: float) -> bool:
    """An invitation no longer brings anybody in (`row`: id, parcel_id, created_at, membership_id, address_id).

    Return whether it never left.
    """
    values = {"made": row.created_at, "membership": row.membership_id or 0, "address": row.address_id or 0}
    run(connection, BACK, values)
    if not row.parcel_id:
        return False
    withdrawn = run(connection, WITHDRAW, {"parcel": row.parcel_id, "now": now}).first()
    if withdrawn is None:
        return False
    run(connection, waiting.WITHDRAW_DELIVERIES, {"parcel": row.parcel_id})
    if withdrawn.ambiguous:
        return False  # it may have arrived before
    run(connection, UNASKED, {"parcel": row.parcel_id})
    run(connection, UNWRITTEN, {"id": row.id})
    return True


def stop(connection: Connection, membership: int) -> int:
    """Nothing more of what this member's invitations wait for leaves. Return how many they were."""
    return _stopped(connection, run(connection, WAITS_OF, {"membership": membership, "now": time.time()}).all())


def stop_from(connection: Connection, address: int) -> None:
    """The same of all that was asked for at this address: it is lost."""
    _stopped(connection, run(connection, WAITS_FROM, {"address": address, "now": time.time()}).all())


def _stopped(connection: Connection, rows: Sequence[Any]) -> int:
    for row in rows:
        take_back(connection, row, time.time())
    return len(rows)


def refused(connection: Connection, membership: int | None) -> None:
    """One more of a member's invitations was refused: after five, no more leave, and the member is told."""
    now = time.time()
    standing = members.successor(connection, membership) if membership is not None else None
    if standing is None or membership is None or refusals(connection, membership, now) < REFUSED_AT_MOST:
        return
    left = stop(connection, membership)
    if standing.status != "active" or standing.address_id is None:
        return
    t = translator(standing.language)
    said = t.n(
        "{count} of your invitations was answered NO or could not be delivered. I send no more of them for now.",
        "{count} of your invitations were answered NO or could not be delivered. I send no more of them for now.",
        refusals(connection, membership, now),
    )
    if left:
        said += " " + t.n("{count} that waited does not leave.", "{count} that waited do not leave.", left)
    said += " " + t("INVITE alone still gives you a code to pass on yourself.")
    notices.owe(
        connection, standing.address_id, said, membership=standing.id, kind="notice",
        language=language_of(standing.language), subject=t("Your invitations"),
        community=(standing.community, standing.slug), key=f"invitations stopped:{standing.id}:{int(now // MONTH)}",
    )  # fmt: skip


def said_no(connection: Connection, address: int) -> None:
    """Whoever has this mailbox wants nothing: the invitation that went there is over."""
    for row in run(connection, SAID_NO, {"address": address}).all():
        refused(connection, row.membership_id)


def bounced(connection: Connection, parcel: int, why: str) -> bool:
    """A parcel came back for good: if it was an invitation, it is over. False: it was none."""
    row = run(connection, BY_PARCEL, {"parcel": parcel}).first()
    if row is None:
        return False
    run(connection, OUTCOME, {"id": row.id, "outcome": "bounced"})
    run(connection, UNREACHABLE, {"id": row.address_id, "now": time.time(), "why": why})
    journal.event("invitation.bounced", parcel=parcel)
    refused(connection, row.membership_id)
    return True


def look(connection: Connection) -> None:
    """Learn which invitations could not be delivered; and stop whom two processes let pass at once."""
    for row in run(connection, DEAD).all():
        bounced(connection, row.parcel_id, "refused")
    for row in run(connection, QUEUES, {"now": time.time()}).all():
        refused(connection, row.membership_id)
