"""Mails as ordinary programs write them, for the sandbox: a new letter, or an answer with the quote below or above it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a name and an address."""

    name: str
    address: str
    language: str = "fr"


def letter(writer: Writer, to: str, subject: str, text: str, message_id: str, now: datetime) -> EmailMessage:
    """A new mail."""
    mail = EmailMessage(policy=policy.SMTP)
    local, _, domain = writer.address.partition("@")
    mail["From"] = HeaderAddress(writer.name, local, domain)
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}>"
    mail["User-Agent"] = "Fil commun sandbox"
    mail.set_content(text, cte="quoted-printable")
    return mail


def answer(writer: Writer, seen: bytes, text: str, message_id: str, now: datetime, subject: str = "") -> EmailMessage:
    """An answer to `seen` as a program writes it: to its Reply-To, the quote below, the chain of ids continued."""
    answered = message_from_bytes(seen, policy=policy.default)
    where = str(answered["reply-to"] or answered["from"])
    to = getaddresses([where])[0][1]
    old = str(answered["subject"] or "")
    mail = letter(
        writer,
        to,
        subject or (old if old.lower().startswith("re:") else f"Re: {old}"),
        f"{text}\n\n{_attribution(answered, writer.language, now)}\n{quoted(plain_text(seen))}\n",
        message_id,
        now,
    )
    parent = str(answered["message-id"] or "").strip()
    chain = str(answered["references"] or "").split()
    if parent:
        mail["In-Reply-To"] = parent
        mail["References"] = " ".join([*chain[-20:], parent])
    return mail


def _attribution(answered: EmailMessage, language: str, now: datetime) -> str:
    """Return "Le mar. 3 mars 2026 à 18:02, Amina <…> a écrit :", as Gmail writes it: wrapped where it is long."""
    name, address = getaddresses([str(answered["from"])])[0]
    if language == "fr":
        day = f"{_DAYS[now.weekday()]} {now.day} {_MONTHS[now.month - 1]} {now.year}"
        return f"Le {day} à {now:%H:%M}, {name} <{address}> a\nécrit :\n"
    return f"On {now:%a, %d %b %Y at %H:%M}, {name} <{address}> wrote:\n"


def quoted(text: str) -> str:
    """Every line behind "> "."""
    return "\n".join(f"> {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def plain_text(raw: bytes) -> str:
    """The text part of a mail, decoded."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(preferencelist=("plain", "html"))
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


def shown_text(raw: bytes) -> str:
    """What a reader takes for the message: the text part up to the signature's "-- ", without quoted lines at its end."""
    text = plain_text(raw).split("\n-- \n")[0]
    lines = text.rstrip().split("\n")
    while lines and (lines[-1].startswith(">") or not lines[-1].strip()):
        lines.pop()
    return "\n".join(lines).strip("\n")


def arrived(mail: bytes, *, sender: str, recipient: str, authserv_id: str, dmarc: str = "pass") -> bytes:
    """`mail` as a server stores it: with the envelope, its way, and the verdict on its sender."""
    domain = sender.rpartition("@")[2]
    stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    head: Sequence[str] = (
        f"Return-Path: <{sender}>",
        f"Delivered-To: {recipient}",
        f"Authentication-Results: {authserv_id}; spf=pass smtp.mailfrom={sender or 'none'};\r\n dmarc={dmarc} header.from={domain}",
        f"Received: from [127.0.0.1] by sandbox.invalid with ESMTP;\r\n {stamp}",
    )
    return "\r\n".join(head).encode() + b"\r\n" + mail
