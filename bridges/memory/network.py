"""The memory network: people, chats, what was said in them, and what the bot has not yet been told.

It keeps every update until it is acknowledged, as a Bot API server or a mailbox does, and it refuses what such a
service refuses. It either is a messenger (chats, ids that count from 1 in each) or, where the channel has titles, mail
(a mailbox each, ids that are the same everywhere).
"""

from __future__ import annotations

import asyncio
import json
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.bridge import Button, Capabilities, Fault, Seen
from bot.text.rich import utf16_length

BOT = "the postman"
DOMAIN = "memory.example"


class RefusalError(Exception):
    """The network did not take a request: `why` is the fault's name."""

    def __init__(self, why: Fault, reason: str = "", after: float | None = None) -> None:
        super().__init__(reason or why)
        self.why: Fault = why
        self.after = after


@dataclass(slots=True)
class Human:
    """Somebody with a device."""

    name: str
    id: str
    language: str = ""
    started: bool = False  # has written to the bot, who may answer from then on
    blocked: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat, a mailbox or a room, with everything that was said in it."""

    id: str
    title: str
    people: list[Human]
    room: bool = False
    lines: list[Seen] = field(default_factory=list)


class Network:
    """Everything that is there. The bridge calls `take`, `waiting` and `forget`; the sandbox the rest."""

    def __init__(self, can: Capabilities) -> None:
        self.can = can
        self.mail = can.titles
        self.account = f"circle@{DOMAIN}" if self.mail else BOT
        self.humans: dict[str, Human] = {}
        self.chats: dict[str, Chat] = {}
        self.rooms: dict[str, str] = {}  # title → id
        self.updates: dict[int, bytes] = {}  # those the bot has not acknowledged
        self.arrived = asyncio.Event()
        self.faults: list[tuple[Fault, str]] = []  # the next ones, each with the chat it is meant for, or any
        self.requests: list[dict[str, Any]] = []
        self.broken: list[str] = []
        self.callbacks: set[str] = set()  # buttons pressed, and not yet answered
        self.removed: list[str] = []  # people whose items it was asked to keep no longer
        self.tidied = 0.0  # and since when it keeps handled ones
        self._number = 0

    # People and chats

    def human(self, name: str, language: str = "") -> Human:
        """Somebody of this name; the same name is the same person."""
        known = self.humans.get(name)
        if known is None:
            known = self.humans[name] = Human(name, self._id_of(name), language)
            self.chats[known.id] = Chat(known.id, name, [known])
        elif language:
            known.language = language
        return known

    def _id_of(self, name: str) -> str:
        if not self.mail:
            return str(7_001 + len(self.humans))
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        return f"{'.'.join(plain.split()) or len(self.humans)}@members.example"

    def add_room(self, title: str, people: Sequence[str]) -> Chat:
        """A room of these people and the bot."""
        room = Chat(str(-501 - len(self.rooms)), title, [self.human(name) for name in people], room=True)
        self.chats[room.id], self.rooms[title] = room, room.id
        return room

    def chat(self, who: str, room: str = "") -> Chat:
        """The private chat of `who`, or the room of that title; KeyError if there is none."""
        return self.chats[self.rooms[room] if room else self.human(who).id]

    # What people do

    def push(self, kind: str, chat: Chat, human: Human, **body: Any) -> None:
        """Keep an update for the bot."""
        self._number += 1
        update = {
            "number": self._number,
            "kind": kind,
            "place": {"id": chat.id, "room": chat.room, "title": chat.title if chat.room else ""},
            "from": {"id": human.id, "name": human.name, "language": human.language},
            "date": time.time(),
            **body,
        }
        self.updates[self._number] = json.dumps(update).encode()
        self.arrived.set()

    def show(self, chat: Chat, text: str, **fields: Any) -> Seen:
        """Another line on the devices of a chat."""
        number = fields.pop("id", "") or str(len(chat.lines) + 1)
        line = Seen(id=number, text=text, at=time.monotonic(), **fields)
        chat.lines.append(line)
        return line

    @staticmethod
    def line(chat: Chat, number: str) -> Seen:
        """The line with this id; ValueError if this chat shows none."""
        for line in reversed(chat.lines):
            if line.id == number:
                return line
        raise ValueError(f"there is no message {number} in this chat")

    @staticmethod
    def quoted(answer: str, line: Seen) -> str:
        """An answer as a mail program sends it: what is answered stands below, behind ">"."""
        return f"{answer}\n\n{line.author} wrote :\n" + "".join(f"> {row}\n" for row in line.text.split("\n"))

    # What the bot asks

    def waiting(self) -> list[tuple[int, bytes]]:
        """What it has not acknowledged, oldest first."""
        self.arrived.clear()
        return list(self.updates.items())

    def forget(self, numbers: Sequence[int]) -> None:
        """It has these."""
        for number in numbers:
            self.updates.pop(number, None)

    async def take(self, body: dict[str, Any]) -> str:
        """Show a message of the bot's; its id. Raises RefusalError; after a "lost" or "slow" one it is shown all the same."""
        self.requests.append(body)
        chat = self.chats.get(body["to"])
        fault = self._fault(chat)
        if fault in ("later", "refused", "unreachable", "down", "broken"):
            raise RefusalError(fault, after=0.05 if fault == "later" else None)
        if chat is None:
            raise RefusalError("unreachable", "no such chat")
        if not chat.room and chat.people[0].blocked:
            raise RefusalError("unreachable", "blocked")
        if not (chat.room or chat.people[0].started or self.can.writes_first):
            raise RefusalError("unreachable", "this person never wrote to the bot")
        wrong = self._wrong(chat, body)
        if wrong:
            self.broken.append(wrong)
            raise RefusalError("refused", wrong)
        author = body.get("author") or BOT
        rows = body.get("buttons", ())
        line = self.show(
            chat, body["text"], id=body.get("id", ""), author=author, subject=body.get("subject", ""),
            reply_to=body["reply_to"], buttons=tuple(Button(*button) for row in rows for button in row),
            files=tuple(body.get("files", ())), raw=body,
        )  # fmt: skip
        if fault == "slow":
            await asyncio.sleep(3600)
        if fault == "lost":
            raise RefusalError("lost")
        return line.id

    def _fault(self, chat: Chat | None) -> Fault | None:
        for position, (fault, to) in enumerate(self.faults):
            if not to or (chat is not None and chat.id == to):
                del self.faults[position]
                return fault
        return None

    def _wrong(self, chat: Chat, body: dict[str, Any]) -> str:
        """What a service would answer 400 to, in a sentence."""
        if not body["text"] and not body.get("files"):
            return "a message without words"
        if sum(len(content) for _, content in body.get("files", ())) > self.can.max_file:
            return "files larger than this network takes"
        if utf16_length(body["text"]) > self.can.max_text:
            return "a message longer than this network takes"
        if body.get("buttons") and not self.can.buttons:
            return "buttons where there are none"
        if any(len(data.encode()) > 64 for row in body.get("buttons", ()) for _, data in row):
            return "a button that carries more than 64 bytes"
        if self.mail:
            missing = [name for name in ("id", "subject", "token", "bounce") if not body.get(name)]
            return f"a mail without {missing[0]}" if missing else ""
        if body["reply_to"] and not any(line.id == body["reply_to"] for line in chat.lines):
            return "an answer to a message that is not in this chat"
        return ""

    def own(self, chat_id: str, number: str) -> Seen:
        """A line of the bot's, to be changed. Raises RefusalError."""
        chat = self.chats.get(chat_id)
        for line in chat.lines if chat else ():
            if line.id == number and line.raw is not None:
                return line
        raise RefusalError("refused", "this message is not the bot's")
