"""First words: what a member writes first in a private chat is shown back before it leaves, twice; never a mail."""

from __future__ import annotations

import pytest

from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import code_in

circle, migrated = commands_ground.circle, commands_ground.migrated

ASKS = "Shall I send it to all of Cercle (4 people, of whom 1 by post)? YES · NO · TEAM (to the organizers only)\n"
NEW = sql("UPDATE membership SET confirmed = 0 WHERE name = :name")
CONFIRMED = "SELECT confirmed FROM membership WHERE name = :name"


@pytest.fixture
async def newcomer(circle):
    """Bruno has not written yet."""
    await circle.write(lambda connection: run(connection, NEW, {"name": "Bruno"}))
    return circle


async def confirmed(circle, name: str = "Bruno") -> int:
    return (await circle.rows(CONFIRMED, name=name))[0].confirmed


def others(circle) -> list[str]:
    """What reached anybody else."""
    return [text for who in ("Amina", "Chloé", "Dora") for text in circle.seen(who)]


async def last(circle, who="Bruno"):
    return [one for one in circle.box(who).seen(who) if not one.mine][-1]


async def test_the_first_two_are_shown_back_and_the_third_is_not(newcomer):
    for number in ("One", "Two"):
        asked = await newcomer.asks("Bruno", number)
        assert asked == f"{ASKS}“{number}”"
        assert not any(number in text for text in others(newcomer))
        await newcomer.says("Bruno", "yes")
        assert sum(number in text for text in others(newcomer)) == 3
    assert "without asking" in newcomer.seen("Bruno")[-1]
    assert await newcomer.says("Bruno", "Three") == []
    assert sum("Three" in text for text in others(newcomer)) == 3
    assert await confirmed(newcomer) == 2


async def test_no_sends_it_to_nobody_and_does_not_count(newcomer):
    await newcomer.says("Bruno", "I only wanted to tell you, Amina")
    assert "to nobody" in await newcomer.asks("Bruno", "no")
    assert others(newcomer) == []
    assert await confirmed(newcomer) == 0
    assert await newcomer.rows("SELECT 1 FROM question") == []


async def test_team_brings_it_to_the_organizers_alone_and_their_answer_comes_back(newcomer):
    await newcomer.says("Bruno", "Is my mother on the list?")
    assert "to nobody else" in await newcomer.asks("Bruno", "team")
    assert "Is my mother on the list?" in (await last(newcomer, "Amina")).text
    assert newcomer.seen("Chloé") + newcomer.seen("Dora") == []
    await newcomer.says("Amina", "Yes, she is.", reply_to=(await last(newcomer, "Amina")).id)
    assert newcomer.seen("Bruno")[-1].endswith("Yes, she is.")
    assert newcomer.seen("Chloé") + newcomer.seen("Dora") == []
    assert await confirmed(newcomer) == 0


@pytest.mark.parametrize("label", ["YES", "NO", "TEAM"])
async def test_each_answer_has_a_button(newcomer, label):
    (asked,) = await newcomer.says("Bruno", "Hello")
    assert [button.label for button in asked.buttons] == ["YES", "NO", "TEAM"]
    button = next(one for one in asked.buttons if one.label == label)
    await newcomer.box("Bruno").press("Bruno", asked, button)
    await newcomer.settled()
    reached = sum("Hello" in text for text in others(newcomer))
    assert reached == {"YES": 3, "NO": 0, "TEAM": 1}[label]
    # A second press on the same button does nothing.
    await newcomer.box("Bruno").press("Bruno", asked, button)
    await newcomer.settled()
    assert sum("Hello" in text for text in others(newcomer)) == reached


async def test_a_mail_is_never_asked_about(circle):
    await circle.write(lambda connection: run(connection, NEW, {"name": "Dora"}))
    assert await circle.says("Dora", "Good evening", subject="Hello") == []
    assert sum("Good evening" in text for who in ("Amina", "Bruno") for text in circle.seen(who)) == 2
    assert await confirmed(circle, "Dora") == 0


async def test_an_answer_keeps_its_place_while_it_waits(newcomer):
    await newcomer.says("Amina", "Who brings the glasses?")
    await newcomer.says("Bruno", "I do", reply_to=(await last(newcomer)).id)
    await newcomer.says("Bruno", "yes")
    answered = next(one for one in newcomer.box("Chloé").seen("Chloé") if one.text.endswith("I do"))
    assert answered.reply_to == next(o for o in newcomer.box("Chloé").seen("Chloé") if "glasses" in o.text).id


async def test_what_is_written_in_one_go_leaves_with_one_word_and_in_its_order(newcomer):
    for text in ("Hello", "it is me", "Bruno"):
        await newcomer.says("Bruno", text)
    assert others(newcomer) == []
    assert (
        await newcomer.asks("Bruno", "yes")
        == "Sent to everyone. From now on I send what you write here without asking."
    )
    (said,) = newcomer.seen("Chloé")
    assert said.index("Hello") < said.index("it is me") < said.rindex("Bruno")
    assert await confirmed(newcomer) == 3


async def test_a_button_or_a_reply_is_about_its_own_words_only(newcomer):
    (first,) = await newcomer.says("Bruno", "For everybody")
    (second,) = await newcomer.says("Bruno", "A secret")
    await newcomer.box("Bruno").press("Bruno", first, first.buttons[0])
    await newcomer.settled()
    assert sum("For everybody" in text for text in others(newcomer)) == 3
    assert not any("secret" in text for text in others(newcomer))
    await newcomer.says("Bruno", "no", reply_to=second.id)
    assert not any("secret" in text for text in others(newcomer))


async def test_a_thread_begun_on_purpose_is_asked_about_and_then_begun_as_it_was_meant(newcomer):
    asked = await newcomer.asks("Bruno", "/new Picnic on 14 June\nWho brings glasses?")
    assert asked == f"{ASKS}“Picnic on 14 June Who brings glasses?”"
    assert await newcomer.rows("SELECT 1 FROM thread WHERE title LIKE 'Picnic%'") == []
    said = await newcomer.says("Bruno", "yes")
    assert "is begun" in said[-1].text
    assert len(await newcomer.rows("SELECT 1 FROM thread WHERE title = 'Picnic on 14 June' AND numbered = 1")) == 1
    await newcomer.says("Bruno", "And who a cake?")
    await newcomer.says("Bruno", "yes")
    assert len(await newcomer.rows("SELECT 1 FROM thread WHERE title = 'Picnic on 14 June' AND numbered = 2")) == 1


async def test_what_is_forwarded_is_asked_about_too(newcomer):
    """It can be no command, and so comes another way; "yes" forwarded is no answer."""
    box = newcomer.box("Bruno")
    human = box.network.human("Bruno")
    chat = box.network.chat("Bruno")
    line = box.network.show(chat, "Look", author="Bruno")
    box.network.push("message", chat, human, id=line.id, text="Look", reply_to="", start="", evidence="forward")
    await newcomer.settled()
    assert newcomer.seen("Bruno")[-1].startswith("Shall I send it")
    line = box.network.show(chat, "yes", author="Bruno")
    box.network.push("message", chat, human, id=line.id, text="yes", reply_to="", start="", evidence="forward")
    await newcomer.settled()
    assert newcomer.seen("Bruno")[-1].endswith("“yes”")
    assert others(newcomer) == []


async def test_what_is_changed_while_it_waits_leaves_as_it_was_changed(newcomer):
    await newcomer.says("Bruno", "Helo")
    number = newcomer.last
    box = newcomer.box("Bruno")
    box.network.push("edit", box.network.chat("Bruno"), box.network.human("Bruno"), id=number, text="Hello")
    await newcomer.settled()
    await newcomer.says("Bruno", "yes")
    assert sum(text.endswith("Hello") for text in others(newcomer)) == 3
    assert not any("Helo" in text for text in others(newcomer))


async def test_what_is_taken_back_while_it_waits_never_leaves(newcomer):
    await newcomer.says("Bruno", "Not for you")
    box = newcomer.box("Bruno")
    box.network.push("delete", box.network.chat("Bruno"), box.network.human("Bruno"), id=newcomer.last)
    await newcomer.settled()
    await newcomer.says("Bruno", "yes")
    assert not any("Not for you" in text for text in others(newcomer))


async def test_after_leaving_yes_sends_nothing(newcomer):
    (asked,) = await newcomer.says("Bruno", "My last word")
    await newcomer.says("Bruno", "/leave")
    await newcomer.says("Bruno", "yes")
    await newcomer.box("Bruno").press("Bruno", asked, asked.buttons[0])
    await newcomer.settled()
    assert others(newcomer) == []


async def test_a_command_is_not_asked_about(newcomer):
    assert "Shall I send" not in await newcomer.asks("Bruno", "help")
    assert "Shall I send" not in (await newcomer.says("Bruno", "contact: Who has the keys?"))[0].text
    assert await confirmed(newcomer) == 0


async def test_nobody_else_can_answer_for_them(newcomer):
    (asked,) = await newcomer.says("Bruno", "Hello")
    box = newcomer.box("Chloé")
    box.network.push(
        "press", box.network.chat("Bruno"), box.network.human("Chloé"), id=asked.id, data="yes", callback="c"
    )
    await newcomer.settled()
    assert others(newcomer) == []


async def test_in_a_room_nobody_is_asked(newcomer):
    newcomer.box("Bruno").room("the hall", ["Amina", "Bruno"])
    await newcomer.settled()
    await newcomer.says("Amina", "/room", room="the hall")
    await newcomer.says("Amina", "/room now", room="the hall")
    await newcomer.says("Bruno", "Good evening", room="the hall")
    assert not any("Shall I send" in text for text in newcomer.seen("Bruno"))
    assert any("Good evening" in text for text in newcomer.seen("Dora"))


async def test_in_two_communities_the_question_comes_after_which_one(newcomer):
    await newcomer.write(
        lambda c: run(c, sql("INSERT INTO community (slug, name, language, timezone, created_at)"
                             " VALUES ('choir', 'Choir', 'en', 'Europe/Paris', 1)"))
    )  # fmt: skip
    await newcomer.enter("Bruno", "Léa", slug="choir")
    await newcomer.write(lambda connection: run(connection, sql("UPDATE membership SET confirmed = 0")))
    assert "For which of them" in await newcomer.asks("Bruno", "Hello singers")
    assert (await newcomer.asks("Bruno", "2")).startswith("Shall I send it to all of Choir (2 people)?")
    assert newcomer.seen("Léa") == []
    await newcomer.says("Bruno", "yes")
    assert newcomer.seen("Léa")[-1].endswith("Bruno: Hello singers")
    assert others(newcomer) == []


async def test_somebody_who_has_just_come_in_is_asked(circle):
    code = code_in(await circle.asks("Amina", "/invite"))
    invitation = await circle.asks("Fanny", code)
    assert "The first times I will ask you to confirm." in invitation
    await circle.says("Fanny", "yes")
    assert (await circle.asks("Fanny", "Hello everybody")).startswith("Shall I send it to all of Cercle (5 people")
    assert not any("Hello everybody" in text for text in others(circle))


async def test_in_french(newcomer):
    await newcomer.says("Bruno", "lang fr")
    asked = await newcomer.asks("Bruno", "Bonjour, quelqu'un aurait-il une clé ?")
    assert "OUI · NON · EQUIPE" in asked.replace("\u00a0", " ")
    await newcomer.says("Bruno", "équipe")
    assert "quelqu'un aurait-il" in newcomer.seen("Amina")[-1]


async def test_a_second_yes_is_asked_about_before_everybody_reads_it(newcomer):
    await newcomer.says("Bruno", "Hello all")
    await newcomer.says("Bruno", "yes")
    said = await newcomer.says("Bruno", "yes")
    assert "yes" in said[-1].text
    assert not await newcomer.rows("SELECT 1 FROM message WHERE text = 'yes'")
    await newcomer.says("Bruno", "no")
    assert not await newcomer.rows("SELECT 1 FROM message WHERE text = 'yes'")
