"""RECEIVE ELSEWHERE TOO: a member who reads in a room is told by another way as well; otherwise nothing comes twice."""

from __future__ import annotations

from bot.commands import words
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.core import elsewhere, members
from bot.core.scene import Scene
from bot.text.rich import Rich


def receive_elsewhere(scene: Scene, call: Call) -> None:
    """RECEIVE ELSEWHERE TOO; RECEIVE IN THE ROOM ONLY."""
    _set(scene, too=call.argument != "no")


def answered(scene: Scene, question: Question, answer: Answer | Rich) -> bool:  # noqa: ARG001 - it carries nothing
    """The answer to "by mail too?"."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    _set(scene, too=answer.value == "yes")
    return True


def _set(scene: Scene, *, too: bool) -> None:
    standing = scene.standing
    if standing is None:
        return
    elsewhere.want(scene.connection, standing, too=too)
    rooms, channel = elsewhere.rooms(scene.connection, standing), _channel(scene)
    if not rooms:
        scene.answer(
            scene.t("You are in none of our rooms: you receive everything by {channel} anyway.", channel=channel)
        )
    elif too:
        scene.answer(words.elsewhere_too(scene.language, rooms=rooms, channel=channel))
    else:
        scene.answer(words.elsewhere_ended(scene.language, rooms=rooms))


def _channel(scene: Scene) -> str:
    """Where this member is told."""
    told = scene.standing.address_id if scene.standing else None
    channel = members.place(scene.connection, told).channel if told is not None else scene.here.channel
    can = scene.house.channels.get(channel)
    return can.label.get(scene.language, can.label["en"]) if can else channel


def plug(into: Hooks) -> None:
    """RECEIVE ELSEWHERE TOO, and the question whether."""
    into.commands.handle("elsewhere", receive_elsewhere)
    into.answers("elsewhere", answered)
