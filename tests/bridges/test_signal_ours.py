"""Whose Signal account it is: a number that is somebody's stays closed, one of the bot's own is made private."""

from __future__ import annotations

import asyncio
import json
import re
import stat
import time

import pytest

from bot.core.errors import Down
from bot.core.events import Ignored
from bridges.signal import ours
from bridges.signal.sandbox import NUMBER, SignalSandbox
from bridges.signal.spool import Frame, Kind
from bridges.signal.watch import beside
from tests import contracts_signal
from tests.bridges import signal_ground
from tests.bridges.signal_ground import a_bridge, until

FRIENDS = [f"Friend {number}" for number in range(40)]


@pytest.fixture
async def sandbox():
    one = SignalSandbox()
    await one.start()
    yield one
    await signal_ground.clear()
    await one.stop()


async def closed(sandbox, cursor=None) -> Down:
    """What a bridge that is opened says."""
    bridge = a_bridge(sandbox)
    with pytest.raises(Down) as raised:
        await bridge.open(cursor or {})
    await bridge.close(0)
    return raised.value


def account_calls(sandbox):
    return [
        (method, path.rpartition("/")[2], body) for method, path, body in sandbox.requests if "/v1/accounts/" in path
    ]


async def other_device(sandbox, when: int = 1) -> None:
    """Another device of the account says something, and the service tells us."""
    world = sandbox.world
    frame = {
        "account": NUMBER,
        "envelope": {
            "source": NUMBER, "sourceNumber": NUMBER, "sourceUuid": world.aci, "sourceDevice": 2, "timestamp": when,
            "syncMessage": {"sentMessage": {"message": "See you tonight", "timestamp": when}},
        },
    }  # fmt: skip
    await sandbox.server.push(frame)


# What gives somebody away


async def test_forty_contacts_keep_it_closed_and_one_sentence_names_the_setting(sandbox):
    sandbox.world.address_book = FRIENDS
    down = await closed(sandbox)
    assert "an address book (40 contacts)" in down.reason
    assert "shared_account = true in [signal]" in down.cure
    assert len(re.findall(r"[.!?](\s|$)", down.reason)) == 0
    assert account_calls(sandbox) == []  # nothing of somebody's account is changed


async def test_a_group_that_cannot_be_a_room_yet_keeps_it_closed(sandbox):
    sandbox.room("La famille", ["Maman", "Paul"])
    assert "groups already (1)" in (await closed(sandbox)).reason


async def test_a_group_it_has_left_says_nothing(sandbox):
    sandbox.room("La famille", ["Maman", "Paul"])
    sandbox.expel("La famille")
    await a_bridge(sandbox).open({})


async def test_people_known_by_the_profile_they_show_are_no_address_book(sandbox):
    for name in FRIENDS:
        sandbox.person(name)
    bridge = a_bridge(sandbox)
    await bridge.open({})
    await bridge.close(0)


@pytest.mark.parametrize(
    "contact",
    [{"name": "Maman"}, {"given_name": "Paul"}, {"nickname": {"name": "Popol", "given_name": "", "family_name": ""}}],
)
def test_whatever_name_somebody_gave_a_contact_counts(contact):
    assert ours.whose([{"number": "+33611111111", "name": "", **contact}], [], NUMBER)
    assert not ours.whose([{"number": NUMBER, "name": "", **contact}], [], NUMBER)


async def test_a_bound_group_does_not_close_an_account_that_was_looked_at(sandbox):
    sandbox.room("Le salon", ["Chloé"])
    bridge = a_bridge(sandbox)
    await bridge.open({"seen": "1"})
    await bridge.close(0)


async def test_the_first_sight_is_noted_before_anything_is_said(sandbox):
    """Otherwise a group made while the bot was away would be taken for one it was in before."""
    bridge = a_bridge(sandbox)
    await bridge.open({})
    arrivals = bridge.arrivals()
    (first,) = await anext(arrivals)
    assert float(first.cursor["seen"]) > 1e9
    assert await bridge.read(first.raw) == [Ignored("first_sight")]
    waiting = asyncio.ensure_future(anext(arrivals))
    await sandbox.say("Chloé", "one")
    (word,) = await waiting
    assert word.cursor == {}
    await arrivals.aclose()
    await bridge.close(0)
    sandbox.room("Le salon", ["Chloé"])
    again = a_bridge(sandbox)
    await again.open(first.cursor)
    await again.close(0)


# Another device


async def read_until_down(bridge):
    """What arrives until the channel closes itself, and what it says."""
    arrived = []
    try:
        async with asyncio.timeout(10):
            async for batch in bridge.arrivals():
                arrived += batch
    except Down as down:
        return arrived, down
    raise AssertionError("it ended without a word")


async def test_another_device_on_the_first_day_closes_it_and_nothing_of_it_is_stored(sandbox):
    bridge = a_bridge(sandbox)
    await bridge.open({})
    reading = asyncio.ensure_future(read_until_down(bridge))
    await until(lambda: sandbox.server.listeners)
    await other_device(sandbox)
    arrived, down = await reading
    assert "another device" in down.reason
    assert "shared_account" in down.cure
    cursor = {}
    for item in arrived:
        cursor |= item.cursor
        assert b"tonight" not in item.raw
        assert await bridge.read(item.raw) == [Ignored("first_sight")]
    await until(lambda: not sandbox.server.listeners)  # and it listens no more
    await bridge.close(0)
    # It stays closed, whenever it is started again, and throws away what a listener of its own wrote down.
    process = await signal_ground.listener(sandbox, sandbox.spool)
    await sandbox.say("Maman", "Are you there?")
    await until(lambda: sandbox.spool.stat().st_size > 0)
    assert "another device" in (await closed(sandbox, cursor)).reason
    assert sandbox.spool.stat().st_size == 0
    process.terminate()
    await process.wait()


@pytest.mark.parametrize(
    "sync", [{}, {"type": "CONTACTS_SYNC"}, {"readMessages": []}, "nonsense", {"sentMessage": None}]
)
async def test_what_devices_tell_each_other_by_themselves_shows_nobody(sandbox, sync):
    async with signal_ground.at_work(sandbox) as (bridge, bus):
        bridge._cursor = {"seen": str(time.time())}
        envelope = {"sourceNumber": NUMBER, "sourceUuid": sandbox.world.aci, "sourceDevice": 1, "timestamp": 5}
        await sandbox.server.push({"account": NUMBER, "envelope": {**envelope, "syncMessage": sync}})
        await sandbox.say("Chloé", "Hello")
        await until(lambda: bus.texts == ["Hello"])
        assert bus.down == []


def test_the_samples_of_the_service_that_show_somebody_are_known():
    contracts_signal.required()
    shows = {
        name: ours.shows_another_device([Frame(Kind.ITEM, json.dumps(frame).encode(), 0.0, 0)])
        for name, frame in contracts_signal.envelopes().items()
        if "syncMessage" in json.dumps(frame)
    }
    assert shows
    assert any(shows.values()), shows


async def test_said_to_be_shared_it_opens_again(sandbox):
    bridge = a_bridge(sandbox, shared_account=True)
    await bridge.open({"seen": "1", "other": "1"})
    await bridge.close(0)


async def test_another_device_on_a_later_day_is_only_noted(sandbox):
    async with signal_ground.at_work(sandbox) as (_, bus):
        await other_device(sandbox)
        await sandbox.say("Chloé", "Hello")
        await until(lambda: bus.texts == ["Hello"])
        assert Ignored("own") in bus.events
        assert bus.down == []


# A number of the bot's own


async def test_its_own_number_is_hidden_and_gets_a_username_whose_link_is_where_people_write(sandbox):
    bridge = a_bridge(sandbox)
    assert bridge.public_address == NUMBER
    await bridge.open({})
    assert sandbox.world.settings == {"discoverable_by_number": False, "share_number": False}
    assert sandbox.world.username == "filcommun.42"
    assert bridge.public_address == sandbox.world.username_link
    assert bridge.public_address.startswith("https://signal.me/#eu/")
    await bridge.close(0)
    # The link is known without asking: for what is printed while the bot does not run.
    assert a_bridge(sandbox).public_address == sandbox.world.username_link
    assert stat.S_IMODE(beside(sandbox.spool, "account").stat().st_mode) == 0o600


async def test_it_is_done_once_and_again_when_the_name_is_another(sandbox):
    for changed in ({}, {}, {"username": "cercle"}, {"username": "cercle"}):
        bridge = a_bridge(sandbox, **changed)
        await bridge.open({"seen": "1"})
        await bridge.close(0)
    assert [body["username"] for _, what, body in account_calls(sandbox) if what == "username"] == [
        "filcommun",
        "cercle",
    ]
    assert bridge.public_address == sandbox.world.username_link


async def test_without_a_username_the_number_is_where_people_write(sandbox):
    bridge = a_bridge(sandbox, username="")
    await bridge.open({})
    await bridge.close(0)
    assert [what for _, what, _ in account_calls(sandbox)] == ["settings"]
    assert bridge.public_address == NUMBER


async def test_what_the_service_refuses_leaves_the_channel_open_and_is_tried_at_the_next_start(sandbox, caplog):
    sandbox.server.linked_only = True
    bridge = a_bridge(sandbox)
    await bridge.open({})
    await bridge.close(0)
    assert bridge.public_address == NUMBER
    assert "signal.not_private" in caplog.text
    assert NUMBER not in caplog.text
    sandbox.server.linked_only = False
    bridge = a_bridge(sandbox)
    await bridge.open({})
    await bridge.close(0)
    assert bridge.public_address == sandbox.world.username_link


async def test_a_shared_number_is_left_as_it_is(sandbox):
    sandbox.world.address_book = FRIENDS
    bridge = a_bridge(sandbox, shared_account=True)
    await bridge.open({})
    await bridge.close(0)
    assert account_calls(sandbox) == []
    assert bridge.public_address == NUMBER
    assert await a_bridge(sandbox, shared_account=True).check() == []


async def test_the_calls_are_those_of_the_service(sandbox):
    contracts_signal.required()
    bridge = a_bridge(sandbox)
    await bridge.open({})
    await bridge.close(0)
    assert contracts_signal.check(sandbox.requests) == []
    assert sandbox.violations() == []
    assert len(account_calls(sandbox)) == 2


@pytest.mark.parametrize("name", ["Le Cercle", "ab", "1cercle", "cercle.42", "x" * 33])
def test_a_username_signal_would_refuse_is_refused_by_the_configuration(sandbox, name):
    with pytest.raises(ValueError, match="username"):
        a_bridge(sandbox, username=name)


@pytest.mark.parametrize("written", ["", "{", "[]", json.dumps({"number": NUMBER})])
async def test_nonsense_beside_the_spool_is_nothing_known(sandbox, written):
    beside(sandbox.spool, "account").write_text(written)
    bridge = a_bridge(sandbox)
    assert bridge.public_address == NUMBER
    await bridge.open({})
    await bridge.close(0)
    assert bridge.public_address == sandbox.world.username_link
