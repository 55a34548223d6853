"""The words about lost addresses, ways back in and devices that are not the same; and who may take an address away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from bot.core import members, notices
from bot.core.bridge import named
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import language_of, translator
from bot.text.rich import Rich, join


def may_change(scene: Scene) -> bool:
    """Tell whether addresses may be added and taken away from here; if not, that was said.

    Not from one whose device is another than it was, nor, where an organizer's powers are at stake, from a new one.
    """
    standing, person = scene.standing, scene.person
    if person.suspended_at is not None:
        scene.answer(
            scene.t(
                "This needs to be confirmed first: your device is not the one I knew. Answer the question I sent to "
                "your other address, or ask an organizer to bring you back with RECOVER."
            )
        )
        return False
    if standing is not None and standing.appointed and person.sleeps_until > scene.now:
        moment = scene.t.moment(person.sleeps_until, standing.timezone)
        scene.answer(
            scene.t("This address is new: until {moment} it changes no other. Write it from there.", moment=moment)
        )
        return False
    return True


def label(scene: Scene, channel: str, language: str = "") -> str:
    """How sentences name a channel."""
    return named(scene.house.channels, channel, language or scene.language)


def ask_at(
    connection: Connection,
    who: Standing,
    address: int,
    words: Rich,
    kind: str,
    data: Mapping[str, Any],
    *,
    key: str = "",
) -> int:
    """Ask a member something at one of their addresses, at any hour. Returns the parcel."""
    parcel = notices.owe(
        connection, address, words, membership=who.id, language=language_of(who.language), key=key,
        community=(who.community, who.slug),
    )  # fmt: skip
    if parcel:
        notices.ask(
            connection, parcel, address, kind, data, membership=who.id, community=who.community_id, several=True,
            lasts=7 * 86400.0,
        )  # fmt: skip
    return parcel


def tell_at(connection: Connection, who: Standing, address: int, words: Rich) -> int:
    """Tell a member something at one of their addresses, at any hour."""
    return notices.owe(
        connection, address, words, membership=who.id, language=language_of(who.language),
        community=(who.community, who.slug),
    )  # fmt: skip


def lost_asked(language: str, *, channel: str, name: str = "") -> Rich:
    """The second word; `name`: an organizer says it of somebody."""
    t = translator(language)
    first = (
        t.rich("**{channel}** of **{name}** is lost or in other hands?", channel=channel, name=name)
        if name
        else t.rich("Your **{channel}** is lost or in other hands?", channel=channel)
    )
    rest = t.rich("Then nothing more goes there, and what is written from there is not heard. **YES** · **NO**")
    return join([first, rest], " ")


def lost(language: str, *, channel: str, receives: str = "", room: bool = False) -> Rich:
    """To whose it was. `receives`: where they are told from now on; `room`: it is also in a group."""
    t = translator(language)
    said = t.rich(
        "**{channel}** counts as lost: nothing more goes there, what is written from there is not heard, and the codes "
        "made there are dead. Found again? Write LINK here and send me the code from there.",
        channel=channel,
    )
    lines = [said]
    if receives:
        lines.append(Rich(t("You receive the messages by {channel}. To change that: RECEIVE", channel=receives)))
    if room:
        lines.append(Rich(t("It is still in a group, where whoever has it can read: have it taken out there.")))
    return join(lines, "\n")


def recover_code(language: str, *, name: str, code: str) -> Rich:
    """To the organizer who asked."""
    return translator(language).rich(
        "Give this to **{name}** yourself, face to face or on the telephone: **{code}**. They send it to me from their "
        "new messenger or mailbox, within 72 hours, once. The other organizers know of it.",
        name=name,
        code=code,
    )


def recover_told(language: str, *, organizer: str, name: str, own: bool) -> Rich:
    """To the other organizers, and to every address the person has left (`own`)."""
    t = translator(language)
    if own:
        return t.rich(
            "{organizer} has made a code that brings you back on another messenger or mailbox, good for 72 hours. Did you "
            "not ask for that? Answer **NO**, and it is dead.",
            organizer=organizer,
        )
    return t.rich(
        "{organizer} has made a code that brings **{name}** back on another messenger or mailbox, good for 72 hours. Is "
        "that not right? Answer **NO**, and it is dead.",
        organizer=organizer,
        name=name,
    )


def recover_asked(language: str, *, name: str, community: str) -> Rich:
    """To whoever typed the code."""
    return translator(language).rich(
        "This code brings **{name}** back ({community}): name, threads and messages. Is that you? **YES** · **NO**",
        name=name,
        community=community,
    )


def recovered(language: str, *, name: str, powers: str = "") -> Rich:
    """To who is back; `powers`: when those of an organizer are."""
    t = translator(language)
    said = t.rich(
        "Welcome back, **{name}**. You receive the messages here; your threads are yours as before.", name=name
    )
    if powers:
        said = said + " " + t("What only organizers can do, you can do again from {moment}.", moment=powers)
    return said


def recovered_told(language: str, *, name: str, channel: str) -> Rich:
    """To the organizers."""
    return translator(language).rich("**{name}** is back, by {channel}.", name=name, channel=channel)


def device_asked(language: str, *, channel: str) -> Rich:
    """At another address of who has, it seems, another device."""
    return translator(language).rich(
        "Your **{channel}** shows another safety number: it was set up anew, by you or by somebody else. Was that you? "
        "Answer **YES**. If not, answer **NO**, and nothing more goes there.",
        channel=channel,
    )


def device_told(language: str, *, name: str, channel: str) -> Rich:
    """To the organizers, of somebody who has no other address."""
    return translator(language).rich(
        "**{channel}** of **{name}** shows another safety number: it was set up anew, by them or by somebody else. Ask "
        "them by another way; then RECOVER and their name gives you a code to confirm it with.",
        name=name,
        channel=channel,
    )


def device_confirmed(language: str, *, channel: str) -> Rich:
    """Thanks."""
    return translator(language).rich("Thank you: **{channel}** is yours as before.", channel=channel)


def told_everywhere(scene: Scene, owner: Standing, but: int, said: Any) -> None:
    """Tell a person at each address of theirs that works; `said` makes the words in a language."""
    for place in members.owned(scene.connection, owner.member_id):
        if place.id != but and place.status == "active":
            scene.tell(owner, said(owner.language), address=place.id)
