"""The machine misbehaves: told to stop under load, a database somebody else holds, little memory (facts F3, F13, F15)."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

import pytest

from bot.core import audience, relay, threads
from bot.text.rich import Rich
from store.database import Store
from store.statement import run, sql
from tests import databases
from tests.torture import figures
from tests.torture.town import PEOPLE, Person, Town


@pytest.mark.parametrize(
    "times", [pytest.param(4, marks=pytest.mark.wire), pytest.param(50, marks=pytest.mark.torture)]
)
async def test_told_to_stop_under_load_it_ends_in_time_and_doubles_nothing(times, url, tmp_path):
    """F3: within eight seconds, however much is under way; what was begun is ended and settled."""
    chance = random.Random(3)
    async with Town(tmp_path, url, latency=0.1) as town:
        await town.first_sight()
        town.talk(3.0, chance)
        longest = 0.0
        for _ in range(times):
            program = await town.start()
            await program.ready()
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            longest = max(longest, await program.stop())
            assert program.process.returncode == 0
            assert not town.rows("SELECT 1 FROM parcel WHERE state = 'sending'"), "nothing is left in doubt"
        print(f"told to stop {times} times: it took {longest:.1f} s at most")
        assert longest < 8
        await town.quiet()
        program = await town.start()
        await program.ready()
        await town.settled()
        await program.stop()
        found = figures.count(town)
        figures.hold(found, figures.Kills(), town)
        assert not found.doubled


@pytest.mark.wire
async def test_told_to_stop_while_no_server_answers_it_ends_within_eight_seconds(url, tmp_path):
    """F3: what was under way may have arrived: it is sent once more by the next start, and never a third time."""
    async with Town(tmp_path, url, PEOPLE) as town:
        town.configure(telegram={"answer_within": "60 seconds"}, signal={"answer_within": "60 seconds"})
        await town.first_sight()
        program = await town.start()
        await program.ready()
        for name in ("telegram", "signal"):
            town.sandboxes[name].latency = 30.0
        for one in PEOPLE:
            await town.say(one)
        await program.until("parcel.leaving", 4)
        took = await program.stop()
        print(f"ended in {took:.1f} s")
        assert took < 8
        assert not town.rows("SELECT 1 FROM parcel WHERE state = 'sending'"), "it knows what it does not know"
        for name in ("telegram", "signal"):
            town.sandboxes[name].latency = 0.0
        program = await town.start()
        await program.ready()
        await town.settled()
        await program.stop()
        found = figures.count(town)
        assert not found.wrong, found.wrong
        assert not found.lost
        assert not found.thrice


HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("COMMIT")
print(time.monotonic(), flush=True)
"""
SHARED_HOLDER = """
import psycopg, sys, time
with psycopg.connect(sys.argv[1]) as connection:
    connection.execute("LOCK TABLE inbound, parcel, lane, message, cursor IN ACCESS EXCLUSIVE MODE")
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize(
    "seconds", [pytest.param(3.0, marks=pytest.mark.wire), pytest.param(30.0, marks=pytest.mark.torture)]
)
async def test_a_database_held_by_another_process_is_waited_for_and_nothing_is_lost(seconds, url, tmp_path):
    """F13: the whole file on SQLite, on PostgreSQL every table a message goes through."""
    sqlite = url.startswith("sqlite")
    what = (HOLDER, str(tmp_path / "filcommun.db")) if sqlite else (SHARED_HOLDER, url)
    async with Town(tmp_path, url, PEOPLE[:5]) as town:
        program = await town.start()
        await program.ready(2)
        town.talk(3.0, random.Random(13))
        await asyncio.sleep(1.0)
        holder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", *what, str(seconds), stdout=asyncio.subprocess.PIPE
        )
        assert holder.stdout is not None
        await holder.stdout.readline()
        freed = float(await holder.stdout.readline())
        await holder.wait()
        await asyncio.sleep(1.5)
        after = [one["at"] for one in program.events if one["event"] == "inbound.accepted" and one["at"] > freed - 0.01]
        print(f"held {seconds:.0f} s; the next item was stored {after[0] - freed:.2f} s after the end")
        assert after[0] - freed < 1.0
        await town.quiet()
        await town.settled()
        assert await program.stop() < 8
        found = figures.count(town)
        figures.hold(found, figures.Kills(), town)
        assert not found.doubled


@pytest.mark.wire
async def test_a_database_server_that_ends_every_connection_is_found_again_and_nothing_is_lost(tmp_path):
    """F13: PostgreSQL is restarted under load, three times; no start of ours is needed."""
    databases.demand("postgres")
    with databases.made("postgres", tmp_path) as url:
        async with Town(tmp_path, url, PEOPLE) as town:
            await town.first_sight()
            program = await town.start()
            await program.ready()
            town.talk(3.0, random.Random(13))
            for _ in range(3):
                await asyncio.sleep(1.0)
                ended = cut(url)
                assert ended > 1, "it was connected"
            await asyncio.sleep(1.0)
            await town.quiet()
            await town.settled()
            assert await program.stop() < 8
            found = figures.count(town)
            figures.hold(found, figures.Kills(), town)


def cut(url: str) -> int:
    """End every connection to this database; how many there were."""
    import psycopg

    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        return len(connection.execute(ends).fetchall())


def status(program, name: str) -> int:
    """A line of /proc/PID/status, in MB."""
    lines = Path(f"/proc/{program.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name + ":"))


def backlog(town: Town, messages: int) -> int:
    """Owe so many messages to everybody; return how many parcels wait."""
    store = Store(town.url)

    def post(connection):
        thread = threads.begin(connection, 1, "Before", None)
        author = run(connection, sql("SELECT MIN(id) FROM membership")).scalar_one()
        for number in range(messages):
            relay.post(connection, relay.Post(1, thread, Rich(f"word {number} " * 20), "amina", author_id=author))
        while audience.spread_more(connection):
            pass

    store.write_now(post)
    store.engine.dispose()
    return int(town.rows("SELECT COUNT(*) FROM parcel WHERE state = 'due'")[0][0])


@pytest.mark.parametrize(
    "kind", [pytest.param("sqlite", marks=pytest.mark.wire), pytest.param("postgres", marks=pytest.mark.torture)]
)
async def test_a_hundred_thousand_parcels_that_wait_need_no_memory_to_speak_of(kind, tmp_path, monkeypatch):
    """F15: with 48 MB more address space than an idle program has ever used, and what it holds hardly grows."""
    # Otherwise the C library sets 64 MB of address space aside for a thread that happens to run in one program only.
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    databases.demand(kind)
    with databases.made(kind, tmp_path) as url:
        await _wait_in_little_memory(url, tmp_path)


async def _wait_in_little_memory(url, tmp_path):
    crowd = (*(Person(f"p{number}", "telegram") for number in range(1_000)), Person("chloe", "signal"))
    async with Town(tmp_path, url, crowd) as town:
        program = await town.start()
        await program.ready(2)
        await town.say(crowd[-1])
        await program.until("parcel.sent", 200)
        usual, most = status(program, "VmRSS"), status(program, "VmPeak")
        await program.stop()
        waiting = backlog(town, 100)
        assert waiting >= 100_000
        town.sandboxes["telegram"].server.recording = False
        program = await town.start("--memory", str(most + 48))
        await program.ready(2)
        began = time.monotonic()
        while time.monotonic() - began < 8.0:
            await asyncio.sleep(0.2)
            assert program.process.returncode is None, "it ran out of memory"
        now, peak = status(program, "VmRSS"), status(program, "VmHWM")
        sent = program.count("parcel.sent")
        print(
            f"{waiting} parcels wait, {sent} sends in 8 s; resident {usual} MB usually, {now} MB now, {peak} MB at most"
        )
        assert sent > 200
        assert peak - usual < 50
        assert not program.count("parcel.fault")
        assert await program.stop() < 8
