"""A mail server and people's mailboxes on this machine, for the demo and the tests: aiosmtpd and pymap behind one face.

The bot's mailbox is on pymap; what the bot sends to others lands with the people, what it sends to addresses of its own
lands in its mailbox. People's mails arrive with the verdict of `authserv_id = "sandbox"`.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

from bot.core.bridge import Button, Fault, Seen
from bridges.email import sandbox_letters as letters
from bridges.email.sandbox_servers import Mailbox, Relay, Taken

ADDRESS = "cercle@exemple.org"
AUTHSERV_ID = "sandbox"
PEOPLE = "membres.example"
_DOMAIN = ADDRESS.partition("@")[2]
_PASSWORD = "sandbox-only"  # noqa: S105 - protects nothing


class MailSandbox:
    """The `Sandbox` of the mail channel."""

    def __init__(self) -> None:
        self.mailbox = Mailbox(ADDRESS, _PASSWORD)
        self.relay = Relay(ADDRESS, _PASSWORD, self._taken)
        self._people: dict[str, letters.Writer] = {}
        self._shown: dict[str, list[Seen]] = {}
        self._waiting: list[bytes] = []
        self._broken: list[str] = []
        self._count = 0
        self.taken = 0  # mails the relay accepted

    async def start(self) -> None:
        """Listen on free ports of 127.0.0.1."""
        await self.mailbox.start()
        await self.relay.start()

    async def stop(self) -> None:
        """Drop every connection and stop."""
        await self.relay.stop()
        await self.mailbox.stop()

    def settings(self) -> dict[str, Any]:
        """The section [email] that points the real bridge here."""
        login = {"host": "127.0.0.1", "security": "none", "user": ADDRESS, "password": _PASSWORD}
        return {
            "address": ADDRESS,
            "authserv_id": AUTHSERV_ID,
            "smtp": {**login, "port": self.relay.port, "timeout": "5 seconds"},
            "imap": {**login, "port": self.mailbox.port, "timeout": "10 seconds", "idle": "20 seconds"},
        }

    def person(self, name: str, language: str = "") -> str:
        """Somebody with a mailbox; returns the address. Same name, same person."""
        known = self._people.get(name)
        if known is None:
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
            local = re.sub(r"[^a-z0-9]+", ".", plain).strip(".") or f"p{len(self._people)}"
            address = f"{local}@{PEOPLE}"
            if any(other.address == address for other in self._people.values()):
                address = f"{local}{len(self._people)}@{PEOPLE}"
            known = self._people[name] = letters.Writer(name, address, language or "fr")
        elif language and language != known.language:
            known = self._people[name] = replace(known, language=language)
        return known.address

    def room(self, title: str, people: Sequence[str], *, founded: bool = False) -> str:
        """Mail has no rooms."""
        raise NotImplementedError("mail has no rooms")

    async def say(
        self, who: str, text: str, *, room: str = "", reply_to: str = "", subject: str = "", start: str = ""
    ) -> str:
        """`who` writes a mail, or answers one they see. Returns its Message-ID, without the angle brackets."""
        self.person(who)
        writer = self._people[who]
        self._count += 1
        message_id = f"{self._count}.{time.time_ns():x}@{PEOPLE}"
        now = datetime.now(UTC)
        words = "\n".join(part for part in (start, text) if part)
        answered = next((each for each in self.seen(who) if each.id == reply_to), None) if reply_to else None
        if reply_to and answered is None:
            raise KeyError(f"{who} sees no mail {reply_to}")
        if answered is not None:
            mail = letters.answer(writer, answered.raw, words, message_id, now, subject)
        else:
            mail = letters.letter(writer, ADDRESS, subject, words + "\n", message_id, now)
        raw = mail.as_bytes()
        self._show(writer.address, raw, mine=True)
        await self.deliver(raw, sender=writer.address, recipient=_recipient(raw))
        return message_id

    async def deliver(self, raw: bytes, *, sender: str, recipient: str = ADDRESS, dmarc: str = "pass") -> int:
        """Put any mail into the bot's INBOX, with the server's own fields on top; its UID."""
        stored = letters.arrived(raw, sender=sender, recipient=recipient, authserv_id=AUTHSERV_ID, dmarc=dmarc)
        return await self.mailbox.append(stored)

    async def press(self, who: str, seen: Seen, button: Button) -> None:
        """A mail has no buttons: the label is written as an answer."""
        await self.say(who, button.label, reply_to=seen.id)

    def seen(self, who: str, room: str = "") -> list[Seen]:
        """The mailbox of `who`, oldest first, with what they sent."""
        return list(self._shown.get(self.person(who), ()))

    def fail(self, fault: Fault, times: int = 1, who: str = "") -> None:
        """Let the next `times` mails (to `who`, if named) end like that."""
        self.relay.faults.waiting.extend([(fault, self.person(who) if who else "")] * times)

    def violations(self) -> list[str]:
        """What was wrong with the bot's mails so far, a sentence each."""
        return list(self._broken)

    def _taken(self, mail: Taken) -> None:
        """The relay accepted a mail: it lands at once."""
        self.taken += 1
        self._broken.extend(faults_of(mail))
        for recipient in mail.recipients:
            if recipient.rpartition("@")[2].lower() == _DOMAIN:
                raw = letters.arrived(mail.data, sender=mail.sender, recipient=recipient, authserv_id=AUTHSERV_ID)
                self.mailbox.append_soon(raw)
            else:
                self._show(recipient.lower(), mail.data, at=mail.at)

    def _show(self, address: str, raw: bytes, *, at: float | None = None, mine: bool = False) -> None:
        """Add a mail to what this mailbox shows; the same Message-ID a second time is a second mail."""
        mail = message_from_bytes(raw, policy=policy.default)
        addresses = getattr(mail["from"], "addresses", ())
        text = letters.shown_text(raw)
        if mine:
            text = re.split(r"\n\n(?:Le|On) [^\n]+\n?[^\n]*(?:écrit|wrote) ?:(?:\n|\Z)", text)[0]
        self._shown.setdefault(address, []).append(
            Seen(
                id=_short(str(mail["message-id"] or "")),
                text=text,
                at=time.monotonic() if at is None else at,
                author=addresses[0].display_name if addresses else "",
                subject=str(mail["subject"] or ""),
                reply_to=_short(str(mail["in-reply-to"] or "")),
                mine=mine,
                files=tuple((each.get_filename() or "", each.get_content()) for each in mail.iter_attachments()),
                raw=raw,
            )
        )


def _short(field: str) -> str:
    """A Message-ID as the program knows it: ours without our domain."""
    return field.strip().strip("<>").removesuffix(f"@{_DOMAIN}")


def _recipient(raw: bytes) -> str:
    """Where a mail is addressed."""
    return str(message_from_bytes(raw, policy=policy.default)["to"])


def faults_of(mail: Taken) -> list[str]:
    """What a strict server would hold against a mail of ours."""
    found = []
    data = mail.data
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        found.append("a line does not end in CRLF")
    if any(len(line) > 998 for line in data.split(b"\r\n")):
        found.append("a line is longer than 998 bytes")
    if not data.isascii():
        found.append("the mail is not 7-bit safe")
    parsed = message_from_bytes(data, policy=policy.default)
    names = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
    found += [f"not one field {name}" for name in names if len(parsed.get_all(name, [])) != 1]
    if len(mail.recipients) != 1:
        found.append(f"{len(mail.recipients)} recipients in one mail")
    elif [each.addr_spec.lower() for each in getattr(parsed["to"], "addresses", ())] != [mail.recipients[0].lower()]:
        found.append("To is not the recipient")
    if mail.sender.rpartition("@")[2] != _DOMAIN:
        found.append("the envelope sender is not ours")
    if parsed.defects or any(part.defects for part in parsed.walk()):
        found.append("a MIME defect")
    return found
