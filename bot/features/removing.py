"""REMOVE Karim, or as a reply: an organizer ends a membership, after a second word. It holds on every channel.

Nobody is removed by a program. What the person wrote stays, unless it is hidden.
"""

from __future__ import annotations

from typing import Any

from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import members, notices, removing
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import language_of, translator
from bot.text.rich import Rich
from store.statement import run, sql

SPEAKER = sql("SELECT author_id, speaker_id FROM message WHERE id = :id AND community_id = :community")
ROOMS = sql("""
    SELECT DISTINCT r.title FROM presence p
    JOIN address r ON r.id = p.room_id AND r.community_id = :community AND r.status = 'active'
    JOIN address a ON a.id = p.address_id
    WHERE a.member_id = :member ORDER BY r.title
""")


def asks(scene: Scene, call: Call) -> Rich | None:
    """The second word, which says what will be."""
    if scene.private is None:
        scene.answer(scene.t("Write that to me in private."))
        return None
    name = _name(scene, call)
    if name is None:
        return None
    ends = scene.t.rich("Remove **{name}** from **{community}**?", name=name, community=scene.community[0])
    what = scene.t.rich(
        "Nothing is sent to them any more, and nothing they write is carried, on any channel. What they wrote stays. "
        "**YES** · **NO**"
    )
    return ends + " " + what


def _name(scene: Scene, call: Call) -> str | None:
    found = _meant(scene, call)
    if isinstance(found, int):
        return members.place(scene.connection, found).name or scene.t("somebody who has not joined")
    if found is None:
        scene.answer(
            scene.t(
                "I do not see who that is. Write the name as it stands in WHO (REMOVE Karim B.), or answer one of their messages."
            )
        )
        return None
    if scene.standing is not None and found.id == scene.standing.id:
        scene.answer(scene.t("That is you yourself. To leave: LEAVE."))
        return None
    scene.meant = found.id
    return found.name


def _meant(scene: Scene, call: Call) -> Standing | int | None:
    """A member by name, or who wrote what was answered: a member, or the address of somebody who has not joined."""
    connection, community = scene.connection, scene.community_id or 0
    if scene.meant is not None:
        return members.successor(connection, scene.meant)
    if call.argument:
        found = members.called(connection, community, call.argument)
        return members.standing(connection, found[0]) if len(found) == 1 else None
    row: Any = None
    if scene.parent is not None and not call.given:
        row = run(connection, SPEAKER, {"id": scene.parent.id, "community": community}).first()
    if row is None:
        return None
    if row.author_id is None:
        return int(row.speaker_id) if row.speaker_id is not None else None
    standing = members.standing(connection, row.author_id)
    return standing if standing is not None and standing.status == "active" else None


def remove(scene: Scene, call: Call) -> None:
    """The second word was said."""
    found, t = _meant(scene, call), scene.t
    if isinstance(found, int):
        place = members.place(scene.connection, found)
        gone = members.standing(
            scene.connection, removing.bar(scene.connection, scene.community_id or 0, place, now=scene.now)
        )
    elif found is not None and scene.standing is not None and found.id != scene.standing.id:
        gone = found if removing.remove(scene.connection, found, now=scene.now) else None
        if gone is not None:
            _tell(scene, gone)
    else:
        gone = None
    if gone is None:
        scene.answer(t("That is not possible any more."))
        return
    scene.audit("removed", subject=("membership", gone.id))
    _tell_others(scene, gone)
    said = t("{name} is removed. Only an organizer can invite them again.", name=gone.name)
    rooms = [row.title or t("a group") for row in
             run(scene.connection, ROOMS, {"community": gone.community_id, "member": gone.member_id})]  # fmt: skip
    if rooms:
        said += " " + t(
            "They are still in {rooms}: what they say there stays there. To remove them from a group, do it there.",
            rooms=t.listing(rooms),
        )
    scene.answer(said)


def _tell(scene: Scene, gone: Standing) -> None:
    """One last word to the person: what happened, by whose decision."""
    if gone.address_id is None:
        return
    words = translator(gone.language).rich(
        "The organizers have decided that you are no longer a member of **{community}**. Nothing is sent to you any more, and what you write "
        "is carried to nobody. If you think that is a mistake, please speak with one of them.",
        community=gone.community,
    )
    # Not to the membership, which is over: nothing is owed to it any more.
    notices.owe(
        scene.connection, gone.address_id, words, kind="notice", language=language_of(gone.language),
        community=(gone.community, gone.slug), key=f"removed:{gone.id}:{int(scene.now)}",
    )  # fmt: skip


def _tell_others(scene: Scene, gone: Standing) -> None:
    for other in scene.organizers():
        if scene.standing is not None and other.id != scene.standing.id:
            t = translator(other.language)
            scene.tell(other, t.rich("**{name}** has removed {member}.", name=scene.standing.name, member=gone.name))


def plug(into: Hooks) -> None:
    """REMOVE."""
    into.commands.handle("remove", remove)
    into.asks("remove", asks)
