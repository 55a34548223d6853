"""What the tests of the mail bridge stand on: a sandbox, a bridge to it, and something to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.core.bridge import Outgoing, Personal, Shared
from bot.core.events import Arrival
from bot.text.rich import Rich
from bridges.email.bridge import CHANNEL, EmailBridge
from bridges.email.sandbox import MailSandbox
from bridges.email.settings import Email

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
