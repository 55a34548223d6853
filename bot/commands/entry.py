"""A code was typed, or stood in a link that was opened: whoever takes its purpose goes on.

A code is a code wherever and however it comes: `join` takes a link's, `link` takes an invitation's. What is wrong, used
up or too old is answered in the same words, so that nobody learns anything by trying.
"""

from __future__ import annotations

from bot.commands import notes
from bot.commands.desk import Hooks
from bot.core import codes, organizers
from bot.core.organizers import Reader
from bot.core.scene import Scene


def enter_code(hooks: Hooks, scene: Scene, typed: str) -> None:
    """Do what the code is for; five wrong ones within an hour, and it is not even looked at."""
    connection, scene.forget = scene.connection, True
    if not codes.may_try(connection, scene.person.id):
        scene.answer(notes.too_many_tries(scene.language))
        return
    code = codes.find(connection, scene.house.tokens, typed)
    taker = hooks.takers.get(code.purpose) if code is not None else None
    if code is not None and taker is not None and taker(scene, code):
        return
    told = codes.missed(connection, scene.person.id)
    if told:
        _alarm(scene, told)
    scene.answer(notes.wrong_code(scene.language))


def _alarm(scene: Scene, tries: int) -> None:
    """Let the organizers know, once a day: of every community, for nobody knows which one was meant."""

    def words(reader: Reader) -> tuple[str, str]:
        said = reader.t.n(
            "Somebody has tried {count} wrong code within an hour. Nobody came in; there is nothing to do.",
            "Somebody has tried {count} wrong codes within an hour. Nobody came in; there is nothing to do.",
            tries,
        )
        return "", said

    for community in organizers.communities(scene.connection):
        organizers.tell(scene.connection, scene.house.channels, community, "codes", words)
