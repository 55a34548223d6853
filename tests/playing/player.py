"""Plays a story on a stage: does what people do, and holds what their devices show against what is told.

A story is the whole truth: whatever a device shows and the story does not tell is a failure, so is a second copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import time_machine

from bot.core.bridge import Channel, Seen
from tests.playing import loss
from tests.playing.script import Expected, Step, Story
from tests.playing.stage import Spot, Stage

POSTMAN = "the postman"


@dataclass(frozen=True, slots=True)
class Known:
    """A line on a device whose author the story knows."""

    author: str
    words: str
    at: float


async def play(
    story: Story,
    channels: Mapping[str, Channel],
    folder: Path,
    url: str,
    after: Callable[[str, Any], None] | None = None,
) -> None:
    """Play it. Raises AssertionError with the line of the story that is not true.

    `after` gets each channel's name and sandbox at the end.
    """
    with time_machine.travel(story.begins, tick=True) as clock:
        stage = Stage(story, channels, folder, url, clock)
        try:
            await stage.open()
            player = Player(story, stage)
            for step in story.steps:
                await player.perform(step)
            player.nothing_untold("at the end")
            assert stage.written_to_first() == [], f"{story.path.name}: somebody was written to first"
            for name, sandbox in stage.sandboxes.items():
                if after is not None:
                    after(name, sandbox)
                assert sandbox.violations() == [], f"{story.path.name}: {name} was asked for what it does not do"
        finally:
            await stage.close()


class Player:
    """Goes through the steps."""

    def __init__(self, story: Story, stage: Stage) -> None:
        self.story = story
        self.stage = stage
        self.known: dict[tuple[Spot, str], Known] = {}
        self.read: dict[Spot, int] = {spot: len(stage.shown(spot)) for spot in stage.spots()}
        self.threads: dict[Spot, str] = {}  # the title that stood last above a line there
        self.names: dict[str, str] = {}  # what {name} in the words stands for
        self.last: tuple[Expected, str] | None = None
        self.told: set[Spot] = set()  # who was said to receive something since somebody last acted
        self.acted: Spot | None = None

    async def perform(self, step: Step) -> None:
        """Play one step."""
        try:
            if step.kind in ("receives", "silence", "others", "gone", "changed"):
                getattr(self, f"_{step.kind}")(step)
                return
            self.nothing_untold("before this")
            self.told = set()
            await getattr(self, f"_{step.kind}")(step)
        except AssertionError as error:
            where = f"{self.story.path.name}:{step.line}: {step.sentence}"
            raise AssertionError(f"{where}\n{error}\n\n{self.transcript()}") from None

    # What people do

    async def _says(self, step: Step) -> None:
        spot = self._spot(step)
        await self._say(spot, self._filled(step.words), subject=self._filled(step.subject))

    async def _replies(self, step: Step) -> None:
        spot, number = self._target(step)
        more = {"subject": step.subject} if step.subject else {}
        await self._say(spot, self._filled(step.words), reply_to=number, **more)

    async def _opens(self, step: Step) -> None:
        spot = self._spot(step)
        code = self._filled(step.words).rpartition("start=")[2]
        self.acted = spot
        number = await self.stage.say(spot, code, start=code)
        self._note(spot, number, spot.who, code)

    async def _presses(self, step: Step) -> None:
        who = step.who[0]
        for spot in [s for s in self.stage.spots() if s.who == who or self._is_in(who, s)]:
            for line in reversed(self.stage.shown(spot)):
                if any(button.label == step.words for button in line.buttons):
                    self.acted = spot
                    await self.stage.press(Spot(spot.channel, who, spot.room), line, step.words)
                    return
        raise AssertionError(f"no device of {who} shows a button {step.words!r}")

    async def _moves(self, step: Step) -> None:
        room = self.story.rooms[step.room]
        await self.stage.move(Spot(room.channel, step.who[0], step.room), present=step.words == "comes into")

    async def _removes(self, step: Step) -> None:
        who, by = step.who
        room = self.story.rooms[step.room]
        await self.stage.move(Spot(room.channel, who, step.room), present=False, by=by)

    async def _machine(self, step: Step) -> None:
        self.acted = None
        if step.words in ("send", "drop"):
            await loss.resume(self.stage, send=step.words == "send")
        else:
            await getattr(loss, step.words)(self.stage)

    async def _away(self, step: Step) -> None:
        self.acted = None
        await self.stage.away(step.channel, back=step.words == "back")

    async def _unreached(self, step: Step) -> None:
        self.stage.sandboxes[step.channel].fail("unreachable", who=step.who[0])

    async def _blocks(self, step: Step) -> None:
        await self.stage.block(step.who[0])

    async def _later(self, step: Step) -> None:
        self.acted = None
        await self.stage.later(step.seconds or self.stage.hour(step.clock))

    async def _say(self, spot: Spot, words: str, **more: str) -> None:
        self.acted = self.stage.room(spot.room) if spot.room else spot
        more = {name: value for name, value in more.items() if value}
        number = await self.stage.say(spot, words, **more)
        self._note(self.acted, number, spot.who, words)

    def _note(self, spot: Spot, number: str, author: str, words: str) -> None:
        line = next((line for line in self.stage.shown(spot) if line.id == number), None)
        self.known[spot, number] = Known(author, words, line.at if line else 0.0)

    def _spot(self, step: Step) -> Spot:
        """Where somebody writes."""
        who = step.who[0]
        one = self.story.people[who]
        if step.room:
            return Spot(self.story.rooms[step.room].channel, who, step.room)
        return Spot(step.channel or one.channels[0], who)

    def _target(self, step: Step) -> tuple[Spot, str]:
        """The line somebody answers: the newest that others wrote, or the newest of those that fit."""
        who, lines = step.who[0], []
        for spot in self.stage.spots():
            if not (self._is_in(who, spot) if spot.room else spot.who == who):
                continue
            if (step.room and spot.room != step.room) or (step.channel and spot.channel != step.channel):
                continue
            lines += [(line, spot) for line in self.stage.shown(spot) if self._fits(spot, line, who, step.target)]
        assert lines, f"no device of {who} shows {step.target or 'anything to answer'}"
        line, spot = max(lines, key=lambda one: one[0].at)
        return Spot(spot.channel, who, spot.room), line.id

    def _fits(self, spot: Spot, line: Seen, who: str, target: str) -> bool:
        known = self.known.get((spot, line.id))
        if known is None:
            return False
        if not target:
            return known.author != who
        return _is_meant(known, target.replace("their own", f"{who}'s"))

    def _is_in(self, who: str, spot: Spot) -> bool:
        return bool(spot.room) and self.story.people[who].room == spot.room

    # What devices show

    def _receives(self, step: Step) -> None:
        for who in step.who:
            self._receive(who, step.expected, step.words)
        self.last = (step.expected, step.words)

    def _receive(self, who: str, expected: Expected, words: str) -> None:
        spot, line = self._next(who, expected.channel)
        self.told.add(spot)
        shown = _plain(line.text)
        title = re.match(r"— (.+) —\n", shown)
        if title:
            self.threads[spot], shown = title[1], shown[title.end() :]
        if line.subject:
            self.threads[spot] = re.sub(r"^(?:re|tr|fwd) ?: ", "", line.subject, flags=re.IGNORECASE)
        if expected.thread:
            assert self.threads.get(spot) == self._filled(expected.thread), (
                f"{spot}: it is in thread {self.threads.get(spot)!r}, not in {expected.thread!r}"
            )
        if expected.quote:
            first, _, shown = shown.partition("\n")
            assert self._filled(expected.quote) in first, f"{spot}: the quote is {first!r}"
        self._author(spot, line, shown, expected, words)
        if expected.under:
            parent = self.known.get((spot, line.reply_to))
            assert parent is not None, f"{spot}: it stands under no message ({line.reply_to or 'no reply'})"
            assert _is_meant(parent, expected.under), f"{spot}: it stands under {parent.author}'s {parent.words!r}"
        elif expected.quote:
            assert not self.known.get((spot, line.reply_to)), f"{spot}: it stands under a message, and quotes it too"

    def _author(self, spot: Spot, line: Seen, shown: str, expected: Expected, words: str) -> None:
        """The words and who they are from: in a chat the name stands before them, in a mail in From."""
        author = expected.author
        mail = bool(line.subject)
        if mail:
            name = line.author.split(" · ")[0] if " · " in line.author else POSTMAN
            assert not author or name == author, f"{spot}: it is from {line.author!r}"
        elif author and author != POSTMAN:
            start = re.match(re.escape(author) + r" ?: ", shown)
            assert start, f"{spot}: it is not from {author}: {shown!r}"
            shown = shown[start.end() :]
        wanted = _pattern(words, self.names)
        found = re.fullmatch(wanted, shown, re.DOTALL) if words else True
        assert found, f"{spot}: it says\n{_indented(shown)}\ninstead of\n{_indented(words)}"
        if isinstance(found, re.Match):
            self.names |= found.groupdict()
        self.known[spot, line.id] = Known(author or line.author, shown, line.at)

    def _silence(self, step: Step) -> None:
        for spot in self.stage.spots():
            named = {spot.room} if spot.room else {spot.who}
            if not step.who or named & {self._room_called(who) for who in step.who}:
                new = self._unread(spot)
                assert not new, f"{spot} shows\n{_indented(_plain(new[0].text))}"

    def _gone(self, step: Step) -> None:
        """What once stood on a device, and was told, was taken away from it."""
        who = self._room_called(step.who[0])
        for spot in [spot for spot in self.stage.spots() if (spot.room or spot.who) == who]:
            for line in self.stage.shown(spot):
                known = self.known.get((spot, line.id))
                if known is not None and step.words in known.words:
                    assert line.deleted, f"{spot} still shows {line.text!r}"
                    return
        raise AssertionError(f"{who} never showed {step.words!r}")

    def _changed(self, step: Step) -> None:
        """What once stood on a device, and was told, stands there with other words."""
        for one in step.who:
            who = self._room_called(one)
            lines = [
                line
                for spot in self.stage.spots()
                if (spot.room or spot.who) == who
                for line in self.stage.shown(spot)
                if step.target in getattr(self.known.get((spot, line.id)), "words", "")
            ]
            assert lines, f"{who} never showed {step.target!r}"
            assert lines[-1].text == step.words, f"{who} shows {lines[-1].text!r}"

    def _others(self, _: Step) -> None:
        """Everybody who has not been named since somebody acted, and is not in a room, received the same; so did other rooms."""
        assert self.last is not None, "the same as what?"
        expected, words = self.last
        plain = Expected(author=expected.author, words=words)
        for spot in self.stage.spots():
            if spot in self.told or spot == self.acted or not self._belongs(spot):
                continue
            self._receive(spot.room or spot.who, plain, words)

    def _belongs(self, spot: Spot) -> bool:
        """Is what members write brought here?"""
        if spot.room:
            return self.story.rooms[spot.room].bound
        one = self.story.people[spot.who]
        inside = bool(one.room) and self.story.rooms[one.room].bound
        author = self.acted is not None and self.acted.who == one.name and not self.acted.room
        return bool(one.role) and not inside and not author and spot.channel == one.channels[0]

    def _next(self, who: str, channel: str) -> tuple[Spot, Seen]:
        """The first line nobody has told of, on a device of theirs."""
        who = self._room_called(who)
        fresh = []
        for spot in self.stage.spots():
            if (spot.room or spot.who) != who or (channel and spot.channel != channel):
                continue
            fresh += [(line.at, position, spot, line) for position, line in enumerate(self._unread(spot))]
        assert fresh, f"{who} has received nothing"
        _, _, spot, line = min(fresh, key=lambda one: (one[0], one[1]))
        lines = self.stage.shown(spot)
        at = next(position for position, other in enumerate(lines) if other.id == line.id and other.at == line.at)
        self.read[spot] = at + 1
        return spot, line

    def _unread(self, spot: Spot) -> list[Seen]:
        """Lines of the bot's nobody has told of; that somebody came or went, the network says itself, without words."""
        new = [line for line in self.stage.shown(spot)[self.read[spot] :] if line.text or line.raw is not None]
        return [line for line in new if (spot, line.id) not in self.known or self.known[spot, line.id].at != line.at]

    def _room_called(self, who: str) -> str:
        """The cast's name for it: "The hall" is "the hall"."""
        lower = who[:1].lower() + who[1:]
        return lower if lower in self.story.rooms else who

    def nothing_untold(self, when: str) -> None:
        """Everything that devices show has been told."""
        for spot in self.stage.spots():
            new = self._unread(spot)
            assert not new, f"{spot} shows, {when}, what the story does not tell:\n{_indented(_plain(new[0].text))}"
            self.read[spot] = len(self.stage.shown(spot))

    def transcript(self) -> str:
        """What all devices show: to find out what happened instead."""
        parts = []
        for spot in self.stage.spots():
            parts.append(f"--- {spot}")
            for line in self.stage.shown(spot):
                mark = "<" if self.known.get((spot, line.id)) and line.mine else ">"
                parts.append(
                    f"  {mark} [{line.id}{' under ' + line.reply_to if line.reply_to else ''}] {line.subject} | {line.author} | {line.text!r}"
                )
        return "\n".join(parts)

    # Words

    def _filled(self, words: str) -> str:
        """With what {code} stands for, and {Bruno's address}."""

        def known(found: re.Match[str]) -> str:
            who = found[1].removesuffix("'s address")
            if who != found[1]:
                one = self.story.people[who]
                written = next(c for c in one.channels if self.stage.channels[c].can.writes_first)
                return str(self.stage.sandboxes[written].person(who))
            return self.names.get(found[1], found[0])

        return re.sub(r"\{([^}]+)\}", known, words)


def _is_meant(known: Known, target: str) -> bool:
    """Is this `Amina's message`, `Amina's "Beloved"` or `"Beloved"`?"""
    found = re.fullmatch(r"(?:(?P<who>.+)'s )?(?:message|\"(?P<words>.+)\")", target)
    assert found, f"nobody knows which message this is: {target}"
    return (not found["who"] or known.author == found["who"]) and (not found["words"] or found["words"] in known.words)


def _plain(text: str) -> str:
    """As it is compared: no-break spaces are spaces, blank ends are nothing."""
    text = re.sub("[\u00a0\u202f\u2009]", " ", text)
    return "\n".join(re.sub(" +", " ", line).strip() for line in text.strip().split("\n"))


def _pattern(words: str, names: Mapping[str, str]) -> str:
    """Words as a pattern: "…" is anything; "{code}" is one word, remembered, and afterwards that word."""
    parts = []
    for part in re.split(r"(…|\{\w+\})", _plain(words)):
        if part == "…":
            parts.append(".*?")
        elif re.fullmatch(r"\{\w+\}", part):
            name = part[1:-1]
            parts.append(re.escape(names[name]) if name in names else f"(?P<{name}>[^\\s]*[\\w=])")
        else:
            parts.append(re.escape(part))
    return "".join(parts)


def _indented(words: str) -> str:
    return "\n".join(f"    {line}" for line in words.split("\n"))


__all__ = ["Player", "play"]
