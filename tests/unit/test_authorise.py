"""Who may do what: every command, for every role, on every channel, from every kind of words. Nothing else is allowed.

The table below is written by hand and knows nothing of the code: what it does not name must not happen.
"""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands.authorise import authorise
from bot.commands.catalogue import all_commands
from bot.commands.command import MAY, Command
from bot.commands.desk import Desk, Hooks
from bot.core import communities, members, notices, relay, threads
from bot.core.clock import Clock
from bot.core.events import ChoiceMade, MessageEdited, MessageReceived, Person, Place
from bot.core.reception import Reception
from bot.core.scene import Scene
from bot.text.rich import Rich
from store.statement import BACK, KEEP, SAVE, run, sql
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated

#: What each role may say, by the word that says for whom a command is.
ALLOWED = {
    "stranger": {"anyone"},
    "removed": {"anyone"},
    "invited": {"anyone", "invited"},
    "left": {"anyone", "invited"},
    "member": {"anyone", "invited", "all", "author"},
    "asleep": {"anyone", "invited", "all", "author"},  # an organizer whose powers sleep
    "suspended": {"anyone", "invited", "all", "author"},  # an organizer, on a device that is another one now
    "elsewhere": {"anyone", "invited", "all", "author"},  # a member here, who organizes another community
    "organizer": {"anyone", "invited", "all", "author", "organizer"},
}
#: How the words came → whether they may be a command.
DIRECT = {"direct": True, "quote": False, "forward": False, "caption": False, "edit": False, "edited": False}
#: What a mail proves → whether it is listened to: a token of this very sender, or a trusted verdict about the sender.
PROOFS = {
    "token": True, "token_yes": True, "token_no": False, "none_yes": True, "none_unknown": False, "none_no": False,
    "anothers_token": False, "dead_token": False, "forged_token": False,
}  # fmt: skip
PLACES = ("chat", "room", "post")
EXAMPLES = {"remove": "remove Bruno", "hold": "hold Bruno 2d", "lost": "lost chat", "recover": "recover Bruno"}


@dataclass
class Town:
    """Nine people, a room, a message to answer; and a desk whose commands only say that they were given."""

    ground: Any
    reception: Reception
    commands: Any
    given: list[str]
    people: dict[str, dict[str, members.Place]]
    message: int
    room: members.Place


@pytest.fixture
async def town(circle):
    """The program's own reception and desk, with nothing behind the commands."""
    given: list[str] = []
    commands = all_commands()
    for command in list(commands):
        commands.handle(command.key, lambda scene, call, key=command.key: given.append(key))
    hooks = Hooks(commands, Clock(), circle.app.house)
    desk = Desk(hooks)
    hooks.answers("second_word", desk.second_word)
    made = Town(circle, Reception(circle.app.house, desk), commands, given, {}, 0, None)  # type: ignore[arg-type]
    await circle.write(lambda connection: settle(connection, made))
    return made


def settle(connection: Any, town: Town) -> None:
    house, ground = town.ground.app.house, town.ground
    first = run(connection, sql("SELECT id FROM community WHERE slug = 'cercle'")).scalar_one()
    other = communities.found(connection, house, "choir", "Choir", "en", "Europe/Paris")
    address = members.meet(connection, "chat", ground.bridges["chat"].account, "the hall", room=True, title="hall")
    run(
        connection,
        sql("UPDATE address SET community_id = :community, relays_from = 0 WHERE id = :id"),
        {"community": first, "id": address.id},
    )
    town.room = members.place(connection, address.id)
    thread = threads.begin(connection, first, "Talk", None)
    town.message = relay.post(connection, relay.Post(first, thread, Rich("Good evening"), "Amina"))
    for role in ALLOWED:
        places = {
            channel: members.meet(
                connection, channel, ground.bridges[channel].account, f"{role} on {channel}", name=role
            )
            for channel in ("chat", "post")
        }
        if role not in ("stranger", "invited"):
            _enter(connection, role, places, first, other, ground)
        if role == "invited":
            for place in places.values():
                parcel = notices.owe(connection, place.id, "Come in")
                notices.ask(connection, parcel, place.id, "invitation", {}, community=first)
        town.people[role] = {channel: members.place(connection, place.id) for channel, place in places.items()}
        for place in [*places.values(), town.room]:
            values = {"message": town.message, "address": place.id, "remote": f"shown {place.id}", "now": time.time()}
            run(
                connection,
                sql(
                    "INSERT INTO copy (message_id, address_id, remote, created_at)"
                    " VALUES (:message, :address, :remote, :now) ON CONFLICT DO NOTHING"
                ),
                values,
            )


def _enter(connection: Any, role: str, places: Any, first: int, other: int, ground: Any) -> None:
    organizes = role in ("organizer", "asleep", "suspended")
    membership = communities.enter(
        connection, first, places["chat"], ground.bridges["chat"].can, name=role, how="test", consent_text="test",
        role="organizer" if organizes else "member",
    )  # fmt: skip
    member = run(connection, sql("SELECT member_id FROM membership WHERE id = :id"), {"id": membership}).scalar_one()
    run(
        connection,
        sql("UPDATE address SET member_id = :member WHERE id = :id"),
        {"member": member, "id": places["post"].id},
    )
    if role == "elsewhere":
        communities.enter(
            connection, other, members.place(connection, places["chat"].id), ground.bridges["chat"].can, name=role,
            how="test", consent_text="test", role="organizer",
        )  # fmt: skip
    changes = {
        "asleep": ("UPDATE membership SET powers_at = :later WHERE id = :id", membership),
        "removed": ("UPDATE membership SET status = 'removed' WHERE id = :id", membership),
        "left": ("UPDATE membership SET status = 'left' WHERE id = :id", membership),
        "suspended": ("UPDATE address SET suspended_at = 1 WHERE member_id = :id", member),
    }
    if role in changes:
        statement, which = changes[role]
        values = {"id": which, "later": time.time() + 3600}
        run(connection, sql(statement), {name: values[name] for name in ("id", "later") if f":{name}" in statement})


def words_of(command: Command) -> str:
    return "/" + EXAMPLES.get(command.key, command.example["en"])


def said(town: Town, role: str, where: str, evidence: str, text: str, proof: str, connection: Any) -> Any:
    """The event of these words."""
    person = town.people[role]["post" if where == "post" else "chat"]
    here = town.room if where == "room" else person
    place, sender = Place(here.remote, here.room, here.title), Person(person.remote, role)
    now = datetime.now(UTC)
    if evidence == "edited":
        return MessageEdited(place, sender, f"shown {here.id}", Rich(text), now)
    event = MessageReceived(place, sender, "said now", Rich(text), now, reply_to=f"shown {here.id}", evidence=evidence)  # type: ignore[arg-type]
    if where == "post":
        event = replace(event, subject="Re: Talk", **proved(town, role, proof, connection))
    return event


def proved(town: Town, role: str, proof: str, connection: Any) -> dict[str, Any]:
    """What a mail carries: a token or none, and whether the sender's own servers vouch for it."""
    token, _, verdict = proof.partition("_")
    found: dict[str, Any] = {"authentic": verdict if verdict in ("yes", "no", "unknown") else "unknown"}
    rows = run(connection, sql("SELECT id, name, token_generation FROM membership ORDER BY id")).all()
    theirs = next((row for row in rows if row.name == role), None)
    if theirs is None or token == "none":
        return found
    tokens = town.ground.app.house.tokens
    make = lambda who, generation: "r." + tokens.make("r", who, town.message, generation)  # noqa: E731
    amina = next(row for row in rows if row.name == "Amina")
    made = {
        "token": make(theirs.id, theirs.token_generation),
        "anothers": make(amina.id, amina.token_generation),
        "dead": make(theirs.id, theirs.token_generation + 1),
        "forged": "r." + "a" * 40,
    }[token]
    return found | {"tokens": (made,)}


def happens(town: Town, connection: Any, where: str, event: Any) -> set[str]:
    """Which commands are given by this event; everything is taken back again."""
    town.given.clear()
    before = run(connection, sql("SELECT COALESCE(MAX(id), 0) FROM question")).scalar_one()
    run(connection, SAVE)
    try:
        channel = "post" if where == "post" else "chat"
        account = town.ground.bridges[channel].account
        item = SimpleNamespace(id=None, channel=channel, account=account, waits=99, lane="", again=False)
        town.reception.handle(connection, item, [event])  # type: ignore[arg-type]
        asked = run(
            connection, sql("SELECT data FROM question WHERE kind = 'second_word' AND id > :before"), {"before": before}
        ).all()
        rows = [row.data if isinstance(row.data, dict) else json.loads(row.data) for row in asked]
    finally:
        run(connection, BACK)
        run(connection, KEEP)
    return {*town.given, *(row["key"] for row in rows)}


def expected(command: Command, role: str, where: str, commands: Any) -> str:
    """The command that may be given, by the table; empty: none."""
    role = "stranger" if where == "room" and role == "invited" else role  # an invitation is a private matter
    for one in (command, commands.get(command.instead) if command.instead else None):
        if one is not None and one.who in ALLOWED[role]:
            return one.key if one.where in ("both", "room" if where == "room" else "private") else ""
    return ""


@pytest.mark.parametrize("role", list(ALLOWED))
async def test_a_command_happens_for_whom_and_where_it_is_and_from_nothing_but_direct_words(town, role):
    def all_of_them(connection: Any) -> list[str]:
        wrong = []
        for command, where, evidence in itertools.product(list(town.commands), PLACES, DIRECT):
            if role == "elsewhere" and where != "room":
                continue  # in private it is asked which community is meant: shown below
            event = said(town, role, where, evidence, words_of(command), "none_yes", connection)
            happened = happens(town, connection, where, event)
            allowed = expected(command, role, where, town.commands) if DIRECT[evidence] else ""
            if happened != ({allowed} if allowed else set()):
                wrong.append(
                    f"{command.key} by {role} in {where}, {evidence}: {happened or 'nothing'}, not {allowed or 'nothing'}"
                )
        return wrong

    assert await town.ground.write(all_of_them) == []


@pytest.mark.parametrize("proof", list(PROOFS))
async def test_a_mail_gives_a_command_only_if_its_sender_is_proved(town, proof):
    def all_of_them(connection: Any) -> list[str]:
        wrong = []
        for command, role in itertools.product(list(town.commands), ("member", "organizer", "removed", "left")):
            event = said(town, role, "post", "direct", words_of(command), proof, connection)
            happened = happens(town, connection, "post", event)
            allowed = expected(command, role, "post", town.commands) if PROOFS[proof] else ""
            if happened != ({allowed} if allowed else set()):
                wrong.append(f"{command.key} by {role}, {proof}: {happened or 'nothing'}, not {allowed or 'nothing'}")
        return wrong

    assert await town.ground.write(all_of_them) == []


async def test_who_organizes_elsewhere_is_asked_and_organizes_only_there(town):
    """A token says which community is meant: in this one they are a member, whatever they are in the other."""

    def tries(connection: Any) -> set[str]:
        event = said(town, "elsewhere", "post", "direct", "/members", "token", connection)
        return happens(town, connection, "post", event)

    assert await town.ground.write(tries) == {"who"}


@pytest.mark.parametrize(
    "changed",
    [
        "UPDATE membership SET role = 'member' WHERE name = 'organizer'",
        "UPDATE membership SET status = 'removed' WHERE name = 'organizer'",
        "UPDATE membership SET powers_at = 1e12 WHERE name = 'organizer'",
        "UPDATE address SET suspended_at = 1 WHERE remote = 'organizer on chat'",
        "UPDATE address SET powers_at = 1e12 WHERE remote = 'organizer on chat'",
        "UPDATE address SET member_id = NULL WHERE remote = 'organizer on chat'",
    ],
)
async def test_what_changed_a_moment_ago_counts_whatever_the_scene_remembers(town, changed):
    def tries(connection: Any) -> tuple[Any, Any]:
        event = said(town, "organizer", "chat", "direct", "/waiting", "", connection)
        person = town.people["organizer"]["chat"]
        standings = members.standings(connection, person.member_id)
        scene = Scene(
            connection, town.reception.house, event, person, person, standings[0], standings, standings[0].community_id
        )
        before = authorise(scene, town.commands, "waiting")
        run(connection, SAVE)
        run(connection, sql(changed))
        after = authorise(scene, town.commands, "waiting")
        run(connection, BACK)
        run(connection, KEEP)
        return before, after

    before, after = await town.ground.write(tries)
    assert before is not None
    assert after is None


async def test_a_second_word_by_somebody_who_may_not_any_more_does_nothing(town):
    def tries(connection: Any) -> list[str]:
        event = said(town, "organizer", "chat", "direct", "/remove Bruno", "", connection)
        person = town.people["organizer"]["chat"]
        item = SimpleNamespace(
            id=None, channel="chat", account=town.ground.bridges["chat"].account, waits=99, lane="", again=False
        )
        town.reception.handle(connection, item, [event])  # type: ignore[arg-type]
        run(connection, sql("UPDATE membership SET role = 'member' WHERE name = 'organizer'"))
        town.given.clear()
        yes = replace(event, text=Rich("yes"), reply_to="")
        town.reception.handle(connection, item, [yes])  # type: ignore[arg-type]
        assert run(connection, sql("SELECT 1 FROM question WHERE address_id = :id"), {"id": person.id}).first() is None
        return list(town.given)

    assert await town.ground.write(tries) == []


async def test_a_button_put_before_one_person_is_not_anothers_to_press(town):
    def tries(connection: Any) -> list[str]:
        event = said(town, "organizer", "room", "direct", "/drop in:44", "", connection)
        item = SimpleNamespace(
            id=None, channel="chat", account=town.ground.bridges["chat"].account, waits=99, lane="", again=False
        )
        town.reception.handle(connection, item, [event])  # type: ignore[arg-type]
        run(
            connection,
            sql("UPDATE question SET remote = 'the question', address_id = :room WHERE kind = 'second_word'"),
            {"room": town.room.id},
        )
        town.given.clear()
        for role in ("member", "stranger", "organizer"):
            person = town.people[role]["chat"]
            place = Place(town.room.remote, True, "hall")
            pressed = ChoiceMade(place, Person(person.remote, role), "the question", "yes")
            town.reception.handle(connection, item, [pressed])  # type: ignore[arg-type]
            town.given.append(role)
        return list(town.given)

    assert await town.ground.write(tries) == ["member", "stranger", "drop", "organizer"]


def test_a_command_for_somebody_nobody_has_thought_of_is_for_nobody():
    strange = replace(next(iter(all_commands())), who="whoever")  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        strange.for_whom("organizer")
    assert set(MAY) == {"anyone", "invited", "all", "author", "organizer"}
