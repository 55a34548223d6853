"""The listener as a process of its own: the bot's restarts lose nothing, its own are counted and told."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.core.events import ChannelGap
from bridges.signal.spool import Kind, Reader
from bridges.signal.watch import Watch, beside
from tests.bridges.signal_ground import ROOT, at_work, clear, ended, free_port, listener, until


@pytest.fixture
async def sandbox():
    from bridges.signal.sandbox import SignalSandbox

    one = SignalSandbox()
    await one.start()
    yield one
    await clear()
    await one.stop()
    assert one.violations() == []


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
    for _ in range(4):
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
    for _ in range(3):
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
