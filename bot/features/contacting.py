"""CONTACT: a question that only the organizers read; their answer comes back the same way.

Neither side sees an address: both write to the bot, in reply to what it brought. So it goes on as long as they like.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from bot.commands.authorise import current
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.core import limits, members, notices, organizers, removing
from bot.core.bridge import Budget
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import language_of, translator
from bot.text.fold import display_name
from bot.text.rich import Rich
from store.statement import run, sql

#: The kinds of question: at an organizer, and at the person who asked.
ASKED: Final = "contact"
ANSWERED: Final = "contact_answer"

#: So many times in an hour one person reaches the organizers: each time is a message to every one of them.
LIMIT: Final = Budget("contact", per_second=10 / 3600.0, burst=10)

AGAIN = sql("""
    INSERT INTO question (address_id, membership_id, community_id, kind, data, parcel_id, remote, created_at, expires_at)
    SELECT address_id, membership_id, community_id, kind, data, parcel_id, remote, created_at, expires_at
    FROM question WHERE id = :id
""")


def contact(scene: Scene, call: Call) -> None:
    """CONTACT: words for the organizers."""
    if scene.community_id is None:
        scene.community_id = _community(scene)
    told = _reachable(scene, scene.community_id or 0, but=scene.standing.id if scene.standing else 0)
    if not told:
        scene.answer(_nobody(scene))
        return
    where = _where_private(scene)
    if where is None:
        scene.answer(scene.t("Write that to me in private, so that the answer reaches you alone."))
        return
    if _too_many(scene):
        return
    asks = _who_asks(scene, where)
    words = call.argument_of(scene.words) or Rich(call.argument)
    for organizer, address in told:
        _bring(scene, organizer, address, words, asks)
    scene.audit("contacted")
    scene.answer(scene.t("Your words have gone to the organizers, to nobody else. Their answer comes to you alone."))


def _community(scene: Scene) -> int | None:
    """Of somebody who is not a member: the community they were invited to last, or have left."""
    waiting = [one for one in scene.standings if one.status in ("invited", "left")]
    return waiting[-1].community_id if waiting else None


def _reachable(scene: Scene, community: int, but: int = 0) -> list[tuple[Standing, int]]:
    return organizers.reachable(scene.connection, community, scene.house.channels, but)


def _nobody(scene: Scene) -> str:
    if scene.standing is not None and scene.standing.organizes:
        return scene.t("You are the only organizer who can be reached: this would come back to you.")
    return scene.t("No organizer can be reached just now. I have sent your words to nobody; please try again later.")


def _too_many(scene: Scene) -> bool:
    """Tell whether this person has reached the organizers too often within the hour; then that was said."""
    member = scene.person.member_id
    person = f"m{member}" if member is not None else f"a{scene.person.id}"
    allowed = limits.grant(scene.connection, f"contact.{person}", [LIMIT], 1)
    if allowed.number:
        allowed.spend(scene.connection, 1)
        return False
    minutes = max(1, math.ceil((allowed.next_at(0) - allowed.now) / 60))
    scene.answer(
        scene.t.n(
            "The organizers have much to read from you just now, so this has not gone to them. Please write it again in {count} minute.",
            "The organizers have much to read from you just now, so this has not gone to them. Please write it again in {count} minutes.",
            minutes,
        )
    )
    return True


def _where_private(scene: Scene) -> int | None:
    """Where an answer reaches this person alone, never a room."""
    if scene.private is not None:
        return scene.private.id
    return scene.standing.address_id if scene.standing else None


def _who_asks(scene: Scene, where: int) -> dict[str, Any]:
    """What an organizer's answer needs to come back: ids, and the name it is shown under."""
    if scene.standing is not None:
        name = scene.standing.name
    else:
        name = next((one.name for one in scene.standings if one.name), "") or display_name(scene.person.name)
    return {
        "address": where,
        "membership": scene.standing.id if scene.standing else None,
        "community": scene.community_id,
        "name": name,
        "language": scene.language,
    }


def _bring(scene: Scene, organizer: Standing, address: int, words: Rich, asks: Mapping[str, Any]) -> None:
    """Bring words to an organizer, so that a reply to them finds the way back."""
    t = translator(organizer.language)
    name = str(asks["name"]) or t("Somebody who has not joined yet")
    text = (
        t.rich("**{name}** writes to the organizers:", name=name)
        + "\n"
        + words
        + "\n"
        + t("Your reply to this message goes to {name} alone, under your name.", name=name)
    )
    community = (organizer.community, organizer.slug)
    parcel = notices.owe(
        scene.connection,
        address,
        text,
        membership=organizer.id,
        language=language_of(organizer.language),
        subject=t("{name} writes to the organizers of {community}", name=name, community=organizer.community),
        community=community,
    )
    notices.ask(
        scene.connection, parcel, address, ASKED, asks, membership=organizer.id,
        community=organizer.community_id, several=True, by_reply=True,
    )  # fmt: skip


def organizer_answers(scene: Scene, question: Question, answer: Answer | Rich) -> bool:  # noqa: ARG001 - the words matter
    """An organizer replied to what CONTACT brought: it goes to who asked, and the other organizers see that it did."""
    if scene.answers_parcel is None or not scene.words:
        return False
    standing = current(scene, question.membership_id or 0)
    if standing is None or not standing.organizes:
        return False
    asks = question.data
    scene.standing, scene.community_id = standing, standing.community_id
    if not _take_back(scene, asks, standing):
        scene.answer(scene.t("{name} cannot be reached any more.", name=str(asks["name"])))
        return True
    for other, _ in _reachable(scene, standing.community_id, but=standing.id):
        _tell_other(scene, other, standing.name, str(asks["name"]))
    scene.answer(scene.t("Sent to {name} alone.", name=str(asks["name"]) or scene.t("the person who asked")))
    run(scene.connection, AGAIN, {"id": question.id})
    return True


def _tell_other(scene: Scene, other: Standing, organizer: str, name: str) -> None:
    t = translator(other.language)
    words = t.rich("**{organizer}** has answered {name}:", organizer=organizer, name=name) + "\n" + scene.words
    subject = t("{name} writes to the organizers of {community}", name=name, community=other.community)
    scene.tell(other, words, subject=subject)


def _take_back(scene: Scene, asks: Mapping[str, Any], organizer: Standing) -> bool:
    """Bring an organizer's words to who asked, where they asked if that still works."""
    membership = asks.get("membership")
    asker = members.successor(scene.connection, int(membership)) if membership else None
    if asker is not None and asker.status == "erased":
        return False
    place = members.place(scene.connection, int(asks["address"]))
    if place.forget_at is not None or removing.is_removed(scene.connection, organizer.community_id, place.member_id):
        return False
    if place.status != "active" and asker is not None and asker.address_id is not None:
        place = members.place(scene.connection, asker.address_id)
    if place.status != "active":
        return False
    language = language_of(asker.language if asker else str(asks.get("language") or place.language))
    t = translator(language)
    words = t.rich("**{name}** answers you, for the organizers:", name=organizer.name) + "\n" + scene.words
    parcel = notices.owe(
        scene.connection,
        place.id,
        words,
        membership=asker.id if asker else None,
        language=language,
        subject=t("The organizers of {community} answer you", community=organizer.community),
        community=(organizer.community, organizer.slug),
    )
    notices.ask(
        scene.connection, parcel, place.id, ANSWERED, {**asks, "organizer": organizer.id},
        membership=asker.id if asker else None, community=organizer.community_id, several=True, by_reply=True,
    )  # fmt: skip
    return True


def asker_answers(scene: Scene, question: Question, answer: Answer | Rich) -> bool:  # noqa: ARG001 - the words matter
    """Who asked replied to the organizers' answer: it goes to them again."""
    if scene.answers_parcel is None or not scene.words:
        return False
    if removing.is_removed(scene.connection, question.community_id, scene.person.member_id):
        return False  # what they write is carried to nobody, and so is this
    told = _reachable(scene, question.community_id or 0)
    scene.community_id = question.community_id
    if question.membership_id is not None:
        scene.standing = next((one for one in scene.standings if one.id == question.membership_id), None)
    if not told:
        scene.answer(_nobody(scene))
        return True
    if _too_many(scene):
        return True
    asks = {name: value for name, value in question.data.items() if name != "organizer"}
    for organizer, address in told:
        _bring(scene, organizer, address, scene.words, asks)
    scene.answer(scene.t("Your words have gone to the organizers, to nobody else. Their answer comes to you alone."))
    run(scene.connection, AGAIN, {"id": question.id})
    return True


def plug(into: Hooks) -> None:
    """CONTACT, and both ways of its answers."""
    into.commands.handle("contact", contact)
    into.answers(ASKED, organizer_answers)
    into.answers(ANSWERED, asker_answers)
