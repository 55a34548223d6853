"""A member of several communities writes, and nothing says to which: they are asked, unless only one is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands import notes
from bot.commands.command import Commands
from bot.commands.grammar import Answer
from bot.core import kept, members
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.text.fold import fold
from bot.text.rich import Rich


def undecided(scene: Scene) -> list[Standing]:
    """The communities it may be about, while nobody knows which. In a room one always knows."""
    if scene.standing is not None or scene.in_room:
        return []
    return [one.seen_from(scene.person) for one in scene.standings if one.status == "active"]


def who_may(commands: Commands, key: str, among: Sequence[Standing]) -> list[Standing]:
    """Those in which this person may give the command, or may be allowed to (`authorise` decides in the end)."""
    if commands.get(key).opens:
        return list(among)
    return [one for one in among if commands.meant(key, "organizer" if one.organizes else "member") is not None]


def ask(scene: Scene, among: Sequence[Standing], then: str) -> None:
    """Ask for which of them it is; the words are kept with the question."""
    _ask(scene, among, then, kept.keep(scene) | {"among": [one.id for one in among]})


def _ask(scene: Scene, among: Sequence[Standing], then: str, data: Mapping[str, Any]) -> None:
    asking = notes.which_community(scene.language, [one.community for one in among])
    buttons = [[(one.community, str(at + 1))] for at, one in enumerate(among)] if scene.can.buttons else []
    scene.answer(asking, buttons=buttons, ask=then, data=data, several=True)


def chosen(scene: Scene, data: Mapping[str, Any], answer: Answer | Rich, then: str) -> Standing | bool:
    """The one that was said, by its number or its name. True: none, and it was said so; False: these words are no answer.

    "Yes", or a number that is none of them, was meant for the bot: it is asked again, and nothing is sent.
    """
    among = [members.standing(scene.connection, int(one)) for one in data["among"]]
    among = [one if one is not None and one.member_id == scene.person.member_id else None for one in among]
    found: Standing | None = None
    if not isinstance(answer, Answer):
        said = fold(answer.text)
        found = next((one for one in among if one is not None and said in (fold(one.community), one.slug)), None)
        if found is None:
            return False
    elif answer.value == "no":
        scene.answer(notes.nothing_done(scene.language))
        return True
    elif isinstance(answer.value, int) and 1 <= answer.value <= len(among):
        found = among[answer.value - 1]
    else:
        left = [one for one in among if one is not None and one.status == "active"]
        _ask(scene, left, then, {**data, "among": [one.id for one in left]})
        return True
    if found is None or found.status != "active":
        scene.answer(scene.t("That is not possible any more."))
        return True
    return found
