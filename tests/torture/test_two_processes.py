"""Two programs on one database: refused on a SQLite file; on PostgreSQL they share the work, and one may die (facts F27)."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from tests import databases
from tests.torture import figures, start
from tests.torture.town import Person, Town


@pytest.mark.wire
async def test_a_second_program_on_a_sqlite_file_is_refused_within_two_seconds(tmp_path):
    """F27, on SQLite."""
    people = (Person("amina", "telegram"), Person("bilal", "telegram"))
    async with Town(tmp_path, f"sqlite:///{tmp_path}/filcommun.db", people) as town:
        first = await town.start()
        await first.ready(1)
        # What Python needs to come up is not the program's doing: it is measured on the same machine at the same moment.
        second = await town.start()
        began = time.monotonic()
        assert await second.ended() == start.REFUSED
        took = time.monotonic() - began
        print(f"refused in {took:.2f} s")
        assert took < 2 + _start_up(first)
        await town.say(people[0])
        await town.settled()
        assert [one.text.count("amina-0") for one in town.device(people[1])] == [1], "the first one goes on"


def _start_up(program) -> float:
    """Seconds from the first line of a program to its channels: how slow this machine is now, above a second."""
    opened = next(one["at"] for one in program.events if one["event"] == "channel.open")
    return max(0.0, 5 * (opened - program.events[0]["at"]))


#: More readers than one process has hands for: what one leaves lying, the other takes.
CROWD = (
    Person("amina", "telegram"), Person("chloe", "signal"), Person("bruno", "email"),
    *(Person(f"reader{'abcdefghijklmnopqrstuvwxyz'[number]}", "signal") for number in range(24)),
)  # fmt: skip


@pytest.mark.wire
async def test_on_postgresql_two_work_at_once_and_the_work_of_one_that_dies_moves(tmp_path):
    """F27, on PostgreSQL; one of them is killed and never comes back."""
    databases.demand("postgres")
    chance = random.Random(27)
    with databases.made("postgres", tmp_path) as url:
        async with Town(tmp_path, url, CROWD, latency=0.05) as town:
            await town.first_sight()
            first = await town.start()
            await first.ready()
            second = await town.start()
            await second.ready()
            killed = figures.Kills()
            town.talk(2.0, chance, CROWD[:3])
            await second.until("parcel.sent", 20)
            await first.until("parcel.sent", 20)
            assert not second.count("inbound.accepted"), "one process listens to a channel"
            await first.kill()
            killed.note(town)
            died = time.monotonic()
            for channel in town.on:
                await second.until("inbound.accepted", channel=channel, patience=20)
            print(f"the lead moved within {time.monotonic() - died:.1f} s")
            await asyncio.sleep(1.0)
            await town.quiet()
            await town.settled()
            assert await second.stop() < 8
            figures.hold(figures.count(town), killed, town)
            left = town.rows("SELECT COUNT(*) FROM lane WHERE owner <> ''")[0][0]
            assert not left, f"{left} lanes are still in dead hands"
