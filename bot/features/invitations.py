"""Coming in: INVITE makes an invitation, JOIN opens one, YES makes a member.

Nobody receives anything before YES but one invitation; a mailbox gets one mail of it, ever. An organizer's code makes
an organizer from any channel.
"""

from __future__ import annotations

import re
from typing import Final

from bot.commands import guests, notes, words
from bot.commands import inviting as inviting_words
from bot.commands.desk import Hooks, Question, yes_no
from bot.commands.entry import enter_code
from bot.commands.grammar import Answer, Call
from bot.commands.guests import Guests
from bot.commands.own import typed
from bot.core import codes, communities, forgetting, inviting, members, notices, removing
from bot.core.codes import Code
from bot.core.members import Place, Standing
from bot.core.scene import Scene
from bot.i18n import language_of, translator
from bot.text.fold import display_name, fold
from bot.text.rich import Rich

#: "Yes, but …" is no yes.
DOUBTS: Final = frozenset({"mais", "but", "pas", "not", "si", "if", "non", "oui", "yes", "no"})

PEOPLE = "SELECT COUNT(*) AS people FROM membership WHERE community_id = :community AND status = 'active'"
SPOKEN_OF = """
    SELECT title, numbered FROM thread
    WHERE community_id = :community AND day IS NULL AND numbered > 0 AND last_at > :since
      AND EXISTS (SELECT 1 FROM message m WHERE m.thread_id = thread.id AND m.state IN ('visible', 'spreading'))
    ORDER BY last_at DESC LIMIT 3
"""


def invite(scene: Scene, call: Call) -> None:
    """INVITE: a code and a link, for somebody whose name may follow; with mail addresses, one mail to each."""
    standing = scene.standing
    if standing is None:
        return
    if "@" in call.given or "\n" in call.given:
        _by_mail(scene, standing, guests.read(call.given))
    elif (
        len([at for at in inviting.recent(scene.connection, standing.id, scene.now) if at <= scene.now])
        >= inviting.IN_AN_HOUR
    ):
        scene.answer(scene.t("That is a lot of invitations for one hour. Please go on a little later."))
    else:
        _by_code(scene, standing, display_name(call.given))


def _by_code(scene: Scene, standing: Standing, name: str) -> None:
    now = scene.now
    code, link = (
        codes.make(
            scene.connection, scene.house.tokens, purpose="invite", community=standing.community_id,
            membership=standing.id, name=name, link=link, at=now, origin=scene.here.id,
        )
        for link in (False, True)
    )  # fmt: skip
    ways = []
    for channel, can in scene.house.channels.items():
        place = scene.house.invite_link(channel, link) if can.invites_by_link else ""
        place = place or scene.house.address_of(channel)
        if place:
            ways.append((can.label.get(scene.language, can.label["en"]), place))
    scene.audit("invited")
    said = words.invitation_made(scene.language, community=standing.community, code=code, ways=ways)
    scene.answer(said, secret=True)


def _by_mail(scene: Scene, standing: Standing, listed: Guests) -> None:
    """One mail each. What is answered does not tell who is a member already, or was invited before."""
    connection, now = scene.connection, scene.now
    channel = next((name for name, can in scene.house.channels.items() if can.writes_first), None)
    if channel is None:
        scene.answer(scene.t("I have no mailbox to write from. INVITE alone gives you a code to pass on."))
        return
    if inviting.refusals(connection, standing.id, now) >= inviting.REFUSED_AT_MOST:
        scene.answer(scene.t("Several people you invited said no. INVITE alone gives you a code to pass on yourself."))
        return
    own = [one.address for one in listed.found if _is_own(scene, standing, channel, one.address)]
    wanted = [one for one in listed.found if one.address not in own]
    times = inviting.places(connection, standing.id, len(wanted), now)
    forgotten, account = forgetting.marks(connection), scene.house.accounts[channel]
    for one, leaves_at in zip(wanted, times, strict=False):
        address = members.meet(connection, channel, account, one.address)
        code = inviting.take_place(
            connection, standing, address, origin=scene.here.id, name=one.name, leaves_at=leaves_at, now=now
        )
        # Who asked to be forgotten is not written to again; a code that is passed on still brings them in.
        if code and scene.house.tokens.mark(channel, account, one.address) not in forgotten:
            _write(scene, standing, address, code, leaves_at)
    if times:
        scene.audit("invited", count=len(times))
    said = inviting_words.by_mail(
        scene.language, times=times, now=now, zone=standing.timezone, left_out=listed, own=own,
        too_many=len(wanted) - len(times),
    )  # fmt: skip
    scene.answer(said)


def _is_own(scene: Scene, standing: Standing, channel: str, address: str) -> bool:
    """The inviter's own mailbox, or the bot's, under any name it has."""
    ours, _, domain = scene.house.address_of(channel).lower().partition("@")
    local, _, at = address.partition("@")
    if at == domain and local.partition("+")[0] == ours:
        return True
    return any(place.remote == address for place in members.owned(scene.connection, standing.member_id))


def _write(scene: Scene, standing: Standing, address: Place, code: int, leaves_at: float) -> None:
    """The one mail (A3)."""
    connection, language = scene.connection, language_of(standing.community_language)
    subject, invitation = words.invitation_mail(
        language, community=standing.community, inviter=standing.name, people=_people(scene, standing.community_id),
        channels=_labels(scene, language), years=scene.house.keep_years,
    )  # fmt: skip
    parcel = notices.owe(
        connection, address.id, invitation, priority=1, language=language, subject=subject, due_at=leaves_at,
        community=(standing.community, standing.slug), key=f"invitation:{standing.community_id}:{address.id}",
    )  # fmt: skip
    inviting.owed(connection, code, parcel)
    data = {"code": code, "text": f"{words.CONSENT} {language}"}
    notices.ask(
        connection, parcel, address.id, "invitation", data, community=standing.community_id,
        lasts=leaves_at - scene.now + notices.REMEMBERED,
    )  # fmt: skip


def opened(scene: Scene, code: Code) -> bool:
    """An invitation's code came: the question (A1), unless they are here already."""
    if code.community_id is None:
        return False
    if not _invites(scene, code):
        return False
    inviter = members.successor(scene.connection, code.membership_id) if code.membership_id else None
    _about(scene, code.community_id)
    name = scene.community[0]
    if scene.standing is not None:
        scene.answer(scene.t.rich("You are a member of **{community}** already.", community=name))
        return True
    language, can = scene.language, scene.can
    asking = words.invitation(
        language, community=name, inviter=inviter.name if inviter else "", people=_people(scene, code.community_id),
        channels=_labels(scene, language), encrypted=[can.label.get(language, can.label["en"])] if can.encrypted else (),
        years=scene.house.keep_years,
    )  # fmt: skip
    data = {"code": code.id, "text": f"{words.CONSENT} {language}"}
    scene.answer(asking, buttons=yes_no(scene), ask="invitation", data=data)
    return True


def _invites(scene: Scene, code: Code) -> bool:
    """Whoever left invites nobody; and whom the organizers removed only an organizer can invite again."""
    inviter = members.successor(scene.connection, code.membership_id) if code.membership_id else None
    if code.membership_id and (inviter is None or inviter.status != "active"):
        return False
    if not removing.is_removed(scene.connection, code.community_id, scene.person.member_id):
        return True
    return inviter is not None and inviter.organizes


def answered(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """YES makes a member, NO ends it; anything else is asked again in a chat, and left alone in a mail."""
    if question.community_id is None:
        return False
    was = scene.standing, scene.community_id
    _about(scene, question.community_id)
    code = codes.known(scene.connection, int(question.data["code"]))
    meant = answer.value if isinstance(answer, Answer) else _meant(answer.text)
    match meant:
        case "yes":
            _joins(scene, code, str(question.data.get("text", "")))
        case "no":
            if code is not None and code.address_id is not None:
                inviting.said_no(scene.connection, code.address_id)
            elif code is not None:
                inviting.refused(scene.connection, codes.decline(scene.connection, code))
            if not scene.can.writes_first:  # one mail ever: not even this one
                scene.answer(words.declined(scene.language, community=scene.community[0]))
        case _ if scene.can.writes_first or was[0] is not None:
            scene.standing, scene.community_id = was
            return False
        case _:
            scene.answer(notes.join_first(scene.language), buttons=yes_no(scene), ask="invitation", data=question.data)
    return True


def _meant(said: str) -> str:
    """YES and NO as people write them to somebody: "Oui, avec plaisir !", "Non merci". In doubt, neither."""
    start, end = typed(said)
    first = fold(said[start:end].strip().partition("\n")[0])
    words_ = re.findall(r"[\w']+", first)
    if not words_ or len(words_) > 6 or "?" in first or DOUBTS.intersection(words_[1:]):
        return ""
    return "yes" if words_[0] in ("yes", "oui") else "no" if words_[0] in ("no", "non") else ""


def _joins(scene: Scene, code: Code | None, consent_text: str) -> None:
    """Consent was given: when, how, by whom invited, to which words; then the welcome (A2)."""
    community = scene.community_id or 0
    if scene.standing is not None:
        scene.answer(scene.t.rich("You are a member of **{community}** already.", community=scene.standing.community))
        return
    if code is None or not _invites(scene, code) or not codes.spend(scene.connection, code):
        scene.answer(notes.wrong_code(scene.language))
        return
    inviter = members.successor(scene.connection, code.membership_id) if code.membership_id else None
    made = _enter(
        scene, community, how="invitation", consent_text=consent_text, name=code.name, invited_by=code.membership_id
    )
    spoken_of = scene.rows(SPOKEN_OF, community=community, since=scene.now - 14 * 86400)
    threads = [(row.title, row.numbered) for row in spoken_of]
    scene.answer(words.welcome(scene.language, name=made.name, threads=threads))
    if inviter is not None and inviter.status == "active":
        t = translator(inviter.language)
        joined = t.rich(
            "**{name}**, whom you invited, is now in {community}.",
            name=made.name,
            community=inviter.community,
        )
        scene.tell(inviter, joined)


def organizes(scene: Scene, code: Code) -> bool:
    """An organizer's code came: whoever brings it organizes the community, and is in it."""
    if code.community_id is None or not codes.spend(scene.connection, code):
        return False
    _about(scene, code.community_id)
    _enter(scene, code.community_id, how="organizer code", consent_text="organizer code", role="organizer")
    scene.answer(words.organizer_made(scene.language, community=scene.community[0]))
    return True


def _enter(
    scene: Scene,
    community: int,
    *,
    how: str,
    consent_text: str,
    name: str = "",
    role: str = "member",
    invited_by: int | None = None,
) -> Standing:
    """Make the sender a member, and the scene theirs."""
    language = scene.language
    network = scene.event.sender.name or scene.person.name
    membership = communities.enter(
        scene.connection, community, scene.person, scene.can,
        name=display_name(name) or display_name(network) or translator(language)("Member"),
        how=how, consent_text=consent_text, role=role, language=language, invited_by=invited_by,
    )  # fmt: skip
    here = scene.here.id == scene.person.id
    scene.person = members.place(scene.connection, scene.person.id)
    scene.here = scene.person if here else scene.here
    scene.standings = members.standings(scene.connection, scene.person.member_id)
    scene.standing = made = next(one for one in scene.standings if one.id == membership)
    scene.audit("joined", subject=("membership", membership), how=how)
    return made


def _about(scene: Scene, community: int) -> None:
    """From now on the scene is about this community."""
    scene.community_id = community
    scene.standing = next((s for s in scene.standings if s.community_id == community and s.status == "active"), None)


def _people(scene: Scene, community: int) -> int:
    return int(scene.rows(PEOPLE, community=community)[0].people)


def _labels(scene: Scene, language: str) -> list[str]:
    return [can.label.get(language, can.label["en"]) for can in scene.house.channels.values()]


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("invite", invite)
    into.commands.handle("join", lambda scene, call: enter_code(into, scene, call.argument))
    into.takes("invite", opened)
    into.takes("organizer", organizes)
    into.answers("invitation", answered)
    into.clock.every(3600.0, codes.tidy)
