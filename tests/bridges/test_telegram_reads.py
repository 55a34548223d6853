"""The Telegram bridge, reading: what each kind of update means; held against python-telegram-bot's own reading."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import Unreadable
from bot.core.events import (
    AddressChanged,
    ChoiceMade,
    Ignored,
    MembershipChanged,
    MessageEdited,
    MessageReceived,
    Person,
    Place,
    ReactionChanged,
    RemoteFile,
    RoomChanged,
)
from bot.text.rich import Rich, Span
from bridges.telegram import incoming
from bridges.telegram.bridge import CHANNEL, TelegramBridge
from bridges.telegram.fields import Fields
from bridges.telegram.messages import Us
from bridges.telegram.settings import TelegramSettings
from bridges.telegram.wire import Wire
from bridges.telegram.words import entities, rich

US = Us(7, "facteur_bot")
BOT = {"id": 7, "is_bot": True, "first_name": "Facteur", "username": "facteur_bot"}
AMINA = {"id": 42, "is_bot": False, "first_name": "Amina", "last_name": "B.", "language_code": "fr"}
BRUNO = {"id": 43, "is_bot": False, "first_name": "Bruno"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Amina"}
GROUP = {"id": -1001, "type": "supergroup", "title": "le salon"}
CHANNEL_CHAT = {"id": -1009, "type": "channel", "title": "News"}
WHEN = datetime(2026, 3, 3, 18, 2, tzinfo=UTC)
DATE = int(WHEN.timestamp())
HERE, THERE = Place("42"), Place("-1001", room=True, title="le salon")
WHO = Person("42", "Amina B.", "fr")


def message(chat=PRIVATE, **content):
    sender = {"from": AMINA} if "from_" not in content else {"from": content.pop("from_")}
    return {"message_id": 5, "date": DATE, "chat": chat} | {k: v for k, v in sender.items() if v} | content


def said(text="", place=HERE, **more):
    return MessageReceived(place, WHO, "5", Rich(text) if isinstance(text, str) else text, WHEN, **more)


def member(user, status, **more):
    extra = {"until_date": 0} if status == "kicked" else {}
    return {"user": user, "status": status} | extra | more


def change(chat, who, old, new):
    return {"chat": chat, "from": who, "date": DATE, "old_chat_member": old, "new_chat_member": new}


FILE = {"file_id": "F", "file_unique_id": "u"}
PARENT = {"message_id": 3, "date": DATE, "chat": GROUP, "from": BRUNO, "text": "Beloved?"}
ADMIN_RIGHTS = dict.fromkeys(
    (
        "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
        "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
        "can_edit_stories", "can_delete_stories",
    ),
    True,
)  # fmt: skip

READABLE = {
    "words in private": ({"message": message(text="Bonjour")}, said("Bonjour")),
    "words in a group": ({"message": message(GROUP, text="Bonjour")}, said("Bonjour", THERE)),
    "words in a small group": (
        {"message": message({"id": -5, "type": "group", "title": "t"}, text="x")},
        said("x", Place("-5", room=True, title="t")),
    ),
    "styles after an emoji": (
        {
            "message": message(
                text="Hé 😀 Ana!",
                entities=[
                    {"type": "italic", "offset": 6, "length": 3},
                    {"type": "bold", "offset": 3, "length": 2},
                    {"type": "text_link", "offset": 0, "length": 2, "url": "https://a.org"},
                    {"type": "url", "offset": 0, "length": 2},
                    {"type": "hologram", "offset": 0, "length": 2},
                    {"type": "bold", "offset": 8, "length": 90},
                    {"type": "text_mention", "offset": 9, "length": 1, "user": BRUNO},
                ],
            )
        },
        said(
            Rich(
                "Hé 😀 Ana!",
                (
                    Span("link", 0, 2, "https://a.org"),
                    Span("bold", 3, 4),
                    Span("italic", 5, 8),
                    Span("mention", 8, 9, "43"),
                ),
            )
        ),
    ),
    "NUL in the words": (
        {"message": message(text="a\0b", entities=[{"type": "bold", "offset": 2, "length": 1}])},
        said(Rich("ab", (Span("bold", 1, 2),))),
    ),
    "half a character": ({"message": message(text="a\ud83d!")}, said("a\ufffd!")),
    "an answer": (
        {"message": message(GROUP, text="Yes", reply_to_message=PARENT)},
        said("Yes", THERE, reply_to="3", quote="Beloved?", quote_author="43"),
    ),
    "an answer to a part": (
        {"message": message(GROUP, text="Yes", reply_to_message=PARENT, quote={"text": "Belov", "position": 0})},
        said("Yes", THERE, reply_to="3", quote="Belov", quote_author="43"),
    ),
    "an answer to a photo's caption": (
        {"message": message(text="Yes", reply_to_message=message(caption="cap", from_=BOT, photo=[FILE | {"width": 1, "height": 1}]))},
        said("Yes", reply_to="5", quote="cap", quote_author="7"),
    ),
    "an answer to a message of another chat": (
        {
            "message": message(
                text="Yes",
                external_reply={"origin": {"type": "hidden_user", "sender_user_name": "X", "date": DATE}},
                quote={"text": "elsewhere", "position": 0},
            )
        },
        said("Yes", quote="elsewhere"),
    ),
    "a word in a topic": (
        {
            "message": message(
                GROUP | {"is_forum": True},
                text="hi",
                message_thread_id=9,
                is_topic_message=True,
                reply_to_message={
                    "message_id": 9, "date": DATE, "chat": GROUP, "from": BRUNO,
                    "forum_topic_created": {"name": "t", "icon_color": 1},
                },
            )
        },
        said("hi", Place("-1001", room=True, title="le salon", sub="9")),
    ),
    "an answer in a plain group has a thread id and no topic": (
        {"message": message(GROUP, text="hi", message_thread_id=3, reply_to_message=PARENT)},
        said("hi", THERE, reply_to="3", quote="Beloved?", quote_author="43"),
    ),
    "an invitation opened": (
        {"message": message(text="/start abc-_9", entities=[{"type": "bot_command", "offset": 0, "length": 6}])},
        said("/start abc-_9", start="abc-_9"),
    ),
    "Start without a code": ({"message": message(text="/start")}, said("/start")),
    "a start code that is none": ({"message": message(text="/start a b")}, said("/start a b")),
    "a command with our name": ({"message": message(GROUP, text="/Help@Facteur_Bot now")}, said("/Help now", THERE)),
    "a command for another bot": ({"message": message(GROUP, text="/help@other_bot")}, Ignored("elsewhere")),
    "a forward": (
        {
            "message": message(
                text="/leave", forward_origin={"type": "user", "sender_user": BRUNO, "date": DATE}
            )
        },
        said("/leave", evidence="forward"),
    ),
    "a forward of somebody hidden": (
        {
            "message": message(
                caption="c", document=FILE, forward_origin={"type": "hidden_user", "sender_user_name": "X", "date": DATE}
            )
        },
        said("c", evidence="forward", files=(RemoteFile("F"),)),
    ),
    "a photo with a caption": (
        {
            "message": message(
                caption="Vue 😀", caption_entities=[{"type": "bold", "offset": 4, "length": 2}],
                photo=[FILE | {"file_id": "S", "width": 9, "height": 9}, FILE | {"width": 90, "height": 90, "file_size": 5}],
            )
        },
        said(
            Rich("Vue 😀", (Span("bold", 4, 5),)),
            evidence="caption",
            files=(RemoteFile("F", "", "image/jpeg", 5, "photo"),),
        ),
    ),
    "a photo of an album": (
        {"message": message(photo=[FILE | {"width": 9, "height": 9}], media_group_id="A1")},
        said(files=(RemoteFile("F", "", "image/jpeg", None, "photo"),), group="42:A1"),
    ),
    "a document": (
        {"message": message(document=FILE | {"file_name": "a.pdf", "mime_type": "application/pdf", "file_size": 9})},
        said(files=(RemoteFile("F", "a.pdf", "application/pdf", 9),)),
    ),
    "a voice message": (
        {"message": message(voice=FILE | {"duration": 3})},
        said(files=(RemoteFile("F", "", "audio/ogg", None, "voice"),)),
    ),
    "an animation, which is also a document": (
        {"message": message(document=FILE, animation=FILE | {"width": 1, "height": 1, "duration": 1})},
        said(files=(RemoteFile("F", "", "video/mp4", None, "video"),)),
    ),
    "a sticker": (
        {
            "message": message(
                sticker=FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
            )
        },
        said(files=(RemoteFile("F", "", "image/webp", None, "sticker"),)),
    ),
    "a place": (
        {"message": message(location={"latitude": 48.85, "longitude": 2})},
        said("https://www.openstreetmap.org/?mlat=48.85000&mlon=2.00000"),
    ),
    "a die": ({"message": message(dice={"emoji": "🎲", "value": 4})}, said("🎲 4")),
    "a poll of a member's": (
        {
            "message": message(
                poll={
                    "id": "1", "question": "When?", "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
                    "type": "regular", "allows_multiple_answers": False, "allows_revoting": True,
                    "members_only": False,
                    "options": [{"text": "Monday", "voter_count": 0, "persistent_id": "1"}],
                }
            )
        },
        said("When?\n- Monday"),
    ),
    "a contact card is nobody's to pass on": (
        {"message": message(contact={"phone_number": "+33600000000", "first_name": "X"})},
        Ignored("contact"),
    ),
    "through an inline bot, still their words": (
        {"message": message(text="gif", via_bot=BOT | {"id": 8})},
        said("gif"),
    ),
    "our own message": ({"message": message(GROUP, from_=BOT, text="x")}, Ignored("own")),
    "another bot": ({"message": message(GROUP, from_=BOT | {"id": 8}, text="x")}, Ignored("bot")),
    "an anonymous administrator": (
        {"message": message(GROUP, from_={"id": 1087968824, "is_bot": True, "first_name": "Group"}, sender_chat=GROUP, text="/leave")},
        Ignored("anonymous"),
    ),
    "a channel's post in its group": (
        {"message": message(GROUP, from_=None, sender_chat=CHANNEL_CHAT, is_automatic_forward=True, text="x")},
        Ignored("anonymous"),
    ),
    "a channel post": ({"channel_post": message(CHANNEL_CHAT, from_=None, text="x")}, Ignored("channel")),
    "a pinned message": ({"message": message(GROUP, pinned_message=PARENT)}, Ignored("service")),
    "a group created": (
        {"message": message(GROUP, group_chat_created=True)},
        RoomChanged(Place("-1001", room=True, title="le salon"), founded=True),
    ),
    "a group that moves": (
        {"message": message({"id": -5, "type": "group", "title": "t"}, migrate_to_chat_id=-1005)},
        AddressChanged("-5", "-1005"),
    ),
    "a group that has moved": ({"message": message(GROUP, migrate_from_chat_id=-5)}, AddressChanged("-5", "-1001")),
    "a new title": (
        {"message": message(GROUP, new_chat_title="la cuisine")},
        RoomChanged(Place("-1001", room=True, title="la cuisine")),
    ),
    "somebody came": (
        {"message": message(GROUP, new_chat_members=[BRUNO])},
        MembershipChanged(THERE, Person("43", "Bruno"), True),
    ),
    "somebody left": (
        {"message": message(GROUP, from_=BRUNO, left_chat_member=BRUNO)},
        MembershipChanged(THERE, Person("43", "Bruno"), False),
    ),
    "somebody was taken out": (
        {"message": message(GROUP, left_chat_member=BRUNO)},
        MembershipChanged(THERE, Person("43", "Bruno"), False, removed=True),
    ),
    "somebody left, told to administrators": (
        {"chat_member": change(GROUP, BRUNO, member(BRUNO, "member"), member(BRUNO, "left"))},
        MembershipChanged(THERE, Person("43", "Bruno"), False),
    ),
    "somebody was taken out, told to administrators": (
        {"chat_member": change(GROUP, AMINA, member(BRUNO, "member"), member(BRUNO, "kicked"))},
        MembershipChanged(THERE, Person("43", "Bruno"), False, removed=True),
    ),
    "we came": (
        {"message": message(GROUP, new_chat_members=[BOT])},
        MembershipChanged(THERE, Person("7", "Facteur", automatic=True), True, us=True),
    ),
    "somebody came, told to administrators": (
        {"chat_member": change(GROUP, AMINA, member(BRUNO, "left"), member(BRUNO, "member"))},
        MembershipChanged(THERE, Person("43", "Bruno"), True),
    ),
    "somebody is silenced but still there": (
        {
            "chat_member": change(
                GROUP, AMINA, member(BRUNO, "member"), member(
                    BRUNO, "restricted", is_member=True, until_date=0,
                    **dict.fromkeys(
                        (
                            "can_change_info", "can_invite_users", "can_pin_messages", "can_send_messages",
                            "can_send_polls", "can_send_other_messages", "can_add_web_page_previews",
                            "can_manage_topics", "can_send_audios", "can_send_documents", "can_send_photos",
                            "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_edit_tag", "can_react_to_messages",
                        ),
                        False,
                    ),
                ),
            )
        },
        Ignored("role"),
    ),
    "we became an administrator": (
        {"my_chat_member": change(GROUP, AMINA, member(BOT, "member"), member(BOT, "administrator", **ADMIN_RIGHTS))},
        Ignored("role"),
    ),
    "we were thrown out": (
        {"my_chat_member": change(GROUP, AMINA, member(BOT, "member"), member(BOT, "kicked"))},
        MembershipChanged(THERE, Person("7", "Facteur", automatic=True), False, us=True, removed=True),
    ),
    "we were blocked": (
        {"my_chat_member": change(PRIVATE, AMINA, member(BOT, "member"), member(BOT, "kicked"))},
        MembershipChanged(HERE, WHO, False, us=True),
    ),
    "we were unblocked": (
        {"my_chat_member": change(PRIVATE, AMINA, member(BOT, "kicked"), member(BOT, "member"))},
        MembershipChanged(HERE, WHO, True, us=True),
    ),
    "a button pressed": (
        {
            "callback_query": {
                "id": "q1", "from": AMINA, "chat_instance": "c", "data": "y:1",
                "message": message(GROUP, from_=BOT, text="Sure?"),
            }
        },
        ChoiceMade(THERE, WHO, "5", "y:1", "q1"),
    ),
    "a button under a message too old to see": (
        {
            "callback_query": {
                "id": "q1", "from": AMINA, "chat_instance": "c", "data": "y:1",
                "message": {"message_id": 5, "date": 0, "chat": PRIVATE},
            }
        },
        ChoiceMade(HERE, WHO, "5", "y:1", "q1"),
    ),
    "an edit": (
        {"edited_message": message(text="Bonsoir", edit_date=DATE)},
        MessageEdited(HERE, WHO, "5", Rich("Bonsoir"), WHEN),
    ),
    "a live location that moves": (
        {"edited_message": message(location={"latitude": 1.0, "longitude": 2.0}, edit_date=DATE)},
        Ignored("location"),
    ),
    "a reaction": (
        {
            "message_reaction": {
                "chat": GROUP, "message_id": 5, "user": AMINA, "date": DATE, "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "❤"}, {"type": "custom_emoji", "custom_emoji_id": "1"}],
            }
        },
        ReactionChanged(THERE, WHO, "5", ("❤",)),
    ),
    "a reaction taken back": (
        {
            "message_reaction": {
                "chat": PRIVATE, "message_id": 5, "user": AMINA, "date": DATE, "new_reaction": [],
                "old_reaction": [{"type": "emoji", "emoji": "❤"}],
            }
        },
        ReactionChanged(HERE, WHO, "5", ()),
    ),
    "a reaction of nobody's": (
        {
            "message_reaction": {
                "chat": GROUP, "message_id": 5, "actor_chat": GROUP, "date": DATE, "old_reaction": [],
                "new_reaction": [],
            }
        },
        Ignored("anonymous"),
    ),
}  # fmt: skip


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


texts = st.text(st.sampled_from("ab \né😀🏳\u200d🌈\u0301\uffff\U0010ffff"), min_size=1, max_size=30)
kinds = st.sampled_from(["bold", "italic", "underline", "strike", "spoiler", "code", "quote"])


@st.composite
def rich_texts(draw):
    text = draw(texts)
    spans = set()
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        spans.add(Span(draw(kinds), start, end))
    return Rich(text, tuple(sorted(spans, key=lambda s: (s.start, -s.end, s.kind))))


@given(rich_texts())
def test_styles_survive_the_way_there_and_back(what):
    """And python-telegram-bot cuts the same words out of the text as our characters do."""
    from telegram import MessageEntity

    marks = entities(what)
    back = rich(what.text, [Fields(mark, "entities") for mark in marks])
    assert back.text == what.text
    assert sorted(back.spans, key=repr) == sorted(what.spans, key=repr)
    for mark, span in zip(marks, what.spans, strict=True):
        theirs = MessageEntity.adjust_message_entities_to_utf_16(
            what.text, [MessageEntity(mark["type"], span.start, span.end - span.start)]
        )[0]
        assert (theirs.offset, theirs.length) == (mark["offset"], mark["length"])


@given(texts, st.integers(-5, 70), st.integers(-5, 70))
def test_no_entity_reaches_outside_its_text(text, offset, length):
    found = rich(text, [Fields({"type": "bold", "offset": offset, "length": length}, "entities")])
    assert all(0 <= s.start < s.end <= len(text) for s in found.spans)


def test_at_most_a_hundred_entities_are_sent_and_no_link_of_a_strange_kind():
    assert len(entities(Rich("x" * 300, tuple(Span("bold", n, n + 1) for n in range(300))))) == 100
    assert entities(Rich("xy", (Span("link", 0, 1, "javascript:alert(1)"), Span("link", 0, 1, "")))) == []


def test_every_style_we_claim_is_sent():
    for style in CHANNEL.can.styles:
        assert entities(Rich("x", (Span(style, 0, 1, "https://a.org" if style == "link" else ""),)))


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
