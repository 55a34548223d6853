"""ROOM: an organizer makes a group a room, and ends that."""

from __future__ import annotations

import pytest

from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


@pytest.fixture
def hall(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Eve"])
    return circle


@pytest.mark.parametrize("words", ["/room", "/room now", "/salon maintenant"])
async def test_a_room_is_bound_at_once_and_told_so(hall, words):
    await hall.says("Amina", words, room="hall")
    notice = hall.seen("Bruno", "hall")[-1]
    for said in (
        "a room of Cercle",
        "2 years",
        "Set up by Amina",
        "The encryption of the chat ends with me",
        "/privacy",
    ):
        assert said in notice
    await hall.says("Eve", "Good evening", room="hall")
    assert hall.seen("Chloé")[-1].endswith("Eve: Good evening")
    assert hall.seen("Bruno", "hall")[-1] == notice


async def test_the_notice_counts_everybody_who_will_read(hall):
    await hall.says("Eve", "hello", room="hall")
    await hall.says("Amina", "/room", room="hall")
    assert "5 people" in hall.seen("Bruno", "hall")[-1]  # four members, and Eve


async def test_only_an_organizer_binds(hall):
    await hall.says("Bruno", "/room", room="hall")
    await hall.says("Eve", "/room", room="hall")
    assert hall.seen("Bruno", "hall") == []
    await hall.says("Eve", "Nobody hears this", room="hall")
    assert hall.seen("Chloé") == []


async def test_the_organizer_learns_who_gets_the_messages_there(hall):
    await hall.says("Bruno", "hello", room="hall")
    await hall.says("Amina", "/room", room="hall")
    assert "Amina and Bruno" in hall.seen("Amina")[-1]
    assert hall.seen("Bruno") == []


async def test_members_in_the_room_get_no_second_copy(hall):
    await hall.says("Bruno", "hello", room="hall")
    await hall.says("Amina", "/room", room="hall")
    await hall.says("Chloé", "Good evening")
    assert hall.seen("Bruno") == []
    assert hall.seen("Bruno", "hall")[-1].endswith("Chloé: Good evening")


async def test_a_room_is_not_bound_twice(hall):
    await hall.says("Amina", "/room", room="hall")
    await hall.says("Amina", "/room", room="hall")
    assert len(hall.seen("Bruno", "hall")) == 1
    assert "already" in hall.seen("Amina")[-1]


async def test_a_room_that_is_ended_carries_nothing_any_more(hall):
    await hall.says("Amina", "/room", room="hall")
    await hall.says("Amina", "/room off", room="hall")
    assert "no longer a room" in hall.seen("Bruno", "hall")[-1]
    await hall.says("Eve", "Nobody hears this", room="hall")
    await hall.says("Chloé", "Good evening")
    assert not any("Nobody hears" in words for words in hall.seen("Chloé"))
    assert not any("Good evening" in words for words in hall.seen("Eve", "hall"))


async def test_a_word_the_command_does_not_know_binds_nothing(hall):
    await hall.says("Amina", "/room please", room="hall")
    assert hall.seen("Bruno", "hall") == []
    assert "/room off" in hall.seen("Amina")[-1]


async def test_who_organizes_two_communities_says_which_one_the_group_is_for(hall):
    await found(hall, "second", "Second")
    await hall.enter("Amina", role="organizer", slug="second")
    await hall.says("Amina", "/room", room="hall")
    assert hall.seen("Bruno", "hall") == []
    assert "2. Second" in hall.seen("Amina")[-1]
    await hall.says("Amina", "2")
    assert "a room of Second" in hall.seen("Bruno", "hall")[-1]


async def found(circle, slug: str, name: str) -> None:
    from bot.core import communities

    await circle.write(lambda c: communities.found(c, circle.app.house, slug, name, "en", "Europe/Paris"))
