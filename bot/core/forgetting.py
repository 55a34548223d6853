"""Being forgotten: everything stops at once; three days later a person is erased; until then a word brings them back.

It is about the person, in every community. Then a last word says what could not be taken back, and when it has left the
address it went to is erased too. Who was forgotten stands in a list of ids that say nothing by themselves, and of keyed
hashes: a backup from before still has the person, and restoring it begins with this list (`apply_erased`).

A list of hashes alone would be of no use when the secret key is lost together with everything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import dropping, erasing, hiding, inviting, leaving, members, notices, undos, waiting
from bot.core.erasing import ERASE, KEEP, Counted, Person
from bot.core.members import Place, Standing
from bot.core.scene import House
from bot.core.undos import Undo
from bot.i18n import language_of
from bot.text.rich import Rich
from store.statement import run, sql

#: Seconds until a person is erased, and how long their last word may take to leave.
AFTER: Final = 72 * 3600.0
FAREWELL: Final = 86400.0
#: Raw items emptied in one transaction.
RAW: Final = 300
#: The kind of what is taken back by UNDO.
KIND: Final = "forget"
#: The row of `chore` that says when something was erased last.
SCRUB: Final = "erased"

MEMBER = sql("INSERT INTO member (created_at) VALUES (:now) RETURNING id")
OWNED = sql("UPDATE address SET member_id = :member WHERE id = :address AND member_id IS NULL")
ASKED = sql("""
    UPDATE member SET forget_at = :at, forget_step = 'asked', forget_words = '', forget_note = :note
    WHERE id = :id AND forget_at IS NULL
""")
STANDING = sql("SELECT id, forget_at, forget_step, forget_words, forget_note FROM member WHERE id = :id")
CHOSEN = sql("UPDATE member SET forget_words = :words WHERE id = :id AND forget_step = 'asked'")
TAKEN_BACK = sql("""
    UPDATE member SET forget_at = NULL, forget_step = '', forget_words = '', forget_note = NULL
    WHERE id = :id AND forget_step = 'asked'
""")
LEFT = sql("UPDATE membership SET status = 'left', left_at = :now WHERE id = :id AND status = 'active'")
CODES = sql("""
    UPDATE code SET uses_left = 0 WHERE member_id = :member AND purpose IN ('link', 'recover') AND uses_left > 0
""")
UNASKED = sql("DELETE FROM question WHERE address_id IN (SELECT id FROM address WHERE member_id = :member)")
# What they said lately and has not reached everybody; and what waits for an organizer.
UNDER_WAY = sql("""
    SELECT m.id FROM message m
    WHERE (m.author_id IN (SELECT s.id FROM membership s WHERE s.member_id = :member)
           OR m.speaker_id IN (SELECT a.id FROM address a WHERE a.member_id = :member))
      AND m.created_at > :since AND m.state IN ('visible', 'spreading')
      AND (m.state = 'spreading' OR EXISTS (
        SELECT 1 FROM delivery d JOIN parcel p ON p.id = d.parcel_id
        WHERE d.message_id = m.id AND d.kind = 'relay' AND d.state = 'owed' AND p.state = 'due'))
    ORDER BY m.id
""")
STOP_SPREADING = sql("UPDATE message SET state = 'visible' WHERE id = :id AND state = 'spreading'")
HELD = sql("""
    UPDATE message SET state = 'removed'
    WHERE state = 'held' AND (author_id IN (SELECT s.id FROM membership s WHERE s.member_id = :member)
                              OR speaker_id IN (SELECT a.id FROM address a WHERE a.member_id = :member))
    RETURNING id
""")
HELD_AGAIN = sql("UPDATE message SET state = 'held' WHERE id IN :ids AND state = 'removed' AND removed_at IS NULL")

DUE = "SELECT id, forget_at, forget_step, forget_words, forget_note FROM member WHERE forget_at IS NOT NULL {} ORDER BY id"
DUE_NOW = sql(DUE.format("AND (forget_at <= :now OR forget_step = 'farewell')"))
STEP = sql("""
    UPDATE member SET forget_step = :step, forget_words = :words, forget_at = :at, forget_note = :note
    WHERE id = :id AND forget_step = :was
""")
LEFT_ALREADY = sql("SELECT 1 FROM parcel WHERE id = :id AND state NOT IN ('due', 'sending')")
ERASED = sql("INSERT INTO erased (ids, created_at) VALUES (:ids, :now)")
LIST = sql("SELECT ids, created_at FROM erased ORDER BY id")
REMOVAL = sql("""
    INSERT INTO removal (channel, account, remote, created_at)
    SELECT channel, account, remote, :now FROM address WHERE id IN :addresses AND channel IN :channels
    ON CONFLICT (channel, account, remote) DO NOTHING
""")
SOMETHING = sql("""
    INSERT INTO chore (name, done_at) VALUES (:name, :now)
    ON CONFLICT (name) DO UPDATE SET done_at = CASE WHEN excluded.done_at > chore.done_at + :every THEN excluded.done_at
                                                   ELSE chore.done_at END
""")
AUDIT = sql("""
    INSERT INTO audit (act, subject_type, subject_id, created_at) VALUES ('forgotten', 'member', :member, :now)
""")

#: What is said last: (language, what was chosen, how much was erased) → its subject and its words.
Farewell = Callable[[str, str, Mapping[str, int]], tuple[str, Rich]]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How far it is with somebody who asked to be forgotten."""

    member: int
    at: float  # the next step
    step: str
    words: str
    note: Mapping[str, Any]


# Asking, and taking it back


def asked(connection: Connection, member: int | None) -> Forgetting | None:
    """What was asked by this member, if anything was."""
    row = run(connection, STANDING, {"id": member}).first() if member is not None else None
    return _forgetting(row) if row is not None and row.forget_at is not None else None


def _forgetting(row: Any) -> Forgetting:
    note = json.loads(row.forget_note) if isinstance(row.forget_note, str) else row.forget_note or {}
    return Forgetting(row.id, float(row.forget_at), row.forget_step, row.forget_words, note)


def ask(connection: Connection, here: Place, language: str, now: float) -> Forgetting:
    """From now on nothing goes to the person of this address, and nothing comes from them. Twice is the same as once."""
    member = here.member_id
    if member is None:
        member = int(run(connection, MEMBER, {"now": now}).scalar_one())
        run(connection, OWNED, {"member": member, "address": here.id})
    note = {"since": now, "address": here.id, "language": language}
    values = {"id": member, "at": now + AFTER, "note": json.dumps(note)}
    if run(connection, ASKED, values).rowcount:
        _stop(connection, member, now)
    found = asked(connection, member)
    if found is None:
        raise LookupError("the member just written down is not there")
    return found


def _stop(connection: Connection, member: int, now: float) -> None:
    active = [one for one in members.standings(connection, member) if one.status == "active"]
    parcels: list[int] = []
    for one in active:
        run(connection, LEFT, {"id": one.id, "now": now})
        parcels += waiting.withdraw(connection, one.id)
        inviting.stop(connection, one.id)
    run(connection, CODES, {"member": member})
    run(connection, UNASKED, {"member": member})
    withheld = [int(row[0]) for row in run(connection, UNDER_WAY, {"member": member, "since": now - 30 * 86400})]
    for message in withheld:
        run(connection, STOP_SPREADING, {"id": message})
        hiding.withhold(connection, message, now)
    held = [int(row[0]) for row in run(connection, HELD, {"member": member})]
    data = {"memberships": [one.id for one in active], "parcels": parcels, "withheld": withheld, "held": held}
    undos.remember(connection, member, KIND, data)


def choose(connection: Connection, member: int, words: str) -> bool:
    """What becomes of their messages: KEEP or ERASE. False if it is too late to say so."""
    return bool(run(connection, CHOSEN, {"id": member, "words": words}).rowcount)


def take_back(connection: Connection, member: int, undo: Undo, *, now: float) -> list[Standing] | None:
    """All is as before: the memberships, what waited for them, what they had said. None if they are being erased already."""
    undos.done(connection, undo)
    if not run(connection, TAKEN_BACK, {"id": member}).rowcount:
        return None
    back = [
        one for one in (leaving.back(connection, int(ship)) for ship in undo.data["memberships"]) if one is not None
    ]
    waiting.restore(connection, [int(one) for one in undo.data["parcels"]])
    if undo.data["held"]:
        run(connection, HELD_AGAIN, {"ids": [int(one) for one in undo.data["held"]]})
    for message in undo.data["withheld"]:
        hiding.leaves_after_all(connection, int(message), now=now)
    return back


# Erasing, a step at a time


def due(connection: Connection, now: float) -> list[Forgetting]:
    """With whom it goes on now."""
    return [_forgetting(row) for row in run(connection, DUE_NOW, {"now": now})]


def go_on(connection: Connection, house: House, one: Forgetting, farewell: Farewell, now: float) -> list[str]:
    """Do the next of it; a crash between two of these loses nothing. Return the files nothing needs any more."""
    who = erasing.member(connection, one.member)
    if who is None:
        return []
    files: list[str] = []
    if one.step == "asked":
        begun = _begin(connection, house, one, who, now)
        if begun is None:
            return []  # taken back this very moment
        one = begun
    if one.step == "erasing":
        counted = erasing.messages(connection, who, one.words, now=now, most=erasing.BATCH)
        if counted is not None:
            counting = replace(one, note=_counted(one.note, counted))
            _step(connection, one, counting)
            one, files = counting, counted.files
            if counted.messages == erasing.BATCH:
                return files  # the next ones in another transaction
        if erasing.copies(connection, who):
            return files
        one = _rest(connection, house, one, who, farewell, now)
    if one.step == "farewell" and _has_left(connection, one, now):
        number, names = dropping.quoted(connection, now, RAW)
        files += names
        if number == RAW:
            return files
        writes = [name for name, can in house.channels.items() if can.rereads]
        run(connection, REMOVAL, {"addresses": who.addresses, "channels": writes, "now": now})
        files += erasing.addresses(connection, who, now=now)
        run(connection, AUDIT, {"member": one.member, "now": now})
        erased_something(connection, now)
    return files


def _begin(connection: Connection, house: House, one: Forgetting, who: Person, now: float) -> Forgetting | None:
    """From here on there is no way back: the list is written first, so that a restore goes on with it."""
    words = one.words or KEEP
    begun = Forgetting(one.member, now, "erasing", words, one.note)
    if not _step(connection, one, begun):
        return None
    places = [members.place(connection, address) for address in who.addresses]
    listed = {
        "memberships": list(who.memberships),
        "addresses": list(who.addresses),
        "words": words,
        "marks": [house.tokens.mark(place.channel, place.account, place.remote) for place in places],
    }
    run(connection, ERASED, {"ids": json.dumps(listed), "now": now})
    return begun


def _rest(
    connection: Connection, house: House, one: Forgetting, who: Person, farewell: Farewell, now: float
) -> Forgetting:
    """Everything but the addresses; then the last word is owed."""
    if one.words == ERASE:
        erasing.titles(connection, who)
    erasing.rest(connection, who, house.tokens.unseal, now=now, before=float(one.note.get("since") or now))
    erased_something(connection, now)
    where = _told_at(connection, one, who)
    parcel = 0
    if where is not None:
        language = language_of(str(one.note.get("language") or where.language))
        numbers = {name: int(one.note.get(name) or 0) for name in ("messages", "copies", "mails")}
        subject, said = farewell(language, one.words, numbers)
        parcel = notices.owe(connection, where.id, said, kind="notice", language=language, subject=subject)
    told = replace(one, at=now + FAREWELL, step="farewell", note={**one.note, "farewell": parcel})
    _step(connection, one, told)
    return told


def _told_at(connection: Connection, one: Forgetting, who: Person) -> Place | None:
    """Where they asked, if that still works; else where they wrote from last."""
    places = [members.place(connection, address) for address in who.addresses]
    asked_at = [place for place in places if place.id == one.note.get("address")]
    others = sorted(places, key=lambda place: -(place.seen_at or 0.0))
    return next((place for place in (*asked_at, *others) if place.status == "active"), None)


def _has_left(connection: Connection, one: Forgetting, now: float) -> bool:
    parcel = int(one.note.get("farewell") or 0)
    return not parcel or one.at <= now or run(connection, LEFT_ALREADY, {"id": parcel}).first() is not None


def _counted(note: Mapping[str, Any], counted: Counted) -> dict[str, Any]:
    more = {"messages": counted.messages, "copies": counted.copies, "mails": counted.mails}
    return {**note, **{name: int(note.get(name) or 0) + number for name, number in more.items()}}


def _step(connection: Connection, was: Forgetting, now: Forgetting) -> bool:
    """Write down how far it is; False if it is not where it was."""
    values = {
        "id": was.member, "was": was.step, "step": now.step, "at": now.at, "words": now.words,
        "note": json.dumps(dict(now.note)),
    }  # fmt: skip
    return bool(run(connection, STEP, values).rowcount)


def erased_something(connection: Connection, now: float, at_most_every: float = 0.0) -> None:
    """Have what was erased taken out of the database's journal as well (`bot.core.sweeping`)."""
    run(connection, SOMETHING, {"name": SCRUB, "now": now, "every": at_most_every})


# The list of the forgotten


def listed(connection: Connection) -> list[tuple[Mapping[str, Any], float]]:
    """Who was forgotten, and when."""
    rows = run(connection, LIST)
    return [(json.loads(row.ids) if isinstance(row.ids, str) else row.ids or {}, row.created_at) for row in rows]


def apply_erased(connection: Connection, channels: Sequence[str] = ()) -> list[str]:
    """Forget everybody on the list once more: after a restore. Return the files nothing needs any more.

    `channels` keep what they gave: they are asked once more to remove it.
    """
    files: list[str] = []
    for ids, at in listed(connection):
        who = erasing.person(connection, _numbers(ids, "memberships"), _numbers(ids, "addresses"))
        if who is None or not (who.members or who.remotes):
            continue
        run(connection, REMOVAL, {"addresses": who.addresses, "channels": list(channels), "now": at})
        files += erasing.everything(connection, who, str(ids.get("words") or KEEP)).files
        erased_something(connection, at)
    return files


def _numbers(ids: Mapping[str, Any], name: str) -> list[int]:
    return [int(one) for one in ids.get(name) or ()]


def marks(connection: Connection) -> frozenset[str]:
    """What recognizes the addresses of everybody who was forgotten (`Tokens.mark`)."""
    return frozenset(mark for ids, _ in listed(connection) for mark in ids.get("marks") or ())


def was_forgotten(connection: Connection, house: House, place: tuple[str, str, str], said_at: float) -> bool:
    """Did somebody of this address (channel, account, remote) say this before they asked to be forgotten?"""
    mark = house.tokens.mark(*place)
    return any(mark in (ids.get("marks") or ()) and said_at <= at for ids, at in listed(connection))
