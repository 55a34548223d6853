"""RECEIVE and PACE: where a member is told, what follows them there, and what a strange mailbox is asked."""

from __future__ import annotations

from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, linked, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def test_a_member_moves_to_another_channel_of_theirs_and_the_thread_follows(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Amina", "new: Picnic on 14 June")
    assert "by post" in await circle.asks("Bruno", "receive post")
    assert "by post" in newest(circle, "post", "Bruno").text
    before = len(circle.seen("Bruno"))
    await circle.says("Amina", "Who brings bread?")
    mail = newest(circle, "post", "Bruno")
    assert (mail.subject, mail.text) == ("Picnic on 14 June", "Who brings bread?")
    assert len(circle.seen("Bruno")) == before
    await by(circle, "post", "Bruno", "I do", reply_to=mail.id)
    assert circle.seen("Amina")[-1].endswith("Bruno: I do")


async def test_what_waits_follows_and_nothing_is_lost_or_doubled(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Bruno", "pace grouped")
    await circle.says("Amina", "One")
    await circle.says("Amina", "Two")
    assert not [text for text in circle.seen("Bruno") if text.endswith("Two")]
    await circle.says("Bruno", "receive post")  # which has the pace `each`
    found = [text for text in shown(circle, "post", "Bruno") if "One" in text or "Two" in text]
    assert len(found) == 1
    assert found[0].index("One") < found[0].index("Two")
    assert not [text for text in circle.seen("Bruno") if "Two" in text]
    keys = await circle.rows("SELECT key FROM delivery WHERE state = 'owed' AND kind = 'relay'")
    assert len(keys) == len({row.key for row in keys})


async def test_what_waited_singly_is_one_mail_a_thread_for_who_wants_it_grouped(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Bruno", "receive post")
    await circle.says("Bruno", "pace grouped")
    await circle.says("Bruno", "receive chat")
    await circle.write(lambda c: run(c, sql("UPDATE channel_state SET grace = 3600 WHERE name = 'chat'")))
    for text in ("One", "Two", "Three"):
        await circle.says("Amina", text)
    await circle.says("Bruno", "receive post")
    waiting = await circle.rows(
        "SELECT p.bundle, COUNT(d.id) AS lines FROM parcel p JOIN delivery d ON d.parcel_id = p.id"
        " JOIN membership m ON m.id = p.membership_id AND m.name = 'Bruno'"
        " WHERE p.state = 'due' AND p.kind = 'relay' GROUP BY p.id, p.bundle"
    )
    assert [row.lines for row in waiting] == [3]
    assert waiting[0].bundle
    # What is said next joins it.
    await circle.says("Amina", "Four")
    await circle.write(lambda c: run(c, sql("UPDATE parcel SET due_at = 0 WHERE state = 'due' AND kind = 'relay'")))
    await circle.write(lambda c: run(c, sql("UPDATE lane SET due_at = 0 WHERE due_at IS NOT NULL")))
    circle.app.bus.outbox.wake()
    await circle.settled()
    assert [word in newest(circle, "post", "Bruno").text for word in ("One", "Two", "Three", "Four")] == [True] * 4


async def test_a_message_got_at_one_address_is_not_sent_again_at_the_next(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Amina", "Seen in the chat")
    await circle.says("Bruno", "receive post")
    await circle.says("Bruno", "receive chat")
    assert len([text for text in circle.seen("Bruno") if text.endswith("Seen in the chat")]) == 1
    assert not [text for text in shown(circle, "post", "Bruno") if text.endswith("Seen in the chat")]


async def test_each_address_remembers_its_pace(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Bruno", "receive post")
    assert (await membership(circle, "Bruno")).pace == "each"
    await circle.says("Bruno", "pace grouped")
    await circle.says("Bruno", "receive chat")
    assert (await membership(circle, "Bruno")).pace == "each"
    await circle.says("Bruno", "receive post")
    assert (await membership(circle, "Bruno")).pace == "grouped"


async def test_a_strange_mailbox_is_asked_once_and_its_ok_moves_them(circle):
    address = circle.boxes["post"].person("Bruno")
    said = await circle.asks("Bruno", f"receive {address}")
    assert f"I have written to {address}" in said
    assert (await membership(circle, "Bruno")).told_on == "chat"
    assert f"I have written to {address} before" in await circle.asks("Bruno", f"receive {address}")
    assert len(shown(circle, "post", "Bruno")) == 1
    assert "Bruno would like to receive the messages of Cercle here" in shown(circle, "post", "Bruno")[0]
    done = await replies(circle, "post", "Bruno", "OK")
    assert "From now on you receive everything by post" in done[-1]
    assert "From now on you receive everything by post" in circle.seen("Bruno")[-1]
    assert (await membership(circle, "Bruno")).told_on == "post"
    await circle.says("Amina", "Hello Bruno")
    assert newest(circle, "post", "Bruno").text.endswith("Hello Bruno")


async def test_a_mailbox_that_says_nothing_or_no_gets_nothing_more(circle):
    address = circle.boxes["post"].person("Victim")
    await circle.asks("Bruno", f"receive {address}")
    await circle.says("Amina", "Hello")
    assert len(shown(circle, "post", "Victim")) == 1
    assert not await replies(circle, "post", "Victim", "non")
    assert (await membership(circle, "Bruno")).told_on == "chat"
    assert not [
        row for row in await circle.rows("SELECT member_id FROM address WHERE remote = :id", id=address) if row[0]
    ]


async def test_asking_again_says_that_nothing_more_is_sent_and_an_ok_counts_after_a_no(circle):
    address = circle.boxes["post"].person("Bruno")
    await circle.asks("Bruno", f"receive {address}")
    silent = await circle.asks("Bruno", f"receive {address}")
    assert not await replies(circle, "post", "Bruno", "non")
    assert await circle.asks("Bruno", f"receive {address}") == silent  # whether it said no is the mailbox's own affair
    assert not await replies(circle, "post", "Bruno", "no")
    assert len(shown(circle, "post", "Bruno")) == 1
    done = await replies(circle, "post", "Bruno", "OK merci")
    assert "From now on you receive everything by post" in done[-1]
    assert (await membership(circle, "Bruno")).told_on == "post"


async def test_asking_for_a_members_mailbox_tells_nothing_and_takes_nothing(circle):
    address = circle.boxes["post"].person("Dora")
    assert await circle.asks("Bruno", f"receive {address}") == (
        f"I have written to {address}. As soon as it answers OK, you will receive everything there; until then, here."
    )
    assert "LINK" in (await replies(circle, "post", "Dora", "OK"))[-1]
    assert (await membership(circle, "Dora")).status == "active"
    assert (await membership(circle, "Bruno")).told_on == "chat"


async def test_five_mailboxes_an_hour_are_enough(circle):
    for number in range(5):
        await circle.asks("Bruno", f"receive someone{number}@members.example")
    assert "one hour" in await circle.asks("Bruno", "receive someone6@members.example")


async def test_a_channel_nobody_linked_is_explained(circle):
    assert "Which mailbox?" in await circle.asks("Bruno", "receive post")
    said = (await by(circle, "post", "Dora", "receive chat"))[-1]
    assert "I do not know you by the chat yet" in said
    assert "LINK" in said


async def test_the_pace_is_told_and_what_comes_later_says_so(circle):
    assert "Your pace is each" in await circle.asks("Bruno", "pace")
    assert "not ready yet" in await circle.asks("Bruno", "daily")
    assert (await membership(circle, "Bruno")).pace == "each"
    assert "You can choose each or grouped" in await circle.asks("Bruno", "/pace whenever")


async def test_back_to_each_sends_what_waits_at_once(circle):
    await circle.says("Bruno", "pace grouped")
    await circle.says("Amina", "It waits for you")
    assert not circle.seen("Bruno")[-1].endswith("It waits for you")
    await circle.says("Bruno", "pace each")
    assert [text for text in circle.seen("Bruno") if text.endswith("It waits for you")]
