"""Words that wait for an answer, gaps that are told, and what is not kept: features without a command of their own."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from bot.core import communities, render
from bot.core.events import ChannelGap
from bot.core.inbox import LARGE
from bot.features import gaps, keeping
from tests.unit import commands_ground
from tests.unit.commands_ground import run, sql

circle, migrated = commands_ground.circle, commands_ground.migrated
DAY = 86_400.0


def last(circle, who: str):
    return circle.box(who).seen(who)[-1]


# Is this for everyone?


async def test_a_mail_that_answers_the_bot_is_asked_about_and_posted_on_yes(circle):
    await circle.says("Dora", "aide")
    await circle.says("Dora", "Qui vient dimanche ?", reply_to=last(circle, "Dora").id)
    assert circle.seen("Bruno") == []
    assert "Qui vient dimanche ?" in last(circle, "Dora").text
    await circle.says("Dora", "oui", reply_to=last(circle, "Dora").id)
    assert circle.seen("Bruno")[-1].endswith("Dora: Qui vient dimanche ?")


async def test_on_no_it_goes_to_nobody(circle):
    await circle.says("Dora", "aide")
    await circle.says("Dora", "Qui vient dimanche ?", reply_to=last(circle, "Dora").id)
    await circle.says("Dora", "non", reply_to=last(circle, "Dora").id)
    assert circle.seen("Bruno") == []


async def test_two_mails_that_answer_the_bot_are_two_questions(circle):
    await circle.says("Dora", "aide")
    helped = last(circle, "Dora").id
    first = (await circle.says("Dora", "Qui vient ?", reply_to=helped))[-1].id
    second = (await circle.says("Dora", "Et avec qui ?", reply_to=helped))[-1].id
    await circle.says("Dora", "oui", reply_to=second)
    await circle.says("Dora", "oui", reply_to=first)
    assert [words.rpartition(": ")[2] for words in circle.seen("Bruno")] == ["Et avec qui ?", "Qui vient ?"]


async def test_in_a_chat_too_what_answers_a_notice_is_asked_about_and_a_button_posts_it(circle):
    await circle.says("Bruno", "zone Europe/Paris")
    asked = (await circle.says("Bruno", "And who comes on Sunday?", reply_to=last(circle, "Bruno").id))[-1]
    assert asked.text == "Is this for everyone? YES · NO\n“And who comes on Sunday?”"
    assert circle.seen("Chloé") == []
    await circle.box("Bruno").press("Bruno", asked, asked.buttons[0])
    await circle.settled()
    assert circle.seen("Chloé")[-1].endswith("Bruno: And who comes on Sunday?")
    assert circle.seen("Dora")[-1].endswith("And who comes on Sunday?")


async def test_the_bot_asks_in_the_language_of_who_answered_it(circle):
    await circle.says("Bruno", "langue fr")
    asked = await circle.asks("Bruno", "Merci beaucoup !", reply_to=last(circle, "Bruno").id)
    assert asked.replace("\u00a0", " ") == "Est-ce pour tout le monde ? OUI · NON\n« Merci beaucoup ! »"
    await circle.says("Bruno", "non")
    assert circle.seen("Chloé") == []


async def test_what_answers_somebodys_message_in_a_chat_is_posted_at_once(circle):
    await circle.says("Chloé", "Who comes on Sunday?")
    await circle.says("Bruno", "I do", reply_to=last(circle, "Bruno").id)
    assert circle.seen("Chloé")[-1].endswith("Bruno: I do")
    own = next(one for one in circle.box("Bruno").seen("Bruno") if one.text == "I do")
    await circle.says("Bruno", "And I bring bread", reply_to=own.id)
    assert circle.seen("Chloé")[-1].endswith("Bruno: And I bring bread")


async def test_what_answers_a_notice_in_a_room_is_said_to_the_room(circle):
    circle.boxes["chat"].room("hall", ["Amina", "Bruno"])
    await circle.says("Amina", "/room", room="hall")
    notice = [one for one in circle.box("Amina").seen("Amina", "hall") if one.raw is not None]
    assert notice, "the room was told that it is one now"
    await circle.says("Bruno", "Good to know", room="hall", reply_to=notice[-1].id)
    assert circle.seen("Chloé")[-1].endswith("Bruno: Good to know")


# For which community?


async def second(circle, *names: str) -> None:
    await circle.write(lambda c: communities.found(c, circle.app.house, "second", "Second", "en", "Europe/Paris"))
    for name in names:
        await circle.enter(name, channel=circle.on.get(name, "chat"), slug="second")


async def test_a_member_of_two_communities_is_asked_and_then_writes_to_that_one(circle):
    await second(circle, "Bruno", "Zoe")
    await circle.says("Bruno", "Good evening")
    await circle.says("Bruno", "And welcome")
    assert circle.seen("Zoe") == []
    await circle.says("Bruno", "2")
    all_of_it = "\n".join(circle.seen("Zoe"))
    assert 0 < all_of_it.index("Good evening") < all_of_it.index("And welcome")
    assert circle.seen("Chloé") == []
    await circle.says("Bruno", "How are you?")
    assert circle.seen("Zoe")[-1].endswith("How are you?")


async def test_the_name_of_the_community_is_an_answer_too(circle):
    await second(circle, "Bruno", "Zoe")
    await circle.says("Bruno", "Good evening")
    await circle.says("Bruno", "Cercle")
    assert circle.seen("Chloé")[-1].endswith("Bruno: Good evening")
    assert circle.seen("Zoe") == []


async def test_a_mail_keeps_its_subject_while_it_waits_for_the_answer(circle):
    await second(circle, "Dora", "Zoe")
    await circle.says("Dora", "Qui apporte le gâteau ?", subject="Pique-nique du 14 juin")
    await circle.says("Dora", "2", reply_to=last(circle, "Dora").id)
    assert "Pique-nique du 14 juin" in circle.seen("Zoe")[-1]
    assert circle.seen("Chloé") == []


async def test_a_button_answers_as_its_number_does(circle):
    await second(circle, "Bruno", "Zoe")
    asked = (await circle.says("Bruno", "Good evening"))[-1]
    await circle.box("Bruno").press(
        "Bruno", asked, asked.buttons[1][0] if isinstance(asked.buttons[1], tuple) else asked.buttons[1]
    )
    await circle.settled()
    assert circle.seen("Zoe")[-1].endswith("Good evening")


# Gaps


def gap(minutes: float, until: float | None = None) -> ChannelGap:
    end = time.time() if until is None else until
    return ChannelGap(datetime.fromtimestamp(end - 60 * minutes, UTC), datetime.fromtimestamp(end, UTC))


async def told(circle, event: ChannelGap, channel: str = "chat") -> None:
    account = circle.bridges[channel].account
    await circle.write(lambda c: gaps.tell(c, circle.app.house, channel, account, event))
    circle.app.bus.outbox.wake()
    await circle.settled()


async def test_a_gap_is_told_once_to_rooms_and_to_members_active_there_that_week(circle):
    circle.boxes["chat"].room("hall", ["Amina"])
    await circle.says("Amina", "/room", room="hall")
    await circle.write(
        lambda c: run(
            c,
            sql(
                "UPDATE address SET seen_at = :old WHERE id = (SELECT address_id FROM membership WHERE name = 'Chloé')"
            ),
            {"old": time.time() - 8 * DAY},
        )
    )
    event = gap(90)
    await told(circle, event)
    await told(circle, event)
    words = "What was written on the chat in that time may be lost"
    assert sum(words in one for one in circle.seen("Amina", "hall")) == 1
    assert sum(words in one for one in circle.seen("Bruno")) == 1
    assert not any(words in one for who in ("Amina", "Chloé", "Dora") for one in circle.seen(who))


async def test_a_short_gap_is_not_told(circle):
    await told(circle, gap(1.9))
    assert circle.seen("Bruno") == []


async def test_what_came_by_other_channels_meanwhile_is_counted(circle):
    await circle.says("Dora", "Good evening")
    await circle.write(lambda c: run(c, sql("UPDATE message SET said_at = said_at - 600")))
    await told(circle, gap(60, time.time() - 300))
    assert "What came by post has been caught up (1 message)" in circle.seen("Bruno")[-1]


# What is not kept


async def kept(circle, days: float) -> None:
    await circle.write(lambda c: keeping.keep(c, circle.app.house, time.time() + days * DAY))


async def raws(circle, channel: str) -> list[bool]:
    rows = await circle.rows("SELECT raw, raw_file, emptied_at FROM inbound WHERE channel = :channel", channel=channel)
    return [row.raw is None and not row.raw_file for row in rows]


async def test_raw_chat_items_are_emptied_after_a_day_and_mails_after_a_month(circle):
    await circle.says("Bruno", "Good evening")
    await circle.says("Dora", "Bonsoir")
    await kept(circle, 0.99)
    assert await raws(circle, "chat") == [False]
    await kept(circle, 1.01)
    assert await raws(circle, "chat") == [True]
    assert await raws(circle, "post") == [False]
    await kept(circle, 30.1)
    assert await raws(circle, "post") == [True]


async def test_what_failed_waits_a_month_for_somebody_to_deal_with_it(circle):
    network = circle.boxes["chat"].network
    network.updates[990] = b"{"
    network.arrived.set()
    await circle.settled()
    await kept(circle, 29)
    assert await raws(circle, "chat") == [False]
    await kept(circle, 31)
    assert await raws(circle, "chat") == [True]


async def test_the_file_of_a_large_item_goes_with_it(circle, tmp_path):
    await circle.says("Bruno", "long " * (LARGE // 4))
    files = tmp_path / "files"
    assert sum(path.is_file() for path in files.rglob("*")) == 1
    await kept(circle, 1.1)
    assert sum(path.is_file() for path in files.rglob("*")) == 0
    assert await raws(circle, "chat") == [True]


async def test_records_of_what_was_sent_go_after_ninety_days(circle):
    await circle.says("Bruno", "Good evening")
    await circle.says("Amina", "/leave")  # with a question that refers to its parcel
    await kept(circle, 89)
    assert await circle.rows("SELECT 1 FROM delivery")
    await kept(circle, 91)
    for table in ("delivery", "parcel", "inbound"):
        assert not await circle.rows(f"SELECT 1 FROM {table}"), table
    assert await circle.rows("SELECT 1 FROM message")


async def test_a_channel_that_is_off_is_emptied_as_well(circle):
    await circle.says("Bruno", "Good evening")
    circle.app.house.raw_kept.pop("chat")
    await kept(circle, 31)
    assert await raws(circle, "chat") == [True]


# Mails without words


async def test_a_reply_without_words_is_told_to_its_writer_once_a_day(circle):
    await circle.says("Amina", "Who comes?")
    mail = last(circle, "Dora")
    assert "I have found no words of yours" in (await circle.says("Dora", "", reply_to=mail.id))[-1].text
    assert not await circle.says("Dora", "", reply_to=mail.id)
    assert circle.seen("Bruno") == [circle.seen("Bruno")[0]]


async def test_a_mail_without_words_and_subject_is_told_too(circle):
    assert "I have found no words of yours" in await circle.asks("Dora", "", subject=" ")
    assert circle.seen("Bruno") == []


async def test_what_a_program_writes_below_stop_is_not_posted(circle):
    words = "This message was automatically generated by Gmail."
    assert "Leave Cercle?" in await circle.asks("Dora", words, subject="stop")
    assert circle.seen("Bruno") == []


async def test_a_backlog_longer_than_memory_leaves_whole(circle, monkeypatch):
    """What was made ready is held until it has left; until then a line that memory forgot was taken for sent."""
    monkeypatch.setattr(render, "CACHED", 3)
    bridge = circle.bridges["chat"]
    send, gate = bridge.send, asyncio.Event()

    async def waiting(to, what):
        await gate.wait()
        return await send(to, what)

    bridge.send = waiting
    for number in range(12):
        await circle.box("Amina").say("Amina", f"Line {number}.")
        await circle.box("Bruno").say("Bruno", f"And {number}.")
    while (await circle.rows("SELECT COUNT(*) AS n FROM message"))[0].n < 24:
        await asyncio.sleep(0.02)
    gate.set()
    await circle.settled()
    shown = "\n".join(circle.seen("Chloé"))
    assert [line for number in range(12) for line in (f"Line {number}.", f"And {number}.") if line not in shown] == []
