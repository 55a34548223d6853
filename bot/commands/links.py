"""The words about addresses and codes: receiving elsewhere, joining two addresses, inviting, becoming an organizer.

Served from `words.py` like all the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator, translator
from bot.text.rich import Rich, join


def receive_now(language: str, *, channel: str) -> Rich:
    """The preferred channel has changed, told there and where the command was given."""
    return translator(language).rich(
        "From now on you receive everything by **{channel}**. Your threads go on there. To change again: RECEIVE",
        channel=channel,
    )


def receive_waits(language: str, *, address: str) -> Rich:
    """A mailbox that is not yet theirs was asked; `address` is what they typed."""
    return translator(language).rich(
        "I have written to {address}. As soon as it answers OK, you will receive everything there; until then, here.",
        address=address,
    )


def receive_asked(language: str, *, community: str, name: str) -> tuple[str, Rich]:
    """To that mailbox, once: subject and words."""
    t = translator(language)
    words = t.rich(
        "{name} would like to receive the messages of **{community}** here. If that is you, answer **OK** to this mail. "
        "If not, do nothing: nothing more will come.",
        name=name,
        community=community,
    )
    return t("Receive {community} in this mailbox?", community=community), words


def link_code(language: str, *, code: str, minutes: int = 15, channels: Sequence[str] = ()) -> Rich:
    """The code that joins another address to this person; `channels` are those it can be typed on."""
    t = translator(language)
    where = t.listing(channels, last="or")
    return t.rich(
        "Write me this from your other messenger or mailbox ({channels}), within {minutes} minutes: **{code}**. "
        "Give it to nobody else: whoever sends it speaks in your name.",
        channels=where,
        minutes=minutes,
        code=code,
    )


def link_asked(language: str, *, name: str, community: str, merges: bool = False) -> Rich:
    """On the side that typed a code: whose it is. `merges`: both are members already."""
    t = translator(language)
    question = t.rich("This code joins you to **{name}** ({community}).", name=name, community=community)
    if merges:
        question = question + " " + t("You two become one: one name, one list of threads; it can be undone for 7 days.")
    return question + " " + t.rich("Is that you? **YES** · **NO**")


def linked(language: str, *, channel: str, here: bool, receives: str) -> Rich:
    """Both sides are told. `channel` was added; `here`: the reader is on it; `receives`: where messages go."""
    t = translator(language)
    done = (
        t("Done: this is now one of your addresses.")
        if here
        else t("{channel} is now one of your addresses. If that was not you: UNLINK {channel}", channel=channel)
    )
    return join([done, t("You receive the messages by {channel}. To change that: RECEIVE", channel=receives)], "\n")


def stands_in_asked(language: str, *, channels: Sequence[str]) -> Rich:
    """Where an address was linked: may it serve while the others are away? Nothing said is yes."""
    t = translator(language)
    return t.rich(
        "If {channel} is ever away for more than an hour, shall I send you the messages here meanwhile? **YES** · **NO** "
        "(If you say nothing, I will.)",
        channel=t.listing(channels, last="or"),
    )


def merged(language: str, *, name: str, days: int = 7) -> Rich:
    """Two members have become one, told on both sides."""
    return translator(language).rich_n(
        "You are now one member, **{name}**, with all your addresses and threads. UNDO within {count} day parts you again.",
        "You are now one member, **{name}**, with all your addresses and threads. UNDO within {count} days parts you again.",
        days,
        name=name,
    )


def unlinked(language: str, *, channel: str) -> Rich:
    """An address was taken away."""
    return translator(language).rich("**{channel}** is no longer one of your addresses.", channel=channel)


def invitation_made(
    language: str, *, community: str, code: str, ways: Sequence[tuple[str, str]], days: int = 30
) -> Rich:
    """For who invites: the code, and what to open or write to on each channel (`ways`: label, link or address)."""
    t = translator(language)
    head = t.rich_n(
        "An invitation to **{community}**, good for {count} day: **{code}**",
        "An invitation to **{community}**, good for {count} days: **{code}**",
        days,
        community=community,
        code=code,
    )
    lines = [Rich(t("{channel}: {place}", channel=channel, place=place)) for channel, place in ways]
    ending = t("The person opens one of these, or sends me the code. Nothing is sent to them before they say yes.")
    return join([head, *lines, ending], "\n")


def organizer_code(
    language: str,
    *,
    community: str,
    code: str,
    ways: Sequence[tuple[str, str, str]],
    lacking: bool = True,
    hours: int = 1,
) -> Rich:
    """For the screen of whoever runs the program: the code that makes an organizer from any channel.

    `ways`: label, link and address of each channel that is on, the last two empty where there is none.
    """
    t = translator(language)
    if lacking:
        head = t.rich_n(
            "{community} has no organizer who can be reached. Within {count} hour, send me this code: **{code}**",
            "{community} has no organizer who can be reached. Within {count} hours, send me this code: **{code}**",
            hours,
            community=community,
            code=code,
        )
    else:
        head = t.rich_n(
            "Whoever sends me this code within {count} hour becomes an organizer of {community}: **{code}**",
            "Whoever sends me this code within {count} hours becomes an organizer of {community}: **{code}**",
            hours,
            community=community,
            code=code,
        )
    lines = [_way(t, *way) for way in ways]
    if not ways:
        lines.append(t("No channel is on, so nobody can send it yet. Write the section of one into the configuration."))
    elif not any(link for _, link, _ in ways):
        lines.append(t("There is nothing to open or to scan here, for no channel has a link: type the code."))
    return join([head, *(Rich(line) for line in lines)], "\n")


def _way(t: Translator, channel: str, link: str, address: str) -> str:
    """How a code comes in by one channel."""
    if link:
        said = t("{channel}: open {link}", channel=channel, link=link)
    elif address:
        said = t("{channel}: send the code, and nothing else, to {address}", channel=channel, address=address)
    else:
        said = t("{channel}: write the code, and nothing else, to the bot", channel=channel)
    return said[:1].upper() + said[1:]


def organizer_made(language: str, *, community: str) -> Rich:
    """To the new organizer."""
    return translator(language).rich(
        "You are now an organizer of **{community}**. Put me in a group and write /room there, invite people with INVITE, "
        "and STATE tells whether everything arrives.",
        community=community,
    )
