"""Bytes of unknown care as text: the declared charset, its usual misspellings, then what the bytes look like (E48, E49)."""

from __future__ import annotations

import codecs
import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, a2b_qp

#: Names seen in the wild and what they meant; windows-1252 and gb18030 are supersets of what people declare.
_ALIASES = {
    "iso-8859-8-i": "iso-8859-8",
    "cp-850": "cp850",
    "uft-8": "utf-8",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "iso-8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "macintosh": "mac-roman",
}
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([BbQq])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,60}\?[BbQq]\?)")


def decode(data: bytes, declared: str = "") -> str:
    """`data` as text. Never raises; NUL is removed."""
    name = declared.strip().strip("\"'").lower().partition("*")[0]
    for charset in dict.fromkeys((_ALIASES.get(name, name), "utf-8", "windows-1252")):
        if not charset:
            continue
        try:
            if not codecs.lookup(charset)._is_text_encoding:  # noqa: SLF001 - "zip" is a codec, too
                continue
            # A mail that says windows-1252 and is UTF-8 is common, the opposite hardly decodes by chance.
            if charset == "windows-1252" and _looks_utf8(data):
                charset = "utf-8"  # noqa: PLW2901
            return data.decode(charset).replace("\x00", "")
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("latin-1").replace("\x00", "")


def header(value: str | bytes) -> str:
    """A header field's value as people read it: encoded words decoded, raw 8-bit repaired, unfolded."""
    if isinstance(value, str):
        # The email package keeps raw bytes as surrogates.
        value = value.encode("utf-8", "surrogateescape")
    text = decode(value)
    text = _BETWEEN_WORDS.sub(r"\1", text.replace("\r", "").replace("\n", ""))
    pieces, end = [], 0
    pending, pending_charset = b"", ""
    for found in _ENCODED_WORD.finditer(text):
        between = text[end : found.start()]
        charset = found[1].partition("*")[0].lower()
        # A character may be cut in two by encoded words that stand side by side.
        if pending and (between or charset != pending_charset):
            pieces.append(decode(pending, pending_charset))
            pending = b""
        pieces.append(between)
        pending += _word(found[2], found[3])
        pending_charset = charset
        end = found.end()
    if pending:
        pieces.append(decode(pending, pending_charset))
    pieces.append(text[end:])
    return "".join(pieces)


def _word(kind: str, coded: str) -> bytes:
    """One encoded word's bytes; what cannot be decoded stands as it is."""
    raw = coded.encode("utf-8", "replace")
    if kind in "Qq":
        return a2b_qp(raw, header=True)
    try:
        return a2b_base64(raw + b"=" * (-len(raw) % 4)) or raw
    except (BinasciiError, ValueError):
        return raw


def _looks_utf8(data: bytes) -> bool:
    """Non-ASCII bytes that happen to be UTF-8 throughout."""
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeError:
        return False
    return True
