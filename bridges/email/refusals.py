"""What a relay's refusal means: whose fault it is decides who waits, who is told and who is never written to again.

The enhanced status (RFC 3463) is believed before the bare code: 5.7.x is policy, our fault and not the member's.
"""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING, NoReturn

from bot.core.errors import Down, Refused, TryLater, Unreachable

if TYPE_CHECKING:
    from bridges.email.settings import Smtp

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_TOO_FAST = re.compile(r"rate|quota|too many|limit|throttl|exceeded|trop de", re.IGNORECASE)
_MAILBOX_FULL = re.compile(r"over ?quota|mailbox (?:is )?full|quota exceeded|boîte.{0,20}pleine", re.IGNORECASE)
_WAIT = re.compile(r"\b(?:in|for|dans|after)\s+(\d{1,4})\s*(s|m|h)", re.IGNORECASE)
_CHECK = "run: filcommun check email"

#: RFC 5321, 4.5.4.1 asks for 30 minutes; grey lists open after 5 (E33).
_GREYLIST = 300.0
_SPENT = 1800.0  # a provider's hourly quota is used up
_FULL = 4 * 3600.0  # a full mailbox


def status(message: str) -> tuple[int, int] | None:
    """(subject, detail) of the enhanced status, (1, 1) of "5.1.1"; None if there is none."""
    found = _STATUS.search(message[:300])
    return (int(found[2]), int(found[3])) if found else None


def note(code: int, message: str) -> str:
    """Return "550 5.1.1": what may be logged of an answer. The rest may name people."""
    found = _STATUS.search(message[:300])
    return f"{code} {found[0]}" if found else str(code)


def connecting(settings: Smtp, error: Exception) -> NoReturn:
    """Connecting, STARTTLS or the login failed."""
    import aiosmtplib

    place = f"[email.smtp] {settings.host}:{settings.port}"
    cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(cause, ssl.SSLError):
        why = getattr(cause, "verify_message", "") or cause.reason or "no TLS there"
        raise Down(f"{place}: the encrypted connection failed ({why})", f"check security and host, then {_CHECK}")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        if 400 <= error.code < 500:
            raise TryLater(f"{place}: {note(error.code, error.message)} at login", after=120, scope="channel")
        raise Down(
            f"{place}: the relay refused the login ({note(error.code, error.message)})",
            f"check user and password in [email.smtp], then {_CHECK}",
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        if 400 <= error.code < 500:
            raise TryLater(f"{place}: {note(error.code, error.message)}", after=60, scope="channel")
        raise Down(f"{place}: the relay refused us ({note(error.code, error.message)})", _CHECK)
    if isinstance(error, (OSError, aiosmtplib.SMTPConnectError, aiosmtplib.SMTPTimeoutError)):
        why = "no answer" if isinstance(error, TimeoutError) else "nothing answers there, or it closed the connection"
        raise TryLater(f"{place}: {why}", after=30, scope="channel")
    # aiosmtplib says these with a plain SMTPException: no STARTTLS, no AUTH, no common method.
    if "tls" in str(error).lower():
        raise Down(
            f"{place}: the relay offers no STARTTLS",
            f"""write security = "tls" (port 465) or "none" in [email.smtp], then {_CHECK}""",
        )
    raise Down(f"{place}: the relay offers no login we know", f"check security and user in [email.smtp], then {_CHECK}")


def sender(code: int, message: str) -> NoReturn:
    """MAIL FROM was refused: it concerns every mail of ours."""
    if 400 <= code < 500:
        if code != 421 and _TOO_FAST.search(message):
            raise TryLater(note(code, message), after=_SPENT, scope="budget")
        raise TryLater(note(code, message), after=60, scope="channel")
    if code == 552 or status(message) in {(3, 4), (2, 3)}:
        raise Refused(f"the mail is too large for the relay ({note(code, message)})")
    if _TOO_FAST.search(message):
        raise TryLater(note(code, message), after=_SPENT, scope="budget")
    if code == 530 or status(message) == (7, 0):
        raise Down(
            f"[email.smtp]: the relay wants a login ({note(code, message)})",
            f"set user and password in [email.smtp], then {_CHECK}",
        )
    raise Down(
        f"[email.smtp]: the relay refuses our envelope sender ({note(code, message)})",
        f"""write bounce_style = "plain" in [email], or check address, then {_CHECK}""",
    )


def recipient(code: int, message: str) -> NoReturn:
    """RCPT TO was refused."""
    known = status(message)
    said = note(code, message)
    if 400 <= code < 500:
        raise _postponed(code, message)
    if known is not None:
        subject, detail = known
        if subject == 7:
            # "Not authorised", "blocked": our reputation or set-up; another member may be refused the same way.
            raise Refused(f"the relay's policy refuses it ({said})")
        if known == (2, 2):
            raise TryLater(f"the mailbox is full ({said})", after=_FULL)
        if known in {(3, 4), (2, 3)}:
            raise Refused(f"the mail is too large ({said})")
        if subject in {1, 2} and detail != 8:  # 5.1.8 is about the sender
            raise Unreachable(said)
        raise Refused(said)
    if code == 552 or _MAILBOX_FULL.search(message):
        raise TryLater(f"the mailbox is full ({said})", after=_FULL)
    if code in {550, 551, 553, 556, 501}:
        raise Unreachable(said)
    raise Refused(said)


def content(code: int, message: str) -> NoReturn:
    """The relay read the mail and refused it. Whatever the code: it was not taken."""
    known = status(message)
    said = note(code, message)
    if 400 <= code < 500:
        raise _postponed(code, message)
    if known is not None and known[0] == 1 and known[1] not in {7, 8}:
        raise Unreachable(said)
    if known == (2, 2):
        raise TryLater(f"the mailbox is full ({said})", after=_FULL)
    raise Refused(said)


def _postponed(code: int, message: str) -> TryLater:
    """A 4xx answer to RCPT or DATA: who must wait, and how long."""
    known = status(message)
    said = note(code, message)
    if code == 421:
        return TryLater(said, after=60, scope="channel")
    if known in {(3, 1), (3, 2)} or (code == 452 and known is None):
        return TryLater(said, after=300, scope="channel")  # the relay's disk
    if known == (2, 2):
        return TryLater(f"the mailbox is full ({said})", after=_FULL)
    if _TOO_FAST.search(message) and (known is None or known[0] in {7, 5}):
        return TryLater(said, after=_SPENT, scope="budget")
    return TryLater(said, after=_asked(message) or _GREYLIST)


def _asked(message: str) -> float | None:
    """The seconds a grey list names ("Greylisted for 300 seconds", "try again in 5 minutes"); at most an hour."""
    found = _WAIT.search(message[:300])
    if found is None:
        return None
    return max(1.0, min(3600.0, int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2].lower()]))
