"""Changing what stands on people's devices: taking a message back, or giving it other words, as far as a channel allows.

What was struck stays struck; a message that shows several lines loses only the one that is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.core.bridge import Address, Outgoing, Sent
from store.statement import run, sql

# Every message of ours at this address that shows the message, and all that each of them shows.
STANDS = sql("""
    SELECT c.remote, c.created_at, o.message_id
    FROM copy c JOIN copy o ON o.address_id = c.address_id AND o.remote = c.remote
    WHERE c.message_id = :message AND c.address_id = :address AND NOT c.own
    ORDER BY c.part, c.id, o.message_id
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """One message of ours on a device."""

    remote: str
    since: float


@dataclass(frozen=True, slots=True)
class Stands:
    """How a message stands at an address: in one message of ours, in several parts, or as a line among others."""

    messages: tuple[int, ...]  # all that is shown there, in their order
    parts: tuple[Standing, ...]

    @property
    def alone(self) -> bool:
        """Nothing else is shown with it."""
        return len(self.messages) == 1


def stands(connection: Connection, message: int, address: int) -> Stands:
    """Where the message stands at this address."""
    rows = run(connection, STANDS, {"message": message, "address": address}).all()
    parts = {row.remote: Standing(row.remote, row.created_at) for row in rows}
    return Stands(tuple(sorted({row.message_id for row in rows})), tuple(parts.values()))


async def change(
    bridge: Any, to: Address, stands: Stands, words: Callable[[int], Outgoing], *, takes_back: bool
) -> Sent:
    """Take the message back, where the channel still does that and nothing else goes with it; otherwise give it `words`.

    `words(part)` are those of each part. What is too old for either stays as it is.
    """
    can, now = bridge.can, time.time()
    for number, part in enumerate(stands.parts):
        age = now - part.since
        if takes_back and stands.alone and can.delete_within is not None and age < can.delete_within:
            await bridge.delete(to, part.remote)
        elif can.edit_within is not None and age < can.edit_within:
            await bridge.edit(to, part.remote, words(number))
    return Sent(())
