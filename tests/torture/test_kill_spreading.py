"""kill -9 between two chunks of a message for many: the rest is served by the next start (facts F1, F2)."""

from __future__ import annotations

import pytest

from tests.torture import figures
from tests.torture.town import Person, Town

CROWD = (
    Person("amina", "telegram"),
    *(Person(f"{channel} {number}", channel) for number in range(20) for channel in ("telegram", "signal", "email")),
)
CHUNK = 12


@pytest.mark.wire
async def test_a_kill_between_two_chunks_leaves_the_rest_to_the_next_start(url, tmp_path):
    """Killed before a chunk and in the middle of its transaction, while those served before are being sent."""
    async with Town(tmp_path, url, CROWD, latency=0.02) as town:
        await town.first_sight()
        killed = figures.Kills()
        for number, where in ((1, "before"), (2, "inside"), (2, "before")):
            program = await town.start("--chunk", str(CHUNK), "--die-spreading", str(number), where)
            if not town.said["amina"]:
                await program.ready()
                await town.say(CROWD[0])
            assert await program.ended() == -9
            killed.note(town)
            served = town.rows("SELECT COUNT(*) FROM delivery")[0][0]
            assert [tuple(row) for row in town.rows("SELECT state, spread_to FROM message")] == [
                ("spreading", served + 1)
            ], "everybody up to there, and the author"
            print(f"killed {where} chunk {number}: {served} of {len(CROWD) - 1} are owed")
        assert served == 3 * CHUNK - 1
        program = await town.start("--chunk", str(CHUNK))
        await program.ready()
        await town.settled()
        assert await program.stop() < 8
        assert [row[0] for row in town.rows("SELECT state FROM message")] == ["visible"]
        figures.hold(figures.count(town), killed, town)
