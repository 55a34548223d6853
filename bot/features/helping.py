"""HELP: what this person may do here and now, at most seven lines; `help pace` tells one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.commands import words
from bot.commands.authorise import rank
from bot.commands.command import Command
from bot.commands.desk import Hooks
from bot.commands.grammar import Call
from bot.core import dead_letters, elsewhere
from bot.core.scene import Scene


def _may_undo(scene: Scene) -> bool:
    return bool(
        scene.rows(
            "SELECT id FROM undo WHERE member_id = :member AND done_at IS NULL AND expires_at > :now LIMIT 1",
            member=scene.person.member_id or 0,
            now=scene.now,
        )
    )


def _has_several_addresses(scene: Scene) -> bool:
    return len(scene.rows("SELECT id FROM address WHERE member_id = :member", member=scene.person.member_id or 0)) > 1


def _has_dead_letters(scene: Scene) -> bool:
    return bool(dead_letters.overview(scene.connection, scene.community_id or 0).count)


#: What is of use only now and then. Everything else always is.
USEFUL: Final[Mapping[str, Callable[[Scene], bool]]] = {
    "elsewhere": lambda scene: scene.standing is not None and bool(elsewhere.rooms(scene.connection, scene.standing)),
    "join": lambda scene: scene.standing is None,
    "undo": _may_undo,
    "unlink": _has_several_addresses,
    "move": lambda scene: not scene.in_room or scene.parent is not None,
    "retry": _has_dead_letters,
    "drop": _has_dead_letters,
}


def help_(scene: Scene, call: Call, into: Hooks) -> None:
    """Tell what can be said here, or all about one of the words."""
    if scene.private is None:  # a room hears one short line at most
        scene.answer(words.elsewhere(scene.language, into.commands.get("help")))
        return
    if call.argument:
        meant = into.commands.meant(call.argument, rank(scene))
        if meant is not None and meant.run is not None:
            scene.answer(words.help_one(scene.language, meant, room=scene.in_room))
            return
    scene.answer(words.help_lines(scene.language, useful(scene, into), room=scene.in_room))


def useful(scene: Scene, into: Hooks) -> list[Command]:
    """The commands that make sense to this person, here and now, the most useful first."""
    possible = into.commands.for_help(rank(scene), room=scene.in_room)
    return [command for command in possible if command.key not in USEFUL or USEFUL[command.key](scene)]


def plug(into: Hooks) -> None:
    """HELP."""
    into.commands.handle("help", lambda scene, call: help_(scene, call, into))
