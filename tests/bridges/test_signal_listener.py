"""The listener as a process of its own: the bot's restarts lose nothing, its own are counted and told."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.core.errors import Down
from bot.core.events import ChannelGap, MembershipChanged, MessageReceived
from bridges.signal.ear import Ear
from bridges.signal.spool import Kind, Reader, Writer
from bridges.signal.watch import Lock, Watch, beside
from tests.bridges.signal_ground import ROOT, a_bridge, at_work, ended, listener, until


@pytest.fixture
async def sandbox():
    from bridges.signal.sandbox import SignalSandbox

    one = SignalSandbox()
    await one.start()
    yield one
    await one.stop()
    assert one.violations() == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


async def test_a_separate_listener_survives_the_bot_and_loses_nothing(sandbox):
    process = await listener(sandbox, sandbox.spool)
    heard: dict[str, None] = {}
    try:
        for round_ in range(3):
            async with at_work(sandbox) as (_, bus):
                for number in range(5):
                    await sandbox.say("Chloé", f"{round_} up {number}")
                await until(lambda bus=bus, round_=round_: f"{round_} up 4" in bus.texts)
                heard.update(dict.fromkeys(bus.texts))
            for number in range(5):
                await sandbox.say("Chloé", f"{round_} down {number}")
        async with at_work(sandbox) as (_, bus):
            await until(lambda: "2 down 4" in bus.texts)
            heard.update(dict.fromkeys(bus.texts))
        assert process.returncode is None
    finally:
        process.terminate()
        assert await ended(process) == 0
    assert list(heard) == [f"{r} {state} {n}" for r in range(3) for state in ("up", "down") for n in range(5)]
    assert sandbox.dropped == 0


async def test_a_restart_of_the_listener_is_counted_by_the_service_and_noted_by_us(sandbox, caplog):
    """Killed, not stopped: the next one knows from the last sign of life since when nobody listened."""
    caplog.set_level(logging.WARNING, "filcommun.signal")
    process = await listener(sandbox, sandbox.spool)
    await sandbox.say("Chloé", "before")
    await until(lambda: Reader(sandbox.spool).read())
    process.kill()
    await process.wait()
    for number in range(3):
        await sandbox.say("Chloé", f"lost {number}")
    assert sandbox.dropped == 3
    state = Watch(sandbox.spool).read()
    assert state
    beside(sandbox.spool, "state").write_text(
        json.dumps({"connected": True, "since": state.since - 600, "alive": state.alive - 600}).ljust(96)
    )
    process = await listener(sandbox, sandbox.spool)
    try:
        async with at_work(sandbox) as (_, bus):
            await sandbox.say("Chloé", "after")
            await until(lambda: bus.texts == ["before", "after"])
            gaps = [event for event in bus.events if isinstance(event, ChannelGap)]
            assert len(gaps) == 1, "told once"
            assert 600 < (gaps[0].until - gaps[0].since).total_seconds() < 660
            assert gaps[0].lost is None
            key = next(key for key in bus.arrivals if key.startswith("gap:"))
            assert bus.arrivals[key].lane == "gap"
        assert sum(record.message == "signal.gap" for record in caplog.records) == 1
    finally:
        process.terminate()
        await ended(process)


async def test_a_short_absence_is_noted_but_not_told(sandbox, caplog):
    caplog.set_level(logging.WARNING, "filcommun.signal")
    for _ in range(2):
        process = await listener(sandbox, sandbox.spool)
        process.terminate()
        assert await ended(process) == 0
    async with at_work(sandbox) as (_, bus):
        await until(lambda: any(record.message == "signal.gap" for record in caplog.records))
        assert not [event for event in bus.events if isinstance(event, ChannelGap)]
    told = [record.fields for record in caplog.records if record.message == "signal.gap"]
    assert all(fields["took"] < 120 and not fields["told"] for fields in told)


async def test_a_killed_listener_loses_only_what_the_service_had_not_handed_over(sandbox):
    """Kills under load: what was written is whole and in order, and what is missing is what the service dropped."""

    def written() -> list[int]:
        frames = Reader(sandbox.spool).read(most=10_000)
        return [int(json.loads(f.data)["envelope"]["dataMessage"]["message"]) for f in frames if f.kind is Kind.ITEM]

    process = await listener(sandbox, sandbox.spool)
    number = 0
    for _ in range(4):
        for _ in range(30):
            await sandbox.say("Chloé", f"{number}")
            number += 1
        await until(lambda number=number: number - 1 in written())
        process.kill()
        await process.wait()
        await sandbox.say("Chloé", f"{number}")
        number += 1
        process = await listener(sandbox, sandbox.spool)
    await sandbox.say("Chloé", f"{number}")
    process.terminate()
    await ended(process)
    said = written()
    assert said == sorted(set(said))
    assert len(said) == number + 1 - sandbox.dropped
    assert sum(frame.kind is Kind.GAP for frame in Reader(sandbox.spool).read(most=10_000)) == 4


async def test_a_listener_killed_at_any_moment_leaves_whole_frames(sandbox):
    """What the kernel had not yet given it is lost with it; what it wrote is the beginning of what was said, each time."""
    total = 0
    for _ in range(6):
        process = await listener(sandbox, sandbox.spool)
        for number in range(60):
            await sandbox.say("Chloé", f"{number}")
        process.kill()
        await process.wait()
        reader = Reader(sandbox.spool)
        frames = [frame for frame in reader.read(most=1000) if frame.kind is not Kind.GAP]
        said = [int(json.loads(frame.data)["envelope"]["dataMessage"]["message"]) for frame in frames]
        assert said == list(range(len(said)))
        total += len(said)
        reader.cut(reader.position)
    assert total


async def test_a_stopped_listener_writes_down_what_was_on_its_way(sandbox):
    for _ in range(5):
        process = await listener(sandbox, sandbox.spool)
        for number in range(50):
            await sandbox.say("Chloé", f"{number}")
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0
        reader = Reader(sandbox.spool)
        frames = reader.read(most=1000)
        assert sum(frame.kind is Kind.ITEM for frame in frames) == 50
        reader.cut(reader.position)


async def test_there_is_one_separate_listener(sandbox):
    first = await listener(sandbox, sandbox.spool)
    second = await listener(sandbox, sandbox.spool, quiet=False)
    out = (await second.communicate())[1].decode()
    assert second.returncode == 1
    assert "another listener is at work" in out
    first.terminate()
    await ended(first)


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


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("POST", {"Content-Type": "application/json"}, b'{"a": 1}', 200),
        ("POST", {"Content-Type": "application/json", "Origin": "https://evil.example"}, b"{}", 415),
        ("POST", {"Content-Type": "text/plain"}, b"{}", 415),
        ("GET", {}, None, 405),
    ],
)
async def test_the_webhook_takes_json_from_the_service_and_nothing_from_a_browser(
    sandbox, tmp_path, method, headers, body, status
):
    port = free_port()
    process = await listener(sandbox, tmp_path / "s", "--webhook", f"127.0.0.1:{port}")
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(2):
                async with session.request(
                    method, f"http://127.0.0.1:{port}/hook", data=body, headers=headers
                ) as answer:
                    assert answer.status == status
        kept = [frame.data for frame in Reader(tmp_path / "s").read()]
        assert kept == ([body, body] if status == 200 else [])
    finally:
        process.terminate()
        await ended(process)


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
    await bridge.open({})
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


async def test_a_listener_that_cannot_reach_the_service_waits_for_it(sandbox, tmp_path):
    await sandbox.stop()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridges.signal.listener", "--service", sandbox.settings()["service"]),
        *("--number", sandbox.settings()["number"], "--spool", str(tmp_path / "s")),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    assert b"signal.away" in await asyncio.wait_for(process.stderr.readline(), 20)
    await sandbox.start()
    await until(lambda: sandbox.server.listeners, 10)
    process.terminate()
    assert await ended(process) == 0
    rest = (await process.stderr.read()).decode()
    assert "+336" not in rest
    assert "signal.listening" in rest


@pytest.mark.parametrize("arguments", [[], ["--number", "+33600000001", "--service", "localhost:8080"]])
async def test_a_listener_that_is_called_wrongly_says_what_to_write(arguments):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridges.signal.listener"), *arguments, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    out = (await process.communicate())[1].decode()
    assert process.returncode == 2
    assert "like" in out


async def test_the_listener_stays_small(sandbox, tmp_path):
    """It stands beside the bot for ever: at most 25 MB of it are its own."""
    process = await listener(sandbox, tmp_path / "s")
    for number in range(500):
        await sandbox.say("Chloé", f"{number}")
    await until(lambda: len(Reader(tmp_path / "s").read(most=1000)) == 500)
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    process.terminate()
    await ended(process)
    pss = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    assert pss < 25_000


def test_the_listener_imports_nothing_heavy():
    import subprocess

    code = "import sys, bridges.signal.listener; print([m for m in ('pydantic', 'aiohttp', 'signalbot', 'bot', 'store') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
