"""One IMAP connection on which every call has a deadline; any doubt ends it, and a new one begins.

aioimaplib notices neither a cut line nor a silent server, and after one timed-out command the next of its kind times out
too: so a failure of any kind is `Lost`, the connection is thrown away, and the loop that uses it starts again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, NoReturn

from bot.core.errors import Down

if TYPE_CHECKING:
    from bridges.email.settings import Imap

_CHECK = "run: filcommun check email"
_UIDVALIDITY = re.compile(rb"UIDVALIDITY (\d+)")
_UIDNEXT = re.compile(rb"UIDNEXT (\d+)")
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]*)"')


class Lost(ConnectionError):
    """The IMAP connection cannot be trusted any more."""


class Session:
    """A connection with INBOX selected."""

    def __init__(self, settings: Imap) -> None:
        self._settings = settings
        self._client: Any = None
        self._lost = asyncio.Event()
        self.uidvalidity = 0
        self.uidnext = 0
        self.exists = 0
        self.announced = False  # "* n EXISTS" came since this was last set to False

    @classmethod
    async def open(cls, settings: Imap) -> Session:
        """Connect, encrypt, log in, select INBOX. Raises Down if the account or the set-up is at fault, else Lost."""
        session = cls(settings)
        try:
            await session._connect()
            await session._login()
            await session._select()
        except BaseException:
            session.abort()
            raise
        return session

    @property
    def lost(self) -> bool:
        """The connection ended, and we know it."""
        return self._lost.is_set()

    def can(self, capability: str) -> bool:
        """Whether the server has it."""
        return bool(self._client.has_capability(capability))

    def abort(self) -> None:
        """End the connection without a word; nothing is left to be awaited."""
        self._lost.set()
        client = self._client
        if client is None:
            return
        if client._idle_waiter is not None:  # noqa: SLF001 - aioimaplib cancels it only in idle_done
            client._idle_waiter.cancel()  # noqa: SLF001
        task = client._client_task  # noqa: SLF001 - the only handle on a connection being made
        if not task.done():
            task.cancel()
        elif not task.cancelled():
            task.exception()
        for pending in (*client.tasks, *client.protocol.tasks):
            pending.cancel()
        if client.protocol.transport:
            client.protocol.transport.abort()

    async def call(self, doing: Awaitable[Any], what: str) -> list[Any]:
        """The lines of the answer; Lost if it is not OK, or not there in time."""
        answer = await self._await(doing, what)
        if answer.result != "OK":
            raise Lost(f"{what}: the server answered {answer.result}")
        return list(answer.lines)

    async def try_call(self, doing: Awaitable[Any], what: str) -> bool:
        """Did the server say OK? NO and BAD are answers too; only silence is Lost."""
        return str((await self._await(doing, what)).result) == "OK"

    async def _await(self, doing: Awaitable[Any], what: str) -> Any:
        from aioimaplib.aioimaplib import AioImapException

        gone = asyncio.ensure_future(self._lost.wait())
        task = asyncio.ensure_future(doing)
        try:
            # A cut line is told by the callback at once; waiting for the deadline would cost half a minute.
            await asyncio.wait({task, gone}, timeout=self._settings.timeout, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return self._silent(what)
            return task.result()
        except Lost:
            raise
        except (AioImapException, OSError, TimeoutError, ValueError, IndexError, RecursionError) as error:
            raise Lost(f"{what}: {type(error).__name__}") from error
        finally:
            gone.cancel()
            if not task.done():
                task.cancel()

    def _silent(self, what: str) -> NoReturn:
        """No answer came."""
        raise Lost(f"{what}: {'the connection ended' if self.lost else 'no answer in time'}")

    async def _connect(self) -> None:
        """The connection itself."""
        from aioimaplib.aioimaplib import IMAP4

        # Its lines at lower levels hold whole mails.
        logging.getLogger("aioimaplib").setLevel(logging.WARNING)
        settings = self._settings
        place = f"[email.imap] {settings.host}:{settings.port}"
        context = ssl.create_default_context() if settings.security != "none" else None
        self._client = IMAP4(
            settings.host,
            settings.port,
            timeout=settings.timeout,
            conn_lost_cb=lambda _error: self._lost.set(),
            ssl_context=context if settings.security == "tls" else None,  # type: ignore[arg-type]
        )
        self._listen_for_news()
        try:
            # Not wait_for, here and below: before Python 3.12 it may lose a cancellation that comes with the answer.
            async with asyncio.timeout(settings.timeout):
                await self._client.wait_hello_from_server()
            if settings.security == "starttls":
                await self._starttls(context)
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason or "no TLS there"
            raise Down(
                f"{place}: the encrypted connection failed ({why})", f"check host and security, then {_CHECK}"
            ) from error
        except TimeoutError as error:
            raise Lost(f"{place}: no answer") from error
        except OSError as error:
            raise Lost(f"{place}: nothing answers there") from error

    def _listen_for_news(self) -> None:
        """Note every "* n EXISTS", with whatever answer it comes.

        aioimaplib drops those that come with the answer to another command than IDLE, and a server does not repeat them:
        the mail would wait for the next one.
        """
        protocol = self._client.protocol
        handle = protocol._untagged_response  # noqa: SLF001 - the only place where they pass

        def noted(line: bytes) -> Any:
            if line.endswith(b" EXISTS"):
                self.announced = True
            return handle(line)

        protocol._untagged_response = noted  # noqa: SLF001

    async def _starttls(self, context: ssl.SSLContext | None) -> None:
        """RFC 3501, 6.2.1; aioimaplib has the command's name and nothing else."""
        from aioimaplib.aioimaplib import Command

        protocol = self._client.protocol
        if not self.can("STARTTLS"):
            raise Down(
                f"[email.imap] {self._settings.host}: the server offers no STARTTLS",
                f"""write security = "tls" (port 993) in [email.imap], then {_CHECK}""",
            )
        await self.call(protocol.execute(Command("STARTTLS", protocol.new_tag(), loop=protocol.loop)), "STARTTLS")
        # What stood behind the answer was not encrypted: it is thrown away (injection before TLS).
        protocol.incomplete_line = b""
        async with asyncio.timeout(self._settings.timeout):
            protocol.transport = await protocol.loop.start_tls(
                protocol.transport, protocol, context, server_hostname=self._settings.host
            )
        await self._await(protocol.capability(), "CAPABILITY")

    async def _login(self) -> None:
        settings = self._settings
        # aioimaplib quotes the password but not the user.
        user = '"' + settings.user.replace("\\", "\\\\").replace('"', '\\"') + '"'
        answer = await self._await(self._client.login(user, settings.password.get_secret_value()), "LOGIN")
        if answer.result != "OK":
            raise Down(
                f"[email.imap] {settings.host}: the server refused the login",
                f"check user and password in [email.imap], then {_CHECK}",
            )
        # What stands in the answer to LOGIN is parsed badly; asked for, it is right.
        await self._await(self._client.protocol.capability(), "CAPABILITY")

    async def _select(self) -> None:
        lines = [bytes(line) for line in await self.call(self._client.select("INBOX"), "SELECT INBOX")]
        whole = b"\n".join(lines)
        valid, following = _UIDVALIDITY.search(whole), _UIDNEXT.search(whole)
        if valid is None:
            raise Lost("SELECT INBOX: no UIDVALIDITY")
        self.uidvalidity = int(valid[1])
        self.exists = next((int(line.split()[0]) for line in lines if re.fullmatch(rb"\d+ EXISTS", line)), 0)
        # RFC 3501 lets a server leave UIDNEXT out.
        self.uidnext = int(following[1]) if following else max(await self.search("ALL"), default=0) + 1

    async def search(self, criteria: str) -> list[int]:
        """UIDs, ascending."""
        lines = await self.call(self._client.uid_search(criteria, charset=None), "SEARCH")
        # A push may come between the answer's lines: only lines of numbers are the answer.
        numbers = [bytes(line) for line in lines if re.fullmatch(rb"[\d ]*", bytes(line))]
        return sorted({int(number) for line in numbers for number in line.split()})

    async def sizes(self, uids: list[int]) -> dict[int, tuple[int, str]]:
        """(bytes, INTERNALDATE) of these mails; those that are gone are missing."""
        wanted = ",".join(map(str, uids))
        lines = await self.call(self._client.uid("fetch", wanted, "(UID RFC822.SIZE INTERNALDATE)"), "FETCH")
        found = {}
        for line in map(bytes, lines):
            uid, size, date = _UID.search(line), _SIZE.search(line), _DATE.search(line)
            if uid and size:
                found[int(uid[1])] = (int(size[1]), date[1].decode("ascii", "replace").strip() if date else "")
        return found

    async def fetch(self, uid: int, part: str = "BODY.PEEK[]") -> bytes | None:
        """The bytes of one mail; None if the server gave no literal: an answer without one is no success."""
        lines = await self.call(self._client.uid("fetch", str(uid), f"(UID {part})"), "FETCH")
        return next((bytes(line) for line in lines if isinstance(line, bytearray)), None)

    async def move(self, uids: list[int], folder: str) -> bool:
        """Move mails that may be gone already. False if the server refuses (no such folder, over quota)."""
        wanted = ",".join(map(str, uids))
        if self.can("MOVE"):
            return await self.try_call(self._client.uid("move", wanted, folder), "MOVE")
        if not await self.try_call(self._client.uid("copy", wanted, folder), "COPY"):
            return False
        # RFC 6851, 3.3: what MOVE would have done. UID EXPUNGE, so that nothing else marked \Deleted goes with it.
        await self.call(self._client.uid("store", wanted, r"+FLAGS.SILENT (\Deleted)"), "STORE")
        if self.can("UIDPLUS"):
            await self.try_call(self._client.uid("expunge", wanted), "EXPUNGE")
        return True

    async def switch(self, folder: str) -> bool:
        """Look into another folder than INBOX, to read there alone; False if there is none."""
        return await self.try_call(self._client.examine(folder), "EXAMINE")

    async def enter(self, folder: str) -> bool:
        """Go to another folder than INBOX, to change what is there; False if there is none."""
        return await self.try_call(self._client.select(folder), "SELECT")

    async def remove(self, uids: list[int], *, alone: bool) -> None:
        """Remove mails for good. `alone`: nothing else that is marked as deleted may go with them."""
        wanted = ",".join(map(str, uids))
        await self.call(self._client.uid("store", wanted, r"+FLAGS.SILENT (\Deleted)"), "STORE")
        if self.can("UIDPLUS"):
            await self.call(self._client.uid("expunge", wanted), "EXPUNGE")
        elif not alone:
            await self.call(self._client.expunge(), "EXPUNGE")

    async def refresh(self) -> None:
        """Let the server announce what is new."""
        await self.call(self._client.noop(), "NOOP")

    async def make_folder(self, name: str) -> bool:
        """Create and subscribe a folder; True also if it is there."""
        made = await self.try_call(self._client.create(name), "CREATE")
        if made:
            await self.try_call(self._client.subscribe(name), "SUBSCRIBE")
        return made

    async def has_folder(self, name: str) -> bool:
        """Whether the folder is there."""
        return await self.try_call(self._client.status(name, "(MESSAGES)"), "STATUS")

    async def wait_for_news(self) -> None:
        """IDLE until the server says something, or for the configured time; without IDLE, a minute's pause.

        Returns at once if a mail was announced since `announced` was set to False.
        """
        if self.announced:
            return
        if not self.can("IDLE"):
            await self._sleep(min(60.0, self._settings.idle))
            await self.refresh()
            return
        idle = await self._await(self._client.idle_start(timeout=self._settings.idle + 60), "IDLE")
        push = asyncio.ensure_future(self._client.wait_server_push(self._settings.idle))
        gone = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({push, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (push, gone):
                task.cancel()
            await asyncio.gather(push, gone, return_exceptions=True)
        if self.lost:
            raise Lost("IDLE: the connection ended")
        self._client.idle_done()
        await self._await(idle, "DONE")

    async def _sleep(self, seconds: float) -> None:
        """A pause that a cut line ends."""
        try:
            async with asyncio.timeout(seconds):
                await self._lost.wait()
        except TimeoutError:
            return
        raise Lost("the connection ended")

    async def logout(self) -> None:
        """Say goodbye for at most two seconds, then end."""
        with contextlib.suppress(Exception):  # it ends either way
            async with asyncio.timeout(2):
                await self._client.logout()
        self.abort()
