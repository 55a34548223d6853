"""Letting go: files nothing needs any more, raw items, and the bot's own words once they have left.

Rows go in the transaction; the names of files are returned, and their bytes go when it is committed. A crash in between
leaves bytes without a row, which are swept away a day later (`bot.core.sweeping`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from store.statement import run, sql

#: Statements of the bot's looked at in one transaction.
MOST: Final = 2000

# The files of messages: those of pinned ones stay, whatever becomes of the words.
FILES_OF = sql("SELECT DISTINCT file_id FROM attachment WHERE message_id IN :messages AND file_id IS NOT NULL")
WITHOUT_FILE = sql("""
    UPDATE attachment SET file_id = NULL, name = '', note = 'erased' WHERE message_id IN :messages
""")
EXPIRED = sql("UPDATE attachment SET file_id = NULL, note = 'expired' WHERE message_id IN :messages")
GONE = sql("DELETE FROM attachment WHERE message_id IN :messages AND file_id IS NULL")
COUNTED = sql("""
    UPDATE file SET refcount = (SELECT COUNT(*) FROM attachment t WHERE t.file_id = file.id) WHERE id IN :files
""")
UNUSED = sql("""
    DELETE FROM file WHERE id IN :files AND NOT EXISTS (SELECT 1 FROM attachment t WHERE t.file_id = file.id)
    RETURNING sha256
""")
NEEDED = sql("""
    SELECT 1 FROM inbound WHERE raw_file = :name AND emptied_at IS NULL
    UNION ALL SELECT 1 FROM file WHERE sha256 = :name
""")

# What came from an address: in private from there, in a room with its name in the key.
RAW_OF = sql("""
    DELETE FROM inbound
    WHERE channel = :channel AND account = :account AND state IN ('done', 'held', 'failed')
      AND (lane = :remote OR key = :remote OR key LIKE :within ESCAPE '!')
    RETURNING raw_file
""")
# What others wrote was handled long ago or a moment ago, and may quote anybody: it was kept to be looked at, no more.
HANDLED = sql("""
    SELECT id, raw_file FROM inbound WHERE state = 'done' AND (emptied_at IS NULL OR raw_file <> '')
    ORDER BY id DESC LIMIT :most
""")
QUOTED = sql("UPDATE inbound SET raw = NULL, raw_file = '', emptied_at = :now WHERE id IN :items")

# Answers and notices that have left: nobody reads them here again.
SPOKEN = sql("""
    UPDATE delivery SET body = NULL WHERE body IS NOT NULL AND id IN (
        SELECT d.id FROM delivery d JOIN parcel p ON p.id = d.parcel_id
        WHERE d.body IS NOT NULL AND p.state IN ('sent', 'withdrawn') AND p.settled_at <= :before LIMIT :most)
""")
UNSPOKEN = sql("""
    SELECT d.parcel_id, d.body FROM delivery d JOIN parcel p ON p.id = d.parcel_id
    WHERE d.body IS NOT NULL AND p.state IN ('due', 'uncertain', 'failed', 'expired') AND p.created_at < :before
""")
UNSAY = (
    sql("UPDATE parcel SET state = 'withdrawn', owner = '', error = '', settled_at = :now WHERE id = :parcel"),
    sql("UPDATE delivery SET state = 'withdrawn', body = NULL WHERE parcel_id = :parcel"),
    sql("DELETE FROM question WHERE parcel_id = :parcel"),
)


def files_of(connection: Connection, messages: Sequence[int], gone: Sequence[int] = ()) -> list[str]:
    """Take their files from these messages; return those nothing else needs. Of the messages `gone` not even the place stays."""
    if not messages:
        return []
    files = [int(row[0]) for row in run(connection, FILES_OF, {"messages": messages})]
    run(connection, WITHOUT_FILE, {"messages": messages})
    if wordless := sorted(set(gone) & set(messages)):
        run(connection, GONE, {"messages": wordless})
    return unused(connection, files)


def expire_files(connection: Connection, messages: Sequence[int]) -> list[str]:
    """The files of these messages were kept long enough; what they were called stays. Return those nothing else needs."""
    if not messages:
        return []
    files = [int(row[0]) for row in run(connection, FILES_OF, {"messages": messages})]
    run(connection, EXPIRED, {"messages": messages})
    return unused(connection, files)


def unused(connection: Connection, files: Sequence[int]) -> list[str]:
    """Forget those of these files that no message has any more; the names of their bytes."""
    if not files:
        return []
    run(connection, COUNTED, {"files": files})
    names = [str(row[0]) for row in run(connection, UNUSED, {"files": files})]
    return [name for name in names if not is_needed(connection, name)]


def is_needed(connection: Connection, name: str) -> bool:
    """Does a row need the bytes of this name?"""
    return run(connection, NEEDED, {"name": name}).first() is not None


def raw_of(connection: Connection, channel: str, account: str, remote: str) -> list[str]:
    """Forget what came from an address; the files of what was large."""
    escaped = remote.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    values = {
        "channel": channel, "account": account, "remote": remote,
        "within": f"%{escaped}%" if len(remote) > 5 else escaped,
    }  # fmt: skip
    names = {str(row[0]) for row in run(connection, RAW_OF, values)} - {""}
    return [name for name in sorted(names) if not is_needed(connection, name)]


def quoted(connection: Connection, now: float, most: int) -> tuple[int, list[str]]:
    """Empty the next raw items that were handled, whoever's: a mail may quote whom it answers, however it is encoded.

    How many that was, and the files of the large ones.
    """
    rows = run(connection, HANDLED, {"most": most}).all()
    if not rows:
        return 0, []
    run(connection, QUOTED, {"items": [row.id for row in rows], "now": now})
    names = sorted({str(row.raw_file) for row in rows} - {""})
    return len(rows), [name for name in names if not is_needed(connection, name)]


def spoken(connection: Connection, before: float, most: int = -1) -> int:
    """Let go of what the bot said, where it has left `before` then; how much that was."""
    return run(connection, SPOKEN, {"before": before, "most": most if most >= 0 else 2**31}).rowcount


def read_of(said: Any) -> str:
    """What people read of a notice: not what its parts are called in the store, nor the community's name."""
    parts = [said.get(part) for part in ("text", "subject", "buttons")] if isinstance(said, Mapping) else []
    return "\n".join(json.dumps(part, ensure_ascii=False) for part in parts if part)


def unsay(connection: Connection, parcel: int, now: float) -> None:
    """What the bot still has to say in this parcel it does not say."""
    for statement in UNSAY:
        values = {"parcel": parcel, "now": now}
        run(connection, statement, {name: value for name, value in values.items() if f":{name}" in statement.text})
