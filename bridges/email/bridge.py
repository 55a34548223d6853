"""The mail bridge: reads one mailbox by IMAP, sends through one SMTP relay. It converts and carries, and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import quote

from bot.core.bridge import Address, Bridge, Budget, Capabilities, Channel, Outcome, Outgoing, Sent
from bot.core.errors import Down, TryLater
from bot.core.events import Arrival, Event
from bridges.email import enclosed
from bridges.email.body import STYLES
from bridges.email.filing import Filer
from bridges.email.folders import FOLDERS
from bridges.email.incoming import Reader
from bridges.email.intake import Intake
from bridges.email.outgoing import Writer
from bridges.email.removing import Remover
from bridges.email.session import Lost, Session
from bridges.email.settings import Email
from bridges.email.smtp import Pool

CAN = Capabilities(
    words=("mail", "email", "e-mail", "mel", "mél", "courriel", "courrier"),
    label={"en": "mail", "fr": "le mail"},
    styles=STYLES,
    max_text=200_000,
    connections=16,
    default_pace="grouped",
    waits_grace=True,
    titles=True,
    reply=True,
    keeps_our_ids=True,
    writes_first=True,
    raw_kept=30 * 86400.0,
    rereads=True,
    waits_for_us=float("inf"),
    max_file=15_000_000,  # in base64 a third more: what most providers still take
)


class EmailBridge:
    """One mailbox of ours."""

    name: ClassVar[str] = "email"
    can: Capabilities = CAN

    def __init__(self, settings: Email) -> None:
        self._settings = settings
        if settings.connections != CAN.connections:
            self.can = replace(CAN, connections=settings.connections)
        self.account = settings.address
        self.shared = settings.shared_mailbox  # somebody's own as well: the intake looks at the addresses
        self.public_address = settings.address  # where people write to us, as people spell it
        self._writer = Writer(settings)
        self._pool = Pool(settings.smtp, settings.connections)
        self._reader = Reader(settings)
        self._intake = Intake(settings)
        self._filer = Filer(settings.imap, self._intake)
        self._remover = Remover(settings)
        self._warming: asyncio.Task[Any] | None = None
        self._intake.on_known = self._filer.file_again

    async def open(self, cursor: Mapping[str, str]) -> None:
        """Log in to the mailbox and, at first sight, make sure it is the bot's own. Raises Down.

        The relay is not asked: mails can be read while nothing can be sent.
        """
        await self._intake.open(cursor)
        # The first mail of a burst should not wait for an import.
        self._warming = asyncio.create_task(asyncio.to_thread(import_module, "aiosmtplib"))

    async def close(self, deadline: float) -> None:
        """Let mails under way end for at most `deadline` seconds."""
        if self._warming is not None:
            await self._warming
        await self._pool.close(deadline)
        await self._filer.close()
        self._intake.close()
        await self._reader.close()

    def arrivals(self) -> AsyncGenerator[Sequence[Arrival], None]:
        """Raw mails, by UID; the cursor moves on after the `yield`."""
        return self._intake.arrivals()

    async def read(self, raw: bytes) -> Sequence[Event]:
        """What a raw mail says. Raises Unreadable."""
        return await self._reader.read(raw)

    async def send(self, to: Address, what: Outgoing) -> Sent:
        """Send one mail; the note is the relay's 250 answer, which holds its id of the mail (E31)."""
        enclosures = await asyncio.to_thread(enclosed.parts, what.shared.files) if what.shared.files else b""
        note = await self._pool.send(self._writer.write(to.id, what, enclosures))
        return Sent((what.personal.id,), note)

    async def file(self, key: str, outcome: Outcome) -> None:
        """Move a handled mail out of INBOX. Idempotent; OSError if the server is away."""
        await self._filer.file(key, outcome)

    async def forget(self, people: Sequence[str]) -> None:
        """Remove the mails of these people from the mailbox. Idempotent; OSError or Down if the server is away."""
        await self._remover.forget(people)

    async def tidy(self, before: float) -> None:
        """Remove handled mails that came before then."""
        await self._remover.tidy(before)

    def invite_qr(self, code: str, subject: str) -> str:
        """What a telephone's camera makes a letter of: to us, with the code in it (RFC 6068)."""
        return f"mailto:{quote(self.public_address, safe='@+')}?subject={quote(subject)}&body={quote(code)}"

    async def check(self) -> list[str]:
        """What is wrong with the set-up, a sentence each. Raises Down if the mailbox or the relay refuses us."""
        found = await self._check_mailbox()
        try:
            extensions = await self._pool.probe()
        except TryLater as error:
            raise Down(str(error), "check host and port in [email.smtp], then run: filcommun check email") from error
        if self._settings.smtp.security == "none" and self._settings.smtp.host not in {"127.0.0.1", "::1", "localhost"}:
            found.append(
                """[email.smtp] security: mails and the password travel unencrypted; write "starttls" or "tls"."""
            )
        if "smtputf8" not in extensions:
            found.append(
                "[email.smtp]: the relay cannot carry addresses with accents (no SMTPUTF8); members with plain addresses are served."
            )
        if not self._settings.authserv_id:
            found.append(
                "[email] authserv_id is empty: new mails without a reply address are held, because nobody says who wrote them."
            )
        if self._settings.dkim is not None:
            found.append("[email.dkim] is set, but this version does not sign; let the relay sign.")
        if self._settings.lmtp:
            found.append("[email] lmtp is set, but this version reads mail by IMAP only.")
        return found

    async def _check_mailbox(self) -> list[str]:
        """What the mailbox cannot do, and what follows from it."""
        try:
            session = await Session.open(self._settings.imap)
        except Lost as error:
            raise Down(str(error), "check host and port in [email.imap], then run: filcommun check email") from error
        found = []
        try:
            if not session.can("IDLE"):
                found.append("[email.imap]: the server cannot tell of new mail (no IDLE); it is asked once a minute.")
            if not session.can("MOVE") and not session.can("UIDPLUS"):
                found.append(
                    "[email.imap]: the server can neither MOVE nor expunge single mails; handled mails stay in INBOX, marked as deleted."
                )
            found += [
                f"[email.imap]: the folder {folder} cannot be made; handled mails stay in INBOX."
                for folder in FOLDERS.values()
                if not await session.make_folder(folder) and not await session.has_folder(folder)
            ]
            await session.logout()
        except Lost as error:
            raise Down(
                f"[email.imap] {self._settings.imap.host}: {error}", "run it again; if it stays, ask the provider"
            ) from error
        finally:
            session.abort()
        return found


def _make(settings: Any) -> Bridge:
    """The bridge of a section [email]."""
    return EmailBridge(settings)


def _sandbox() -> Any:
    """A mail server and people's mailboxes, local."""
    from bridges.email.sandbox import MailSandbox

    return MailSandbox()


def _budgets(settings: Any) -> Sequence[Budget]:
    """What the provider allows, never more in any hour or day: a part at once, the rest spread over it.

    A burst of half and a rate of half are together at most `per_hour` in any hour.
    """
    hour, day = settings.per_hour, settings.per_day
    return (
        Budget("per_hour", per_second=max(hour / 2, 0.5) / 3600, burst=max(1.0, hour / 2)),
        Budget("per_day", per_second=day * 0.75 / 86_400, burst=max(1.0, day / 4)),
    )


CHANNEL = Channel(name="email", settings=Email, can=CAN, make=_make, sandbox=_sandbox, budgets=_budgets)
