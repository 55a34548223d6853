"""The code that makes the first organizer: typed on any channel, or opened by its QR code."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from bot.commands import words
from bot.core import codes
from bot.core.scene import House
from bot.core.tokens import Tokens
from store.statement import run, sql

COMMUNITIES = sql("SELECT id, slug, name, language FROM community ORDER BY id")
WITHOUT = sql("""
    SELECT c.id, c.slug, c.name, c.language FROM community c
    WHERE NOT EXISTS (
        SELECT 1 FROM membership m JOIN address a ON a.id = m.address_id AND a.status = 'active'
        WHERE m.community_id = c.id AND m.role = 'organizer' AND m.status = 'active')
    ORDER BY c.id
""")


def without_organizer(connection: Connection) -> Sequence[Any]:
    """The communities (id, slug, name, language) nobody who can be reached organizes."""
    return run(connection, WITHOUT).all()


def make_code(connection: Connection, tokens: Tokens, community: int) -> str:
    """A code for one hour, once."""
    return codes.make(connection, tokens, purpose="organizer", community=community)


#: How long a code waits for the channels to say where it can be sent.
PATIENCE = 10.0


def show_codes(app: Any) -> None:
    """For every community without an organizer: a code, where it can be sent, and its QR code."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not all(ready.is_set() for ready in app.bus.ready.values()):
        time.sleep(0.05)
    with app.store.engine.connect() as connection:
        lacking = without_organizer(connection)
    for community in lacking:
        code = app.store.write_now(lambda connection, c=community: make_code(connection, app.house.tokens, c.id))
        show(app.house, community, code)


def show(house: House, community: Any, code: str, *, lacking: bool = True) -> None:
    """Print a code, the ways it can come in, and a QR code for the first channel that has links.

    `lacking`: the community has no organizer; otherwise somebody asked for a code.
    """
    ways = [
        (
            can.label.get(community.language, can.label["en"]),
            house.invite_link(name, code) if can.invites_by_link else "",
            house.address_of(name),
        )
        for name, can in house.channels.items()
    ]
    said = words.organizer_code(community.language, community=community.name, code=code, ways=ways, lacking=lacking)
    print(said.text, file=sys.stderr)
    links = [link for _, link, _ in ways if link]
    if links and sys.stderr.isatty():
        import segno

        segno.make(links[0]).terminal(out=sys.stderr, compact=True)
