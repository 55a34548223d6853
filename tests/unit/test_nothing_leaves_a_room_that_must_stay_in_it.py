"""What stays in a room: commands that post, quotes of another community and words changed later go by the same gate."""

from __future__ import annotations

import time

import pytest

from bot.core import communities, relay, threads
from bot.core.relay import Post
from bot.text.rich import Rich
from tests.unit import commands_ground
from tests.unit.commands_ground import run, sql

circle, migrated = commands_ground.circle, commands_ground.migrated

NEW = "/new: Autumn picnic\nBring blankets"


@pytest.fixture
async def hall(circle):
    """A room with Amina and Bruno; Chloé reads in private, Dora by mail."""
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room", room="hall")
    return circle


def line(ground, who, text, room="hall"):
    """The message on a device, or in a room, that says this."""
    return next(one for one in reversed(ground.box(who).seen(who, room)) if text in one.text)


async def threads_called(ground, title):
    return await ground.rows("SELECT id FROM thread WHERE title = :title", title=title)


# NEW


@pytest.mark.parametrize("before", ["not me", "/room in"])
async def test_new_posts_nothing_where_words_stay_and_says_so(hall, before):
    await hall.says("Bruno" if before == "not me" else "Amina", before, room="hall")
    await hall.says("Bruno", NEW, room="hall")
    assert not any("blankets" in one for one in hall.seen("Chloé"))
    assert "stays in it" in hall.seen("Bruno")[-1]
    assert await threads_called(hall, "Autumn picnic") == []


async def test_new_posts_nothing_before_the_hour_the_notice_names(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "E1", "E2", "E3", "E4", "E5"])
    await circle.says("Amina", "/room", room="hall")
    await circle.says("Bruno", NEW, room="hall")
    assert circle.seen("Chloé") == []
    assert await threads_called(circle, "Autumn picnic") == []


async def test_new_posts_in_a_room_that_gives(hall):
    await hall.says("Bruno", NEW, room="hall")
    assert any("blankets" in one for one in hall.seen("Chloé"))


# A group that was a room of others


async def now_of_the_choir(hall):
    await hall.write(lambda c: communities.found(c, hall.app.house, "choir", "Choir", "en", "Europe/Paris"))
    await hall.enter("Otto", role="organizer", slug="choir")
    await hall.enter("Zoe", slug="choir")
    hall.boxes["chat"].join("Otto", "hall")
    await hall.says("Amina", "/room off", room="hall")
    await hall.says("Otto", "/room now", room="hall")


async def test_an_answer_to_a_line_of_the_community_before_carries_nothing_of_it(hall):
    await hall.says("Chloé", "The code of the door is 4711")
    secret = line(hall, "Amina", "4711")
    await now_of_the_choir(hall)
    await hall.says("Otto", "I agree", room="hall", reply_to=secret.id)
    assert "I agree" in hall.seen("Zoe")[-1]
    assert not any("4711" in one for one in hall.seen("Zoe"))
    assert not any("I agree" in one for one in hall.seen("Chloé"))
    strays = "SELECT m.id FROM message m JOIN thread t ON t.id = m.thread_id WHERE m.community_id <> t.community_id"
    assert await hall.rows(strays) == []


async def test_no_message_gets_into_a_thread_of_another_community(hall):
    await hall.says("Chloé", "Hello")

    def post(connection):
        other = communities.found(connection, hall.app.house, "choir", "Choir", "en", "Europe/Paris")
        thread = run(connection, sql("SELECT thread_id FROM message")).scalar_one()
        assert threads.thread(connection, thread).community_id != other
        relay.post(connection, Post(other, thread, Rich("Stray"), "Zoe"))

    with pytest.raises(LookupError):
        await hall.write(post)


# Words changed later


async def changed(hall, *, by="Bruno", first, room):
    """An earlier line is given other words; Dora's mail, which has not left yet, leaves."""
    await hall.box(by).edit(by, first, "Other words", room=room)
    await hall.settled()
    await due(hall)
    return hall.seen("Dora")


async def due(ground):
    """Whatever waits for its hour leaves now."""
    now = time.time()
    await ground.write(lambda c: run(c, sql("UPDATE parcel SET due_at = :now WHERE state = 'due'"), {"now": now}))
    await ground.write(lambda c: run(c, sql("UPDATE lane SET due_at = :now WHERE due_at IS NOT NULL"), {"now": now}))
    ground.app.bus.outbox.wake()
    await ground.settled()


@pytest.fixture
async def waits(hall):
    """Bruno said something in the room and in private, which Dora has not got yet."""
    await hall.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))
    await hall.says("Bruno", "Good morning all", room="hall")
    in_room = hall.last
    await hall.says("Bruno", "Good morning from home")
    return {"hall": in_room, "": hall.last}


@pytest.mark.parametrize("room", ["hall", ""])
async def test_who_was_removed_changes_nothing_any_more(hall, waits, room):
    await hall.says("Amina", "remove Bruno")
    await hall.says("Amina", "yes")
    assert not any("Other words" in one for one in await changed(hall, first=waits[room], room=room))


async def test_who_is_being_forgotten_changes_nothing_any_more(hall, waits):
    await hall.says("Bruno", "forgetme")
    await changed(hall, first=waits[""], room="")
    assert await hall.rows("SELECT id FROM message WHERE text = 'Other words'") == []


@pytest.mark.parametrize("command", ["/room off", "/room in"])
async def test_words_changed_in_a_group_that_gives_nothing_any_more_do_not_leave(hall, waits, command):
    await hall.says("Amina", command, room="hall")
    assert not any("Other words" in one for one in await changed(hall, first=waits["hall"], room="hall"))
    assert await hall.rows("SELECT id FROM message WHERE text = 'Other words'") == []


@pytest.mark.parametrize("room", ["hall", ""])
async def test_words_changed_by_a_member_leave_as_they_are_now(hall, waits, room):
    assert any("Other words" in one for one in await changed(hall, first=waits[room], room=room))
