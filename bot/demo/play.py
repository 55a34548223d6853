"""What people of the demo do: join, write, answer, cross each other; and what they wait for before they go on."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from bot.commands import first
from bot.core import codes
from bot.core.bridge import Seen
from bot.demo.cast import Person, Spot
from bot.demo.tally import Said, Tally, plain, readers
from bot.demo.town import PATIENCE, Missing, Town
from bot.i18n import Translator, translator
from store.statement import run, sql

T = TypeVar("T")
LOOK = 0.02  # seconds between two looks at the devices
#: A code as it is typed, and what a link that is opened says.
TYPED, LINKED = re.compile(r"\b([2-9A-Z]{4}-[2-9A-Z]{4})\b"), re.compile(r"[?&]start=([\w-]+)")


class Play:
    """The people and where they are, the town they are in, and what was said so far."""

    def __init__(self, town: Town, people: Sequence[Person], pace: float) -> None:
        self.town = town
        self.people = {person.name: person for person in people}
        self.homes = {person.name: person.home for person in people}
        self.inside: list[str] = []  # who receives what members write, in the order they came
        self.tally = Tally(town.seen)
        self.pace = pace
        self.written: dict[str, int] = {}  # how much each has written in private
        self.curtain = 0.0  # when the picture begins (time.monotonic)

    def speech(self, who: str) -> Translator:
        """The language somebody writes in."""
        return translator(self.people[who].language)

    async def pause(self, seconds: float) -> None:
        """Let people read."""
        await asyncio.sleep(seconds * self.pace)

    def spots(self) -> list[Spot]:
        """Every place anybody's device shows, those they have moved to included."""
        places = {spot.key: spot for person in self.people.values() for spot in self.places(person.name)}
        return list(places.values())

    def places(self, who: str) -> list[Spot]:
        """The places of one person: where they began, and where they are now."""
        return list(dict.fromkeys([self.people[who].home, self.homes[who]]))

    # Waiting

    async def until(self, look: Callable[[], T | None], what: str) -> T:
        """What `look` finds, as soon as it finds it. Raises Missing."""
        end = time.monotonic() + PATIENCE
        while (found := look()) is None:
            if time.monotonic() > end:
                raise Missing(what)
            await asyncio.sleep(LOOK)
        return found

    async def arrives(self, spot: Spot, fits: Callable[[Seen], bool], what: str, after: float = 0.0) -> Seen:
        """The first line of the bot's there that fits, once it is there."""

        def look() -> Seen | None:
            lines = self.town.seen(spot)
            return next((line for line in lines if line.at >= after and not line.mine and fits(line)), None)

        return await self.until(look, f"{spot.room or spot.who}: {what}")

    # Talking

    async def says(
        self,
        who: str,
        words: str,
        *,
        answers: Said | None = None,
        typed: str = "",
        at: Spot | None = None,
        subject: str = "",
    ) -> Said:
        """Somebody writes to all (`typed`: with a command before the words), and everybody has got it when this returns."""
        spot = at or self.homes[who]
        more = {"subject": subject} if subject else {}
        if answers is not None:
            above = await self.until(lambda: self.tally.line(answers, spot), f"{who}: “{answers.words}”")
            more["reply_to"] = above.id
        words = plain(words)
        line = await self.town.say(spot, plain(typed) or words, **more)
        homes = [self.homes[name] for name in self.inside]
        at_last = await self.confirms(who, spot, line) if self._is_asked(who, spot) else line.at
        said = Said(who, words, spot, line.id, at_last, readers(homes, spot), answers)
        self.tally.said.append(said)
        await self.delivered(said)
        return said

    def _is_asked(self, who: str, spot: Spot) -> bool:
        """Whether what somebody writes here now is shown back to them first."""
        if spot.room or self.town.channels[spot.channel].can.titles:
            return False
        self.written[who] = self.written.get(who, 0) + 1
        return self.written[who] <= first.TIMES

    async def confirms(self, who: str, spot: Spot, line: Seen) -> float:
        """Read what is shown back, and say yes; when that was: from then on it is on its way."""
        t = self.speech(who)
        asked = await self.arrives(
            spot, lambda one: t("TEAM") in one.text, "what was written, shown back", after=line.at
        )
        await self.pause(0.8)
        said_yes = time.monotonic()
        button = next((button for button in asked.buttons if button.label == t("YES")), None)
        if button is not None:
            await self.town.press(spot, asked, button)
        else:
            await self.town.say(spot, t("YES"))
        return said_yes

    async def delivered(self, said: Said) -> None:
        """Wait for it everywhere; who still lacks it is told at the end, not here."""
        end = time.monotonic() + PATIENCE
        while self.tally.waits_for(said) and time.monotonic() < end:  # noqa: ASYNC110 - devices tell nobody
            await asyncio.sleep(LOOK)

    async def commands(self, who: str, words: str, expects: str = "", at: Spot | None = None) -> Seen:
        """Somebody asks something of the bot; its answer (with the words `expects` in it)."""
        spot = at or self.homes[who]
        asked = await self.town.say(spot, plain(words))
        return await self.arrives(spot, lambda line: expects in line.text, words, after=asked.at)

    # Coming in

    async def organizes(self, who: str, at: Spot) -> None:
        """Somebody brings the code that `filcommun run` prints while there is no organizer."""

        def code(connection: Connection) -> str:
            community = run(connection, sql("SELECT MIN(id) FROM community")).scalar_one()
            return codes.make(connection, self.town.app.house.tokens, purpose="organizer", community=community)

        await self.commands(who, await self.town.app.store.write(code), at=at)
        self.inside.append(who)

    async def invites(self, who: str, at: Spot | None = None) -> tuple[str, str]:
        """Somebody asks for an invitation: the code to type, and what the link says."""
        t = self.speech(who)
        answer = await self.commands(who, t("/invite"), at=at)
        typed, linked = TYPED.search(answer.text), LINKED.search(answer.text)
        if typed is None:
            raise Missing(f"{who}: an invitation with a code in it")
        return typed[1], linked[1] if linked else typed[1]

    async def joins(self, who: str, code: str, link: str) -> None:
        """Somebody opens an invitation and says yes."""
        spot = self.homes[who]
        opens = link if self.town.channels[spot.channel].can.invites_by_link else code
        opened = await self.town.say(spot, "", start=opens)
        asked = await self.arrives(spot, lambda line: line.at >= opened.at, "the invitation", after=opened.at)
        await self.pause(1.8)
        await self.accepts(who, asked)

    async def accepts(self, who: str, asked: Seen) -> None:
        """YES to an invitation: by its button, or as the word; the welcome has come when this returns."""
        t = self.speech(who)
        spot, yes = self.homes[who], t("YES")
        before = time.monotonic()
        button = next((button for button in asked.buttons if button.label == yes), None)
        if button is not None:
            await self.town.press(spot, asked, button)
        else:
            more = {"reply_to": asked.id} if self.town.channels[spot.channel].can.titles else {}
            await self.town.say(spot, yes, **more)
        await self.arrives(
            spot,
            lambda line: f", {who} !" in plain(line.text) or f", {who}!" in line.text,
            "the welcome",
            after=before,
        )
        self.inside.append(who)

    async def moves(self, who: str, channel: str) -> None:
        """Somebody asks to be told elsewhere: the mailbox is asked, answers OK, and from then on that is where they are."""
        old, new = self.homes[who], Spot(channel, who)
        address = self.town.sandboxes[channel].person(who, self.people[who].language)
        t, before = self.speech(who), time.monotonic()
        await self.commands(who, t("receive {address}", address=address), address)
        asked = await self.arrives(new, lambda line: "OK" in line.text, "is this you?", after=before)
        await self.pause(1.8)
        before = time.monotonic()
        self.homes[who] = new
        await self.town.say(new, "OK", reply_to=asked.id)
        for spot in (new, old):
            await self.arrives(spot, lambda _: True, "you receive everything here now", after=before)
