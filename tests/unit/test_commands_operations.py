"""MEMBERS, STATE, RETRY, DROP: what an organizer sees of the machine, and can do about it."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit import commands_ground
from tests.unit.commands_ground import run, sql

circle, migrated = commands_ground.circle, commands_ground.migrated


async def change(circle, statement: str, **values) -> None:
    await circle.write(lambda connection: run(connection, sql(statement), values))


async def refused(circle, who: str = "Bruno") -> str:
    """A message that `who` could not be given; its name."""
    circle.box(who).fail("refused", who=who)
    await circle.says("Chloé", "Good evening")
    rows = await circle.rows("SELECT id FROM parcel WHERE state = 'failed'")
    assert len(rows) == 1
    return f"out:{rows[0].id}"


async def unreadable(circle) -> str:
    """Something that came in and cannot be read; its name."""
    chat = circle.boxes["chat"].network
    chat.updates[990] = b'{"kind": "message", "place": {"id": 1'
    chat.arrived.set()
    await circle.settled()
    rows = await circle.rows("SELECT id FROM inbound WHERE state = 'failed'")
    assert len(rows) == 1
    return f"in:{rows[0].id}"


async def test_all_is_well(circle):
    well = "Everything is well: every channel works, and nothing has failed."
    assert await circle.asks("Amina", "state") == well


async def test_state_is_for_organizers(circle):
    await circle.says("Bruno", "/state")
    assert "Only the organizers" in circle.seen("Bruno")[-1]


async def test_a_message_that_was_refused_is_shown_with_its_reader_and_no_address(circle):
    name = await refused(circle, "Dora")
    shown = await circle.asks("Amina", "state")
    assert f"{name}, to Dora by post: the channel does not take this message" in shown
    assert f"RETRY {name}" in shown
    assert "@" not in shown


async def test_a_message_that_failed_can_be_tried_again(circle):
    name = await refused(circle)
    assert circle.seen("Bruno") == []
    assert f"I try {name} again" in await circle.asks("Amina", f"retry {name}")
    assert circle.seen("Bruno")[-1].endswith("Good evening")
    assert "Everything is well" in await circle.asks("Amina", "state")


async def test_a_message_to_somebody_who_is_back_arrives_on_retry(circle):
    circle.box("Bruno").fail("unreachable", who="Bruno")
    await circle.says("Chloé", "Good evening")
    name = f"out:{(await circle.rows('SELECT id FROM parcel WHERE state = :state', state='failed'))[0].id}"
    assert "nobody can be reached there any more" in await circle.asks("Amina", "state")
    await circle.says("Amina", f"retry {name}")
    await circle.says("Chloé", "And good night")
    assert [words[-12:] for words in circle.seen("Bruno")] == ["Good evening", "d good night"]


async def test_a_message_that_failed_can_be_given_up_after_a_second_word(circle):
    name = await refused(circle)
    assert "sure" in await circle.asks("Amina", f"drop {name}")
    assert (await circle.rows("SELECT state FROM parcel WHERE id = :id", id=int(name[4:])))[0].state == "failed"
    assert f"{name} is given up" in await circle.asks("Amina", "yes")
    assert "Everything is well" in await circle.asks("Amina", "state")
    assert circle.seen("Bruno") == []


async def test_an_item_that_cannot_be_read_is_shown_and_can_be_dropped(circle):
    name = await unreadable(circle)
    assert f"{name}, from the chat: it cannot be read" in await circle.asks("Amina", "state")
    await circle.says("Amina", f"drop {name}")
    assert "given up" in await circle.asks("Amina", "yes")
    rows = await circle.rows("SELECT state, raw, emptied_at FROM inbound WHERE id = :id", id=int(name[3:]))
    assert (rows[0].state, rows[0].raw) == ("done", None)
    assert rows[0].emptied_at is not None


async def test_an_item_that_is_tried_again_is_handled_by_the_running_program(circle):
    name = await unreadable(circle)
    # As after an upgrade that reads what the old version could not.
    network = circle.boxes["chat"].network
    await circle.box("Bruno").say("Bruno", "Good evening")
    whole = next(iter(network.updates.values()))
    await circle.settled()
    await change(circle, "UPDATE inbound SET raw = :raw WHERE id = :id", raw=whole, id=int(name[3:]))
    await circle.box("Amina").say("Amina", f"retry {name}")
    for _ in range(600):
        circle.app.bus._look_spreading.set()  # its next round, now
        rows = await circle.rows("SELECT outcome FROM inbound WHERE id = :id", id=int(name[3:]))
        if rows[0].outcome == "relayed":
            break
        await asyncio.sleep(0.02)
    await circle.settled()
    assert any(f"I try {name} again" in words for words in circle.seen("Amina"))
    assert sum("Good evening" in words for words in circle.seen("Chloé")) == 2


@pytest.mark.parametrize("name", ["out:99999", "in:99999"])
async def test_what_does_not_exist_is_not_dealt_with(circle, name):
    assert f"nothing called {name}" in await circle.asks("Amina", f"retry {name}")


async def test_what_has_not_failed_is_left_alone(circle):
    await circle.says("Bruno", "Good evening")
    rows = await circle.rows("SELECT id FROM parcel WHERE state = 'sent' ORDER BY id")
    assert "has not failed" in await circle.asks("Amina", f"retry out:{rows[0].id}")
    assert len([words for words in circle.seen("Chloé") if "Good evening" in words]) == 1


async def test_an_organizer_deals_with_nothing_of_another_community(circle):
    from bot.core import communities

    await circle.write(lambda c: communities.found(c, circle.app.house, "second", "Second", "en", "Europe/Paris"))
    await circle.enter("Zoe", role="organizer", slug="second")
    name = await refused(circle)
    assert "Everything is well" in await circle.asks("Zoe", "state")
    assert f"nothing called {name}" in await circle.asks("Zoe", f"retry {name}")


async def test_a_channel_that_is_away_is_named_with_its_cure(circle):
    await change(
        circle,
        "UPDATE channel_state SET down_since = :at, reason = :reason, cure = :cure WHERE name = 'post'",
        at=commands_ground.time.time() - 3600,
        reason="no answer from somebody@example.org",
        cure="look at the server",
    )
    shown = await circle.asks("Amina", "state")
    assert "Post has been away since" in shown
    assert "look at the server" in shown
    assert "@" not in shown


async def test_what_waits_is_counted_with_its_age(circle):
    await change(
        circle,
        "INSERT INTO parcel (address_id, kind, state, due_at, first_at, created_at, retry_at, membership_id)"
        " SELECT address_id, 'relay', 'due', :then, :then, :then, :then + 3600, id FROM membership WHERE name = 'Bruno'",
        then=commands_ground.time.time() - 240,
    )
    assert "1 message is waiting to leave, the oldest for 4 min" in await circle.asks("Amina", "state")


async def test_members_are_listed_with_their_channel_and_no_address(circle):
    listed = await circle.asks("Amina", "members")
    assert "4 members" in listed
    assert "Dora: post, each" in listed
    assert "Amina: the chat, each, organizer" in listed
    assert "members.example" not in listed


async def test_for_a_member_the_same_word_means_who(circle):
    assert "the chat" not in await circle.asks("Bruno", "members")


async def test_whoever_writes_can_be_reached_again(circle):
    """One refusal may have been the network's mistake; it must not silence anybody for ever."""
    circle.box("Bruno").fail("unreachable", who="Bruno")
    await circle.says("Amina", "First.")
    await circle.says("Amina", "Second.")
    assert "Second." not in str(circle.seen("Bruno"))
    await circle.says("Bruno", "I am here.")
    await circle.says("Amina", "Third.")
    assert "Third." in circle.seen("Bruno")[-1]


async def test_a_room_that_speaks_can_be_reached_again(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Eve"])
    await circle.says("Amina", "/room", room="hall")
    circle.box("Eve").fail("unreachable", who="hall")
    await circle.says("Bruno", "First.")
    await circle.says("Eve", "Hello", room="hall")
    assert "Eve: Hello" in circle.seen("Chloé")[-1]
    await circle.says("Bruno", "Second.")
    assert "Second." in circle.seen("Eve", room="hall")[-1]
