"""The people, chats and messages of the sandbox, as Telegram's JSON; and the queue of updates that wait for the bot."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.bridge import Button, Seen

DEFAULT_KINDS = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
BATCH = 100


@dataclass(slots=True)
class Human:
    """Somebody with Telegram on a device."""

    id: int
    name: str
    language: str = ""
    started: bool = False
    blocked: bool = False

    def user(self) -> dict[str, Any]:
        """The User that stands in messages."""
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.name}
        return user | ({"language_code": self.language} if self.language else {})


@dataclass(slots=True)
class Chat:
    """A private chat or a group, with everything ever said in it."""

    id: int
    kind: str
    title: str
    people: list[Human]
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    lines: dict[int, tuple[Seen, int]] = field(default_factory=dict)  # with the author's id
    topics: set[int] = field(default_factory=set)
    moved_to: int | None = None
    moved_from: int | None = None
    bot_is_in: bool = True
    hides_members: bool = False  # from everybody but its administrators

    def chat(self) -> dict[str, Any]:
        """The Chat that stands in messages."""
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": self.title}
        return {"id": self.id, "type": self.kind, "title": self.title} | ({"is_forum": True} if self.topics else {})


class World:
    """Everything that is there, and what the bot has not yet been told."""

    def __init__(self, username: str, name: str) -> None:
        self.bot: dict[str, Any] = {"id": 7_000_000_001, "is_bot": True, "first_name": name, "username": username}
        self.humans: dict[str, Human] = {}
        self.chats: dict[int, Chat] = {}
        self.rooms: dict[str, int] = {}
        self.updates: deque[dict[str, Any]] = deque()
        self.kinds: Iterable[str] = DEFAULT_KINDS
        self.arrived = asyncio.Event()
        self.callbacks: dict[str, float] = {}  # asked, and not yet answered
        self._next_update = 500_001
        self._next_person = 100_001

    def human(self, name: str, language: str = "") -> Human:
        """Somebody of this name; the same name is the same person."""
        found = self.humans.get(name)
        if found is None:
            found = self.humans[name] = Human(self._next_person, name, language)
            self._next_person += 1
            self.chats[found.id] = Chat(found.id, "private", name, [found])
        elif language:
            found.language = language
        return found

    def add_room(self, title: str, people: Sequence[str], kind: str = "supergroup", *, founded: bool = False) -> Chat:
        """A group of these people, the bot just added by the first of them; or made with it by that one."""
        number = -(4_000_000 + len(self.rooms)) if kind == "group" else -(1_001_000_000_000 + len(self.rooms))
        chat = Chat(number, kind, title, [self.human(name) for name in people])
        self.chats[number] = chat
        self.rooms[title] = number
        owner = chat.people[0] if chat.people else self.human("the owner")
        self.bot_moved(chat, owner, present=True)
        if founded:
            self.push("message", self.add(chat, owner, {"group_chat_created": True}))
        return chat

    def chat_of(self, who: str, room: str = "") -> Chat:
        """The private chat of `who`, or the room, wherever it has moved to."""
        chat = self.chats[self.rooms[room] if room else self.human(who).id]
        while chat.moved_to is not None:
            chat = self.chats[chat.moved_to]
        return chat

    def push(self, kind: str, body: dict[str, Any]) -> None:
        """One more update, unless the bot has not asked for its kind."""
        if kind in self.kinds:
            self.updates.append({"update_id": self._next_update, kind: body})
            self._next_update += 1
            self.arrived.set()

    def skip_to(self, update_id: int) -> None:
        """Let the next update have this number: after a quiet week they start anew somewhere."""
        self._next_update = update_id

    def add(
        self, chat: Chat, author: Human | None, content: dict[str, Any], reply_to: int = 0, raw: Any = None
    ) -> dict[str, Any]:
        """A message in `chat`, from the bot when there is no author; returns its JSON."""
        number = len(chat.messages) + 1
        user = author.user() if author else self.bot
        message: dict[str, Any] = {"message_id": number, "date": int(time.time()), "chat": chat.chat(), "from": user}
        files = content.pop("files", ())
        message |= content
        if reply_to:
            parent = chat.messages[reply_to]
            message["reply_to_message"] = {k: v for k, v in parent.items() if k != "reply_to_message"}
        chat.messages[number] = message
        chat.lines[number] = (
            Seen(
                id=str(number),
                text=content.get("text") or content.get("caption") or "",
                at=time.monotonic(),
                author=user["first_name"],
                reply_to=str(reply_to) if reply_to else "",
                buttons=buttons(content.get("reply_markup")),
                files=files,
                raw=raw,
            ),
            user["id"],
        )
        return message

    def bot_moved(self, chat: Chat, by: Human, *, present: bool, kicked: str = "left") -> None:
        """Tell the bot that it came or went; in private: that it was unblocked or blocked."""
        chat.bot_is_in = present
        there: dict[str, Any] = {"user": self.bot, "status": "member"}
        gone: dict[str, Any] = {"user": self.bot, "status": kicked}
        if kicked == "kicked":
            gone["until_date"] = 0
        old, new = (gone, there) if present else (there, gone)
        self._changed("my_chat_member", chat, by, old, new)

    def moved(self, chat: Chat, who: Human, *, present: bool, by: Human | None = None) -> None:
        """Somebody came into a group, left it or was removed by somebody: as a change of membership and as a notice."""
        there: dict[str, Any] = {"user": who.user(), "status": "member"}
        gone: dict[str, Any] = {"user": who.user(), "status": "kicked", "until_date": 0} if by else {
            "user": who.user(), "status": "left",
        }  # fmt: skip
        old, new = (gone, there) if present else (there, gone)
        chat.people = [p for p in chat.people if p is not who] + ([who] if present else [])
        self._changed("chat_member", chat, by or who, old, new)
        content = {"new_chat_members": [who.user()]} if present else {"left_chat_member": who.user()}
        self.push("message", self.add(chat, by or who, content))

    def _changed(self, kind: str, chat: Chat, by: Human, old: dict[str, Any], new: dict[str, Any]) -> None:
        body = {"chat": chat.chat(), "from": by.user(), "date": int(time.time())}
        self.push(kind, body | {"old_chat_member": old, "new_chat_member": new})

    def migrate(self, title: str, tell: Sequence[str] = ("to", "from")) -> tuple[int, int]:
        """Make a group a supergroup: another id, and message ids that begin anew. `tell`: which notices are sent."""
        old = self.chat_of("", title)
        new = Chat(-(1_002_000_000_000 + len(self.chats)), "supergroup", title, old.people, moved_from=old.id)
        self.chats[new.id] = new
        if "to" in tell:
            self.push("message", self.add(old, old.people[0], {"migrate_to_chat_id": new.id}))
        old.moved_to = new.id
        if "from" in tell:
            self.push("message", self.add(new, old.people[0], {"migrate_from_chat_id": old.id}))
        return old.id, new.id


def buttons(markup: Any) -> tuple[Button, ...]:
    """The keyboard of a message, row after row."""
    rows = markup["inline_keyboard"] if markup else ()
    return tuple(Button(b["text"], b["callback_data"]) for row in rows for b in row)
