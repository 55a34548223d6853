"""When the way a member is told fails, their next address serves; when it works again, it serves again.

For good (blocked, bounced, no longer registered): at once, until they write from there. With its whole channel, for more
than an hour: where they agreed when they linked the two, until the channel is back. What waits goes along, once and in
its order. What may have arrived stays where it may have arrived, unless nobody reads it there any more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import losing, members, notices, preferring, waiting
from bot.core.bridge import Capabilities, named
from bot.core.events import MembershipChanged
from bot.core.members import Place, Standing
from bot.i18n import language_of, translator
from bot.text.rich import Rich
from store import ledger
from store.statement import run, sql

#: Why an address does not serve: it reaches nobody any more; its channel is away.
FAILED, AWAY = "failed", "away"
#: The kind of the question whether an address may serve while another channel is away.
KIND: Final = "stands_in"
#: A mail that comes back later than this is not sent again elsewhere.
BOUNCES_WITHIN: Final = 7 * 86400.0

UNREACHABLE = sql("""
    UPDATE address SET status = 'unreachable', status_at = :now, status_why = :why WHERE id = :id AND status <> 'lost'
""")
REACHABLE = sql("""
    UPDATE address SET status = 'active', status_at = :now, status_why = '' WHERE id = :id AND status <> 'lost'
""")
# The next address: one whose channel answers, then the one last written from. While a channel is away, only one that agreed.
NEXT = sql("""
    SELECT a.id FROM address a LEFT JOIN channel_state c ON c.name = a.channel
    WHERE a.member_id = :member AND NOT a.room AND a.status = 'active' AND a.suspended_at IS NULL AND a.id <> :but
      AND a.channel IN :channels
      AND (:any = 1 OR (a.stands_in AND c.down_since IS NULL AND c.away_since IS NULL))
    ORDER BY CASE WHEN c.down_since IS NULL THEN 0 ELSE 1 END, COALESCE(a.seen_at, 0) DESC, a.id LIMIT 1
""")
WANTED = sql("UPDATE membership SET wanted_id = :wanted, wanted_why = :why WHERE id = :id")
# Members told on a channel that is away, who can be told elsewhere. Whoever reads in a room reads on when it is back.
TOLD_THERE = sql("""
    SELECT m.id FROM address a JOIN membership m ON m.member_id = a.member_id AND m.address_id = a.id
    WHERE a.channel = :channel AND NOT a.room AND a.status = 'active' AND m.status = 'active'
      AND EXISTS (SELECT 1 FROM address o LEFT JOIN channel_state c ON c.name = o.channel
                  WHERE o.member_id = a.member_id AND NOT o.room AND o.status = 'active' AND o.suspended_at IS NULL
                    AND o.stands_in AND o.channel IN :channels AND c.down_since IS NULL AND c.away_since IS NULL)
      AND (NOT EXISTS (SELECT 1 FROM presence p
                       JOIN address r ON r.id = p.room_id AND r.community_id = m.community_id AND r.status = 'active'
                         AND r.relays_from <= :now
                       JOIN address pa ON pa.id = p.address_id WHERE pa.member_id = m.member_id)
           OR EXISTS (SELECT 1 FROM preference w WHERE w.membership_id = m.id AND w.scope = 'all' AND w.key = 'elsewhere'))
    ORDER BY m.id LIMIT :most
""")
# What was just being sent when the channel went, and waits there now. (A cross join is done in the order it is written:
# those who are told elsewhere are few.)
LEFT_THERE = sql("""
    SELECT DISTINCT m.id, m.wanted_id FROM membership m CROSS JOIN address a CROSS JOIN parcel p
    WHERE m.wanted_id IS NOT NULL AND m.wanted_why = 'away' AND a.id = m.wanted_id AND a.channel = :channel
      AND p.address_id = m.wanted_id AND p.state = 'due' AND p.membership_id = m.id AND p.ambiguous = 0 AND p.kind = 'relay'
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = p.id AND d.part > 0)
    ORDER BY m.wanted_id LIMIT :most
""")
WAITS_FOR = sql("""
    SELECT m.id FROM membership m CROSS JOIN address a
    WHERE m.wanted_id IS NOT NULL AND m.wanted_why = 'away' AND a.id = m.wanted_id AND a.channel = :channel
    ORDER BY m.wanted_id LIMIT :most
""")
STANDS_IN = sql("UPDATE address SET stands_in = :yes WHERE id = :id")
MAILED = sql("SELECT d.parcel_id, d.address_id FROM delivery d WHERE d.key = :key AND d.state = 'owed'")
NOTICE = sql("SELECT p.id AS parcel_id, p.address_id FROM parcel p WHERE p.id = :id AND p.membership_id = :membership")
# The relay took it, and it came back: it is owed again.
CAME_BACK = sql("""
    UPDATE parcel SET state = 'due', owner = '', attempts = 0, error = :why, settled_at = NULL, retry_at = NULL,
        failing_since = NULL, bundle = NULL
    WHERE id = :id AND state IN ('sent', 'uncertain') AND created_at > :since
    RETURNING id
""")
REACHES_NOBODY = sql("SELECT member_id, status FROM address WHERE id = :id AND status IN ('lost', 'unreachable')")
STAYS = sql("SELECT 1 FROM parcel WHERE id = :id AND address_id = :address AND state = 'due'")


def failed(connection: Connection, address: int, why: str, channels: Mapping[str, Capabilities]) -> None:
    """Nothing reaches anybody at this address any more: it is marked, and its owner is told at the next one."""
    run(connection, UNREACHABLE, {"id": address, "now": time.time(), "why": why})
    place = members.place(connection, address)
    if place.room or place.member_id is None or place.status == "lost":
        return
    for one in members.standings(connection, place.member_id):
        if one.status == "active" and one.address_id == address:
            _serve_elsewhere(connection, one, place, FAILED, channels)
        elif one.wanted_id == address and one.address_id is not None:
            run(connection, WANTED, {"id": one.id, "wanted": address, "why": FAILED})
            _along(connection, one, address, one.address_id)


def tried_again(connection: Connection, address: int) -> None:
    """A send to this address ended and is to be tried again: elsewhere, if nothing reaches anybody there now."""
    row = run(connection, REACHES_NOBODY, {"id": address}).first()
    if row is None:
        return
    if row.status == "lost":
        losing.moved_on(connection, address)
        return
    for one in members.standings(connection, row.member_id):
        if one.wanted_id == address and one.address_id is not None:
            _along(connection, one, address, one.address_id)


def unsent(connection: Connection, parcel: int, address: int) -> bool:
    """Say whether a parcel still waits at an address that failed: there is no other it could go to."""
    return run(connection, STAYS, {"id": parcel, "address": address}).first() is not None


def _along(connection: Connection, one: Standing, old: int, new: int) -> None:
    """What waits at an address that failed goes to the one that serves."""
    waiting.carry(connection, one.id, new, grouped=one.pace == "grouped", lost=old, silence=0.0)
    waiting.carry_notices(connection, one.id, old, new)


def _serve_elsewhere(
    connection: Connection,
    one: Standing,
    place: Place,
    why: str,
    channels: Mapping[str, Capabilities],
    since: float = 0.0,
) -> bool:
    """The next address serves in place of `place`; False if there is none."""
    values = {"member": one.member_id, "but": place.id, "channels": list(channels), "any": int(why == FAILED)}
    row = run(connection, NEXT, values).first()
    wanted = _wanted(connection, one) or place
    if row is None:
        if why == FAILED and one.wanted_why == AWAY and wanted.status == "active":
            _serves_again(connection, one, wanted, channels, lost=place.id)  # it waits there for its channel
        return False
    new = members.place(connection, row.id)
    if one.wanted_id is None:
        preferring.remember_pace(connection, one)
    can = channels[new.channel]
    lost = place.id if why == FAILED else 0
    preferring.prefer(connection, one, new, can.default_pace, lost=lost, silence=0.0)
    waiting.carry_notices(connection, one.id, place.id, new.id)
    if wanted.id != new.id:
        run(connection, WANTED, {"id": one.id, "wanted": wanted.id, "why": one.wanted_why or why})
    _say(connection, one, place, new, why, channels, since)
    return True


def _say(
    connection: Connection,
    one: Standing,
    old: Place,
    new: Place,
    why: str,
    channels: Mapping[str, Capabilities],
    since: float,
) -> None:
    """One line on the new way. On the old one, where only its channel is away, another: it leaves when that is back."""
    language = language_of(one.language)
    t = translator(language)
    lost, serves = named(channels, old.channel, language), named(channels, new.channel, language)
    subject = t("You receive the messages here now")
    if why == FAILED:
        words = t.rich(
            "I can no longer reach you by **{channel}**, so from now on you receive the messages here. As soon as you write "
            "to me from there, they come there again.",
            channel=lost,
        )
        _owe(connection, one, new.id, words, subject)
        return
    zone = one.timezone
    when = t.hour(since, zone) if time.time() - since < 43200 else t.moment(since, zone)
    words = t.rich(
        "Since {since} **{channel}** has been away. Until it is back, you receive the messages here. Would you rather wait? "
        "Answer **NO**.",
        channel=lost,
        since=when,
    )
    buttons = [[("OK", "yes"), (t("NO"), "no")]] if channels[new.channel].buttons else []
    key = f"stands:{one.id}:{old.id}:{new.id}:{int(since)}"
    # A question finds its answer by the id it got: that is an answer's.
    parcel = _owe(connection, one, new.id, words, subject, kind="answer", buttons=buttons, key=key)
    if parcel:
        notices.ask(
            connection, parcel, new.id, KIND, {"address": new.id}, membership=one.id, community=one.community_id,
            several=True,
        )  # fmt: skip
    said = t.rich(
        "From {since} on I could not reach you here. What was said since then has gone to you by **{channel}**.",
        since=when,
        channel=serves,
    )
    key = f"away:{one.id}:{old.id}:{int(since)}"
    _owe(connection, one, old.id, said, kind=notices.AWAY, priority=1, key=key)


def _owe(connection: Connection, one: Standing, address: int, words: Rich | str, subject: str = "", **how: Any) -> int:
    how = {"kind": "notice"} | how
    return notices.owe(
        connection, address, words, membership=one.id, language=language_of(one.language), subject=subject,
        community=(one.community, one.slug), **how,
    )  # fmt: skip


def _wanted(connection: Connection, one: Standing) -> Place | None:
    """The address a member wants while another serves, if it is still theirs."""
    theirs = members.owned(connection, one.member_id) if one.wanted_id is not None else []
    return next((place for place in theirs if place.id == one.wanted_id), None)


def _serves_again(
    connection: Connection, one: Standing, place: Place, channels: Mapping[str, Capabilities], lost: int = 0
) -> None:
    """The address a member wants is where they are told again; what waits elsewhere comes back."""
    can, old = channels.get(place.channel), one.address_id
    preferring.prefer(connection, one, place, can.default_pace if can else "each", lost=lost, silence=0.0)
    if old is not None:
        waiting.carry_notices(connection, one.id, old, place.id)


# It works again


def heard(
    connection: Connection, person: Place, standings: Sequence[Standing], channels: Mapping[str, Capabilities]
) -> bool:
    """Something came from there. Where a member wants to be told, they are again; True if that changed anything.

    `person` is the address as it was before; whoever could be reached nowhere else can be now.
    """
    changed = False
    for one in standings:
        if one.status != "active":
            continue
        if one.wanted_id == person.id and one.wanted_why == FAILED:
            _serves_again(connection, one, person, channels)
            t = translator(one.language)
            _owe(connection, one, person.id, t("From now on you receive the messages here again."))
            changed = True
        elif person.status == "unreachable" and one.address_id is not None and one.address_id != person.id:
            told = members.place(connection, one.address_id)
            if told.status == "unreachable":
                changed = _serve_elsewhere(connection, one, told, FAILED, channels) or changed
    return changed


def came_or_went(
    connection: Connection, channels: Mapping[str, Capabilities], channel: str, account: str, event: MembershipChanged
) -> str:
    """Somebody blocked us in private, or lets us write again. The outcome in one word."""
    known = members.find(connection, channel, account, event.person.id)
    if known is not None and not event.present:
        failed(connection, known.id, "blocked the bot", channels)
    elif known is not None:
        run(connection, REACHABLE, {"id": known.id, "now": time.time()})
        if known.status != "lost":
            heard(connection, known, members.standings(connection, known.member_id), channels)
    return "unblocked" if event.present else "blocked"


def bounced(
    connection: Connection, one: Standing, target: int, why: str, channels: Mapping[str, Capabilities], *, notice: bool
) -> None:
    """What was sent under a token came back for good. It is owed again, wherever its reader is told now."""
    owned = members.owned(connection, one.member_id)
    mailboxes = [p for p in owned if p.channel in channels and channels[p.channel].keeps_our_ids]
    found = None
    if notice:
        found = run(connection, NOTICE, {"id": target, "membership": one.id}).first()
    else:
        rows = (run(connection, MAILED, {"key": f"m{target}:{place.id}"}).first() for place in mailboxes)
        found = next((row for row in rows if row is not None), None)
    address = found.address_id if found is not None else mailboxes[0].id if len(mailboxes) == 1 else None
    if address is None:
        return
    again = None
    if found is not None:
        values = {"id": found.parcel_id, "why": why, "since": time.time() - BOUNCES_WITHIN}
        again = run(connection, CAME_BACK, values).first()
    failed(connection, address, why, channels)
    if again is not None and unsent(connection, again.id, address):
        values = {
            "parcel": again.id,
            "state": "failed",
            "error": f"Unreachable: {why}",
            "now": time.time(),
            "ambiguous": 0,
        }
        run(connection, ledger.ENDED, values)


# A channel is away


def serve_elsewhere(
    connection: Connection, channel: str, since: float, channels: Mapping[str, Capabilities], most: int
) -> int:
    """Let those who are told on a channel that is away be told elsewhere, if they agreed; how many, `most` at once."""
    values = {
        "channel": channel,
        "channels": [name for name in channels if name != channel],
        "most": most,
        "now": time.time(),
    }
    count = 0
    for row in run(connection, TOLD_THERE, values).all():
        one = members.standing(connection, row.id)
        if one is not None and one.address_id is not None:
            count += _serve_elsewhere(connection, one, members.place(connection, one.address_id), AWAY, channels, since)
    for row in run(connection, LEFT_THERE, {"channel": channel, "most": most}).all():
        one = members.standing(connection, row.id)
        if one is not None and one.address_id not in (None, row.wanted_id):
            waiting.carry(connection, one.id, int(one.address_id or 0), grouped=one.pace == "grouped", silence=0.0)
    return count


def serve_again(connection: Connection, channel: str, channels: Mapping[str, Capabilities], most: int) -> int:
    """The channel is back: those who waited for it are told there again; how many, `most` at once."""
    rows = run(connection, WAITS_FOR, {"channel": channel, "most": most}).all()
    for row in rows:
        one = members.standing(connection, row.id)
        if one is not None:
            _waits(connection, one, channels)
    return len(rows)


def _waits(connection: Connection, one: Standing, channels: Mapping[str, Capabilities]) -> None:
    """Back to the address this member wants, if that is still theirs and works."""
    place = _wanted(connection, one)
    if place is not None and place.status == "active":
        _serves_again(connection, one, place, channels)
    else:
        run(connection, WANTED, {"id": one.id, "wanted": None, "why": ""})


def agree(connection: Connection, place: Place, channels: Mapping[str, Capabilities], *, yes: bool) -> None:
    """Its owner says whether this address may serve while another channel is away; if not, what came here waits."""
    run(connection, STANDS_IN, {"id": place.id, "yes": yes})
    for one in members.standings(connection, place.member_id):
        if not yes and one.address_id == place.id and one.wanted_why == AWAY:
            _waits(connection, one, channels)
