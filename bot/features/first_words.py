"""The answers to "shall I send it to everybody?": YES sends it, NO does not, TEAM brings it to the organizers alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.commands import first
from bot.commands.authorise import authorise
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.core import kept, members
from bot.core.events import MessageDeleted, MessageEdited, MessageReceived
from bot.core.scene import House, Scene
from bot.text.rich import Rich, to_json
from store.statement import run, sql

# What the same person wrote before and was asked about in the same way, and has not answered.
OTHERS = sql("""
    SELECT id, data FROM question
    WHERE address_id = :address AND kind = :kind AND membership_id = :membership AND id <> :but AND expires_at > :now
      AND created_at > :since
    ORDER BY id
""")
FORGET = sql("DELETE FROM question WHERE id = :id")
WAITING = sql("SELECT id, data FROM question WHERE address_id = :address AND kind IN :kinds")
KEEP = sql("UPDATE question SET data = :data WHERE id = :id")
#: The questions that keep somebody's words.
WITH_WORDS = (first.ASKED, "which_community", "post_this")
#: A word alone answers whatever was asked within this time.
BURST = 600.0


def answered(scene: Scene, question: Question, answer: Answer | Rich, into: Hooks) -> bool:
    """YES, NO or TEAM; other words are another post, and are asked about themselves."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no", "team"):
        return False
    standing = scene.standing
    if standing is None or standing.status != "active":
        scene.answer(scene.t("That is not possible any more."))
        return True
    waiting = [(question.id, question.data), *_others(scene, question, standing.id)]
    for number, _ in waiting[1:]:
        run(scene.connection, FORGET, {"id": number})
    said = [data for _, data in sorted(waiting, key=lambda one: one[0])]
    if answer.value == "no":
        scene.answer(scene.t("As you wish: I have sent it to nobody."))
    elif answer.value == "team":
        for data in said:
            _to_the_team(scene, data, into)
    else:
        _to_everybody(scene, said, into)
    return True


def _others(scene: Scene, question: Question, membership: int) -> list[tuple[int, Mapping[str, Any]]]:
    """What else waits and is meant too: a word alone answers all that was just asked, a reply or a button only its own."""
    if scene.answers_parcel is not None or not isinstance(scene.event, MessageReceived):
        return []
    values = {
        "address": scene.here.id, "kind": first.ASKED, "membership": membership, "but": question.id, "now": scene.now,
        "since": scene.now - BURST,
    }  # fmt: skip
    return [(row.id, _data(row.data)) for row in run(scene.connection, OTHERS, values)]


def _data(stored: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(stored) if isinstance(stored, str) else stored or {}
    return found


def _to_everybody(scene: Scene, said: list[Mapping[str, Any]], into: Hooks) -> None:
    """It leaves as it was said; a command that posts is given again."""
    standing = scene.standing
    if standing is None:
        return
    outcomes = []
    for data in said:
        call = data.get("call")
        if call is None:
            outcomes.append(kept.post(scene, data))
        elif not _again(scene, data, into):
            scene.answer(scene.t("That is not possible any more."))
            return
    last = first.confirmed(scene, standing.id, len(said))
    if "relayed" in outcomes:
        words = scene.t("Sent to everyone.")
        scene.answer(words + " " + scene.t("From now on I send what you write here without asking.") if last else words)


def _again(scene: Scene, data: Mapping[str, Any], into: Hooks) -> bool:
    """Give the command again that was asked about; False if it may not be given any more."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data["call"].items()
    }
    call = Call(**given)
    command = authorise(scene, into.commands, call.key)
    if command is None or command.run is None:
        return False
    with kept.said_again(scene, data):
        scene.confirmed = True
        command.run(scene, call)
    return True


def _to_the_team(scene: Scene, data: Mapping[str, Any], into: Hooks) -> None:
    """As CONTACT brings it: to the organizers only, and their answer comes back."""
    command = into.commands.get("contact")
    if command.run is None:
        return
    with kept.said_again(scene, data):
        call = data.get("call")
        if call is not None and isinstance(scene.event, MessageReceived):  # without the command's own word
            scene.event = replace(scene.event, text=Rich(f"{call['argument']}\n{call['rest']}".strip()))
        text = scene.words.text
        command.run(scene, Call("contact", text, "text", text, argument_at=(0, len(text))))


# What is changed or taken back while it waits


def edited(connection: Connection, house: House, channel: str, account: str, event: Any) -> None:  # noqa: ARG001 - as listeners are
    """Other words of what waits for an answer: they are the ones that leave."""
    for number, data in _waiting(connection, channel, account, event):
        if "call" not in data:
            changed = {**data, "text": event.text.text, "spans": to_json(event.text)}
            run(connection, KEEP, {"id": number, "data": json.dumps(changed)})


def taken_back(connection: Connection, house: House, channel: str, account: str, event: Any) -> None:  # noqa: ARG001 - the same
    """What was taken back is asked about no more."""
    for number, _ in _waiting(connection, channel, account, event):
        run(connection, FORGET, {"id": number})


def _waiting(connection: Connection, channel: str, account: str, event: Any) -> list[tuple[int, Mapping[str, Any]]]:
    here = members.find(connection, channel, account, event.place.id)
    if here is None:
        return []
    found = run(connection, WAITING, {"address": here.id, "kinds": WITH_WORDS})
    return [(row.id, data) for row in found if (data := _data(row.data)).get("remote") == event.remote_id]


def plug(into: Hooks) -> None:
    """The question, and what becomes of words that wait."""
    into.answers(first.ASKED, partial(answered, into=into))
    into.on(MessageEdited, edited)
    into.on(MessageDeleted, taken_back)
