"""The words people read: first contact, leaving, joining addresses, outages. Plain values in, Rich out.

Those around commands (help, "did you mean", "are you sure") stand in `notes.py`, those about addresses and codes in
`links.py`; all are served from here: `words.invitation(language, …)`.

English is the source, bot/locale the rest. A word in capitals is a command or an answer that works (a test tries each).
Channels are named by their label in the reader's language ("Signal", "le mail"), as `Capabilities.label` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.commands.links import (
    invitation_made,
    link_asked,
    link_code,
    linked,
    merged,
    organizer_code,
    organizer_made,
    receive_asked,
    receive_now,
    receive_waits,
    stands_in_asked,
    unlinked,
)
from bot.commands.notes import (
    elsewhere,
    excerpt,
    help_lines,
    help_one,
    how,
    join_first,
    nearest,
    needs_a_reply,
    never_arrives,
    not_allowed,
    not_arrived,
    nothing_done,
    post_this,
    sure,
    too_many_tries,
    went_wrong,
    which_community,
    wrong_code,
)
from bot.commands.rooming import (
    elsewhere_asked,
    elsewhere_ended,
    elsewhere_too,
    notices_alone,
    notices_here,
    room_begins,
    room_bound,
    room_one_way,
    room_unbound,
    silent,
    speaks_again,
    taken_out,
    taken_out_hidden,
)
from bot.i18n import Translator, translator
from bot.text.french import to_the
from bot.text.rich import Rich, join

__all__ = [
    "CONSENT", "came_back", "declined", "elsewhere", "elsewhere_asked", "elsewhere_ended", "elsewhere_too", "excerpt",
    "first_post", "help_lines", "help_one", "how", "invitation", "invitation_made", "invitation_mail", "join_first",
    "leave_asked", "left", "link_asked", "link_code", "linked", "merged", "nearest", "needs_a_reply", "never_arrives", "not_allowed",
    "not_arrived", "nothing_done", "notices_alone", "notices_here", "organizer_code", "organizer_made", "outage", "post_this", "privacy",
    "receive_asked", "receive_now", "receive_waits", "room_begins", "room_bound", "room_one_way", "room_unbound",
    "silent", "speaks_again", "stands_in_asked", "stranger", "sure", "taken_out", "taken_out_hidden", "too_many_tries", "unlinked",
    "welcome", "went_wrong", "which_community", "wrong_code",
]  # fmt: skip

#: Which words somebody agreed to when they said yes to `invitation`; stored with the consent. Change it with them.
CONSENT: Final = "invitation 2"
_KEPT_YEARS: Final = 2


def invitation(
    language: str,
    *,
    community: str,
    inviter: str,
    people: int,
    channels: Sequence[str],
    encrypted: Sequence[str] = (),
    years: int = _KEPT_YEARS,
) -> Rich:
    """A1: an invitation was opened here. `encrypted`: the reader's channel, if its encryption ends at the bot.

    `channels` are all channels of the community, `inviter` may be empty (a printed sheet).
    """
    t = translator(language)
    parts = _invitation(t, community, inviter, people, channels, encrypted, years, asks=True)
    return _paragraphs(*parts, _yes_or_no(t))


def invitation_mail(
    language: str,
    *,
    community: str,
    inviter: str,
    people: int,
    channels: Sequence[str],
    years: int = _KEPT_YEARS,
) -> tuple[str, Rich]:
    """A3: the one mail an invited person gets, ever: its subject and its words."""
    t = translator(language)
    to = to_the(community) if t.language == "fr" else community  # "au Cercle": no catalogue can know
    subject = t("{inviter} invites you to {community}", inviter=inviter, community=to)
    accept = t.rich(
        "To accept, just answer **YES** to this mail. You will get a few mails a day at most; PACE changes that. "
        "If you do not answer, you will get nothing more. To know more: PRIVACY"
    )
    return subject, _paragraphs(*_invitation(t, community, inviter, people, channels, (), years), accept)


def _invitation(
    t: Translator,
    community: str,
    inviter: str,
    people: int,
    channels: Sequence[str],
    encrypted: Sequence[str],
    years: int,
    *,
    asks: bool = False,
) -> list[Rich]:
    """The paragraphs of A1; `asks`: what is written there first is shown back (never a mail)."""
    hello = t.rich(
        "Hello! I am the postman of **{community}**, a program: I carry messages between its members, "
        "whether they prefer {channels}.",
        community=community,
        channels=t.listing(channels, last="or"),
    )
    offer = t.rich_n(
        "If you answer YES you will get here what members write, and what you write here goes to all of them "
        "({count} person).",
        "If you answer YES you will get here what members write, and what you write here goes to all of them "
        "({count} people).",
        people,
    )
    if asks:
        offer = offer + " " + t("The first times I will ask you to confirm.")
    if inviter:
        offer = t.rich("{inviter} invites you.", inviter=inviter) + " " + offer
    return [hello, offer, _who_reads(t, channels, encrypted, years)]


def _who_reads(t: Translator, channels: Sequence[str], encrypted: Sequence[str], years: int) -> Rich:
    """Nobody sees the address; the bot reads; where encryption ends."""
    kept = t.rich_n(
        "Nobody is shown your number or address. I read the messages and keep them for {count} year "
        "on the association's server.",
        "Nobody is shown your number or address. I read the messages and keep them for {count} years "
        "on the association's server.",
        years,
    )
    others = [channel for channel in channels if channel not in encrypted]
    if encrypted and others:
        kept = (
            kept
            + " "
            + t(
                "So the encryption of {channel} ends with me, and what I carry to {others} has none.",
                channel=t.listing(encrypted),
                others=t.listing(others),
            )
        )
    elif encrypted:
        kept = kept + " " + t("So the encryption of {channel} ends with me.", channel=t.listing(encrypted))
    return kept


def _yes_or_no(t: Translator) -> Rich:
    return t.rich("Answer **YES** or **NO**. To know more: PRIVACY")


def welcome(language: str, *, name: str, threads: Sequence[tuple[str, int]] = ()) -> Rich:
    """A2: after YES. `threads` are the titles that are spoken of now, each with its number of messages."""
    t = translator(language)
    lines = [
        t.rich("Welcome, {name}! (Another name? NAME: Karim B.)", name=name),
        t.rich("To write here is to write to all. To answer a message is to answer it before all."),
        t.rich(
            "A question to the organizers only: CONTACT: your question. Too many messages: PACE. "
            "To leave: STOP. Everything else: HELP."
        ),
    ]
    if threads:
        shown = ", ".join(f"{t.quoted(title)} ({count})" for title, count in threads)
        lines.append(t.rich("Just now: {threads}.", threads=shown))
    return join(lines, "\n")


def declined(language: str, *, community: str) -> Rich:
    """After NO to an invitation."""
    t = translator(language)
    return t.rich(
        "As you wish. You will receive nothing from {community}. I keep nothing of you but this address, so as not to "
        "write to it.",
        community=community,
    )


def stranger(language: str) -> Rich:
    """A5: to somebody we do not know, once a day, in private. Names nobody."""
    return translator(language).rich(
        "Hello. I carry the messages of a private group; I have not passed yours on to anybody. If you were invited, "
        "send me the code of the invitation (eight letters and digits, like 7K2F-9MPD). If not, please ask the person who "
        "gave you this address. (Automatic answer.)"
    )


def first_post(
    language: str, *, community: str, people: int, text: str, of_which: Sequence[tuple[int, str]] = ()
) -> Rich:
    """A6: before the first private posts. `of_which`: how many of the people by which channel, where it matters."""
    t = translator(language)
    count = t.n("{count} person", "{count} people", people)
    if of_which:
        parts = [t("{count} by {channel}", count=number, channel=channel) for number, channel in of_which]
        count = t("{people}, of whom {parts}", people=count, parts=t.listing(parts))
    question = t.rich(
        "Shall I send it to all of {community} ({people})? **YES** · **NO** · **TEAM** (to the organizers only)",
        community=community,
        people=count,
    )
    return join([question, t.quoted(excerpt(text))], "\n")


def outage(
    language: str, *, since: str, until: str, channel: str, caught_up: Sequence[str] = (), messages: int = 0
) -> Rich:
    """A7: nobody listened to `channel` from `since` to `until` (hours as people read them)."""
    t = translator(language)
    sentences = [t("I was away from {since} to {until}.", since=since, until=until)]
    if caught_up:
        sentences.append(
            t.n(
                "What came by {channels} has been caught up ({count} message).",
                "What came by {channels} has been caught up ({count} messages).",
                messages,
                channels=t.listing(caught_up),
            )
        )
    sentences.append(
        t(
            "What was written on {channel} in that time may be lost: if you do not see your message come back "
            "from the others, please send it again. Thank you.",
            channel=channel,
        )
    )
    return Rich(" ".join(sentences))


def privacy(
    language: str,
    *,
    community: str,
    channels: Sequence[str],
    encrypted: Sequence[str] = (),
    organizers: Sequence[str] = (),
    years: int = _KEPT_YEARS,
) -> Rich:
    """The privacy notice. `encrypted`: all channels of the community whose encryption ends at the bot."""
    t = translator(language)
    reads = t.rich(
        "**What is read.** I am a program, and I read every message that goes through me, to carry it to the members "
        "of {community}. Whoever runs my server can read it too.",
        community=community,
    )
    if encrypted:
        reads = reads + " " + t("The encryption of {channel} ends with me.", channel=t.listing(encrypted))
    kept = t.rich_n(
        "**What is kept.** Messages: {count} year. The raw form they came in: 24 hours, mails 30 days. "
        "Your number or address, until you have me forget you: I need it to reach you. Backups: 30 days.",
        "**What is kept.** Messages: {count} years. The raw form they came in: 24 hours, mails 30 days. "
        "Your number or address, until you have me forget you: I need it to reach you. Backups: 30 days.",
        years,
    )
    seen = t.rich(
        "**What others see.** Your name as you chose it (NAME: …) and your words. Never your number, your address, "
        "nor which of {channels} you use. VISIBLE NO takes you off the list of members.",
        channels=t.listing(channels, last="or"),
    )
    ask = t.rich(
        "**Your choice.** LEAVE stops everything at once. MYDATA sends you everything I keep of you, FORGETME has it erased. "
        "Questions: CONTACT: your question."
    )
    if organizers:
        ask = ask + " " + t("The organizers are {names}.", names=t.listing(organizers))
    room = t.rich(
        "**In a room.** A line that begins with // stays there, and so does everything of whoever writes /notme there. "
        "I keep nothing of either."
    )
    return _paragraphs(reads, kept, seen, room, ask)


def leave_asked(language: str, *, community: str) -> Rich:
    """Before leaving: the second word."""
    return translator(language).rich(
        "Leave **{community}**? You will receive nothing any more, on any of your addresses. **YES** · **NO**",
        community=community,
    )


def left(language: str, *, community: str, days: int = 7) -> Rich:
    """After leaving: what is still seen, and how to come back."""
    t = translator(language)
    gone = t.rich("You have left **{community}**. Nothing will be sent to you any more.", community=community)
    seen = t("What you wrote stays in the threads, under your name; you are no longer on the list of members.")
    back = t.n(
        "Was it a mistake? UNDO, within {count} day, and all is as before.",
        "Was it a mistake? UNDO, within {count} days, and all is as before.",
        days,
    )
    return join([gone, seen, back], "\n")


def came_back(language: str, *, community: str) -> Rich:
    """After UNDO of leaving."""
    return translator(language).rich(
        "You are back in **{community}**, as before. What was written in between was not sent to you.",
        community=community,
    )


def _paragraphs(*pieces: Rich) -> Rich:
    return join([piece for piece in pieces if piece], "\n\n")
