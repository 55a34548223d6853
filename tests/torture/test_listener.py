"""Signal's separate listener: it outlives the bot; what the service drops while it is away is counted, and told."""

from __future__ import annotations

import asyncio

import pytest

from tests.torture import figures
from tests.torture.town import Person, Town

PEOPLE = (Person("amina", "telegram"), Person("chloe", "signal"), Person("dina", "signal"))


@pytest.mark.wire
async def test_what_is_said_on_signal_while_the_bot_is_dead_arrives(tmp_path):
    async with Town(tmp_path, f"sqlite:///{tmp_path}/filcommun.db", PEOPLE) as town:
        killed = figures.Kills()
        for _ in range(3):
            program = await town.start()
            await program.ready(2)
            await town.say(PEOPLE[1])
            await program.kill()
            killed.note(town)
            for _ in range(5):
                await town.say(PEOPLE[1])
                await town.say(PEOPLE[2])
        program = await town.start()
        await program.ready(2)
        await town.settled()
        assert await program.stop() < 10
        assert town.sandboxes["signal"].dropped == 0
        figures.hold(figures.count(town), killed, town)


@pytest.mark.wire
async def test_what_the_service_drops_while_nobody_listens_is_counted_and_told(tmp_path):
    async with Town(tmp_path, f"sqlite:///{tmp_path}/filcommun.db", PEOPLE) as town:
        program = await town.start("--gap", "0.5")
        await program.ready(2)
        await town.say(PEOPLE[1])
        await town.settled()
        await program.kill()
        await town.deafen()
        await asyncio.sleep(1.0)
        heard_not = [await town.say(PEOPLE[1]) for _ in range(4)]
        assert town.sandboxes["signal"].dropped == len(heard_not)
        await town.listen()
        program = await town.start("--gap", "0.5")
        await program.ready(2)
        after = await town.say(PEOPLE[1])
        await town.settled()
        await program.until("signal.gap")
        while not any("Signal" in one.text for one in town.device(PEOPLE[1])):
            await asyncio.sleep(0.05)
        assert await program.stop() < 10
        told = [one.text for one in town.device(PEOPLE[1])]
        print(told)
        assert sum("Signal" in words for words in told) == 1, "each member is told once"
        assert town.rows("SELECT COUNT(*) FROM inbound WHERE outcome = 'gap'")[0][0] == 1
        shown = " ".join(one.text for one in town.device(PEOPLE[0]))
        assert after in shown
        assert not any(line in shown for line in heard_not), "what was dropped cannot arrive"
        assert not any("Signal" in one.text and "outage" in one.text for one in town.device(PEOPLE[0]))
