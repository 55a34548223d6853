"""A slash and a word nobody knows, or one for another bot, is meant for no reader; and what a room is answered."""

from __future__ import annotations

import pytest

from bot.commands.grammar import slashed_word
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


@pytest.mark.parametrize(
    ("typed", "word"),
    [("/zzz", "zzz"), ("/help@nobody", "help@nobody"), ("/roll 2d6", "roll"), ("/etc/hosts is empty", ""), ("// here", ""), ("12/3", "")],
)  # fmt: skip
def test_a_path_a_date_and_a_note_are_no_command(typed, word):
    assert slashed_word(typed) == word


@pytest.fixture
async def hall(circle):
    circle.app.house.bot_names = lambda _: ("postman",)
    circle.boxes["chat"].room("hall", ["Amina", "Zoe"])
    await circle.says("Amina", "/room now", room="hall")
    return circle


@pytest.mark.parametrize("typed", ["/zzz", "/Help@nobody", "/roll@dice 2d6"])
async def test_an_unknown_slash_or_another_bots_is_read_by_nobody(hall, typed):
    before = len(hall.seen("Chloé"))
    assert not await hall.says("Zoe", typed, room="hall")
    assert not await hall.says("Amina", typed, room="hall")
    assert "I have sent this to nobody" in await hall.asks("Bruno", typed)
    assert len(hall.seen("Chloé")) == before
    await hall.says("Amina", "/etc/hosts is empty", room="hall")
    assert hall.seen("Chloé")[-1].endswith("/etc/hosts is empty")


async def test_a_stranger_with_a_code_is_not_answered_in_a_room(hall):
    assert not await hall.says("Zoe", "/join 7K2F-9MPD", room="hall")
    assert "7K2F" not in "".join(hall.seen("Chloé"))


async def test_help_names_an_example_that_works(hall):
    said = await hall.asks("Bruno", "help pace")
    example = said.partition("For example: ")[2].partition("\n")[0]
    assert "not ready" not in await hall.asks("Bruno", example)
