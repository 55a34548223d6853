"""What a database needs that was put back from a backup, before a program may run on it.

What was owed when the backup was made may have left since, so nothing leaves until somebody decides (`bot.core.holding`).
What came in since and can be had again is read again. Ids go on far above those that were given out since and are forgotten
now: no token in anybody's mailbox may come to name something else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, inspect

from store.backup import erased
from store.statement import Statement, run, sql

#: The row of `chore` that holds everything back.
HOLD: Final = "hold"
#: The name of the cursor that says from which day on what was handled is to be read again.
AGAIN: Final = "again"
#: Servers count days in their own zone.
LOOK_BACK: Final = timedelta(days=1)
#: Ids go on this far above the highest, and so many more for every second since the backup was made.
AHEAD, AHEAD_PER_SECOND = 1_000_000, 100

# It was leaving a second time when the backup was made: a third time is decided by a person, as ever.
DOUBTFUL = sql("""
    UPDATE parcel SET state = 'uncertain', owner = '', ambiguous = ambiguous + 1, settled_at = :now,
        error = 'the program stopped while it was sending this, twice'
    WHERE state = 'sending' AND ambiguous > 0
""")
# All that was owed may have left since. Nothing joins it: what is new must not be given up together with it.
MAYBE_SENT = sql("""
    UPDATE parcel SET state = 'due', owner = '', bundle = NULL, retry_at = NULL, failing_since = NULL,
        ambiguous = CASE WHEN ambiguous > 0 THEN ambiguous ELSE 1 END
    WHERE state IN ('due', 'sending')
""")
LANES = sql("UPDATE lane SET due_at = CASE WHEN owner <> '' THEN :now ELSE due_at END, owner = ''")
# Accepted and not handled: it was handled since, and what came of that is forgotten.
ITEMS = sql("UPDATE inbound SET owner = '', again = true WHERE state IN ('new', 'waiting')")
CHANNELS = sql("UPDATE channel_state SET down_since = NULL, reason = '', cure = '', paused_until = NULL")
READ_AGAIN = sql("""
    INSERT INTO cursor (channel, account, name, value) SELECT DISTINCT channel, account, :name, :day FROM cursor WHERE true
    ON CONFLICT (channel, account, name) DO UPDATE SET value = excluded.value
""")
# They may have been used since, and would be good once more.
CODES = sql("""
    UPDATE code SET expires_at = :now WHERE purpose IN ('link', 'recover', 'organizer') AND expires_at > :now
""")
HELD = sql("""
    INSERT INTO chore (name, done_at, data) VALUES (:name, :now, :data)
    ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at, data = excluded.data
""")
REMEMBER = sql("INSERT INTO erased (ids, created_at) VALUES (:ids, :created_at)")


def mend(connection: Connection, made_at: float, now: float) -> None:
    """Make a restored database ready: held, with nobody's leases, and with ids nobody has seen."""
    _go_on(connection, AHEAD + int(max(0.0, now - made_at) * AHEAD_PER_SECOND))
    day = (datetime.fromtimestamp(made_at, UTC) - LOOK_BACK).strftime("%Y-%m-%d")
    for statement in (DOUBTFUL, MAYBE_SENT, LANES, ITEMS, CHANNELS, CODES):
        _run(connection, statement, now=now)
    _run(connection, READ_AGAIN, name=AGAIN, day=day)
    highest = {
        name: run(connection, sql(f"SELECT COALESCE(MAX(id), 0) FROM {name}")).scalar_one()  # noqa: S608
        for name in ("message", "parcel")
    }
    data = {"made_at": made_at, "restored_at": now, **highest}
    _run(connection, HELD, name=HOLD, now=now, data=json.dumps(data))


def _run(connection: Connection, statement: Statement, **values: Any) -> None:
    """Only with the values it names: a driver refuses others."""
    run(connection, statement, {name: value for name, value in values.items() if f":{name}" in statement.text})


# SQLite has a row for a table only once something was put into it.
NUMBERED = sql("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
BEGUN = sql("""
    INSERT INTO sqlite_sequence (name, seq) SELECT :name, 0
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)
""")
FURTHER = sql("UPDATE sqlite_sequence SET seq = seq + :ahead")
SEQUENCE = sql("SELECT pg_get_serial_sequence(:name, 'id')")
SET_SEQUENCE = sql("SELECT setval(CAST(:sequence AS regclass), :top)")


def _go_on(connection: Connection, ahead: int) -> None:
    """Let new ids begin far above all that may have been given out since the backup."""
    if connection.dialect.name == "sqlite":
        for row in run(connection, NUMBERED):
            run(connection, BEGUN, {"name": row.name})
        run(connection, FURTHER, {"ahead": ahead})
        return
    look = inspect(connection)
    for name in look.get_table_names():
        if not any(column["name"] == "id" for column in look.get_columns(name)):
            continue
        if sequence := run(connection, SEQUENCE, {"name": name}).scalar():
            top = run(connection, sql(f"SELECT COALESCE(MAX(id), 0) FROM {name}")).scalar_one()  # noqa: S608
            run(connection, SET_SEQUENCE, {"sequence": sequence, "top": top + ahead})


def remember(connection: Connection, forgotten: Sequence[Mapping[str, Any]]) -> None:
    """Add those who asked to be forgotten after the backup was made."""
    known = [one["ids"] for one in erased(connection)]
    for one in forgotten:
        if one["ids"] not in known:
            at = float(one.get("created_at") or time.time())
            run(connection, REMEMBER, {"ids": json.dumps(one["ids"]), "created_at": at})
