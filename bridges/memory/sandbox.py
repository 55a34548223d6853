"""The memory network with people on devices. It speaks no protocol and needs no socket: it is in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.core.bridge import Button, Capabilities, Fault, Seen
from bridges.memory.bridge import plug_in, unplug
from bridges.memory.network import DOMAIN, Chat, Human, Network


class MemorySandbox:
    """The `Sandbox` of the memory channel, and of each it stands for."""

    def __init__(self, name: str, can: Capabilities) -> None:
        self.name = name
        self.network = Network(can)

    async def start(self) -> None:
        """Be reachable; what was said before a stop is still there."""
        plug_in(self.name, self.network)

    async def stop(self) -> None:
        """Be gone."""
        unplug(self.name)
        self.network.arrived.set()

    def settings(self) -> dict[str, Any]:
        """The section is empty."""
        return {}

    def person(self, name: str, language: str = "") -> str:
        """Somebody with a device; by mail the address, in a messenger a number."""
        return self.network.human(name, language).id

    def room(self, title: str, people: Sequence[str], *, founded: bool = False) -> str:
        """A room of these people and the bot."""
        if not self.network.can.rooms:
            raise NotImplementedError("this network has no rooms")
        if title not in self.network.rooms:
            room = self.network.add_room(title, people)
            self.network.push("presence", room, room.people[0], present=True, us=True)
            if founded:
                self.network.push("founded", room, room.people[0])
        return self.network.chat("", title).id

    async def say(
        self, who: str, text: str, *, room: str = "", reply_to: str = "", subject: str = "", start: str = ""
    ) -> str:
        """`who` writes; the first word in private lets the bot answer."""
        network, human = self.network, self.network.human(who)
        chat = network.chat(who, room)
        answered = network.line(chat, reply_to) if reply_to else None
        if not room:
            human.started, human.blocked = True, False
        if network.mail:
            return self._mail(chat, human, start or text, subject, answered)
        if start and not network.can.invites_by_link:
            start, text = "", start
        line = network.show(chat, text or start, author=human.name, reply_to=reply_to)
        network.push("message", chat, human, id=line.id, text=text, reply_to=reply_to, start=start)
        return line.id

    def _mail(self, chat: Chat, human: Human, text: str, subject: str, answered: Seen | None) -> str:
        """A letter to the bot, or an answer as a mail program writes it."""
        network = self.network
        number = f"{len(chat.lines)}.{human.id}"
        body: dict[str, Any] = {"id": number, "text": text, "subject": subject}
        if answered is not None:
            raw = answered.raw or {}
            body["subject"] = subject or _re(answered.subject)
            body["text"], body["quotes"] = network.quoted(text, answered), True
            body["references"] = [_completed(one) for one in (answered.id, *reversed(raw.get("references", ())))]
            if raw.get("token"):
                body["tokens"] = [f"r.{raw['token']}"]
        line = network.show(
            chat, text, id=number, author=human.name, subject=body["subject"], reply_to=answered.id if answered else ""
        )
        network.push("message", chat, human, **body)
        return line.id

    async def press(self, who: str, seen: Seen, button: Button) -> None:
        """Press a button; by mail its label is written as an answer."""
        if self.network.mail:
            await self.say(who, button.label, reply_to=seen.id)
            return
        for chat in self.network.chats.values():
            if any(line.raw is not None and line.raw is seen.raw for line in chat.lines):
                break
        else:
            raise ValueError("there is no such message")
        if button not in self.network.line(chat, seen.id).buttons:
            raise ValueError("this message has no such button")
        callback = f"{chat.id}:{seen.id}:{len(self.network.callbacks)}"
        self.network.callbacks.add(callback)
        self.network.push("press", chat, self.network.human(who), id=seen.id, data=button.data, callback=callback)

    def seen(self, who: str, room: str = "") -> list[Seen]:
        """What the device shows."""
        lines = self.network.chat(who, room).lines
        return [replace(line, mine=line.raw is None and line.author == who) for line in lines]

    def fail(self, fault: Fault, times: int = 1, who: str = "") -> None:
        """Let the next `times` sends (to `who`: a person or a room's title) end like that."""
        to = (self.network.rooms.get(who) or self.network.human(who).id) if who else ""
        self.network.faults += [(fault, to)] * times

    def violations(self) -> list[str]:
        """Requests that a service would have answered 400 to."""
        return list(self.network.broken)

    # What a test may do beyond the Protocol.

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Everything the bot asked for."""
        return self.network.requests

    async def edit(self, who: str, message: str, text: str, *, room: str = "") -> None:
        """`who` changes the words of a message of theirs."""
        chat = self.network.chat(who, room)
        line = self.network.line(chat, message)
        line.text, line.edited = text, True
        self.network.push("edit", chat, self.network.human(who), id=message, text=text)

    async def delete(self, who: str, message: str, *, room: str = "") -> None:
        """`who` takes a message of theirs back."""
        chat = self.network.chat(who, room)
        line = self.network.line(chat, message)
        line.text, line.deleted = "", True
        self.network.push("delete", chat, self.network.human(who), id=message)

    async def react(self, who: str, message: str, emoji: str, *, room: str = "") -> None:
        """`who` reacts to a message, or takes the reaction back with no emoji."""
        chat = self.network.chat(who, room)
        self.network.line(chat, message)
        emojis = [emoji] if emoji else []
        self.network.push("react", chat, self.network.human(who), id=message, emoji=emojis)

    def block(self, who: str) -> None:
        """`who` blocks the bot, until they write again."""
        human = self.network.human(who)
        human.blocked = True
        self.network.push("presence", self.network.chats[human.id], human, present=False)

    def join(self, who: str, room: str) -> None:
        """`who` comes into a room."""
        chat, human = self.network.chat(who, room), self.network.human(who)
        chat.people.append(human)
        self.network.push("presence", chat, human, present=True)

    def leave(self, who: str, room: str) -> None:
        """`who` leaves a room."""
        chat, human = self.network.chat(who, room), self.network.human(who)
        chat.people.remove(human)
        self.network.push("presence", chat, human, present=False)

    def remove(self, who: str, room: str, by: str) -> None:
        """`who` is taken out of a room by one of its administrators."""
        chat, human = self.network.chat(who, room), self.network.human(who)
        chat.people.remove(human)
        self.network.push("presence", chat, human, present=False, removed=True)


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _completed(number: str) -> str:
    """An id as a mail's fields show it: ours get our domain."""
    return number if "@" in number else f"{number}@{DOMAIN}"
