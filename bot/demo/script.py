"""The script: half a minute of a community. First it comes together, unseen; then the curtain rises.

Every sentence stands here in English and in the catalogue in French; Bruno writes French whatever the others speak.
"""

from __future__ import annotations

import asyncio
import time

from bot.demo.cast import KNOWN, ROOM, Spot
from bot.demo.play import Play
from bot.demo.tally import plain
from bot.demo.town import Missing

NEWCOMER = "Zoé"


async def comes_together(play: Play) -> None:
    """An organizer, a room, invitations: everybody joins with the real words, at full speed."""
    pace, play.pace = play.pace, 0.0
    town, people = play.town, play.people
    for person in people.values():
        town.meet(person)
    karim = Spot("telegram", "Karim")
    town.sandboxes["telegram"].room(ROOM, [name for name, person in people.items() if person.home.room])
    await play.organizes("Karim", karim)
    hall = people["Karim"].home
    await town.say(hall, "/room")
    await play.arrives(hall, lambda line: "Karim" in line.text, "the notice of a new room")
    t = play.speech("Karim")
    before = time.monotonic()
    address = town.sandboxes["email"].person("Bruno", "fr")
    await play.commands("Karim", t("invite {address}", address=address), at=karim)
    await play.accepts("Bruno", await play.arrives(people["Bruno"].home, lambda _: True, "the invitation", before))
    # Bruno wants French, and every message by itself: mails are gathered otherwise.
    for wish in ("langue fr", "rythme tout"):
        await play.commands("Bruno", wish)
    for person in people.values():
        if person.member and person.name not in (*play.inside, NEWCOMER):
            await play.joins(person.name, *await play.invites("Karim", at=karim))
    play.pace, play.curtain = pace, time.monotonic()


async def lives(play: Play) -> None:
    """What the picture shows."""
    t = play.speech("Amina")
    beloved = await play.says(
        "Amina", t("Shall we read it together?"), typed=t("/new Beloved in March?\nShall we read it together?")
    )
    await play.pause(1.5)
    bruno = await play.says("Bruno", "Oui, avec plaisir. Je l'ai déjà en poche.", answers=beloved)
    await play.pause(1.8)
    # Both write before either has read the other.
    _, chloe = await asyncio.gather(
        play.says("Inès", t("Bruno, would you lend it to me afterwards?"), answers=bruno),
        play.says("Chloé", t("Me too! Which edition?"), answers=beloved),
    )
    await play.pause(1.8)
    for person in play.people.values():
        if person.home.channel not in KNOWN:
            await play.says(person.name, t("Hello from {channel}!", channel=play.town.label(person.home.channel)))
            await play.pause(1.0)
    await _a_newcomer(play)
    await play.pause(1.8)
    await _another_channel(play)
    await play.pause(1.8)
    shop = await play.says("Amina", t("The paperback, the shop has three of them."), answers=chloe)
    await play.pause(1.8)
    await play.says("Chloé", t("Thank you, I am on my way."), answers=shop)
    await play.pause(1.5)
    glasses = await play.says("Bruno", "Qui apporte les verres ?", subject="Pique-nique du 14 juin")
    await play.pause(1.5)
    await play.says(NEWCOMER, t("I do!"), answers=glasses)
    await play.pause(1.5)
    _same_thread(play)


async def _a_newcomer(play: Play) -> None:
    """Amina invites; the newcomer opens the link, reads, says yes, and greets everybody."""
    t = play.speech("Amina")
    await play.joins(NEWCOMER, *await play.invites("Amina"))
    await play.pause(1.5)
    hello = await play.says(NEWCOMER, t("Hello everyone, thank you for having me!"))
    await play.pause(1.5)
    await play.says("Karim", t("Welcome, Zoé!"), answers=hello)


async def _another_channel(play: Play) -> None:
    """One command, and what is written is brought to a mailbox."""
    await play.moves("Chloé", "email")
    t = play.speech("Chloé")
    await play.commands("Chloé", t("pace each"))


def _same_thread(play: Play) -> None:
    """In the mailbox Chloé moved to, the conversation goes on under the title it always had."""
    t = play.speech("Amina")
    title = plain(t("Beloved in March?"))
    mails = [line for line in play.town.seen(play.homes["Chloé"]) if line.subject.endswith(title)]
    if not mails:
        raise Missing(f"Chloé: “{title}”")
