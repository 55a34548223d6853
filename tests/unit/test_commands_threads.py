"""NEW, TITLE, TOPIC, MOVE: threads as members handle them."""

from __future__ import annotations

import pytest

from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


async def numbered(circle, title: str) -> list[str]:
    """The words of a thread, in the order of their numbers."""
    rows = await circle.rows(
        "SELECT m.text FROM message m JOIN thread t ON t.id = m.thread_id WHERE t.title = :title ORDER BY m.number",
        title=title,
    )
    return [row.text for row in rows]


@pytest.fixture
async def hall(circle):
    """A room with Amina, Bruno and Eve, who has not joined."""
    circle.boxes["chat"].room("hall", ["Amina", "Bruno", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    return circle


async def test_a_thread_begins_with_the_words_below_its_title(circle):
    await circle.says("Bruno", "/new Picnic on 14 June\nWho brings the cake?\nAnd who the tea?")
    assert await numbered(circle, "Picnic on 14 June") == ["Who brings the cake?\nAnd who the tea?"]
    shown = circle.seen("Chloé")[-1]
    assert shown == "— Picnic on 14 June —\nBruno: Who brings the cake?\nAnd who the tea?"


async def test_without_words_the_title_is_what_is_said_first(hall):
    await hall.says("Amina", "/new Beloved in March?", room="hall")
    letter = hall.box("Dora").seen("Dora")[-1]
    assert letter.subject == "Beloved in March?"
    assert letter.text.startswith("Beloved in March?")
    assert await numbered(hall, "Beloved in March?") == ["Beloved in March?"]


async def test_what_is_said_next_in_the_room_belongs_to_the_new_thread(hall):
    await hall.says("Amina", "/new Beloved in March?", room="hall")
    await hall.says("Eve", "Yes please", room="hall")
    assert await numbered(hall, "Beloved in March?") == ["Beloved in March?", "Yes please"]


async def test_an_answer_to_the_line_that_began_it_finds_it(hall):
    await hall.says("Amina", "/new Beloved in March?", room="hall")
    began = hall.last
    await hall.says("Bruno", "/new Picnic", room="hall")
    await hall.says("Eve", "I have it", room="hall", reply_to=began)
    assert await numbered(hall, "Beloved in March?") == ["Beloved in March?", "I have it"]


async def test_a_mail_may_begin_a_thread_too(circle):
    await circle.says("Dora", "nouveau : Pique-nique du 14 juin\n\nQui apporte le gâteau ?", subject="bonjour")
    assert await numbered(circle, "Pique-nique du 14 juin") == ["Qui apporte le gâteau ?"]
    assert "Pique-nique du 14 juin" in circle.seen("Bruno")[-1]


async def test_a_greeting_is_no_title(circle):
    answer = await circle.asks("Bruno", "/new Bonjour")
    assert "needs a title" in answer
    assert circle.seen("Chloé") == []


async def test_a_group_that_is_no_room_begins_nothing(circle):
    circle.boxes["chat"].room("kitchen", ["Amina", "Bruno"])
    await circle.says("Amina", "/new Secret plan", room="kitchen")
    assert circle.seen("Chloé") == []
    assert "/room" in circle.seen("Amina")[-1]


async def test_a_day_of_talk_that_gets_a_title_keeps_its_lines(hall):
    await hall.says("Eve", "Shall we read Beloved?", room="hall")
    await hall.says("Bruno", "/title Beloved in March", room="hall")
    await hall.says("Eve", "I have two copies", room="hall")
    assert await numbered(hall, "Beloved in March") == ["Shall we read Beloved?", "I have two copies"]
    # Mails keep the first subject for ever.
    subjects = {letter.subject.removeprefix("Re: ") for letter in hall.box("Dora").seen("Dora")}
    assert len(subjects) == 1
    assert subjects.pop().startswith("Hall, ")


async def test_a_thread_goes_under_a_topic_made_once(circle):
    await circle.says("Bruno", "/new Picnic")
    assert "“Outings”" in await circle.asks("Bruno", "topic: Outings")
    await circle.says("Chloé", "/new Museum")
    assert "“Outings”" in await circle.asks("Chloé", "topic: OUTINGS")
    rows = await circle.rows("SELECT title FROM thread WHERE topic_id = (SELECT id FROM topic) ORDER BY id")
    assert [row.title for row in rows] == ["Picnic", "Museum"]


async def test_an_author_moves_a_message_and_what_answers_it(circle):
    await circle.says("Bruno", "/new Picnic")
    await circle.says("Bruno", "The museum opens at ten")
    wrong = circle.last
    await circle.says("Chloé", "Then at ten", reply_to=circle.box("Chloé").seen("Chloé")[-1].id)
    answer = await circle.asks("Bruno", "/move Museum on Sunday", reply_to=wrong)
    assert "“Museum on Sunday”" in answer
    assert await numbered(circle, "Picnic") == ["Picnic"]
    assert await numbered(circle, "Museum on Sunday") == ["The museum opens at ten", "Then at ten"]


async def test_an_answer_follows_the_message_that_was_moved(circle):
    await circle.says("Bruno", "/new Picnic")
    await circle.says("Bruno", "The museum opens at ten")
    seen_by_chloe = circle.box("Chloé").seen("Chloé")[-1].id
    await circle.says("Bruno", "/move Museum on Sunday", reply_to=circle.last)
    await circle.says("Chloé", "Then at ten", reply_to=seen_by_chloe)
    assert await numbered(circle, "Museum on Sunday") == ["The museum opens at ten", "Then at ten"]


async def test_nobody_moves_what_others_wrote_but_an_organizer(circle):
    await circle.says("Bruno", "/new Picnic")
    by_chloe = circle.box("Chloé").seen("Chloé")[-1].id
    assert "Only who wrote" in await circle.asks("Chloé", "/move Museum", reply_to=by_chloe)
    by_amina = circle.box("Amina").seen("Amina")[-1].id
    assert "“Museum”" in await circle.asks("Amina", "/move Museum", reply_to=by_amina)


async def test_an_author_may_move_for_a_quarter_of_an_hour(circle):
    await circle.says("Bruno", "/new Picnic")
    wrong = circle.last
    await circle.write(
        lambda c: commands_ground.run(c, commands_ground.sql("UPDATE message SET created_at = created_at - 901"))
    )
    assert "15 minutes" in await circle.asks("Bruno", "/move Museum", reply_to=wrong)
    assert await numbered(circle, "Picnic") == ["Picnic"]


async def test_what_waits_for_its_pace_is_parted_from_the_old_thread(circle):
    await circle.write(
        lambda c: commands_ground.run(
            c, commands_ground.sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")
        )
    )
    await circle.says("Bruno", "/new Picnic")
    await circle.says("Bruno", "The museum opens at ten")
    await circle.says("Bruno", "/move Museum on Sunday", reply_to=circle.last)
    rows = await circle.rows(
        "SELECT t.title, m.text FROM parcel p JOIN delivery d ON d.parcel_id = p.id JOIN message m ON m.id = d.message_id"
        " JOIN thread t ON t.id = p.thread_id JOIN membership s ON s.id = p.membership_id"
        " WHERE s.name = 'Dora' AND p.state = 'due' ORDER BY m.id"
    )
    assert [(row.title, row.text) for row in rows] == [
        ("Picnic", "Picnic"),
        ("Museum on Sunday", "The museum opens at ten"),
    ]


async def test_move_needs_the_message_it_is_about(circle):
    await circle.says("Bruno", "/new Picnic")
    assert "Answer the message" in await circle.asks("Bruno", "/move Museum")


async def test_a_mail_finds_the_thread_by_the_subject_its_mails_keep_after_it_was_called_otherwise(circle):
    await circle.says("Amina", "/new Beloved in March?")
    await circle.says("Amina", "/title Toni Morrison", reply_to=circle.last)
    await circle.says("Dora", "I will.", subject="Re: Beloved in March?")
    assert await numbered(circle, "Toni Morrison") == ["Beloved in March?", "I will."]


async def test_all_mails_of_a_thread_hang_on_its_first_message(circle):
    """Mail programs keep them together by that (RFC 5322, 3.6.4): also what answers nothing, and lines that came together."""
    mails = letters(circle)
    await circle.says("Amina", "/new Beloved in March?")
    await circle.says("Bruno", "One.", reply_to=circle.box("Bruno").seen("Bruno")[-1].id)
    await circle.says("Amina", "Two.", reply_to=circle.box("Amina").seen("Amina")[-1].id)
    first, *others = [personal for to, personal in mails if to == circle.box("Dora").network.human("Dora").id]
    assert first.ancestors == ()
    assert len(others) == 2
    assert {personal.ancestors[0] for personal in others} == {first.id}


def letters(circle):
    """What is personal in every mail that leaves from now on, with whom it is for."""
    bridge = circle.bridges["post"]
    mails, send = [], bridge.send

    async def noting(to, what):
        mails.append((to.id, what.personal))
        return await send(to, what)

    bridge.send = noting
    return mails


async def test_a_quote_is_recognised_where_the_channel_has_no_style_for_it(hall):
    """Without a mark the words would read as if their author spoke now."""
    await hall.says("Eve", "Who has the key?", room="hall")
    asked = hall.last
    await hall.enter("Zoé")
    await hall.says("Bruno", "I have.", room="hall", reply_to=asked)
    assert hall.seen("Zoé")[-1].splitlines()[-2:] == ["> Eve: Who has the key?", "Bruno: I have."]


async def test_a_quote_has_the_words_as_they_are_now(hall):
    await hall.says("Eve", "Who has the kye?", room="hall")
    asked = hall.last
    await hall.says("Amina", "Hm.", room="hall", reply_to=asked)
    await hall.box("Eve").edit("Eve", asked, "Who has the key?", room="hall")
    await hall.settled()
    await hall.enter("Zoé")
    await hall.says("Bruno", "I have.", room="hall", reply_to=asked)
    assert "Who has the key?" in hall.seen("Zoé")[-1]
