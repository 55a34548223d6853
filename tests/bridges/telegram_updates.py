"""Updates as the Bot API gives them, each with the event it means. Made of real ones: the library reads them too."""

from __future__ import annotations

from datetime import UTC, datetime

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
from bridges.telegram.messages import Us

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
