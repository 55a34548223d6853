"""Who lives: on PostgreSQL a process that was cut off by the server is the same one, and leads what it led."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy.exc import OperationalError

from bot.core import bus
from store.database import Store, is_passing
from store.migrate import migrate
from store.owners import Owners
from store.statement import run, sql
from tests import databases
from tests.torture.test_faults_machine import cut
from tests.unit.commands_ground import circle, migrated

__all__ = ["circle", "migrated"]


@pytest.fixture
def two(tmp_path):
    """Two processes' owners on one database; the first leads the post."""
    databases.demand("postgres")
    with databases.made("postgres", tmp_path) as url:
        stores = Store(url), Store(url)
        migrate(stores[0])
        both = tuple(Owners(store) for store in stores)
        for owners in both:
            owners.open()
            owners.store.write_now(owners.begin)
        assert both[0].lead("post")
        assert not both[1].lead("post")
        yield url, *both
        for owners in both:
            owners.close()
            owners.store.engine.dispose()


def buried(owners):
    """Those the other one takes for dead."""
    return owners.store.write_now(lambda connection: owners.gone(connection, [row[0] for row in known(connection)]))


def known(connection):
    return list(run(connection, sql("SELECT id FROM process")))


def test_a_session_the_server_ended_is_opened_again_with_all_its_locks(two):
    url, first, second = two
    assert cut(url) > 1
    for owners in (first, second):
        owners.keep()
    assert buried(second) == []
    assert buried(first) == []
    assert first.leads("post")
    assert not second.lead("post")
    assert first.lead("post"), "and it may ask again"


def test_who_was_taken_for_dead_meanwhile_is_written_down_again_and_knows_what_it_leads_no_more(two):
    url, first, second = two
    cut(url)
    second.keep()
    assert second.lead("post"), "the first one's lock was gone with its session"
    second.store.write_now(second.forget_dead)
    assert second.store.write_now(known) == [(second.id,)]
    first.keep()
    assert not first.leads("post")
    assert not first.lead("post")
    assert sorted(second.store.write_now(known)) == sorted([(first.id,), (second.id,)])
    assert buried(second) == []


def test_what_is_being_handled_is_written_down_again_after_the_first_try_fails(two):
    url, first, _ = two
    cut(url)
    with pytest.raises(OperationalError) as gone:
        first.handling("telegram 7")
    assert is_passing(gone.value), "the turn is begun again"
    first.handling("telegram 7")
    rows = first.store.write_now(lambda connection: list(run(connection, sql("SELECT handling FROM process"))))
    assert ("telegram 7",) in rows


def test_a_dead_process_is_told_from_one_that_lives(two):
    _, first, second = two
    first.handling("telegram 7")
    first.close()
    until = time.monotonic() + 5
    while buried(second) != [first.id]:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert second.store.write_now(second.forget_dead) == ["telegram 7"]
    assert second.lead("post")


async def test_a_process_that_leads_a_channel_no_more_takes_nothing_from_it(circle, monkeypatch):
    owners = circle.app.owners
    monkeypatch.setattr(bus, "ROUND", 0.1)
    with monkeypatch.context() as another:
        another.setattr(owners, "lead", lambda what: False)
        another.setattr(owners, "leads", lambda what: False)
        before = await stored(circle)
        await circle.box("Bruno").say("Bruno", "Shall we read it together?")
        await asyncio.sleep(0.5)
        assert await stored(circle) == before, "it is for the process that leads now"
    until = time.monotonic() + 20
    while not any("read it" in words for words in circle.seen("Amina")):
        assert time.monotonic() < until, "and here again, when this one leads"
        await asyncio.sleep(0.05)


async def stored(circle):
    return (await circle.rows("SELECT COUNT(*) AS number FROM inbound"))[0].number
