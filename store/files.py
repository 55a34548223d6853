"""Bytes on disk: attachments, named by their SHA-256 and kept once; raw items too large for a row."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[0-9a-f]{64}")
#: Half a file; and the mark of a restore (`store.restore`).
OURS: Final = re.compile(r"\.[0-9a-f]{16}\.part|\.restoring")
HALF: Final = re.compile(r"\.[0-9a-f]{16}\.part")


class Files:
    """The folder of files. Everything in it is written whole, then named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Store a file piece by piece; return its SHA-256 and its size. The same bytes are kept once."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = self.folder / f".{secrets.token_hex(8)}.part"
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        name = digest.hexdigest()
        target = self.path(name)
        target.parent.mkdir(exist_ok=True)
        half.replace(target)
        return name, size

    def path(self, sha256: str) -> Path:
        """Where the file with this hash is."""
        return self.folder / sha256[:2] / sha256

    def present(self) -> set[str] | None:
        """The names of all files here, but for hidden ones of ours; None if anything else is here."""
        found = set()
        for path in self.folder.rglob("*"):
            if path.is_file() and not (path.parent == self.folder and OURS.fullmatch(path.name)):
                if path != self.path(path.name) or not NAME.fullmatch(path.name):
                    return None
                found.add(path.name)
        return found

    def drop_halves(self) -> None:
        """Remove what was cut off while being written."""
        for path in self.folder.glob(".*.part"):
            if HALF.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def drop(self, sha256: str) -> None:
        """Remove a file nobody refers to any more."""
        self.path(sha256).unlink(missing_ok=True)

    def keep_raw(self, raw: bytes) -> str:
        """Store a large raw item; return its name for `raw`."""
        name, _ = self.keep([raw])
        return name

    def raw(self, name: str) -> bytes:
        """A raw item stored with `keep_raw`. Raises FileNotFoundError."""
        return self.path(name).read_bytes()
