"""Whose words these are and what they answer: the gate every message passes, with events as a bridge makes them of mails."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.events import (
    AddressChanged,
    DeliveryFailed,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Person,
    Place,
)
from bot.text.rich import Rich
from store.intake import Item
from tests.unit import commands_ground

circle, migrated = commands_ground.circle, commands_ground.migrated


class Mails:
    """Mails from people to the circle, as the mail bridge reads them."""

    def __init__(self, circle: Any) -> None:
        self.circle = circle
        self.sent: list[tuple[str, Any]] = []
        bridge = circle.bridges["post"]
        send = bridge.send

        async def noting(to: Any, what: Any) -> Any:
            self.sent.append((to.id, what.personal))
            return await send(to, what)

        bridge.send = noting

    def remote(self, who: str) -> str:
        """Their address on the network."""
        return str(self.circle.boxes["post"].network.human(who).id)

    def newest(self, who: str) -> Any:
        """What is personal in the newest mail to them."""
        return [personal for to, personal in self.sent if to == self.remote(who)][-1]

    async def arrive(self, who: str, text: str, **fields: Any) -> str:
        """One mail is handled; the outcome's word."""
        remote = self.remote(who)
        fields.setdefault("authentic", "none")
        fields.setdefault("subject", "Re: something else")
        event = MessageReceived(
            Place(remote, False),
            Person(remote, who),
            f"<{time.monotonic_ns()}@x>",
            Rich(text),
            datetime.now(UTC),
            **fields,
        )
        return await self.handle(event)

    async def handle(self, event: Any, channel: str = "post") -> str:
        """One event of this channel is handled; the outcome's word."""
        reception = self.circle.app.bus.inbox.reception
        account = self.circle.bridges[channel].account
        item = Item(0, "key", channel, account, "lane", "", b"", 1, None, waits=99)
        outcome = await self.circle.write(lambda connection: reception.handle(connection, item, [event]))
        self.circle.app.bus.outbox.wake()
        await self.circle.settled()
        return str(outcome.word)


@pytest.fixture
async def mails(circle):
    found = Mails(circle)
    await circle.enter("Paul", channel="post")
    await circle.says("Amina", "/new Beloved in March?")
    return found


async def threads(circle: Any) -> dict[str, list[str]]:
    rows = await circle.rows("SELECT t.title, m.text FROM message m JOIN thread t ON t.id = m.thread_id ORDER BY m.id")
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.title, []).append(row.text)
    return found


async def test_token_and_sender_that_agree_are_enough(mails, circle):
    token = "r." + mails.newest("Dora").reply_token
    assert await mails.arrive("Dora", "Yes.", tokens=(token,), subject="Re: Beloved in March?") == "relayed"
    assert (await threads(circle))["Beloved in March?"][-1] == "Yes."


@pytest.mark.parametrize("authentic", ["yes", "none", "no"])
async def test_a_token_of_somebody_else_proves_nothing_whoever_vouches_for_the_sender(mails, circle, authentic):
    stolen = "r." + mails.newest("Dora").reply_token
    assert await mails.arrive("Paul", "I am Dora.", tokens=(stolen,), authentic=authentic) == "held_sender"
    assert "I am Dora." not in str(await threads(circle))


@pytest.mark.parametrize("spoil", [lambda t: t[:9] + ("a" if t[9] != "a" else "b") + t[10:], lambda t: "a" * len(t)])
async def test_a_token_nobody_made_proves_nothing(mails, spoil):
    token = "r." + spoil(mails.newest("Dora").reply_token)
    assert await mails.arrive("Dora", "Hello.", tokens=(token,)) == "held_sender"


@pytest.mark.parametrize(("authentic", "outcome"), [("yes", "relayed"), ("none", "held_sender"), ("no", "held_sender")])
async def test_without_a_token_the_channel_must_vouch_for_the_sender(mails, authentic, outcome):
    assert await mails.arrive("Dora", "Hello all.", authentic=authentic) == outcome


async def test_a_token_does_not_help_where_the_sender_is_surely_forged(mails):
    token = "r." + mails.newest("Dora").reply_token
    assert await mails.arrive("Dora", "Hello.", tokens=(token,), authentic="no") == "held_sender"


async def test_tokens_die_with_their_generation(mails, circle):
    token = "r." + mails.newest("Dora").reply_token
    await circle.write(
        lambda c: commands_ground.run(
            c, commands_ground.sql("UPDATE membership SET token_generation = token_generation + 1 WHERE name = 'Dora'")
        )
    )
    assert await mails.arrive("Dora", "Hello.", tokens=(token,)) == "held_sender"


async def test_without_a_token_the_id_of_the_mail_answered_finds_the_thread_and_then_its_subject(mails, circle):
    id_ = mails.newest("Dora").id
    await mails.arrive("Dora", "By its id.", references=(id_,), subject="Re: Beloved in March?", authentic="yes")
    await mails.arrive("Dora", "By its subject.", subject="RE: BELOVED in march?", authentic="yes")
    await mails.arrive("Dora", "Something new.", subject="Beloved in April?", authentic="yes")
    found = await threads(circle)
    assert found["Beloved in March?"][-2:] == ["By its id.", "By its subject."]
    assert found["Beloved in April?"] == ["Something new."]
    rows = await circle.rows("SELECT text FROM message WHERE reply_to IS NOT NULL ORDER BY id")
    assert [row.text for row in rows] == ["By its id."]


async def test_what_its_author_changed_or_took_back_leaves_as_it_is_now_or_not_at_all(mails, circle):
    """On a channel where mails wait: what has not left yet follows the change."""
    await circle.write(
        lambda c: commands_ground.run(
            c, commands_ground.sql("UPDATE membership SET pace = 'grouped' WHERE name = 'Dora'")
        )
    )
    before = len(mails.sent)
    ids = []
    for words in ("Who has the kye?", "Never mind.", "Bye."):
        await circle.says("Bruno", words)
        ids.append(circle.last)
    me = circle.boxes["chat"].network.human("Bruno").id
    place, person = Place(me, False), Person(me, "Bruno")
    edit = MessageEdited(place, person, ids[0], Rich("Who has the key?"), datetime.now(UTC))
    assert await mails.handle(edit, "chat") == "edited"
    assert await mails.handle(MessageDeleted(place, person, ids[1]), "chat") == "deleted"
    unknown = dataclasses.replace(edit, remote_id="no such message")
    assert await mails.handle(unknown, "chat") == "edit_unknown"
    await circle.write(
        lambda c: (
            commands_ground.run(c, commands_ground.sql("UPDATE parcel SET due_at = 0 WHERE state = 'due'")),
            commands_ground.run(c, commands_ground.sql("UPDATE lane SET due_at = 0 WHERE due_at IS NOT NULL")),
        )
    )
    circle.app.bus.outbox.wake()
    await circle.settled()
    assert [to for to, _ in mails.sent[before:]].count(mails.remote("Dora")) == 1
    words = circle.boxes["post"].seen("Dora")[-1].text
    assert "Who has the key?" in words
    assert "kye" not in words
    assert "Never mind." not in words
    assert "Bye." in words


async def test_nobody_changes_the_words_of_another(mails, circle):
    await circle.says("Bruno", "Mine.")
    other = circle.boxes["chat"].network.human("Chloé").id
    event = MessageEdited(Place(other, False), Person(other, "Chloé"), circle.last, Rich("Hers."), datetime.now(UTC))
    assert await mails.handle(event, "chat") == "edit_unknown"


async def test_a_group_that_got_another_id_stays_the_room_it_was(mails, circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room now", room="hall")
    old = circle.boxes["chat"].network.chat("Amina", "hall").id
    await mails.handle(AddressChanged(old, "elsewhere"), "chat")
    rows = await circle.rows("SELECT remote, community_id FROM address WHERE room")
    assert [(row.remote, row.community_id is not None) for row in rows] == [("elsewhere", True)]


async def test_a_mailbox_that_is_gone_is_written_to_no_more_and_one_that_is_full_is(mails, circle):
    token = mails.newest("Dora").bounce_token
    await mails.handle(DeliveryFailed(token, False, "4.2.2"))
    assert [row.status for row in await circle.rows("SELECT status FROM address WHERE name = 'Dora'")] == ["active"]
    await mails.handle(DeliveryFailed(token, True, "5.1.1"))
    assert [row.status for row in await circle.rows("SELECT status FROM address WHERE name = 'Dora'")] == [
        "unreachable"
    ]
    forged = DeliveryFailed("b" * len(token), True, "5.1.1")
    await mails.handle(forged)
    rows = await circle.rows("SELECT name FROM address WHERE status = 'unreachable'")
    assert [row.name for row in rows] == ["Dora"]


async def test_an_answer_to_a_copy_that_is_just_being_sent_waits_until_its_id_is_known(circle):
    """People are quick: the answer is there before the network has said which id the copy got."""
    bridge = circle.bridges["chat"]
    send = bridge.send

    async def slow(to: Any, what: Any) -> Any:
        sent = await send(to, what)
        await asyncio.sleep(1.2 if "Quick?" in what.shared.content.text else 0)
        return sent

    bridge.send = slow
    saying = asyncio.create_task(circle.says("Amina", "Quick?"))
    while "Quick?" not in str(circle.seen("Bruno")):
        await asyncio.sleep(0.01)
    copy = circle.box("Bruno").seen("Bruno")[-1]
    await circle.box("Bruno").say("Bruno", "Very.", reply_to=copy.id)
    await saying
    for _ in range(100):
        rows = await circle.rows("SELECT m.text, p.text AS answered FROM message m JOIN message p ON p.id = m.reply_to")
        if rows:
            break
        await asyncio.sleep(0.05)
    assert [(row.text, row.answered) for row in rows] == [("Very.", "Quick?")]
