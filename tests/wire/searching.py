"""Finds what must not be there, however it is written: in a MIME part, a header, a JSON string, base64, quoted-printable,
percent signs, escapes; and numbers with any separators. The canaries in test_privacy.py hold that it does."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import json
import quopri
import re
import unicodedata
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import unquote

DEEP = 4  # encodings within encodings
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|=([0-9A-F]{2})")
_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
_BETWEEN = r"[\s.()/\\\-\u00a0\u202f\u2009\u2010-\u2015\u200b]*"


class Searcher:
    """Knows what is looked for, by a name that says whose it is."""

    def __init__(self, needles: Mapping[str, str]) -> None:
        self._patterns = {name: _pattern(needle) for name, needle in needles.items()}

    def find(self, whole: Any) -> set[str]:
        """The names of everything that stands in `whole`: text, bytes (a mail, or any), or what JSON can hold."""
        found: set[str] = set()
        for text in dict.fromkeys(texts(whole)):
            found |= {name for name, pattern in self._patterns.items() if pattern.search(text)}
        return found


def _pattern(needle: str) -> re.Pattern[str]:
    if re.fullmatch(r"\+?\d{9,}", needle):
        digits = needle.removeprefix("+")
        forms = [digits, f"00{digits}", *([f"0{digits[2:]}"] if digits.startswith("33") else [])]
        return re.compile("|".join(rf"(?<!\d){_BETWEEN.join(form)}(?!\d)" for form in forms))
    if needle.isdigit():
        return re.compile(rf"(?<!\d){_BETWEEN.join(needle)}(?!\d)")
    if re.fullmatch(r"[0-9a-fA-F]{8}-.+", needle):
        return re.compile(re.escape(_folded(needle)).replace(r"\-", "-?"))
    return re.compile(re.escape(_folded(needle)))


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", text)


def texts(whole: Any, depth: int = DEEP) -> Iterator[str]:
    """Everything `whole` says, folded, and what it says when it is decoded."""
    if isinstance(whole, Mapping):
        for name, value in whole.items():
            yield from texts(str(name), depth)
            yield from texts(value, depth)
    elif isinstance(whole, list | tuple):
        for one in whole:
            yield from texts(one, depth)
    elif isinstance(whole, bytes):
        yield from _bytes(whole, depth)
    elif whole is not None:
        yield from _text(str(whole), depth)


def _bytes(raw: bytes, depth: int) -> Iterator[str]:
    yield from _text(raw.decode("utf-8", "replace"), depth)
    if b"\x00" in raw:
        yield from _text(raw.decode("utf-16-le", "replace"), 0)
    if depth and b":" in raw[:2000]:
        mail = message_from_bytes(raw, policy=policy.default)
        for part in mail.walk():
            for name, value in part.items():
                yield from _text(f"{name}: {value}", depth - 1)
            yield from _text(str(part.get_filename() or ""), depth - 1)
            if not part.is_multipart():
                decoded = part.get_payload(decode=True) or b""
                charset = part.get_content_charset() or "utf-8"
                try:
                    yield from _text(decoded.decode(charset, "replace"), depth - 1)
                except LookupError:
                    yield from _text(decoded.decode("utf-8", "replace"), depth - 1)


def _text(text: str, depth: int) -> Iterator[str]:
    yield _folded(text)
    if not depth:
        return
    for decoded in _decoded(text):
        if decoded != text:
            yield from texts(decoded, depth - 1)


def _decoded(text: str) -> Iterator[Any]:
    """The same in every reading that changes it."""
    if "%" in text:
        yield unquote(text)
    if "&" in text:
        yield html.unescape(text)
    if "<" in text:
        yield re.sub(r"<[^>]*>", "", text)
    if "=" in text:
        yield quopri.decodestring(text.encode()).decode("utf-8", "replace")
    if "\\" in text or "=" in text:
        yield _ESCAPE.sub(lambda one: chr(int(one[1] or one[2] or one[3], 16)), text)
    if text[:1] in '[{"' and len(text) > 1:
        with contextlib.suppress(ValueError):
            yield json.loads(text)
    if _WORD.search(text):
        from email.header import decode_header, make_header

        with contextlib.suppress(LookupError, UnicodeError, ValueError):
            yield str(make_header(decode_header(text)))
    yield from _runs(text)


def _runs(text: str) -> Iterator[bytes]:
    """Runs of letters that may be base64 or hexadecimal, also over the ends of lines."""
    for form in {text, re.sub(r"\r?\n", "", text)}:
        for run in _BASE64.findall(form):
            bare = run.rstrip("=").replace("-", "+").replace("_", "/")
            try:
                decoded = base64.b64decode(bare + "=" * (-len(bare) % 4))
            except (binascii.Error, ValueError):
                continue
            yield decoded
        for run in _HEX.findall(form):
            yield bytes.fromhex(run)
