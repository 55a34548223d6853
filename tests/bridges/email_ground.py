"""What the tests of the mail bridge stand on: a sandbox, a bridge to it, and something to say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.core.bridge import Outgoing, Personal, Shared
from bot.core.errors import Unreadable
from bot.core.events import Arrival, Event, MessageReceived
from bot.text.rich import Rich
from bridges.email import parser
from bridges.email.bridge import CHANNEL, EmailBridge
from bridges.email.incoming import Reader, events
from bridges.email.sandbox import ADDRESS, MailSandbox
from bridges.email.settings import Email

#: Settings for what needs no server.
SETTINGS = Email(
    address="cercle@exemple.org", authserv_id="sandbox", smtp={"host": "127.0.0.1"}, imap={"host": "127.0.0.1"}
)

PERSONAL = {
    "id": "m.abcdefghijklmnopqrstuvwxyz234",
    "reply_token": "abcdefghijklmnopqrstuvwxyz234",
    "bounce_token": "zyxwvutsrqponmlkjihgfedcba234",
}


@asynccontextmanager
async def sandbox() -> AsyncIterator[MailSandbox]:
    server: MailSandbox = CHANNEL.sandbox()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def settings_for(server: MailSandbox, **changed: Any) -> Email:
    """The sandbox's settings; `smtp` and `imap` may be changed in part."""
    section = server.settings()
    for name, value in changed.items():
        section[name] = {**section[name], **value} if name in {"smtp", "imap"} else value
    return Email(**section)


@asynccontextmanager
async def bridge_to(server: MailSandbox, **changed: Any) -> AsyncIterator[EmailBridge]:
    bridge = EmailBridge(settings_for(server, **changed))
    try:
        yield bridge
    finally:
        await bridge.close(0.5)


def saying(text: str | Rich = "Bonjour à tous", *, key: object = None, **changed: Any) -> Outgoing:
    """Something to send; names of `Personal` go there, others into `Shared`."""
    content = text if isinstance(text, Rich) else Rich(text)
    personal = {**PERSONAL, **{name: changed.pop(name) for name in list(changed) if name in Personal.__slots__}}
    shared = {
        "language": "fr",
        "subject": "Beloved en mars ?",
        "author": "Amina",
        "community": "Cercle de lecture",
        "slug": "cercle",
        **changed,
    }
    return Outgoing(Shared(content, cache_key=key or (content, tuple(sorted(shared))), **shared), Personal(**personal))


class Listener:
    """Iterates a bridge's arrivals as the bus does: what is committed is what was asked for."""

    def __init__(self, bridge: EmailBridge) -> None:
        self.bridge = bridge
        self.committed: list[Arrival] = []
        self.ended: BaseException | None = None
        self.again = True
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def cursor(self) -> dict[str, str]:
        """What the store would hold."""
        held: dict[str, str] = {}
        for arrival in self.committed:
            held |= arrival.cursor
        return held

    @property
    def mails(self) -> list[Arrival]:
        """Without those that only carry the cursor, and without doubles, as the store's unique key sees to."""
        return list({arrival.key: arrival for arrival in self.committed if arrival.raw}.values())

    async def _run(self) -> None:
        while self.again:
            try:
                async for batch in self.bridge.arrivals():
                    self.committed.extend(batch)
                    self._news.set()
            except OSError as error:
                self.ended = error
                await asyncio.sleep(0.05)

    async def wait(self, count: int, seconds: float = 10.0) -> list[Arrival]:
        """The mails, once there are `count`."""
        async with asyncio.timeout(seconds):
            while len(self.mails) < count:
                self._news.clear()
                await self._news.wait()
        return self.mails

    async def stop(self) -> None:
        self.again = False
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def listening(bridge: EmailBridge, cursor: dict[str, str] | None = None) -> AsyncIterator[Listener]:
    """A bridge that is open and whose arrivals are taken; at first sight it has already looked."""
    await bridge.open(cursor or {})
    listener = Listener(bridge)
    try:
        if not cursor:
            async with asyncio.timeout(5):
                while not listener.committed:
                    await asyncio.sleep(0.01)
        yield listener
    finally:
        await listener.stop()


class Direct:
    """The parser in this process: for what does not depend on its being another. A process a mail would cost minutes."""

    def __init__(self, settings: Email = SETTINGS) -> None:
        self._hello = json.loads(Reader(settings)._hello)
        self._address = settings.address

    async def read(self, raw: bytes) -> Sequence[Event]:
        return events(parser.answer(raw, self._hello), self._address)


async def message(reader: Direct | Reader, raw: bytes) -> MessageReceived:
    (event,) = await reader.read(raw)
    assert isinstance(event, MessageReceived), event
    return event


async def unreadable(reader: Direct | Reader, raw: bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        await reader.read(raw)
    return str(raised.value)


class Proxy:
    """A TCP proxy whose line can be cut, or can go dead without a word."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, 0
        self.dead = False
        self.cut_after = 0  # bytes from the server, then the line is cut
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def stop(self) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader, writer) -> None:
        try:
            there_reader, there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there}
        for source, sink, back in ((reader, there, False), (there_reader, writer, True)):
            task = asyncio.create_task(self._pump(source, sink, back))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source, sink, back: bool) -> None:
        try:
            while data := await source.read(65536):
                if self.dead:
                    continue  # swallowed: no answer, no reset
                if back and self.cut_after:
                    if len(data) >= self.cut_after:
                        sink.write(data[: self.cut_after])
                        await sink.drain()
                        self.cut_after = 0
                        self.cut()
                        return
                    self.cut_after -= len(data)
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            if not self.dead:
                sink.transport.abort()


@asynccontextmanager
async def proxied(server):
    proxy = Proxy(server.mailbox.port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


async def words(bridge, arrivals) -> list[str]:
    """What was said, as the bridge reads it."""
    return [event.text.text for each in arrivals for event in await bridge.read(each.raw)]


def letter(number: int, body: str = "Bonjour") -> bytes:
    return (
        f"From: Josette <josette@membres.example>\r\nTo: {ADDRESS}\r\nSubject: Lettre {number}\r\n"
        f"Message-ID: <letter.{number}@membres.example>\r\nDate: Tue, 3 Mar 2026 18:02:00 +0100\r\n\r\n{body} {number}\r\n"
    ).encode()


async def deliver(server, *numbers: int) -> None:
    for number in numbers:
        await server.deliver(letter(number), sender="josette@membres.example")
