"""Somebody is taken out of a room by one of its administrators, on the network itself.

What they said there and has not left yet does not leave; what has left within the last hour is offered to the
organizers to be hidden. Whoever answers first decides. Their membership is another matter: that is the organizers'.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection

from bot.commands import notes, words
from bot.commands.authorise import organizes
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer
from bot.core import hiding, members, notices, organizers, presence
from bot.core.events import MembershipChanged
from bot.core.members import Place, Standing
from bot.core.scene import House, Scene
from bot.i18n import language_of, translator
from bot.text.rich import Rich
from store.statement import run, sql

#: A message may have been hidden by another organizer meanwhile.
STANDS = "SELECT id FROM message WHERE id IN :ids AND state NOT IN ('removed', 'hidden')"
AUDIT = sql("""
    INSERT INTO audit (community_id, act, subject_type, subject_id, created_at)
    VALUES (:community, 'taken_out', 'address', :person, :now)
""")


def taken_out(connection: Connection, house: House, channel: str, account: str, event: MembershipChanged) -> None:
    """Withdraw what has not left, and let the organizers know of the rest."""
    if not event.removed or event.us or event.present or not event.place.room:
        return
    room = members.find(connection, channel, account, event.place.id)
    person = members.find(connection, channel, account, event.person.id)
    if room is None or person is None or room.community_id is None:
        return
    taken = presence.take_back(connection, room.id, person)
    if not taken.withdrawn and not taken.left:
        return
    standings = members.standings(connection, person.member_id)
    name = next((one.name for one in standings if one.community_id == room.community_id), person.name) or "?"
    told = False
    for one, where in organizers.reachable(connection, room.community_id, house.channels):
        if one.member_id != person.member_id:
            told = _tell(connection, house, one, members.place(connection, where), room, name, taken) or told
    if told:
        run(connection, AUDIT, {"community": room.community_id, "person": person.id, "now": time.time()})


def _tell(
    connection: Connection, house: House, who: Standing, told: Place, room: Place, name: str, taken: presence.TakenBack
) -> bool:
    """Let one organizer know; False if they do already: networks tell such a thing twice, as a change and as a notice."""
    language = language_of(who.language)
    t = translator(language)
    can = house.channels.get(told.channel)
    notice = words.taken_out(language, name=name, room=room.title, withdrawn=taken.withdrawn, left=len(taken.left))
    asks = bool(taken.left)
    parcel = notices.owe(
        connection, told.id, notice, membership=who.id,
        kind="answer" if asks else "notice",  # a question finds its answer by the id it got
        language=language, community=(who.community, who.slug),
        buttons=[[(t("YES"), "yes"), (t("NO"), "no")]] if asks and can is not None and can.buttons else [],
        key=f"taken:{room.id}:{who.id}:{taken.left[-1]}" if asks else "",
    )  # fmt: skip
    if asks and parcel:
        notices.ask(
            connection, parcel, told.id, "taken_out", {"messages": list(taken.left), "name": name},
            membership=who.id, community=who.community_id, several=True,
        )  # fmt: skip
    return parcel != 0


def decided(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES hides what stands; NO leaves it."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    standing, ids = scene.standing, [int(one) for one in question.data["messages"]]
    if standing is None or not organizes(scene, standing.id):
        scene.answer(notes.not_allowed(scene.language))
    elif answer.value == "no":
        scene.answer(notes.nothing_done(scene.language))
    else:
        hidden = 0
        for row in scene.rows(STANDS, ids=ids):
            if hiding.hide(scene.connection, row.id, by=standing.id, now=scene.now) is not None:
                scene.audit("hidden", subject=("message", row.id))
                hidden += 1
        if hidden:
            name = str(question.data["name"])
            scene.answer(words.taken_out_hidden(scene.language, name=name, count=hidden))
        else:
            scene.answer(scene.t("Somebody has hidden it already."))
    return True


def plug(into: Hooks) -> None:
    """Listen, and take the answer."""
    into.on(MembershipChanged, taken_out)
    into.answers("taken_out", decided)
