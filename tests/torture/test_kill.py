"""kill -9, again and again, while people on three networks talk; counted at their devices (facts F1, F2)."""

from __future__ import annotations

import asyncio
import os
import random
import secrets

import pytest

from tests import databases
from tests.torture import figures
from tests.torture.town import Town

#: Where it is killed by name: after fetching, before the commit, after the commit and before the acknowledgement, after
#: marking and before sending, after sending and before settling.
POINTS = ("inbound.fetched", "store.committing", "inbound.accepted", "parcel.leaving", "parcel.accepted")

#: Lines a second and person: eight people make some two hundred deliveries a second of them.
RATE = 3.0


async def campaign(town: Town, kills: int, chance: random.Random, points: tuple[str, ...]) -> figures.Kills:
    """Kill so often at random, and once at each point; then let it do what is left."""
    ways = ["", *[""] * (kills - 1), *points]
    chance.shuffle(ways)
    killed = figures.Kills()
    await town.first_sight()
    town.talk(RATE, chance)
    for number, point in enumerate(ways):
        if point:
            program = await town.start("--die", point, str(chance.randint(1, 12)))
            await program.ended()
        else:
            program = await town.start()
            if chance.random() < 0.8:
                await program.ready(chance.randint(1, 3))
            await asyncio.sleep(chance.uniform(0.0, 0.9))
            await program.kill()
        assert program.process.returncode == -9, (point, program.process.returncode, program.events[-3:])
        killed.note(town)
        if number % 50 == 49:
            await _drained(town, killed)
            town.talk(RATE, chance)
    await _drained(town, killed)
    return killed


async def _drained(town: Town, killed: figures.Kills) -> None:
    """Nobody talks; the program does what is left, and ends when it is asked to."""
    await town.quiet()
    program = await town.start()
    await program.ready()
    await town.settled()
    assert await program.stop() < 8
    assert program.process.returncode == 0
    with town.engine.connect() as connection:
        assert not figures.sending(connection)


def seeded() -> random.Random:
    seed = int(os.environ.get("TORTURE_SEED", secrets.randbelow(10**9)))
    print(f"TORTURE_SEED={seed}")
    return random.Random(seed)


@pytest.mark.wire
async def test_kill_9_loses_nothing_and_doubles_only_what_was_being_sent(url, tmp_path):
    """F1 and F2: ten times at random and once at each named point, under load on all channels."""
    chance = seeded()
    async with Town(tmp_path, url, latency=0.02) as town:
        killed = await campaign(town, 10, chance, POINTS)
        figures.hold(figures.count(town), killed, town)
        assert town.sandboxes["signal"].dropped == 0


@pytest.mark.torture
@pytest.mark.parametrize("kind", databases.KINDS)
async def test_two_hundred_kills_lose_nothing(kind, tmp_path):
    """F1 and F2: 180 at random, each named point four times."""
    databases.demand(kind)
    chance = seeded()
    with databases.made(kind, tmp_path) as address:
        async with Town(tmp_path, address, latency=0.02) as town:
            killed = await campaign(town, 180, chance, POINTS * 4)
            figures.hold(figures.count(town), killed, town)
            assert town.sandboxes["signal"].dropped == 0
