"""Strings of people's as header fields of ours: nothing in them can end a line, start a field or turn the text around.

EmailMessage is not used: it takes 0.9 ms a mail, and raises on the very subjects an attacker sends.
"""

from __future__ import annotations

import re
from binascii import b2a_base64

# C0 and C1 controls end or hide lines; bidi overrides and isolates turn the rest of a line around (E35).
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")  # RFC 5322 atoms and blanks
_ASCII = re.compile(r"[ -~]*\Z")
#: An encoded word is at most 75 characters long (RFC 2047, section 2): 45 bytes of UTF-8 are 60 of base64.
_WORD_BYTES = 45


def clean(text: str) -> str:
    """`text` on one line: controls and bidi marks become a blank, runs of blanks one."""
    return " ".join(_SURROGATES.sub("\ufffd", _UNSAFE.sub(" ", text)).split())


def unstructured(text: str) -> bytes:
    """A subject: as it is if ASCII and short, else as encoded words."""
    safe = clean(text)
    # "=?" would be read as an encoded word that the member only wrote about.
    if _ASCII.match(safe) and "=?" not in safe and len(safe) <= 900:
        return _fold(safe)
    return b"\r\n ".join(_words(safe))


def display_name(text: str) -> bytes:
    """A name before an <address>: bare, quoted, or as encoded words; an "@" is taken out (E25)."""
    safe = clean(text).replace("@", " ").strip()[:200]
    if not safe:
        return b""
    if _PLAIN_WORDS.match(safe) and "=?" not in safe:
        return safe.encode("ascii")
    if _ASCII.match(safe) and "=?" not in safe:
        return b'"' + safe.replace("\\", "\\\\").replace('"', '\\"').encode("ascii") + b'"'
    return b"\r\n ".join(_words(safe))


def mailbox(name: str, address: str) -> bytes:
    """`Name <address>`."""
    shown = display_name(name)
    return (shown + b" " if shown else b"") + b"<" + address.encode("utf-8") + b">"


def _words(text: str) -> list[bytes]:
    """`text` as encoded words; a character is never cut in two (RFC 2047, section 5)."""
    words, piece = [], b""
    for char in text:
        encoded = char.encode("utf-8")
        if len(piece) + len(encoded) > _WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += encoded
    words.append(piece)
    return [b"=?utf-8?b?" + b2a_base64(word, newline=False) + b"?=" for word in words]


def _fold(text: str) -> bytes:
    """Lines of at most some 76 characters, broken at blanks only."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > 66:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return "\r\n ".join(lines).encode("ascii")
