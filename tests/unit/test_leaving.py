"""LEAVE stops everything at once, after a second word; UNDO brings them back for seven days."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.core import leaving, members
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, code_in, linked, membership, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated


async def leaves(circle, who):
    await circle.asks(who, "leave")
    return await circle.asks(who, "yes")


async def test_leaving_takes_a_second_word(circle):
    assert "Leave Cercle?" in await circle.asks("Bruno", "STOP")
    assert "nothing has changed" in await circle.asks("Bruno", "no")
    assert (await membership(circle, "Bruno")).status == "active"
    said = await leaves(circle, "Bruno")
    assert "You have left Cercle" in said
    assert "stays in the threads" in said
    assert "UNDO, within 7 days" in said


async def test_nothing_is_sent_any_more_on_any_address(circle):
    await linked(circle, "Bruno", "chat", "post")
    await circle.says("Bruno", "pace grouped")
    await circle.says("Amina", "Waiting to be sent")
    await leaves(circle, "Bruno")
    before = circle.seen("Bruno"), shown(circle, "post", "Bruno")
    assert not await circle.rows("SELECT 1 FROM parcel WHERE state = 'due' AND kind = 'relay'")
    await circle.says("Amina", "After Bruno")
    assert (circle.seen("Bruno"), shown(circle, "post", "Bruno")) == before
    assert circle.seen("Chloé")[-1].endswith("After Bruno")


async def test_what_they_say_afterwards_goes_to_nobody(circle):
    await leaves(circle, "Bruno")
    before = circle.seen("Chloé")
    await circle.says("Bruno", "Is anybody there to read this?")
    assert circle.seen("Chloé") == before


async def test_what_they_wrote_stays(circle):
    await circle.says("Bruno", "My last words")
    await leaves(circle, "Bruno")
    assert [row.name for row in await circle.rows("SELECT name FROM message")] == ["Bruno"]


async def test_undo_makes_all_as_before_and_what_waited_comes(circle):
    await circle.says("Bruno", "pace grouped")
    await circle.says("Amina", "Before")
    was = await membership(circle, "Bruno")
    await leaves(circle, "Bruno")
    await circle.says("Amina", "In between")
    said = await circle.asks("Bruno", "undo")
    assert "You are back in Cercle" in said
    now = await membership(circle, "Bruno")
    for column in ("id", "status", "role", "pace", "address_id", "consent_at", "consent_how", "name"):
        assert getattr(now, column) == getattr(was, column)
    await circle.says("Bruno", "pace each")
    assert [text for text in circle.seen("Bruno") if text.endswith("Before")]
    assert not [text for text in circle.seen("Bruno") if text.endswith("In between")]
    await circle.says("Amina", "After")
    assert circle.seen("Bruno")[-1].endswith("After")


async def test_undo_works_from_a_mailbox_in_reply_to_the_farewell(circle):
    await by(circle, "post", "Dora", "quitter")
    farewell = await replies(circle, "post", "Dora", "oui")
    assert "You have left Cercle" in farewell[-1]
    assert "You are back" in (await replies(circle, "post", "Dora", "annuler"))[-1]
    assert (await membership(circle, "Dora")).status == "active"


async def test_after_seven_days_only_an_invitation_brings_them_back(circle):
    await leaves(circle, "Bruno")
    await circle.write(lambda c: run(c, sql("UPDATE undo SET expires_at = expires_at - 7 * 86400")))
    assert "ask a member for an invitation" in await circle.asks("Bruno", "undo")
    assert (await membership(circle, "Bruno")).status == "left"
    code = code_in(await circle.asks("Chloé", "invite"))
    await circle.says("Bruno", code)
    assert "Welcome, Bruno!" in await circle.asks("Bruno", "yes")
    again = await membership(circle, "Bruno")
    assert (again.status, again.consent_how) == ("active", "invitation")
    assert again.invited_by == (await membership(circle, "Chloé")).id


async def test_a_name_taken_meanwhile_is_told_apart(circle):
    await leaves(circle, "Bruno")
    await circle.says("Chloé", "name: Bruno")
    await circle.asks("Bruno", "undo")
    rows = await circle.rows("SELECT name FROM membership WHERE folded LIKE 'bruno%' ORDER BY id")
    assert [row.name for row in rows] == ["Bruno 2", "Bruno"]


async def test_an_organizer_who_returns_by_invitation_is_a_member(circle):
    await circle.enter("Olga", role="organizer")
    await leaves(circle, "Olga")
    await circle.says("Olga", code_in(await circle.asks("Bruno", "invite")))
    await circle.says("Olga", "yes")
    assert (await membership(circle, "Olga")).role == "member"


async def test_the_only_organizer_is_warned(circle):
    assert "only organizer" in await circle.asks("Amina", "leave")
    assert "only organizer" not in await circle.asks("Bruno", "leave")


async def test_who_leaves_a_community_stays_in_the_other(circle):
    await circle.write(
        lambda c: run(
            c, sql("INSERT INTO community (slug, name, language, created_at) VALUES ('choir', 'Choir', 'en', 0)")
        )
    )
    await circle.enter("Bruno", slug="choir")
    await circle.enter("Ugo", slug="choir")
    # Which one is asked first; then the same command goes on.
    assert "For which" in await circle.asks("Bruno", "STOP")
    assert "Leave Choir?" in await circle.asks("Bruno", "2")
    assert "You have left Choir" in await circle.asks("Bruno", "yes")
    rows = await circle.rows("SELECT status FROM membership WHERE name = 'Bruno' ORDER BY community_id")
    assert [row.status for row in rows] == ["active", "left"]
    await circle.says("Amina", "Still here")
    assert circle.seen("Bruno")[-1].endswith("Still here")
    before = len(circle.seen("Bruno"))
    await circle.says("Ugo", "Sing!")
    assert len(circle.seen("Bruno")) == before


async def test_leave_said_by_somebody_who_left_is_no_riddle(circle):
    await leaves(circle, "Bruno")
    assert "no longer a member" in await circle.asks("Bruno", "leave")


async def test_who_is_still_in_a_room_is_told_so(circle):
    circle.boxes["chat"].room("the hall", ["Bruno", "Amina"])
    await circle.says("Amina", "/room", room="the hall")
    await circle.says("Bruno", "I am here too", room="the hall")
    assert "You are still in the hall" in (await leaves(circle, "Bruno"))


async def test_of_two_organizers_who_go_in_the_same_moment_one_stays(circle):
    if circle.app.store.sqlite:
        pytest.skip("one process writes at a time")
    await circle.enter("Paula", role="organizer")
    engine = circle.app.store.engine
    amina, paula = [
        row.id for row in await circle.rows("SELECT id FROM membership WHERE role = 'organizer' ORDER BY id")
    ]
    looked = threading.Event()

    def goes(who):
        with engine.begin() as connection:
            standing = members.standing(connection, who)
            looked.set()
            if not leaving.organizes_alone(connection, standing):
                leaving.leave(connection, standing)

    with engine.begin() as connection:
        standing = members.standing(connection, amina)
        assert not leaving.organizes_alone(connection, standing)
        other = asyncio.create_task(asyncio.to_thread(goes, paula))
        await asyncio.to_thread(looked.wait)
        await asyncio.wait([other], timeout=0.3)
        leaving.leave(connection, standing)
    await other
    rows = await circle.rows("SELECT id FROM membership WHERE role = 'organizer' AND status = 'active'")
    assert [row.id for row in rows] == [paula]
