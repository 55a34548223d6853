"""Rooms: a day's notice, what stays there, who is there, and who was taken out."""

from __future__ import annotations

import time

import pytest

from bot.core.errors import TryLater
from store.statement import run, sql
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated

SEVEN = ("Amina", "Bruno", "Eve", "Fay", "Gus", "Hal", "Ivy")
RAW = "SELECT raw, outcome FROM inbound ORDER BY id DESC LIMIT 1"


@pytest.fixture
def town(circle):
    """A group of seven: Amina organizes, Bruno is a member, the others have not joined. Chloé and Dora are elsewhere."""
    circle.boxes["chat"].room("hall", SEVEN)
    return circle


@pytest.fixture
async def hall(town):
    """The same, a room that has begun."""
    await town.says("Amina", "/room now", room="hall")
    return town


async def due(circle):
    """Whatever waits for its hour leaves now."""
    now = time.time()
    await circle.write(lambda c: run(c, sql("UPDATE parcel SET due_at = :now WHERE state = 'due'"), {"now": now}))
    await circle.write(lambda c: run(c, sql("UPDATE lane SET due_at = :now WHERE due_at IS NOT NULL"), {"now": now}))
    circle.app.bus.outbox.wake()
    await circle.settled()


async def grouped(circle):
    """Dora gets one mail for what was said, after silence."""
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")))


async def let_a_day_pass(circle):
    await circle.write(lambda c: run(c, sql("UPDATE address SET relays_from = relays_from - 86401 WHERE room")))


# When it begins


async def test_seven_people_have_a_day_to_read_the_notice(town):
    await town.says("Amina", "/room", room="hall")
    notice = town.seen("Bruno", "hall")
    assert len(notice) == 1
    assert notice[0].startswith("From ")
    assert "will be carried to all its members" in notice[0]
    assert "/room now" in town.seen("Amina")[-1]
    await town.says("Eve", "Before it begins", room="hall")
    await town.says("Chloé", "Good evening")
    assert town.seen("Chloé") == []
    assert town.seen("Bruno", "hall") == notice
    assert town.seen("Bruno")[-1].endswith("Chloé: Good evening"), "the room does not carry it yet"
    assert not any(row.raw for row in await town.rows(RAW) if row.outcome == "not_yet")


async def test_after_that_day_it_is_carried_and_nothing_of_before(town):
    await town.says("Amina", "/room", room="hall")
    await town.says("Eve", "Before it begins", room="hall")
    await let_a_day_pass(town)
    await town.says("Eve", "Now we are heard", room="hall")
    assert [one.rpartition(": ")[2] for one in town.seen("Chloé")] == ["Now we are heard"]
    await town.says("Chloé", "Good evening")
    assert town.seen("Bruno", "hall")[-1].endswith("Chloé: Good evening")
    assert town.seen("Bruno") == []


async def test_room_now_ends_the_day_and_says_so_there(town):
    await town.says("Amina", "/room", room="hall")
    await town.says("Amina", "/room now", room="hall")
    assert town.seen("Bruno", "hall")[-1].startswith("It begins now")
    await town.says("Eve", "At once", room="hall")
    assert town.seen("Chloé")[-1].endswith("Eve: At once")


@pytest.mark.parametrize(("people", "founded", "at_once"), [(5, False, True), (6, False, False), (7, True, True)])
async def test_five_people_or_a_group_made_with_us_begin_at_once(circle, people, founded, at_once):
    circle.boxes["chat"].room("yard", SEVEN[:people], founded=founded)
    await circle.says("Amina", "/room", room="yard")
    assert circle.seen("Bruno", "yard")[-1].startswith("From now on") == at_once


async def test_a_group_whose_people_nobody_can_count_waits(circle, monkeypatch):
    async def silent(*_):
        raise TryLater("not now")

    monkeypatch.setattr(circle.bridges["chat"], "census", silent, raising=False)
    circle.boxes["chat"].room("yard", SEVEN[:2])
    await circle.says("Amina", "/room", room="yard")
    assert not circle.seen("Bruno", "yard")[-1].startswith("From now on")


async def test_the_notice_counts_who_reads_there(hall):
    assert "9 people" in hall.seen("Bruno", "hall")[0]  # four members, and five who have not joined


async def test_who_binds_a_group_of_several_communities_is_asked_and_then_it_waits_too(town):
    from tests.unit.test_commands_rooms import found

    await found(town, "second", "Second")
    await town.enter("Amina", role="organizer", slug="second")
    await town.says("Amina", "/room", room="hall")
    await town.says("Amina", "2")
    assert town.seen("Bruno", "hall")[-1].startswith("From ")
    assert "will be carried" in town.seen("Bruno", "hall")[-1]


# What stays there


@pytest.mark.parametrize("words", ["// between us: the present is for Chloé", "  //the present is for Chloé", "//"])
async def test_a_line_that_begins_with_two_strokes_stays_and_is_not_kept(hall, words):
    await hall.says("Eve", words, room="hall")
    assert hall.seen("Chloé") == []
    row = (await hall.rows(RAW))[0]
    assert (row.raw, row.outcome) == (None, "aside")
    assert await everywhere(hall, "the present") == []


async def test_what_answers_such_a_line_leaves_without_it_and_is_not_kept_either(hall):
    aside = await hall.boxes["chat"].say("Eve", "// the present is for Chloé", room="hall")
    await hall.says("Bruno", "I see", room="hall", reply_to=aside)
    assert hall.seen("Chloé")[-1].endswith("Bruno: I see")
    assert (await hall.rows(RAW))[0].raw is None, "a messenger repeats the words that are answered"


async def test_words_changed_into_such_a_line_do_not_leave_any_more(hall):
    await grouped(hall)
    said = await hall.boxes["chat"].say("Eve", "The present is for Chloé", room="hall")
    await hall.settled()
    await hall.boxes["chat"].edit("Eve", said, "// The present is for Chloé", room="hall")
    await hall.settled()
    await due(hall)
    assert hall.seen("Dora") == []


async def test_not_me_keeps_what_somebody_says_who_has_not_joined(hall):
    answer = (await hall.says("Eve", "pas moi", room="hall"))[-1]
    assert "nothing you write here leaves" in answer.text
    assert "\n" not in answer.text
    await hall.says("Eve", "Only for you here", room="hall")
    assert hall.seen("Chloé") == []
    assert await everywhere(hall, "Only for you") == []
    await due(hall)
    assert answer.id in {line.id for line in hall.boxes["chat"].seen("Eve", "hall") if line.deleted}
    await hall.says("Eve", "/notme off", room="hall")
    await hall.says("Eve", "For everybody again", room="hall")
    assert hall.seen("Chloé")[-1].endswith("Eve: For everybody again")
    assert "message" in await everywhere(hall, "For everybody again"), "the search finds what is there"


async def test_an_answer_in_a_room_goes_after_two_minutes_and_not_before(hall):
    await hall.says("Eve", "/notme", room="hall")
    row = (await hall.rows("SELECT due_at - created_at AS wait FROM parcel WHERE kind = 'fade'"))[0]
    assert row.wait == pytest.approx(120, abs=5)
    assert not any(line.deleted for line in hall.boxes["chat"].seen("Eve", "hall"))


async def test_not_me_of_a_member_is_answered_in_private_and_withdraws_what_has_not_left(hall):
    await grouped(hall)
    await hall.says("Bruno", "On second thoughts, no", room="hall")
    there = hall.seen("Bruno", "hall")
    await hall.says("Bruno", "/notme", room="hall")
    assert "nothing you write in “hall” leaves it" in hall.seen("Bruno")[-1]
    assert hall.seen("Bruno", "hall") == there
    await due(hall)
    assert hall.seen("Dora") == []
    await hall.says("Bruno", "And this is for all")
    assert hall.seen("Chloé")[-1].endswith("Bruno: And this is for all"), "in private he still speaks to all"


async def test_a_silence_outlives_leaving_and_the_end_of_the_room(hall):
    await hall.says("Eve", "not me", room="hall")
    hall.boxes["chat"].leave("Eve", "hall")
    hall.boxes["chat"].join("Eve", "hall")
    await hall.says("Amina", "/room off", room="hall")
    await hall.says("Amina", "/room now", room="hall")
    await hall.says("Eve", "Still only here", room="hall")
    assert hall.seen("Chloé") == []


async def test_words_changed_by_somebody_silent_are_not_carried(hall):
    await grouped(hall)
    said = await hall.boxes["chat"].say("Eve", "The meeting is at six", room="hall")
    await hall.says("Eve", "not me", room="hall")
    await hall.boxes["chat"].edit("Eve", said, "The meeting is at seven", room="hall")
    await hall.settled()
    assert await everywhere(hall, "at seven") == []


async def test_in_a_group_that_is_no_room_not_me_is_nobody_s_business(town):
    assert await town.says("Eve", "pas moi", room="hall") == []
    assert await town.says("Eve", "/pasmoi", room="hall") == []


async def test_a_room_may_receive_and_give_nothing(town):
    await town.says("Amina", "/room in", room="hall")
    notice = town.seen("Bruno", "hall")[-1]
    assert "this group receives what the members of Cercle write" in notice
    await town.says("Eve", "Who hears me?", room="hall")
    assert town.seen("Chloé") == []
    assert (await town.rows(RAW))[0].raw is None
    await town.says("Chloé", "Good evening")
    assert town.seen("Eve", "hall")[-1].endswith("Chloé: Good evening")
    assert town.seen("Bruno") == []


async def test_a_room_that_gave_may_be_told_to_only_receive(hall):
    await hall.says("Amina", "/room in", room="hall")
    await hall.says("Eve", "Who hears me?", room="hall")
    assert hall.seen("Chloé") == []
    assert "What is written here stays here" in hall.seen("Bruno", "hall")[-1]


# Who is there


async def test_a_member_who_never_said_a_word_there_gets_no_second_copy(hall):
    await hall.says("Chloé", "Good evening")
    assert hall.seen("Bruno") == []
    assert hall.seen("Bruno", "hall")[-1].endswith("Chloé: Good evening")


async def test_who_joins_later_and_is_there_is_found(hall):
    await hall.enter("Ivy")
    await hall.app.lookout.look_around()
    await hall.says("Chloé", "Good evening")
    assert hall.seen("Ivy") == []


async def test_who_left_unseen_is_told_in_private_again(hall):
    hall.boxes["chat"].network.chat("Bruno", "hall").people.remove(hall.boxes["chat"].network.human("Bruno"))
    hall.app.lookout._asked.clear()  # a day later
    await hall.app.lookout.look_around()
    await hall.says("Chloé", "Good evening")
    assert hall.seen("Bruno")[-1].endswith("Chloé: Good evening")


async def test_a_member_in_a_room_may_receive_elsewhere_too_once(hall):
    assert "besides “hall”" in await hall.asks("Bruno", "recevoir ailleurs aussi")
    await hall.says("Chloé", "Good evening")
    assert [one for one in hall.seen("Bruno") if "Good evening" in one] == [hall.seen("Bruno")[-1]]
    assert hall.seen("Bruno", "hall")[-1].endswith("Chloé: Good evening")
    assert "nowhere else" in await hall.asks("Bruno", "receive in the room only")
    await hall.says("Chloé", "Good night")
    assert "Good night" not in hall.seen("Bruno")[-1]


async def test_who_asks_to_be_told_by_another_way_is_asked_whether_besides_the_room(hall):
    await hall.enter("Bruno", channel="post")
    hall.boxes["chat"].network.human("Bruno").started = True
    lines = await hall.says("Bruno", "receive chat")
    assert "You are in “hall” and read everything there" in lines[-1].text
    assert [button.label for button in lines[-1].buttons] == ["YES", "NO"]
    await hall.boxes["chat"].press("Bruno", lines[-1], lines[-1].buttons[0])
    await hall.settled()
    await hall.says("Chloé", "Good evening")
    assert hall.seen("Bruno")[-1].endswith("Chloé: Good evening")


async def test_who_is_in_two_rooms_reads_in_both_and_nothing_in_private(hall):
    hall.boxes["chat"].room("yard", ["Amina", "Bruno"])
    await hall.says("Amina", "/room", room="yard")
    await hall.says("Chloé", "Good evening")
    assert hall.seen("Bruno", "hall")[-1].endswith("Good evening")
    assert hall.seen("Bruno", "yard")[-1].endswith("Good evening")
    assert not any("Good evening" in one for one in hall.seen("Bruno"))


# Who was taken out


async def test_who_is_taken_out_speaks_no_more_to_those_who_had_not_read_it(hall):
    await grouped(hall)
    await hall.says("Eve", "Buy my miracle cure", room="hall")
    assert hall.seen("Chloé")[-1].endswith("Eve: Buy my miracle cure")
    before = len(hall.seen("Amina"))
    hall.boxes["chat"].remove("Eve", "hall", by="Amina")
    await hall.settled()
    asked = hall.seen("Amina")[before:]
    assert len(asked) == 1
    assert "Eve was taken out of “hall”" in asked[0]
    assert "1 message of theirs had not reached everybody yet" in asked[0]
    assert "1 message of the last hour has been read by others. Shall I hide it?" in asked[0]
    assert hall.seen("Bruno", "hall")[-1].startswith("From now on"), "nobody else is told"
    await due(hall)
    assert hall.seen("Dora") == []
    assert await hall.asks("Amina", "yes") == "Hidden: 1 message of Eve's."
    gone = [line for line in hall.boxes["chat"].seen("Chloé") if line.deleted]
    assert len(gone) == 1


async def test_the_first_organizer_to_answer_decides(hall):
    await hall.enter("Olga", role="organizer")
    await hall.says("Eve", "Buy my miracle cure", room="hall")
    hall.boxes["chat"].remove("Eve", "hall", by="Amina")
    await hall.settled()
    assert "Shall I hide it?" in hall.seen("Olga")[-1]
    await hall.asks("Amina", "yes")
    assert await hall.asks("Olga", "yes") == "Somebody has hidden it already."


async def test_the_organizers_may_leave_it_as_it_is(hall):
    await hall.says("Eve", "Goodbye then", room="hall")
    hall.boxes["chat"].remove("Eve", "hall", by="Amina")
    await hall.settled()
    await hall.asks("Amina", "no")
    assert not any(line.deleted for line in hall.boxes["chat"].seen("Chloé"))


async def test_who_loses_the_role_meanwhile_hides_nothing(hall):
    await hall.enter("Olga", role="organizer")
    await hall.says("Eve", "Goodbye then", room="hall")
    hall.boxes["chat"].remove("Eve", "hall", by="Amina")
    await hall.settled()
    await hall.write(lambda c: run(c, sql("UPDATE membership SET role = 'member' WHERE name = 'Olga'")))
    await hall.says("Olga", "yes")
    assert not any(line.deleted for line in hall.boxes["chat"].seen("Chloé"))


async def test_who_leaves_by_themselves_takes_nothing_along(hall):
    await grouped(hall)
    await hall.says("Eve", "See you", room="hall")
    before = hall.seen("Amina")
    hall.boxes["chat"].leave("Eve", "hall")
    await hall.settled()
    await due(hall)
    assert hall.seen("Amina") == before
    assert "See you" in hall.seen("Dora")[-1]


async def test_what_was_said_longer_ago_than_an_hour_is_not_asked_about(hall):
    await hall.says("Eve", "Long ago", room="hall")
    await hall.write(lambda c: run(c, sql("UPDATE message SET created_at = created_at - 3700")))
    before = hall.seen("Amina")
    hall.boxes["chat"].remove("Eve", "hall", by="Amina")
    await hall.settled()
    assert hall.seen("Amina") == before


async def everywhere(circle, words: str) -> list[str]:
    """The tables in which these words stand, as text or as bytes."""
    from store.models import metadata

    found = {table.name: await circle.rows(f"SELECT * FROM {table.name}") for table in metadata.sorted_tables}
    values = {
        name: [bytes(v) if isinstance(v, memoryview) else v for row in rows for v in row]
        for name, rows in found.items()
    }
    return [name for name, all_of_it in values.items() if any(words in str(value) for value in all_of_it)]
