"""Mails that are taken out of the mailbox for good: of people who were forgotten, and those kept long enough.

They are looked for by their sender, in the folders of handled mails and in an INBOX that is the bot's own; and so are the
reports of a mail server about somebody, which name them. A server finds "ann@x" in "joann@x" as well: the header decides.
What somebody else wrote stays, whatever it quotes: it goes with its own age.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridges.email import identity
from bridges.email.folders import FOLDERS
from bridges.email.intake import imap_date
from bridges.email.peek import fields, sender_lane
from bridges.email.session import Session

if TYPE_CHECKING:
    from bridges.email.settings import Email

_log = logging.getLogger("filcommun.email")
_FIELDS = "BODY.PEEK[HEADER.FIELDS (FROM CONTENT-TYPE AUTO-SUBMITTED)]"
_AT_ONCE = 100


class Remover:
    """Removes mails, over a connection of its own."""

    def __init__(self, settings: Email) -> None:
        self._settings = settings

    async def forget(self, addresses: Sequence[str]) -> None:
        """Remove the mails of these people. Idempotent. Raises Lost (an OSError) or Down."""
        folders = [*FOLDERS.values(), *([] if self._settings.shared_mailbox else ["INBOX"])]
        session = await Session.open(self._settings.imap)
        try:
            for folder in folders:
                if await session.enter(folder):
                    uids = [uid for address in addresses for uid in await _of(session, address)]
                    await self._remove(session, folder, uids)
        finally:
            session.abort()

    async def tidy(self, before: float) -> None:
        """Remove the handled mails that came before then (to the day). Raises Lost (an OSError) or Down."""
        day = imap_date(datetime.fromtimestamp(before, UTC).strftime("%Y-%m-%d"))
        session = await Session.open(self._settings.imap)
        try:
            for folder in FOLDERS.values():
                if await session.enter(folder):
                    await self._remove(session, folder, await session.search(f"BEFORE {day}"))
        finally:
            session.abort()

    @staticmethod
    async def _remove(session: Session, folder: str, uids: Sequence[int]) -> None:
        wanted = sorted(set(uids))
        for start in range(0, len(wanted), _AT_ONCE):
            # In INBOX others may have marked mails as deleted: those are left to them.
            await session.remove(wanted[start : start + _AT_ONCE], alone=folder == "INBOX")
        if wanted:
            _log.info("mail.removed", extra={"fields": {"folder": folder, "mails": len(wanted)}})


async def _of(session: Session, address: str) -> list[int]:
    """The UIDs of the mails this person wrote, and of what mail servers wrote about them."""
    needle = _needle(address)
    if not needle:
        return []
    found = []
    for uid in sorted({*await session.search(f"FROM {needle}"), *await session.search(f"TEXT {needle}")}):
        header = await session.fetch(uid, _FIELDS)
        if header is not None and (_wrote(header, address) or _is_report(header)):
            found.append(uid)
    return found


def _needle(address: str) -> str:
    """What a server is asked for: the address, or its domain where the address cannot be written in ASCII (RFC 3501, 6.4.4)."""
    local, _, domain = address.rpartition("@")
    for text in (address, f"@{domain}" if local and domain else ""):
        if text and text.isascii() and text.isprintable() and not set(text) & set('"\\'):
            return f'"{text}"'
    return ""


def _wrote(header: bytes, address: str) -> bool:
    if sender_lane(header) == address.lower():
        return True
    values = [value.decode("utf-8", "replace") for value in fields(header).get(b"from", ())]
    try:
        return identity.sender(values)[0] == address
    except identity.NotOneSenderError:
        return False


def _is_report(header: bytes) -> bool:
    """A mail server's report (RFC 3464), or an automatic answer (RFC 3834): nobody's words."""
    said = b" ".join(header.lower().split())
    return b"multipart/report" in said or b"auto-submitted: auto-" in said
