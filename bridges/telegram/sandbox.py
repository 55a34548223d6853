"""A local Bot API with people on devices, for the demo, the tests and the bench; the real bridge talks to it.

It refuses what Telegram refuses: a text too long, an answer to a message of another chat, a word to somebody who never
pressed Start or has blocked the bot, a second reader of the updates. As a process of its own:
`python -m bridges.telegram.sandbox --port 8081 --latency 0.05`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from bot.core.bridge import Button, Fault, Seen

from .sandbox_rules import Limits
from .sandbox_server import Server
from .sandbox_world import Chat, World, buttons

NAME, USERNAME = "Facteur", "facteur_sandbox_bot"


class TelegramSandbox:
    """The `Sandbox` of Telegram; times in `Seen.at` are `time.monotonic`, which all processes of a machine share."""

    def __init__(self) -> None:
        self.world = World(USERNAME, NAME)
        self.server = Server(self.world)

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1, on a free port; after a stop, on the same one with everything still there."""
        await self.server.start(port)

    async def stop(self) -> None:
        """Drop every connection and stop."""
        await self.server.stop()

    def settings(self) -> dict[str, Any]:
        """The section [telegram] that points the real bridge here."""
        return {
            "token": self.server.token,
            "api": f"http://127.0.0.1:{self.server.port}",
            "answer_within": "5 seconds",
        }

    def person(self, name: str, language: str = "") -> str:
        """Somebody with Telegram; the bot may write to them once they have written to it."""
        return str(self.world.human(name, language).id)

    def room(self, title: str, people: Sequence[str], *, founded: bool = False) -> str:
        """A supergroup of these people and the bot."""
        if title not in self.world.rooms:
            self.world.add_room(title, people, founded=founded)
        return str(self.world.chat_of("", title).id)

    async def say(
        self, who: str, text: str, *, room: str = "", reply_to: str = "", subject: str = "", start: str = ""
    ) -> str:
        """`who` writes; the first word in private presses Start, and a block ends with it."""
        human, chat = self.world.human(who), self.world.chat_of(who, room)
        if not room:
            if human.blocked:
                human.blocked = False
                self.world.bot_moved(chat, human, present=True, kicked="kicked")
            human.started = True
        text = f"/start {start}" if start else text
        content: dict[str, Any] = {"text": text}
        if text.startswith("/") and len(text) > 1:
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        message = self.world.add(chat, human, content, int(reply_to or 0))
        if not (room and self.server.methods.privacy and not text.startswith("/") and not self._to_us(message)):
            self.world.push("message", message)
        return str(message["message_id"])

    def _to_us(self, message: dict[str, Any]) -> bool:
        """In privacy mode an answer to the bot still reaches it."""
        parent = message.get("reply_to_message")
        return bool(parent and parent["from"]["id"] == self.world.bot["id"])

    async def press(self, who: str, seen: Seen, button: Button) -> None:
        """Press a button under a message of the bot's."""
        chat = self.world.chats[seen.raw["chat_id"]]
        message = chat.messages[int(seen.id)]
        if button not in buttons(message.get("reply_markup")):
            raise ValueError("this message has no such button")
        number = f"{chat.id}-{seen.id}-{len(self.world.callbacks)}-{time.monotonic_ns()}"
        self.world.callbacks[number] = time.monotonic()
        query = {"id": number, "from": self.world.human(who).user(), "message": message, "chat_instance": str(chat.id)}
        self.world.push("callback_query", query | {"data": button.data})

    def seen(self, who: str, room: str = "") -> list[Seen]:
        """What the device shows, also what was said before a group moved to another id."""
        chat: Chat | None = self.world.chat_of(who, room)
        me, lines = self.world.human(who).id, list[Seen]()
        while chat is not None:
            lines[:0] = [replace(line, mine=author == me) for line, author in chat.lines.values()]
            chat = self.world.chats[chat.moved_from] if chat.moved_from is not None else None
        return lines

    def seen_since(self, who: str, since: int) -> list[Seen]:
        """What a private chat shows after its first `since` lines; it costs what is new, not what is there."""
        chat, me = self.world.chat_of(who, ""), self.world.human(who).id
        lines = list(islice(reversed(chat.lines.values()), max(0, len(chat.lines) - since)))
        return [replace(line, mine=author == me) for line, author in reversed(lines)]

    def fail(self, fault: Fault, times: int = 1, who: str = "") -> None:
        """Let the next `times` sends (to `who`: a person or a room's title) end like that."""
        room = who if who in self.world.rooms else ""
        chat = self.world.chat_of(who, room).id if who else 0
        self.server.faults += [(fault, chat)] * times

    def violations(self) -> list[str]:
        """Rules of the service that requests have broken, and buttons that were left waiting (T22)."""
        late = sum(1 for at in self.world.callbacks.values() if time.monotonic() - at > 10)
        waiting = [f"{late} pressed buttons were not answered within 10 seconds"] if late else []
        return self.server.broken_rules + waiting

    # What a test or the demo may do beyond the Protocol.

    @property
    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        """Every call so far, with its parameters: what is held against the specification."""
        return self.server.requests

    @property
    def latency(self) -> float:
        """Seconds before each answer, but for getUpdates."""
        return self.server.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.server.latency = seconds

    @property
    def limits(self) -> bool:
        """Whether more than 30 a second, 1 a second to a person, 20 a minute to a group are refused with 429."""
        return self.server.limits is not None

    @limits.setter
    def limits(self, on: bool) -> None:
        self.server.limits = Limits() if on else None

    async def edit(self, who: str, message: str, text: str, *, room: str = "") -> None:
        """`who` changes the words of a message of theirs."""
        chat = self.world.chat_of(who, room)
        changed = chat.messages[int(message)] | {"text": text, "edit_date": int(time.time())}
        chat.messages[int(message)] = changed
        line, author = chat.lines[int(message)]
        chat.lines[int(message)] = (replace(line, text=text, edited=True), author)
        self.world.push("edited_message", changed)

    async def react(self, who: str, message: str, emoji: str, *, room: str = "") -> None:
        """`who` reacts to a message, or takes the reaction back with no emoji."""
        chat, user = self.world.chat_of(who, room), self.world.human(who).user()
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        body = {"chat": chat.chat(), "message_id": int(message), "user": user, "date": int(time.time())}
        self.world.push("message_reaction", body | {"old_reaction": [], "new_reaction": new})

    async def show(self, who: str, name: str, content: bytes, caption: str = "", *, room: str = "") -> str:
        """`who` sends a file; returns the message's id."""
        self.world.human(who).started = True
        number = self.server.methods.keep(content)
        document = {"file_id": number, "file_unique_id": number, "file_name": name, "file_size": len(content)}
        said = {"document": document} | ({"caption": caption} if caption else {})
        message = self.world.add(self.world.chat_of(who, room), self.world.human(who), said)
        self.world.push("message", message)
        return str(message["message_id"])

    def block(self, who: str) -> None:
        """`who` blocks the bot."""
        human = self.world.human(who)
        human.blocked = True
        self.world.bot_moved(self.world.chat_of(who), human, present=False, kicked="kicked")

    def join(self, who: str, room: str) -> None:
        """`who` comes into a room."""
        self.world.moved(self.world.chat_of(who, room), self.world.human(who), present=True)

    def leave(self, who: str, room: str) -> None:
        """`who` leaves a room."""
        self.world.moved(self.world.chat_of(who, room), self.world.human(who), present=False)

    def remove(self, who: str, room: str, by: str) -> None:
        """`who` is taken out of a room by one of its administrators."""
        self.world.moved(self.world.chat_of(who, room), self.world.human(who), present=False, by=self.world.human(by))

    def expel(self, room: str) -> None:
        """The bot is thrown out of a room."""
        chat = self.world.chat_of("", room)
        self.world.bot_moved(chat, chat.people[0], present=False, kicked="kicked")

    def migrate(self, room: str, tell: Sequence[str] = ("to", "from")) -> tuple[str, str]:
        """A group becomes a supergroup: the old and the new id. `tell`: which of the two notices the bot gets."""
        old, new = self.world.migrate(room, tell)
        return str(old), str(new)


if __name__ == "__main__":
    from .sandbox_process import main

    main()
