"""Signal's separate listener: it outlives the bot; what the service drops while it is away is counted, and told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.torture import figures
from tests.torture.test_kill import seeded
from tests.torture.town import LINE, PATIENCE, Person, Town

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
        assert await program.stop() < 8
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
        assert await program.stop() < 8
        told = [one.text for one in town.device(PEOPLE[1])]
        print(told)
        assert sum("Signal" in words for words in told) == 1, "each member is told once"
        assert town.rows("SELECT COUNT(*) FROM inbound WHERE outcome = 'gap'")[0][0] == 1
        shown = " ".join(one.text for one in town.device(PEOPLE[0]))
        assert after in shown
        assert not any(line in shown for line in heard_not), "what was dropped cannot arrive"
        assert not any("Signal" in one.text and "outage" in one.text for one in town.device(PEOPLE[0]))


# A notice whose two tries both ended in a kill may have arrived or not, and is shown so.
IN_DOUBT = """
    SELECT COUNT(*) FROM parcel p JOIN address a ON a.id = p.address_id
    WHERE p.kind = 'notice' AND p.state = 'uncertain' AND a.name = :name
"""


@dataclass
class Heard:
    """What was said on Signal: when, and whether the service had anybody to give it to."""

    said: dict[str, tuple[float, float]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    async def talk(self, town: Town, chance: random.Random) -> None:
        """One after the other, so that it is known which line the service dropped."""
        signal = town.sandboxes["signal"]
        while True:
            await asyncio.sleep(chance.uniform(0.0, 0.04))
            before, count = time.time(), signal.dropped
            line = await town.say(chance.choice(PEOPLE[1:]))
            self.said[line] = (before, time.time())
            if signal.dropped > count:
                self.dropped.add(line)


def gaps(town: Town) -> list[tuple[float, float]]:
    """From when to when nobody listened, as the bot knows it."""
    rows = town.rows("SELECT raw FROM inbound WHERE outcome = 'gap' ORDER BY id")
    found = [json.loads(bytes(raw)[bytes(raw).index(b"{") :])["gap"] for (raw,) in rows]
    return [(one["since"], one["until"]) for one in found]


def within(moments: tuple[float, float], among: list[tuple[float, float]]) -> bool:
    return any(since <= moments[1] and moments[0] <= until for since, until in among)


async def at_rest(town: Town) -> None:
    """Until the spool is empty and everything that came out of it has had its end."""
    end, calm = time.monotonic() + PATIENCE, 0
    while calm < 10:
        assert time.monotonic() < end, (town.spool.stat().st_size, town.under_way(), town.stuck())
        calm = calm + 1 if not town.spool.stat().st_size and not any(town.under_way()) else 0
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("kills", "bot_too"),
    [
        pytest.param(4, False, marks=pytest.mark.wire),
        pytest.param(30, False, marks=pytest.mark.torture),
        pytest.param(30, True, marks=pytest.mark.torture),
    ],
)
async def test_a_listener_killed_again_and_again_loses_only_what_a_gap_that_is_told_covers(kills, bot_too, tmp_path):
    """Everything else arrives exactly once, whether or not the bot is killed as well."""
    chance, heard, killed = seeded(), Heard(), figures.Kills()
    async with Town(tmp_path, f"sqlite:///{tmp_path}/filcommun.db", PEOPLE) as town:
        program = await town.start("--gap", "0.05")
        await program.ready(2)
        talking = asyncio.create_task(heard.talk(town, chance))
        deaths = []
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            await town.deafen()
            deaths.append(time.time())
            if bot_too and chance.random() < 0.5:
                await program.kill()
                killed.note(town)
                program = await town.start("--gap", "0.05")
            await asyncio.sleep(chance.uniform(0.0, 0.5))
            await town.listen()
        await asyncio.sleep(0.5)
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talking
        await program.ready(2)
        await at_rest(town)
        assert await program.stop() < 8

        known = gaps(town)
        if not bot_too:  # a bot that starts listens at once: there may be nothing to note
            assert len(known) == kills, "each absence is noted, once"
        for since, until in known:
            assert any(death - 3.0 < since <= death < until for death in deaths), "not more than nobody listened"
        stored = Counter(LINE.search(words)[0] for (words,) in town.rows("SELECT text FROM message"))
        assert set(stored.values()) == {1}
        missing = [line for line in heard.said if line not in stored]
        assert heard.dropped <= set(missing)
        assert all(within(heard.said[line], known) for line in missing), "what is lost was said in a gap that is known"
        in_hand = len(missing) - len(heard.dropped)
        print(
            f"{len(heard.said)} lines; {kills} deaths of the listener: {len(heard.dropped)} dropped by the service,"
            f" {in_hand} given to a listener that died; {sum(until - since for since, until in known):.1f} s told"
        )
        assert heard.dropped, "the service did drop"
        for name in town.said:
            town.said[name] = [line for line in town.said[name] if line in stored]
        figures.hold(figures.count(town), killed, town)
        # Those that began within one second count as one: the real ones are two minutes long.
        absences = len({int(since) for since, _ in known})
        for member in PEOPLE[1:]:
            told = sum("Signal" in one.text for one in town.device(member))
            in_doubt = town.rows(IN_DOUBT, name=member.name)[0][0]
            assert absences - in_doubt <= told <= absences + sum(killed.per_kill), (
                "each is told to who was active there"
            )
