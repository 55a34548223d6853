"""A message for many members is spread in chunks, a transaction each: nobody is left out, nobody served twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter

import pytest
from sqlalchemy import insert

from bot.core import audience, bus, relay, threads
from bot.text.rich import Rich
from store.models import Address, Community, Member, Membership
from store.statement import run, sql
from tests.unit.commands_ground import circle, migrated

__all__ = ["circle", "migrated"]

READERS = 11


@pytest.fixture
def crowd(store, monkeypatch):
    """A community with an author (membership 1), eleven readers and a room; four members a chunk."""
    monkeypatch.setattr(audience, "CHUNK", 4)

    def make(connection):
        add(connection, Community, slug="cercle", name="Cercle", language="en")
        for number in range(READERS + 1):
            enter(connection, f"p{number}", "grouped" if number % 3 == 2 else "each")
        add(
            connection, Address, channel="fake", account="me", remote="room", room=True, community_id=1, relays_from=1.0
        )

    store.write_now(make)
    return store


def add(connection, table, **values):
    if table is not Address:
        values["created_at"] = time.time()
    return connection.execute(insert(table).values(**values)).inserted_primary_key[0]


def enter(connection, name, pace="each"):
    member = add(connection, Member)
    address = add(connection, Address, channel="fake", account="me", remote=name, member_id=member)
    return add(
        connection, Membership, community_id=1, member_id=member, name=name, folded=name, address_id=address,
        pace=pace, language="en",
    )  # fmt: skip


def say(text, thread=None):
    """Post it; the message's id."""

    def post(connection):
        where = thread or threads.begin(connection, 1, "Talk", None)
        return relay.post(connection, relay.Post(1, where, Rich(text), "p0", author_id=1))

    return post


def owed(store):
    """What each address is owed, in the order of its lane."""
    rows = read(
        store,
        "SELECT a.remote, m.text FROM delivery d JOIN address a ON a.id = d.address_id"
        " JOIN message m ON m.id = d.message_id JOIN parcel p ON p.id = d.parcel_id ORDER BY p.id, d.id",
    )
    found = {}
    for remote, text in rows:
        found.setdefault(remote, []).append(text)
    return found


def read(store, query):
    with store.engine.connect() as connection:
        return [tuple(row) for row in run(connection, sql(query))]


def spread_all(store):
    """Chunk by chunk, until nothing spreads; how many chunks."""
    chunks = 0
    while store.write_now(audience.spread_more):
        chunks += 1
    return chunks


EVERYBODY = {"room", *(f"p{number}" for number in range(1, READERS + 1))}


def everybody(*texts):
    return {name: list(texts) for name in EVERYBODY}


def test_the_first_chunk_and_the_rooms_are_served_where_the_message_is_made_and_the_rest_after(crowd):
    crowd.write_now(say("one"))
    assert set(owed(crowd)) == {"room", "p1", "p2", "p3"}
    assert read(crowd, "SELECT state, spread_to FROM message") == [("spreading", 4)]
    assert spread_all(crowd) == 3, "twelve members are three full chunks; the fourth finds nobody and ends it"
    assert owed(crowd) == everybody("one")
    assert read(crowd, "SELECT state FROM message") == [("visible",)]


def test_a_chunk_that_was_not_committed_is_served_by_whoever_comes_next(crowd):
    crowd.write_now(say("one"))
    with pytest.raises(InterruptedError):
        crowd.write_now(lambda connection: (audience.spread_more(connection), killed()))
    assert set(owed(crowd)) == {"room", "p1", "p2", "p3"}, "nothing of it is left"
    spread_all(crowd)
    assert owed(crowd) == everybody("one")


def killed():
    raise InterruptedError


def test_what_is_said_while_another_message_spreads_reaches_everybody_after_it(crowd):
    first = crowd.write_now(say("one"))
    thread = read(crowd, f"SELECT thread_id FROM message WHERE id = {first}")[0][0]
    crowd.write_now(say("two", thread))
    crowd.write_now(audience.spread_more)
    crowd.write_now(say("three", thread))
    spread_all(crowd)
    assert owed(crowd) == everybody("one", "two", "three")


def test_two_processes_that_spread_at_once_serve_nobody_twice(crowd):
    """On PostgreSQL each process looks for messages that spread; they take turns, each from where the last one stopped."""
    crowd.write_now(say("one"))
    together, broken = threading.Barrier(2), []

    def spread():
        try:
            together.wait(5)
            while crowd.write_now(lambda connection: (audience.spread_more(connection), time.sleep(0.05))[0]):
                pass
        except Exception as error:
            broken.append(error)

    both = [threading.Thread(target=spread) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert not broken
    assert owed(crowd) == everybody("one")
    parcels = Counter(read(crowd, "SELECT address_id FROM parcel"))
    assert set(parcels.values()) == {1}


def test_a_message_taken_back_while_it_spreads_goes_no_further_and_stays_taken_back(crowd):
    crowd.write_now(say("one"))
    crowd.write_now(lambda connection: run(connection, sql("UPDATE message SET state = 'removed'")).rowcount)
    assert spread_all(crowd) == 0
    assert set(owed(crowd)) == {"room", "p1", "p2", "p3"}
    assert read(crowd, "SELECT state FROM message") == [("removed",)]


def test_who_leaves_before_their_chunk_is_not_served(crowd):
    crowd.write_now(say("one"))
    leave = sql("UPDATE membership SET status = 'left' WHERE name = 'p9'")
    crowd.write_now(lambda connection: run(connection, leave).rowcount)
    spread_all(crowd)
    assert set(owed(crowd)) == EVERYBODY - {"p9"}


async def test_a_chunk_that_fails_is_tried_again_in_the_next_round(circle, monkeypatch):
    healthy, tries = audience.spread_more, []

    def breaks(connection):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("a fault of ours")
        return healthy(connection)

    monkeypatch.setattr(audience, "CHUNK", 2)
    monkeypatch.setattr(audience, "spread_more", breaks)
    monkeypatch.setattr(bus, "ROUND", 0.2)
    await circle.says("Bruno", "Shall we read it together?")
    until = time.monotonic() + 10
    while not all(any("read it" in words for words in circle.seen(who)) for who in ("Amina", "Chloé", "Dora")):
        assert time.monotonic() < until, tries
        await asyncio.sleep(0.02)
    assert len(tries) > 2
