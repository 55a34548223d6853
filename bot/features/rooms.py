"""ROOM: an organizer makes the group it is said in a room of the community, or ends that (`room off`).

One notice tells the people there. Where they are more than five it begins a day later, so that it is read before
anything is carried: at once with `room now`, and where we were in the group from its first moment. `room in` binds it
one way: it receives, and gives nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.commands import words
from bot.commands.authorise import organizes
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.core import members, notices, organizers, presence, threads
from bot.core.members import Place, Standing
from bot.core.scene import Scene
from bot.i18n import language_of, translator
from bot.text.fold import fold
from bot.text.rich import Rich
from store.statement import run, sql

#: Members known to be in a new room are named to the organizer, this many at most.
MOST_NAMES: Final = 30
#: With more people than this there is a day between the notice and the first word that is carried.
AT_ONCE: Final = 5
NOTICE: Final = 86400.0

BIND = sql("""
    UPDATE address SET community_id = :community, mode = :mode, status = 'active', relays_from = :begins,
        thread_id = NULL, thread_at = NULL, shown_thread_id = NULL
    WHERE id = :id
""")
UNBIND = sql("""
    UPDATE address SET community_id = NULL, mode = 'both', relays_from = NULL, thread_id = NULL, thread_at = NULL
    WHERE id = :id
""")
ONE_WAY = sql("UPDATE address SET mode = 'in', relays_from = :now WHERE id = :id")
BEGIN = sql("UPDATE address SET relays_from = :now WHERE id = :id")
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
    """ROOM, ROOM NOW, ROOM IN: bind; ROOM OFF: unbind."""
    if call.given and not call.argument:
        scene.answer(
            scene.t(
                "Write /room to make this group a room (/room now: at once; /room in: it receives and gives nothing), "
                "/room notices to have the organizers' notices here, or /room off to end it."
            )
        )
    elif call.argument == "off":
        _end(scene)
    elif call.argument == "notices":
        _notices(scene)
    elif scene.here.community_id is not None:
        _again(scene, call.argument)
    else:
        among = [one for one in scene.standings if one.organizes]
        if len(among) == 1:
            _bind(scene, scene.here, among[0], call.argument)
        else:
            _ask_which(scene, among, call.argument)


def _again(scene: Scene, how: str) -> None:
    """It is a room already: it may begin now, or become one that only receives."""
    place, standing = scene.here, scene.standing
    found = presence.room(scene.connection, place.id)
    if standing is not None and how == "in" and found.mode != "in":
        run(scene.connection, ONE_WAY, {"id": place.id, "now": scene.now})
        scene.audit("room_one_way", subject=("address", place.id))
        _post_notice(scene, place, standing, "in", scene.now)
    elif standing is not None and how == "now" and found.begins(scene.now) is not None:
        run(scene.connection, BEGIN, {"id": place.id, "now": scene.now})
        scene.audit("room_begun", subject=("address", place.id))
        language = language_of(standing.community_language)
        _owe(scene, place, standing, words.room_begins(language, community=standing.community))
    else:
        scene.answer(scene.t.rich("This group is a room of **{community}** already.", community=scene.community[0]))


def _ask_which(scene: Scene, among: Sequence[Standing], how: str) -> None:
    """An organizer of several communities says which one the group is for."""
    asking = words.which_community(scene.language, [one.community for one in among])
    buttons = [[(one.community, str(at + 1))] for at, one in enumerate(among)] if scene.can.buttons else []
    data = {"room": scene.here.id, "among": [one.id for one in among], "how": how}
    scene.answer(asking, buttons=buttons, ask="which_room", data=data)


def chosen(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """The number, or the name, of the community a group is for."""
    among = [members.standing(scene.connection, int(one)) for one in question.data["among"]]
    standing = named(among, answer)
    if standing is None:
        return False
    place = members.place(scene.connection, int(question.data["room"]))
    if not organizes(scene, standing.id) or place.community_id is not None:
        scene.answer(scene.t("That is not possible any more."))
        return True
    _bind(scene, place, standing, str(question.data.get("how", "")))
    return True


def named(among: Sequence[Standing | None], answer: Answer | Rich) -> Standing | None:
    """Which of the communities an answer names, by its number or its name."""
    if isinstance(answer, Answer):
        if isinstance(answer.value, int) and 1 <= answer.value <= len(among):
            return among[answer.value - 1]
        return None
    said = fold(answer.text)
    return next((one for one in among if one is not None and said in (fold(one.community), one.slug)), None)


def _bind(scene: Scene, place: Place, standing: Standing, how: str) -> None:
    scene.standing, scene.community_id = standing, standing.community_id
    begins = _begins(scene, place, how)
    mode = "in" if how == "in" else "both"
    values = {"id": place.id, "community": standing.community_id, "mode": mode, "begins": begins}
    run(scene.connection, BIND, values)
    threads.is_a_room_of(scene.connection, place.id, standing.community_id)
    scene.audit("room_bound", subject=("address", place.id))
    _post_notice(scene, place, standing, mode, begins)
    t = scene.t
    title = t.quoted(place.title) if place.title else t("This group")
    if begins > scene.now:
        told = t.rich(
            "{room} becomes a room on {begins}, so that everybody there can read the notice first. To begin at once, "
            "write /room now there.",
            room=title, begins=t.moment(begins, standing.timezone),
        )  # fmt: skip
    else:
        told = t.rich("{room} is now a room.", room=title)
    scene.answer(told + " " + _known(scene, place, standing))


def _begins(scene: Scene, place: Place, how: str) -> float:
    """When what is said there is carried for the first time."""
    found = presence.room(scene.connection, place.id)
    few = found.people is not None and found.people <= AT_ONCE
    return scene.now if how or found.founded or few else scene.now + NOTICE


def _known(scene: Scene, place: Place, standing: Standing) -> str:
    """Who of the members gets the messages there."""
    t = scene.t
    values = {"room": place.id, "community": standing.community_id}
    present = [row.name for row in run(scene.connection, PRESENT, values)]
    if not present:
        return t("I know of no member in it yet; I learn who is there when they write.")
    names = t.listing(present, most=MOST_NAMES)
    return t("Members I know to be in it, who get the messages there and not again in private: {names}.", names=names)


def _post_notice(scene: Scene, place: Place, standing: Standing, mode: str, begins: float) -> None:
    """A4, in the room, in the community's language."""
    language = language_of(standing.community_language)
    if mode == "in":
        notice = words.room_one_way(language, community=standing.community, by=standing.name)
    else:
        channels = scene.house.channels
        here = channels[place.channel]
        moment = translator(language).moment(begins, standing.community_timezone)
        notice = words.room_bound(
            language,
            community=standing.community,
            people=members.people(scene.connection, standing.community_id),
            channels=[can.label.get(language, can.label["en"]) for can in channels.values()],
            by=standing.name,
            encrypted=[here.label.get(language, here.label["en"])] if here.encrypted else [],
            years=scene.house.keep_years,
            begins=moment if begins > scene.now else "",
        )
    _owe(scene, place, standing, notice)


def _owe(scene: Scene, place: Place, standing: Standing, notice: Rich) -> None:
    """A notice for everybody in the room."""
    language, community = language_of(standing.community_language), (standing.community, standing.slug)
    notices.owe(scene.connection, place.id, notice, kind="notice", language=language, community=community)


def _notices(scene: Scene) -> None:
    """ROOM NOTICES: what organizers are told without asking comes here, for all to see; said again, it does not any more."""
    place, standing = scene.here, scene.standing
    if place.community_id is None or standing is None:
        scene.answer(scene.t("This group is not one of our rooms. Write /room first."))
        return
    here = organizers.named_room(scene.connection, standing.community_id) != place.id
    organizers.set_room(scene.connection, standing.community_id, place.id if here else None)
    scene.audit("notices_here" if here else "notices_alone", subject=("address", place.id))
    language = language_of(standing.community_language)
    _owe(scene, place, standing, words.notices_here(language) if here else words.notices_alone(language))


def _end(scene: Scene) -> None:
    """The group is a room no longer."""
    place, standing = scene.here, scene.standing
    if place.community_id is None or standing is None:
        scene.answer(scene.t("This group is not one of our rooms."))
        return
    if organizers.named_room(scene.connection, place.community_id) == place.id:
        organizers.set_room(scene.connection, place.community_id, None)
    run(scene.connection, UNBIND, {"id": place.id})
    run(scene.connection, WITHDRAW, {"id": place.id, "now": scene.now})
    scene.audit("room_unbound", subject=("address", place.id))
    language = language_of(standing.community_language)
    _owe(scene, place, standing, words.room_unbound(language, community=standing.community))


def plug(into: Hooks) -> None:
    """ROOM."""
    into.commands.handle("room", room)
    into.answers("which_room", chosen)
