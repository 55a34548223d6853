"""When the way a member is told fails: the next address serves, nothing is lost, doubled or out of order, and it comes back."""

from __future__ import annotations

import asyncio
import re
import time
from types import SimpleNamespace

import pytest

from bot.core import fallback
from bot.core.events import DeliveryFailed, MembershipChanged, Person, Place
from bot.features import late, outages
from store.statement import run, sql
from tests.unit import commands_ground
from tests.unit.membership_ground import by, linked, membership, newest, replies, shown

circle, migrated = commands_ground.circle, commands_ground.migrated
WORDS = ("First", "Second", "Third")


async def change(circle, statement, **values):
    await circle.write(lambda connection: run(connection, sql(statement), values))


async def handle(circle, channel, event):
    item = SimpleNamespace(channel=channel, account=circle.bridges[channel].account, id=0, waits=0)
    await circle.write(lambda c: circle.app.bus.inbox.reception.handle(c, item, [event]))
    circle.app.bus.outbox.wake()
    await circle.settled()


async def blocks(circle, who, present=False):
    """The network says that `who` has blocked us."""
    remote = circle.boxes["chat"].person(who)
    await handle(circle, "chat", MembershipChanged(Place(remote), Person(remote), present=present))


async def waiting(circle, *words):
    """Amina says these, and they wait for Bruno."""
    await change(circle, "UPDATE membership SET pace = 'grouped' WHERE name = 'Bruno'")
    for one in words:
        await circle.says("Amina", one)


async def prefers(circle, who, pace, channel="post"):
    await change(
        circle,
        "INSERT INTO preference (membership_id, scope, scope_id, key, value)"
        " SELECT m.id, 'address', a.id, 'pace', :pace FROM membership m JOIN address a ON a.member_id = m.member_id"
        " AND a.channel = :channel WHERE m.name = :who", who=who, pace=pace, channel=channel,
    )  # fmt: skip


async def goes(circle, channel, seconds):
    """The channel has been away for so long, and is closed."""
    circle.app.bus.outbox.closed(channel)
    now = time.time()
    await change(circle, "UPDATE channel_state SET down_since = :since, found_at = :now, reason = 'no answer' WHERE name = :name",
                 since=now - seconds, now=now, name=channel)  # fmt: skip


async def comes_back(circle, channel, seconds):
    """It has answered for so long."""
    await change(circle, "UPDATE channel_state SET down_since = NULL, back_at = :at WHERE name = :name",
                 at=time.time() - seconds, name=channel)  # fmt: skip
    circle.app.bus.outbox.opened(channel)
    await circle.settled()


async def watch(circle, began=0.0):
    """What the clock does every half minute."""
    await circle.write(lambda c: outages.watch(c, circle.app.house, began))
    circle.app.bus.outbox.wake()
    await settled(circle)


async def until(circle, statement, number):
    """Wait until so many rows are there."""
    end = time.monotonic() + 10.0
    while len(await circle.rows(statement)) < number:
        assert time.monotonic() < end, statement
        await asyncio.sleep(0.005)


async def settled(circle):
    """Everything has left but what waits for a channel that is closed."""
    closed = [name for name, one in circle.app.bus.outbox.counters.items() if not one.open]
    end = time.monotonic() + 10.0
    while time.monotonic() < end:
        rows = await circle.rows(
            "SELECT a.channel FROM parcel p JOIN address a ON a.id = p.address_id"
            " WHERE p.state = 'sending' OR (p.state = 'due' AND p.due_at <= :now)", now=time.time(),
        )  # fmt: skip
        if all(row.channel in closed for row in rows):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("something does not leave")


# For good


@pytest.mark.parametrize("pace", ["each", "grouped"])
async def test_what_waits_when_somebody_blocks_us_leaves_elsewhere_once_and_in_order(circle, pace):
    await linked(circle, "Bruno", "chat", "post")
    await prefers(circle, "Bruno", pace)
    await waiting(circle, *WORDS)
    # One of them may have arrived: its owner does not read there any more.
    await change(circle, "UPDATE parcel SET ambiguous = 1 WHERE state = 'due' AND kind = 'relay'")
    before = circle.seen("Bruno")
    await blocks(circle, "Bruno")
    said = "\n".join(shown(circle, "post", "Bruno"))
    assert [said.count(one) for one in WORDS] == [1, 1, 1]
    assert (
        said.index("no longer reach you by the chat") < said.index("First") < said.index("Second") < said.index("Third")
    )
    assert circle.seen("Bruno") == before
    await blocks(circle, "Bruno")
    assert said == "\n".join(shown(circle, "post", "Bruno")), "the network tells such a thing twice"


async def test_the_message_that_finds_out_is_not_lost(circle):
    await linked(circle, "Bruno", "chat", "post")
    await prefers(circle, "Bruno", "each")
    circle.box("Bruno").fail("unreachable", who="Bruno")
    await circle.says("Amina", "Who has the key?")
    assert newest(circle, "post", "Bruno").text.endswith("Who has the key?")
    assert await circle.rows("SELECT 1 FROM parcel WHERE state = 'failed'") == []
    found = await membership(circle, "Bruno")
    assert (found.told_on, found.wanted_why, found.pace) == ("post", "failed", "each")


async def test_a_word_from_there_brings_it_back_and_with_it_what_waits_and_its_pace(circle):
    await linked(circle, "Bruno", "chat", "post")
    await change(circle, "UPDATE membership SET pace = 'each' WHERE name = 'Bruno'")
    await prefers(circle, "Bruno", "grouped")
    await blocks(circle, "Bruno")
    await circle.says("Amina", "Waits for silence by post")
    assert "Waits for" not in str(shown(circle, "post", "Bruno"))
    seen = [one.text for one in await circle.says("Bruno", "Here I am")]
    assert any("receive the messages here again" in one for one in seen)
    assert any(one.endswith("Waits for silence by post") for one in seen)
    found = await membership(circle, "Bruno")
    assert (found.told_on, found.wanted_id, found.pace) == ("chat", None, "each")
    assert "Waits for" not in str(shown(circle, "post", "Bruno"))


async def test_whoever_lets_us_write_again_is_written_to_there_again(circle):
    await linked(circle, "Bruno", "chat", "post")
    await blocks(circle, "Bruno")
    await blocks(circle, "Bruno", present=True)
    assert (await membership(circle, "Bruno")).told_on == "chat"


async def test_without_another_address_it_is_marked_and_the_organizers_see_it(circle):
    await blocks(circle, "Bruno")
    assert (await membership(circle, "Bruno")).told_on == "chat"
    assert "1 member cannot be reached: Bruno." in await circle.asks("Amina", "state")
    await circle.says("Bruno", "Here I am")
    assert "cannot be reached" not in await circle.asks("Amina", "state")


async def test_when_the_second_fails_too_whichever_is_heard_of_first_serves(circle):
    await linked(circle, "Dora", "post", "chat")
    circle.box("Dora").fail("unreachable", who="Dora")
    await circle.says("Amina", "One")
    await blocks(circle, "Dora")
    assert "1 member cannot be reached: Dora." in await circle.asks("Amina", "state")
    await by(circle, "post", "Dora", "I write by post")
    assert (await membership(circle, "Dora")).told_on == "post"
    await change(circle, "UPDATE membership SET wanted_id = NULL, wanted_why = ''")
    await change(circle, "UPDATE address SET status = 'unreachable' WHERE member_id IS NOT NULL AND name = 'Dora'")
    await by(circle, "chat", "Dora", "And from the chat")
    assert (await membership(circle, "Dora")).told_on == "chat", "told by post, which reaches nobody"


async def test_a_question_to_an_organizer_goes_along_and_an_answer_does_not(circle):
    await linked(circle, "Amina", "chat", "post")
    await change(circle, "UPDATE address SET powers_at = NULL")
    circle.app.bus.outbox.closed("chat")
    await circle.boxes["post"].say("Dora", "contact: May I bring my dog?", subject="Dog")
    await circle.boxes["chat"].say("Amina", "who")
    await until(circle, "SELECT 1 FROM parcel WHERE state = 'due' AND kind = 'answer'", 2)
    remote = circle.boxes["chat"].person("Amina")
    await circle.write(lambda c: fallback.failed(c, _address(c, remote), "blocked", circle.app.house.channels))
    circle.app.bus.outbox.wake()
    await settled(circle)
    mails = circle.boxes["post"].seen("Amina")
    asked = next(one for one in mails if "May I bring my dog?" in one.text)
    assert not [one for one in mails if "Chloé" in one.text], "who was asked in the chat is answered there"
    await circle.boxes["post"].say("Amina", "Of course.", reply_to=asked.id)
    await until(circle, "SELECT 1 FROM delivery WHERE CAST(body AS TEXT) LIKE '%Of course.%'", 1)
    await settled(circle)
    assert "Of course." in str(shown(circle, "post", "Dora"))


def _address(connection, remote):
    return run(connection, sql("SELECT id FROM address WHERE remote = :remote"), {"remote": remote}).one().id


async def test_a_lost_address_is_wanted_no_more(circle):
    await linked(circle, "Bruno", "chat", "post")
    await blocks(circle, "Bruno")
    await by(circle, "post", "Bruno", "lost chat")
    await replies(circle, "post", "Bruno", "yes")
    assert (await membership(circle, "Bruno")).wanted_id is None


# What the relay took, and sent back


@pytest.fixture
async def tokens(circle):
    """The bounce token of each mail, by its words."""
    found = {}
    bridge = circle.bridges["post"]
    send = bridge.send

    async def noting(to, what):
        found[what.shared.content.text] = what.personal.bounce_token
        return await send(to, what)

    bridge.send = noting
    return found


async def test_a_mail_that_came_back_is_sent_elsewhere_once(circle, tokens):
    await linked(circle, "Dora", "post", "chat")
    await circle.says("Amina", "One")
    await circle.says("Amina", "Two")
    for words in ("One", "Two", "One"):
        await handle(circle, "post", DeliveryFailed(tokens[words], True, "5.1.1"))
    said = "\n".join(shown(circle, "chat", "Dora"))
    assert (said.count("One"), said.count("Two"), said.count("no longer reach you by post")) == (1, 1, 1)
    assert [row.channel for row in await circle.rows("SELECT channel FROM address WHERE status = 'unreachable'")] == [
        "post"
    ]


async def test_without_another_address_a_mail_that_came_back_is_a_dead_letter(circle, tokens):
    await circle.says("Amina", "One")
    await handle(circle, "post", DeliveryFailed(tokens["One"], True, "5.1.1"))
    rows = await circle.rows("SELECT state, error FROM parcel WHERE state = 'failed'")
    assert [row.error for row in rows] == ["Unreachable: bounced 5.1.1"]


async def test_a_notice_that_came_back_is_told_elsewhere(circle, tokens):
    await linked(circle, "Dora", "post", "chat")
    await change(circle, "UPDATE membership SET role = 'organizer' WHERE name = 'Dora'")
    await circle.says("Bruno", "contact: May I bring my dog?")
    words = next(one for one in tokens if "my dog" in one)
    await handle(circle, "post", DeliveryFailed(tokens[words], True, "5.1.1"))
    assert "May I bring my dog?" in str(shown(circle, "chat", "Dora"))


# A channel that is away


async def test_only_what_may_have_arrived_stays_and_nobody_gets_anything_twice(circle):
    await linked(circle, "Bruno", "chat", "post")
    await prefers(circle, "Bruno", "each")
    await waiting(circle, "First")
    await goes(circle, "chat", 3700.0)
    await change(
        circle, "UPDATE parcel SET ambiguous = 1, due_at = 0, bundle = NULL WHERE state = 'due' AND kind = 'relay'"
    )
    await circle.boxes["post"].say("Dora", "Second", subject="Other")
    await until(circle, "SELECT 1 FROM message", 2)
    for _ in range(3):
        await watch(circle)
    said = shown(circle, "post", "Bruno")
    assert [one for one in said if "First" in one] == []
    assert len([one for one in said if "Second" in one]) == 1
    assert len([one for one in said if "has been away" in one]) == 1
    await comes_back(circle, "chat", 200.0)
    await watch(circle)
    chat = "\n".join(circle.seen("Bruno"))
    assert (chat.count("First"), chat.count("Second"), chat.count("could not reach you here")) == (1, 0, 1)
    assert (await membership(circle, "Bruno")).told_on == "chat"


async def test_members_change_over_some_at_a_time_and_each_once(circle, monkeypatch):
    """Killed between two turns, the next goes on: each turn is a transaction of its own."""
    monkeypatch.setattr(outages, "MOST", 1)
    for who in ("Bruno", "Chloé"):
        await linked(circle, who, "chat", "post")
    await goes(circle, "chat", 3700.0)
    for served in (1, 2, 2):
        await watch(circle)
        assert len(await circle.rows("SELECT 1 FROM membership WHERE wanted_why = 'away'")) == served
    await comes_back(circle, "chat", 200.0)
    for left in (1, 0):
        await watch(circle)
        assert len(await circle.rows("SELECT 1 FROM membership WHERE wanted_why = 'away'")) == left


async def test_an_address_whose_own_channel_is_away_does_not_serve(circle):
    await linked(circle, "Bruno", "chat", "post")
    await goes(circle, "post", 3700.0)
    await goes(circle, "chat", 3700.0)
    await watch(circle)
    assert (await membership(circle, "Bruno")).told_on == "chat"


async def test_what_tells_that_a_channel_is_back_is_never_given_up(circle):
    """With everybody told elsewhere, nothing else would try it."""
    await linked(circle, "Bruno", "chat", "post")
    await goes(circle, "chat", 3700.0)
    await watch(circle)
    await change(circle, "UPDATE parcel SET first_at = 0 WHERE kind = 'away'")
    circle.box("Bruno").fail("later", who="Bruno")
    await comes_back(circle, "chat", 0.0)
    await until(circle, "SELECT 1 FROM parcel WHERE kind = 'away' AND state = 'sent'", 1)
    assert "could not reach you here" in circle.seen("Bruno")[-1]
    assert "waiting to leave" not in await circle.asks("Amina", "state")


async def test_organizers_hear_of_it_after_ten_minutes_by_another_channel_and_when_it_is_back(circle):
    await linked(circle, "Amina", "chat", "post")
    await goes(circle, "chat", 500.0)
    await watch(circle)
    assert not [one for one in shown(circle, "post", "Amina") if "away since" in one]
    await goes(circle, "chat", 700.0)
    await change(circle, "UPDATE channel_state SET away_since = NULL")
    for _ in range(2):
        await watch(circle)
    told = [one for one in shown(circle, "post", "Amina") if "The chat has been away since" in one]
    assert len(told) == 1
    assert "no answer" in told[0]
    await comes_back(circle, "chat", 60.0)
    await watch(circle)
    assert not [one for one in circle.seen("Amina") if "is back" in one], "a minute may be an accident"
    await comes_back(circle, "chat", 200.0)
    for _ in range(2):
        await watch(circle)
    assert len([one for one in circle.seen("Amina") if "The chat is back" in one]) == 1


async def test_a_return_of_a_moment_does_not_end_it_and_the_same_day_takes_an_hour_to_be_told_again(circle):
    await linked(circle, "Amina", "chat", "post")
    told = lambda: len([one for one in shown(circle, "post", "Amina") if "The chat has been away since" in one])  # noqa: E731
    await goes(circle, "chat", 700.0)
    await watch(circle)
    await change(
        circle, "UPDATE channel_state SET down_since = :at, back_at = :at - 20 WHERE name = 'chat'", at=time.time()
    )
    await watch(circle)
    assert told() == 1
    await comes_back(circle, "chat", 200.0)
    await watch(circle)
    await change(circle, "UPDATE channel_state SET told_at = :at WHERE name = 'chat'", at=time.time() - 4000.0)
    await goes(circle, "chat", 700.0)
    await watch(circle)
    assert told() == 1
    await change(circle, "UPDATE channel_state SET away_since = :at WHERE name = 'chat'", at=time.time() - 3601.0)
    await watch(circle)
    assert told() == 2


async def test_what_was_away_when_the_program_ended_counts_once_it_is_found_again(circle):
    await linked(circle, "Amina", "chat", "post")
    await goes(circle, "chat", 7000.0)
    await watch(circle, began=time.time() + 1.0)
    assert not [one for one in shown(circle, "post", "Amina") if "away since" in one]


# The author


async def test_an_author_is_told_once_and_not_of_each_message(circle):
    await linked(circle, "Amina", "chat", "post")
    await change(
        circle,
        "UPDATE membership SET address_id = (SELECT id FROM address WHERE channel = 'post' AND name = 'Amina') WHERE name = 'Amina'",
    )
    await goes(circle, "chat", 100.0)
    for words in WORDS:
        await circle.boxes["post"].say("Amina", words, subject="Key")
    await until(circle, "SELECT 1 FROM message", 3)
    told = lambda: [one for one in shown(circle, "post", "Amina") if "have not got your message" in one]  # noqa: E731
    await circle.write(late.tell)
    assert told() == []
    await change(circle, "UPDATE parcel SET due_at = due_at - 4000 WHERE state = 'due'")
    await change(circle, "UPDATE channel_state SET away_since = down_since")
    for _ in range(2):
        await circle.write(late.tell)
        circle.app.bus.outbox.wake()
        await settled(circle)
    assert len(told()) == 1
    assert "2 members have not got your message yet. I go on trying." in told()[0]
    assert "“First”" in told()[0]
    assert "and 2 others" in told()[0]
    assert not any(name in told()[0] for name in ("Bruno", "Chloé"))


async def test_what_is_looked_for_all_the_time_is_found_by_an_index(circle):
    """With a hundred thousand deliveries behind us, a look every half minute must not read them."""
    if "postgres" in circle.app.store.url:
        return
    statements = (fallback.WAITS_FOR, fallback.LEFT_THERE, late.TO_MEMBERS, late.IN_ROOMS, late.GIVEN_UP)
    values = {"channel": "chat", "most": 1, "before": 0.0, "old": 0.0}
    for statement in statements:
        plan = await circle.rows(f"EXPLAIN QUERY PLAN {statement.text}", **values)
        read = [
            row.detail
            for row in plan
            if re.match(r"SCAN (d|p|m|a|l|parcel)\b(?!.*(membership_wanted|lane_due))", row.detail)
        ]
        assert read == []
