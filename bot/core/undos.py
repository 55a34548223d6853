"""What can be taken back: a row says what was done and how it was before, for seven days."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from store.statement import run, sql

DAYS: Final = 7

NEW = sql("""
    INSERT INTO undo (member_id, kind, data, created_at, expires_at) VALUES (:member, :kind, :data, :now, :expires_at)
""")
LATEST = sql("""
    SELECT id, kind, data, created_at FROM undo
    WHERE member_id = :member AND done_at IS NULL AND expires_at > :now ORDER BY id DESC LIMIT 1
""")
BY_ID = sql("SELECT id, kind, data, created_at FROM undo WHERE id = :id AND done_at IS NULL AND expires_at > :now")
DONE = sql("UPDATE undo SET done_at = :now WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Undo:
    """Something a member may take back."""

    id: int
    kind: str
    data: Mapping[str, Any]
    created_at: float


def remember(connection: Connection, member: int, kind: str, data: Mapping[str, Any]) -> None:
    """`member` may take this back."""
    now = time.time()
    values = {
        "member": member,
        "kind": kind,
        "data": json.dumps(dict(data)),
        "now": now,
        "expires_at": now + DAYS * 86400,
    }
    run(connection, NEW, values)


def latest(connection: Connection, member: int) -> Undo | None:
    """What the member did last and may still take back."""
    return _undo(run(connection, LATEST, {"member": member, "now": time.time()}).first())


def known(connection: Connection, undo_id: int) -> Undo | None:
    """The one with this id, if it can still be taken back."""
    return _undo(run(connection, BY_ID, {"id": undo_id, "now": time.time()}).first())


def done(connection: Connection, undo: Undo) -> None:
    """It was taken back, or there is nothing left to take back."""
    run(connection, DONE, {"id": undo.id, "now": time.time()})


def _undo(row: Any) -> Undo | None:
    if row is None:
        return None
    data = json.loads(row.data) if isinstance(row.data, str) else row.data or {}
    return Undo(row.id, row.kind, data, row.created_at)
