"""100,000 messages and what belongs to them, 1.7 million rows, are restored within five minutes on either database."""

from __future__ import annotations

import time

import pytest

from store import backup, restore
from store.migrate import migrate
from store.statement import run, sql
from tests import databases
from tests.unit.backup_ground import opened, remember

MESSAGES, READERS, LONGEST = 100_000, 5, 300.0
WORDS = "On se retrouve samedi au parc, qui apporte le pain ? " * 3

THREADS = "INSERT INTO thread (community_id, title, subject, created_at, last_at) VALUES (1, :title, :title, 1, 1)"
SAID = """
    INSERT INTO message (public_id, community_id, thread_id, number, name, author_id, text, folded, reply_to, origin_id, source,
                         said_at, created_at)
    VALUES (:public, 1, :thread, :number, 'Amina', 1, :text, :text, :reply_to, 1, :source, 1, 1)
"""
ITEMS = """
    INSERT INTO inbound (channel, account, key, lane, state, outcome, received_at, handled_at, emptied_at)
    VALUES ('email', 'ours', :key, 'x', 'done', 'relayed', 1, 1, 1)
"""
PARCELS = """
    INSERT INTO parcel (address_id, membership_id, message_id, kind, state, created_at)
    VALUES (2, 2, :message, 'relay', 'sent', 1)
"""
DELIVERIES = """
    INSERT INTO delivery (key, parcel_id, address_id, message_id, kind) VALUES (:key, :parcel, 2, :message, 'relay')
"""
COPIES = "INSERT INTO copy (message_id, address_id, remote, created_at) VALUES (:message, 2, :remote, 1)"


def talk_for_years(connection):
    """Threads of some thirty messages, each read by five."""
    first = 4  # after those of `remember`
    all_, each = range(MESSAGES), range(MESSAGES * READERS)
    many = (
        (THREADS, [{"title": f"fil {n}"} for n in range(3_000)]),
        (SAID, [
            {"public": f"q{n}", "thread": 2 + n % 3_000, "number": 1 + n // 3_000, "text": f"{n}: {WORDS}",
             "reply_to": first + n // 2 if n else None, "source": n} for n in all_]),
        (ITEMS, [{"key": f"k{n}"} for n in all_]),
        (PARCELS, [{"message": first + n // READERS} for n in each]),
        (DELIVERIES, [{"key": f"m{n}", "parcel": 5 + n, "message": first + n // READERS} for n in each]),
        (COPIES, [{"message": first + n // READERS, "remote": str(n)} for n in each]),
    )  # fmt: skip
    for statement, rows in many:
        for start in range(0, len(rows), 20_000):
            run(connection, sql(statement), rows[start : start + 20_000])


@pytest.mark.torture
@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_hundred_thousand_messages_are_restored_within_five_minutes(kind, tmp_path):
    databases.demand(kind)
    (tmp_path / "new").mkdir()
    with (
        databases.made(kind, tmp_path) as url,
        databases.made(kind, tmp_path / "new") as empty,
        opened(url, tmp_path / "files") as memory,
        opened(empty, tmp_path / "new" / "files") as place,
    ):
        migrate(memory.store)
        memory.write(lambda connection: (remember(connection, memory.files), talk_for_years(connection)))
        began = time.monotonic()
        made = backup.make(memory.store.engine, memory.files, tmp_path / "one.tar.gz")
        backed_up = time.monotonic() - began
        began = time.monotonic()
        found = restore.restore(made.path, place.store, place.files)
        took = time.monotonic() - began
        print(
            f"{kind}: {sum(found.rows.values())} rows, {made.size} bytes; backup {backed_up:.0f} s, restore {took:.0f} s"
        )
        assert found.messages == MESSAGES + 3
        assert took < LONGEST
