"""What the bot has to say to one person in a room, who has no private chat with it, does not stay there for everybody.

Such an answer is taken away two minutes after it was sent, where the channel can.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from bot.core.bridge import Address, Sent
from bot.core.errors import Refused, Unreachable
from store import ledger
from store.ledger import Leased
from store.statement import run, sql

#: How long an answer in a room is shown, in seconds.
SHOWN: Final = 120.0
#: The kind of the parcel that takes it away.
FADE: Final = "fade"

PARCEL = sql("""
    INSERT INTO parcel (address_id, kind, state, priority, due_at, first_at, created_at)
    VALUES (:address, 'fade', 'due', 0, :due_at, :due_at, :now) RETURNING id
""")
DELIVERY = sql("""
    INSERT INTO delivery (key, parcel_id, address_id, kind, body) VALUES (:key, :parcel, :address, 'fade', :body)
""")


def later(connection: Connection, head: Leased, remotes: Sequence[str], now: float) -> None:
    """The answer `head` was just sent: if it is one that fades, owe that it goes."""
    shown = (head.owed[0].body or {}).get("fades") if head.owed else None
    if not shown or not remotes:
        return
    due = now + float(shown)
    parcel = int(run(connection, PARCEL, {"address": head.address_id, "due_at": due, "now": now}).scalar_one())
    body = json.dumps({"remotes": list(remotes)})
    run(connection, DELIVERY, {"key": f"f{parcel}", "parcel": parcel, "address": head.address_id, "body": body})
    ledger.lane_due(connection, head.address_id, 0, due)


async def take_away(bridge: Any, to: Address, head: Leased) -> Sent:
    """Take it away; that somebody else did, or that it is too late, is no matter."""
    remotes = (head.owed[0].body or {}).get("remotes", ()) if head.owed else ()
    for remote in remotes if bridge.can.delete_within is not None else ():
        with contextlib.suppress(Refused, Unreachable):
            await bridge.delete(to, str(remote))
    return Sent(())
