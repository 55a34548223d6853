"""The words around being forgotten, and what somebody who asked for it may still say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.core import forgetting, members, notices
from bot.core.erasing import ERASE
from bot.core.scene import Scene
from bot.core.undos import Undo
from bot.i18n import language_of, translator
from bot.text.rich import Rich, join

#: What is still understood in the three days.
STILL: Final = frozenset({"undo", "forgetme", "mydata", "privacy"})
#: How long backups are kept at most, in days.
BACKUPS: Final = 30
DAY: Final = 86_400.0


def asked(language: str, *, communities: Sequence[str], when: str, rooms: Sequence[str] = ()) -> Rich:
    """FORGETME was said. `when` it happens; `rooms` they are still in."""
    t = translator(language)
    if communities:
        stops = t.rich(
            "From now on nothing is sent to you, and nothing you write is carried: in {communities}. "
            "It is about you everywhere; to go from one only, there is LEAVE.",
            communities=t.listing(communities),
        )
    else:
        stops = t.rich("From now on nothing you write is carried, and nothing is sent to you.")
    erases = t.rich(
        "On {when} I erase your addresses, your name, and everything else I keep of you. Until then **UNDO**, from any "
        "address of yours, and all is as before.",
        when=when,
    )
    question = t.rich(
        "What shall become of your messages?\n**1** They stay, signed “former member”, with what they tell of you.\n"
        "**2** They are erased too, and taken back as far as the others' apps still allow.\n"
        "Without an answer I take it as 1. **NO**: it was a mistake."
    )
    parts = [stops, erases, question]
    if rooms:
        parts.insert(2, still_there(language, rooms))
    return join(parts, "\n")


def still_there(language: str, rooms: Sequence[str]) -> Rich:
    """They are still in a group that is a room."""
    t = translator(language)
    return t.rich(
        "You are still in {rooms}. Once I have forgotten you, I carry what you say there like that of anybody there: "
        "leave the group, or write /notme there.",
        rooms=t.listing(rooms),
    )


def noted(language: str, *, words: str, when: str) -> Rich:
    """1 or 2 was answered."""
    t = translator(language)
    if words == ERASE:
        said = t.rich("Your messages will be erased too, on {when}.", when=when)
    else:
        said = t.rich("Your messages will stay, signed “former member”, from {when} on.", when=when)
    return said + " " + t.rich("Until then: UNDO.")


def elsewhere(language: str, *, when: str) -> Rich:
    """On every other address of theirs: it may not have been they who asked."""
    return translator(language).rich(
        "From another address of yours I was asked to forget you. Nothing is sent to you any more; on {when} everything I "
        "keep of you is erased. If that was not you, or was a mistake: UNDO.",
        when=when,
    )


def back(language: str, *, communities: Sequence[str]) -> Rich:
    """It was taken back."""
    t = translator(language)
    if not communities:
        return t.rich("I forget nothing: all is as before.")
    return t.rich(
        "I forget nothing: you are back in {communities}, as before. What was written in between was not sent to you.",
        communities=t.listing(communities),
    )


def too_late(language: str) -> Rich:
    """The three days are over."""
    return translator(language).rich("It is too late for that: what I kept of you is being erased just now.")


def subject(language: str) -> str:
    """What mails about it are called."""
    return translator(language)("You asked to be forgotten")


def farewell(language: str, words: str, numbers: Mapping[str, int]) -> tuple[str, Rich]:
    """The last word, its subject first: what was erased, and what nobody can take back."""
    t = translator(language)
    parts = [t.rich("I have forgotten you. Your addresses, your name and everything else I kept of you are erased; this "
                    "address too, as soon as this message has left.")]  # fmt: skip
    if numbers["messages"] and words == ERASE:
        parts.append(
            t.rich_n(
                "{count} message of yours is erased.", "{count} messages of yours are erased.", numbers["messages"]
            )
        )
    elif numbers["messages"]:
        parts.append(
            t.rich_n(
                "{count} message of yours stays, signed “former member”.",
                "{count} messages of yours stay, signed “former member”.",
                numbers["messages"],
            )
        )
    out = []
    if numbers["copies"]:
        out.append(
            t.n("{count} copy on the devices of others", "{count} copies on the devices of others", numbers["copies"])
        )
    if numbers["mails"]:
        out.append(
            t.n(
                "{count} copy in mails that have arrived", "{count} copies in mails that have arrived", numbers["mails"]
            )
        )
    out.append(t("what others have quoted, answered or written down"))
    out.append(t("what your messengers and mail providers keep themselves"))
    out.append(
        t.n(
            "the backups of the machine, {count} day at most",
            "the backups of the machine, {count} days at most",
            BACKUPS,
        )
    )
    cannot = t.rich("I cannot take back: {things}.", things="; ".join(out))
    if words == ERASE and numbers["copies"]:
        cannot = cannot + " " + t("From the devices they are removed where the apps still allow it.")
    return subject(language), join([*parts, cannot, t.rich("Farewell.")], "\n")


def when(scene: Scene, at: float) -> str:
    """A moment as this person reads it."""
    zone = next((one.timezone for one in scene.standings if one.timezone), "UTC")
    return scene.t.moment(at, zone)


def is_shut(scene: Scene, key: str) -> bool:
    """Somebody who asked to be forgotten says something else than they still may: they are told how it stands."""
    if scene.person.forget_at is None or key in STILL:
        return False
    remind(scene)
    return True


def remind(scene: Scene) -> None:
    """Tell them, once a day, that nothing they write goes on, and how to come back."""
    found = forgetting.asked(scene.connection, scene.person.member_id)
    if found is None or scene.in_room:
        return
    words = (
        scene.t.rich(
            "I was asked to forget you, and pass on nothing of yours. UNDO, until {when}, and all is as before.",
            when=when(scene, found.at),
        )
        if found.step == "asked"
        else too_late(scene.language)
    )
    notices.owe(
        scene.connection, scene.here.id, words, language=language_of(scene.language), subject=subject(scene.language),
        key=f"forgotten:{scene.here.id}:{int(found.note.get('since') or 0)}:{int(scene.now // DAY)}",
    )  # fmt: skip


def take_back(scene: Scene, undo: Undo) -> None:
    """UNDO, from any address of theirs."""
    member = scene.person.member_id or 0
    again = forgetting.take_back(scene.connection, member, undo, now=scene.now)
    if again is None:
        scene.answer(too_late(scene.language))
        return
    scene.person = members.place(scene.connection, scene.person.id)
    scene.here = scene.person if scene.here.id == scene.person.id else scene.here
    scene.standings = members.standings(scene.connection, member)
    scene.audit("forget_taken_back", subject=("member", member))
    scene.answer(back(scene.language, communities=[one.community for one in again]))
