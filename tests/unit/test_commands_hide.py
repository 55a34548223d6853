"""HIDE, as a reply: asked once more, done for everyone, told to the author, written down."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


@pytest.fixture
async def hall(circle):
    """A room with Amina, Bruno and Eve, who has not joined; Chloé reads in private, Dora by mail."""
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    return circle


def last(ground, who, room=""):
    return [one for one in ground.box(who).seen(who, room) if one.raw is not None][-1]


async def state(ground, text):
    return (await ground.rows("SELECT state FROM message WHERE text = :text", text=text))[0].state


async def test_an_organizer_hides_what_they_answer_after_a_second_word(hall):
    await hall.says("Chloé", "Cheap watches")
    shown = last(hall, "Amina", "hall")
    await hall.says("Amina", "/hide", room="hall", reply_to=shown.id)
    assert "Cheap watches" in last(hall, "Amina").text
    assert await state(hall, "Cheap watches") == "visible"
    await hall.says("Amina", "yes")
    assert await state(hall, "Cheap watches") == "removed"
    assert [one.deleted for one in hall.box("Amina").seen("Amina", "hall") if one.id == shown.id] == [True]
    assert last(hall, "Amina").text.endswith("1 reader has it in a mail, which cannot be called back.")


async def test_the_author_is_told_who_took_it_back_and_what_to_do(hall):
    await hall.says("Chloé", "Cheap watches")
    await hall.says("Amina", "/hide", room="hall", reply_to=last(hall, "Amina", "hall").id)
    await hall.says("Amina", "yes")
    assert last(hall, "Chloé").text.startswith("Amina has taken this message of yours back")
    assert "CONTACT" in last(hall, "Chloé").text


async def test_it_is_written_down_who_hid_what(hall):
    await hall.says("Chloé", "Cheap watches")
    await hall.says("Amina", "/hide", room="hall", reply_to=last(hall, "Amina", "hall").id)
    await hall.says("Amina", "yes")
    found = await hall.rows(
        "SELECT m.text, s.name FROM audit a JOIN message m ON m.id = a.subject_id"
        " JOIN membership s ON s.id = a.membership_id WHERE a.act = 'hidden'"
    )
    assert [tuple(one) for one in found] == [("Cheap watches", "Amina")]


async def test_no_leaves_it_where_it_is(hall):
    await hall.says("Chloé", "Lovely watches")
    await hall.says("Amina", "/hide", room="hall", reply_to=last(hall, "Amina", "hall").id)
    await hall.says("Amina", "no")
    assert await state(hall, "Lovely watches") == "visible"


async def test_a_member_hides_nothing(hall):
    await hall.says("Chloé", "Cheap watches")
    await hall.says("Bruno", "/hide", room="hall", reply_to=last(hall, "Bruno", "hall").id)
    assert "Only the organizers" in last(hall, "Bruno").text
    assert await state(hall, "Cheap watches") == "visible"


async def test_of_lines_that_came_together_the_number_says_which(hall):
    hall.app.bus.outbox.closed("chat")
    for words in ("One", "Cheap watches", "Three"):
        await hall.box("Chloé").say("Chloé", words)
    while len(await hall.rows("SELECT id FROM message")) < 3:
        await asyncio.sleep(0.02)
    hall.app.bus.outbox.opened("chat")
    await hall.settled()
    shown = last(hall, "Amina", "hall").id
    await hall.says("Amina", "/hide", room="hall", reply_to=shown)
    assert "HIDE #" in last(hall, "Amina").text
    number = (await hall.rows("SELECT number FROM message WHERE text = 'Cheap watches'"))[0].number
    await hall.says("Amina", f"/hide #{number}", room="hall", reply_to=shown)
    await hall.says("Amina", "yes")
    assert (await state(hall, "One"), await state(hall, "Cheap watches")) == ("visible", "removed")
    assert await state(hall, "Three") == "visible"


async def test_by_mail_the_letter_that_is_answered_is_hidden(hall):
    await hall.enter("Paula", channel="post", role="organizer")
    await hall.says("Chloé", "Cheap watches")
    await hall.says("Paula", "masquer", reply_to=last(hall, "Paula").id)
    await hall.says("Paula", "oui", reply_to=last(hall, "Paula").id)
    assert await state(hall, "Cheap watches") == "removed"


async def test_where_it_was_written_in_a_room_the_organizer_is_told_that_it_stands_there(hall):
    await hall.says("Bruno", "Cheap watches", room="hall")
    await hall.says("Amina", "/hide", room="hall", reply_to=hall.last)
    await hall.says("Amina", "yes")
    assert "Where it was written, in hall, it stands until it is deleted there." in last(hall, "Amina").text
