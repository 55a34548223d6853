"""What waits for an organizer: first links of somebody nobody invited, floods, and who is held; and how it is decided."""

from __future__ import annotations

import time

import pytest

from bot.core import audience, holding
from bot.features import moderating
from bot.text.enticing import entices
from bot.text.rich import Rich
from tests.unit import commands_ground
from tests.unit.commands_ground import run, sql

circle, migrated = commands_ground.circle, commands_ground.migrated
LINK = "Cheap watches: https://watches.example.com/buy"


@pytest.fixture
async def hall(circle):
    """A room with Amina, Bruno and Eve, who has not joined; a second organizer, Paula, has mail."""
    await circle.enter("Paula", channel="post", role="organizer")
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    return circle


def last(ground, who, room=""):
    return [one for one in ground.box(who).seen(who, room) if one.raw is not None][-1]


async def state(ground, text=LINK):
    return (await ground.rows("SELECT state FROM message WHERE text = :text ORDER BY id DESC", text=text))[0].state


async def held_by_name(ground, text=LINK):
    await ground.says("Amina", "hold Bruno 2d")
    await ground.says("Bruno", text)


# What is looked at


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/x", "look at www.example.org now", "t.me/cheap", "watches[.]com", "watches dot com: watches (dot) com",
        "write to seller@example.net", "ask @cheap_watches", "+33 6 12 34 56 78", "06.12.34.56.78", "06 12 34 56 78",
        "(555) 123-4567", "h\u200bttps://a.example.com", "0612345678", "bitcoin:1A1zP1", "hxxp://evil.example",
    ],
)  # fmt: skip
def test_a_way_to_elsewhere_is_seen(text):
    assert entices(Rich(text))


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour à tous", "Le 14/06/2026 à 19:00", "On se voit à 14h30 ou 15h ?", "2026-03-14", "J'ai 1 200 euros",
        "C'est chapitre 3.2.1", "etc...et puis", "La page 123 456", "#12 Je préfère le 19", "Merci.Beaucoup",
        "Karim & Cie", "isbn 9782070360024", "10.000.000", "le 03 03 2026",
    ],
)  # fmt: skip
def test_ordinary_words_are_let_alone(text):
    assert not entices(Rich(text))


# Somebody nobody invited


async def test_the_first_link_of_somebody_nobody_invited_waits(hall):
    await hall.says("Eve", LINK, room="hall")
    assert await state(hall) == "held"
    assert hall.seen("Chloé") == []
    for organizer in ("Amina", "Paula"):
        assert LINK in last(hall, organizer).text
        assert "nobody invited this person" in last(hall, organizer).text


async def test_her_words_without_a_link_are_carried(hall):
    await hall.says("Eve", "Good evening", room="hall")
    assert hall.seen("Chloé")[-1].endswith("Eve: Good evening")


async def test_a_way_to_elsewhere_in_a_name_waits_too(hall):
    hall.boxes["chat"].person("Win at t.me/cheapwatch")
    hall.boxes["chat"].join("Win at t.me/cheapwatch", "hall")
    await hall.says("Win at t.me/cheapwatch", "Hello all", room="hall")
    assert hall.seen("Chloé") == []
    assert await state(hall, "Hello all") == "held"


async def test_a_members_link_is_carried(hall):
    await hall.says("Bruno", LINK, room="hall")
    assert LINK in hall.seen("Chloé")[-1]


async def test_two_links_that_were_found_harmless_and_the_third_is_carried(hall):
    for number in (1, 2):
        await hall.says("Eve", f"{LINK}/{number}", room="hall")
        await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
        await hall.write(lambda c: run(c, sql("UPDATE delivery SET key = key || 'x' WHERE key LIKE 'waits:%'")))
    await hall.says("Eve", f"{LINK}/3", room="hall")
    assert f"{LINK}/3" in hall.seen("Chloé")[-1]


async def test_a_link_put_in_later_by_an_edit_is_not_carried(hall):
    await hall.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))
    await hall.says("Eve", "Good evening", room="hall")
    await hall.box("Eve").edit("Eve", hall.last, LINK, room="hall")
    await hall.settled()
    assert await hall.rows("SELECT 1 FROM message WHERE text = :text", text=LINK) == []


# The decision


async def test_yes_sends_it_to_those_who_are_there_then(hall):
    await hall.says("Eve", LINK, room="hall")
    await hall.enter("Hugo")
    await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
    for reader in ("Chloé", "Hugo", "Dora"):
        assert sum(LINK in one for one in hall.seen(reader)) == 1


async def test_no_sends_it_to_nobody(hall):
    await hall.says("Eve", LINK, room="hall")
    await hall.says("Amina", "no", reply_to=last(hall, "Amina").id)
    assert await state(hall) == "removed"
    assert hall.seen("Chloé") == []


async def test_the_first_answer_counts_and_the_others_are_told(hall):
    await hall.says("Eve", LINK, room="hall")
    asked = last(hall, "Paula").id
    await hall.says("Amina", "no", reply_to=last(hall, "Amina").id)
    assert "Amina has said no" in last(hall, "Paula").text
    await hall.says("Paula", "ok", reply_to=asked)
    assert "Amina has decided already: no." in last(hall, "Paula").text
    assert await state(hall) == "removed"


async def test_a_button_answers_as_well(hall):
    await hall.says("Eve", LINK, room="hall")
    shown = last(hall, "Amina")
    await hall.box("Amina").press("Amina", shown, shown.buttons[0])
    await hall.settled()
    assert await state(hall) == "visible"


async def test_who_organizes_no_more_decides_nothing(hall):
    await hall.says("Eve", LINK, room="hall")
    await hall.write(lambda c: run(c, sql("UPDATE membership SET role = 'member' WHERE name = 'Amina'")))
    await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
    assert await state(hall) == "held"
    assert "not possible any more" in last(hall, "Amina").text


async def test_waiting_shows_one_after_the_other(hall):
    await hall.says("Eve", LINK, room="hall")
    await held_by_name(hall, "My words")
    assert "2 matters wait" in (await hall.asks("Amina", "waiting"))
    answer = await hall.says("Amina", "ok")
    assert "It has gone to everyone." in answer[0].text
    assert "My words" in answer[0].text
    await hall.says("Amina", "no")
    assert (await state(hall), await state(hall, "My words")) == ("visible", "removed")
    assert await hall.asks("Amina", "waiting") == "Nothing waits for you."


async def test_every_decision_is_written_down(hall):
    await hall.says("Eve", LINK, room="hall")
    await hall.says("Amina", "no", reply_to=last(hall, "Amina").id)
    rows = await hall.rows(
        "SELECT a.act, s.name FROM audit a JOIN membership s ON s.id = a.membership_id ORDER BY a.id"
    )
    assert ("refused", "Amina") in [tuple(row) for row in rows]


# HOLD


async def test_what_a_held_member_writes_waits_on_every_channel(hall):
    await hall.says("Amina", "hold Dora 2d")
    assert "Until" in last(hall, "Dora").text
    await hall.says("Dora", "My words", subject="Hello")
    assert await state(hall, "My words") == "held"
    assert "waits until an organizer has read it" in last(hall, "Dora").text
    await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
    assert "My words" in hall.seen("Chloé")[-1]
    assert "has gone to everyone" in last(hall, "Dora").text


async def test_a_thread_a_held_member_begins_waits_and_is_not_said_to_have_left(hall):
    await hall.says("Amina", "hold Dora 2d")
    await hall.says("Dora", "new: Picnic\nWho comes?", subject="Hello")
    assert await state(hall, "Who comes?") == "held"
    assert not any("has gone to everyone" in one for one in hall.seen("Dora"))
    assert hall.seen("Chloé") == []


async def test_holding_ends_by_itself_and_by_word(hall):
    await held_by_name(hall, "First")
    await hall.write(lambda c: run(c, sql("UPDATE membership SET held_until = :now"), {"now": time.time() - 1}))
    await hall.says("Bruno", "Second")
    assert await state(hall, "Second") == "visible"
    await hall.says("Amina", "hold Bruno 2d")
    await hall.says("Amina", "hold Bruno 0")
    await hall.says("Bruno", "Third")
    assert await state(hall, "Third") == "visible"


async def test_the_author_is_told_after_twelve_hours_once(hall):
    await held_by_name(hall, "My words")
    for hours in (11, 13, 14):
        await hall.write(lambda c, hours=hours: moderating.remind(c, time.time() + hours * 3600))
    hall.app.bus.outbox.wake()
    await hall.settled()
    assert sum("no organizer has looked" in one for one in hall.seen("Bruno")) == 1


async def test_who_has_no_chat_with_us_is_told_in_the_room_under_their_post(hall):
    await hall.says("Eve", LINK, room="hall")
    await hall.write(lambda c: moderating.remind(c, time.time() + 13 * 3600))
    hall.app.bus.outbox.wake()
    await hall.settled()
    shown = last(hall, "Eve", "hall")
    assert "stayed in this room" in shown.text
    assert shown.reply_to == hall.last
    assert hall.seen("Eve") == []


# Floods


async def flood(ground, count, who="Bruno", room="hall"):
    for number in range(count):
        await ground.box(who).say(who, f"line {number}", room=room)
    await ground.settled()


async def due_now(ground):
    now = {"now": time.time()}
    await ground.write(lambda c: run(c, sql("UPDATE parcel SET due_at = :now WHERE state = 'due'"), now))
    await ground.write(lambda c: run(c, sql("UPDATE lane SET due_at = :now, free_at = 0"), now))
    ground.app.bus.outbox.wake()
    await ground.settled()


async def test_more_than_thirty_messages_leave_together_and_more_than_sixty_wait(hall):
    await flood(hall, 40)
    await flood(hall, 22, room="")
    states = await hall.rows("SELECT state, COUNT(*) AS number FROM message GROUP BY state ORDER BY state")
    assert {row.state: row.number for row in states} == {"visible": 60, "held": 2}
    before = len(hall.box("Chloé").seen("Chloé"))
    await due_now(hall)
    shown = [one for one in hall.box("Chloé").seen("Chloé") if one.raw is not None]
    assert len(shown) - before <= 2
    told = "\n".join(one.text for one in shown)
    assert sorted(int(line.rpartition(" ")[2]) for line in told.splitlines() if "line" in line) == sorted(
        [*range(40), *range(20)]
    )
    assert sum("60 messages" in one for one in hall.seen("Amina")) == 1


async def test_what_was_held_of_a_flood_is_one_matter(hall, monkeypatch):
    monkeypatch.setattr(holding, "MEMBER", sql(holding.MEMBER.text.replace("OFFSET 59", "OFFSET 3")))
    await flood(hall, 9)
    answer = await hall.asks("Amina", "waiting")
    assert "1 matter waits" in answer
    await hall.says("Amina", "ok")
    assert await hall.rows("SELECT 1 FROM message WHERE state = 'held'") == []


async def test_thirty_messages_of_an_hour_are_no_flood(hall):
    await flood(hall, 30)
    await hall.write(
        lambda c: run(c, sql("UPDATE message SET created_at = created_at - :some"), {"some": audience.BURST + 1})
    )
    await flood(hall, 1)
    assert await hall.rows("SELECT 1 FROM parcel WHERE bundle LIKE 'f%'") == []
