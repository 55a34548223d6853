"""A channel that is away: organizers hear of it on another one, members who agreed are told elsewhere; and once it is back.

What is known of it is in the store, so that a restart in the middle changes nothing. A return of a minute or two does
not count: whoever was told that a channel is away is not told the same three times an hour.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from bot.commands.desk import Hooks
from bot.core import fallback, organizers, resuming
from bot.core.bridge import named
from bot.core.organizers import Reader
from bot.core.scene import House
from bot.text.rich import Rich
from store.statement import run, sql

#: Organizers are told after this long; if they were told of the same channel within a day, only after an hour.
TOLD: Final = 600.0
#: Members' other addresses serve after this long.
ELSEWHERE: Final = 3600.0
#: It is back when it has answered for this long.
SETTLED: Final = 180.0
EVERY: Final = 30.0
#: Members that change over in one turn of the clock.
MOST: Final = 200

STATES = sql("""
    SELECT name, down_since, found_at, away_since, back_at, told_at, reason, cure FROM channel_state ORDER BY name
""")
BEGAN = sql("UPDATE channel_state SET away_since = :since, back_at = NULL WHERE name = :name")
TOLD_AT = sql("UPDATE channel_state SET told_at = :now WHERE name = :name")
OVER = sql("UPDATE channel_state SET away_since = NULL, back_at = NULL WHERE name = :name")


def watch(connection: Connection, house: House, began: float) -> None:
    """Look at every channel. What was found before this process `began` counts once it is found again."""
    if resuming.is_held(connection):
        return
    now = time.time()
    for row in run(connection, STATES).all():
        if row.name not in house.channels:
            continue
        if row.down_since is None:
            _works(connection, house, row, now)
        elif (row.found_at or 0.0) >= began:
            _is_away(connection, house, row, now)


def _is_away(connection: Connection, house: House, row: Any, now: float) -> None:
    if row.away_since is not None and row.back_at is not None and row.down_since - row.back_at >= SETTLED:
        _over(connection, house, row)  # and nobody looked while it was back
        since = row.down_since
    else:
        since = row.away_since or row.down_since
    if since != row.away_since or row.back_at is not None:
        run(connection, BEGAN, {"name": row.name, "since": since})
    told = row.told_at or 0.0
    patience = ELSEWHERE if since - organizers.DAY < told < since else TOLD
    if told < since and now - since >= patience and _tell(connection, house, row, since):
        run(connection, TOLD_AT, {"name": row.name, "now": now})
    if now - since >= ELSEWHERE:
        fallback.serve_elsewhere(connection, row.name, since, house.channels, MOST)


def _works(connection: Connection, house: House, row: Any, now: float) -> None:
    if row.away_since is not None:
        if now - (row.back_at or now) < SETTLED:
            return
        _over(connection, house, row)
    fallback.serve_again(connection, row.name, house.channels, MOST)


def _over(connection: Connection, house: House, row: Any) -> None:
    """It is back: whoever was told that it is away is told."""
    run(connection, OVER, {"name": row.name})
    if (row.told_at or 0.0) >= row.away_since:
        _tell_back(connection, house, row)


def _tell(connection: Connection, house: House, row: Any, since: float) -> bool:
    """Tell the organizers of every community, not by the channel in question; False if nobody could be told."""

    def words(reader: Reader) -> tuple[str, Rich | str]:
        t = reader.t
        channel = named(house.channels, row.name, reader.language)
        said = t("{channel} has been away since {since}. I try again by myself, nothing is lost.",
                 channel=channel, since=_moment(reader, since))  # fmt: skip
        said = (
            said[:1].upper()
            + said[1:]
            + " "
            + t("If it lasts for an hour, whoever has another address and agreed to it is told there meanwhile.")
        )
        # What the machine says may name servers: that is for organizers, not for a whole room.
        reason = "; ".join(part for part in (row.reason, row.cure) if part) if reader.alone else ""
        subject = t("{channel} is away", channel=channel)
        return subject[:1].upper() + subject[1:], f"{said} ({reason})" if reason else said

    found = organizers.communities(connection)
    told = [
        organizers.tell(
            connection, house.channels, one, f"away:{row.name}:{int(since)}", words, since=since, but=row.name
        )
        for one in found
    ]
    return any(told)


def _tell_back(connection: Connection, house: House, row: Any) -> None:
    def words(reader: Reader) -> tuple[str, Rich | str]:
        t = reader.t
        channel = named(house.channels, row.name, reader.language)
        said = t(
            "{channel} is back. It was away from {since} to {until}; what waited is leaving now.",
            channel=channel, since=_moment(reader, row.away_since), until=_moment(reader, row.back_at),
        )  # fmt: skip
        subject = t("{channel} is back", channel=channel)
        return subject[:1].upper() + subject[1:], said[:1].upper() + said[1:]

    for one in organizers.communities(connection):
        organizers.tell(connection, house.channels, one, f"back:{row.name}:{int(row.away_since)}", words, since=0.0)


def _moment(reader: Reader, at: float) -> str:
    """An hour says enough of what began within half a day."""
    return reader.t.hour(at, reader.zone) if time.time() - at < 43200 else reader.t.moment(at, reader.zone)


def plug(into: Hooks) -> None:
    """Every half minute."""
    if into.house is not None:
        into.clock.every(EVERY, partial(watch, house=into.house, began=time.time()), name="outages")
