"""Deciding what waits: about the words that were shown, not about one's own, once, whoever is quicker."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from bot.commands.desk import Question
from bot.commands.grammar import Answer
from bot.core import members
from bot.core.scene import Scene
from bot.features import moderating, reporting
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import code_in
from tests.unit.test_moderation import copy, hall, last, reported, state

__all__ = ["hall"]
circle, migrated = commands_ground.circle, commands_ground.migrated

LINK = "see https://x.example.com"


async def edit(ground, who, old, new):
    """Change what was said in the room."""
    line = next(one for one in ground.box(who).seen(who, "hall") if old in one.text)
    await ground.box(who).edit(who, line.id, new, room="hall")
    await ground.settled()


async def test_a_yes_is_to_the_words_that_were_shown_not_to_those_that_took_their_place(hall):
    await hall.says("Eve", LINK, room="hall")
    asked = last(hall, "Amina")
    await edit(hall, "Eve", LINK, "buy at https://evil.example.com")
    await hall.says("Amina", "ok", reply_to=asked.id)
    assert not any("evil" in line for line in hall.seen("Chloé"))
    assert "have been changed" in last(hall, "Amina").text
    assert "evil.example.com" in last(hall, "Amina").text
    await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
    assert any("evil" in line for line in hall.seen("Chloé")), "now they were shown"


async def test_what_members_hid_is_not_shown_with_other_words_than_an_organizer_saw(hall):
    await reported(hall)
    asked = last(hall, "Amina")
    await edit(hall, "Bruno", "Nasty", "EVEN NASTIER")
    await hall.says("Amina", "ok", reply_to=asked.id)
    assert not any("EVEN NASTIER" in line for line in hall.seen("Chloé"))
    assert await state(hall, "EVEN NASTIER") == "hidden"


async def test_members_hide_a_message_for_a_day_once(hall):
    await hall.enter("Hana")
    await reported(hall)
    back = sql("UPDATE message SET hidden_until = hidden_until - 86401 WHERE hidden_until IS NOT NULL")
    await hall.write(lambda connection: run(connection, back))
    await hall.write(lambda connection: reporting.show_again(connection, time.time()))
    await hall.settled()
    await hall.says("Hana", "report", reply_to=copy(hall, "Hana", "Nasty words").id)
    assert await state(hall, "Nasty words") == "visible"


async def test_an_organizer_does_not_decide_about_their_own_words_while_there_is_another(hall):
    await hall.enter("Olga", role="organizer")
    await hall.says("Amina", "hold Olga 2d")
    await hall.says("Olga", "My own words")
    assert "Nothing waits" in await hall.asks("Olga", "waiting")
    await hall.says("Amina", "waiting")
    await hall.says("Amina", "ok")
    assert await state(hall, "My own words") == "visible"


def scene_of(ground, connection, name):
    """A member about to decide, in a transaction of their own."""
    (row,) = run(connection, sql("SELECT id FROM membership WHERE name = :name"), {"name": name})
    standing = members.standing(connection, row.id)
    place = members.place(connection, standing.address_id)
    event = SimpleNamespace(text=None)
    return Scene(connection, ground.app.house, event, place, place, standing, [standing], standing.community_id)


def both(ground, first, second):
    """Two processes in one moment: the second begins while the first has not committed. Each gets a connection."""
    if ground.app.store.sqlite:
        pytest.skip("one process writes a SQLite file at a time")
    engine = ground.app.store.engine
    with engine.connect() as one, engine.connect() as other:
        ended = one.begin()
        first(one)

        def later():
            with other.begin():
                second(other)

        thread = threading.Thread(target=later)
        thread.start()
        thread.join(0.3)
        ended.commit()
        thread.join(10)
        assert not thread.is_alive()


async def test_of_two_answers_in_one_moment_the_first_holds(hall, monkeypatch):
    await hall.enter("Olga", role="organizer")
    await hall.says("Eve", LINK, room="hall")
    (row,) = await hall.rows("SELECT id, community_id FROM message")
    said = []
    monkeypatch.setattr(Scene, "answer", lambda _, words, **__: said.append(getattr(words, "text", words)))

    def decides(name, word):
        def work(connection):
            scene = scene_of(hall, connection, name)
            question = Question(
                0, "waiting", {"messages": [row.id], "held": True}, scene.standing.id, row.community_id, None
            )
            moderating.decides(scene, question, Answer(word))

        return work

    both(hall, decides("Amina", "yes"), decides("Olga", "no"))
    await hall.settled()
    assert await state(hall, LINK) == "visible"
    assert [one.act for one in await hall.rows("SELECT act FROM audit WHERE act IN ('released', 'refused')")] == [
        "released"
    ]
    assert "Amina has decided already: yes." in said


async def test_a_no_after_a_yes_takes_nothing_back(hall):
    await hall.enter("Olga", role="organizer")
    await hall.says("Eve", LINK, room="hall")
    asked = last(hall, "Olga")
    await hall.says("Amina", "ok", reply_to=last(hall, "Amina").id)
    await hall.says("Olga", "no", reply_to=asked.id)
    assert await state(hall, LINK) == "visible"
    assert "Amina has decided already: yes." in last(hall, "Olga").text


async def test_three_voices_in_one_moment_hide(hall):
    await reported(hall, by=["Chloé"])
    (row,) = await hall.rows("SELECT id FROM message WHERE text = 'Nasty words'")

    def reports(name):
        def work(connection):
            scene = scene_of(hall, connection, name)
            scene.parent = SimpleNamespace(id=row.id)
            reporting.report(scene, None)

        return work

    both(hall, reports("Gita"), reports("Dora"))
    assert await state(hall, "Nasty words") == "hidden"


async def test_who_is_held_and_leaves_is_held_in_the_room_as_well(hall):
    await hall.says("Amina", "hold Bruno 2d")
    await hall.says("Bruno", "leave")
    await hall.says("Bruno", "yes")
    await hall.says("Bruno", "words in the hall", room="hall")
    assert await state(hall, "words in the hall") == "held"


async def test_who_is_held_gives_no_title_or_topic_that_all_would_see(hall):
    await hall.says("Chloé", "new: Picnic\nLet us meet")
    await hall.says("Amina", "hold Bruno 2d")
    line = copy(hall, "Bruno", "Let us meet", room="hall")
    for words in ("/title: AMINA IS A THIEF", "/topic: AMINA IS A THIEF"):
        await hall.says("Bruno", words, room="hall", reply_to=line.id)
    assert [row.title for row in await hall.rows("SELECT title FROM thread WHERE day IS NULL")] == ["Picnic"]
    assert not await hall.rows("SELECT name FROM topic")


async def test_a_thread_whose_words_wait_is_not_told_to_who_joins(hall):
    await hall.says("Amina", "hold Bruno 2d")
    await hall.says("Bruno", "/new: AMINA IS A THIEF\nreally", room="hall")
    assert await state(hall, "really") == "held"
    code = code_in(await hall.asks("Amina", "invite"))
    await hall.says("Nadia", code)
    await hall.says("Nadia", "yes")
    assert any("Welcome" in line for line in hall.seen("Nadia"))
    assert not any("THIEF" in line for line in hall.seen("Nadia"))
