"""REPORT, REMOVE, LOG: what members and organizers do about words and people; and what stays written down."""

from __future__ import annotations

import time

import pytest

from bot.features import reporting
from tests.unit import commands_ground
from tests.unit.commands_ground import run, sql
from tests.unit.membership_ground import by, code_in, linked

circle, migrated = commands_ground.circle, commands_ground.migrated


@pytest.fixture
async def hall(circle):
    """A room with Amina, Bruno and Eve, who has not joined; Chloé and Gita read in private, Dora by mail; Paula organizes too."""
    await circle.enter("Paula", channel="post", role="organizer")
    await circle.enter("Gita")
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    return circle


def last(ground, who, room=""):
    return [one for one in ground.box(who).seen(who, room) if one.raw is not None][-1]


def copy(ground, who, text, room=""):
    """The message on a device that says this."""
    return next(one for one in reversed(ground.box(who).seen(who, room)) if text in one.text)


async def state(ground, text):
    return (await ground.rows("SELECT state FROM message WHERE text = :text ORDER BY id DESC", text=text))[0].state


async def acts(ground):
    return [row.act for row in await ground.rows("SELECT act FROM audit ORDER BY id")]


# REPORT


async def reported(ground, text="Nasty words", by=("Chloé", "Gita", "Dora")):
    await ground.says("Bruno", text, room="hall")
    for who in by:
        await ground.says(who, "report", reply_to=copy(ground, who, text).id)


async def test_one_report_asks_the_organizers_and_hides_nothing(hall):
    await reported(hall, by=["Chloé"])
    assert "nobody learns that it was you" in last(hall, "Chloé").text
    for organizer in ("Amina", "Paula"):
        assert "Nasty words" in last(hall, organizer).text
        assert "Chloé" not in last(hall, organizer).text
    assert hall.seen("Bruno") == []
    assert await state(hall, "Nasty words") == "visible"


async def test_three_members_hide_it_until_an_organizer_has_looked(hall):
    await reported(hall)
    assert await state(hall, "Nasty words") == "hidden"
    assert any("hidden for now" in one.text for one in hall.box("Chloé").seen("Chloé"))
    assert not any("Nasty words" in one.text for one in hall.box("Chloé").seen("Chloé"))
    assert "24 hours at most" in last(hall, "Bruno").text
    assert not any(name in last(hall, "Bruno").text for name in ("Chloé", "Gita", "Dora"))


async def test_one_member_is_one_voice_however_often(hall):
    await hall.says("Bruno", "Nasty words", room="hall")
    asked = copy(hall, "Chloé", "Nasty words").id
    for _ in range(3):
        await hall.says("Chloé", "report", reply_to=asked)
    assert await state(hall, "Nasty words") == "visible"


async def test_after_a_day_without_a_decision_it_is_shown_again(hall):
    await reported(hall)
    await hall.write(lambda c: reporting.show_again(c, time.time() + 23 * 3600))
    assert await state(hall, "Nasty words") == "hidden"
    await hall.write(lambda c: run(c, sql("UPDATE message SET hidden_until = hidden_until - 86400")))
    await hall.write(lambda c: reporting.show_again(c, time.time()))
    hall.app.bus.outbox.wake()
    await hall.settled()
    assert await state(hall, "Nasty words") == "visible"
    assert copy(hall, "Chloé", "Nasty words")
    assert "shown again" in last(hall, "Bruno").text


@pytest.mark.parametrize(("answer", "then"), [("ok", "visible"), ("no", "removed")])
async def test_the_organizers_word_ends_it(hall, answer, then):
    await reported(hall)
    await hall.says("Amina", answer, reply_to=last(hall, "Amina").id)
    assert await state(hall, "Nasty words") == then


async def test_what_an_organizer_let_stand_is_not_hidden_by_more_reports(hall):
    await reported(hall, by=["Chloé"])
    await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
    for who in ("Gita", "Dora"):
        await hall.says(who, "report", reply_to=copy(hall, who, "Nasty words").id)
    assert await state(hall, "Nasty words") == "visible"


async def test_who_reported_stands_in_no_log_and_no_journal(hall):
    await reported(hall)
    rows = await hall.rows("SELECT membership_id FROM audit WHERE act LIKE '%report%'")
    assert [row.membership_id for row in rows] == [None]


# REMOVE


async def remove(ground, who="Bruno"):
    await ground.says("Amina", f"remove {who}")
    await ground.says("Amina", "yes")


async def test_who_is_removed_gets_nothing_more_and_is_heard_nowhere(hall):
    await linked(hall, "Chloé", "chat", "post")
    await remove(hall, "Chloé")
    assert "you are no longer a member" in last(hall, "Chloé").text
    count = len(hall.seen("Chloé"))
    await hall.says("Bruno", "Hello all", room="hall")
    assert len(hall.seen("Chloé")) == count
    await hall.says("Chloé", "I am still here")
    await by(hall, "post", "Chloé", "And here")
    rows = await hall.rows("SELECT text FROM message WHERE text LIKE '%here%'")
    assert rows == []


async def test_their_words_in_a_room_stay_there(hall):
    await remove(hall)
    await hall.says("Bruno", "I am still here", room="hall")
    assert await hall.rows("SELECT 1 FROM message WHERE text = 'I am still here'") == []
    assert "still in hall" in "".join(hall.seen("Amina"))


async def test_nothing_happens_before_the_second_word_or_to_oneself(hall):
    await hall.says("Amina", "remove Bruno")
    await hall.says("Amina", "no")
    await hall.says("Amina", "remove Amina")
    assert "That is you yourself" in last(hall, "Amina").text
    rows = await hall.rows("SELECT name FROM membership WHERE status = 'removed'")
    assert rows == []


async def test_a_members_invitation_does_not_bring_them_back_an_organizers_does(hall):
    bruno, amina = [code_in(await hall.asks(who, "invite")) for who in ("Gita", "Amina")]
    await remove(hall, "Chloé")
    await hall.says("Chloé", bruno)
    assert "do not know this code" in last(hall, "Chloé").text
    await hall.says("Chloé", amina)
    await hall.says("Chloé", "yes")
    assert (await hall.rows("SELECT status FROM membership WHERE name = 'Chloé'"))[0].status == "active"


async def test_somebody_who_only_speaks_in_a_room_is_removed_by_a_reply(hall):
    await hall.says("Eve", "Hello")
    await hall.says("Eve", "Buy my things", room="hall")
    await hall.says("Amina", "/remove", room="hall", reply_to=hall.last)
    assert "Remove Eve" in last(hall, "Amina").text
    await hall.says("Amina", "yes")
    await hall.says("Eve", "Buy more things", room="hall")
    assert await hall.rows("SELECT 1 FROM message WHERE text = 'Buy more things'") == []


async def test_the_other_organizers_learn_it(hall):
    await remove(hall)
    assert "Amina has removed Bruno" in last(hall, "Paula").text


# LOG


async def test_the_log_says_who_decided_what(hall):
    await hall.says("Amina", "hold Bruno 2d")
    await remove(hall, "Chloé")
    told = await hall.asks("Amina", "log")
    assert "Amina wants to read first what Bruno writes" in told
    assert "Amina removed Chloé" in told


async def test_the_log_is_the_organizers_until_they_open_it(hall):
    await remove(hall, "Chloé")
    assert "Only the organizers" in (await hall.asks("Bruno", "/log"))
    await hall.says("Amina", "log members")
    assert "Amina removed Chloé" in (await hall.asks("Bruno", "/log"))
    assert "Only the organizers" in (await hall.asks("Bruno", "/log organizers"))
    await hall.says("Amina", "log organizers")
    assert "Only the organizers" in (await hall.asks("Bruno", "/log"))


@pytest.mark.parametrize("statement", ["UPDATE audit SET act = 'nothing'", "DELETE FROM audit"])
async def test_what_is_written_down_cannot_be_changed(hall, statement):
    before = await acts(hall)
    assert before
    with pytest.raises(Exception, match="only added to"):
        await hall.write(lambda c: run(c, sql(statement)))
    assert await acts(hall) == before


async def test_who_is_removed_is_a_person_whatever_anybody_is_called_by_then(circle):
    assert "Bruno" in await circle.asks("Amina", "remove Bruno")
    await circle.says("Bruno", "name: Brunon")
    await circle.says("Chloé", "name: Bruno")
    assert "Brunon is removed" in await circle.asks("Amina", "yes")
    rows = await circle.rows("SELECT name, status FROM membership")
    assert {row.name: row.status for row in rows} | {"Brunon": "removed", "Bruno": "active"} == {
        row.name: row.status for row in rows
    }


async def test_whose_address_is_lost_is_a_person_whatever_anybody_is_called_by_then(circle):
    assert "Bruno" in await circle.asks("Amina", "lost Bruno chat")
    await circle.says("Bruno", "name: Brunon")
    await circle.says("Chloé", "name: Bruno")
    await circle.says("Amina", "yes")
    rows = await circle.rows(
        "SELECT m.name FROM membership m JOIN address a ON a.member_id = m.member_id WHERE a.status = 'lost'"
    )
    assert [row.name for row in rows] == ["Brunon"]
