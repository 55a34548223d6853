"""A pool of SMTP connections: each send takes a free one, opens another when all are busy, up to a limit.

Until the relay has asked for the mail nothing of it has left; once it is under way and no answer comes, nobody knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections import deque
from typing import TYPE_CHECKING

from bot.core.errors import BridgeError, Refused, TryLater, Uncertain, Unreachable
from bridges.email import refusals
from bridges.email.exchange import Answer, Cut, Exchange

if TYPE_CHECKING:
    from bridges.email.outgoing import Mail
    from bridges.email.settings import Smtp

_log = logging.getLogger("filcommun.email")

_IDLE = 20.0  # seconds a connection is kept without a mail; providers close theirs after 60 to 300
_CONNECT_TIMEOUT = 20.0
_NO_MORE = 421
#: Whose fault it is when MAIL, RCPT or DATA is refused.
_REFUSED = (refusals.sender, refusals.recipient, refusals.content)


class Pool:
    """Connections to one relay."""

    def __init__(self, settings: Smtp, connections: int) -> None:
        self._settings = settings
        self._limit = connections
        self._free: list[_Connection] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._busy: set[_Connection] = set()
        self._reaper: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def send(self, mail: Mail) -> str:
        """Send one mail and return the relay's 250 answer. Raises the errors of `bot.core.errors`."""
        connection = await self._take()
        keep = False
        try:
            answer = await connection.send(mail)
            keep = True
        except BridgeError:
            keep = connection.usable
            raise
        finally:
            # Also on cancellation: a connection in the middle of a mail is never used again.
            self._give_back(connection, keep=keep)
        return answer

    async def probe(self) -> str:
        """Connect and log in, without a mail; what the relay says it can do. Raises Down or TryLater."""
        connection = await self._take()
        keep = False
        try:
            extensions = await connection.ready()
            keep = True
        finally:
            self._give_back(connection, keep=keep)
        return extensions

    async def close(self, deadline: float) -> None:
        """Let mails under way end for at most `deadline` seconds, then close every connection."""
        end = time.monotonic() + deadline
        while self._busy and time.monotonic() < end:  # noqa: ASYNC110 - once in a life
            await asyncio.sleep(0.02)
        for connection in (*self._free, *self._busy):
            connection.drop()
        self._free.clear()
        if self._reaper is not None:
            self._reaper.cancel()
        for task in list(self._closing):
            task.cancel()

    async def _take(self) -> _Connection:
        """A free connection, the one used last first: the others may close."""
        while True:
            if self._free:
                connection = self._free.pop()
                break
            if self._open < self._limit:
                self._open += 1
                connection = _Connection(self._settings)
                break
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                # Woken and cancelled at once: the turn belongs to the next.
                if waiter.done() and not waiter.cancelled():
                    self._wake()
                raise
        self._busy.add(connection)
        return connection

    def _give_back(self, connection: _Connection, *, keep: bool) -> None:
        """Free the place, with its connection if it is still good."""
        self._busy.discard(connection)
        if keep and connection.usable:
            connection.used = time.monotonic()
            self._free.append(connection)
            if self._reaper is None:
                self._reaper = asyncio.get_running_loop().call_later(_IDLE, self._reap)
        else:
            connection.drop()
            self._open -= 1
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _reap(self) -> None:
        """Close what nobody used for a while."""
        loop = asyncio.get_running_loop()
        old = time.monotonic() - _IDLE
        for connection in [each for each in self._free if each.used <= old]:
            self._free.remove(connection)
            self._open -= 1
            task = loop.create_task(connection.quit())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._reaper = loop.call_later(_IDLE / 2, self._reap) if self._free else None


class _Connection:
    """One SMTP connection, opened when first used."""

    def __init__(self, settings: Smtp) -> None:
        self._settings = settings
        self._exchange: Exchange | None = None
        self._extensions: dict[str, str] = {}
        self._limit = 0  # bytes the relay takes in one mail; 0: it did not say
        self._carried = 0
        self.used = 0.0

    @property
    def usable(self) -> bool:
        """Whether the next mail may go through it."""
        return self._exchange is not None and self._exchange.is_open

    def drop(self) -> None:
        """Close without a word."""
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None

    async def quit(self) -> None:
        """Close with QUIT, for at most two seconds."""
        if self._exchange is not None:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._exchange.quit()
        self.drop()

    async def ready(self) -> str:
        """Be connected, encrypted and logged in; the relay's extensions."""
        if not self.usable:
            await self._connect()
        return " ".join(sorted(self._extensions))

    async def send(self, mail: Mail) -> str:
        """One mail; the relay's 250 answer. An old connection that turns out to be closed is replaced once."""
        exchange = self._exchange
        if exchange is not None and exchange.is_open and self._carried:
            try:
                refused, answer = await self._envelope(exchange, mail)
            except (Cut, TimeoutError):
                # The relay closed it while it was idle, or takes no more on it: nothing of this mail has left.
                exchange = await self._connect()
            else:
                return await self._rest(exchange, mail, refused, answer)
        elif exchange is None or not exchange.is_open:
            exchange = await self._connect()
        try:
            refused, answer = await self._envelope(exchange, mail)
        except (Cut, TimeoutError) as error:
            self.drop()
            raise TryLater("the relay closed the connection", after=30, scope="channel") from error
        return await self._rest(exchange, mail, refused, answer)

    async def _connect(self) -> Exchange:
        """Open, encrypt as configured, log in. Raises Down or TryLater, each naming the section."""
        import aiosmtplib

        self.drop()
        smtp = aiosmtplib.SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            username=self._settings.user or None,
            password=self._settings.password.get_secret_value() if self._settings.user else None,
            # HELO with an address literal: asking DNS for our own name can hang for seconds (RFC 5321, 4.1.3).
            local_hostname="[127.0.0.1]",
            timeout=self._settings.timeout,
            use_tls=self._settings.security == "tls",
            start_tls=self._settings.security == "starttls",
        )
        try:
            await smtp.connect(timeout=min(_CONNECT_TIMEOUT, self._settings.timeout))
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
            if not isinstance(smtp.transport, asyncio.Transport):
                raise aiosmtplib.SMTPServerDisconnected("the relay closed the connection")
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            smtp.close()
            refusals.connecting(self._settings, error)
        self._extensions = dict(smtp.esmtp_extensions)
        size = self._extensions.get("size", "")
        self._limit = int(size) if size.isdigit() else 0
        self._carried = 0
        self._exchange = Exchange(
            smtp.transport, pipelining="pipelining" in self._extensions, timeout=self._settings.timeout
        )
        return self._exchange

    async def _envelope(self, exchange: Exchange, mail: Mail) -> tuple[int, Answer]:
        """Ask for leave to send; what `Exchange.envelope` says. Raises what cannot travel through this relay."""
        if self._limit and len(mail.data) > self._limit:
            raise Refused(f"the mail is larger than the relay's limit of {self._limit} bytes")
        options = b" SIZE=%d" % len(mail.data) if "size" in self._extensions else b""
        if not mail.recipient.isascii():
            if "smtputf8" not in self._extensions:
                raise Unreachable("the relay does not carry addresses with accents (SMTPUTF8)")
            options += b" SMTPUTF8"
        refused, answer = await exchange.envelope(mail.sender.encode(), mail.recipient.encode(), options)
        if refused == 0 and answer.code == _NO_MORE and self._carried:
            raise Cut([answer])  # "no more mails on this connection": a new one takes it
        return refused, answer

    async def _rest(self, exchange: Exchange, mail: Mail, refused: int, answer: Answer) -> str:
        """The mail itself, unless its envelope was refused."""
        if refused < len(_REFUSED):
            if exchange.is_open:
                await exchange.reset()
            _REFUSED[refused](answer.code, answer.text)
        try:
            done = await exchange.content(mail.data)
        except (Cut, TimeoutError) as error:
            self.drop()
            raise Uncertain("the connection ended after DATA") from error
        if done.code != 250:
            if exchange.is_open:
                await exchange.reset()
            refusals.content(done.code, done.text)
        self._carried += 1
        return done.text
