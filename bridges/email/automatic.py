"""Mails nobody wrote: answering machines, bounces, receipts. The first are never posted, the second tell us something.

The headers of RFC 3834 and what Exchange, Gmail, Discourse and Mailman have seen besides (E12–E23).
"""

from __future__ import annotations

import re
from email.message import Message
from typing import NamedTuple

from bridges.email import charsets, mime

#: Any of these makes a mail automatic. X-Auto-Response-Suppress is left out: Outlook puts it into mails people write.
_AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply-from",
    "x-auto-response",
    "x-autoresponse",
    "x-mail-autoreply",
)
_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|ne-?pas-?repondre|do-?not-?reply|bounces?)(?:[+@-]|\Z)")
_SUBJECTS = re.compile(
    r"\s*(?:\[auto\]|auto(?:matic|matische|mated)?[ _-]?(?:reply|response|antwort)\b|r[ée]ponse auto(?:matique)?\b"
    # Not "Absence" or "absent" alone: people write those.
    r"|out of (?:the )?office|message d['’]absence|absence du bureau|absente? du bureau"
    r"|abwesenheits(?:notiz|nachricht)|automatisch(?:e)? antwoord|risposta automatica"
    r"|fuori ufficio|respuesta autom[áa]tica|fuera de (?:la )?oficina|autosvar|automatiskt svar|fr[åa]nvaro)",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b([45]\d\d)[ -]")
_MAX_RECEIVED = 50


class Report(NamedTuple):
    """What a delivery report says."""

    action: str  # failed, delayed, delivered, relayed, expanded, or nothing
    status: str  # "5.1.1"
    token: str  # our bounce token, if the returned header still has it


def why_automatic(mail: Message, subject: str, sender: str) -> str:
    """One word if no human wrote this, else empty."""
    if _first(mail, "auto-submitted").partition(";")[0].strip().lower() not in {"", "no"}:
        return "auto-submitted"  # RFC 3834, section 5: "no" is the only value that means a human
    if _first(mail, "precedence").strip().lower() in _BULK:
        return "precedence"
    if any(name in mail for name in _AUTO_HEADERS):
        return "autoreply-header"
    if _first(mail, "return-path").strip() == "<>":
        return "empty-return-path"
    if _MACHINES.match(sender.partition("@")[0] + "@"):
        return "machine"
    if mail.get_content_type() == "multipart/report":
        return "report"
    if _SUBJECTS.match(subject):
        return "subject"
    if len(mime.fields(mail, "received")) > _MAX_RECEIVED:
        return "loop"
    return ""


def report(mail: Message, bounce_header: str) -> Report:
    """What a mail to a bounce address, or a multipart/report, says about what we sent."""
    action = status = token = ""
    for part in _walk(mail):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            action, status = _delivery_status(part, action, status)
        elif kind in {"message/rfc822", "text/rfc822-headers"}:
            found = re.search(
                rf"^{re.escape(bounce_header)}:\s*(\S{{1,80}})", _text(part), re.IGNORECASE | re.MULTILINE
            )
            token = token or (found[1] if found else "")
    if not status and (why_automatic(mail, "", "") or _from_machine(mail)):
        # No RFC 3464 part: older servers write only sentences.
        words = "\n".join(_text(part)[:4000] for part in _walk(mail) if part.get_content_type().startswith("text/"))
        enhanced, code = _ENHANCED.search(words), _REPLY_CODE.search(words)
        status = enhanced[1] if enhanced else f"{code[1][0]}.0.0" if code else ""
        action = "failed" if status.startswith("5") else "delayed" if status else ""
    return Report(action, status, token)


def _from_machine(mail: Message) -> bool:
    return bool(re.search(r"mailer-daemon@|postmaster@", _first(mail, "from"), re.IGNORECASE))


def _delivery_status(part: Message, action: str, status: str) -> tuple[str, str]:
    """Action and Status of the worst recipient (RFC 3464, 2.3)."""
    text = _text(part)
    for block in re.split(r"\r?\n[ \t]*\r?\n", text)[:50]:
        found = re.search(r"^Action:\s*([A-Za-z]+)", block, re.IGNORECASE | re.MULTILINE)
        if not found:
            continue
        stated = re.search(r"^Status:\s*([245]\.\d{1,3}\.\d{1,3})", block, re.IGNORECASE | re.MULTILINE)
        said = stated or re.search(
            r"^Diagnostic-Code:.*?\b([245]\.\d{1,3}\.\d{1,3})\b", block, re.IGNORECASE | re.MULTILINE
        )
        if not action or found[1].lower() == "failed":
            action, status = found[1].lower(), said[1] if said else "5.0.0" if found[1].lower() == "failed" else "4.0.0"
    return action, status


def permanent(status: str) -> bool:
    """Will it never arrive? Policy (5.7.x) is our fault and a full mailbox (5.2.2) passes: neither is (E19)."""
    return status.startswith("5.") and not status.startswith("5.7.") and status != "5.2.2"


def _walk(mail: Message) -> list[Message]:
    """The parts, without those of a returned mail."""
    found: list[Message] = []
    waiting = [mail]
    while waiting and len(found) < 200:
        part = waiting.pop(0)
        found.append(part)
        payload = part.get_payload() if part.is_multipart() else None
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting[:0] = [each for each in payload if isinstance(each, Message)]
    return found


def _text(part: Message) -> str:
    """The first 64 kB of a part as text; a nested message's as it was written."""
    payload = part.get_payload() if part.is_multipart() else None
    if isinstance(payload, list):
        return "\n".join(str(each) for each in payload[:50])[:65536]
    data = part.get_payload(decode=True)
    return charsets.decode(data[:65536], mime.parameter(part, "charset")) if isinstance(data, bytes) else ""


def _first(mail: Message, name: str) -> str:
    """The first field of that name, decoded; empty if there is none."""
    return charsets.header(mime.field_of(mail, name))
