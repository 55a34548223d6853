"""Tokens: addresses and ids that prove where a reply belongs, derived and never stored.

A token is base32(purpose, ids, tag), lower case, at most 45 characters, where tag = HMAC-SHA256(key, purpose, ids,
generation)[:15]. Mail servers fold case and change "+", so nothing else is used. It dies when the membership's
`token_generation` grows.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

SIZE = 32  # bytes of a secret key
TAG = 15  # bytes: 120 bits (facts E1)
_NONCE = 16
#: What people type and read aloud: no 0/O, 1/I/L, U/V.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, not yet proved: `purpose` is "r" reply, "b" bounce, "m" message id."""

    purpose: str
    membership: int
    target: int  # the message it belongs to
    tag: bytes


class Tokens:
    """Makes and proves tokens with one secret key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, purpose: str, membership: int, target: int, generation: int) -> str:
        """The token of `membership` for `target`; the same every time."""
        ids = _varint(membership) + _varint(target)
        tag = self._tag(purpose, ids, generation)
        return _base32(ids + tag)

    def read(self, purpose: str, text: str) -> Token | None:
        """What `text` claims to be; None if it cannot be a token. Prove it with `proves`."""
        text = text.strip().upper()
        if not 24 <= len(text) <= 45:
            return None
        try:
            raw = base64.b32decode(text + "=" * (-len(text) % 8))
        except (binascii.Error, ValueError):
            return None
        ids, tag = raw[:-TAG], raw[-TAG:]
        membership, rest = _read_varint(ids)
        target, rest = _read_varint(rest)
        if rest or membership is None or target is None:
            return None
        return Token(purpose, membership, target, tag)

    def proves(self, token: Token, generation: int) -> bool:
        """True if we made it, for this generation; in constant time."""
        ids = _varint(token.membership) + _varint(token.target)
        return hmac.compare_digest(token.tag, self._tag(token.purpose, ids, generation))

    def choice(self, *ids: object) -> str:
        """What a button carries: `ids`, signed (Telegram T22: at most 64 bytes)."""
        text = ":".join(str(one) for one in ids)
        tag = hmac.digest(self._key, b"choice:" + text.encode(), "sha256")[:9]
        return f"{text}:{base64.urlsafe_b64encode(tag).decode()}"

    def chosen(self, data: str) -> list[str] | None:
        """The ids a button carried, if we signed them."""
        text, _, tag = data.rpartition(":")
        right = self.choice(*text.split(":")).rpartition(":")[2]
        return text.split(":") if text and hmac.compare_digest(tag.encode(), right.encode()) else None

    def code_hash(self, code: str) -> str:
        """How a one-time code is stored, whatever its case, hyphens and spaces.

        With the key in it: all codes that can be typed are few enough to be tried on a stolen database (X24).
        """
        plain = "".join(char for char in code.upper() if char.isalnum())
        return hmac.digest(self._key, b"code:" + plain.encode(), "sha256").hex()

    def mark(self, channel: str, account: str, remote: str) -> str:
        """What recognizes an address and does not tell it."""
        return hmac.digest(self._key, f"mark:{channel}\0{account}\0{remote}".encode(), "sha256")[:TAG].hex()

    def seal(self, words: str) -> str:
        """`words`, unreadable without the key: what carries a code to its owner stands in the database until it is old."""
        return base64.b64encode(self.seal_bytes(words.encode())).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed; ValueError if it was with another key."""
        return self.unseal_bytes(base64.b64decode(sealed)).decode()

    def seal_bytes(self, plain: bytes) -> bytes:
        """The same of a file's content."""
        nonce = secrets.token_bytes(_NONCE)
        hidden = _xor(plain, self._stream(nonce, len(plain)))
        return nonce + self._seal_tag(nonce + hidden) + hidden

    def unseal_bytes(self, raw: bytes) -> bytes:
        """What was sealed; ValueError if it was with another key."""
        nonce, tag, hidden = raw[:_NONCE], raw[_NONCE : _NONCE + TAG], raw[_NONCE + TAG :]
        if not hmac.compare_digest(tag, self._seal_tag(nonce + hidden)):
            raise ValueError("sealed with another key")
        return _xor(hidden, self._stream(nonce, len(hidden)))

    def _stream(self, nonce: bytes, size: int) -> bytes:
        blocks = range((size + 31) // 32)
        return b"".join(hmac.digest(self._key, b"seal:%s:%d" % (nonce, block), "sha256") for block in blocks)[:size]

    def _seal_tag(self, raw: bytes) -> bytes:
        return hmac.digest(self._key, b"sealed:" + raw, "sha256")[:TAG]

    def _tag(self, purpose: str, ids: bytes, generation: int) -> bytes:
        return hmac.digest(self._key, b"%s:%s:%d" % (purpose.encode(), ids, generation), "sha256")[:TAG]


class BadKeyError(ValueError):
    """The file of the secret key cannot be used; says why, and never what is in it."""


def secret_key(path: Path) -> bytes:
    """The key in `path`, made at first start (0600); outside the database, never in a backup.

    Raises BadKeyError if there is something else at `path`, or nothing can be made there.
    """
    try:
        if not path.exists():
            _make_key(path)
        with path.open("rb") as file:
            key = file.read(SIZE + 1)
    except OSError as error:
        raise BadKeyError(f"{path} cannot be used as the secret key ({error.strerror or error})") from None
    if len(key) != SIZE:
        has = f"{len(key)} bytes" if len(key) < SIZE else "more"
        raise BadKeyError(f"{path} is not a secret key: it has {has}, a key has exactly {SIZE}")
    return key


def _make_key(path: Path) -> None:
    """A new key: at `path` there is all of it or nothing, and never instead of what another process has put there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()


def typed_code() -> str:
    """Eight characters people can read aloud: 7K2F-9MPD."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def link_code() -> str:
    """A code for a link: 120 bits, letters and digits, fit for a deep link."""
    return base64.b32encode(secrets.token_bytes(15)).decode().lower()


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)


def _base32(raw: bytes) -> str:
    """RFC 4648 base32 in lower case without padding; ten bits at a time, since three are made for every mail."""
    bits = len(raw) * 8
    padding = -bits % 10
    number = int.from_bytes(raw, "big") << padding
    pairs = _PAIRS
    text = "".join([pairs[number >> shift & 1023] for shift in range(bits + padding - 10, -1, -10)])
    return text[: (bits + 4) // 5]


def _varint(number: int) -> bytes:
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _read_varint(raw: bytes) -> tuple[int | None, bytes]:
    value = 0
    for position, byte in enumerate(raw[:9]):
        value |= (byte & 0x7F) << (7 * position)
        if not byte & 0x80:
            return value, raw[position + 1 :]
    return None, b""
