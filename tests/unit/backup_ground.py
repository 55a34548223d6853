"""A memory worth keeping: a row or more in every table, with every kind of value, and two files."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, insert, inspect, select

from store.database import Store
from store.files import Files
from store.migrate import migrate
from store.models import (
    Address,
    Audit,
    Chore,
    Code,
    Community,
    Copy,
    Cursor,
    Delivery,
    Erased,
    File,
    Inbound,
    Lane,
    Member,
    Membership,
    Message,
    Parcel,
    Thread,
)

WORDS = 'Ça va, « Josette » ? {braces} "quotes" \\ back\tslash\nand a line 🎉 \u2028 end'
LARGE, PHOTO = b"Subject: large\r\n\r\n" + b"x" * 70_000, bytes(range(256)) * 300


def add(connection: Connection, table: Any, **values: Any) -> int:
    return int(connection.execute(insert(table).values(**values)).inserted_primary_key[0])


def remember(connection: Connection, files: Files) -> None:
    """Two members, a thread of three messages, and what is owed of it."""
    now = time.time()
    community = add(
        connection, Community, slug="cercle", name="Cercle d'été", settings={"a": [1, None, "é"]}, created_at=now
    )
    people = []
    for name, channel in (("Amina", "telegram"), ("Bruno", "email")):
        member = add(connection, Member, created_at=now)
        address = add(connection, Address, channel=channel, account="ours", remote=f"{name}@there", member_id=member)
        people.append(
            (
                add(connection, Membership, community_id=community, member_id=member, name=name, address_id=address),
                address,
            )
        )
    (amina, at_amina), (bruno, at_bruno) = people
    # Who comes first may refer to who comes later: a merge.
    later = add(connection, Member, created_at=now)
    connection.execute(Member.__table__.update().where(Member.__table__.c.id == 1).values(merged_into=later))  # type: ignore[attr-defined]
    thread = add(connection, Thread, community_id=community, title="Beloved", subject="Beloved", created_at=now)
    parent = None
    for number in (1, 2, 3):
        parent = add(
            connection, Message, public_id=f"p{number}", community_id=community, thread_id=thread, number=number, name="Amina",
            author_id=amina, text=WORDS, spans=[[0, 2, "bold", ""]] if number == 1 else None, reply_to=parent, origin_id=at_amina,
            said_at=now + 0.123456789, created_at=now,
        )  # fmt: skip
    for number, (state, owner, ambiguous) in enumerate(
        [("sent", "", 0), ("due", "", 0), ("sending", "dead", 0), ("sending", "dead", 1)]
    ):
        parcel = add(
            connection, Parcel, address_id=at_bruno, membership_id=bruno, message_id=parent, thread_id=thread, state=state,
            owner=owner, ambiguous=ambiguous, bundle="t1" if state == "due" else None, created_at=now,
        )  # fmt: skip
        add(
            connection,
            Delivery,
            key=f"d{number}",
            parcel_id=parcel,
            address_id=at_bruno,
            message_id=parent,
            body={"text": WORDS},
        )
    connection.execute(insert(Lane).values(address_id=at_bruno, channel="email", due_at=now, owner="dead"))
    add(connection, Copy, message_id=parent, address_id=at_amina, remote="77", own=True)
    large, _ = files.keep([LARGE])
    photo, size = files.keep([PHOTO])
    add(connection, File, sha256=photo, size=size, type="image/jpeg", refcount=1)
    add(connection, Inbound, channel="email", account="ours", key="one", raw=bytes(range(256)), state="done")
    add(
        connection,
        Inbound,
        channel="email",
        account="ours",
        key="two",
        raw=None,
        raw_file=large,
        state="new",
        owner="dead",
    )
    add(connection, Cursor, channel="email", account="ours", name="uid", value="17")
    add(connection, Code, hash="h1", purpose="link", expires_at=now + 900)
    add(connection, Code, hash="h2", purpose="invite", expires_at=now + 900)
    add(connection, Audit, community_id=community, act="role", detail={"to": "organizer"}, created_at=now)
    add(connection, Erased, ids={"members": [7]}, created_at=now)
    connection.execute(insert(Chore).values(name="note", done_at=now, data={"week": 9}))


class Memory:
    """A store and its files, opened for one test."""

    def __init__(self, url: str, folder: Path) -> None:
        self.store = Store(url)
        self.files = Files(folder)

    def fill(self) -> Memory:
        migrate(self.store)
        self.write(lambda connection: remember(connection, self.files))
        return self

    def write(self, work: Any) -> Any:
        return self.store.write_now(work)

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        with self.store.engine.connect() as connection:
            found = MetaData()
            found.reflect(connection)
            return {
                table.name: [
                    tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                ]
                for table in found.sorted_tables
            }

    def is_empty(self) -> bool:
        """Neither a table nor a file."""
        if self.files.folder.exists() and any(self.files.folder.rglob("*/*")):
            return False
        if self.store.path is not None:
            return not self.store.path.exists()
        with self.store.engine.connect() as connection:
            return not inspect(connection).get_table_names()


@contextlib.contextmanager
def opened(url: str, folder: Path):
    memory = Memory(url, folder)
    try:
        yield memory
    finally:
        memory.store.engine.dispose()
