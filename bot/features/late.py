"""What has not reached everybody after an hour: its author is told how many, never who. One line, not one a message.

An author is told of a message once, and of others at most once a day, or once for each time a channel is away.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from bot.commands import notes
from bot.commands.desk import Hooks
from bot.core import members, notices, resuming
from bot.i18n import language_of, translator
from bot.text.rich import Rich, join
from store.statement import run, sql

#: An hour, and a little, in which other addresses have taken over where they can.
HOUR: Final = 3900.0
DAY: Final = 86400.0
EVERY: Final = 120.0
#: What is older is history.
OLD: Final = 2 * DAY

# Lanes that have something waiting are few; a cross join begins with them (it is done in the order it is written). What
# waits by choice is not late: it is not due, and has not failed.
WAITING = """
    FROM lane l CROSS JOIN parcel p CROSS JOIN delivery d CROSS JOIN message m {more}
    LEFT JOIN channel_state c ON c.name = l.channel
    WHERE l.owner = '' AND l.due_at IS NOT NULL
      AND p.address_id = l.address_id AND p.state = 'due' AND p.kind = 'relay' AND p.due_at <= :before
      AND (p.failing_since IS NOT NULL OR c.down_since IS NOT NULL)
      AND d.parcel_id = p.id AND d.state = 'owed'
      AND m.id = d.message_id AND m.state IN ('visible', 'spreading') AND m.created_at > :old AND m.author_id IS NOT NULL
      AND {whom}
    GROUP BY m.author_id, m.id ORDER BY m.id
"""
TO_MEMBERS = sql(
    "SELECT m.author_id, m.id, COUNT(DISTINCT p.membership_id) AS number, MAX(c.away_since) AS away"
    + WAITING.format(more="", whom="p.membership_id IS NOT NULL")
)
# Whoever reads in a room has not got it either.
IN_ROOMS = sql(
    "SELECT m.author_id, m.id, COUNT(DISTINCT s.id) AS number, MAX(c.away_since) AS away"
    + WAITING.format(
        more="""
    JOIN presence r ON r.room_id = p.address_id JOIN address a ON a.id = r.address_id
    JOIN membership s ON s.member_id = a.member_id AND s.community_id = m.community_id AND s.status = 'active'
      AND s.id <> m.author_id""",
        whom="p.membership_id IS NULL",
    )
)
# Each half is an index (store.models), word for word.
GIVEN_UP = sql("""
    SELECT m.author_id, m.id, COUNT(DISTINCT p.membership_id) AS number
    FROM parcel p JOIN delivery d ON d.parcel_id = p.id AND d.state = 'owed'
    JOIN message m ON m.id = d.message_id AND m.state IN ('visible', 'spreading') AND m.created_at > :old
    WHERE p.id IN (SELECT id FROM parcel WHERE state IN ('sending', 'uncertain', 'failed') AND state = 'failed'
                   UNION ALL SELECT id FROM parcel WHERE state = 'expired')
      AND p.kind = 'relay' AND p.membership_id IS NOT NULL AND m.author_id IS NOT NULL
    GROUP BY m.author_id, m.id ORDER BY m.id
""")
WORDS = sql("SELECT text FROM message WHERE id = :id")
TOLD = sql("SELECT done_at, data FROM chore WHERE name = :name")
TELL = sql("""
    INSERT INTO chore (name, done_at, data) VALUES (:name, :now, :data)
    ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at, data = excluded.data
""")


@dataclass(slots=True)
class Late:
    """Messages of one author: by id, how many still wait for them, and how many do not get them."""

    waits: dict[int, int] = field(default_factory=dict)
    never: dict[int, int] = field(default_factory=dict)
    away: float = 0.0  # since when a channel is away that some of it waits for


def tell(connection: Connection) -> None:
    """Tell every author who does not know yet."""
    if resuming.is_held(connection):
        return
    now = time.time()
    for author, late in _late(connection, now).items():
        _tell(connection, author, late, now)


def _late(connection: Connection, now: float) -> dict[int, Late]:
    values = {"before": now - HOUR, "old": now - OLD}
    found: dict[int, Late] = {}
    for statement in (TO_MEMBERS, IN_ROOMS):
        for row in run(connection, statement, values):
            late = found.setdefault(row.author_id, Late())
            late.waits[row.id] = late.waits.get(row.id, 0) + row.number
            late.away = max(late.away, row.away or 0.0)
    for row in run(connection, GIVEN_UP, values):
        found.setdefault(row.author_id, Late()).never[row.id] = row.number
    return found


def _tell(connection: Connection, author: int, late: Late, now: float) -> None:
    name = f"late:{author}"
    told = run(connection, TOLD, {"name": name}).first()
    last = int(_json(told.data).get("message", 0)) if told is not None else 0
    fresh = sorted(one for one in {*late.waits, *late.never} if one > last)
    if not fresh or (told is not None and told.done_at > now - DAY and told.done_at >= late.away):
        return
    standing = members.standing(connection, author)
    if standing is None or standing.status != "active" or standing.address_id is None:
        return
    waits = max((late.waits.get(one, 0) + late.never.get(one, 0) for one in fresh if one in late.waits), default=0)
    never = max((late.never.get(one, 0) for one in fresh), default=0)
    language = language_of(standing.language)
    t = translator(language)
    said = notes.not_arrived(language, waits) if waits else notes.never_arrives(language, never)
    text = run(connection, WORDS, {"id": fresh[0]}).one().text
    lines: list[Rich | str] = [said, t.quoted(notes.excerpt(text))]
    if len(fresh) > 1:
        lines.append(t.n("and {count} other", "and {count} others", len(fresh) - 1))
    notices.owe(
        connection, standing.address_id, join(lines, "\n"), membership=author, kind="notice", language=language,
        subject=t("Not everybody has your message yet"), community=(standing.community, standing.slug),
    )  # fmt: skip
    run(connection, TELL, {"name": name, "now": now, "data": json.dumps({"message": fresh[-1]})})


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value or {}
    return found


def plug(into: Hooks) -> None:
    """Every two minutes."""
    into.clock.every(EVERY, tell, name="late")
