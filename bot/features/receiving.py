"""RECEIVE: where a member is told. A mailbox that is not yet theirs is asked once, and its OK moves them."""

from __future__ import annotations

from bot.commands import words
from bot.commands.desk import Hooks, Question, yes_no
from bot.commands.grammar import Answer, Call
from bot.core import codes, elsewhere, members, notices, preferring
from bot.core.members import Place, Standing
from bot.core.scene import Scene
from bot.text.rich import Rich

#: Mailboxes one member has asked in an hour.
IN_AN_HOUR = 5

REACHED = "UPDATE address SET status = 'active', status_why = '' WHERE id = :address AND status = 'unreachable'"
ASKED = """
    SELECT COUNT(*) AS asked FROM delivery d JOIN parcel p ON p.id = d.parcel_id
    WHERE d.key LIKE :key AND p.created_at > :since
"""


def receive(scene: Scene, call: Call) -> None:
    """RECEIVE mail, RECEIVE chloe@example.org."""
    standing = scene.standing
    if standing is None:
        return
    if "@" in call.argument:
        _at_mailbox(scene, standing, call.argument.split(",")[0].strip().lower())
    else:
        _by_channel(scene, standing, call.argument)


def _by_channel(scene: Scene, standing: Standing, channel: str) -> None:
    can = scene.house.channels[channel]
    label = can.label.get(scene.language, can.label["en"])
    owned = members.owned(scene.connection, standing.member_id)
    there = [place for place in owned if place.channel == channel and place.status != "lost"]
    # Of several: the one this was written from, or the one they are told at, or the one they used last.
    there.sort(key=lambda place: (place.id != scene.person.id, place.id != standing.address_id))
    reached = next((place for place in there if place.status == "active" or place.id == scene.person.id), None)
    if reached is not None:
        _move(scene, standing, reached)
    elif there:
        scene.answer(scene.t("I cannot reach you by {channel} just now. Write to me from there first.", channel=label))
    elif can.writes_first:
        scene.answer(scene.t("Which mailbox? Write RECEIVE and its address: RECEIVE chloe@example.org"))
    else:
        scene.answer(
            scene.t(
                "I do not know you by {channel} yet. Write LINK here, and send me the code from there.", channel=label
            )
        )


def _at_mailbox(scene: Scene, standing: Standing, remote: str) -> None:
    channel = next((name for name, can in scene.house.channels.items() if can.writes_first), None)
    if channel is None:
        scene.answer(scene.t("I have no mailbox to write from."))
        return
    address = members.meet(scene.connection, channel, scene.house.accounts[channel], remote)
    if address.member_id == standing.member_id and address.status != "lost":
        _move(scene, standing, address)
        return
    asked = scene.rows(ASKED, key=f"receive:{standing.id}:%", since=scene.now - codes.HOUR)[0].asked
    if asked >= IN_AN_HOUR:
        scene.answer(scene.t("That is a lot of mailboxes for one hour. Please try again later."))
        return
    subject, asking = words.receive_asked(scene.language, community=standing.community, name=standing.name)
    # Once: a mailbox that does not answer is left alone. Nothing is said of whose it may be.
    parcel = notices.owe(
        scene.connection, address.id, asking, language=scene.language, subject=subject, community=scene.community,
        key=f"receive:{standing.id}:{address.id}",
    )  # fmt: skip
    if parcel:
        # Several members may have asked the same mailbox; each mail is answered by a reply to it.
        notices.ask(
            scene.connection, parcel, address.id, "receive", {"membership": standing.id, "from": scene.here.id},
            community=standing.community_id, several=True,
        )  # fmt: skip
        scene.answer(words.receive_waits(scene.language, address=remote))
        return
    scene.answer(
        scene.t(
            "I have written to {address} before, and I do so only once. An OK to that mail still counts. If it is lost, "
            "write LINK here, and send me the code from that mailbox.",
            address=remote,
        )
    )


def agreed(scene: Scene, question: Question, answer: Answer | Rich) -> bool:
    """The mailbox said OK: it is theirs, and there they are told."""
    if not isinstance(answer, Answer) or answer.value not in ("yes", "no"):
        return False
    standing = members.successor(scene.connection, int(question.data["membership"]))
    if answer.value == "no" or standing is None or standing.status != "active":
        # Nothing more will come; but who asked was told that an OK to this mail counts, so it must, whenever it comes.
        if standing is not None and question.parcel_id is not None:
            notices.ask(
                scene.connection, question.parcel_id, scene.here.id, "receive", question.data,
                community=question.community_id, several=True, by_reply=True,
            )  # fmt: skip
        return True
    if scene.person.member_id not in (None, standing.member_id):
        scene.answer(
            scene.t(
                "This mailbox is a member's already. If you are that member, write LINK here, and type the code where "
                "you asked for this: the two become one."
            )
        )
        return True
    members.own(scene.connection, scene.person.id, standing.member_id)
    scene.person = scene.here = members.place(scene.connection, scene.person.id)
    scene.standings = members.standings(scene.connection, standing.member_id)
    scene.standing, scene.community_id = standing, standing.community_id
    scene.audit("linked", subject=("address", scene.person.id))
    channel, before = scene.person.channel, standing.address_id
    _move(scene, standing, scene.person)
    # Each of their other addresses hears of the new one; where they were told until now, they just heard more.
    for place in members.owned(scene.connection, standing.member_id):
        if place.id not in (scene.person.id, before) and place.status == "active":
            can = scene.house.channels[channel]
            label = can.label.get(standing.language, can.label["en"])
            scene.tell(
                standing, words.linked(standing.language, channel=label, here=False, receives=label), address=place.id
            )
    return True


def _move(scene: Scene, standing: Standing, address: Place) -> None:
    """Tell them at `address` from now on; said here, there, and where it was until now."""
    can = scene.house.channels[address.channel]
    preferring.prefer(scene.connection, standing, address, can.default_pace)
    if address.status == "unreachable":
        scene.execute(REACHED, address=address.id)
    scene.audit("receives", subject=("address", address.id))
    label = can.label.get(scene.language, can.label["en"])
    words_ = words.receive_now(scene.language, channel=label)
    rooms = elsewhere.rooms(scene.connection, standing)
    if rooms and not elsewhere.wants(scene.connection, standing):
        # Whoever reads in a room is told nothing twice; they may not know that when they ask.
        asking = words.elsewhere_asked(scene.language, rooms=rooms, channel=label)
        scene.answer(words_ + "\n" + asking, buttons=yes_no(scene), ask="elsewhere")
    else:
        scene.answer(words_)
    for place in {address.id, standing.address_id} - {scene.here.id, None}:
        if place is not None and members.place(scene.connection, place).status == "active":
            scene.tell(standing, words_, address=place)


def plug(into: Hooks) -> None:
    """Attach what happens."""
    into.commands.handle("receive", receive)
    into.answers("receive", agreed)
