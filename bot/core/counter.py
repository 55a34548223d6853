"""A counter: one channel at work. How many sends are under way, and how many may be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core import limits
from bot.core.bridge import Bridge, Budget


@dataclass(slots=True)
class Counter:
    """One channel at work: its bridge, its limits, how many sends are under way."""

    bridge: Bridge
    budgets: Sequence[Budget]
    give_up: float
    pacer: limits.Pacer
    breaker: limits.Breaker = field(default_factory=limits.Breaker)
    busy: int = 0
    not_before: float = 0.0  # the budget says so
    open: bool = False

    @property
    def allowed(self) -> int:
        """How many sends may be under way at once."""
        if not self.open or time.time() < self.not_before:
            return 0
        return self.breaker.allows(self.bridge.can.connections)

    @property
    def free(self) -> int:
        """How many more may start, as far as is known here: those that ended are settled by the turn that takes others."""
        return max(0, self.allowed - self.busy)
