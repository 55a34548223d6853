"""Bytes on disk: attachments, named by their SHA-256 and kept once; raw items too large for a row."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


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
