"""The Telegram bridge, reading: what each kind of update means; held against python-telegram-bot's own reading."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.core.events import ChoiceMade, MessageEdited, MessageReceived
from bridges.telegram import incoming
from bridges.telegram.bridge import TelegramBridge
from bridges.telegram.settings import TelegramSettings
from tests.bridges.telegram_updates import AMINA, BRUNO, GROUP, PARENT, READABLE, US, message, said


@pytest.mark.parametrize("name", READABLE)
def test_each_kind_of_update_means_what_it_says(name):
    update, event = READABLE[name]
    assert incoming.events(json.dumps({"update_id": 1} | update).encode(), US) == [event]


@pytest.mark.parametrize("name", READABLE)
def test_the_library_takes_the_same_updates_for_what_they_are(name):
    """The table is made of real updates: python-telegram-bot reads each, with the same person, message and words."""
    from telegram import Update

    update, event = READABLE[name]
    read = Update.de_json(json.loads(json.dumps({"update_id": 1} | update)), None)
    assert read.api_kwargs == {}
    if isinstance(event, MessageReceived):
        assert str(read.effective_user.id) == event.sender.id
        assert read.effective_user.full_name == event.sender.name
        assert str(read.effective_message.message_id) == event.remote_id
        assert read.effective_message.date == event.sent_at
    if isinstance(event, (MessageReceived, MessageEdited, ChoiceMade)):
        assert str(read.effective_chat.id) == event.place.id


def test_two_people_who_come_are_two_events():
    update = {"update_id": 1, "message": message(GROUP, new_chat_members=[BRUNO, AMINA])}
    assert [e.person.id for e in incoming.events(json.dumps(update).encode(), US)] == ["43", "42"]


def test_reading_is_cheap():
    """The relay's speed rests on it: well under the quarter of a millisecond the library takes for its objects."""
    import time

    raw = json.dumps({"update_id": 1, "message": message(GROUP, text="Yes", reply_to_message=PARENT)}).encode()
    best = 1.0
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(200):
            incoming.events(raw, US)
        best = min(best, (time.perf_counter() - begun) / 200)
    assert best < 0.000_2


async def test_reading_needs_no_network():
    bridge = TelegramBridge(TelegramSettings(token="123456:" + "A" * 35))
    async with asyncio.timeout(1):
        assert await bridge.read(json.dumps({"update_id": 1, "message": message(text="x")}).encode()) == [said("x")]
