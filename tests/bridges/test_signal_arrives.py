"""What arrives by the bot's own ear and by the second way in, and when the service goes away and comes back."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.errors import Down
from bot.core.events import MembershipChanged, MessageReceived
from bridges.signal.ear import Ear
from bridges.signal.spool import Kind, Writer
from bridges.signal.watch import Lock
from tests.bridges.signal_ground import a_bridge, at_work, clear, ended, free_port, listener, until


@pytest.fixture
async def sandbox():
    from bridges.signal.sandbox import SignalSandbox

    one = SignalSandbox()
    await one.start()
    yield one
    await clear()
    await one.stop()
    assert one.violations() == []


async def test_words_reach_the_bridge_within_milliseconds(sandbox):
    async with at_work(sandbox) as (_, bus):
        await sandbox.say("Chloé", "first")
        await until(lambda: bus.texts == ["first"])
        loop = asyncio.get_running_loop()
        took = []
        for number in range(20):
            began = loop.time()
            await sandbox.say("Chloé", f"{number}")
            while len(bus.texts) < number + 2:
                await asyncio.sleep(0)
            took.append(loop.time() - began)
    assert sorted(took)[10] < 0.05


async def test_the_bot_listens_itself_and_steps_aside_for_a_listener_without_a_gap(sandbox):
    async with at_work(sandbox) as (bridge, bus):
        await sandbox.say("Chloé", "to the bot")
        await until(lambda: bus.texts == ["to the bot"])
        assert Lock(sandbox.spool).holder() == "bot"
        talking = asyncio.create_task(_talk(sandbox))
        process = await listener(sandbox, sandbox.spool)
        await until(lambda: Lock(sandbox.spool).holder() == "listener" and len(sandbox.server.listeners) == 1)
        talking.cancel()
        said = [line.text for line in sandbox.seen("Chloé")]
        await until(lambda: bus.texts == said)
        assert sandbox.dropped == 0
        process.kill()
        await process.wait()
        assert not [key for key in bus.arrivals if key.startswith("gap:")]
        assert bridge.account == sandbox.settings()["number"]


async def _talk(sandbox) -> None:
    for number in range(10_000):
        await sandbox.say("Chloé", f"word {number}")
        await asyncio.sleep(0.01)


async def test_the_bot_takes_over_when_the_separate_listener_stays_away(sandbox, monkeypatch):
    monkeypatch.setattr("bridges.signal.ear._ABSENT", 0.6)
    process = await listener(sandbox, sandbox.spool)
    async with at_work(sandbox) as (_, bus):
        await asyncio.sleep(0.2)
        process.kill()
        await process.wait()
        await until(lambda: len(sandbox.server.listeners) == 1)
        await sandbox.say("Chloé", "still heard")
        await until(lambda: "still heard" in bus.texts)


async def test_the_webhook_is_a_second_way_in_under_the_same_key(sandbox):
    port = free_port()
    sandbox.server.webhook = f"http://127.0.0.1:{port}/"
    async with at_work(sandbox, webhook=f"127.0.0.1:{port}") as (_, bus):
        await sandbox.say("Chloé", "twice on its way, once here")
        await until(lambda: bus.texts and len(bus.arrivals) == 1)
        await sandbox.say("Chloé", "again")
        await until(lambda: len(bus.texts) == 2)
        for socket_ in list(sandbox.server.listeners):
            sandbox.server.listeners.discard(socket_)  # deaf on the websocket
        await sandbox.say("Chloé", "by the webhook alone")
        await until(lambda: len(bus.texts) == 3)
    assert bus.texts == ["twice on its way, once here", "again", "by the webhook alone"]


async def test_a_service_that_comes_back_is_heard_again(sandbox):
    async with at_work(sandbox) as (_, bus):
        await sandbox.say("Chloé", "one")
        await until(lambda: bus.texts == ["one"])
        await sandbox.stop()
        await asyncio.sleep(0.3)
        await sandbox.start()
        await until(lambda: len(sandbox.server.listeners) == 1)
        await sandbox.say("Chloé", "two")
        await until(lambda: bus.texts == ["one", "two"])


async def test_a_service_that_stays_away_makes_the_channel_down_and_nothing_waiting_is_forgotten(sandbox, monkeypatch):
    monkeypatch.setattr("bridges.signal.bridge._AWAY_AFTER", 0.5)
    async with at_work(sandbox) as (_, bus):
        await sandbox.say("Chloé", "one")
        await until(lambda: bus.texts == ["one"])
        await sandbox.stop()
        await until(lambda: bus.down)
        assert "nobody has been connected to the Signal service" in bus.down[0]
        Writer(sandbox.spool).append([(Kind.ITEM, b'{"error": "from before"}')])
        await until(lambda: bus.unreadable)
        await sandbox.start()
        await until(lambda: len(sandbox.server.listeners) == 1)
        await sandbox.say("Chloé", "two")
        await until(lambda: bus.texts == ["one", "two"])


async def test_a_service_that_comes_back_is_heard_before_the_bus_tries_the_channel_again(sandbox, monkeypatch):
    """The bus asks a channel that is down ever less often; what is said meanwhile must not be lost."""
    monkeypatch.setattr("bridges.signal.bridge._AWAY_AFTER", 0.5)
    bridge = a_bridge(sandbox)
    await bridge.open({"seen": "1"})
    await sandbox.stop()
    with pytest.raises(Down):
        async for _ in bridge.arrivals():
            pass
    with pytest.raises(Down):
        await bridge.open({"seen": "1"})
    await sandbox.start()
    await until(lambda: sandbox.server.listeners)
    await sandbox.say("Chloé", "while nobody read")
    await bridge.open({"seen": "1"})
    arrivals = bridge.arrivals()
    (arrival,) = await anext(arrivals)
    assert b"while nobody read" in arrival.raw
    await arrivals.aclose()
    await bridge.close(0)
    assert sandbox.dropped == 0


async def test_an_open_bridge_hears_and_one_that_nobody_reads_stops(sandbox, monkeypatch):
    """Of two processes on two machines only one leads the channel; the other must not fill a spool of its own."""
    monkeypatch.setattr("bridges.signal.ear._UNREAD", 0.5)
    bridge = a_bridge(sandbox)
    await bridge.open({"seen": "1"})
    assert len(sandbox.server.listeners) == 1, "it listens when open returns"
    await until(lambda: not sandbox.server.listeners)
    arrivals = bridge.arrivals()
    waiting = asyncio.ensure_future(anext(arrivals))
    await until(lambda: sandbox.server.listeners)
    await sandbox.say("Chloé", "now it leads")
    assert b"now it leads" in (await waiting)[-1].raw
    await arrivals.aclose()
    await bridge.close(0)


async def test_frames_nobody_understands_do_not_make_it_deaf(sandbox):
    async with at_work(sandbox) as (_, bus):
        await sandbox.say("Chloé", "one")
        for text in ('{"error": "oops"}', "{", "[]", '{"envelope": 7}', "\x00"):
            await sandbox.server.push_text(text)
        await sandbox.say("Chloé", "two")
        await until(lambda: bus.texts == ["one", "two"])
        assert len(bus.unreadable) == 5


async def test_receipts_and_typing_take_no_place_in_the_store(sandbox):
    async with at_work(sandbox) as (_, bus):
        human, when = sandbox.world.human("Chloé"), sandbox.world.now()
        receipt = {"when": when, "isDelivery": True, "isRead": False, "isViewed": False, "timestamps": [1]}
        await sandbox.say("Chloé", "one")
        await sandbox.server.push(sandbox.world.envelope(human, when, receiptMessage=receipt))
        await sandbox.server.push(
            sandbox.world.envelope(human, when, typingMessage={"action": "STARTED", "timestamp": when})
        )
        await sandbox.say("Chloé", "two")
        await until(lambda: bus.texts == ["one", "two"])
        assert len(bus.arrivals) == 2
    assert sandbox.spool.stat().st_size == 0


async def test_what_was_not_stored_comes_again_under_the_same_key(sandbox):
    """The bus dies between reading and committing."""
    process = await listener(sandbox, sandbox.spool)
    try:
        await sandbox.say("Chloé", "kept")
        keys = []
        for _ in range(2):
            async with at_work(sandbox) as (bridge, bus):
                await bus.end()
                arrivals = bridge.arrivals()
                keys += [arrival.key for arrival in await anext(arrivals)]
                await arrivals.aclose()
        assert keys[0] == keys[1]
        assert sandbox.spool.stat().st_size > 0
    finally:
        process.terminate()
        await ended(process)


async def test_who_is_in_a_group_is_told_and_told_again_when_it_changes(sandbox):
    room = sandbox.room("Le salon", ["Chloé", "Inès"])
    chloe, ines, paul = (sandbox.person(name) for name in ("Chloé", "Inès", "Paul"))

    def moves(bus):
        return [
            (e.person.id, e.present, e.us)
            for e in bus.events
            if isinstance(e, MembershipChanged) and e.place.id == room
        ]

    async with at_work(sandbox) as (_, bus):
        await until(lambda: len(moves(bus)) == 3)
        assert set(moves(bus)) == {("me", True, True), (chloe, True, False), (ines, True, False)}
        sandbox.join("Paul", "Le salon")
        await until(lambda: (paul, True, False) in moves(bus))
    sandbox.world.rooms["Le salon"].people.remove("Inès")  # while nobody listened
    async with at_work(sandbox) as (_, bus):
        await until(lambda: moves(bus) == [(ines, False, False)])
        sandbox.expel("Le salon")
        await until(lambda: ("me", False, True) in moves(bus))


async def test_an_ear_that_cannot_work_says_so(sandbox, tmp_path):
    from bridges.signal.settings import SignalSettings

    (tmp_path / "file").write_text("")
    ear = Ear(SignalSettings(**sandbox.settings()), tmp_path / "s")
    ear._spool = tmp_path / "file" / "s"
    ear.open()
    await asyncio.sleep(0.3)
    with pytest.raises(Down, match="cannot work"):
        ear.must_be_well(10)
    await ear.close()


async def test_long_texts_and_files_are_fetched_from_the_service(sandbox):
    whole = "Une longue histoire. " * 200
    async with at_work(sandbox) as (bridge, bus):
        await sandbox.show("Chloé", "", whole.encode(), whole[:200], type="text/x-signal-plain")
        await sandbox.show("Chloé", "salle.jpg", b"\xff\xd8" * 1000, "La salle", type="image/jpeg")
        await until(lambda: len(bus.texts) == 2)
        assert bus.texts == [whole, "La salle"]
        (photo,) = [event.files[0] for event in bus.events if isinstance(event, MessageReceived) and event.files]
        assert b"".join([piece async for piece in bridge.fetch(photo)]) == b"\xff\xd8" * 1000
