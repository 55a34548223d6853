"""LOST: nothing goes there, nothing from there is heard, codes made there die, and what waited moves on, once, in order."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.core import losing
from bot.core.events import MembershipChanged, Person, Place
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, linked, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def lose(circle, who="Bruno", channel="chat", via="post"):
    """`who` says elsewhere that an address is lost, with the second word."""
    await by(circle, via, who, f"lost {channel}")
    return (await replies(circle, via, who, "yes"))[-1]


async def test_lost_takes_a_second_word_and_tells_what_follows(circle):
    await linked(circle, "Bruno", "chat", "post")
    asked = (await by(circle, "post", "Bruno", "lost chat"))[-1]
    assert "the chat is lost or in other hands?" in asked
    assert (await membership(circle, "Bruno")).told_on == "chat"
    done = (await replies(circle, "post", "Bruno", "yes"))[-1]
    assert "counts as lost" in done
    assert "You receive the messages by post" in done
    assert "— lost" in (await by(circle, "post", "Bruno", "addresses"))[-1]


async def test_nothing_goes_there_and_nothing_from_there_is_heard(circle):
    await linked(circle, "Bruno", "chat", "post")
    await lose(circle)
    before, chloe = circle.seen("Bruno"), circle.seen("Chloé")
    for words in ("A thief speaks", "help", "/link", "undo", "lost post", "7K2F-9MPD", "yes"):
        await circle.says("Bruno", words)
    await circle.says("Amina", "For all of you")
    assert circle.seen("Bruno") == before
    assert [one for one in circle.seen("Chloé")[len(chloe) :] if "thief" in one] == []
    assert newest(circle, "post", "Bruno").text.endswith("For all of you")
    rows = await circle.rows("SELECT raw FROM inbound WHERE outcome = 'lost'")
    assert len(rows) == 7
    assert all(row.raw is None for row in rows)


async def test_in_a_room_it_is_not_heard_either(circle):
    circle.box("Amina").room("Hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room now", room="Hall")
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Bruno", "I am in the hall", room="Hall")
    await lose(circle)
    count = len(await circle.rows("SELECT 1 FROM message"))
    await circle.says("Bruno", "A thief in the hall", room="Hall")
    assert len(await circle.rows("SELECT 1 FROM message")) == count
    # Who has lost the telephone is no longer in the room: they get their own copy.
    await circle.says("Amina", "Said in the hall", room="Hall")
    assert newest(circle, "post", "Bruno").text.endswith("Said in the hall")


async def test_codes_made_there_are_dead(circle):
    await linked(circle, "Bruno", "chat", "post")
    link = code_in(await circle.asks("Bruno", "link"))
    invitation = code_in(await circle.asks("Bruno", "invite"))
    elsewhere = code_in((await by(circle, "post", "Bruno", "invite"))[-1])
    await lose(circle)
    for code in (link, invitation):
        assert "no longer good" in (await by(circle, "chat", "Karim", code))[-1]
    assert "Bruno invites you" in (await by(circle, "chat", "Karim", elsewhere))[-1]


@pytest.mark.parametrize("pace", ["each", "grouped"])
async def test_what_waits_moves_on_once_and_in_order(circle, pace):
    await linked(circle, "Bruno", "chat", "post")
    await circle.write(lambda c: run(c, sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Bruno'")))
    for words in ("First", "Second", "Third"):
        await circle.says("Amina", words)
    # One of them may have arrived at the telephone: its owner has not read it.
    await circle.write(lambda c: run(c, sql(
        "UPDATE parcel SET ambiguous = 1 WHERE state = 'due' AND membership_id = (SELECT id FROM membership WHERE name = 'Bruno')"
    )))  # fmt: skip
    own = {"pace": pace}
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO preference (membership_id, scope, scope_id, key, value)"
        " SELECT m.id, 'address', a.id, 'pace', :pace FROM membership m JOIN address a ON a.member_id = m.member_id"
        " AND a.channel = 'post' WHERE m.name = 'Bruno'"), own))  # fmt: skip
    await lose(circle)
    await circle.write(lambda c: run(c, sql("UPDATE parcel SET due_at = 0 WHERE state = 'due'")))
    await circle.write(lambda c: run(c, sql("UPDATE lane SET due_at = 0 WHERE due_at IS NOT NULL")))
    circle.app.bus.outbox.wake()
    await circle.settled()
    said = "\n".join(shown(circle, "post", "Bruno"))
    assert [said.count(words) for words in ("First", "Second", "Third")] == [1, 1, 1]
    assert said.index("First") < said.index("Second") < said.index("Third")
    assert not [text for text in circle.seen("Bruno") if "First" in text]


async def test_a_send_that_failed_meanwhile_is_tried_elsewhere(circle):
    await linked(circle, "Bruno", "chat", "post")
    await lose(circle)
    await circle.says("Amina", "Late")
    # As if the send had been under way to the telephone, and is to be tried again.
    await circle.write(lambda c: run(c, sql(
        "INSERT INTO parcel (address_id, membership_id, kind, state, priority, due_at, first_at, created_at)"
        " SELECT a.id, m.id, 'relay', 'due', 1, 9e9, 0, 0 FROM address a JOIN membership m ON m.member_id = a.member_id"
        " WHERE a.status = 'lost'")))  # fmt: skip
    rows = await circle.rows("SELECT id FROM address WHERE status = 'lost'")
    await circle.write(lambda c: losing.moved_on(c, rows[0].id))
    assert await circle.rows("SELECT 1 FROM parcel WHERE state = 'due' AND address_id = :id", id=rows[0].id) == []


async def test_found_again_it_is_heard_with_a_code_made_elsewhere(circle):
    await linked(circle, "Bruno", "chat", "post")
    await lose(circle)
    code = code_in((await by(circle, "post", "Bruno", "link"))[-1])
    before = len(circle.seen("Bruno"))
    await circle.says("Bruno", "Not a code at all")
    assert len(circle.seen("Bruno")) == before
    assert "joins you to Bruno" in await circle.asks("Bruno", code)
    assert "now one of your addresses" in await circle.asks("Bruno", "yes")
    await circle.says("Bruno", "Here I am again")
    assert circle.seen("Chloé")[-1].endswith("Bruno: Here I am again")


async def test_a_lost_mailbox_cannot_speak_through_a_token_either(circle):
    await circle.says("Amina", "A mail with a token in it")
    mail = newest(circle, "post", "Dora")
    await linked(circle, "Dora", "post", "chat")
    await lose(circle, "Dora", "post", "chat")
    count = len(await circle.rows("SELECT 1 FROM message"))
    await by(circle, "post", "Dora", "In her name", reply_to=mail.id)
    assert len(await circle.rows("SELECT 1 FROM message")) == count
    generation = await circle.rows("SELECT token_generation FROM membership WHERE name = 'Dora'")
    assert generation[0].token_generation == 1


async def test_the_address_one_writes_from_is_not_lost_by_a_word(circle):
    assert "You are writing from there" in await circle.asks("Bruno", "lost chat")
    assert "none of your addresses" in await circle.asks("Bruno", "lost post")


async def test_an_organizer_says_it_for_somebody_and_nobody_else_does(circle):
    assert "organizers" in await circle.asks("Bruno", "/lost Chloé chat")
    asked = await circle.asks("Amina", "lost Chloé chat")
    assert "Chloé" in asked
    done = await circle.asks("Amina", "yes")
    assert "RECOVER" in done
    before = circle.seen("Chloé")
    await circle.says("Amina", "Not for her telephone")
    assert circle.seen("Chloé") == before
    assert [row.act for row in await circle.rows("SELECT act FROM audit WHERE act = 'lost'")] == ["lost"]


async def test_the_network_saying_that_it_works_again_does_not_find_it(circle):
    await linked(circle, "Bruno", "chat", "post")
    await lose(circle)
    remote = circle.boxes["chat"].person("Bruno")
    item = SimpleNamespace(channel="chat", account=circle.bridges["chat"].account, id=0, waits=0)
    for present in (False, True):
        back = MembershipChanged(Place(remote), Person(remote), present=present)
        await circle.write(lambda c, back=back: circle.app.bus.inbox.reception.handle(c, item, [back]))
    assert (
        len(await circle.rows("SELECT 1 FROM address WHERE status = 'lost' AND remote = :remote", remote=remote)) == 1
    )


async def test_a_link_whose_code_was_typed_dies_with_the_address_it_was_made_at(circle):
    await linked(circle, "Bruno", "chat", "post")
    code = code_in(await circle.asks("Bruno", "link"))  # whoever has the telephone
    circle.boxes["chat"].person("Mallory")
    assert "Bruno" in await circle.asks("Mallory", code)
    await lose(circle)
    assert await circle.asks("Mallory", "yes") == "That is not possible any more."
    assert (await circle.rows("SELECT member_id FROM address WHERE name = 'Mallory'"))[0].member_id is None


async def test_a_recovery_whose_code_was_typed_dies_with_the_address_it_was_asked_for_at(circle):
    await circle.enter("Paula", role="organizer")
    await linked(circle, "Amina", "chat", "post")
    await circle.write(lambda c: run(c, sql("UPDATE address SET powers_at = NULL")))
    code = code_in(await circle.asks("Amina", "recover Bruno"))
    circle.boxes["chat"].person("Mallory")
    assert "brings Bruno back" in await circle.asks("Mallory", code)
    await lose(circle, "Amina")
    assert await circle.asks("Mallory", "yes") == "That is not possible any more."
    assert (await circle.rows("SELECT member_id FROM address WHERE name = 'Mallory'"))[0].member_id is None
