"""After an outage: who may have lost words is told once, where they wrote them, so that they can say it again."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from bot.commands import words
from bot.commands.desk import Hooks
from bot.core import notices
from bot.core.events import ChannelGap
from bot.core.scene import House
from bot.i18n import language_of, translator
from bot.text.rich import Rich
from store.statement import run, sql

#: Shorter gaps are not told; who wrote there within this time before it counts as active.
TOLD: Final = 120.0
ACTIVE: Final = 7 * 86400.0

ROOMS = sql("""
    SELECT a.id, c.id AS community_id, c.name AS community, c.slug, c.language, c.timezone, 0 AS membership_id
    FROM address a JOIN community c ON c.id = a.community_id
    WHERE a.channel = :channel AND a.account = :account AND a.room AND a.status = 'active'
      AND a.mode = 'both' AND a.relays_from <= :until
    ORDER BY a.id
""")
# Whoever is in one of these rooms reads it there.
PEOPLE = sql("""
    SELECT a.id, m.community_id, c.name AS community, c.slug, m.language, m.timezone, m.id AS membership_id
    FROM address a
    JOIN membership m ON m.id = (
        SELECT MIN(o.id) FROM membership o WHERE o.member_id = a.member_id AND o.status = 'active')
    JOIN community c ON c.id = m.community_id
    WHERE a.channel = :channel AND a.account = :account AND NOT a.room AND a.status = 'active' AND a.seen_at > :week
      AND NOT EXISTS (
        SELECT 1 FROM presence p JOIN address r ON r.id = p.room_id
        WHERE p.address_id = a.id AND r.community_id IS NOT NULL AND r.status = 'active' AND r.mode = 'both'
          AND r.relays_from <= :until)
    ORDER BY a.id
""")
# What was said elsewhere while nobody listened here, and was carried when that was over.
CAUGHT_UP = sql("""
    SELECT o.channel, COUNT(*) AS number FROM message m JOIN address o ON o.id = m.origin_id
    WHERE m.community_id = :community AND o.channel <> :channel AND m.said_at BETWEEN :since AND :until
      AND m.created_at >= :until
    GROUP BY o.channel ORDER BY o.channel
""")


def tell(connection: Connection, house: House, channel: str, account: str, event: ChannelGap) -> None:
    """A7, once to each room of the channel and to each member who was active there that week."""
    since, until = event.since.timestamp(), event.until.timestamp()
    if until - since <= TOLD:
        return
    values = {"channel": channel, "account": account, "week": since - ACTIVE, "until": until}
    for statement in (ROOMS, PEOPLE):
        for row in run(connection, statement, values):
            language = language_of(row.language)
            notices.owe(
                connection,
                row.id,
                _words(connection, house, channel, language, row, since, until),
                membership=row.membership_id or None,
                kind="notice",
                language=language,
                community=(row.community, row.slug),
                key=f"gap:{channel}:{int(since)}:{row.id}",
            )


def _words(
    connection: Connection, house: House, channel: str, language: str, row: Any, since: float, until: float
) -> Rich:
    t = translator(language)
    # An hour says enough of a gap that began within half a day.
    shown = t.hour if until - since < 43200 else t.moment
    values = {"community": row.community_id, "channel": channel, "since": since, "until": until}
    found = [one for one in run(connection, CAUGHT_UP, values) if one.channel in house.channels]

    def label(name: str) -> str:
        names = house.channels[name].label
        return names.get(language, names["en"])

    return words.outage(
        language,
        since=shown(since, row.timezone),
        until=shown(until, row.timezone),
        channel=label(channel),
        caught_up=[label(one.channel) for one in found],
        messages=sum(one.number for one in found),
    )


def plug(into: Hooks) -> None:
    """Listen for gaps."""
    into.on(ChannelGap, tell)
