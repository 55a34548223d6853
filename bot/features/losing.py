"""LOST: nothing goes there any more, nothing from there is heard. Said from another address, or by an organizer."""

from __future__ import annotations

from bot.commands import safety, words
from bot.commands.authorise import organizes
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import leaving, losing, members
from bot.core.bridge import named
from bot.core.members import Place, Standing
from bot.core.scene import Scene
from bot.text.rich import Rich

IN_ROOMS = """
    SELECT 1 FROM presence p JOIN address r ON r.id = p.room_id AND r.status = 'active' WHERE p.address_id = :address LIMIT 1
"""


def asks(scene: Scene, call: Call) -> Rich | None:
    """The second word, if there is something to lose."""
    meant = _meant(scene, call)
    if meant is None:
        return None
    owner, places = meant
    scene.meant = owner.id
    own = scene.standing is not None and owner.id == scene.standing.id
    channel = safety.label(scene, places[0].channel)
    return safety.lost_asked(scene.language, channel=channel, name="" if own else owner.name)


def lost(scene: Scene, call: Call) -> None:
    """The second word was said."""
    meant = _meant(scene, call)
    if meant is None or scene.standing is None:
        return
    owner, places = meant
    own = owner.id == scene.standing.id
    in_room = any(scene.rows(IN_ROOMS, address=place.id) for place in places)
    best: Place | None = None
    for place in places:
        best = losing.lose(scene.connection, place, scene.house.channels)
        scene.audit("lost", subject=("address", place.id), of=owner.id)
    # Where they were told may have changed with it; in every community of theirs.
    now = members.standing(scene.connection, owner.id) or owner
    receives = members.place(scene.connection, now.address_id).channel if now.address_id is not None else ""
    channel = places[0].channel

    def said(language: str) -> Rich:
        told = named(scene.house.channels, receives, language) if receives else ""
        shown = named(scene.house.channels, channel, language)
        return safety.lost(language, channel=shown, receives=told, room=in_room)

    if own:
        scene.standings = members.standings(scene.connection, scene.person.member_id)
        scene.answer(said(scene.language))
    elif best is None:
        t = scene.t
        scene.answer(
            t.rich(
                "Done. **{name}** cannot be reached any more: RECOVER and their name brings them back.", name=owner.name
            )
        )
    else:
        scene.answer(scene.t.rich("Done. **{name}** is told of it elsewhere.", name=owner.name))
    safety.told_everywhere(scene, now, scene.here.id if own else 0, said)


def _meant(scene: Scene, call: Call) -> tuple[Standing, list[Place]] | None:
    """Whose addresses, and which; None if there are none, or it may not be (and that was said)."""
    standing = scene.standing
    if standing is None:
        return None
    channel, _, name = call.argument.partition(":")
    owner = standing
    if name:
        if not organizes(scene, standing.id):
            scene.answer(words.not_allowed(scene.language))
            return None
        found = _named(scene, standing, name)
        if found is None:
            scene.answer(scene.t("I do not find that member. MEMBERS lists them all."))
            return None
        owner = found
    if not safety.may_change(scene):
        return None
    owned = [p for p in members.owned(scene.connection, owner.member_id) if p.status != "lost"]
    places = [p for p in owned if channel in (p.channel, p.remote)]
    if owner.member_id == standing.member_id:
        return _own(scene, standing, places)
    if not places:
        scene.answer(scene.t("{name} has no such address.", name=owner.name))
        return None
    rest = [p for p in owned if p not in places and p.status == "active"]
    every = members.standings(scene.connection, owner.member_id)
    if not rest and any(leaving.organizes_alone(scene.connection, one) for one in every):
        scene.answer(scene.t("That is not possible: a community would be left with nobody to look after it."))
        return None
    return owner, places


def _named(scene: Scene, standing: Standing, name: str) -> Standing | None:
    """Whom an organizer means; at the second word, whom they meant at the first."""
    if scene.meant is not None:
        found = members.successor(scene.connection, scene.meant)
        return found if found is not None and found.status == "active" else None
    called = members.called(scene.connection, standing.community_id, name)
    return members.standing(scene.connection, called[0]) if len(called) == 1 else None


def _own(scene: Scene, standing: Standing, places: list[Place]) -> tuple[Standing, list[Place]] | None:
    """Of one's own: never the one it is written from."""
    others = [p for p in places if p.id != scene.person.id]
    if others:
        return standing, others
    if places:
        scene.answer(
            scene.t("You are writing from there. Say it from another address of yours, or ask an organizer to say it.")
        )
    else:
        scene.answer(scene.t("That is none of your addresses. ADDRESSES lists them."))
    return None


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("lost", lost)
    into.asks("lost", asks)
