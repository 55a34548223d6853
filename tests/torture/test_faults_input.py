"""What arrives is poison or nonsense: it becomes a dead letter, and the next item is handled (facts F17, F20)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from tests.torture import figures
from tests.torture.town import Person, Town

PEOPLE = (
    Person("amina", "telegram"), Person("bilal", "telegram"), Person("chloe", "signal"), Person("bruno", "email"),
)  # fmt: skip
AMINA, BILAL, CHLOE, BRUNO = PEOPLE


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path}/filcommun.db"


def failed(town: Town) -> list[tuple[str, str]]:
    return [tuple(row) for row in town.rows("SELECT channel, outcome FROM inbound WHERE state = 'failed' ORDER BY id")]


@pytest.mark.parametrize(
    "author",
    [
        pytest.param(AMINA, id="telegram", marks=pytest.mark.wire),
        pytest.param(CHLOE, id="signal", marks=pytest.mark.torture),
        pytest.param(BRUNO, id="email", marks=pytest.mark.torture),
    ],
)
async def test_an_item_that_ends_the_program_is_put_aside_after_three_tries(author, url, tmp_path):
    """F17: whatever starts the program again gets it going; nobody else's words are blamed."""
    async with Town(tmp_path, url, PEOPLE) as town:
        await town.first_sight()
        program = await town.start("--poison", "mordor")
        await program.ready()
        for one in PEOPLE:
            await town.say(one)
        await town.settled()
        poison = await town.say(author, " mordor exits")
        for one in PEOPLE:
            await town.say(one)
        lives = 1
        while not failed(town):
            if program.process.returncode is not None or await _ends(program):
                assert program.process.returncode == 70
                lives += 1
                assert lives < 8
                program = await town.start("--poison", "mordor")
        town.said[author.name].remove(poison)
        await town.settled()
        assert failed(town) == [(author.channel, "fault")]
        tries = sum(one.count("test.poison") for one in town.programs)
        print(f"{author.channel}: tried {tries} times, {lives} lives")
        assert tries <= 3
        assert await program.stop() < 8
        found = figures.count(town)
        assert not found.wrong, found.wrong
        assert not found.lost, found.lost
        assert not found.disorder


async def _ends(program) -> bool:
    """Wait a moment; True if it has ended."""
    await asyncio.sleep(0.05)
    return program.process.returncode is not None


@pytest.mark.wire
async def test_an_item_whose_handling_raises_is_a_dead_letter_and_the_next_ones_are_handled(url, tmp_path):
    """F17: three tries, then it is set aside; nothing waits for it."""
    async with Town(tmp_path, url, PEOPLE) as town:
        await town.first_sight()
        program = await town.start("--poison", "mordor")
        await program.ready()
        poison = await town.say(AMINA, " mordor raises")
        after = [await town.say(one) for one in PEOPLE]
        town.said["amina"].remove(poison)
        await town.settled()
        assert failed(town) == [("telegram", "fault")]
        assert program.count("test.poison") == 3
        assert await program.stop() < 8
        figures.hold(figures.count(town), figures.Kills(), town)
        assert after[0] in " ".join(one.text for one in town.device(BILAL))


def parser_of(program) -> int:
    """The process id of a program's parser of mails."""
    children = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text().split()
    return next(int(pid) for pid in children if b"bridges.email.parser" in Path(f"/proc/{pid}/cmdline").read_bytes())


@pytest.mark.wire
async def test_a_parser_that_never_comes_back_from_a_mail_is_replaced(database, tmp_path):
    """F17: stopped by a signal in the place of an endless search; killed after its time, and the next mail is read."""
    async with Town(tmp_path, database, PEOPLE) as town:
        await town.first_sight()
        program = await town.start("--parser", "1.5")
        await program.ready()
        await town.say(BRUNO)
        await town.settled()
        first = parser_of(program)
        os.kill(first, signal.SIGSTOP)
        poison = await town.say(BRUNO)
        meanwhile = await town.say(AMINA)
        while meanwhile not in " ".join(one.text for one in town.device(BILAL)):
            await asyncio.sleep(0.01)
        assert not failed(town), "nobody else waits for it"
        town.said["bruno"].remove(poison)
        while not failed(town):
            await asyncio.sleep(0.05)
        await town.say(BRUNO)
        await town.settled()
        assert failed(town) == [("email", "unreadable")]
        assert parser_of(program) != first
        assert await program.stop() < 8
        found = figures.count(town)
        assert not found.wrong, found.wrong
        assert not found.lost, found.lost


@pytest.mark.wire
async def test_nonsense_on_every_channel_stops_nothing(url, tmp_path):
    """F20: malformed, unknown, duplicated and reordered: kept or dropped, counted, and the next words arrive."""
    async with Town(tmp_path, url, PEOPLE) as town:
        await town.first_sight()
        program = await town.start()
        await program.ready()
        telegram, post = town.sandboxes["telegram"], town.sandboxes["email"]
        await town.say(AMINA)
        await town.settled()
        world = telegram.world
        known = world.chat_of("amina")
        message = world.add(known, world.human("amina"), {"text": "line amina-1 is said."})
        town.said["amina"].append("amina-1")
        number = 700_000
        strange = [
            {"update_id": number + 3, "message": message},
            {"update_id": number + 1, "something_new": {"a": [1, 2]}},
            {"update_id": number + 3, "message": message},
            {"update_id": number + 2, "message": {"message_id": "seven", "chat": 7}},
            {"update_id": number + 4, "message": {"chat": {"id": None}}},
            {"update_id": number + 5},
            {"update_id": number + 6, "message": [1, 2, 3]},
            {"update_id": number + 7, "callback_query": {"id": 1, "from": {}, "data": None}},
            {
                "update_id": number + 8,
                "message": {"message_id": 1, "chat": {"id": "\ud800\0"}, "media_group_id": "\ud800"},
            },
        ]
        world.updates.extend(strange)
        world.skip_to(number + 20)
        world.arrived.set()
        said = {"timestamp": 1, "message": "x"}
        half = {"sourceUuid": "\ud800", "timestamp": 1, "dataMessage": said}
        nowhere = {"sourceUuid": "a", "timestamp": 1, "dataMessage": said | {"groupInfo": {"groupId": "\ud800"}}}
        for text in (
            '{"envelope": tru', "[]", "null", "7", '{"envelope": {"sourceUuid": 7}}', "\u0000", "{}" * 1000,
            json.dumps({"envelope": half}), json.dumps({"envelope": nowhere}),
            '{"group": {}}', '{"group": {"id": 1, "members": "x"}}', '{"gap": {"since": 2, "until": 1}}',
        ):  # fmt: skip
            await town.sandboxes["signal"].server.push_text(text)
        for raw in (b"", b"\xff\xfe\x00garbage", b"From: \r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\n--\r\n"):
            await post.deliver(raw, sender="bruno@membres.example")
        after = [await town.say(one) for one in PEOPLE]
        await town.settled()
        ended = town.rows("SELECT channel, state, outcome, COUNT(*) FROM inbound GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
        print([tuple(row) for row in ended])
        assert not program.count("channel.fault")
        assert not program.count("channel.down")
        assert town.rows("SELECT COUNT(*) FROM inbound WHERE state IN ('failed', 'held')")[0][0] > 3
        assert await program.stop() < 8
        figures.hold(figures.count(town), figures.Kills(), town)
        assert after[0] in " ".join(one.text for one in town.device(BILAL))
