"""Limits: what a channel allows in a time, how long to wait after a failure, and when to leave a channel alone."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.core.bridge import Budget
from store.statement import run, sql

#: What is left of a second is not worth a new turn.
SOON = 0.002
#: A send that could leave a little earlier and did not has not lost its turn: otherwise every waking costs the budget.
#: So in t seconds at most burst + rate * (t + LATE + SOON) leave.
LATE = 0.02

#: No busy moment holds a send up for longer.
HELD_UP = 10.0

READ_BUDGET = sql("SELECT tat FROM budget WHERE name = :name")
READ_BUDGET_SHARED = sql("SELECT tat FROM budget WHERE name = :name FOR UPDATE")
NEW_BUDGET = sql("INSERT INTO budget (name, tat) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING")
SPEND = sql("UPDATE budget SET tat = :tat WHERE name = :name")


@dataclass(frozen=True, slots=True)
class Grant:
    """How many sends the budgets of a channel allow now (`number`), to be spent in the same transaction."""

    number: int
    now: float
    budgets: tuple[tuple[str, Budget, float], ...]  # name, budget, theoretical arrival time

    def next_at(self, used: int) -> float:
        """When the next send may be, after `used` of them."""
        times = [_from(tat, self.now) + (used - b.burst + 1) / b.per_second for _, b, tat in self.budgets]
        return max(times, default=self.now)

    def spend(self, connection: Connection, used: int) -> None:
        """Write down that `used` sends leave."""
        for name, budget, tat in self.budgets if used else ():
            run(connection, SPEND, {"name": name, "tat": _from(tat, self.now) + used / budget.per_second})


def _from(tat: float, now: float) -> float:
    return tat if tat > now - LATE else now


def grant(connection: Connection, channel: str, budgets: Sequence[Budget], wanted: int) -> Grant:
    """How many of `wanted` sends every budget allows now.

    GCRA: a budget is one number, the theoretical arrival time of its next send; a send may be early by `burst - 1`.
    """
    now = time.time()
    number = wanted
    read: list[tuple[str, Budget, float]] = []
    for budget in budgets:
        if budget.lane:
            continue
        name = f"{channel}.{budget.name}"
        spacing = 1.0 / budget.per_second
        # A clock that was set back must not stop a channel for longer than an hour.
        tat = min(_read(connection, name), now + budget.burst * spacing + 3600.0)
        number = min(number, max(0, int((now + SOON - _from(tat, now)) / spacing + budget.burst)))
        read.append((name, budget, tat))
    return Grant(number, now, tuple(read))


def _read(connection: Connection, name: str) -> float:
    statement = READ_BUDGET if connection.dialect.name == "sqlite" else READ_BUDGET_SHARED
    row = run(connection, statement, {"name": name}).first()
    if row is None:
        run(connection, NEW_BUDGET, {"name": name})
        row = run(connection, statement, {"name": name}).first()
    return float(row[0]) if row else 0.0


class Pacer:
    """The same rates once more, where sends begin: what a busy moment held up must not leave pressed together.

    A grant says when a send may leave; a slow turn, or a library that is loaded by the first sends, delays some of them
    and not the next. In memory, of one process: the budgets proper are in the database.
    """

    def __init__(self, budgets: Sequence[Budget]) -> None:
        self._paces = [(1.0 / b.per_second, (b.burst - 1) / b.per_second + LATE) for b in budgets if not b.lane]
        self._next = [0.0] * len(self._paces)

    def wait(self) -> float:
        """How many seconds the send that is about to begin should wait; its turn is taken."""
        now = time.time()
        longest = 0.0
        for which, (spacing, early) in enumerate(self._paces):
            turn = max(self._next[which], now - early)
            if turn > now + HELD_UP:  # the clock was set back
                turn = now
            self._next[which] = turn + spacing
            longest = max(longest, turn - now)
        return longest


def postpone(connection: Connection, channel: str, budgets: Sequence[Budget], until: float) -> None:
    """Nothing leaves on these budgets before `until`: the channel said so."""
    for budget in budgets:
        if not budget.lane:
            name = f"{channel}.{budget.name}"
            tat = max(_read(connection, name), until + (budget.burst - 1) / budget.per_second)
            run(connection, SPEND, {"name": name, "tat": tat})


def lane_free_at(budgets: Sequence[Budget], room: bool, now: float) -> float:
    """When an address may be sent the next message, after one at `now`."""
    fitting = [b for b in budgets if b.lane and (b.rooms is None or b.rooms == room)]
    return now + max((1.0 / b.per_second for b in fitting), default=0.0)


def backoff(attempt: int) -> float:
    """Seconds before the next try: full jitter below min(1 hour, 2 s · 2^attempt)."""
    return random.uniform(0.5, 1.0) * min(3600.0, 2.0 * 2.0 ** min(attempt, 12))


@dataclass(slots=True)
class Breaker:
    """Leaves a channel alone when it is away: one probe at a time, further apart each time."""

    open_until: float = 0.0
    down: bool = False
    failures: int = 0
    lanes: set[int] = field(default_factory=set)
    pause: float = 1.0

    def allows(self, wanted: int) -> int:
        """How many sends may start now."""
        if time.monotonic() < self.open_until:
            return 0
        return min(wanted, 1) if self.down else wanted

    def failed(self, lane: int, *, whole_channel: bool) -> bool:
        """One more failure to reach the channel; True when this closes it."""
        if self.down and time.monotonic() < self.open_until:
            return False  # it was under way before: with forty of these at once, the pause would be a minute at once
        self.failures += 1
        self.lanes.add(lane)
        if whole_channel or self.down or (self.failures >= 5 and len(self.lanes) >= 2):
            closes = not self.down
            self.down = True
            self.open_until = time.monotonic() + self.pause
            self.pause = min(self.pause * 2, 60.0)
            return closes
        return False

    def worked(self) -> bool:
        """The channel answered; True when it had been given up."""
        was_down, self.down = self.down, False
        self.failures, self.pause, self.open_until = 0, 1.0, 0.0
        self.lanes.clear()
        return was_down
