"""One person, several addresses. LINK gives a code, typed on the other messenger or mailbox and confirmed there.

Two members who turn out to be one person become one. UNLINK takes an address away, ADDRESSES lists them.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.commands import safety, words
from bot.commands.desk import Hooks, Question, yes_no
from bot.commands.entry import enter_code
from bot.commands.grammar import Answer, Call
from bot.core import codes, fallback, leaving, losing, members, merging, preferring
from bot.core.codes import Code
from bot.core.members import Place, Standing
from bot.core.scene import Scene
from bot.i18n import translator
from bot.text.masked import masked
from bot.text.rich import Rich, bold, join

#: The code was typed in time; the answer to "is that you?" may take longer, by mail.
ANSWER_WITHIN = 86400.0

GIVEN_UP = """
    UPDATE address SET member_id = NULL, stands_in = :yes, verified_at = NULL, thread_id = NULL, thread_at = NULL, spoke_to = NULL,
        powers_at = NULL, suspended_at = NULL, status = CASE WHEN status = 'lost' THEN 'active' ELSE status END
    WHERE id = :address
"""
NOT_WANTED = "UPDATE membership SET wanted_id = NULL, wanted_why = '' WHERE wanted_id = :address"
UNASKED = "DELETE FROM question WHERE address_id = :address"


def link(hooks: Hooks, scene: Scene, call: Call) -> bool:
    """LINK: a code for the other side. LINK CODE: here is that other side."""
    standing = scene.standing
    if call.argument:
        enter_code(hooks, scene, call.argument)
        return True
    if standing is None:
        return False
    if scene.person.suspended_at is not None and not safety.may_change(scene):
        return True
    codes.end_links(scene.connection, standing.member_id)
    code = codes.make(
        scene.connection, scene.house.tokens, purpose="link", community=standing.community_id, member=standing.member_id,
        membership=standing.id, address=scene.here.id,
    )  # fmt: skip
    others = [name for name in scene.house.channels if name != scene.here.channel] or [scene.here.channel]
    scene.answer(
        words.link_code(scene.language, code=code, channels=[_label(scene, one) for one in others]), secret=True
    )
    return True


def typed(scene: Scene, code: Code) -> bool:
    """A link's code came: tell whose it is, and ask whether that is the sender."""
    owner = _owner(scene, code.membership_id)
    if owner is None:
        return False
    if scene.person.member_id == owner.member_id:
        _same(scene, code)
        return True
    alone = next((s for s in scene.standings if leaving.organizes_alone(scene.connection, s)), None)
    if alone is not None:
        # Roles are not inherited: this way round the community would be left without an organizer.
        scene.answer(
            scene.t.rich(
                "You are the only organizer of **{community}** here. Write LINK here, and type the code on the other side.",
                community=alone.community,
            )
        )
        return True
    if not codes.spend(scene.connection, code, asking=True):
        return False
    if scene.standing is None:
        scene.community_id = owner.community_id
    merges = any(one.status == "active" for one in scene.standings)
    asking = words.link_asked(scene.language, name=owner.name, community=owner.community, merges=merges)
    data = {"owner": owner.id, "code": code.id}
    scene.answer(asking, buttons=yes_no(scene), ask="link", data=data, lasts=ANSWER_WITHIN)
    return True


def _same(scene: Scene, code: Code) -> None:
    """The owner's own code, made at another address: it confirms a device that is not the one we knew."""
    if scene.person.suspended_at is None or code.address_id == scene.person.id:
        scene.answer(scene.t("This is one of your addresses already."))
    elif codes.spend(scene.connection, code):
        losing.confirm(scene.connection, scene.person.id)
        scene.audit("confirmed", subject=("address", scene.person.id))
        scene.answer(safety.device_confirmed(scene.language, channel=_label(scene, scene.person.channel)))


def confirmed(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES: the address is theirs; if it was another member's, the two are one."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    owner = _owner(scene, int(question.data["owner"]))
    alone = any(leaving.organizes_alone(scene.connection, s) for s in scene.standings)
    if answer.value == "no" or owner is None or (alone and scene.person.member_id != owner.member_id):
        scene.answer(words.nothing_done(scene.language) if owner else scene.t("That is not possible any more."))
        return True
    if not codes.accepted(scene.connection, int(question.data.get("code", 0))):
        scene.answer(scene.t("That is not possible any more."))
        return True
    other = scene.person.member_id
    if other is None:
        members.own(scene.connection, scene.person.id, owner.member_id)
        _turn_to(scene, owner)
        scene.audit("linked", subject=("address", scene.person.id))
        _tell_linked(scene, owner)
    elif other != owner.member_id:
        merging.merge(scene.connection, owner.member_id, other)
        _turn_to(scene, owner)
        scene.audit("merged", subject=("member", other))
        _tell_merged(scene, owner)
    return True


def _owner(scene: Scene, membership: int | None) -> Standing | None:
    """Who made the code, if they are still there."""
    found = members.successor(scene.connection, membership) if membership is not None else None
    return found if found is not None and found.status == "active" else None


def _turn_to(scene: Scene, owner: Standing) -> None:
    """The sender is now the owner."""
    scene.person = members.place(scene.connection, scene.person.id)
    scene.here = scene.person if scene.here.id == scene.person.id else scene.here
    scene.standings = members.standings(scene.connection, owner.member_id)
    scene.standing = next((s for s in scene.standings if s.id == owner.id), owner)
    scene.community_id = owner.community_id


def _tell_linked(scene: Scene, owner: Standing) -> None:
    receives = _receives(scene, owner)
    said = words.linked(
        scene.language, channel=_label(scene, scene.here.channel), here=True, receives=_label(scene, receives)
    )
    _answer_and_ask(scene, owner, said)
    for place in _others(scene, owner.member_id, {scene.person.id}):
        channel, receiving = (_label(scene, one, owner.language) for one in (scene.here.channel, receives))
        told = words.linked(owner.language, channel=channel, here=False, receives=receiving)
        scene.tell(owner, told, address=place.id)


def _tell_merged(scene: Scene, owner: Standing) -> None:
    def said(language: str) -> Rich:
        by = _label(scene, _receives(scene, scene.standing or owner), language)
        receives = translator(language)("You receive the messages by {channel}. To change that: RECEIVE", channel=by)
        return join([words.merged(language, name=owner.name), receives], "\n")

    _answer_and_ask(scene, owner, said(scene.language))
    for place in _others(scene, owner.member_id, {scene.person.id}):
        scene.tell(owner, said(owner.language), address=place.id)


def _answer_and_ask(scene: Scene, owner: Standing, said: Rich) -> None:
    """Say it here, and ask whether this address may serve while the others' channels are away."""
    others = dict.fromkeys(p.channel for p in _others(scene, owner.member_id, {scene.person.id}))
    away = [_label(scene, one) for one in others if one != scene.here.channel]
    if not away:
        scene.answer(said)
        return
    asking = words.stands_in_asked(scene.language, channels=away)
    data = {"address": scene.person.id}
    scene.answer(said + "\n" + asking, buttons=yes_no(scene), ask=fallback.KIND, data=data)


def _receives(scene: Scene, standing: Standing) -> str:
    """The channel this member is told on."""
    if standing.address_id is None:
        return scene.here.channel
    return members.place(scene.connection, standing.address_id).channel


def _others(scene: Scene, member: int, but: Collection[int]) -> list[Place]:
    """The member's other addresses that can be reached."""
    return [p for p in members.owned(scene.connection, member) if p.id not in but and p.status == "active"]


def asks_unlink(scene: Scene, call: Call) -> Rich | None:
    """The second word."""
    found = _to_unlink(scene, call)
    if found is None:
        return None
    shown = masked(found[0].remote)
    place = _label(scene, found[0].channel) + (f" ({shown})" if shown else "")
    return scene.t.rich("Shall **{place}** no longer be one of your addresses? **YES** · **NO**", place=place)


def unlink(scene: Scene, call: Call) -> None:
    """UNLINK: an address is no longer theirs."""
    found = _to_unlink(scene, call)
    if found is not None and scene.standing is not None:
        _unlink(scene, scene.standing, *found)


def _to_unlink(scene: Scene, call: Call) -> tuple[Place, list[Place]] | None:
    """Which one, and what is left. The last one stays: without it nobody could be told anything."""
    standing = scene.standing
    if standing is None or not safety.may_change(scene):
        return None
    owned = [
        place for place in members.owned(scene.connection, standing.member_id) if place.channel in scene.house.channels
    ]
    meant = [place for place in owned if call.argument in (place.channel, place.remote)]
    if len(meant) > 1:
        meant = [place for place in meant if place.id != scene.here.id]
    rest = [place for place in owned if place not in meant]
    if not meant:
        scene.answer(scene.t("That is none of your addresses. ADDRESSES lists them."))
    elif len(meant) > 1:
        shown = [masked(place.remote) or _label(scene, place.channel) for place in meant]
        scene.answer(scene.t("Which one: {places}?", places=scene.t.listing(shown, last="or")))
    elif not any(place.status == "active" for place in rest):
        scene.answer(scene.t("This is the only address of yours that works. To leave: LEAVE"))
    else:
        return meant[0], rest
    return None


def _unlink(scene: Scene, standing: Standing, gone: Place, rest: list[Place]) -> None:
    best = next(place for place in rest if place.status == "active")
    for one in members.standings(scene.connection, standing.member_id):
        if one.address_id == gone.id:
            preferring.prefer(scene.connection, one, best, scene.house.channels[best.channel].default_pace)
    scene.execute(GIVEN_UP, address=gone.id, yes=True)
    scene.execute(NOT_WANTED, address=gone.id)
    scene.execute(UNASKED, address=gone.id)
    scene.audit("unlinked", subject=("address", gone.id))
    scene.answer(words.unlinked(scene.language, channel=_label(scene, gone.channel)))
    # The others learn of it, and so does the address itself: somebody else may have written this.
    told = words.unlinked(standing.language, channel=_label(scene, gone.channel, standing.language))
    for place in [*_others(scene, standing.member_id, {scene.here.id}), gone]:
        if place.id != scene.here.id and place.status == "active":
            scene.tell(standing, told, address=place.id)


def addresses(scene: Scene, call: Call) -> None:  # noqa: ARG001 - a command's shape
    """ADDRESSES: where the member can be reached, never in full."""
    standing = scene.standing
    if standing is None:
        return
    if scene.in_room and scene.private is None:
        scene.answer(scene.t("Write that to me in private."))
        return
    lines = [Rich(scene.t("You can be reached here:"))]
    for place in members.owned(scene.connection, standing.member_id):
        shown = masked(place.remote)
        line = Rich("• ") + bold(_label(scene, place.channel)) + (f" ({shown})" if shown else "")
        if place.id == standing.address_id:
            line = line + " — " + scene.t("here you receive the messages")
        if place.id == standing.wanted_id:
            line = line + " — " + scene.t("here you receive them again as soon as it works")
        if place.status == "lost":
            line = line + " — " + scene.t("lost")
        elif place.suspended_at is not None:
            line = line + " — " + scene.t("another device than before: to be confirmed")
        elif place.status != "active":
            line = line + " — " + scene.t("cannot be reached just now")
        lines.append(line)
    lines.append(
        Rich(scene.t("Add one: LINK. Take one away: UNLINK. Lost or stolen: LOST. Receive elsewhere: RECEIVE."))
    )
    scene.answer(join(lines, "\n"))


def _label(scene: Scene, channel: str, language: str = "") -> str:
    can = scene.house.channels.get(channel)
    return can.label.get(language or scene.language, can.label["en"]) if can else channel


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("link", lambda scene, call: link(into, scene, call))
    into.commands.handle("unlink", unlink)
    into.asks("unlink", asks_unlink)
    into.commands.handle("addresses", addresses)
    into.takes("link", typed)
    into.answers("link", confirmed)
