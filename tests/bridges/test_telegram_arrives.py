"""The Telegram bridge, listening: what is acknowledged when, and what happens when nobody answers."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from bot.core.errors import Down
from bot.core.events import Ignored, MembershipChanged, MessageReceived
from bridges.telegram.bridge import TelegramBridge
from bridges.telegram.sandbox import TelegramSandbox
from bridges.telegram.settings import TelegramSettings


def bridge_to(sandbox: TelegramSandbox) -> TelegramBridge:
    return TelegramBridge(TelegramSettings(**sandbox.settings()))


@pytest.fixture
async def sandbox():
    sandbox = TelegramSandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def bridge(sandbox):
    bridge = bridge_to(sandbox)
    await bridge.open({})
    yield bridge
    await bridge.close(1)


def offsets(sandbox) -> list[int | None]:
    return [p.get("offset") for m, p in sandbox.requests if m == "getUpdates"]


def words(batch) -> list[str]:
    return [json.loads(item.raw)["message"]["text"] for item in batch]


async def next_batch(arrivals):
    async with asyncio.timeout(5):
        return await anext(arrivals)


async def test_an_update_is_acknowledged_only_after_the_next_one_is_asked_for(sandbox, bridge):
    arrivals = bridge.arrivals()
    await sandbox.say("Amina", "one")
    assert words(await next_batch(arrivals)) == ["one"]
    assert len(sandbox.world.updates) == 1, "the consumer has not come back: it may not have committed"
    await sandbox.say("Amina", "two")
    assert words(await next_batch(arrivals)) == ["two"]
    assert len(sandbox.world.updates) == 1
    assert offsets(sandbox) == [None, 500_002]
    await arrivals.aclose()
    assert len(sandbox.world.updates) == 1, "closing acknowledges nothing"


async def test_what_was_not_acknowledged_comes_again_with_the_same_key(sandbox, bridge):
    await sandbox.say("Amina", "one")
    arrivals = bridge.arrivals()
    first = await next_batch(arrivals)
    await arrivals.aclose()
    second_life = bridge_to(sandbox)
    await second_life.open({})
    again = await next_batch(second_life.arrivals())
    assert again == first
    await second_life.close(1)


async def test_an_offset_is_said_once_and_not_kept(sandbox, bridge, monkeypatch):
    """Numbers start anew after a quiet week: an old offset would acknowledge what nobody has seen."""
    monkeypatch.setattr("bridges.telegram.bridge.POLL", 1)
    arrivals = bridge.arrivals()
    await sandbox.say("Amina", "before the quiet week")
    before = await next_batch(arrivals)
    polling = asyncio.create_task(next_batch(arrivals))
    while len(offsets(sandbox)) < 3:
        await asyncio.sleep(0.02)
    sandbox.world.skip_to(500_001)
    await sandbox.say("Amina", "after it")
    after = await polling
    assert words(after) == ["after it"]
    assert offsets(sandbox) == [None, 500_002, None]
    assert after[0].key != before[0].key, "the same number, and yet no double"
    await arrivals.aclose()


async def test_everything_wanted_is_asked_for_by_name_and_nothing_else(sandbox, bridge):
    await sandbox.say("Amina", "x")
    arrivals = bridge.arrivals()
    await next_batch(arrivals)
    await arrivals.aclose()
    asked = next(p for m, p in sandbox.requests if m == "getUpdates")
    assert asked["allowed_updates"] == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat_member",
        "message_reaction",
    ]
    assert "drop_pending_updates" not in str(sandbox.requests)


async def test_one_bad_update_does_not_sink_its_batch(sandbox, bridge):
    await sandbox.say("Amina", "one")
    sandbox.world.updates.append({"update_id": 500_002, "message": {"text": 5}})
    sandbox.world.updates.append({"update_id": 500_003, "telepathy": {}})
    sandbox.world.skip_to(500_004)
    await sandbox.say("Amina", "two")
    arrivals = bridge.arrivals()
    batch = await next_batch(arrivals)
    await arrivals.aclose()
    assert len(batch) == 4
    assert len({item.key for item in batch}) == 4
    read = []
    for item in batch:
        with contextlib.suppress(Exception):
            read += await bridge.read(item.raw)
    assert [event.text.text for event in read] == ["one", "two"]


async def test_more_than_a_hundred_come_in_batches_in_order(sandbox, bridge):
    for number in range(250):
        await sandbox.say("Amina", str(number))
    arrivals = bridge.arrivals()
    batches = [await next_batch(arrivals) for _ in range(3)]
    await arrivals.aclose()
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert [w for batch in batches for w in words(batch)] == [str(n) for n in range(250)]


async def test_a_second_reader_is_told_in_a_sentence(sandbox, bridge):
    first = asyncio.create_task(next_batch(bridge.arrivals()))
    await asyncio.sleep(0.05)
    other = bridge_to(sandbox)
    await other.open({})
    second = asyncio.create_task(next_batch(other.arrivals()))
    with pytest.raises(Down) as down:
        await first
    assert "Another program is reading" in down.value.reason
    second.cancel()
    await other.close(0)


async def test_a_webhook_is_told_in_a_sentence(sandbox, bridge):
    sandbox.server.methods.webhook = "https://example.org/hook"
    with pytest.raises(Down) as down:
        await next_batch(bridge.arrivals())
    assert "webhook" in down.value.reason


async def test_a_revoked_token_is_told_with_its_cure(sandbox, bridge):
    sandbox.server.token = "1:revoked"
    with pytest.raises(Down) as down:
        await next_batch(bridge.arrivals())
    assert "@BotFather" in down.value.cure


async def test_an_outage_ends_the_stream_with_an_os_error_and_it_can_be_taken_up_again(sandbox, bridge):
    listening = asyncio.create_task(next_batch(bridge.arrivals()))
    await asyncio.sleep(0.05)
    await sandbox.stop()
    with pytest.raises(OSError):
        await listening
    with pytest.raises(OSError):
        await next_batch(bridge.arrivals())
    await sandbox.say("Amina", "written during the outage")
    await sandbox.start()
    again = bridge.arrivals()
    assert words(await next_batch(again)) == ["written during the outage"]
    await again.aclose()


async def test_a_flood_warning_is_waited_out(sandbox, bridge, monkeypatch):
    from telegram.error import RetryAfter

    waits, real = [], bridge._wire.call

    async def call(url, parameters, read_timeout=None):
        if not waits:
            raise RetryAfter(3)
        return await real(url, parameters, read_timeout)

    async def sleep(seconds):
        waits.append(seconds)

    monkeypatch.setattr(bridge._wire, "call", call)
    monkeypatch.setattr("bridges.telegram.bridge.asyncio.sleep", sleep)
    await sandbox.say("Amina", "x")
    arrivals = bridge.arrivals()
    assert words(await next_batch(arrivals)) == ["x"]
    await arrivals.aclose()
    assert waits == [3]


async def test_lanes_are_chats_and_an_album_waits_for_its_last_photo(sandbox, bridge):
    sandbox.room("le salon", ["Amina"])
    await sandbox.say("Amina", "hi", room="le salon")
    photo = {"photo": [{"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1}], "media_group_id": "A"}
    chat = sandbox.world.chat_of("Amina")
    for _ in range(2):
        sandbox.world.push("message", sandbox.world.add(chat, sandbox.world.human("Amina"), photo))
    arrivals = bridge.arrivals()
    batch = await next_batch(arrivals)
    await arrivals.aclose()
    room, amina = sandbox.room("le salon", []), sandbox.person("Amina")
    assert [item.lane for item in batch] == [room, room, amina, amina]
    assert [(item.group, item.quiet) for item in batch] == [("", 0), ("", 0), (f"{amina}:A", 1.5), (f"{amina}:A", 1.5)]
    assert [type(e) for i in batch for e in await bridge.read(i.raw)] == [MembershipChanged] + [MessageReceived] * 3


async def test_everything_people_do_on_their_devices_can_be_read(sandbox, bridge):
    sandbox.server.world.kinds = frozenset({*sandbox.server.world.kinds, "chat_member", "message_reaction"})
    sandbox.room("le salon", ["Amina", "Bruno"])
    mine = await sandbox.say("Amina", "hello", room="le salon")
    await sandbox.say("Bruno", "hi", room="le salon", reply_to=mine)
    await sandbox.edit("Amina", mine, "hello!", room="le salon")
    await sandbox.react("Bruno", mine, "❤", room="le salon")
    await sandbox.show("Amina", "a.txt", b"a", "look", room="le salon")
    await sandbox.say("Karim", "", start="abc")
    sandbox.join("Karim", "le salon")
    sandbox.leave("Karim", "le salon")
    sandbox.block("Karim")
    sandbox.migrate("le salon")
    await sandbox.say("Amina", "moved", room="le salon")
    sandbox.expel("le salon")
    arrivals = bridge.arrivals()
    batch = await next_batch(arrivals)
    await arrivals.aclose()
    events = [e for item in batch for e in await bridge.read(item.raw)]
    assert [type(e).__name__ for e in events] == [
        "MembershipChanged",
        "MessageReceived",
        "MessageReceived",
        "MessageEdited",
        "ReactionChanged",
        "MessageReceived",
        "MessageReceived",
        "MembershipChanged",
        "MembershipChanged",
        "MembershipChanged",
        "MembershipChanged",
        "MembershipChanged",
        "AddressChanged",
        "AddressChanged",
        "MessageReceived",
        "MembershipChanged",
    ]
    assert not any(isinstance(e, Ignored) for e in events)
    assert events[6].start == "abc"
    assert len({e.old for e in events[12:14]}) == len({e.new for e in events[12:14]}) == 1
    assert [line.text for line in sandbox.seen("Amina", "le salon") if line.text][-1] == "moved"


async def test_the_library_reads_everything_the_sandbox_says(sandbox, bridge):
    """Its answers are whole objects: python-telegram-bot takes each."""
    from telegram import Update

    sandbox.room("le salon", ["Amina"])
    await sandbox.say("Amina", "/help", room="le salon")
    await sandbox.show("Amina", "a.txt", b"a", "look")
    sandbox.block("Amina")
    await sandbox.say("Amina", "back")
    for update in sandbox.world.updates:
        read = Update.de_json(json.loads(json.dumps(update)), None)
        assert read.api_kwargs == {}
        assert read.effective_chat is not None
    room = await bridge._bot.send_message(int(sandbox.person("Amina")), "a whole message", reply_to_message_id=1)
    assert room.reply_to_message.document.file_name == "a.txt"
