"""FORGETME: it stops at once, in every community; after three days the person is erased, their messages as they chose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection

from bot import journal
from bot.commands import notes, parting
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer, Call
from bot.core import enclosed, forgetting, leaving, members, notices, undos
from bot.core.erasing import ERASE, KEEP
from bot.core.members import Standing
from bot.core.scene import House, Scene
from bot.i18n import language_of
from bot.text.rich import Rich
from store.database import is_passing
from store.statement import savepoint

EVERY: Final = 15.0
ROOMS = """
    SELECT DISTINCT r.title FROM presence p
    JOIN address r ON r.id = p.room_id AND r.community_id IS NOT NULL AND r.status = 'active'
    JOIN address a ON a.id = p.address_id
    WHERE a.member_id = :member ORDER BY r.title
"""


def forget(scene: Scene, call: Call) -> None:  # noqa: ARG001 - a command's shape
    """FORGETME: at once, whatever is answered to what it asks."""
    known = forgetting.asked(scene.connection, scene.person.member_id)
    if known is not None and known.step != "asked":
        scene.answer(parting.too_late(scene.language))
        return
    active = [one for one in scene.standings if one.status == "active"]
    if any(_stays(scene, one) for one in active):
        return
    language = scene.language
    found = forgetting.ask(scene.connection, scene.person, language, scene.now)
    scene.person = members.place(scene.connection, scene.person.id)
    scene.here = scene.person if scene.here.id == scene.person.id else scene.here
    scene.standings = members.standings(scene.connection, scene.person.member_id)
    scene.standing = None
    when = parting.when(scene, found.at)
    rooms = [row.title or scene.t("a group") for row in scene.rows(ROOMS, member=found.member)]
    if known is None:
        scene.audit("forget_asked", subject=("member", found.member))
        _tell_others(scene, when)
    scene.answer(
        parting.asked(language, communities=_left_now(scene, found.member), when=when, rooms=rooms),
        buttons=[[("1", "1"), ("2", "2"), (scene.t("NO"), "no")]] if scene.can.buttons else (),
        ask=forgetting.KIND,
        data={"member": found.member},
        lasts=forgetting.AFTER,
    )


def _stays(scene: Scene, standing: Standing) -> bool:
    """Tell whether it is the last organizer of a community, who cannot go; then that was said."""
    if not leaving.organizes_alone(scene.connection, standing):
        return False
    scene.answer(
        scene.t.rich(
            "You are the only organizer of **{community}** who can be reached: there must be another one before I forget "
            "you. Whoever runs the server makes one, with the command filcommun organizer-code.",
            community=standing.community,
        )
    )
    return True


def _left_now(scene: Scene, member: int) -> list[str]:
    undo = undos.latest(scene.connection, member)
    ships = (
        {int(one) for one in undo.data["memberships"]} if undo is not None and undo.kind == forgetting.KIND else set()
    )
    return [one.community for one in scene.standings if one.id in ships]


def _tell_others(scene: Scene, when: str) -> None:
    """Whoever has only the telephone must not make somebody be forgotten without their hearing of it (X7)."""
    for place in members.owned(scene.connection, scene.person.member_id or 0):
        if place.id != scene.person.id and place.status == "active":
            notices.owe(
                scene.connection, place.id, parting.elsewhere(scene.language, when=when), kind="notice",
                language=language_of(scene.language), subject=parting.subject(scene.language),
            )  # fmt: skip


def answered(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """1: the messages stay. 2: they are erased. NO: it was a mistake."""
    member = int(question.data["member"])
    if not isinstance(answer, Answer) or member != scene.person.member_id or answer.value not in (1, 2, "no"):
        return False
    undo = undos.latest(scene.connection, member)
    if answer.value == "no":
        if undo is not None and undo.kind == forgetting.KIND:
            parting.take_back(scene, undo)
        else:
            scene.answer(notes.nothing_done(scene.language))
        return True
    words = KEEP if answer.value == 1 else ERASE
    found = forgetting.asked(scene.connection, member)
    if found is None or not forgetting.choose(scene.connection, member, words):
        scene.answer(parting.too_late(scene.language))
        return True
    scene.answer(parting.noted(scene.language, words=words, when=parting.when(scene, found.at)))
    return True


def go_on(connection: Connection, house: House, now: float | None = None) -> None:
    """Do the next step of everybody's; one that fails leaves the others alone."""
    now = time.time() if now is None else now
    found = forgetting.due(connection, now)
    for one in found:
        try:
            with savepoint(connection):
                files = forgetting.go_on(connection, house, one, parting.farewell, now)
        except Exception as error:
            if is_passing(error):
                raise
            journal.error("job.failed", job="forgetting")
        else:
            _drop(house, files)
    if found:
        enclosed.drop_left(connection, house.drop_file)
        house.forgot()


def _drop(house: House, files: Sequence[str]) -> None:
    for name in files:
        house.drop_file(name)


def plug(into: Hooks) -> None:
    """FORGETME, its question, and the job that goes on with it. UNDO has a file of its own."""
    into.commands.handle("forgetme", forget)
    into.answers(forgetting.KIND, answered)
    if into.house is not None:
        into.clock.every(EVERY, partial(go_on, house=into.house), name="forgetting")
