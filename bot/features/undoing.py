"""UNDO: of leaving, said by somebody who has left; of two members who became one, both for seven days; of FORGETME, for three."""

from __future__ import annotations

from bot.commands import parting, words
from bot.commands.desk import Hooks, Question, yes_no
from bot.commands.grammar import Answer, Call
from bot.core import forgetting, leaving, members, merging, undos
from bot.core.scene import Scene
from bot.core.undos import Undo
from bot.i18n import translator
from bot.text.rich import Rich


def undo(scene: Scene, call: Call) -> bool:  # noqa: ARG001 - a command's shape
    """Take back what was done last."""
    member = scene.person.member_id
    found = undos.latest(scene.connection, member) if member is not None else None
    if found is not None and found.kind == "leave":
        _come_back(scene, found)
    elif found is not None and found.kind == forgetting.KIND:
        parting.take_back(scene, found)
    elif found is not None:
        _ask_to_part(scene, found)
    elif scene.standing is None:
        scene.answer(scene.t("There is nothing I could take back. To come back, ask a member for an invitation."))
    else:
        scene.answer(scene.t("There is nothing I could take back."))
    return True


def _come_back(scene: Scene, found: Undo) -> None:
    standing = leaving.come_back(scene.connection, found)
    if standing is None:
        scene.answer(scene.t("There is nothing I could take back."))
        return
    scene.standing, scene.community_id = standing, standing.community_id
    scene.audit("came_back", subject=("membership", standing.id))
    scene.answer(words.came_back(scene.language, community=standing.community))


def _ask_to_part(scene: Scene, found: Undo) -> None:
    """It changes what others see, and "oops" is soon said: a second word."""
    when = scene.t.date(found.created_at, scene.standing.timezone if scene.standing else "UTC")
    asking = scene.t.rich(
        "On {date} two members became one: you. Shall they be two again, each with their own addresses and messages? "
        "**YES** · **NO**",
        date=when,
    )
    scene.answer(asking, buttons=yes_no(scene), ask="part", data={"undo": found.id})


def parts(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES: two again."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    found = undos.known(scene.connection, int(question.data["undo"]))
    if answer.value == "no" or found is None:
        scene.answer(words.nothing_done(scene.language))
        return True
    both = merging.unmerge(scene.connection, found, scene.house.channels)
    scene.audit("parted", subject=("member", both[1]))
    scene.person = members.place(scene.connection, scene.person.id)
    scene.here = scene.person if scene.here.id == scene.person.id else scene.here
    scene.standings = members.standings(scene.connection, scene.person.member_id)
    active = [one for one in scene.standings if one.status == "active"]
    scene.standing = next((s for s in active if s.community_id == scene.community_id), active[0] if active else None)
    scene.answer(_parted(scene.language))
    told = {scene.here.id}
    for member in both:
        for one in members.standings(scene.connection, member):
            if one.status == "active" and one.address_id is not None and one.address_id not in told:
                told.add(one.address_id)
                scene.tell(one, _parted(one.language))
    return True


def _parted(language: str) -> Rich:
    return translator(language).rich(
        "You are two members again, each with their own name, addresses and messages. ADDRESSES tells which are yours here."
    )


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("undo", undo)
    into.answers("part", parts)
