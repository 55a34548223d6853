"""A local signal-cli-rest-api with people on devices, for the demo, the tests and the bench.

It drops what arrives while nobody listens, as the real one does, and counts it in `dropped`. As a process of its own:
`python -m bridges.signal.sandbox --port 8080 --latency 0.05`.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.core.bridge import Button, Fault, Seen

from .sandbox_server import Server
from .sandbox_world import Human, Room, World

NUMBER = "+33600000001"
_ACI = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0ff"
_PATIENCE = 3.0  # before anybody ever listened, people wait this long with their first word


class SignalSandbox:
    """The `Sandbox` of Signal. A message's id is "TIME/AUTHOR", with "me" for the bot: what the bridge calls it too."""

    def __init__(self) -> None:
        self.world = World(NUMBER, _ACI)
        self.server = Server(self.world)
        self._folder = tempfile.TemporaryDirectory(prefix="fil-commun-", ignore_cleanup_errors=True)
        self._soon: set[asyncio.Task[bool]] = set()

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1, on a free port; after a stop, on the same one with everything still there."""
        await self.server.start(port)

    async def stop(self) -> None:
        """Drop every connection and stop."""
        for task in list(self._soon):
            task.cancel()
        await self.server.stop()

    @property
    def spool(self) -> Path:
        """A place for the spool, gone with the sandbox."""
        return Path(self._folder.name) / "signal.spool"

    def settings(self) -> dict[str, Any]:
        """The section [signal] that points the real bridge here."""
        return {
            "number": NUMBER,
            "service": f"http://127.0.0.1:{self.server.port}",
            "spool": str(self.spool),
            "answer_within": "5 seconds",
        }

    def person(self, name: str, language: str = "") -> str:
        """Somebody with Signal; the network does not tell their language."""
        return self.world.human(name).aci

    def room(self, title: str, people: Sequence[str], *, founded: bool = False) -> str:
        """A group of these people to which the bot was added, or which was made with it; it is told, if it listens."""
        fresh = title not in self.world.rooms
        room = self.world.add_room(title, people, founded=founded)
        if fresh and people:
            self._tell_of(room, room.people[0])
        return room.id

    async def say(
        self, who: str, text: str, *, room: str = "", reply_to: str = "", subject: str = "", start: str = ""
    ) -> str:
        """`who` writes; an invitation's code is simply typed."""
        human, group = self.world.human(who), self._group(room)
        when, text = self.world.now(), start or text
        parts = {}
        if reply_to:
            line = next((line for line in self.world.chat(who, room) if line.id == reply_to), None)
            if line is None:
                raise ValueError("there is no such message on this device")
            parts["quote"] = self.world.quote(line)
        return await self._said(human, when, room, self.world.message(when, text, group, **parts), reply_to)

    async def _said(self, human: Human, when: int, room: str, message: dict[str, Any], reply_to: str = "") -> str:
        """A line on the device, and a frame to whoever listens."""
        number, text = f"{when}/{human.aci}", message["message"] or ""
        self.world.chat(human.name, room).append(Seen(number, text, time.monotonic(), human.name, reply_to=reply_to))
        await self._first_heard()
        if await self.server.push(self.world.envelope(human, when, dataMessage=message)):
            self.server.taken += 1
        else:
            self.server.dropped += 1
        return number

    async def _first_heard(self) -> None:
        """Until somebody listens for the first time; not for ever."""
        if not self.server.ever_heard.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self.server.ever_heard.wait()

    def _group(self, title: str) -> Room | None:
        if title and title not in self.world.rooms:
            raise ValueError(f"there is no room {title!r}")
        return self.world.rooms[title] if title else None

    async def press(self, who: str, seen: Seen, button: Button) -> None:
        """Signal has no buttons."""
        raise ValueError("Signal has no buttons: people write a number")

    def seen(self, who: str, room: str = "") -> list[Seen]:
        """What the device shows."""
        name = self.world.human(who).name
        return [replace(line, mine=line.author == name) for line in self.world.chat(name, room)]

    def fail(self, fault: Fault, times: int = 1, who: str = "") -> None:
        """Let the next `times` sends (to `who`: a person or a room's title) end like that."""
        self.server.faults += [(fault, who)] * times

    def violations(self) -> list[str]:
        """Rules of the service that requests have broken."""
        return list(self.server.broken_rules)

    # What a test or the demo may do beyond the Protocol.

    @property
    def dropped(self) -> int:
        """Words that nobody heard."""
        return self.server.dropped

    @property
    def requests(self) -> list[tuple[str, str, Any]]:
        """Every call so far: method, path, body."""
        return self.server.requests

    @property
    def latency(self) -> float:
        """Seconds before each answer to something that is carried out."""
        return self.server.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.server.latency = seconds

    async def edit(self, who: str, message: str, text: str, *, room: str = "") -> None:
        """`who` changes the words of a message of theirs."""
        line = self._own(who, message, room)
        line.text, line.edited = text, True
        when = self.world.now()
        edit = {"targetSentTimestamp": _time(message), "dataMessage": self.world.message(when, text, self._group(room))}
        await self.server.push(self.world.envelope(self.world.human(who), when, editMessage=edit))

    async def delete(self, who: str, message: str, *, room: str = "") -> None:
        """`who` takes a message of theirs back."""
        line = self._own(who, message, room)
        line.text, line.deleted = "", True
        await self.act(who, room=room, remoteDelete={"timestamp": _time(message)})

    async def react(self, who: str, message: str, emoji: str, *, room: str = "") -> None:
        """`who` reacts to a message, or takes the reaction back with no emoji."""
        author = message.partition("/")[2]
        about = self.world.quote(Seen(message, "", 0.0))
        old = self.world.reactions.pop((who, message), "👍")
        if emoji:
            self.world.reactions[who, message] = emoji
        reaction = {
            "emoji": emoji or old,
            "targetAuthor": about["author"],
            "targetAuthorNumber": about["authorNumber"],
            "targetAuthorUuid": about["authorUuid"] if author != "me" else self.world.aci,
            "targetSentTimestamp": _time(message),
            "isRemove": not emoji,
        }
        await self.act(who, room=room, reaction=reaction)

    async def act(self, who: str, *, room: str = "", **parts: Any) -> None:
        """`who` does something that is no words: the parts of a data message."""
        when = self.world.now()
        message = self.world.message(when, None, self._group(room), **parts)
        await self.server.push(self.world.envelope(self.world.human(who), when, dataMessage=message))

    async def show(
        self, who: str, name: str, content: bytes, caption: str = "", *, room: str = "", type: str = ""
    ) -> str:
        """`who` sends a file; returns the message's id."""
        when = self.world.now()
        kept = f"{when}.bin"
        self.server.attachments[kept] = content
        file = {"contentType": type or "application/octet-stream", "filename": name, "id": kept, "size": len(content)}
        message = self.world.message(when, caption or None, self._group(room), attachments=[file])
        return await self._said(self.world.human(who), when, room, message)

    def join(self, who: str, room: str) -> None:
        """`who` comes into a room."""
        self.world.rooms[room].people.append(self.world.human(who).name)
        self._changed(room, who)

    def leave(self, who: str, room: str) -> None:
        """`who` leaves a room."""
        self.world.rooms[room].people.remove(who)
        self._changed(room, who)

    def remove(self, who: str, room: str, by: str) -> None:
        """`who` is taken out of a room by one of its administrators."""
        self.world.rooms[room].people.remove(who)
        self._changed(room, by)

    def expel(self, room: str) -> None:
        """The bot is thrown out of a room."""
        self.world.rooms[room].has_bot = False
        self._changed(room, self.world.rooms[room].people[0])

    def unregister(self, who: str) -> None:
        """`who` has Signal no more."""
        self.world.human(who).registered = False

    async def _told(self, frame: dict[str, Any]) -> bool:
        await self._first_heard()
        return await self.server.push(frame)

    def _own(self, who: str, message: str, room: str) -> Seen:
        aci = self.world.human(who).aci
        return next(line for line in self.world.chat(who, room) if line.id == message and message.endswith(aci))

    def _changed(self, room: str, by: str) -> None:
        self.world.rooms[room].revision += 1
        self._tell_of(self.world.rooms[room], by)

    def _tell_of(self, room: Room, by: str) -> None:
        """Signal says that the group changed, and who did it, not how."""
        when, human = self.world.now(), self.world.human(by)
        message = self.world.message(when, None, None, groupInfo=room.info("UPDATE"))
        with contextlib.suppress(RuntimeError):  # before the server runs nobody can be told
            task = asyncio.get_running_loop().create_task(
                self._told(self.world.envelope(human, when, dataMessage=message))
            )
            self._soon.add(task)
            task.add_done_callback(self._soon.discard)


def _time(message: str) -> int:
    return int(message.partition("/")[0])


if __name__ == "__main__":
    from .sandbox_process import main

    main()
