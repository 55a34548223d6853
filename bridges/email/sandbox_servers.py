"""The sandbox's two servers: aiosmtpd takes what the bot sends, pymap keeps the bot's mailbox. Both real, both local."""

# ruff: noqa: SLF001 - pymap's mailboxes have no public way to be renumbered or looked into

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from argparse import Namespace
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from bot.core.bridge import Fault

INBOX = "INBOX"
#: How long a "slow" answer takes; the sandbox's settings give the bridge less patience.
SLOW = 8.0


@dataclass(slots=True)
class Taken:
    """One mail the relay accepted."""

    sender: str
    recipients: list[str]
    data: bytes
    at: float


@dataclass(slots=True)
class Faults:
    """What goes wrong next, and for whom."""

    waiting: list[tuple[Fault, str]] = field(default_factory=list)

    def next(self, kinds: set[Fault], who: str = "") -> Fault | None:
        """Take the first fault of one of `kinds` that concerns `who`."""
        for at, (fault, whom) in enumerate(self.waiting):
            if fault in kinds and whom in {"", who}:
                del self.waiting[at]
                return fault
        return None

    def has(self, kind: Fault) -> bool:
        """Whether one of that kind is still to come."""
        return any(fault == kind for fault, _ in self.waiting)


class Relay:
    """An SMTP server with a login, that refuses on demand."""

    def __init__(self, user: str, password: str, take: Callable[[Taken], None]) -> None:
        self.faults = Faults()
        self.port = 0
        self._login = (user.encode(), password.encode())
        self._take = take
        self._server: asyncio.Server | None = None
        self._open: set[Any] = set()
        self._refused: WeakSet[Any] = WeakSet()

    async def start(self) -> None:
        """Listen on a free port."""
        from aiosmtpd.smtp import SMTP

        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        # aiosmtpd warns of what is meant here: a login without TLS, on 127.0.0.1.
        warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
        relay = self

        class Connection(SMTP):
            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                relay._open.add(self)

            def connection_lost(self, error: Exception | None) -> None:
                relay._open.discard(self)
                super().connection_lost(error)

        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(
                self,
                enable_SMTPUTF8=True,
                authenticator=self._authenticate,
                auth_required=True,
                auth_require_tls=False,
                hostname="sandbox.invalid",
                ident="sandbox",
                loop=asyncio.get_running_loop(),
            ),
            "127.0.0.1",
            0,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Drop everybody."""
        if self._server is not None:
            self._server.close()
        self.drop_all()
        await asyncio.sleep(0)

    def drop_all(self) -> None:
        """Cut every connection, as a restart would."""
        for connection in list(self._open):
            if connection.transport is not None:
                connection.transport.abort()

    def _authenticate(self, _server: Any, session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        from aiosmtpd.smtp import AuthResult

        # A client that is refused one way of logging in tries the next: all fail.
        if session in self._refused or self.faults.next({"down"}):
            self._refused.add(session)
            return AuthResult(success=False, handled=False)
        return AuthResult(success=(data.login, data.password) == self._login, handled=False)

    # What aiosmtpd calls. A line returned is the answer.

    async def handle_EHLO(  # noqa: N802
        self,
        server: Any,  # noqa: ARG002
        session: Any,
        envelope: Any,  # noqa: ARG002
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """EHLO: aiosmtpd reads commands that come together, and does not say so."""
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802, ARG002
        """MAIL FROM."""
        if self.faults.has("down"):
            # The account was closed while we were logged in.
            server.transport.abort()
            return "421 4.7.0 closing"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802, ARG002
        """RCPT TO."""
        fault = self.faults.next({"later", "unreachable", "refused", "broken"}, address)
        if fault == "later":
            return "450 4.2.0 Greylisted, try again in 1 seconds"
        if fault == "unreachable":
            return "550 5.1.1 No such mailbox"
        if fault == "refused":
            return "554 5.7.1 Message rejected by policy"
        if fault == "broken":
            return "451 4.3.0 Internal error, try again in 1 seconds"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002
        """The mail itself."""
        self._take(
            Taken(envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content), time.monotonic())
        )
        fault = self.faults.next({"lost", "slow"}, envelope.rcpt_tos[0])
        if fault == "lost":
            server.transport.abort()
        elif fault == "slow":
            await asyncio.sleep(SLOW)
        return f"250 2.0.0 Ok: queued as S{id(envelope):x}"


class Mailbox:
    """The bot's mailbox on pymap, in this process."""

    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password
        self.port = 0
        self._server: asyncio.Server | None = None
        self._config: Any = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Listen on a free port, INBOX empty."""
        from proxyprotocol.sock import SocketInfo  # type: ignore[import-untyped,unused-ignore]
        from pymap.backend.dict import DictBackend
        from pymap.imap import IMAPServer
        from pysasl.hashing import Cleartext  # type: ignore[import-untyped,unused-ignore]

        logging.getLogger("pymap").setLevel(logging.CRITICAL)
        arguments = Namespace(
            host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=False, passlib_cfg=None, proxy_protocol=None,
            demo_data=False, demo_user=self.user, demo_password=self.password,
        )  # fmt: skip
        # A slow password hash would only cost every connection 0.2 s; the password here protects nothing.
        backend, self._config = await DictBackend.init(arguments, hash_context=Cleartext(), invalid_user_sleep=0.0)
        self._config.apply_context()
        serve = IMAPServer(backend.login, self._config)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            try:
                await serve(reader, writer, SocketInfo.get(writer, None))
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                self._writers.discard(writer)
                writer.close()

        self._server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        async with backend.login.demo_user_identity.new_session():
            pass  # makes INBOX

    async def stop(self) -> None:
        """Drop everybody."""
        for task in list(self._tasks):
            task.cancel()
        if self._server is not None:
            self._server.close()
        self.drop_all()
        await asyncio.sleep(0)

    def drop_all(self) -> None:
        """Cut every connection, as a restart would."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def folder(self, name: str = INBOX) -> Any:
        """Pymap's own object for a folder. Raises KeyError if there is none."""
        return await self._config.set_cache[self.user][0].get_mailbox(name)

    async def append(self, mail: bytes, folder: str = INBOX, when: datetime | None = None) -> int:
        """Put a mail into a folder, as delivery does; its UID."""
        from pymap.parsing.message import AppendMessage

        box = await self.folder(folder)
        stored = await box.append(AppendMessage(mail, when or datetime.now(UTC), frozenset()), recent=True)
        self._later(_poke(box))
        return int(stored.uid)

    def append_soon(self, mail: bytes) -> None:
        """Put a mail into INBOX from where nothing can be awaited."""
        self._later(self.append(mail))

    def _later(self, doing: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def mails(self, folder: str = INBOX) -> dict[int, tuple[bytes, set[str]]]:
        """UID → (mail, flags) of a folder; empty if there is no such folder."""
        try:
            box = await self.folder(folder)
        except KeyError:
            return {}
        return {
            uid: (bytes(stored._content), {str(flag) for flag in stored.permanent_flags})
            for uid, stored in dict(box._messages).items()
        }

    async def renumber(self) -> None:
        """A new UIDVALIDITY: the server was restored, every UID means another mail. Connections are dropped."""
        box = await self.folder()
        stored = [box._messages[uid] for uid in sorted(box._messages)]
        box._messages.clear()
        box._uid_validity += 1
        box._max_uid = 0
        for message in stored:
            box._max_uid += 1
            copied = type(message).copy(message, uid=box._max_uid)
            box._messages[box._max_uid] = copied
            box._mod_sequences.update([box._max_uid])
        self.drop_all()


async def _poke(box: Any) -> None:
    """Announce a new mail again: pymap forgets one that comes between a SEARCH and the IDLE, other servers do not."""
    for pause in (0.02, 0.1, 0.4, 1.5):
        await asyncio.sleep(pause)
        box._updated.set()
