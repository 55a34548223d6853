"""RECOVER: an organizer brings back somebody who lost every way in. The code is told to all who could object.

It gives back the membership of this community and nothing else: what the person is elsewhere, others look after.
"""

from __future__ import annotations

from bot.commands import safety, words
from bot.commands.desk import Hooks, Question, yes_no
from bot.commands.grammar import Answer, Call
from bot.core import codes, leaving, losing, members, merging, preferring
from bot.core.codes import Code
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import translator
from bot.text.rich import Rich

#: The code was typed in time; the answer to "is that you?" may take longer, by mail.
ANSWER_WITHIN = 86400.0

ENDED = """
    UPDATE code SET uses_left = 0, outcome = 'withdrawn'
    WHERE purpose = 'recover' AND membership_id = :membership AND (uses_left > 0 OR outcome = 'asked')
"""
MEMBER = "INSERT INTO member (created_at) VALUES (:now) RETURNING id"
APART = "UPDATE membership SET member_id = :member WHERE id = :id"
ASLEEP = "UPDATE address SET powers_at = :powers_at WHERE id = :address"


def recover(scene: Scene, call: Call) -> None:
    """RECOVER Karim: a code for 72 hours, once."""
    standing = scene.standing
    if standing is None:
        return
    found = members.called(scene.connection, standing.community_id, call.argument)
    target = members.standing(scene.connection, found[0]) if len(found) == 1 else None
    if target is None:
        scene.answer(scene.t("I do not find that member. MEMBERS lists them all."))
        return
    if target.member_id == standing.member_id:
        scene.answer(scene.t("That is you, and you are here. Another organizer can bring you back."))
        return
    scene.execute(ENDED, membership=target.id)
    code = codes.make(
        scene.connection, scene.house.tokens, purpose="recover", community=standing.community_id,
        member=target.member_id, membership=target.id, address=scene.here.id,
    )  # fmt: skip
    scene.audit("recover", subject=("membership", target.id))
    scene.answer(safety.recover_code(scene.language, name=target.name, code=code), secret=True)
    made = codes.find(scene.connection, scene.house.tokens, code)
    data = {"code": made.id if made else 0, "by": standing.id}
    for other in scene.organizers():
        if other.id not in (standing.id, target.id) and other.address_id is not None:
            said = safety.recover_told(other.language, organizer=standing.name, name=target.name, own=False)
            safety.ask_at(scene.connection, other, other.address_id, said, "recover_told", data)
    for place in losing.elsewhere(scene.connection, target.member_id, 0):
        said = safety.recover_told(target.language, organizer=standing.name, name=target.name, own=True)
        safety.ask_at(scene.connection, target, place.id, said, "recover_told", data)


def objected(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """NO: the code is dead, and whoever made it knows."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    if answer.value == "yes":
        scene.answer(scene.t("Good."))
        return True
    code = codes.known(scene.connection, int(question.data["code"]))
    if code is None or not codes.ended(scene.connection, code):
        scene.answer(
            scene.t("It was used already. UNLINK takes a wrong address away; tell the organizers with CONTACT.")
        )
        return True
    scene.audit("recover_stopped", subject=("code", code.id))
    scene.answer(scene.t("The code is dead: nobody comes in with it."))
    maker = members.successor(scene.connection, int(question.data["by"]))
    if maker is not None and maker.status == "active" and scene.standing is not None:
        said = translator(maker.language)(
            "{name} said no: the code is dead. Please talk to them.", name=scene.standing.name
        )
        scene.tell(maker, said)
    return True


def typed(scene: Scene, code: Code) -> bool:
    """The code came: say whom it brings back, and ask whether that is the sender."""
    target = _target(scene, code.membership_id)
    if target is None:
        return False
    mine = scene.person.member_id == target.member_id
    if mine and scene.person.suspended_at is None:
        scene.answer(scene.t("This is one of your addresses already."))
        return True
    alone = next((s for s in scene.standings if leaving.organizes_alone(scene.connection, s)), None)
    if alone is not None and not mine:
        scene.answer(
            scene.t.rich(
                "You are the only organizer of **{community}** here: you stay who you are.", community=alone.community
            )
        )
        return True
    if not codes.spend(scene.connection, code, asking=True):
        return False
    scene.community_id = target.community_id
    asking = safety.recover_asked(scene.language, name=target.name, community=target.community)
    data = {"membership": target.id, "code": code.id}
    scene.answer(asking, buttons=yes_no(scene), ask="recover", data=data, lasts=ANSWER_WITHIN)
    return True


def confirmed(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES: the membership is theirs again."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    target = _target(scene, int(question.data["membership"]))
    alone = any(leaving.organizes_alone(scene.connection, s) for s in scene.standings)
    mine = target is not None and scene.person.member_id == target.member_id
    if answer.value == "no" or target is None or (alone and not mine):
        scene.answer(words.nothing_done(scene.language) if target else scene.t("That is not possible any more."))
        return True
    if not codes.accepted(scene.connection, int(question.data.get("code", 0))):
        scene.answer(scene.t("That is not possible any more."))
        return True
    _bring_back(scene, target)
    return True


def _target(scene: Scene, membership: int | None) -> Standing | None:
    found = members.successor(scene.connection, membership) if membership is not None else None
    return found if found is not None and found.status == "active" else None


def _bring_back(scene: Scene, target: Standing) -> None:
    connection, sender, place = scene.connection, scene.person.member_id, scene.person
    losing.restore(connection, target.id)
    if sender == target.member_id:
        losing.confirm(connection, place.id)
    else:
        member = _of_here_alone(scene, target)
        if sender is None:
            members.own(connection, place.id, member)
        else:
            merging.merge(connection, member, sender)
    scene.execute(ASLEEP, address=place.id, powers_at=scene.now + members.POWERS_AFTER)
    scene.person = members.place(connection, place.id)
    scene.here = scene.person if scene.here.id == place.id else scene.here
    back = members.standing(connection, target.id) or target
    preferring.prefer(connection, back, scene.person, scene.can.default_pace)
    scene.standings = members.standings(connection, scene.person.member_id)
    scene.standing = next((s for s in scene.standings if s.id == target.id), back)
    scene.community_id = target.community_id
    scene.audit("recovered", subject=("address", place.id))
    powers = scene.t.moment(scene.now + members.POWERS_AFTER, target.timezone) if target.appointed else ""
    scene.answer(safety.recovered(scene.language, name=target.name, powers=powers))
    channel = scene.person.channel
    for other in scene.organizers():
        if other.id != target.id:
            by = safety.label(scene, channel, other.language)
            scene.tell(other, safety.recovered_told(other.language, name=target.name, channel=by))

    def linked(language: str) -> Rich:
        by = safety.label(scene, channel, language)
        return words.linked(language, channel=by, here=False, receives=by)

    safety.told_everywhere(scene, back, place.id, linked)


def _of_here_alone(scene: Scene, target: Standing) -> int:
    """The person to be brought back: for somebody of several communities one of this community alone."""
    every = members.standings(scene.connection, target.member_id)
    if all(one.id == target.id or one.status == "former" for one in every):
        return target.member_id
    member = int(scene.rows(MEMBER, now=scene.now)[0].id)
    scene.execute(APART, member=member, id=target.id)
    return member


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("recover", recover)
    into.takes("recover", typed)
    into.answers("recover", confirmed)
    into.answers("recover_told", objected)
