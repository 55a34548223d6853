"""The answers to "is this for everyone?" and "for which community is this?": what was kept is posted, or is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.commands import first, notes, which, words
from bot.commands.desk import Hooks, Question
from bot.commands.grammar import Answer
from bot.core import kept, members, posting
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.text.rich import Rich
from store.statement import run, sql

SPOKE = sql("UPDATE address SET spoke_to = :community, spoke_at = :now WHERE id = :id")
#: What was asked about within so many seconds of it was written in one go; what lies further apart was given up.
BURST = 600.0
# What the same person wrote in the same burst, and was asked about in the same way.
OTHERS = sql("""
    SELECT o.id, o.data FROM question o JOIN question q ON q.id = :but
    WHERE o.address_id = :address AND o.kind = 'which_community' AND o.id <> :but AND o.expires_at > :now
      AND o.created_at BETWEEN q.created_at - :burst AND q.created_at + :burst
""")
FORGET = sql("DELETE FROM question WHERE id = :id")


def post_this(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """Words that answered the bot: YES posts them."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    if answer.value == "no":
        scene.answer(words.nothing_done(scene.language))
        return True
    standing = members.standing(scene.connection, question.membership_id or 0)
    if standing is None or standing.status != "active":
        scene.answer(scene.t("That is not possible any more."))
        return True
    scene.standing, scene.community_id = standing, standing.community_id
    outcome = kept.post(scene, question.data)
    if outcome not in posting.LEAVE:
        scene.answer(notes.stays(scene.language))
        return True
    if not scene.can.titles:
        first.confirmed(scene, standing.id)  # it was shown back, too
    if outcome != "held":  # otherwise its author was told that it waits
        scene.answer(scene.t("Sent to everyone."))
    return True


def which_community(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """The number, or the name, of one of them: what was kept goes there, and so does what follows for half an hour."""
    waiting = [(question.id, question.data)]
    if not scene.can.titles:  # a mail is asked about by itself
        values = {"address": scene.here.id, "but": question.id, "now": scene.now, "burst": BURST}
        waiting += [(row.id, _data(row.data)) for row in run(scene.connection, OTHERS, values)]
    standing = which.chosen(scene, question.data, answer, "which_community")
    if standing is True and isinstance(answer, Answer) and answer.value == "no":
        for at, _ in waiting:
            run(scene.connection, FORGET, {"id": at})
    if isinstance(standing, bool):
        return standing
    left = False
    for at, data in sorted(waiting, key=lambda one: float(one[1].get("said_at") or 0.0)):
        left = _post(scene, standing, data) or left
        run(scene.connection, FORGET, {"id": at})
    run(scene.connection, SPOKE, {"id": scene.person.id, "community": standing.community_id, "now": scene.now})
    if left:
        scene.answer(scene.t.rich("Sent to **{community}**.", community=standing.community))
    return True


def _data(stored: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(stored) if isinstance(stored, str) else stored or {}
    return found


def _post(scene: Scene, standing: Standing, data: Mapping[str, Any]) -> bool:
    """Post it there; False: somebody's first words, which they are asked about."""
    scene.standing, scene.community_id = standing, standing.community_id
    with kept.said_again(scene, data) as event:
        if first.shown_back(scene):
            return False
        outcome = posting.talk(scene, event)
    return outcome != "held"  # its author was told that it waits


def plug(into: Hooks) -> None:
    """The two questions of the desk."""
    into.answers("post_this", post_this)
    into.answers("which_community", which_community)
