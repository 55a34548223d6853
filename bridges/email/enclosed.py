"""Files in a mail: the words become the first part of a multipart/mixed, each file another (RFC 2046, 5.1.3)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from bot.core.bridge import LocalFile

#: No line of a base64 or quoted-printable part can be this.
_BOUNDARY = b"=_fil-enclosed"
_VERSION = b"MIME-Version: 1.0\r\n"
#: What stands before the words' own Content-Type, and behind everything.
BEFORE = _VERSION + b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\n--%b\r\n' % (_BOUNDARY, _BOUNDARY)
END = b"--" + _BOUNDARY + b"--\r\n"


def parts(files: Sequence[LocalFile]) -> bytes:
    """The files, each behind its boundary. Raises Refused if one is there no more."""
    return b"".join(_part(file) for file in files)


def around(kind: bytes) -> bytes:
    """The fields and blank line before the words, which are now the first part; `kind` as without files."""
    return BEFORE + kind.removeprefix(_VERSION)


def _part(file: LocalFile) -> bytes:
    plain = all(char.isascii() and (char.isalnum() or char in "._- ") for char in file.name)
    name = f'filename="{file.name}"' if plain else f"filename*=UTF-8''{quote(file.name, safe='')}"  # RFC 2231, 4
    head = (
        f"Content-Type: {file.type}\r\nContent-Disposition: attachment;\r\n {name}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    content = base64.encodebytes(file.read()).replace(b"\n", b"\r\n")
    return b"--" + _BOUNDARY + b"\r\n" + head.encode("ascii") + content
