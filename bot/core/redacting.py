"""Raw items without the tokens they brought: whoever has a copy of the database cannot answer in anybody's name (X24).

A reply to one of our mails carries the token it was sent with. When it is handled, its thread is known: the token is not
needed there any more.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from bot.core.events import DeliveryFailed, Event, MessageReceived
from store.intake import Item
from store.statement import run, sql

REDACTED = sql("UPDATE inbound SET raw = :raw WHERE id = :id AND raw IS NOT NULL")
# What is too large for a row is a file, known by its hash: it cannot be changed, only let go.
EMPTIED = sql("UPDATE inbound SET emptied_at = :now WHERE id = :id AND emptied_at IS NULL")


def redact(connection: Connection, item: Item, events: Sequence[Event]) -> None:
    """Take the tokens out of what is kept of an item that was handled."""
    tokens = {token.partition(".")[2] for token in _tokens(events)} - {""}
    if not tokens:
        return
    if item.raw_file:
        run(connection, EMPTIED, {"id": item.id, "now": time.time()})
        return
    # Mail servers fold case.
    pattern = re.compile(b"|".join(re.escape(token.encode()) for token in sorted(tokens)), re.IGNORECASE)
    raw, number = pattern.subn(b"-", item.raw)
    if number:
        run(connection, REDACTED, {"id": item.id, "raw": raw})


def _tokens(events: Sequence[Event]) -> list[str]:
    found: list[str] = []
    for event in events:
        if isinstance(event, MessageReceived):
            found += [token for token in event.tokens if not token.startswith("c.")]
        elif isinstance(event, DeliveryFailed):
            found.append(f"b.{event.token}")
    return found
