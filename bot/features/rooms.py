"""ROOM: an organizer makes the group it is said in a room of the community, or ends that (`room off`).

What is said there from then on goes to all members. In this version it begins at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.commands import words
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.core import members, notices
from bot.core.members import Place, Standing
from bot.core.scene import Scene
from bot.i18n import language_of
from bot.text.fold import fold
from bot.text.rich import Rich
from store.statement import run, sql

#: Members known to be in a new room are named to the organizer, this many at most.
MOST_NAMES: Final = 30

BIND = sql("""
    UPDATE address SET community_id = :community, mode = 'both', status = 'active', relays_from = :now, thread_id = NULL,
        thread_at = NULL, shown_thread_id = NULL
    WHERE id = :id
""")
UNBIND = sql(
    "UPDATE address SET community_id = NULL, relays_from = NULL, thread_id = NULL, thread_at = NULL WHERE id = :id"
)
# What has not left yet does not leave any more: the room is nobody's.
WITHDRAW = sql(
    "UPDATE parcel SET state = 'withdrawn', settled_at = :now WHERE address_id = :id AND state = 'due' AND kind = 'relay'"
)
PRESENT = sql("""
    SELECT DISTINCT m.name, m.folded FROM presence p
    JOIN address a ON a.id = p.address_id
    JOIN membership m ON m.member_id = a.member_id AND m.community_id = :community AND m.status = 'active'
    WHERE p.room_id = :room ORDER BY m.folded
""")


def room(scene: Scene, call: Call) -> None:
    """ROOM, ROOM NOW: bind; ROOM OFF: unbind."""
    if call.given and not call.argument:
        scene.answer(scene.t("Write /room to make this group a room, or /room off to end it."))
    elif call.argument == "off":
        _end(scene)
    elif scene.here.community_id is not None:
        scene.answer(scene.t.rich("This group is a room of **{community}** already.", community=scene.community[0]))
    else:
        among = [one for one in scene.standings if one.organizes]
        if len(among) == 1:
            _bind(scene, scene.here, among[0])
        else:
            _ask_which(scene, among)


def _ask_which(scene: Scene, among: Sequence[Standing]) -> None:
    """An organizer of several communities says which one the group is for."""
    asking = words.which_community(scene.language, [one.community for one in among])
    buttons = [[(one.community, str(at + 1))] for at, one in enumerate(among)] if scene.can.buttons else []
    data = {"room": scene.here.id, "among": [one.id for one in among]}
    scene.answer(asking, buttons=buttons, ask="which_room", data=data)


def chosen(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """The number, or the name, of the community a group is for."""
    among = [members.standing(scene.connection, int(one)) for one in question.data["among"]]
    standing = named(among, answer)
    if standing is None:
        return False
    place = members.place(scene.connection, int(question.data["room"]))
    if not standing.organizes or place.community_id is not None:
        scene.answer(scene.t("That is not possible any more."))
        return True
    _bind(scene, place, standing)
    return True


def named(among: Sequence[Standing | None], answer: Answer | Rich) -> Standing | None:
    """Which of the communities an answer names, by its number or its name."""
    if isinstance(answer, Answer):
        if isinstance(answer.value, int) and 1 <= answer.value <= len(among):
            return among[answer.value - 1]
        return None
    said = fold(answer.text)
    return next((one for one in among if one is not None and said in (fold(one.community), one.slug)), None)


def _bind(scene: Scene, place: Place, standing: Standing) -> None:
    scene.standing, scene.community_id = standing, standing.community_id
    run(scene.connection, BIND, {"id": place.id, "community": standing.community_id, "now": scene.now})
    scene.audit("room_bound", subject=("address", place.id))
    _post_notice(scene, place, standing)
    present = [
        row.name for row in run(scene.connection, PRESENT, {"room": place.id, "community": standing.community_id})
    ]
    t = scene.t
    title = t.quoted(place.title) if place.title else t("This group")
    known = t("Members I know to be in it, who get the messages there and not again in private: {names}.",
              names=t.listing(present, most=MOST_NAMES)) if present else t(
        "I know of no member in it yet; I learn who is there when they write."
    )  # fmt: skip
    scene.answer(t("{room} is now a room.", room=title) + " " + known)


def _post_notice(scene: Scene, place: Place, standing: Standing) -> None:
    """A4, in the room, in the community's language."""
    language = language_of(standing.community_language)
    channels = scene.house.channels
    here = channels[place.channel]
    notice = words.room_bound(
        language,
        community=standing.community,
        people=members.people(scene.connection, standing.community_id),
        channels=[can.label.get(language, can.label["en"]) for can in channels.values()],
        by=standing.name,
        encrypted=[here.label.get(language, here.label["en"])] if here.encrypted else [],
        years=scene.house.keep_years,
    )
    community = (standing.community, standing.slug)
    notices.owe(scene.connection, place.id, notice, kind="notice", language=language, community=community)


def _end(scene: Scene) -> None:
    """The group is a room no longer."""
    place, standing = scene.here, scene.standing
    if place.community_id is None or standing is None:
        scene.answer(scene.t("This group is not one of our rooms."))
        return
    run(scene.connection, UNBIND, {"id": place.id})
    run(scene.connection, WITHDRAW, {"id": place.id, "now": scene.now})
    scene.audit("room_unbound", subject=("address", place.id))
    language = language_of(standing.community_language)
    notice = words.room_unbound(language, community=standing.community)
    community = (standing.community, standing.slug)
    notices.owe(scene.connection, place.id, notice, kind="notice", language=language, community=community)


def plug(into: Hooks) -> None:
    """ROOM."""
    into.commands.handle("room", room)
    into.answers("which_room", chosen)
