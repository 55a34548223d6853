"""For organizers: MEMBERS, STATE, RETRY, DROP. Is everything delivered, and what can be done about the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bot.commands import words
from bot.commands.arguments import pace_word
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import dead_letters
from bot.core.allowance import Paced
from bot.core.dead_letters import Away, Letter, NoSuchLetter, Overview
from bot.core.scene import Scene
from bot.text.rich import Rich, bold, join
from store.statement import run, sql

#: A list shows this many people, STATE this many dead letters.
MOST_PEOPLE: Final = 300
MOST_LETTERS: Final = 7
MOST_NAMES: Final = 10

PEOPLE = sql("""
    SELECT m.name, m.role, m.pace, a.channel, a.status FROM membership m LEFT JOIN address a ON a.id = m.address_id
    WHERE m.community_id = :community AND m.status = 'active' ORDER BY m.folded
""")
OTHERS = sql("""
    SELECT status, COUNT(*) AS number FROM membership WHERE community_id = :community AND status IN ('invited', 'left')
    GROUP BY status ORDER BY status
""")
ELSEWHERE = sql("""
    SELECT COUNT(*) FROM membership WHERE community_id = :community AND status = 'active' AND wanted_id IS NOT NULL
""")
ROOMS = sql("""
    SELECT r.title, r.channel, COUNT(p.id) AS present FROM address r LEFT JOIN presence p ON p.room_id = r.id
    WHERE r.community_id = :community AND r.room AND r.status = 'active' GROUP BY r.id, r.title, r.channel ORDER BY r.id
""")


def members(scene: Scene, call: Call) -> None:  # noqa: ARG001 - every command is called so
    """MEMBERS: everybody, by which channel and how often; never an address."""
    values = {"community": scene.community_id}
    found = run(scene.connection, PEOPLE, values).all()
    t = scene.t
    lines = [
        t.rich_n(
            "**{community}**: {count} member",
            "**{community}**: {count} members",
            len(found),
            community=scene.community[0],
        )
    ]
    lines += [_person(scene, row) for row in found[:MOST_PEOPLE]]
    if len(found) > MOST_PEOPLE:
        lines.append(Rich(t.n("and {count} other", "and {count} others", len(found) - MOST_PEOPLE)))
    for row in run(scene.connection, ROOMS, values):
        where = f"{row.title or '…'} ({_label(scene, row.channel)})"
        lines.append(
            Rich(t.n("Room {room}: {count} person known", "Room {room}: {count} people known", row.present, room=where))
        )
    numbers = {row.status: row.number for row in run(scene.connection, OTHERS, values)}
    if invited := numbers.get("invited"):
        lines.append(Rich(t.n("{count} invited", "{count} invited", invited)))
    if left := numbers.get("left"):
        lines.append(Rich(t.n("{count} has left", "{count} have left", left)))
    scene.answer(join(lines, "\n"))


def _person(scene: Scene, row: Any) -> Rich:
    t = scene.t
    said = [_label(scene, row.channel) if row.channel else t("nowhere"), pace_word(row.pace, scene.language)]
    if row.role == "organizer":
        said.append(t("organizer"))
    if row.status not in (None, "active"):
        said.append(t("cannot be reached"))
    return bold(row.name) + t("{name}:", name="") + " " + ", ".join(said)


def _label(scene: Scene, channel: str) -> str:
    """How sentences name a channel; one that is off now has nothing but its name."""
    can = scene.house.channels.get(channel)
    return can.label.get(scene.language, can.label["en"]) if can else channel


def state(scene: Scene, into: Hooks) -> None:
    """STATE: what waits, what failed, who is away, and what to type."""
    if scene.private is None:  # it names members
        scene.answer(words.elsewhere(scene.language, into.commands.get("state")))
        return
    found = dead_letters.overview(
        scene.connection, scene.community_id or 0, scene.now, scene.source or 0, scene.house.budgets
    )
    t, now = scene.t, scene.now
    lines = [_away(scene, away) for away in found.away]
    if found.waiting:
        lines.append(t.n("{count} message is waiting to leave", "{count} messages are waiting to leave", found.waiting)
                     + _since(scene, found.oldest, now))  # fmt: skip
    lines += [_paced(scene, paced) for paced in found.paced]
    if found.unhandled:
        lines.append(t.n("{count} message has come in and is not handled yet", "{count} messages have come in and are not handled yet",
                         found.unhandled) + _since(scene, found.unhandled_oldest, now))  # fmt: skip
    if found.later:
        lines.append(t.n("{count} message leaves later, as its reader wishes", "{count} messages leave later, as their readers wish",
                         found.later))  # fmt: skip
    if found.held:
        lines.append(t.n("{count} message is held back: its sender is not proved", "{count} messages are held back: their senders are not proved",
                         found.held))  # fmt: skip
    if found.strangers:
        lines.append(t.n("{count} message of somebody I do not know is held: nobody has got it", "{count} messages of people I do not know are held: nobody has got them",
                         found.strangers))  # fmt: skip
    unreached = _unreached(scene)
    if found.well and not unreached:
        lines.insert(0, t("Everything is well: every channel works, and nothing has failed."))
    scene.answer(join([*lines, *unreached, *_letters(scene, found)], "\n"))


def _unreached(scene: Scene) -> list[str]:
    """Members nothing reaches, by name; and how many are told another way than theirs."""
    t, values = scene.t, {"community": scene.community_id}
    found = dead_letters.unreached(scene.connection, scene.community_id or 0)
    lines = []
    if found:
        names = t.listing(found, most=MOST_NAMES)
        lines.append(t.n("{count} member cannot be reached: {names}. A message from them mends it.",
                         "{count} members cannot be reached: {names}. A message from them mends it.",
                         len(found), names=names))  # fmt: skip
    if elsewhere := run(scene.connection, ELSEWHERE, values).scalar_one():
        lines.append(t.n("{count} member is told another way than usual", "{count} members are told another way than usual",
                         elsewhere))  # fmt: skip
    return lines


def _since(scene: Scene, moment: float | None, now: float) -> str:
    if moment is None or now - moment < 60:
        return ""
    return scene.t(", the oldest for {duration}", duration=scene.t.duration(now - moment))


def _paced(scene: Scene, paced: Paced) -> str:
    zone = scene.standing.timezone if scene.standing else "UTC"
    return scene.t.n(
        "{count} of them, by {channel}, waits because the provider takes only so many in a time: it leaves by {moment}",
        "{count} of them, by {channel}, wait because the provider takes only so many in a time: the last leaves by {moment}",
        paced.waiting,
        channel=_label(scene, paced.channel),
        moment=scene.t.moment(paced.until, zone),
    )


def _away(scene: Scene, away: Away) -> str:
    zone = scene.standing.timezone if scene.standing else "UTC"
    since = scene.t.moment(away.since, zone) if scene.now - away.since > 43200 else scene.t.hour(away.since, zone)
    said = scene.t("{channel} has been away since {since}. I try again by myself, nothing is lost.",
                   channel=_label(scene, away.channel), since=since)  # fmt: skip
    reason = "; ".join(part for part in (away.reason, away.cure) if part)
    said = said[:1].upper() + said[1:]
    return f"{said} ({reason})" if reason else said


def _letters(scene: Scene, found: Overview) -> list[str]:
    if not found.count:
        return []
    t = scene.t
    lines = [t.n("{count} message could not go on:", "{count} messages could not go on:", found.count)]
    lines += [_letter(scene, letter) for letter in found.letters[:MOST_LETTERS]]
    if found.count > MOST_LETTERS:
        lines.append(t.n("and {count} other", "and {count} others", found.count - MOST_LETTERS))
    example = found.letters[0].id if found.letters else "out:812"
    lines.append(t("Try one again: RETRY {id}. Give it up: DROP {id}.", id=example))
    return lines


def _letter(scene: Scene, letter: Letter) -> str:
    t = scene.t
    channel = _label(scene, letter.channel)
    if letter.id.startswith("in:"):
        return t("{id}, from {channel}: {why}", id=letter.id, channel=channel, why=t(letter.why))
    to = letter.to or t("somebody who has not joined")
    return t("{id}, to {name} by {channel}: {why}", id=letter.id, name=to, channel=channel, why=t(letter.why))


def retry(scene: Scene, call: Call, into: Hooks) -> None:
    """RETRY out:812."""
    _deal(scene, call, into, dead_letters.retry, scene.t("I try {id} again.", id=call.argument))


def drop(scene: Scene, call: Call, into: Hooks) -> None:
    """DROP in:44."""
    _deal(scene, call, into, dead_letters.drop, scene.t("{id} is given up.", id=call.argument))


def _deal(scene: Scene, call: Call, into: Hooks, with_it: Callable[..., None], done: str) -> None:
    if not call.argument:
        scene.answer(words.how(scene.language, into.commands.get(call.key), room=scene.in_room))
        return
    try:
        with_it(scene.connection, call.argument, scene.community_id or 0)
    except NoSuchLetter as error:
        said = scene.t(error.why, id=call.argument)
        scene.answer(said[:1].upper() + said[1:] + ".")
        return
    way, _, number = call.argument.partition(":")
    scene.audit(call.key, subject=("inbound" if way == "in" else "parcel", int(number)))
    scene.answer(done)


def plug(into: Hooks) -> None:
    """MEMBERS, STATE, RETRY, DROP."""
    into.commands.handle("members", members)
    into.commands.handle("state", lambda scene, _call: state(scene, into))
    into.commands.handle("retry", lambda scene, call: retry(scene, call, into))
    into.commands.handle("drop", lambda scene, call: drop(scene, call, into))
