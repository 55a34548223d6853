"""One Telegram message → `MessageReceived`: its words, what it answers, its files, where it was said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.core.errors import Unreadable
from bot.core.events import Evidence, Ignored, MessageReceived, Person, Place, RemoteFile
from bot.text.rich import Rich

from .fields import Fields
from .words import rich, without_nul

FileKind = Literal["photo", "document", "video", "audio", "voice", "sticker", "other"]

_START = re.compile(r"/start\s+([A-Za-z0-9_-]{1,64})\s*\Z")
_ADDRESSED = re.compile(r"/\w{1,64}@(\w{3,64})")
_FILES: tuple[tuple[str, FileKind, str], ...] = (
    ("animation", "video", "video/mp4"),  # before "document": an animation also comes as one
    ("document", "document", "application/octet-stream"),
    ("video", "video", "video/mp4"),
    ("video_note", "video", "video/mp4"),
    ("audio", "audio", "audio/mpeg"),
    ("voice", "voice", "audio/ogg"),
    ("sticker", "sticker", "image/webp"),
)
#: Contents that have no words of their own, in one word for the log. A contact card is somebody's telephone number.
_SILENT = ("contact", "story", "game", "checklist", "paid_media", "giveaway", "invoice", "live_photo")


@dataclass(frozen=True, slots=True)
class Us:
    """The bot itself: its id and the name behind its "@"."""

    number: int
    username: str


def person(user: Fields) -> Person:
    """A user, by number: names behind an "@" are used again by others (T16)."""
    name = f"{user.text('first_name')} {user.text('last_name')}".strip()
    return Person(str(user.number("id")), name, user.text("language_code"), user.flag("is_bot"))


def place(chat: Fields, said: Fields) -> Place:
    """Where it was said; a topic only if Telegram calls it one (a reply in a plain group has a thread id too)."""
    number, kind = str(chat.number("id")), chat.text("type")
    if kind == "private":
        return Place(number)
    if kind not in {"group", "supergroup", "channel"}:
        raise chat.defect("type", "unknown")
    sub = str(said.number("message_thread_id")) if said.flag("is_topic_message") else ""
    return Place(number, room=True, title=chat.text("title"), sub=sub)


def received(message: Fields, where: Place, us: Us) -> MessageReceived | Ignored:
    """The words, files and parent of a message somebody has said; Ignored when it carries none of ours."""
    text, evidence = words(message)
    files = _files(message)
    if not text and not files:
        text = _in_words(message)
        if not text:
            return Ignored(_why_silent(message))
    addressed = _ADDRESSED.match(text.text)
    if addressed:
        if addressed[1].casefold() != us.username.casefold():
            return Ignored("elsewhere")  # a command for another bot of the group
        text = text.slice(0, addressed.start(1) - 1) + text.slice(addressed.end(), len(text.text))
    started = _START.match(text.text) if evidence == "direct" else None
    parent, quote, author = _parent(message, where)
    return MessageReceived(
        place=where,
        sender=person(message.must("from")),
        remote_id=str(message.number("message_id")),
        text=text,
        sent_at=datetime.fromtimestamp(message.number("date"), UTC),
        reply_to=parent,
        quote=quote,
        quote_author=author,
        start=started[1] if started else "",
        evidence=evidence,
        files=files,
        group=f"{where.id}:{message.text('media_group_id')}" if "media_group_id" in message else "",
    )


def words(message: Fields) -> tuple[Rich, Evidence]:
    """The words, and how they reached us."""
    if "text" in message:
        text, evidence = rich(message.counted("text"), message.list("entities")), "direct"
    else:
        text, evidence = rich(message.counted("caption"), message.list("caption_entities")), "caption"
    if "forward_origin" in message:
        message.must("forward_origin")
        return text, "forward"
    return text, "caption" if evidence == "caption" and text else "direct"


def _parent(message: Fields, where: Place) -> tuple[str, str, str]:
    """What it answers: remote id, words, author's id. An answer to another chat's message keeps only the words."""
    parent, chosen = message.part("reply_to_message"), message.part("quote")
    part = chosen.text("text") if chosen else ""
    if parent is None:
        return "", part, ""
    number = parent.number("message_id")
    # In a topic every message "answers" the one that opened the topic.
    opener = where.sub and (str(number) == where.sub or "forum_topic_created" in parent)
    if opener or ("chat" in parent and str(parent.must("chat").number("id")) != where.id):
        return "", part, ""
    whole = without_nul(Rich(parent.text("text") or parent.text("caption"))).text
    author = parent.part("from") if "sender_chat" not in parent else None
    return str(number), part or whole, str(author.number("id")) if author else ""


def _files(message: Fields) -> tuple[RemoteFile, ...]:
    """The file of a message; of a photo the largest size."""
    photos = message.list("photo")
    if photos:
        best = max(photos, key=lambda size: size.number("width") * size.number("height"))
        return (RemoteFile(best.text("file_id"), "", "image/jpeg", best.size("file_size"), "photo"),)
    for name, kind, type_ in _FILES:
        file = message.part(name)
        if file is not None:
            real = file.text("mime_type") or type_
            return (RemoteFile(file.text("file_id"), file.text("file_name"), real, file.size("file_size"), kind),)
    return ()


def _in_words(message: Fields) -> Rich:
    """Contents that are neither text nor file, as text: a place, a die, a question."""
    if venue := message.part("venue"):
        return Rich(f"{venue.text('title')}, {venue.text('address')}")
    if spot := message.part("location"):
        north, east = spot.data.get("latitude"), spot.data.get("longitude")
        if not isinstance(north, (int, float)) or not isinstance(east, (int, float)):
            raise spot.defect("latitude", "no number")
        return Rich(f"https://www.openstreetmap.org/?mlat={north:.5f}&mlon={east:.5f}")
    if die := message.part("dice"):
        return Rich(f"{die.text('emoji')} {die.number('value')}")
    if poll := message.part("poll"):
        return Rich("\n".join([poll.text("question"), *(f"- {o.text('text')}" for o in poll.list("options"))]))
    return Rich("")


def _why_silent(message: Fields) -> str:
    """One word for a message without words: the content we do not carry, or a notice of the chat itself.

    Raises Unreadable for a content that the library does not know either: newer than both of us, kept until known.
    """
    from telegram import Message

    known = {*Message.__slots__, "message_id", "date", "chat", "from"}
    strange = next((name for name in message.data if name not in known), None)
    if strange is not None:
        raise Unreadable("an unknown kind of message")
    return next((name for name in _SILENT if name in message), "service")
