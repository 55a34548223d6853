"""CONTACT: a question to the organizers only, and its answer back, neither side seeing an address."""

from __future__ import annotations

import pytest

from store.statement import run, sql
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


def last(circle, who: str):
    return circle.box(who).seen(who)[-1]


@pytest.fixture
async def two(circle):
    """A second organizer, who has mail."""
    await circle.enter("Paula", channel="post", role="organizer")
    return circle


async def test_a_question_reaches_the_organizers_only(two):
    answer = await two.asks("Bruno", "contact: Who has the keys?")
    assert "to nobody else" in answer
    for organizer in ("Amina", "Paula"):
        assert "Bruno" in last(two, organizer).text
        assert "Who has the keys?" in last(two, organizer).text
    assert two.seen("Chloé") == []
    assert two.seen("Dora") == []


async def test_an_organizers_reply_comes_back_to_the_person_alone(two):
    await two.says("Bruno", "contact: Who has the keys?")
    said = await two.says("Paula", "I have them, come at six.", reply_to=last(two, "Paula").id)
    assert "Bruno" in said[-1].text
    assert last(two, "Bruno").text == "Paula answers you, for the organizers:\nI have them, come at six."
    assert "answered Bruno" in last(two, "Amina").text
    assert two.seen("Chloé") == []
    assert two.seen("Dora") == []


async def test_neither_side_sees_an_address(two):
    await two.says("Dora", "contact : Qui a les clés ?")
    await two.says("Amina", "Moi.", reply_to=last(two, "Amina").id)
    shown = [str(line.text) + line.subject for who in ("Amina", "Paula", "Dora") for line in two.box(who).seen(who)]
    for address in ("dora@", "paula@", "members.example"):
        assert not any(address in words for words in shown)
    assert "Moi." in last(two, "Dora").text


async def test_it_goes_on_as_long_as_both_reply(circle):
    await circle.says("Bruno", "contact: Who has the keys?")
    await circle.says("Amina", "I have.", reply_to=last(circle, "Amina").id)
    await circle.says("Bruno", "When may I come?", reply_to=last(circle, "Bruno").id)
    assert "When may I come?" in last(circle, "Amina").text
    await circle.says("Amina", "At six.", reply_to=last(circle, "Amina").id)
    assert last(circle, "Bruno").text.endswith("At six.")
    assert circle.seen("Chloé") == []


async def test_an_organizer_may_reply_twice_to_the_same_question(circle):
    await circle.says("Bruno", "contact: Who has the keys?")
    brought = last(circle, "Amina").id
    await circle.says("Amina", "I have.", reply_to=brought)
    await circle.says("Amina", "Come at six.", reply_to=brought)
    assert [words.splitlines()[-1] for words in circle.seen("Bruno")[-2:]] == ["I have.", "Come at six."]


async def test_what_an_organizer_writes_without_replying_goes_to_everyone(circle):
    await circle.says("Bruno", "contact: Who has the keys?")
    await circle.says("Amina", "Good evening to all")
    assert circle.seen("Chloé")[-1].endswith("Amina: Good evening to all")


async def test_a_question_to_the_organizers_takes_no_yes_that_was_meant_for_another(circle):
    await circle.says("Bruno", "/leave")
    # Meanwhile somebody asks Bruno's organizers; nothing of it concerns Bruno's open question.
    await circle.says("Chloé", "contact: Who has the keys?")
    await circle.says("Amina", "/drop in:1")
    await circle.says("Chloé", "contact: And where is it?")
    said = await circle.says("Amina", "yes")
    assert "nothing called in:1" in said[-1].text.lower() or "has not failed" in said[-1].text
    assert not any("yes" in words.split() for words in circle.seen("Dora"))


async def test_the_only_organizer_is_told_so(circle):
    assert "only organizer" in await circle.asks("Amina", "contact: Is anybody there?")


async def test_when_nobody_can_be_reached_the_words_go_nowhere(circle):
    await circle.write(
        lambda c: commands_ground.run(
            c,
            commands_ground.sql(
                "UPDATE address SET status = 'unreachable' WHERE id ="
                " (SELECT address_id FROM membership WHERE name = 'Amina')"
            ),
        )
    )
    assert "No organizer can be reached" in await circle.asks("Bruno", "contact: Who has the keys?")


async def test_somebody_invited_may_ask_before_saying_yes(circle):
    made = await circle.asks("Amina", "/invite")
    code = next(word for line in made.splitlines() for word in line.split() if "-" in word and len(word) == 9)
    await circle.says("Fanny", code)
    assert "to nobody else" in await circle.asks("Fanny", "contact: Is it free?")
    assert "Is it free?" in last(circle, "Amina").text
    await circle.says("Amina", "Yes, it is.", reply_to=last(circle, "Amina").id)
    assert last(circle, "Fanny").text.endswith("Yes, it is.")
    assert circle.seen("Chloé") == []


async def test_who_was_removed_or_asked_to_be_forgotten_is_answered_no_more_and_heard_no_more(circle):
    for person, ends in (("Bruno", ("remove Bruno", "yes")), ("Chloé", ())):
        await circle.says(person, "contact: Who has the keys?")
        asked = last(circle, "Amina").id
        await circle.says("Amina", "I do.", reply_to=asked)
        answered = last(circle, person).id
        for words in ends:
            await circle.says("Amina", words)
        if not ends:
            await circle.says(person, "forgetme")
        there, here = circle.seen("Amina"), circle.seen(person)
        await circle.says(person, "Liars!", reply_to=answered)
        assert not [one for one in circle.seen("Amina")[len(there) :] if "Liars" in one]
        await circle.says("Amina", "One more thing", reply_to=asked)
        assert f"{person} cannot be reached" in last(circle, "Amina").text
        assert not [one for one in circle.seen(person)[len(here) :] if "One more thing" in one]


async def test_one_person_reaches_the_organizers_ten_times_in_an_hour_and_is_told_when_to_write_again(circle):
    for number in range(10):
        assert "to nobody else" in await circle.asks("Bruno", f"contact: Question {number}")
    await circle.says("Amina", "Patience", reply_to=last(circle, "Amina").id)
    answered, before = last(circle, "Bruno").id, circle.seen("Amina")
    assert "write it again in 6 minutes" in await circle.asks("Bruno", "contact: Question 11")
    await circle.says("Bruno", "And this", reply_to=answered)
    assert "write it again in 6 minutes" in last(circle, "Bruno").text
    assert circle.seen("Amina") == before
    assert "to nobody else" in await circle.asks("Chloé", "contact: Mine")
    await circle.write(lambda c: run(c, sql("UPDATE budget SET tat = tat - 400 WHERE name LIKE 'contact.%'")))
    assert "to nobody else" in await circle.asks("Bruno", "contact: Question 11")
