"""Handled mails leave INBOX: to Processed, Held or Failed. Filing a mail that is gone is no error.

It has a connection of its own, opened when there is something to file: the reader's is in IDLE. What is filed within
a moment leaves in one MOVE.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from bot.core.errors import Down
from bridges.email.folders import FOLDERS
from bridges.email.peek import KEY_FIELDS, header_key
from bridges.email.session import Lost, Session

if TYPE_CHECKING:
    from bot.core.bridge import Outcome
    from bridges.email.intake import Intake
    from bridges.email.settings import Imap

_log = logging.getLogger("filcommun.email")

_GATHER = 0.05
_IDLE = 30.0
_REMEMBERED = 4096
_LOOK_BACK = 400  # headers looked at to find a mail read before a restart


class Filer:
    """Moves mails by their key."""

    def __init__(self, settings: Imap, intake: Intake) -> None:
        self._settings = settings
        self._intake = intake
        self._waiting: list[tuple[str, Outcome, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._looked: dict[str, list[int]] | None = None  # header key → uids, of what lies in INBOX
        self._filed: OrderedDict[str, Outcome] = OrderedDict()
        self._again: set[asyncio.Task[None]] = set()

    async def file(self, key: str, outcome: Outcome) -> None:
        """Move the mail with this key. Raises OSError if the server is away; the core calls again."""
        if key.startswith("cursor:"):
            return  # not a mail
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, outcome, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        await done

    def file_again(self, key: str) -> None:
        """File another copy of a mail that was filed: two aliases of ours, or a server that delivers twice."""
        outcome = self._filed.get(key)
        if outcome is not None:
            task = asyncio.create_task(self._file_again(key, outcome))
            self._again.add(task)
            task.add_done_callback(self._again.discard)

    async def _file_again(self, key: str, outcome: Outcome) -> None:
        with contextlib.suppress(OSError, Down):
            await self.file(key, outcome)

    async def close(self) -> None:
        """Stop; what waits is told so."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._fail(self._waiting, Lost("closing"))
        if self._session is not None:
            await self._session.logout()
            self._session = None

    async def _work(self) -> None:
        """File until nothing came for a while, then give the connection back."""
        while True:
            await asyncio.sleep(_GATHER)
            batch, self._waiting = self._waiting, []
            try:
                await self._file(batch)
            except BaseException as error:
                if self._session is not None:
                    self._session.abort()
                    self._session = None
                self._fail(batch, error if isinstance(error, Exception) else Lost("closing"))
                if not isinstance(error, Exception):
                    raise
            for _ in range(int(_IDLE / _GATHER)):
                if self._waiting:
                    break
                await asyncio.sleep(_GATHER)
            else:
                break
        session, self._session = self._session, None
        if session is not None:
            await session.logout()

    @staticmethod
    def _fail(batch: list[tuple[str, Outcome, asyncio.Future[None]]], error: Exception) -> None:
        for _, _, done in batch:
            if not done.done():
                done.set_exception(error)
        batch.clear()

    async def _file(self, batch: list[tuple[str, Outcome, asyncio.Future[None]]]) -> None:
        """One MOVE for each folder."""
        if self._session is None or self._session.lost:
            self._session = await Session.open(self._settings)
            self._looked = None
        else:
            # A server ignores UIDs that it has not announced to this connection yet, and says OK.
            await self._session.refresh()
        session = self._session
        for outcome, folder in FOLDERS.items():
            mine = [(key, done) for key, chosen, done in batch if chosen == outcome]
            uids = sorted({uid for key, _ in mine for uid in await self._find(session, key)})
            if uids and not await session.move(uids, folder):
                await session.make_folder(folder)
                if not await session.move(uids, folder) and await session.search(f"UID {','.join(map(str, uids))}"):
                    # Refused, and still there: it stays in INBOX, read and known. Nothing is lost, only untidy.
                    _log.warning("mail.not_filed", extra={"fields": {"folder": folder, "mails": len(uids)}})
            for key, done in mine:
                self._intake.uids.pop(key, None)
                self._filed[key] = outcome
                if len(self._filed) > _REMEMBERED:
                    self._filed.popitem(last=False)
                if not done.done():
                    done.set_result(None)

    async def _find(self, session: Session, key: str) -> list[int]:
        """The UIDs of a key: as it was read, or, after a restart, by looking through INBOX."""
        known = [uid for validity, uid in self._intake.uids.get(key, ()) if validity == session.uidvalidity]
        if known:
            return known
        if self._looked is None:
            self._looked = {}
            for uid in (await session.search("ALL"))[-_LOOK_BACK:]:
                header = await session.fetch(uid, f"BODY.PEEK[HEADER.FIELDS ({KEY_FIELDS})]")
                if header is not None:
                    self._looked.setdefault(header_key(header), []).append(uid)
        # Once: what comes later is known by its key.
        return self._looked.pop(key.partition(".")[0], [])
