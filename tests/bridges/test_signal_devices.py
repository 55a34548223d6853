"""Whose device it is: a key that changed is told once; what its owner confirmed is trusted, nothing else."""

from __future__ import annotations

import pytest

from bot.core.bridge import Address
from bot.core.errors import Unreachable
from bot.core.events import IdentityChanged
from bridges.signal import bridge as module
from bridges.signal.devices import Devices, key_of
from tests import contracts_signal
from tests.bridges.signal_ground import at_work, clear, until, words


@pytest.fixture
async def sandbox():
    from bridges.signal.sandbox import SignalSandbox

    one = SignalSandbox()
    await one.start()
    yield one
    await clear()
    await one.stop()
    assert one.violations() == []
    assert contracts_signal.check(one.requests) == []


def keys(sandbox):
    return dict(key_of(entry) for entry in sandbox.world.identities())


async def test_a_key_that_changed_is_told_and_what_was_met_first_is_believed(sandbox, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.05)
    chloe = sandbox.world.human("Chloé")
    before = keys(sandbox)[chloe.aci]
    async with at_work(sandbox) as (_, bus):
        await until(lambda: Devices(sandbox.spool)._keys.get(chloe.aci) == before)
        assert not [key for key in bus.arrivals if key.startswith("device:")]
        chloe.device += 1
        await until(lambda: [key for key in bus.arrivals if key.startswith("device:")])
        await until(lambda: Devices(sandbox.spool)._keys[chloe.aci] == keys(sandbox)[chloe.aci])
        told = [one for one in bus.events if isinstance(one, IdentityChanged)]
        assert [(one.person.id, one.before, one.identity) for one in told] == [
            (chloe.aci, before, keys(sandbox)[chloe.aci])
        ]


async def test_the_next_process_notices_what_changed_while_none_ran(sandbox):
    entries = [{"uuid": "11111111-1111-4111-8111-111111111111", "fingerprint": "aa" * 16}]
    assert Devices(sandbox.spool).news(entries) == []
    entries[0]["fingerprint"] = "bb" * 16
    news = Devices(sandbox.spool).news(entries)
    assert len(news) == 1
    assert len(Devices(sandbox.spool).news(entries)) == 1  # until it is stored, it is told again
    Devices(sandbox.spool).stored(news)
    assert Devices(sandbox.spool).news(entries) == []


async def test_what_the_service_lists_may_be_anything(sandbox):
    odd = [{}, {"uuid": 3}, {"uuid": "x", "fingerprint": "aa" * 16}, {"uuid": None, "fingerprint": None}]
    assert Devices(sandbox.spool).news(odd) == []


async def test_a_message_to_another_device_leaves_once_its_owner_has_confirmed_it(sandbox):
    chloe = sandbox.world.human("Chloé")
    async with at_work(sandbox) as (bridge, _):
        chloe.device += 1
        for doubtful in ("", "00" * 16):
            with pytest.raises(Unreachable):
                await bridge.send(Address(chloe.aci, identity=doubtful), words("Hello"))
        assert chloe.trusted != chloe.device
        confirmed = Address(chloe.aci, identity=keys(sandbox)[chloe.aci])
        assert (await bridge.send(confirmed, words("Hello"))).ids
        assert [line.text for line in sandbox.seen("Chloé")] == ["Hello"]
