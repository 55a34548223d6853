"""kill -9 in the middle of a mail to two hundred mailboxes: at most one mail in doubt for each connection (facts F1)."""

from __future__ import annotations

import asyncio
import time

import pytest

from bridges.email.bridge import CAN
from tests.torture import figures
from tests.torture.test_kill import seeded
from tests.torture.town import PATIENCE, Person, Town

MAILBOXES = 200
AMINA = Person("amina", "telegram")
CROWD = (AMINA, *(Person(f"mailbox {number}", "email") for number in range(MAILBOXES)))


@pytest.mark.parametrize(
    "kills", [pytest.param(3, marks=pytest.mark.wire), pytest.param(40, marks=pytest.mark.torture)]
)
async def test_a_kill_in_a_fan_out_by_mail_leaves_at_most_one_mail_in_doubt_per_connection(kills, url, tmp_path):
    """Some of the kills meet the same mails again, just when what was in doubt is being repeated."""
    chance = seeded()
    async with Town(tmp_path, url, CROWD) as town:
        await town.first_sight()
        killed = figures.Kills()
        hit = 0
        for number in range(kills):
            program = await town.start()
            # Anew, or into what the last kill left; the first is in the middle of the first, by construction.
            if not number or chance.random() < 0.6:
                await program.ready(2)
                await town.settled()
                taken = await mails(town, 0)
                await town.say(AMINA)
                await mails(town, taken + chance.randint(20, MAILBOXES - 40))
            else:
                await mails(town, await mails(town, 0) + chance.randint(1, 40), patience=3.0)
            await program.kill()
            killed.note(town)
            under_way = killed.per_kill[-1]
            assert under_way <= CAN.connections
            hit += under_way > 1
        program = await town.start()
        await program.ready(2)
        await town.settled()
        assert await program.stop() < 8
        found = figures.count(town)
        figures.hold(found, killed, town)
        print(f"{kills} kills, {hit} of them with several mails under way")
        assert hit, "it was hit where it works on many connections"
        assert found.deliveries == len(town.said["amina"]) * MAILBOXES


async def mails(town: Town, number: int, patience: float = PATIENCE) -> int:
    """Wait until the relay has taken so many (or for so long); how many it has."""
    end = time.monotonic() + patience
    while town.sandboxes["email"].taken < number and time.monotonic() < end:
        await asyncio.sleep(0.001)
    return town.sandboxes["email"].taken
