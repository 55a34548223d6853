"""The Telegram bridge and updates nobody sane would send: each has a key, says what is wrong with it, and hides no other."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import Unreadable
from bridges.telegram import incoming
from bridges.telegram.bridge import TelegramBridge
from bridges.telegram.settings import TelegramSettings
from bridges.telegram.wire import Wire
from tests.bridges.telegram_updates import AMINA, BRUNO, GROUP, READABLE, US, change, member, message

UNREADABLE = {
    "truncated JSON": (b'{"update_id": 1, "mess', "not JSON"),
    "no JSON at all": (b"\xff\xfe", "not JSON"),
    "nested beyond reason": (b"[" * 100_000, "not JSON"),
    "a list": (b"[]", "no object"),
    "no number": ({"message": message(text="x")}, "update_id: missing"),
    "an unknown kind": ({"update_id": 1, "telepathy": {"text": "x"}}, "an unknown kind of update"),
    "nothing in it": ({"update_id": 1}, "an unknown kind of update"),
    "a message that is a number": ({"update_id": 1, "message": 5}, "message: no object"),
    "a text that is a number": ({"update_id": 1, "message": message(text=5)}, "message.text: no text"),
    "a sender without id": (
        {"update_id": 1, "message": message(text="x", from_={"is_bot": False, "first_name": "A"})},
        "message.from.id: missing",
    ),
    "a sender whose id is true": (
        {"update_id": 1, "message": message(text="x", from_=AMINA | {"id": True})},
        "message.from.id: no number",
    ),
    "a chat of an unknown type": (
        {"update_id": 1, "message": message({"id": 1, "type": "cave"}, text="x")},
        "message.chat.type: unknown",
    ),
    "no chat": ({"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "x"}}, "message.chat: missing"),
    "entities that are words": (
        {"update_id": 1, "message": message(text="x", entities=["bold"])},
        "message.entities: no list of objects",
    ),
    "an entity without place": (
        {"update_id": 1, "message": message(text="x", entities=[{"type": "bold", "offset": "0"}])},
        "message.entities.offset: no number",
    ),
    "a date no clock can show": ({"update_id": 1, "message": message(text="x", date=10**18)}, "a date out of range"),
    "a content nobody knows yet": (
        {"update_id": 1, "message": message(hologram={"a": 1})},
        "an unknown kind of message",
    ),
    "a status nobody knows yet": (
        {"update_id": 1, "chat_member": change(GROUP, AMINA, member(BRUNO, "left"), member(BRUNO, "ghost"))},
        "chat_member.new_chat_member.status: unknown",
    ),
    "more than a megabyte of text": (
        {"update_id": 1, "message": message(text="x" * 1_000_001)},
        "more than 1 MB of text",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_cannot_be_read_says_where_and_never_what(name):
    update, defect = UNREADABLE[name]
    raw = update if isinstance(update, bytes) else json.dumps(update).encode()
    bridge = TelegramBridge(TelegramSettings(token="123456:" + "A" * 35))
    with pytest.raises(Unreadable) as told:
        await bridge.read(raw)
    assert str(told.value) == defect


scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
mangled = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(READABLE)), st.data())
def test_no_mangled_update_raises_anything_but_unreadable(name, data):
    """Any one value, anywhere in a real update, replaced by anything: an event, or Unreadable."""
    update = json.loads(json.dumps({"update_id": 1} | READABLE[name][0]))
    node = update
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(node[key], (dict, list)) and node[key] and data.draw(st.integers(0, 3)):
            node = node[key]
            continue
        node[key] = data.draw(mangled)
        break
    incoming.key(update)
    with contextlib.suppress(Unreadable):
        incoming.events(json.dumps(update).encode(), US)


def test_the_key_of_an_update_survives_fetching_it_again_and_a_restart_of_the_numbers():
    first = {"update_id": 9, "message": message(text="x")}
    again = json.loads(json.dumps(first))
    later = {"update_id": 9, "message": message(text="x", message_id=6)}
    assert incoming.key(first) == incoming.key(again)
    assert incoming.key(first).key != incoming.key(later).key
    assert incoming.key(first).lane == "42"
    pressed = {"update_id": 9, "callback_query": {"id": "q", "from": AMINA, "data": "x", "message": message(GROUP)}}
    assert incoming.key(pressed).lane == "-1001"
    assert incoming.key({"update_id": 9, "message": message(photo=[], media_group_id="A")}).group == "42:A"


@pytest.mark.parametrize(
    "update",
    [
        5,
        None,
        [],
        {},
        {"update_id": "x"},
        {"update_id": 1, "message": {"chat": {"id": []}}},
        {"update_id": 1, "message": {"message_id": 1, "chat": {"id": "\ud800"}, "media_group_id": "\ud800\0"}},
        {"update_id": 10**5000, "message": {"message_id": 10**5000, "chat": {"id": 10**5000}}},
    ],
    ids=range(8),
)
def test_the_worst_update_still_has_a_key_and_a_lane(update):
    key = incoming.key(update)
    assert key.key
    assert key.lane
    assert key == incoming.key(update)
    together = f"{key.key}{key.lane}{key.group}"
    assert together.encode()
    assert "\0" not in together


def test_a_number_of_thousands_of_digits_hides_no_other_update():
    answer = '{"ok": true, "result": [{"update_id": %s}, {"update_id": 2}]}' % ("9" * 5000)
    first, second = Wire.parse_json_payload(answer.encode())["result"]
    assert isinstance(first["update_id"], str)
    assert second == {"update_id": 2}
    assert incoming.key(first).key


def test_nul_is_taken_out_of_every_text():
    file = {"file_id": "f\0", "file_unique_id": "u", "file_name": "a\0b.pdf", "mime_type": "text/\0plain"}
    update = {"update_id": 1, "message": message(document=file, caption="c\0d", media_group_id="g\0")}
    assert "\0" not in repr(incoming.events(json.dumps(update).encode(), US)).replace("\\x00", "\0")
