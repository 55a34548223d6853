"""Two members who turn out to be one person: made one in one transaction, and two again for seven days.

The one who stays keeps name, role and preferences. Memberships are united, what the other wrote is now theirs; roles are
not inherited: whoever tricks an organizer into a merge gains nothing by it. Tokens the other was given go on working
(`members.successor`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import members, preferring, undos, waiting
from bot.core.bridge import Capabilities
from bot.core.members import Standing
from bot.core.undos import Undo
from bot.text.fold import fold
from store.statement import Statement, run, sql

# New addresses of the one who stays: powers follow in a day, as on any that is linked.
TAKE_ADDRESSES = sql("UPDATE address SET member_id = :winner, powers_at = :powers_at WHERE member_id = :loser")
GIVE_ADDRESSES = sql("UPDATE address SET member_id = :loser WHERE member_id = :winner AND id IN :addresses")
MERGED = sql("UPDATE member SET merged_into = :winner WHERE id = :loser")
PARTED = sql("UPDATE member SET merged_into = NULL WHERE id = :loser")

MOVE_MEMBERSHIP = sql("UPDATE membership SET member_id = :member, role = :role WHERE id = :id")
FORMER = sql("UPDATE membership SET status = 'former' WHERE id = :id")
STATUS = sql("""
    UPDATE membership SET status = :status, left_at = :left_at, address_id = :address, pace = :pace,
        wanted_id = NULL, wanted_why = '',
        consent_at = :consent_at, consent_how = :consent_how, consent_text = :consent_text, name = :name, folded = :folded
    WHERE id = :id
""")
AS_IT_WAS = sql("""
    SELECT status, left_at, address_id AS address, pace, consent_at, consent_how, consent_text, name, folded
    FROM membership WHERE id = :id
""")

# What is a member's: by table, the column that says whose, and what there may only be one of.
TAKE: Final[Mapping[str, Statement]] = {
    "message": sql("UPDATE message SET author_id = :into WHERE author_id = :id RETURNING id"),
    "thread": sql("UPDATE thread SET author_id = :into WHERE author_id = :id RETURNING id"),
    "reaction": sql("UPDATE reaction SET membership_id = :into WHERE membership_id = :id RETURNING id"),
    "choice": sql("""
        UPDATE choice SET membership_id = :into WHERE membership_id = :id AND NOT EXISTS (
            SELECT 1 FROM choice o WHERE o.membership_id = :into AND o.message_id = choice.message_id)
        RETURNING id
    """),
    "preference": sql("""
        UPDATE preference SET membership_id = :into WHERE membership_id = :id AND NOT EXISTS (
            SELECT 1 FROM preference o WHERE o.membership_id = :into AND o.scope = preference.scope
              AND o.scope_id = preference.scope_id AND o.key = preference.key)
        RETURNING id
    """),
}
GIVE: Final[Mapping[str, Statement]] = {
    "message": sql("UPDATE message SET author_id = :id WHERE author_id = :into AND id IN :rows"),
    "thread": sql("UPDATE thread SET author_id = :id WHERE author_id = :into AND id IN :rows"),
    "reaction": sql("UPDATE reaction SET membership_id = :id WHERE membership_id = :into AND id IN :rows"),
    "choice": sql("UPDATE choice SET membership_id = :id WHERE membership_id = :into AND id IN :rows"),
    "preference": sql("UPDATE preference SET membership_id = :id WHERE membership_id = :into AND id IN :rows"),
}
# What was said meanwhile from the other's addresses is the other's.
GIVE_SAID_SINCE = sql("""
    UPDATE message SET author_id = :id WHERE author_id = :into AND created_at >= :since AND origin_id IN :addresses
""")


def merge(connection: Connection, winner: int, loser: int) -> None:
    """The member `loser` is from now on `winner`; either side may undo it for seven days."""
    addresses = [place.id for place in members.owned(connection, loser)]
    united = [
        _united(connection, theirs, winner)
        for theirs in members.standings(connection, loser)
        if theirs.status != "former"
    ]
    powers_at = time.time() + members.POWERS_AFTER
    run(connection, TAKE_ADDRESSES, {"winner": winner, "loser": loser, "powers_at": powers_at})
    run(connection, MERGED, {"winner": winner, "loser": loser})
    data = {"winner": winner, "loser": loser, "addresses": addresses, "memberships": united}
    undos.remember(connection, winner, "merge", data)


def _united(connection: Connection, theirs: Standing, winner: int) -> dict[str, Any]:
    """Bring one membership over; return how it was."""
    known = members.standings(connection, winner)
    mine = next((s for s in known if s.community_id == theirs.community_id), None)
    if mine is None:
        role = "member" if theirs.role == "organizer" else theirs.role
        run(connection, MOVE_MEMBERSHIP, {"id": theirs.id, "member": winner, "role": role})
        return {"id": theirs.id, "role": theirs.role}
    ids = {"id": theirs.id, "into": mine.id}
    was, mine_was = _as_it_was(connection, theirs.id), _as_it_was(connection, mine.id)
    taken = {table: [int(row[0]) for row in run(connection, take, ids)] for table, take in TAKE.items()}
    # Both were owed everything: once is enough. Their own words need nobody send them.
    waiting.withdraw(connection, theirs.id)
    waiting.withdraw_own(connection, mine.id)
    run(connection, FORMER, {"id": theirs.id})
    if mine.status != "active" and theirs.status == "active":
        kept = {"name": mine.name, "folded": fold(mine.name), "consent_how": "merge", "left_at": None}
        run(connection, STATUS, was | kept | {"id": mine.id})
    elif mine.address_id is None or not _serves(connection, mine.address_id):
        changed = {"address": was["address"], "pace": was["pace"]} if was["address"] else {}
        run(connection, STATUS, mine_was | changed | {"id": mine.id})
    return {"id": theirs.id, "into": mine.id, "was": was, "mine_was": mine_was, "taken": taken}


def _as_it_was(connection: Connection, membership: int) -> dict[str, Any]:
    return dict(run(connection, AS_IT_WAS, {"id": membership}).one()._asdict())


def _serves(connection: Connection, address: int) -> bool:
    return members.place(connection, address).status == "active"


def unmerge(connection: Connection, undo: Undo, channels: Mapping[str, Capabilities]) -> tuple[int, int]:
    """They are two again, each with their own addresses and words; return the two members.

    `channels` say at what pace an address begins, where one has to be chosen anew.
    """
    undos.done(connection, undo)
    winner, loser = int(undo.data["winner"]), int(undo.data["loser"])
    addresses = [int(one) for one in undo.data["addresses"]]
    if addresses:
        run(connection, GIVE_ADDRESSES, {"winner": winner, "loser": loser, "addresses": addresses})
    run(connection, PARTED, {"loser": loser})
    for one in undo.data["memberships"]:
        if "into" in one:
            _parted(connection, one, addresses, undo.created_at)
        else:
            run(connection, MOVE_MEMBERSHIP, {"id": one["id"], "member": loser, "role": one["role"]})
    for member in (winner, loser):
        for standing in members.standings(connection, member):
            _reached(connection, standing, channels)
    return winner, loser


def _parted(connection: Connection, one: Mapping[str, Any], addresses: Sequence[int], since: float) -> None:
    """Give a membership back what was its own."""
    ids = {"id": one["id"], "into": one["into"]}
    for table, rows in one["taken"].items():
        for start in range(0, len(rows), 500):
            run(connection, GIVE[table], ids | {"rows": rows[start : start + 500]})
    if addresses:
        run(connection, GIVE_SAID_SINCE, ids | {"since": since, "addresses": list(addresses)})
    theirs, mine = members.standing(connection, one["id"]), members.standing(connection, one["into"])
    if theirs is None or mine is None:
        raise LookupError("a membership of this merge is gone")
    back = dict(one["was"])
    back["name"] = members.free_name(connection, theirs.community_id, str(back["name"]), but=theirs.id)
    back["folded"] = fold(back["name"])
    run(connection, STATUS, back | {"id": theirs.id})
    if mine.status == "active" and one["mine_was"]["status"] != "active":
        was = one["mine_was"] | {
            "address": mine.address_id,
            "pace": mine.pace,
            "name": mine.name,
            "folded": fold(mine.name),
        }
        run(connection, STATUS, was | {"id": mine.id})


def _reached(connection: Connection, standing: Standing, channels: Mapping[str, Capabilities]) -> None:
    """A member is told at an address of their own; what waits comes along."""
    own = members.owned(connection, standing.member_id)
    if standing.status not in ("active", "left") or any(place.id == standing.address_id for place in own):
        return
    best = next((place for place in own if place.status == "active"), own[0] if own else None)
    if best is None:
        run(connection, sql("UPDATE membership SET address_id = NULL WHERE id = :id"), {"id": standing.id})
        return
    can = channels.get(best.channel)
    preferring.prefer(connection, standing, best, can.default_pace if can else "each")
