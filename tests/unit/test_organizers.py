"""What organizers are told without asking: each where they are told, the same thing once a day, or in the room they named."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from bot.core import organizers
from bot.features import bulletins
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, linked, shown

circle, migrated = commands_ground.circle, commands_ground.migrated
PARIS = ZoneInfo("Europe/Paris")


async def change(circle, statement, **values):
    await circle.write(lambda connection: run(connection, sql(statement), values))


async def tell(circle, kind="trouble", **how):
    """Tell the organizers something; in how many places."""
    community = (await circle.rows("SELECT id FROM community"))[0].id
    channels = circle.app.house.channels
    number = await circle.write(
        lambda c: organizers.tell(
            c, channels, community, kind, lambda reader: ("", f"Trouble, {reader.language}"), **how
        )
    )
    circle.app.bus.outbox.wake()
    await circle.settled()
    return number


async def room(circle, *people):
    circle.box("Amina").room("Hall", ["Amina", *people])
    await circle.says("Amina", "/room now", room="Hall")
    await circle.says("Amina", "/room notices", room="Hall")


async def test_the_same_is_told_once_a_day_and_something_else_at_once(circle):
    await circle.enter("Eve", role="organizer", language="fr")
    assert [await tell(circle), await tell(circle), await tell(circle, "other")] == [2, 0, 2]
    assert circle.seen("Amina") == ["Trouble, en", "Trouble, en"]
    assert circle.seen("Eve") == ["Trouble, fr", "Trouble, fr"]
    await change(circle, "UPDATE chore SET done_at = done_at - 86401 WHERE name LIKE 'told:%'")
    assert await tell(circle) == 2


async def test_an_organizer_is_told_as_they_prefer_and_elsewhere_while_that_is_away(circle):
    await linked(circle, "Amina", "chat", "post")
    await by(circle, "chat", "Amina", "receive post")
    before = circle.seen("Amina")
    await tell(circle)
    assert circle.seen("Amina") == before
    assert shown(circle, "post", "Amina")[-1] == "Trouble, en"
    await change(circle, "UPDATE channel_state SET away_since = :at WHERE name = 'post'", at=time.time() - 700)
    await tell(circle, "other")
    assert circle.seen("Amina")[-1] == "Trouble, en"


async def test_with_nobody_to_tell_it_is_told_as_soon_as_there_is_somebody(circle):
    await change(circle, "UPDATE address SET status = 'unreachable' WHERE name = 'Amina'")
    assert await tell(circle) == 0
    await change(circle, "UPDATE address SET status = 'active' WHERE name = 'Amina'")
    assert await tell(circle) == 1


async def test_a_room_that_was_named_reads_it_instead_but_what_names_somebody(circle):
    await room(circle, "Bruno")
    before = circle.seen("Amina")
    assert await tell(circle) == 1
    assert circle.seen("Amina", "Hall")[-1] == "Trouble, en"
    assert circle.seen("Amina") == before
    assert await tell(circle, "person", alone=True) == 1
    assert circle.seen("Amina")[-1] == "Trouble, en"


@pytest.mark.parametrize("end", ["/room notices", "/room off"])
async def test_that_ends_when_it_is_said_again_and_with_the_room(circle, end):
    await room(circle)
    await circle.says("Amina", end, room="Hall")
    await tell(circle)
    assert circle.seen("Amina")[-1] == "Trouble, en"
    assert "Trouble, en" not in circle.seen("Amina", "Hall")


async def test_a_room_that_cannot_be_written_to_is_not_waited_for(circle):
    await room(circle)
    await change(circle, "UPDATE address SET status = 'gone' WHERE room")
    await tell(circle)
    assert circle.seen("Amina")[-1] == "Trouble, en"


async def test_only_an_organizer_names_one_and_only_one_of_our_rooms(circle):
    circle.box("Amina").room("Hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room notices", room="Hall")
    assert "not one of our rooms" in circle.seen("Amina")[-1]
    await circle.says("Amina", "/room now", room="Hall")
    await circle.says("Bruno", "/room notices", room="Hall")
    assert "Only the organizers" in circle.seen("Bruno")[-1]
    assert (await circle.rows("SELECT settings FROM community"))[0].settings in (None, "null")


# The note on Monday


async def note(circle, day, hour, minute=0):
    """What the clock does at this hour of March 2026; what Amina was told of it."""
    before = len(circle.seen("Amina"))
    with time_machine.travel(datetime(2026, 3, day, hour, minute, tzinfo=PARIS), tick=True):
        await circle.write(lambda c: bulletins.monday(c, circle.app.house))
        circle.app.bus.outbox.wake()
        await circle.settled()
    return circle.seen("Amina")[before:]


@pytest.fixture
async def founded(circle):
    """The circle, founded a year before."""
    await change(circle, "UPDATE community SET created_at = 0")
    return circle


async def test_the_note_comes_once_at_nine_on_monday_and_on_no_other_day(founded):
    assert await note(founded, 8, 12) == []
    assert await note(founded, 9, 8, 59) == []
    assert len(await note(founded, 9, 9)) == 1
    assert await note(founded, 9, 9, 1) == []
    assert await note(founded, 10, 9) == []
    assert len(await note(founded, 16, 9)) == 1


async def test_if_nobody_was_there_at_nine_it_comes_later_that_day_and_not_the_next(founded):
    assert len(await note(founded, 9, 17)) == 1
    assert await note(founded, 17, 9) == []


async def test_a_community_founded_on_monday_at_noon_gets_none_that_day(founded):
    at = datetime(2026, 3, 9, 12, tzinfo=PARIS).timestamp()
    await change(founded, "UPDATE community SET created_at = :at", at=at)
    assert await note(founded, 9, 13) == []


async def chore(circle, name, day, error=""):
    at = datetime(2026, 3, day, 4, tzinfo=PARIS).timestamp()
    await change(circle, "INSERT INTO chore (name, done_at, data) VALUES (:name, :at, :data)",
                 name=name, at=at, data=f'{{"error": "{error}"}}')  # fmt: skip


async def test_a_backup_that_failed_or_is_old_is_told(founded):
    await chore(founded, "backup", 9)
    await chore(founded, "proof", 7)
    (said,) = await note(founded, 9, 9)
    assert said.startswith("All is well: ")
    assert said.endswith("last backup: Monday 9 March at 4 am, last proof that one restores: Saturday 7 March at 4 am.")
    (said,) = await note(founded, 16, 9)
    assert "Last backup: Monday 9 March at 4 am\n" in said
    await change(founded, """UPDATE chore SET data = '{"error": "no space"}' WHERE name = 'backup'""")
    (said,) = await note(founded, 23, 9)
    assert "(the last try failed)" in said
    assert "no space" not in said


async def test_a_question_is_told_once_until_somebody_answers(founded):
    for words in ("Who has the key?", "And the cake?", "Not a question."):
        await founded.says("Amina", words)
    await founded.says("Bruno", "I have.", reply_to="")
    times = {"Who has the key?": (5, 10), "And the cake?": (5, 12), "Not a question.": (5, 13), "I have.": (5, 18)}
    for words, (day, hour) in times.items():
        at = datetime(2026, 3, day, hour, tzinfo=PARIS).timestamp()
        await change(founded, "UPDATE message SET created_at = :at WHERE text = :text", at=at, text=words)
    (said,) = await note(founded, 9, 9)
    assert "2 questions have had no answer for three days:\n“Who has the key?”\n“And the cake?”\n" in said
    await change(
        founded,
        "UPDATE message SET created_at = (SELECT q.created_at + 60 FROM message q WHERE q.text = 'And the cake?') WHERE text = 'I have.'",
    )
    await change(founded, "DELETE FROM chore")
    (said,) = await note(founded, 9, 9)
    assert "1 question has had no answer for three days:\n“Who has the key?”\n" in said
    (said,) = await note(founded, 16, 9)
    assert "no answer" not in said


# What could not go on


async def test_dead_letters_are_told_once_a_day_by_day_and_counted_from_the_last_time(circle):
    told = lambda: [one for one in circle.seen("Amina") if "could not go on" in one]  # noqa: E731

    async def look(hour):
        today = datetime.now(PARIS).replace(hour=hour, minute=30)
        with time_machine.travel(today, tick=True):
            await circle.write(lambda c: bulletins.letters(c, circle.app.house))
            circle.app.bus.outbox.wake()
            await circle.settled()

    await look(12)
    assert told() == []
    circle.box("Bruno").fail("refused", who="Bruno")
    await circle.says("Chloé", "Good evening")
    await look(3)
    assert told() == []
    for _ in range(2):
        await look(12)
    assert told() == ["1 message could not go on. STATE says which, and what can be done."]
    await change(circle, "UPDATE chore SET done_at = done_at - 86401 WHERE name LIKE 'told:%'")
    await change(circle, "UPDATE parcel SET settled_at = settled_at - 200000 WHERE state = 'failed'")
    await look(12)
    assert len(told()) == 1
