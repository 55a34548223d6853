"""One-time codes: an invitation, a link between two addresses, an organizer's first entry, a way back in.

Only their hashes are kept, made with the secret key: a copy of the database alone opens nothing.

A code is typed (eight characters) or stands in a link (120 bits). An invitation is both; they are used up together.
Guessing ends after five wrong codes an hour from one address, and locks nobody else out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection

from bot.core.tokens import Tokens, link_code, typed_code
from store.statement import run, sql

Purpose = Literal["invite", "link", "organizer", "recover"]

#: Seconds a code is good for.
LASTS: Final[dict[Purpose, float]] = {
    "invite": 30 * 86400.0,
    "link": 15 * 60.0,
    "organizer": 3600.0,
    "recover": 72 * 3600.0,
}
#: Wrong codes an hour, from one address and in all: the first ends the guessing, both are told to the organizers.
TRIES, TRIES_IN_ALL = 5, 20
HOUR = 3600.0
#: A printed code: so many people, and until it is taken back (no sheet of paper lasts for ever).
SERVES, SHARED_LASTS = 1_000_000, 10 * 365 * 86400.0

COLUMNS = "id, purpose, community_id, member_id, membership_id, address_id, name, created_at"
NEW = sql("""
    INSERT INTO code (hash, purpose, community_id, member_id, membership_id, address_id, origin_id, name, uses_left, shared,
                      created_at, leaves_at, expires_at)
    VALUES (:hash, :purpose, :community, :member, :membership, :address, :origin, :name, :uses, :shared, :now, :now,
            :expires_at)
""")
GOOD = sql(f"SELECT {COLUMNS} FROM code WHERE hash = :hash AND uses_left > 0 AND expires_at > :now")  # noqa: S608
BY_ID = sql(f"SELECT {COLUMNS} FROM code WHERE id = :id")  # noqa: S608
# What is typed and what stands in the link of one invitation were made in one moment by one person.
SPEND = sql("""
    UPDATE code SET uses_left = uses_left - 1, used_at = :now, outcome = CASE WHEN shared THEN outcome ELSE :outcome END
    WHERE purpose = :purpose AND created_at = :made AND COALESCE(membership_id, 0) = :membership
      AND COALESCE(address_id, 0) = :address AND uses_left > 0 AND expires_at > :now
    RETURNING id
""")
DECLINE = sql(
    "UPDATE code SET outcome = 'refused' WHERE id = :id AND outcome = '' AND NOT shared RETURNING membership_id"
)
ACCEPTED = sql("UPDATE code SET outcome = 'accepted' WHERE id = :id AND outcome = 'asked'")
# One that was typed, and whose question is open, is over too: the yes comes too late.
END = sql("""
    UPDATE code SET uses_left = 0, outcome = 'withdrawn' WHERE id = :id AND (uses_left > 0 OR outcome = 'asked')
""")
END_LINKS = sql("UPDATE code SET uses_left = 0 WHERE purpose = 'link' AND member_id = :member AND uses_left > 0")
TRIED = sql("SELECT COUNT(*) FROM try WHERE address_id = :address AND created_at > :since")
TRIED_IN_ALL = sql("SELECT COUNT(*) FROM try WHERE created_at > :since")
MISSED = sql("INSERT INTO try (address_id, created_at) VALUES (:address, :now)")
TIDY = (
    sql("DELETE FROM try WHERE created_at < :now - 86400"),
    # An invitation that went to a mailbox is remembered: that mailbox is never written to again.
    sql("DELETE FROM code WHERE expires_at < :now - 2592000 AND (parcel_id IS NULL OR purpose <> 'invite')"),
    sql("DELETE FROM question WHERE expires_at < :now"),
)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says. `address_id`: where it was made; of an invitation, the mailbox it went to."""

    id: int
    purpose: str
    community_id: int | None
    member_id: int | None
    membership_id: int | None
    address_id: int | None
    name: str
    created_at: float


def make(
    connection: Connection,
    tokens: Tokens,
    *,
    purpose: Purpose,
    community: int | None = None,
    member: int | None = None,
    membership: int | None = None,
    address: int | None = None,
    origin: int | None = None,
    name: str = "",
    shared: bool = False,
    link: bool = False,
    at: float | None = None,
) -> str:
    """Make a code and return it; nobody can ask for it again. `link`: for a link, not for typing.

    `shared`: it serves many, until it is taken back. `origin` is the address it was asked for at: should that be lost, the code is dead.
    Codes of the same person made with the same `at` are one: using one up uses up the others.
    """
    code = link_code() if link else typed_code()
    now = at or time.time()
    values = {
        "hash": tokens.code_hash(code), "purpose": purpose, "community": community, "member": member, "membership": membership,
        "address": address, "origin": origin, "name": name, "uses": SERVES if shared else 1, "shared": shared,
        "now": now, "expires_at": now + (SHARED_LASTS if shared else LASTS[purpose]),
    }  # fmt: skip
    run(connection, NEW, values)
    return code


def find(connection: Connection, tokens: Tokens, typed: str) -> Code | None:
    """The code that was typed, if it is good: known, not used up, not too old."""
    row = run(connection, GOOD, {"hash": tokens.code_hash(typed), "now": time.time()}).first()
    return Code(*row) if row else None


def known(connection: Connection, code_id: int) -> Code | None:
    """The code with this id, good or not."""
    row = run(connection, BY_ID, {"id": code_id}).first()
    return Code(*row) if row else None


def spend(connection: Connection, code: Code, *, asking: bool = False) -> bool:
    """Use it once; False if it is no longer good. `asking`: whoever typed it is asked first, and `accepted` is the yes."""
    values = {
        "purpose": code.purpose, "made": code.created_at, "membership": code.membership_id or 0,
        "address": code.address_id or 0, "now": time.time(), "outcome": "asked" if asking else "accepted",
    }  # fmt: skip
    return any(row[0] == code.id for row in run(connection, SPEND, values))


def accepted(connection: Connection, code_id: int) -> bool:
    """Who typed it said yes; False if it was ended in the meantime."""
    return run(connection, ACCEPTED, {"id": code_id}).rowcount == 1


def decline(connection: Connection, code: Code) -> int | None:
    """Somebody who typed it said no, and may think again. Return whose invitation that was, the first time."""
    row = run(connection, DECLINE, {"id": code.id}).first()
    return int(row[0]) if row and row[0] is not None else None


def ended(connection: Connection, code: Code) -> bool:
    """Nobody uses it any more, nor says yes to what it asked; False if it was over before."""
    return run(connection, END, {"id": code.id}).rowcount == 1


def end_links(connection: Connection, member: int) -> None:
    """The link codes this member made before are good for nothing: there is one at a time."""
    run(connection, END_LINKS, {"member": member})


def may_try(connection: Connection, address: int) -> bool:
    """Tell whether a code may be tried from there now."""
    return int(run(connection, TRIED, {"address": address, "since": time.time() - HOUR}).scalar()) < TRIES


def missed(connection: Connection, address: int) -> int:
    """A wrong code came from there. Return how many it were in an hour when that is to be told to the organizers, else 0."""
    now = time.time()
    run(connection, MISSED, {"address": address, "now": now})
    here = int(run(connection, TRIED, {"address": address, "since": now - HOUR}).scalar())
    in_all = int(run(connection, TRIED_IN_ALL, {"since": now - HOUR}).scalar())
    return here if here == TRIES else in_all if in_all == TRIES_IN_ALL else 0


def tidy(connection: Connection) -> None:
    """Forget tries, codes and questions that mean nothing any more."""
    for statement in TIDY:
        run(connection, statement, {"now": time.time()})
