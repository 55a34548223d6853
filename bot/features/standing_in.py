"""May an address serve while another channel is away for more than an hour? Asked when the two are linked; nothing said is yes."""

from __future__ import annotations

from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer
from bot.core import fallback, members
from bot.core.scene import Scene
from bot.text.rich import Rich


def answered(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES or NO, to the question when it was linked or to the line that says it serves now."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    place = members.place(scene.connection, int(question.data["address"]))
    if place.member_id is None or place.member_id != scene.person.member_id:
        scene.answer(scene.t("That is not possible any more."))
        return True
    yes = answer.value == "yes"
    fallback.agree(scene.connection, place, scene.house.channels, yes=yes)
    scene.audit("stands_in" if yes else "stands_in_not", subject=("address", place.id))
    if yes:
        scene.answer(
            scene.t("Good: if the other is away for more than an hour, you receive the messages here meanwhile.")
        )
    else:
        scene.answer(scene.t("Understood: if the other is away, the messages wait for it."))
    return True


def plug(into: Hooks) -> None:
    """The answers to that question."""
    into.answers(fallback.KIND, answered)
