"""What has been kept long enough: messages with all that hangs on them, files, and addresses of people who never joined.

Each function does a batch, in one short transaction; the next one goes on. What is pinned stays. An answer outlives what
it answers, and a thread its first message; a thread of which nothing is left keeps its row and no words.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from bot.core import dropping
from store.statement import run, sql

#: Messages in one batch: with everything that hangs on them, a tenth of a second.
BATCH: Final = 200

OLD = sql("""
    SELECT id, thread_id FROM message
    WHERE created_at < :before AND pinned_at IS NULL AND state <> 'spreading' ORDER BY created_at LIMIT :most
""")
# In this order: what refers to a message goes before it, or forgets it.
OF_MESSAGES = (
    sql("UPDATE message SET reply_to = NULL WHERE reply_to IN :messages"),
    sql("DELETE FROM delivery WHERE message_id IN :messages"),
    sql("""
        UPDATE parcel SET state = 'withdrawn', settled_at = :now
        WHERE message_id IN :messages AND state = 'due'
          AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parcel_id = parcel.id AND d.state = 'owed')
    """),
    sql("UPDATE parcel SET message_id = NULL WHERE message_id IN :messages"),
    sql("DELETE FROM message WHERE id IN :messages"),
)
EMPTY_THREADS = sql("""
    UPDATE thread SET title = '', folded = '', subject = '', author_id = NULL
    WHERE id IN :threads AND last_at < :before AND NOT EXISTS (SELECT 1 FROM message m WHERE m.thread_id = thread.id)
""")
WITH_FILES = sql("""
    SELECT DISTINCT t.message_id FROM attachment t JOIN message m ON m.id = t.message_id
    WHERE t.file_id IS NOT NULL AND m.created_at < :before AND m.pinned_at IS NULL LIMIT :most
""")
# Nobody's, seen long ago, and nothing of ours refers to them: an invitation that went there does, for it went once.
STRANGERS = sql("""
    UPDATE address SET remote = 'erased ' || CAST(id AS TEXT), sub = '', name = '', language = '', status = 'gone',
        status_why = '', seen_at = NULL, greeted_at = NULL
    WHERE id IN (
        SELECT a.id FROM address a
        WHERE a.member_id IS NULL AND NOT a.room AND a.seen_at < :before
          AND NOT EXISTS (SELECT 1 FROM presence p WHERE p.address_id = a.id)
          AND NOT EXISTS (SELECT 1 FROM silence s WHERE s.address_id = a.id)
          AND NOT EXISTS (SELECT 1 FROM code c WHERE c.address_id = a.id)
          AND NOT EXISTS (SELECT 1 FROM message m WHERE m.speaker_id = a.id)
          AND NOT EXISTS (SELECT 1 FROM question q WHERE q.address_id = a.id)
        LIMIT :most)
""")


def messages(connection: Connection, before: float, now: float, most: int = BATCH) -> tuple[int, list[str]]:
    """Erase the oldest messages said before then; how many, and the files nothing needs any more."""
    rows = run(connection, OLD, {"before": before, "most": most}).all()
    if not rows:
        return 0, []
    ids = [row.id for row in rows]
    files = dropping.files_of(connection, ids, ids)
    for statement in OF_MESSAGES:
        values = {"messages": ids, "now": now}
        run(connection, statement, {name: value for name, value in values.items() if f":{name}" in statement.text})
    run(connection, EMPTY_THREADS, {"threads": sorted({row.thread_id for row in rows}), "before": before})
    return len(ids), files


def files(connection: Connection, before: float, most: int = BATCH) -> list[str]:
    """Erase the files of messages said before then; their names stay with the message. What nothing needs any more."""
    return dropping.expire_files(
        connection, [row[0] for row in run(connection, WITH_FILES, {"before": before, "most": most})]
    )


def strangers(connection: Connection, before: float, most: int = BATCH) -> int:
    """Forget the addresses of people who wrote before then and never came in; how many."""
    return run(connection, STRANGERS, {"before": before, "most": most}).rowcount
