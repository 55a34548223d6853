"""A member of two communities in private: no command is ever relayed, and what was asked about is not posted later."""

from __future__ import annotations

import pytest
import time_machine

from bot.core import communities
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated
WHICH = "For which of them is this?"


@pytest.fixture
async def two(circle):
    """Amina organizes both, Bruno the second only; Chloé reads the first, Zoe the second."""
    await circle.write(lambda c: communities.found(c, circle.app.house, "second", "Second", "en", "Europe/Paris"))
    await circle.enter("Amina", slug="second", role="organizer")
    await circle.enter("Bruno", slug="second", role="organizer")
    await circle.enter("Zoe", slug="second")
    return circle


def relayed(two) -> list[str]:
    return two.seen("Chloé") + two.seen("Zoe")


@pytest.mark.parametrize(
    "word",
    ["link", "state", "retry in:1", "members", "undo", "leave", "name: Anna", "lang fr", "invite", "help", "privacy"],
)
async def test_no_command_is_relayed_whoever_gives_it(two, word):
    for who in ("Amina", "Bruno"):
        await two.says(who, word)
        await two.says(who, "1")
    assert relayed(two) == []


async def test_a_command_of_organizers_is_asked_about_as_well(two):
    assert WHICH in await two.asks("Amina", "state")
    assert "Everything is well" in await two.asks("Amina", "2")
    assert WHICH in await two.asks("Amina", "link")
    assert "within 15 minutes" in await two.asks("Amina", "1")


async def test_what_may_be_said_in_one_of_them_only_is_meant_there(two):
    """Bruno organizes the second: there is nothing to ask."""
    assert "Everything is well" in await two.asks("Bruno", "state")


async def test_an_unknown_slash_and_a_forbidden_one_are_answered(two):
    await two.enter("Chloé", slug="second")
    assert "I do not know “zzz”" in await two.asks("Amina", "/zzz")
    assert await two.asks("Chloé", "/state") == "Only the organizers can do that."
    assert "RECEIVE" in (await two.asks("Amina", "/recev")).upper()


async def test_what_was_asked_about_hours_ago_is_not_posted_with_a_later_answer(two):
    with time_machine.travel("2026-11-22T22:00:00+01:00", tick=True) as clock:
        assert WHICH in await two.asks("Amina", "the old line")
        clock.shift(6 * 3600)
        assert WHICH in await two.asks("Amina", "the new line")
        await two.says("Amina", "2")
    assert len(two.seen("Zoe")) == 1
    assert two.seen("Zoe")[0].endswith("the new line")


async def test_an_answer_that_names_none_of_them_is_asked_again_and_never_posted(two):
    assert WHICH in await two.asks("Amina", "hello")
    assert WHICH in await two.asks("Amina", "yes")
    assert WHICH in await two.asks("Amina", "7")
    await two.says("Amina", "2")
    assert [words.rpartition(": ")[2] for words in two.seen("Zoe")] == ["hello"]


async def test_no_sends_it_to_nobody(two):
    await two.says("Amina", "hello")
    await two.says("Amina", "and goodbye")
    assert "nothing has changed" in await two.asks("Amina", "no")
    await two.says("Amina", "1")
    await two.says("Amina", "no")
    assert relayed(two) == []


async def test_a_command_waits_for_the_name_of_the_community_too(two):
    assert WHICH in await two.asks("Amina", "state")
    assert WHICH in await two.asks("Amina", "yes")
    assert "Everything is well" in await two.asks("Amina", "Second")
    assert relayed(two) == []
