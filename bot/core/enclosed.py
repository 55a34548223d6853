"""Files of the bot's own that go along with what it says: kept on the disk until they have left, and readable by nobody there.

They are sealed with the secret key: whoever finds the folder or a copy of it has neither a code nor anybody's words.
The bytes come before the row that names them: after a crash in between, bytes nobody names are of no use to anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.core.bridge import LocalFile
from bot.core.errors import Refused
from bot.core.tokens import Tokens
from store.statement import run, sql

NEW = sql("""
    INSERT INTO file (sha256, size, type, refcount, parcel_id, created_at)
    VALUES (:sha256, :size, :type, 1, :parcel, :now)
""")
# One that failed may be tried again for as long as its parcel is kept.
LEFT = sql("""
    SELECT f.id, f.sha256 FROM file f LEFT JOIN parcel p ON p.id = f.parcel_id
    WHERE f.parcel_id IS NOT NULL AND (p.id IS NULL OR p.state IN ('sent', 'withdrawn')) LIMIT :most
""")
FORGET = sql("DELETE FROM file WHERE id = :id")
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on our disk, sealed, that nothing refers to yet."""

    sha256: str
    name: str  # as its reader sees it
    type: str
    size: int  # of what is in it


def keep(tokens: Tokens, keep_file: Callable[[bytes], str], name: str, type: str, content: bytes) -> Kept:
    """Bring a file to the disk; give it to `notices.owe` in the same transaction."""
    return Kept(keep_file(tokens.seal_bytes(content)), name, type, len(content))


def note(connection: Connection, file: Kept, parcel: int) -> dict[str, Any]:
    """Write down which parcel it leaves with; return what stands of it in the delivery."""
    values = {"sha256": file.sha256, "size": file.size, "type": file.type, "parcel": parcel, "now": time.time()}
    run(connection, NEW, values)
    return {"sha256": file.sha256, "name": file.name, "type": file.type, "size": file.size}


def local(tokens: Tokens, read_file: Callable[[str], bytes], noted: Mapping[str, Any]) -> LocalFile:
    """A file as a bridge is given it."""

    def read() -> bytes:
        try:
            return tokens.unseal_bytes(read_file(str(noted["sha256"])))
        except (OSError, ValueError):  # dropped, lost with the disk, or sealed with a key we no longer have
            raise Refused("the file is not there any more") from None

    return LocalFile(str(noted["name"]), str(noted["type"]), int(noted["size"]), read)


def drop_left(connection: Connection, drop_file: Callable[[str], None]) -> None:
    """Remove what has left, or never will."""
    for row in run(connection, LEFT, {"most": MOST}):
        run(connection, FORGET, {"id": row.id})
        drop_file(row.sha256)
