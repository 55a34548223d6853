"""Once a week organizers are told that backups lie only on the machine that may be lost, until a copy goes elsewhere."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from sqlalchemy import Connection

from bot.commands.desk import Hooks
from bot.core import notices
from bot.i18n import language_of, translator
from store.statement import run, sql

EVERY: Final = 3600.0
WEEK: Final = 7 * 86400.0
#: The row of `chore` that says when it was told last.
TOLD: Final = "backup_alone"

CHORE = sql("SELECT done_at, data FROM chore WHERE name = :name")
TELL = sql("""
    INSERT INTO chore (name, done_at) VALUES (:name, :now) ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at
""")
ORGANIZERS = sql("""
    SELECT m.id, m.language, a.id AS address, c.name AS community, c.slug FROM membership m
    JOIN address a ON a.id = m.address_id AND a.status = 'active' JOIN community c ON c.id = m.community_id
    WHERE m.role = 'organizer' AND m.status = 'active' ORDER BY m.id
""")


def warn(connection: Connection, now: float | None = None) -> None:
    """Tell every organizer, where the last backup has no copy elsewhere; a program without one yet has time."""
    now = time.time() if now is None else now
    last = run(connection, CHORE, {"name": "backup"}).first()
    told = run(connection, CHORE, {"name": TOLD}).first()
    if last is None or _json(last.data).get("copy") or (told is not None and told.done_at > now - WEEK):
        return
    run(connection, TELL, {"name": TOLD, "now": now})
    for one in run(connection, ORGANIZERS):
        language = language_of(one.language)
        t = translator(language)
        words = t(
            "Our messages are copied every night, but the copies lie on the same machine: if it is lost, so are they."
            " Please ask whoever looks after the machine to send them elsewhere too"
            " (copy_to, in the section [backup] of the configuration)."
        )
        notices.owe(
            connection,
            one.address,
            words,
            membership=one.id,
            kind="notice",
            priority=5,
            language=language,
            community=(one.community, one.slug),
            key=f"{TOLD}:{int(now // WEEK)}:{one.id}",
        )


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value or {}
    return found


def plug(into: Hooks) -> None:
    """Every hour it is looked whether a week has passed."""
    into.clock.every(EVERY, warn, name="backup_alone")
