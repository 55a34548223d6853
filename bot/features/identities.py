"""A device that is not the one we knew: no powers from there until its owner says elsewhere that it is theirs.

A telephone number that somebody else got, or took, looks just like a new telephone. Only the channel can tell, where it
gives each device something that proves it to be the same (on Signal the safety number).
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot import journal
from bot.commands import safety
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer
from bot.core import losing, members, organizers
from bot.core.bridge import named
from bot.core.events import IdentityChanged
from bot.core.members import Place
from bot.core.scene import House, Scene
from bot.i18n import language_of
from bot.text.rich import Rich
from store.statement import run, sql

IDENTITY = sql("SELECT identity FROM address WHERE id = :address")
LEARNT = sql("UPDATE address SET identity = :identity WHERE id = :address")
SUSPENDED = sql("UPDATE address SET identity = :identity, suspended_at = :now WHERE id = :address")


def changed(connection: Connection, house: House, channel: str, account: str, event: IdentityChanged) -> None:
    """Remember who it is; if that is somebody else than before, suspend the address and ask its owner."""
    place = members.find(connection, channel, account, event.person.id)
    if place is None or place.room:
        return
    known = run(connection, IDENTITY, {"address": place.id}).scalar() or event.before
    if known == event.identity:
        return
    if not known or place.member_id is None or place.status == "lost":
        run(connection, LEARNT, {"address": place.id, "identity": event.identity})
        return
    values = {"address": place.id, "identity": event.identity, "now": event.at.timestamp()}
    run(connection, SUSPENDED, values)
    journal.event("address.suspended", address=place.id)
    _ask(connection, house, place, place.member_id, event.identity)


def _ask(connection: Connection, house: House, place: Place, member: int, identity: str) -> None:
    """Ask the owner at every other address; if there is none, the organizers hear of it."""
    standing = next((s for s in members.standings(connection, member) if s.status == "active"), None)
    if standing is None:
        return
    others = losing.elsewhere(connection, member, place.id)
    for other in others:
        by = named(house.channels, place.channel, language_of(standing.language))
        said = safety.device_asked(standing.language, channel=by)
        safety.ask_at(connection, standing, other.id, said, "device", {"address": place.id, "identity": identity})
    if others:
        return
    for one in members.standings(connection, member):
        found = organizers.reachable(connection, one.community_id, house.channels, but=one.id)
        for organizer, where in found if one.status == "active" else ():
            by = named(house.channels, place.channel, language_of(organizer.language))
            said = safety.device_told(organizer.language, name=one.name, channel=by)
            safety.tell_at(connection, organizer, where, said)


def answered(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES: it is theirs; NO: it is lost. Never said from the device in question, nor from one just as doubtful."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    place = members.place(scene.connection, int(question.data["address"]))
    now = run(scene.connection, IDENTITY, {"address": place.id}).scalar()
    theirs = place.member_id is not None and place.member_id == scene.person.member_id
    if not theirs or place.id == scene.person.id or place.suspended_at is None or now != question.data["identity"]:
        scene.answer(scene.t("That is not possible any more."))
    elif not safety.may_change(scene):
        return True
    elif answer.value == "yes":
        losing.confirm(scene.connection, place.id)
        scene.audit("confirmed", subject=("address", place.id))
        scene.answer(safety.device_confirmed(scene.language, channel=safety.label(scene, place.channel)))
    else:
        losing.lose(scene.connection, place, scene.house.channels)
        scene.audit("lost", subject=("address", place.id))
        scene.answer(safety.lost(scene.language, channel=safety.label(scene, place.channel)))
    return True


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.on(IdentityChanged, changed)
    into.answers("device", answered)
