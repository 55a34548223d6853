"""A lost address: nothing goes there, nothing from there is heard, codes made there are dead, what waited moves on.

It stays its owner's, so that whoever holds the telephone now is nobody new. It is heard again in one way: its owner
makes a code elsewhere (LINK, or an organizer's RECOVER) and types it there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from bot.core import inviting, members, preferring, waiting
from bot.core.bridge import Capabilities
from bot.core.events import ChoiceMade, Event, MessageDeleted, MessageEdited, MessageReceived, ReactionChanged
from bot.core.members import Place, Standing
from store.statement import run, sql

LOST = sql("""
    UPDATE address SET status = 'lost', status_at = :now, status_why = '', thread_id = NULL, thread_at = NULL,
        spoke_to = NULL, spoke_at = NULL
    WHERE id = :address
""")
# A recover code asked for there, a link's (also one that was typed and waits for its yes), and the invitations given
# out from there.
CODES_DIE = (
    sql("""
        UPDATE code SET uses_left = 0, outcome = 'withdrawn'
        WHERE address_id = :address AND purpose IN ('link', 'recover') AND (uses_left > 0 OR outcome = 'asked')
    """),
    sql("UPDATE code SET uses_left = 0, outcome = 'withdrawn' WHERE origin_id = :address AND uses_left > 0"),
)
UNASKED = sql("DELETE FROM question WHERE address_id = :address")
# Whoever reads on in a room there is not this person any more: they get their own copy elsewhere.
NOT_PRESENT = sql("DELETE FROM presence WHERE address_id = :address")
NOWHERE = sql("UPDATE membership SET address_id = NULL WHERE id = :id")
# The mails there carry tokens that speak in this person's name.
TOKENS_DIE = sql("UPDATE membership SET token_generation = token_generation + 1 WHERE member_id = :member")
NOT_WANTED = sql("UPDATE membership SET wanted_id = NULL, wanted_why = '' WHERE wanted_id = :address")
IS_LOST = sql("SELECT member_id FROM address WHERE id = :address AND status = 'lost'")
COMING_BACK = sql("""
    SELECT 1 FROM code WHERE member_id = :member AND purpose IN ('link', 'recover') AND uses_left > 0
      AND expires_at > :now LIMIT 1
""")
ASKED_THERE = sql("""
    SELECT 1 FROM question WHERE address_id = :address AND kind IN ('link', 'recover') AND expires_at > :now LIMIT 1
""")
# What waited when the last address was lost, and could go nowhere.
LEFT_BEHIND = sql("""
    SELECT p.id FROM parcel p JOIN address a ON a.id = p.address_id AND a.status = 'lost' AND p.settled_at = a.status_at
    WHERE p.membership_id = :membership AND p.state = 'withdrawn' AND p.kind = 'relay' ORDER BY p.id
""")

CONFIRMED = sql("""
    UPDATE address SET suspended_at = NULL, status = CASE WHEN status = 'unreachable' THEN 'active' ELSE status END
    WHERE id = :address
""")

#: What might be a code: nothing else that is written at a lost address is looked at.
_CODE = re.compile(r"(?<![\w-])(?:[0-9a-z]{4}[- ]?[0-9a-z]{4}|[a-z2-7]{24})(?![\w-])", re.IGNORECASE)


def elsewhere(connection: Connection, member: int, but: int) -> list[Place]:
    """Where else a person can be reached, the address they last wrote from first."""
    return [p for p in members.owned(connection, member) if p.id != but and p.status == "active"]


def lose(connection: Connection, address: Place, channels: Mapping[str, Capabilities]) -> Place | None:
    """The address is lost. Return where its owner is told from now on; None: nowhere, until they are brought back."""
    member, now = address.member_id, time.time()
    if member is None:
        return None
    run(connection, LOST, {"address": address.id, "now": now})
    inviting.stop_from(connection, address.id)
    for statement in CODES_DIE:
        run(connection, statement, {"address": address.id})
    run(connection, NOT_PRESENT, {"address": address.id})
    can = channels.get(address.channel)
    if can is not None and can.keeps_our_ids:
        run(connection, TOKENS_DIE, {"member": member})
    run(connection, NOT_WANTED, {"address": address.id})
    best = _moved_on(connection, member, address.id, channels)
    run(connection, UNASKED, {"address": address.id})
    waiting.withdraw_at(connection, address.id, now)
    return best


def _moved_on(connection: Connection, member: int, lost: int, channels: Mapping[str, Capabilities]) -> Place | None:
    """What waits at the lost address goes where each membership is told now; where that was told is chosen anew."""
    best = next(iter(elsewhere(connection, member, lost)), None)
    for one in members.standings(connection, member):
        if one.address_id != lost:
            if one.address_id is not None:
                _carried(connection, one, lost, one.address_id)
        elif best is None:
            run(connection, NOWHERE, {"id": one.id})
        else:
            can = channels.get(best.channel)
            preferring.prefer(connection, one, best, can.default_pace if can else "each", lost=lost)
            waiting.carry_notices(connection, one.id, lost, best.id)
    return best


def _carried(connection: Connection, standing: Standing, lost: int, new: int) -> None:
    waiting.carry(connection, standing.id, new, grouped=standing.pace == "grouped", lost=lost)
    waiting.carry_notices(connection, standing.id, lost, new)


def moved_on(connection: Connection, address: int) -> None:
    """A send to this address ended and is to be tried again: if it was lost meanwhile, elsewhere."""
    row = run(connection, IS_LOST, {"address": address}).first()
    if row is None:
        return
    for one in members.standings(connection, row.member_id):
        if one.address_id is not None:
            _carried(connection, one, address, one.address_id)
    waiting.withdraw_at(connection, address, time.time())


def restore(connection: Connection, membership: int) -> None:
    """What could go nowhere when a member's last address was lost is owed again; where they are told, it goes along."""
    waiting.restore(connection, [int(row[0]) for row in run(connection, LEFT_BEHIND, {"membership": membership})])


def confirm(connection: Connection, address: int) -> None:
    """Its owner said elsewhere that the device is theirs."""
    run(connection, CONFIRMED, {"address": address})


def heard(connection: Connection, person: Place, event: Event) -> Place | None:
    """Who speaks. Nobody, at a lost address; but with a code its owner asked for elsewhere, somebody yet unknown."""
    if person.status != "lost":
        return person
    now = time.time()
    if isinstance(event, (MessageReceived, ChoiceMade)) and not event.place.room:
        stranger = replace(person, member_id=None)
        if run(connection, ASKED_THERE, {"address": person.id, "now": now}).first() is not None:
            return stranger
        coming = run(connection, COMING_BACK, {"member": person.member_id, "now": now}).first() is not None
        if coming and isinstance(event, MessageReceived) and _CODE.search(event.start or event.text.text[:4000]):
            return stranger
    return None


def is_shut(connection: Connection, channel: str, account: str, event: Event) -> bool:
    """Tell whether it is a change to what was said before, from an address that is lost."""
    if not isinstance(event, (MessageEdited, MessageDeleted, ReactionChanged)):
        return False
    person = members.find(connection, channel, account, event.sender.id)
    return person is not None and person.status == "lost"
