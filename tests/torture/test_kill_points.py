"""kill -9 at each named point of one message's life, and exactly what that means for it (facts F2)."""

from __future__ import annotations

import pytest

from tests.torture import figures
from tests.torture.test_kill import POINTS
from tests.torture.town import Person, Town

PEOPLE = (Person("amina", "telegram"), Person("chloe", "signal"), Person("bruno", "email"))


@pytest.mark.parametrize(
    "shift",
    [
        pytest.param(0, marks=pytest.mark.wire),
        pytest.param(1, marks=pytest.mark.torture),
        pytest.param(2, marks=pytest.mark.torture),
    ],
)
async def test_a_message_survives_a_kill_at_every_point_of_its_life(shift, tmp_path):
    """F2: until something has left, nobody gets it twice; then, only what had left is doubled. Authors take turns."""
    async with Town(tmp_path, f"sqlite:///{tmp_path}/filcommun.db", PEOPLE) as town:
        await town.first_sight()
        killed = figures.Kills()
        program = await town.start("--die", POINTS[0], "1", "--wait")
        await program.ready()
        for number, point in enumerate(POINTS):
            author = PEOPLE[(number + shift) % 3]
            await program.arm()
            line = await town.say(author)
            assert await program.ended() == -9, point
            killed.note(town)
            marked = killed.per_kill[-1]
            if point in ("inbound.fetched", "store.committing"):
                assert not marked, "nothing is owed before the commit"
            # Whoever comes next does what this one left, and then waits for a death of its own.
            program = await town.start("--die", POINTS[(number + 1) % len(POINTS)], "1", "--wait")
            await program.ready()
            await town.settled()
            copies = [sum(line in one.text for one in town.device(reader)) for reader in PEOPLE if reader is not author]
            print(author.channel, point, "marked:", marked, "copies:", copies)
            if point == "parcel.accepted":
                assert max(copies) == 2, "what was taken and not settled is sent once more"
                assert min(copies) >= 1
            else:
                assert copies == [1, 1], point
        assert await program.stop() < 8
        figures.hold(figures.count(town), killed, town)
        assert not town.rows("SELECT 1 FROM parcel WHERE state = 'uncertain'")
