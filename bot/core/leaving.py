"""Leaving a community, and coming back within seven days as if nothing had been.

A community's last organizer stays: does not leave, is not removed, is merged into nobody, is not cut off.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection

from bot.core import inviting, members, relay, undos, waiting
from bot.core.members import Standing
from bot.core.undos import Undo
from bot.text.fold import fold
from store.statement import run, sql

LEFT = sql("UPDATE membership SET status = 'left', left_at = :now WHERE id = :id AND status = 'active'")
BACK = sql("""
    UPDATE membership SET status = 'active', left_at = NULL, name = :name, folded = :folded
    WHERE id = :id AND status = 'left'
""")
# One who cannot be reached looks after nothing, and brings nobody back.
OTHER_ORGANIZERS = sql("""
    SELECT 1 FROM membership m JOIN address a ON a.member_id = m.member_id AND a.status = 'active' AND NOT a.room
    WHERE m.community_id = :community AND m.role = 'organizer' AND m.status = 'active' AND m.id <> :id LIMIT 1
""")


def leave(connection: Connection, standing: Standing) -> None:
    """The member is gone: nothing that waited leaves any more. What they wrote stays."""
    run(connection, LEFT, {"id": standing.id, "now": time.time()})
    parcels = waiting.withdraw(connection, standing.id)
    inviting.stop(connection, standing.id)
    undos.remember(connection, standing.member_id, "leave", {"membership": standing.id, "parcels": parcels})


def come_back(connection: Connection, undo: Undo) -> Standing | None:
    """The member is back, as before; None if they are not gone."""
    undos.done(connection, undo)
    standing = back(connection, int(undo.data["membership"]))
    if standing is not None:
        waiting.restore(connection, [int(one) for one in undo.data.get("parcels", ())])
    return standing


def back(connection: Connection, membership: int) -> Standing | None:
    """A membership that was left is active again; None if it is not left. Another may have taken the name meanwhile."""
    standing = members.standing(connection, membership)
    if standing is None or standing.status != "left":
        return None
    name = members.free_name(connection, standing.community_id, standing.name, but=standing.id)
    run(connection, BACK, {"id": standing.id, "name": name, "folded": fold(name)})
    return members.standing(connection, standing.id)


def organizes_alone(connection: Connection, standing: Standing) -> bool:
    """Tell whether this is the only organizer the community has: they stay, whoever wants them gone (X7).

    The answer holds until we have committed: of two who go in the same moment, in two processes, one stays.
    """
    if not standing.appointed:
        return False
    relay.lock(connection, standing.community_id)
    values = {"community": standing.community_id, "id": standing.id}
    return run(connection, OTHER_ORGANIZERS, values).first() is None
