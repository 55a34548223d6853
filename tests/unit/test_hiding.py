"""Hiding: what has left is taken back or struck, what has not left stays, and nobody is quoted what is gone."""

from __future__ import annotations

import time

import pytest

from bot.core import hiding
from bot.core.outbox import Outbox
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


@pytest.fixture
async def hall(circle):
    """A room with Amina, Bruno and Eve, who has not joined; Chloé reads in private, Dora by mail."""
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    return circle


async def message(ground, text):
    return (await ground.rows("SELECT id FROM message WHERE text = :text", text=text))[0].id


async def hides(ground, text, **how):
    """Hide the message that says this."""
    found = await message(ground, text)
    work = how.pop("work", hiding.hide)
    how.setdefault("by", None) if work is hiding.hide else None
    done = await ground.write(lambda connection: work(connection, found, now=time.time(), **how))
    ground.app.bus.outbox.wake()
    await ground.settled()
    return done


def on(ground, who, room=""):
    """What a device shows of what the bot sent, as it stands now."""
    return [one for one in ground.box(who).seen(who, room) if one.raw is not None and not one.mine]


async def test_copies_are_taken_back_where_the_channel_allows_and_mails_are_counted(hall):
    await hall.says("Bruno", "Cheap watches", room="hall")
    done = await hides(hall, "Cheap watches")
    assert (done.withdrawn, done.recalled, done.past) == (0, 1, 1)
    assert on(hall, "Chloé")[-1].deleted
    assert "Cheap watches" in hall.seen("Dora")[-1]


async def test_what_is_too_old_to_take_back_is_struck_with_the_name_of_who_did_it(hall, monkeypatch):
    await hall.says("Bruno", "Cheap watches", room="hall")
    bridge = hall.bridges["chat"]
    monkeypatch.setattr(bridge, "can", commands_ground.replace(bridge.can, delete_within=0.0), raising=False)
    amina = (await hall.rows("SELECT id FROM membership WHERE name = 'Amina'"))[0].id
    await hides(hall, "Cheap watches", by=amina)
    shown = on(hall, "Chloé")[-1]
    assert (shown.text, shown.deleted) == ("(message removed by Amina)", False)


async def test_what_has_not_left_does_not_leave_and_the_lines_it_waited_with_do(hall):
    await hall.write(lambda c: hall_grouped(c))
    for words in ("One", "Cheap watches", "Three"):
        await hall.says("Bruno", words, room="hall")
    done = await hides(hall, "Cheap watches")
    assert done.withdrawn == 1
    await hall.write(lambda c: due_now(c))
    hall.app.bus.outbox.wake()
    await hall.settled()
    letter = hall.seen("Dora")[-1]
    assert "One" in letter
    assert "Three" in letter
    assert "watches" not in letter


async def test_a_message_is_hidden_once(hall):
    await hall.says("Bruno", "Cheap watches", room="hall")
    assert await hides(hall, "Cheap watches") is not None
    assert await hides(hall, "Cheap watches") is None


async def test_an_answer_that_leaves_later_does_not_quote_what_was_hidden(hall):
    await hall.write(lambda c: hall_grouped(c))
    await hall.says("Bruno", "Cheap watches", room="hall")
    said = hall.last
    await hall.says("Eve", "Shame on you", room="hall", reply_to=said)
    await hides(hall, "Cheap watches")
    await hall.write(lambda c: due_now(c))
    hall.app.bus.outbox.wake()
    await hall.settled()
    letter = hall.seen("Dora")[-1]
    assert "Shame on you" in letter
    assert "watches" not in letter


async def test_what_is_hidden_for_a_time_is_struck_and_comes_back(hall):
    await hall.write(lambda c: hall_grouped(c))
    await hall.says("Bruno", "Cheap watches", room="hall")
    await hides(hall, "Cheap watches", work=hiding.hide_until, until=time.time() + 60)
    assert on(hall, "Chloé")[-1].text == "(hidden for now: an organizer will look at it)"
    await hides(hall, "Cheap watches", work=hiding.show_again)
    assert on(hall, "Chloé")[-1].text.endswith("Bruno: Cheap watches")
    await hall.write(lambda c: due_now(c))
    hall.app.bus.outbox.wake()
    await hall.settled()
    assert [one for one in hall.seen("Dora") if "Cheap watches" in one] == [hall.seen("Dora")[-1]]


async def test_one_line_of_several_that_left_as_one_message_is_struck_alone(hall):
    # Chloé's chat is away while three lines come: they leave together.
    hall.app.bus.outbox.closed("chat")
    for words in ("One", "Cheap watches", "Three"):
        await hall.box("Bruno").say("Bruno", words, room="hall")
    while len(await hall.rows("SELECT id FROM message")) < 3:
        await commands_ground.asyncio.sleep(0.02)
    hall.app.bus.outbox.opened("chat")
    await hall.settled()
    assert on(hall, "Chloé")[-1].text.count("Bruno:") == 3
    await hides(hall, "Cheap watches")
    shown = on(hall, "Chloé")[-1]
    assert not shown.deleted
    assert [line.partition(" ")[2] for line in shown.text.splitlines()[-3:]] == [
        "Bruno: One",
        "(message removed)",
        "Bruno: Three",
    ]


async def test_what_is_hidden_while_it_is_being_sent_is_called_back_when_it_has_arrived(hall, monkeypatch):
    hidden = []
    plain = Outbox._perform

    async def hides_first(bridge, head, what):
        if "Cheap watches" in what.shared.content.text and not hidden and bridge.name == "chat":
            found = await message(hall, "Cheap watches")
            hidden.append(
                await hall.write(lambda c: hiding.hide(c, found, by=None, now=time.time())),
            )
        return await plain(bridge, head, what)

    monkeypatch.setattr(Outbox, "_perform", staticmethod(hides_first))
    await hall.says("Bruno", "Cheap watches", room="hall")
    assert hidden[0].recalled == 0
    assert on(hall, "Chloé")[-1].deleted


def hall_grouped(connection):
    commands_ground.run(connection, commands_ground.sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'"))


def due_now(connection):
    now = {"now": time.time()}
    commands_ground.run(connection, commands_ground.sql("UPDATE parcel SET due_at = :now WHERE state = 'due'"), now)
    commands_ground.run(connection, commands_ground.sql("UPDATE lane SET due_at = :now, free_at = 0"), now)
