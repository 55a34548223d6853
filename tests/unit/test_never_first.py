"""Nobody is written to first where that is not done: whatever happens, no chat of anybody begins with the bot's words.

Held over the whole core: people the configuration names, people who are only in a room, strangers; every command there
is, by members and organizers, in private and in the room, and posts, moves and time in between.
"""

from __future__ import annotations

import random

import pytest
import time_machine

from bot.commands.catalogue import all_commands
from bot.core import communities
from store.statement import run, sql
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated

#: What is owed to somebody in private on a channel that cannot write first, from where nothing had come before.
FIRST = """
    SELECT d.id, d.kind, a.name FROM delivery d JOIN address a ON a.id = d.address_id JOIN parcel p ON p.id = d.parcel_id
    WHERE NOT a.room AND a.channel = 'chat' AND NOT EXISTS (
        SELECT 1 FROM inbound i WHERE i.channel = a.channel AND i.account = a.account AND i.lane = a.remote
          AND i.received_at <= p.created_at)
"""
#: Named in the configuration, and in a room or nowhere; they never write to the bot.
NAMED, IN_ROOM = ["Olga", "Igor"], ["Igor", "Nadia", "Tom"]
SPEAK = ["Amina", "Bruno", "Chloé"]
HALL = "the hall"
SAY = [
    "Good evening",
    "Shall we read Beloved?",
    "no",
    "yes",
    "3",
    "https://example.org/ look",
    "// only here",
    "oui",
    "#1 Yes",
]


@pytest.fixture
async def town(circle):
    """A community whose organizers the configuration names, with a room and people who have written."""
    box = circle.box("Amina")
    for name in SPEAK:
        await circle.says(name, "help")
    named = [f"chat:{box.person(name)}" for name in NAMED] + [f"post:{circle.boxes['post'].person('Oscar')}"]
    await circle.write(
        lambda connection: communities.found(
            connection, circle.app.house, "atelier", "Atelier", "en", "Europe/Paris", named
        )
    )
    await circle.enter("Amina", role="organizer", slug="atelier")
    await circle.enter("Bruno", "Chloé", slug="atelier")
    await circle.write(lambda c: run(c, sql("UPDATE membership SET status = 'removed' WHERE community_id = 1")))
    box.room(HALL, ["Amina", "Bruno", *IN_ROOM])
    await circle.settled()
    for text in ("/room", "/room now"):
        await circle.says("Amina", text, room=HALL)
    return circle


async def holds(town) -> None:
    """Nothing was owed to, and nothing reached, anybody who had not written before."""
    assert await town.rows(FIRST) == []
    for name in {*NAMED, *IN_ROOM, *SPEAK}:
        lines = town.boxes["chat"].seen(name)
        assert not lines or lines[0].mine, (name, lines[0].text)


async def test_the_named_are_waited_for_and_served_once_they_have_written(town):
    await town.says("Bruno", "Is anybody there?")
    await town.says("Chloé", "contact: Who has the keys?")
    await holds(town)
    assert town.boxes["chat"].seen("Olga") == []
    # A mailbox may be written to: its organizer got both.
    written = [one.text for one in town.boxes["post"].seen("Oscar")]
    assert any("keys" in text for text in written)
    town.on["Olga"] = "chat"
    assert len(await town.says("Olga", "help")) == 1
    await town.says("Bruno", "And now?")
    assert any(text.endswith("And now?") for text in town.seen("Olga"))
    await town.says("Chloé", "contact: And now?")
    assert any("writes to the organizers" in text for text in town.seen("Olga"))
    await holds(town)


async def test_somebody_named_who_speaks_in_the_room_is_not_written_to_in_private(town):
    town.on["Igor"] = "chat"
    for text in ("Good evening", "/help", "/who", "/state", "/members", "/pace daily"):
        await town.says("Igor", text, room=HALL)
    assert town.boxes["chat"].seen("Igor") == []
    await holds(town)


async def test_people_of_the_room_and_strangers_are_never_written_to_first(town):
    for name in ("Nadia", "Tom"):
        town.on[name] = "chat"
        for text in ("Hello", "/help", "/join ABC2-3DEF", "/contact Who are you?", "help"):
            await town.says(name, text, room=HALL)
        assert town.boxes["chat"].seen(name) == []
    await holds(town)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_said_and_done_nobody_is_written_to_first(town, seed):
    rng = random.Random(seed)
    commands = list(all_commands())
    said = [example for one in commands for example in one.example.values()] + [one.word("en") for one in commands]
    town.on |= dict.fromkeys([*NAMED, *IN_ROOM], "chat")
    box = town.boxes["chat"]
    with time_machine.travel(1_800_000_000 + seed, tick=True) as clock:
        for _ in range(45):
            who = rng.choice([*SPEAK, *SPEAK, *IN_ROOM])
            room = HALL if who in IN_ROOM or (who != "Chloé" and rng.random() < 0.4) else ""
            text = rng.choice(said if rng.random() < 0.7 else SAY)
            lines = [one for one in box.seen(who, room) if not one.mine]
            how = {"reply_to": rng.choice(lines).id} if lines and rng.random() < 0.3 else {}
            await town.says(who, f"/{text}" if room and rng.random() < 0.8 else text, room=room, **how)
            buttons = [one for one in lines if one.buttons]
            if buttons and rng.random() < 0.3:
                line = rng.choice(buttons)
                await box.press(who, line, rng.choice(line.buttons))
                await town.settled()
            if rng.random() < 0.1:
                clock.shift(rng.choice([700.0, 4_000.0, 90_000.0]))
                for job in town.app.clock.jobs:
                    await town.write(job.job)
                await town.settled()
    await holds(town)
