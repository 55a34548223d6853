"""A backup under a passphrase: files in the format of age (age-encryption.org/v1), written and read piece by piece.

The format is public and small, so that a copy can be opened without this program: `age -d FILE`. Only the cipher is a
library's; scrypt, HMAC and SHA-256 are the standard library's. No binding of age for Python encrypts a stream under a
passphrase, and the usual work factor takes half a gigabyte of memory: ours takes 64 MB.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
import secrets
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAGIC = b"age-encryption.org/v1"
#: scrypt's N is 2 to this power; with r = 8 that is 64 MB, and a tenth of a second for each guess.
WORK = 16
#: More is not tried: a file could ask for more memory than the machine has.
MOST_WORK = 20
_CHUNK = 64 * 1024
_TAG = 16
_STANZA = re.compile(rb"-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)")


class WrongPassphrase(Exception):
    """The passphrase does not open it."""


class Damaged(Exception):
    """What is read is not what was written."""


def passphrase_of(first_line: str) -> str:
    """The passphrase in the first line of a file. Raises ValueError if there is none."""
    found = first_line.strip()
    if not found:
        raise ValueError("its first line is empty")
    return found


class Sealing(io.RawIOBase):
    """Writes encrypted what is written to it. Only `close` ends the file; without it, reading it fails."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        super().__init__()
        self._out = out
        self._waiting = bytearray()
        self._number = 0
        key, salt = secrets.token_bytes(16), secrets.token_bytes(16)
        wrapped = _cipher(_scrypt(passphrase, salt, WORK)).encrypt(bytes(12), key, None)
        header = MAGIC + b"\n-> scrypt %s %d\n%s\n---" % (_base64(salt), WORK, _base64(wrapped))
        nonce = secrets.token_bytes(16)
        out.write(header + b" " + _base64(_mac(key, header)) + b"\n" + nonce)
        self._payload = _cipher(_hkdf(key, nonce, b"payload"))

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take `data`; what fills a chunk is written."""
        self._waiting += data
        # A full chunk waits until it is known not to be the last.
        while len(self._waiting) > _CHUNK:
            self._put(bytes(self._waiting[:_CHUNK]), last=False)
            del self._waiting[:_CHUNK]
        return len(data)

    def close(self) -> None:
        """Write the last chunk; the file below stays open."""
        if not self.closed:
            self._put(bytes(self._waiting), last=True)
            super().close()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._payload.encrypt(_nonce(self._number, last=last), chunk, None))
        self._number += 1


class Unsealing(io.RawIOBase):
    """Reads what `Sealing`, or age itself, wrote under a passphrase. Raises WrongPassphrase, Damaged."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        super().__init__()
        self._source = source
        key = _file_key(source, passphrase)
        self._payload = _cipher(_hkdf(key, _exactly(source, 16), b"payload"))
        self._next = source.read(_CHUNK + _TAG)
        self._open = b""
        self._number = 0

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, into: bytearray) -> int:  # type: ignore[override]
        """Fill `into`; 0 at the end."""
        while not self._open and self._next:
            chunk, self._next = self._next, self._source.read(_CHUNK + _TAG)
            self._open = self._opened(chunk, last=not self._next)
        size = min(len(into), len(self._open))
        into[:size] = self._open[:size]
        self._open = self._open[size:]
        return size

    def _opened(self, chunk: bytes, *, last: bool) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            found = self._payload.decrypt(_nonce(self._number, last=last), chunk, None)
        except InvalidTag:
            raise Damaged("it was cut off or changed") from None
        self._number += 1
        return found


def is_sealed(begin: bytes) -> bool:
    """Whether a file that begins like this needs a passphrase."""
    return begin.startswith(MAGIC)


def _file_key(source: BinaryIO, passphrase: str) -> bytes:
    """The key of the file, out of its header."""
    from cryptography.exceptions import InvalidTag

    magic, stanza, body, end = (_line(source) for _ in range(4))
    found = _STANZA.fullmatch(stanza)
    if magic != MAGIC or found is None or not end.startswith(b"--- "):
        raise Damaged("it is encrypted, but not under a passphrase")
    work = int(found[2])
    if work > MOST_WORK:
        raise Damaged("opening it would take more of the machine than is reasonable")
    try:
        key = _cipher(_scrypt(passphrase, _unbase64(found[1]), work)).decrypt(bytes(12), _unbase64(body), None)
    except InvalidTag:
        raise WrongPassphrase from None
    header = b"\n".join((magic, stanza, body, b"---"))
    if not hmac.compare_digest(_mac(key, header), _unbase64(end[4:])):
        raise Damaged("its beginning was changed")
    return key


def _line(source: BinaryIO) -> bytes:
    """One line of the header."""
    line = bytearray()
    while (one := source.read(1)) not in (b"\n", b""):
        line += one
        if len(line) > 200:
            break
    return bytes(line)


def _exactly(source: BinaryIO, size: int) -> bytes:
    found = source.read(size)
    if len(found) != size:
        raise Damaged("it was cut off")
    return found


def _cipher(key: bytes) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


def _scrypt(passphrase: str, salt: bytes, work: int) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(), salt=MAGIC + b"/scrypt" + salt, n=1 << work, r=8, p=1, dklen=32,
        maxmem=(1 << work) * 8 * 128 + 2**20,
    )  # fmt: skip


def _hkdf(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """RFC 5869 with SHA-256, one block."""
    return hmac.digest(hmac.digest(salt or bytes(32), key, "sha256"), purpose + b"\x01", "sha256")


def _mac(key: bytes, header: bytes) -> bytes:
    return hmac.digest(_hkdf(key, b"", b"header"), header, "sha256")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _base64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise Damaged("its beginning was changed") from None
