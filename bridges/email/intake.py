"""Reading INBOX: raw mails with a cursor, in the order of their UIDs; nothing is marked as read, nothing is deleted.

The cursor is (UIDVALIDITY, last UID). At first sight it stands after the newest mail. After a change of UIDVALIDITY the
UIDs mean nothing: every mail since the day before the last committed one is read again, and its key, made of the mail
alone, says which are known.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.core.errors import Down
from bot.core.events import Arrival
from bridges.email.folders import FOLDERS
from bridges.email.peek import CONCERN_FIELDS, arrival_key, concerns, sender_lane
from bridges.email.session import Lost, Session

if TYPE_CHECKING:
    from bridges.email.settings import Email

_log = logging.getLogger("filcommun.email")

#: Above this only the header is fetched (E40).
MAX_MAIL = 25 * 1024 * 1024
#: Goes before the header of a mail that was not fetched whole; its value is the size.
CUT_HEADER = b"X-Fil-Commun-Cut: "
_MAX_HEADER = 64 * 1024
_BATCH = 25  # mails committed together …
_BATCH_BYTES = 4 * 1024 * 1024  # … and at most that much of them in memory
_SOMEBODYS = 20  # more mails than this at first sight: the mailbox is somebody's
CURE = (
    "give the bot a mailbox of its own, or write shared_mailbox = true in [email]: "
    "then only mails to one of our addresses, or answering one of ours, are read"
)
_STRIKES = 3
_STEADY = 60.0  # a connection that held this long may be replaced without a word
_FORGET = 4096  # keys whose UID is remembered for filing
_IMAP_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def whose(session: Session, settings: Email) -> str:
    """What shows that a mailbox seen for the first time is somebody's; empty if nothing does, or it is said to be."""
    if settings.shared_mailbox or session.exists <= _SOMEBODYS:
        return ""
    return f"[email.imap]: INBOX holds {session.exists} mails; this looks like somebody's own mailbox"


class Intake:
    """The reader of one mailbox. One per deployment: the core sees to that."""

    def __init__(self, settings: Email) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._cursor: dict[str, str] = {}
        self._first_sight = False
        self._leftovers = True
        self._strikes: dict[int, int] = {}
        self.uids: dict[str, list[tuple[int, int]]] = {}  # key → (uidvalidity, uid) of each copy, for `Filer`
        self.on_known: Callable[[str], None] = lambda _key: None  # told every key; it may have been filed before

    async def open(self, cursor: Mapping[str, str]) -> None:
        """Connect and look at the mailbox for the first time. Raises Down."""
        self._cursor = dict(cursor)
        try:
            self._session = await Session.open(self._settings.imap)
        except Lost as error:
            raise Down(
                str(error), "check host, port and security in [email.imap], then run: filcommun check email"
            ) from error
        try:
            self._look_first()
        except Down:
            self.close()
            raise

    def close(self) -> None:
        """End the connection."""
        if self._session is not None:
            self._session.abort()
            self._session = None

    def _look_first(self) -> None:
        """At first sight of a mailbox: is it ours? Then nothing that is there is read (MANNERS, rule 4)."""
        session = self._session
        if session is None or self._cursor.get("uidvalidity"):
            return
        if why := whose(session, self._settings):
            raise Down(why, CURE)
        self._cursor = {
            "uidvalidity": str(session.uidvalidity),
            "uid": str(session.uidnext - 1),
            "from": str(session.uidnext - 1),
            "date": _today(),
            "since": "",  # never left out: the store keeps what is not overwritten
        }
        self._first_sight = True

    async def arrivals(self) -> AsyncGenerator[list[Arrival], None]:
        """Batches of raw mails for ever. Raises Lost (an OSError) or Down; then it may be called again."""
        if self._cursor.get("again"):
            async for batch in self._handled_before():
                yield batch
        while True:
            since = time.monotonic()
            if self._session is None:
                self._session = await Session.open(self._settings.imap)
            try:
                async for batch in self._session_arrivals(self._session):
                    yield batch
            except Lost as error:
                _log.info("mail.reconnect", extra={"fields": {"error": str(error)[:80]}})
                if time.monotonic() - since < _STEADY:
                    raise
            finally:
                self.close()

    async def _handled_before(self) -> AsyncGenerator[list[Arrival], None]:
        """After a restore: the mails filed since that day, and those of them that the store does not know are new to it.

        They stay where they are. The cursor says that it is done only when every folder was read.
        """
        since = self._cursor["again"]
        for folder in FOLDERS.values():
            session = await Session.open(self._settings.imap)
            try:
                if await session.switch(folder):
                    found = await session.search(f"SINCE {imap_date(since)}")
                    _log.info("mail.read_again", extra={"fields": {"folder": folder, "mails": len(found)}})
                    async for batch in self._again(session, found):
                        yield batch
            finally:
                session.abort()
        self._cursor["again"] = ""
        key = f"cursor:again:{since}:{time.time():.0f}"
        yield [Arrival(key=key, raw=b"", lane=self._settings.address, cursor={"again": ""})]

    async def _again(self, session: Session, uids: list[int]) -> AsyncGenerator[list[Arrival], None]:
        """These mails, a few at a time, marked as read before."""
        for position in range(0, len(uids), _BATCH):
            wanted = uids[position : position + _BATCH]
            sizes = await session.sizes(wanted)
            batch: list[Arrival] = []
            for uid in wanted:
                raw = await self._fetch(session, uid, sizes.get(uid, (0, ""))[0])
                if raw is not None:
                    lane = sender_lane(raw) or self._settings.address
                    batch.append(Arrival(key=arrival_key(raw), raw=raw, lane=lane, again=True))
                if sum(len(one.raw) for one in batch) > _BATCH_BYTES:
                    yield batch
                    batch = []
            if batch:
                yield batch

    async def _session_arrivals(self, session: Session) -> AsyncGenerator[list[Arrival], None]:
        """What one connection gives, until it is lost."""
        self._look_first()
        if self._first_sight:
            # Without it, mails that come while the program is away would be taken for older than the first sight.
            yield [self._mark(session)]
            self._first_sight = False
        if self._cursor["uidvalidity"] != str(session.uidvalidity):
            self._rescan(session)
        elif self._leftovers:
            async for batch in self._left(session):
                yield batch
        self._leftovers = False
        while True:
            async for batch in self._news(session):
                yield batch
            await session.wait_for_news()

    def _mark(self, session: Session) -> Arrival:
        """An item without content: it only carries the cursor."""
        key = f"cursor:{session.uidvalidity}:{self._cursor['uid']}:{self._cursor.get('since', '')}"
        return Arrival(key=key, raw=b"", lane=self._settings.address, cursor=dict(self._cursor))

    def _rescan(self, session: Session) -> None:
        """UIDVALIDITY changed: everything since the day before the last committed mail is read again."""
        last = datetime.strptime(self._cursor.get("date") or _today(), "%Y-%m-%d").replace(tzinfo=UTC)
        since = last - timedelta(days=1)
        _log.warning("mail.rescan", extra={"fields": {"since": since.date().isoformat()}})
        self.uids.clear()
        self._cursor |= {
            "uidvalidity": str(session.uidvalidity),
            "uid": "0",
            "from": "0",
            "since": since.strftime("%Y-%m-%d"),
        }

    async def _left(self, session: Session) -> AsyncGenerator[list[Arrival], None]:
        """What was read before and still lies in INBOX: a crash came between the commit and the move (E37)."""
        first, last = int(self._cursor.get("from", self._cursor["uid"])), int(self._cursor["uid"])
        if last > first:
            found = [uid for uid in await session.search(f"UID {first + 1}:{last}") if first < uid <= last]
            async for batch in self._read(session, found, again=True):
                yield batch

    async def _news(self, session: Session) -> AsyncGenerator[list[Arrival], None]:
        """Every mail above the cursor, until there is none."""
        while True:
            last = int(self._cursor["uid"])
            since = self._cursor.get("since", "")
            # "n:*" always finds at least the last mail, even below n.
            session.announced = False
            criteria = f"UID {last + 1}:*" + (f" SINCE {imap_date(since)}" if since else "")
            found = [uid for uid in await session.search(criteria) if uid > last]
            if not found:
                if since:
                    # The rescan is over; what comes now is new, whatever its date.
                    self._cursor |= {"since": "", "uid": str(max(last, session.uidnext - 1))}
                    yield [self._mark(session)]
                return
            async for batch in self._read(session, found):
                yield batch

    async def _read(
        self, session: Session, uids: list[int], *, again: bool = False
    ) -> AsyncGenerator[list[Arrival], None]:
        """These mails, in batches; `again`: they lie below the cursor, which stays."""
        for position in range(0, len(uids), _BATCH):
            wanted = uids[position : position + _BATCH]
            sizes = await session.sizes(wanted)
            batch: list[Arrival] = []
            cursor = dict(self._cursor)
            held = 0
            for uid in wanted:
                size, date = sizes.get(uid, (0, ""))
                raw = await self._fetch(session, uid, size)
                if not again:
                    cursor |= {"uid": str(uid), "date": max(cursor.get("date", ""), _iso_date(date))}
                if raw is not None:
                    batch.append(self._arrival(session, uid, raw, cursor))
                    held += len(raw)
                if held > _BATCH_BYTES:
                    yield batch
                    self._cursor = dict(cursor)  # only now: the line after the yield is behind the commit
                    batch, held = [], 0
            if batch:
                yield batch
            self._cursor = dict(cursor)

    def _arrival(self, session: Session, uid: int, raw: bytes, cursor: dict[str, str]) -> Arrival:
        """The item for the bus; its UID is remembered for the filing."""
        key = arrival_key(raw)
        self.uids.setdefault(key, []).append((session.uidvalidity, uid))
        self.on_known(key)
        while len(self.uids) > _FORGET:
            self.uids.pop(next(iter(self.uids)))
        return Arrival(key=key, raw=raw, lane=sender_lane(raw) or self._settings.address, cursor=dict(cursor))

    async def _fetch(self, session: Session, uid: int, size: int) -> bytes | None:
        """One mail; None if it is gone, or in a shared mailbox none of ours: then its body is not even asked for."""
        if self._settings.shared_mailbox and not concerns(
            await session.fetch(uid, f"BODY.PEEK[HEADER.FIELDS ({CONCERN_FIELDS})]") or b"", self._settings
        ):
            return None
        if size > MAX_MAIL:
            header = await session.fetch(uid, f"BODY.PEEK[HEADER]<0.{_MAX_HEADER}>")
            raw = None if header is None else CUT_HEADER + str(size).encode() + b"\r\n" + (header or b"\r\n")
        else:
            raw = await session.fetch(uid)
        if raw is None:
            if not await session.search(f"UID {uid}"):
                return None
            self._strikes[uid] = self._strikes.get(uid, 0) + 1
            if self._strikes[uid] < _STRIKES:
                raise Lost("FETCH: no literal")
            # The server has it and does not give it: a dead letter somebody can look at, and the next mail is read.
            raw = CUT_HEADER + b"0\r\n\r\n" + f"{session.uidvalidity}:{uid}".encode()
        self._strikes.pop(uid, None)
        return raw


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def _iso_date(internal: str) -> str:
    """Turn "03-Mar-2026 18:02:00 +0100" into "2026-03-03"; empty if it is no date, or in the future."""
    day, _, rest = internal.partition("-")
    month, _, year = rest[:8].partition("-")
    if month.title() not in _IMAP_MONTHS or not day.strip().isdigit() or not year.isdigit():
        return ""
    found = f"{year}-{_IMAP_MONTHS.index(month.title()) + 1:02}-{int(day):02}"
    return found if found <= _today() else ""


def imap_date(iso: str) -> str:
    """Turn "2026-03-03" into "3-Mar-2026"; strftime would write the month in the system's language."""
    year, month, day = iso.split("-")
    return f"{int(day)}-{_IMAP_MONTHS[int(month) - 1]}-{year}"
