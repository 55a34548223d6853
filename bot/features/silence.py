"""NOT ME: nothing this person says in a room leaves it, whether they have joined or not; `not me off` ends that."""

from __future__ import annotations

from bot.commands import words
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import presence
from bot.core.scene import Scene


def not_me(scene: Scene, call: Call) -> bool:
    """Said in the room, by anybody who is in it."""
    room = scene.here
    if room.community_id is None:
        return call.slash  # nothing leaves this group anyway
    title = "" if scene.private is None else room.title
    if call.argument == "off":
        presence.speak_again(scene.connection, room.id, scene.person)
        scene.answer(words.speaks_again(scene.language, room=title))
    else:
        presence.be_silent(scene.connection, room.id, scene.person)
        scene.answer(words.silent(scene.language, room=title))
    return True


def plug(into: Hooks) -> None:
    """NOT ME."""
    into.commands.handle("not_me", not_me)
