"""Once a week organizers are told that backups lie only on the machine that may be lost, until a copy goes elsewhere."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from bot.commands.desk import Hooks
from bot.core import organizers
from bot.core.organizers import Reader
from bot.core.scene import House
from store.statement import run, sql

EVERY: Final = 3600.0
WEEK: Final = 7 * 86400.0
LAST = sql("SELECT data FROM chore WHERE name = 'backup'")


def warn(connection: Connection, house: House, now: float | None = None) -> None:
    """Tell the organizers, where the last backup has no copy elsewhere; a program without one yet has time."""
    now = time.time() if now is None else now
    last = run(connection, LAST).first()
    if last is None or _json(last.data).get("copy"):
        return
    for community in organizers.communities(connection):
        organizers.tell(connection, house.channels, community, "backup_alone", _words, since=now - WEEK, now=now)


def _words(reader: Reader) -> tuple[str, str]:
    t = reader.t
    return t("The backups lie in one place"), t(
        "Our messages are copied every night, but the copies lie on the same machine: if it is lost, so are they."
        " Please ask whoever looks after the machine to send them elsewhere too"
        " (copy_to, in the section [backup] of the configuration)."
    )


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value or {}
    return found


def plug(into: Hooks) -> None:
    """Every hour it is looked whether a week has passed."""
    if into.house is not None:
        into.clock.every(EVERY, partial(warn, house=into.house), name="backup_alone")
