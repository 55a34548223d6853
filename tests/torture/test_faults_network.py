"""The networks misbehave: too many requests, server errors, answers that are lost or late (facts F5 to F8)."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from bot.core import dead_letters
from tests.torture import figures
from tests.torture.town import PEOPLE, Person, Town

SMALL = (
    Person("amina", "telegram"), Person("bilal", "telegram"), Person("chloe", "signal"), Person("dina", "signal"),
    Person("bruno", "email"),
)  # fmt: skip
AMINA, BILAL, CHLOE, DINA, BRUNO = SMALL


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path}/filcommun.db"


def overview(town: Town) -> dead_letters.Overview:
    """What `filcommun status` shows."""
    with town.engine.connect() as connection:
        return dead_letters.overview(connection)


@pytest.mark.wire
async def test_a_storm_of_429_loses_nothing_and_holds_only_the_chats_it_concerns(database, tmp_path):
    """F5: the sandbox notes each request that comes before the time it named."""
    async with Town(tmp_path, database, SMALL) as town:
        await town.first_sight()
        program = await town.start()
        await program.ready()
        chance = random.Random(5)
        began = time.monotonic()
        town.sandboxes["telegram"].fail("later", 4, "amina")
        town.talk(4.0, chance, (BILAL, CHLOE))
        await asyncio.sleep(5.0)
        await town.quiet()
        await town.settled()
        assert await program.stop() < 8
        found = figures.count(town)
        figures.hold(found, figures.Kills(), town)
        assert not found.doubled
        slow, fast = town.delays(AMINA, began), town.delays(DINA, began) + town.delays(BILAL, began)
        print(f"the chat that was told to wait: {slow[-1]:.2f} s; the others: median {fast[len(fast) // 2]:.2f} s")
        assert slow[-1] > 1.0, "the storm was felt where it raged"
        assert fast[int(len(fast) * 0.95)] < 1.0, "and nowhere else"


@pytest.mark.parametrize(
    "channel",
    [
        pytest.param("telegram", marks=pytest.mark.wire),
        pytest.param("signal", marks=pytest.mark.torture),
        pytest.param("email", marks=pytest.mark.torture),
    ],
)
async def test_a_storm_of_server_errors_drains_when_it_is_over(channel, database, tmp_path):
    """F6: the channel is left alone meanwhile, and said to be down; then everything arrives, once."""
    async with Town(tmp_path, database, PEOPLE) as town:
        await town.first_sight()
        program = await town.start()
        await program.ready()
        town.storm("broken", channel)
        town.talk(2.0, random.Random(6), [one for one in town.people if one.channel != channel][:3])
        await asyncio.sleep(4.0)
        if channel == "telegram":
            await program.until("channel.down", channel=channel, patience=10)
        town.calm(channel)
        await town.quiet()
        over = time.monotonic()
        await town.settled()
        print(f"{channel}: drained {time.monotonic() - over:.1f} s after the end")
        assert time.monotonic() - over < 60
        assert program.count("channel.back", channel=channel) == program.count("channel.down", channel=channel)
        assert not overview(town).away
        assert await program.stop() < 8
        found = figures.count(town)
        figures.hold(found, figures.Kills(), town)
        assert not found.doubled
        assert not found.uncertain


@pytest.mark.wire
async def test_answers_that_are_lost_double_at_most_and_twice_lost_is_shown_as_uncertain(database, tmp_path):
    """F7: taken, and the connection drops before the answer; on every channel."""
    async with Town(tmp_path, database, SMALL) as town:
        await town.first_sight()
        program = await town.start()
        await program.ready()
        for box in town.sandboxes.values():
            box.fail("lost", 2)
        for reader in (AMINA, CHLOE, BRUNO):
            town.sandboxes[reader.channel].fail("lost", 2, reader.name)
        town.talk(2.0, random.Random(7))
        await asyncio.sleep(3.0)
        await town.quiet()
        await town.settled()
        assert await program.stop() < 8
        found = figures.count(town)
        print(found)
        assert not found.wrong
        assert not found.lost
        assert not found.thrice
        assert not found.disorder
        assert found.doubled, "what was lost is repeated once"
        uncertain = [one for one in overview(town).letters if "may have arrived" in one.why]
        assert uncertain, "and what was lost twice is left to somebody's decision, visibly"
        assert len(uncertain) == town.rows("SELECT COUNT(*) FROM parcel WHERE state = 'uncertain'")[0][0]


def resident(program) -> int:
    """The memory of a program, in MB."""
    lines = Path(f"/proc/{program.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:"))


@pytest.mark.wire
async def test_a_server_that_answers_slowly_slows_nobody_else_and_fills_no_memory(database, tmp_path):
    """F8: four seconds an answer on one channel; the others are as quick as before."""
    async with Town(tmp_path, database, SMALL) as town:
        town.configure(telegram={"answer_within": "60 seconds"})
        await town.first_sight()
        program = await town.start()
        await program.ready()
        chance = random.Random(8)
        town.talk(5.0, chance, (BILAL, CHLOE))
        began = time.monotonic()
        await asyncio.sleep(3.0)
        before, memory = town.delays(DINA, began), resident(program)
        town.sandboxes["telegram"].latency = 4.0
        began = time.monotonic()
        await asyncio.sleep(9.0)
        after, grown = town.delays(DINA, began), resident(program) - memory
        town.sandboxes["telegram"].latency = 0.0
        await town.quiet()
        await town.settled()
        assert await program.stop() < 8
        p95, usual = after[int(len(after) * 0.95)], before[int(len(before) * 0.95)]
        print(f"p95 elsewhere: {usual * 1000:.0f} ms before, {p95 * 1000:.0f} ms meanwhile; memory {grown:+} MB")
        assert p95 < max(0.5, 3 * usual)
        assert grown < 50
        figures.hold(figures.count(town), figures.Kills(), town)
