"""The people of a town as members of its community, before the first start."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import insert

from store.database import Store
from store.migrate import migrate
from store.models import Address, Community, Member, Membership, Presence


def populate(town: Any) -> None:
    """A community with everybody in it, told of each line where they are; the room bound."""
    store = Store(town.url)
    migrate(store)
    now = time.time()
    with store.engine.connect() as connection:
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            _make(connection, town, now)
    store.engine.dispose()


def _make(connection: Any, town: Any, now: float) -> None:
    def add(table: Any, **values: Any) -> int:
        return int(connection.execute(insert(table).values(**values)).inserted_primary_key[0])

    community = add(Community, slug="cercle", name="Cercle", language="en", created_at=now)
    room = None
    for one in town.people:
        remote = town.sandboxes[one.channel].person(one.name)
        account = town.account(one.channel)
        member = add(Member, created_at=now)
        address = add(
            Address, channel=one.channel, account=account, remote=remote, member_id=member, name=one.name, seen_at=now
        )
        add(
            Membership, community_id=community, member_id=member, name=one.name, folded=one.name, address_id=address,
            pace="each", language="en", confirmed=2, created_at=now,
        )  # fmt: skip
        if one.room:
            if room is None:
                title = "le salon"
                room = add(
                    Address, channel=one.channel, account=account, remote=town.sandboxes[one.channel].room(title, []),
                    room=True, title=title, community_id=community, relays_from=now,
                )  # fmt: skip
            add(Presence, room_id=room, address_id=address, how="listed", since=now)
