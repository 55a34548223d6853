"""What must be known of a raw mail before it is parsed: its key, and whose lane it belongs to. Cheap, and never raises.

The key is the mail's own: two header hashes and a body hash, no UID. So the same mail has the same key after the server
renumbered its mailbox, and when two aliases of ours deliver it twice. The Message-ID alone would not do: a stranger can
send a mail with an id that is about to come (E45).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridges.email.settings import Email

_FIELDS = re.compile(
    rb"^(message-id|from|to|cc|date|subject|delivered-to|x-original-to):((?:.*)(?:\r?\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_ADDRESS = re.compile(rb"<([^<>\s@]+@[^<>\s@]+)>|([^<>\s@,;:\"()]+@[^<>\s@,;:\"()]+)")
#: The fields of `header_key` can be fetched alone.
KEY_FIELDS = "MESSAGE-ID FROM TO CC DATE SUBJECT DELIVERED-TO X-ORIGINAL-TO"
#: The fields of `concerns`.
CONCERN_FIELDS = "TO CC DELIVERED-TO X-ORIGINAL-TO X-GM-ORIGINAL-TO ENVELOPE-TO IN-REPLY-TO REFERENCES"
_LIMIT = 64 * 1024


def split(raw: bytes) -> tuple[bytes, bytes]:
    """(header block, body)."""
    if raw.startswith((b"\r\n", b"\n")):
        return b"", raw
    found = _BLANK_LINE.search(raw)
    return (raw[: found.start() + 2], raw[found.end() :]) if found else (raw, b"")


def fields(header: bytes) -> dict[bytes, list[bytes]]:
    """The fields that matter here, by name in lower case, unfolded."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in _FIELDS.findall(header[:_LIMIT]):
        found.setdefault(name.lower(), []).append(b" ".join(value.split()))
    return found


def header_key(header: bytes) -> str:
    """The first half of the key."""
    known = fields(header)
    visible = b" ".join([*known.get(b"to", ()), *known.get(b"cc", ())]).lower()
    # Two aliases of one mailbox deliver one mail twice, with two Delivered-To: one mail. But where we stand in Bcc,
    # Delivered-To alone says which of our addresses was meant: two mails.
    blind = [
        value.lower()
        for name in (b"delivered-to", b"x-original-to")
        for value in known.get(name, ())[:1]
        if value.lower().strip(b"<>") not in visible
    ]
    parts = [known.get(name, [b""])[0] for name in (b"message-id", b"from", b"date", b"subject")] + blind
    return blake2b(b"\0".join(parts), digest_size=12).hexdigest()


def arrival_key(raw: bytes) -> str:
    """The key of a raw mail."""
    header, content = split(raw)
    # Servers differ in how they end lines when they give a mail a second time.
    body = blake2b(content.replace(b"\r\n", b"\n").rstrip(b"\n"), digest_size=12).hexdigest()
    return f"{header_key(header)}.{body}"


def concerns(header: bytes, settings: Email) -> bool:
    """Whether a mail in a mailbox that is also somebody's own is for us: to an address with a token, or answering us."""
    text = " ".join(header.decode("latin-1").lower().split())
    local, domain = re.escape(settings.local), re.escape(settings.domain)
    to_us = rf"(?:\b{local}\+?|<|\s|,|:)[rbc]\.[a-z0-9._-]{{1,60}}@{domain}\b"
    ours = rf"<[a-z]\.[a-z0-9]{{20,60}}@{domain}>"
    return bool(re.search(f"{to_us}|{ours}", text[: 2 * _LIMIT]))


def sender_lane(raw: bytes) -> str:
    """The sender's address as the mail says it, in lower case; it orders the handling and proves nothing."""
    value = (fields(split(raw[: _LIMIT * 2])[0]).get(b"from") or [b""])[0]
    found = None
    for found in _ADDRESS.finditer(value[:2000]):  # noqa: B007 - the last one is the address
        pass
    return (found[1] or found[2]).decode("utf-8", "replace").lower()[:250] if found else ""
