"""What waits only because its channel allows so many messages in a time, and until when. It reads; it spends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.core.bridge import Budget
from store.statement import run, sql

#: A queue that is gone within this many seconds is the ordinary pace of a channel: nobody is told.
ORDINARY: Final = 60.0

TATS = sql("SELECT name, tat FROM budget")
# What the outbox would send now if it might; the lanes lead to it, so nothing that is sent is looked at.
WAITING = sql("""
    SELECT l.channel AS channel, COUNT(*) AS number,
           SUM(CASE WHEN :community = 0 OR EXISTS (
                   SELECT 1 FROM membership m WHERE m.id = p.membership_id AND m.community_id = :community)
               OR EXISTS (SELECT 1 FROM message m WHERE m.id = p.message_id AND m.community_id = :community)
               OR EXISTS (SELECT 1 FROM address r WHERE r.id = p.address_id AND r.community_id = :community)
               THEN 1 ELSE 0 END) AS ours
    FROM lane l JOIN parcel p ON p.address_id = l.address_id
    WHERE l.channel IN :channels AND p.state = 'due' AND p.due_at <= :now AND (p.retry_at IS NULL OR p.retry_at <= :now)
    GROUP BY l.channel ORDER BY l.channel
""")


@dataclass(frozen=True, slots=True)
class Paced:
    """What waits for a channel's budget; nothing is wrong, and nobody need do anything."""

    channel: str
    waiting: int  # messages of this community
    until: float  # when the last of all that waits there now will have left, at the latest
    budget: str  # the scarcest one: the setting of that name, if the channel has one


def paced(
    connection: Connection, budgets: Mapping[str, Sequence[Budget]], now: float, community: int = 0
) -> list[Paced]:
    """The channels whose budget keeps messages of a community (0: of any) waiting for longer than a moment."""
    shared = {channel: [one for one in some if not one.lane] for channel, some in budgets.items()}
    channels = [channel for channel, some in shared.items() if some]
    if not channels:
        return []
    tats = {row.name: row.tat for row in run(connection, TATS)}
    found = []
    for row in run(connection, WAITING, {"channels": channels, "now": now, "community": community}):
        until, budget = max(_last_at(one, row, tats, now) for one in shared[row.channel])
        if row.ours and until > now + ORDINARY:
            found.append(Paced(row.channel, int(row.ours), until, budget))
    return found


def _last_at(budget: Budget, row: Any, tats: Mapping[str, float], now: float) -> tuple[float, str]:
    """When the last of what waits may leave by this budget: each costs its spacing, `burst` of them are given at once."""
    tat = max(tats.get(f"{row.channel}.{budget.name}", 0.0), now)
    return tat + (row.number - budget.burst) / budget.per_second, budget.name
