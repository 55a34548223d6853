"""Strangers: told once a day how one comes in, in private and by chat only; no community and no member is ever named."""

from __future__ import annotations

import time

import pytest
import time_machine

from bot.commands.catalogue import all_commands
from store.statement import run, sql
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated

HELLO = "Hello. I carry the messages of a private group;"
NAMES = ("Cercle", "Amina", "Bruno", "Chloé", "Dora")


async def test_a_stranger_is_told_once_in_twenty_four_hours_whatever_they_write(circle):
    with time_machine.travel(time.time(), tick=True) as clock:
        (told,) = await circle.says("Dario", "Hello?")
        assert told.text.startswith(HELLO)
        for text in ("Amina?", "/start", "/hep", "/xyz", "yes", "12", "/invite"):
            assert await circle.says("Dario", text) == []
        clock.shift(86_400 - 60)
        assert await circle.says("Dario", "It is me again") == []
        clock.shift(120)
        (again,) = await circle.says("Dario", "It is me again")
        assert again.text == told.text
    assert circle.seen("Amina") + circle.seen("Bruno") + circle.seen("Dora") == []


async def test_the_slash_telegram_sends_when_a_chat_is_opened_is_answered(circle):
    (told,) = await circle.says("Dario", "/start")
    assert told.text.startswith(HELLO)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_no_word_a_stranger_can_say_is_answered_with_a_name(circle, language):
    circle.box("Dario").network.human("Dario", language)
    for command in all_commands():
        for said in (command.word(language), f"/{command.example.get(language, command.example['en'])}"):
            for answer in await circle.says("Dario", said.replace("Bruno", "X").replace("Karim", "X")):
                assert not any(name in answer.text for name in NAMES), (said, answer.text)
    assert sum(text.startswith(("Hello. I carry", "Bonjour. Je porte")) for text in circle.seen("Dario")) == 1


async def test_in_a_room_no_stranger_is_answered_as_one(circle):
    circle.box("Dario").room("the hall", ["Amina", "Dario"])
    await circle.settled()
    for text in ("Hello", "/start", "/xyz"):
        await circle.says("Dario", text, room="the hall")
    assert circle.seen("Dario") == []
    assert not any(text.startswith(HELLO) for text in circle.seen("Dario", "the hall"))


async def test_nothing_of_what_a_stranger_wrote_is_kept(circle):
    await circle.says("Dario", "My secret is 4711")
    (item,) = await circle.rows("SELECT raw, outcome FROM inbound ORDER BY id DESC LIMIT 1")
    assert (item.outcome, item.raw) == ("stranger", None)
    assert await circle.rows("SELECT 1 FROM message") == []


async def test_a_strangers_mails_are_held_and_counted_and_not_answered(circle):
    circle.on["Eve"] = "post"
    for number in range(3):
        assert await circle.says("Eve", f"May I join? {number}", subject="Hello") == []
    state = (await circle.says("Amina", "/state"))[-1].text
    assert "3 messages of people I do not know are held" in state
    assert "not proved" not in state
    assert [row.state for row in await circle.rows("SELECT state FROM inbound WHERE outcome = 'stranger'")] == [
        "held"
    ] * 3


async def test_they_are_counted_for_the_organizers_of_every_community(circle):
    circle.on["Eve"] = "post"
    await circle.says("Eve", "May I join?", subject="Hello")
    await circle.write(
        lambda c: run(c, sql("INSERT INTO community (slug, name, language, timezone, created_at)"
                             " VALUES ('choir', 'Choir', 'en', 'Europe/Paris', 1)"))
    )  # fmt: skip
    await circle.enter("Léa", slug="choir", role="organizer")
    assert "1 message of somebody I do not know is held" in (await circle.says("Léa", "/state"))[-1].text


async def test_two_words_at_once_are_told_once(circle):
    box = circle.box("Dario")
    await box.say("Dario", "One")
    await box.say("Dario", "Two")
    await circle.settled()
    assert len(circle.seen("Dario")) == 1
