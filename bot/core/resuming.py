"""After a restore nothing leaves until somebody decides: what is owed may have left before, in the life that was lost.

`store.mending` holds everything back with one row. Meanwhile the program reads, mails since the backup among them, and owes
what follows from them. Then a person chooses: send all of it, or give up what may have left already and send the rest.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from bot import journal
from store.database import wake
from store.mending import AGAIN, HOLD
from store.statement import run, sql

#: The row of `chore` that says what was decided: items of before may still come a second time.
RESUMED: Final = "resumed"

CHORE = sql("SELECT data FROM chore WHERE name = :name")
IS_HELD = sql("SELECT 1 FROM chore WHERE name = :name")
# May have left in the life that was lost: it was owed in the backup, or what came a second time made it.
MAYBE: Final = """(p.ambiguous > 0 OR (p.kind = 'relay' AND EXISTS (
    SELECT 1 FROM message m JOIN inbound i ON i.id = m.source WHERE m.id = p.message_id AND i.again)))"""
OWED = sql(f"""
    SELECT a.channel, SUM(CASE WHEN {MAYBE} THEN 1 ELSE 0 END) AS before, COUNT(*) AS number
    FROM parcel p JOIN address a ON a.id = p.address_id WHERE p.state = 'due' GROUP BY a.channel ORDER BY a.channel
""")  # noqa: S608 - put together of constants
READING = sql("SELECT DISTINCT channel FROM cursor WHERE name = :name AND value <> '' ORDER BY channel")

GIVE_UP = sql(f"""
    UPDATE parcel SET state = 'withdrawn', settled_at = :now, error = 'given up after a restore'
    WHERE id IN (SELECT p.id FROM parcel p WHERE p.state = 'due' AND {MAYBE})
""")  # noqa: S608
THEIR_DELIVERIES = sql("""
    UPDATE delivery SET state = 'withdrawn' WHERE parcel_id IN (
        SELECT id FROM parcel WHERE state = 'withdrawn' AND settled_at = :now)
""")
# Those it has not spread to yet got it from the life that was lost.
SPREAD_NO_MORE = sql("""
    UPDATE message SET state = 'visible' WHERE state = 'spreading' AND source IN (SELECT id FROM inbound WHERE again)
""")
LEFT = sql("SELECT COUNT(*) FROM parcel WHERE state = 'due'")
GO = sql("DELETE FROM chore WHERE name = :name")
DECIDED = sql("""
    INSERT INTO chore (name, done_at, data) VALUES (:name, :now, :data)
    ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at, data = excluded.data
""")
AUDIT = sql("INSERT INTO audit (act, subject_type, detail, created_at) VALUES ('resume', 'program', :detail, :now)")

NEWEST = sql("SELECT COALESCE(MAX(id), 0) FROM parcel")
# Nothing that is new may join it: it would be given up together with it.
MARK = sql("""
    UPDATE parcel SET ambiguous = 1, bundle = NULL WHERE id > :before AND state = 'due' AND ambiguous = 0
""")


@dataclass(frozen=True, slots=True)
class Owed:
    """What waits on one channel: `before` of them may have left already, `since` surely not."""

    channel: str
    before: int
    since: int


@dataclass(frozen=True, slots=True)
class Held:
    """Everything is held back since a restore."""

    made_at: float  # when the backup was made
    restored_at: float
    owed: tuple[Owed, ...]
    reading: tuple[str, ...]  # channels whose mails since the backup are not all read again yet

    @property
    def before(self) -> int:
        """How much may have left already."""
        return sum(one.before for one in self.owed)

    @property
    def since(self) -> int:
        """How much has surely not left."""
        return sum(one.since for one in self.owed)


def is_held(connection: Connection) -> bool:
    """Whether nothing may leave."""
    return run(connection, IS_HELD, {"name": HOLD}).first() is not None


def held(connection: Connection) -> Held | None:
    """What waits for a decision; None if nothing does."""
    row = run(connection, CHORE, {"name": HOLD}).first()
    if row is None:
        return None
    data = _json(row.data)
    owed = tuple(Owed(r.channel, int(r.before), int(r.number - r.before)) for r in run(connection, OWED))
    reading = tuple(r.channel for r in run(connection, READING, {"name": AGAIN}))
    return Held(float(data["made_at"]), float(data["restored_at"]), owed, reading)


class Standstill:
    """Whether nothing may leave, asked of the store until it is not so: from then on it costs nothing."""

    def __init__(self) -> None:
        self._held = True
        self._told = False

    def __call__(self, connection: Connection) -> bool:
        """Is everything held back?"""
        if self._held:
            self._held = is_held(connection)
            if self._held != self._told:
                self._told = self._held
                journal.event("outbox.held" if self._held else "outbox.resumed")
        return self._held


def resume(connection: Connection, *, send: bool, now: float | None = None) -> tuple[int, int]:
    """Let things leave: all of them, or only what has surely not left. How many leave, and how many were given up."""
    now = time.time() if now is None else now
    given_up = 0
    if not send:
        run(connection, SPREAD_NO_MORE)
        given_up = _give_up(connection, now)
    detail = json.dumps({"send": send, "given_up": given_up})
    run(connection, GO, {"name": HOLD})
    run(connection, DECIDED, {"name": RESUMED, "now": now, "data": json.dumps({"send": send})})
    run(connection, AUDIT, {"detail": detail, "now": now})
    wake(connection)
    return int(run(connection, LEFT).scalar_one()), given_up


def _give_up(connection: Connection, now: float) -> int:
    number = run(connection, GIVE_UP, {"now": now}).rowcount
    run(connection, THEIR_DELIVERIES, {"now": now})
    return int(number)


def newest(connection: Connection) -> int:
    """The last parcel there is: before an item is handled that came a second time."""
    return int(run(connection, NEWEST).scalar_one())


def came_again(connection: Connection, before: int) -> None:
    """All that is owed since the parcel `before` was made by an item that came a second time: it may have left."""
    run(connection, MARK, {"before": before})
    decided = run(connection, CHORE, {"name": RESUMED}).first()
    if decided is not None and not is_held(connection) and not _json(decided.data)["send"]:
        run(connection, SPREAD_NO_MORE)
        _give_up(connection, time.time())


def _json(value: object) -> dict[str, float]:
    found: dict[str, float] = json.loads(value) if isinstance(value, str) else value  # type: ignore[assignment]
    return found
