"""Asking: what waits for a yes or no is put before every organizer, where they like to be told; the first answer counts.

Of one person at most once an hour, whatever they write: WAITING has all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from bot.core import members, notices, organizers
from bot.core.members import Standing
from bot.core.scene import Scene
from bot.i18n import N_, language_of, translator
from bot.text.rich import Rich, join

#: The kind of the question.
KIND: Final = "waiting"
HOUR: Final = 3600.0
#: So much of a message is shown to whoever decides.
SHOWN: Final = 600

WHY = {
    "newcomer": N_("There is a link, a file or a number in it, and nobody invited this person."),
    "hold": N_("You wanted to read what this person writes before it leaves."),
    "flood": N_("More than 60 messages of this person came within ten minutes."),
    "reported": N_(
        "Members found that this should not stand. It is hidden for 24 hours at most, then it is shown again."
    ),
    "report": N_("A member finds that this should not stand. It is still shown."),
}
#: Why what has left already is looked at.
REPORTS: Final = ("reported", "report")


def about(scene: Scene, message: int, name: str, words: Rich, why: str) -> None:
    """A message waits: ask the organizers, and tell its author, if they have a chat with us."""
    author = scene.standing if scene.standing is not None and scene.standing.status == "active" else None
    person = f"m{author.id}" if author else f"a{scene.person.id}"
    hour = int(scene.now // HOUR)
    for organizer in scene.organizers():
        if author is None or organizer.id != author.id:
            ask(scene, organizer, [message], name, [words.text], why, key=f"waits:{organizer.id}:{person}:{hour}")
    if author is None or scene.private is None:
        return
    t = translator(author.language)
    if why == "flood":
        said = t(
            "That is more than 60 messages within ten minutes: what you write now waits until an organizer has looked at it."
        )
    else:
        said = t("Your message waits until an organizer has read it. I will tell you what becomes of it.")
    notices.owe(
        scene.connection, scene.private.id, said, membership=author.id, language=language_of(author.language),
        community=(author.community, author.slug), key=f"waits:{author.id}:{person}:{hour}" if why == "flood" else "",
    )  # fmt: skip


def ask(
    scene: Scene, organizer: Standing, messages: Sequence[int], name: str, texts: Sequence[str], why: str, *, key: str
) -> None:
    """Put it before one organizer, who answers this very message, or presses a button."""
    scene.flush()
    where = organizers.reach(scene.connection, organizer, scene.house.channels)
    if where is None:
        return
    t = translator(organizer.language)
    parcel = notices.owe(
        scene.connection,
        where,
        matter(organizer.language, name, scene.here.title if scene.in_room else "", texts, why),
        membership=organizer.id,
        language=language_of(organizer.language),
        subject=t("A message waits for your yes or no"),
        community=(organizer.community, organizer.slug),
        buttons=ok_or_no(scene, members.place(scene.connection, where).channel),
        key=key,
    )
    if parcel:
        notices.ask(
            scene.connection, parcel, where, KIND,
            asked_about(messages, texts, held=why not in REPORTS),
            membership=organizer.id, community=organizer.community_id, several=True, by_reply=True,
        )  # fmt: skip


def asked_about(messages: Sequence[int], texts: Sequence[str], *, held: bool, more: bool = False) -> dict[str, object]:
    """What a question keeps: which messages, with which words they were shown, and whether they had not left yet.

    `more`: its answer brings the next matter.
    """
    return {"messages": list(messages), "words": [digest(text) for text in texts], "held": held, "more": more}


def digest(text: str) -> str:
    """By which words are known again without being kept a second time."""
    return sha256(text.encode()).hexdigest()[:32]


def matter(language: str, name: str, room: str, texts: Sequence[str], why: str) -> Rich:
    """What is to be decided: whose words, why they wait, and what can be answered."""
    t = translator(language)
    head = (
        t.rich("**{name}**, in {room}:", name=name, room=t.quoted(room)) if room else t.rich("**{name}**:", name=name)
    )
    shown = [t.quoted(_cut(text)) for text in texts[:3]]
    if len(texts) > 3:
        shown.append(t.n("and {count} other", "and {count} others", len(texts) - 3))
    if why in REPORTS:
        answers = t.rich("**OK**: it stands · **NO**: it is taken back. (Answer this message.)")
    else:
        answers = t.rich("**OK**: it goes to everyone · **NO**: it goes to nobody. (Answer this message.)")
    return join([head, *shown, *([t(WHY[why])] if why in WHY else []), answers], "\n")


def ok_or_no(scene: Scene, channel: str) -> list[list[tuple[str, str]]]:
    """The two buttons, where there are buttons."""
    can = scene.house.channels.get(channel)
    return [[("OK", "yes"), (scene.t("NO"), "no")]] if can is not None and can.buttons else []


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN].rstrip() + "…"
