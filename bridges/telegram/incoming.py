"""Raw updates → events.

Who speaks is a numeric user id and nothing else: an anonymous administrator, a channel and a forwarded author are
nobody we could answer (T16), so their messages are `Ignored`, and a forward is its forwarder's, marked as such (T17).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import Unreadable
from bot.core.events import (
    AddressChanged,
    ChoiceMade,
    Event,
    Ignored,
    MembershipChanged,
    MessageEdited,
    Place,
    ReactionChanged,
    RoomChanged,
)

from .fields import Fields
from .messages import Us, person, place, received, words

MAX_TEXT = 1_000_000

#: What getUpdates is asked for; what is not listed here never comes. The last two come only where we administrate.
KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member", "message_reaction")

#: Known kinds that are nothing for us, should a server send them all the same.
_NOT_OURS = {
    "channel_post": "channel",
    "edited_channel_post": "channel",
    "message_reaction_count": "anonymous",
    "poll": "poll",
    "poll_answer": "poll",
    "inline_query": "inline",
    "chosen_inline_result": "inline",
    "chat_join_request": "request",
    "chat_boost": "boost",
    "removed_chat_boost": "boost",
    "business_connection": "business",
    "business_message": "business",
    "edited_business_message": "business",
    "deleted_business_messages": "business",
}


@dataclass(frozen=True, slots=True)
class Key:
    """What the bus needs to know of an update before anybody reads it."""

    key: str
    lane: str
    group: str = ""


def events(raw: bytes, us: Us) -> Sequence[Event]:
    """Return what one update means. Raises Unreadable with the defect's place, never its content."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("no object")
    update = Fields(data, "")
    update.number("update_id")
    try:
        for kind, read in _READERS.items():
            if kind in update:
                return read(update.must(kind), us)
    except (OverflowError, OSError, ValueError):  # a date that no clock can show
        raise Unreadable("a date out of range") from None
    for kind, why in _NOT_OURS.items():
        if kind in update:
            return [Ignored(why)]
    raise Unreadable("an unknown kind of update")


def key(update: Any) -> Key:
    """Return the unique key, the lane and the album of one update, whatever it looks like.

    update_id alone is not unique: it starts anew, somewhere, after a week without updates (T2). So the chat and
    message it is about are part of the key; the same update fetched again still has the same key.
    """
    if not isinstance(update, dict):
        return Key(f"?:{hash_of(update)}", "?")
    number = update.get("update_id")
    kind = next((k for k in update if k != "update_id"), "?")
    body = update.get(kind)
    body = body if isinstance(body, dict) else {}
    message = body.get("message") if isinstance(body.get("message"), dict) else body
    chat = message.get("chat") if isinstance(message, dict) else None
    chat = chat if isinstance(chat, dict) else body.get("from")
    lane = _plain(chat.get("id", "?"))[:40] if isinstance(chat, dict) else "?"
    album = body.get("media_group_id")
    group = f"{lane}:{_plain(album)[:64]}" if isinstance(album, str) and album else ""
    if not _is_number(number):
        return Key(f"?:{hash_of(update)}", lane, group)
    which = message.get("message_id") if isinstance(message, dict) else None
    return Key(f"{number}:{lane}:{which if _is_number(which) else hash_of(update)}", lane, group)


def _is_number(found: Any) -> bool:
    """Whether it is an integer as Telegram counts; Python refuses to write one of thousands of digits."""
    return isinstance(found, int) and abs(found) < 2**63


def _plain(found: Any) -> str:
    """A number or a word as it is; anything else, such as half a surrogate pair or NUL, as its hash."""
    if _is_number(found) or (isinstance(found, str) and found.isprintable()):
        return str(found) or "?"
    return hash_of(found)


def hash_of(update: Any) -> str:
    """A short name for something that has none."""
    import hashlib
    import pickle

    try:
        data = json.dumps(update, sort_keys=True).encode()
    except ValueError:  # an integer of thousands of digits
        data = pickle.dumps(update)
    return hashlib.sha256(data).hexdigest()[:20]


def _message(message: Fields, us: Us) -> Sequence[Event]:
    """A message: something that happened to the chat, or somebody's words."""
    chat = message.must("chat")
    where = place(chat, message)
    if chat.text("type") == "channel":
        return [Ignored("channel")]
    if "migrate_to_chat_id" in message:
        return [AddressChanged(where.id, str(message.number("migrate_to_chat_id")))]
    if "migrate_from_chat_id" in message:
        return [AddressChanged(str(message.number("migrate_from_chat_id")), where.id)]
    if "new_chat_title" in message:
        return [RoomChanged(Place(where.id, room=True, title=message.text("new_chat_title")))]
    if message.flag("group_chat_created") or message.flag("supergroup_chat_created"):
        return [RoomChanged(Place(where.id, room=True, title=where.title), founded=True)]
    if "new_chat_members" in message:
        return [_moved(where, user, us, True) for user in message.list("new_chat_members")]
    if "left_chat_member" in message:
        user, by = message.must("left_chat_member"), message.part("from")
        removed = by is not None and by.number("id") != user.number("id")
        return [_moved(where, user, us, False, removed=removed)]
    return [_words_of(message, where, us)]


def _words_of(message: Fields, where: Place, us: Us) -> Event:
    """Somebody's words, unless nobody we know has said them."""
    nobody = _nobody(message, us)
    if nobody:
        return Ignored(nobody)
    found = received(message, where, us)
    if not isinstance(found, Ignored) and len(found.text.text) > MAX_TEXT:
        raise Unreadable("more than 1 MB of text")
    return found


def _nobody(message: Fields, us: Us) -> str:
    """Why nobody can be held to have said this, in one word; empty if somebody can."""
    if "sender_chat" in message or "from" not in message:
        return "anonymous"
    sender = message.must("from")
    if sender.number("id") == us.number:
        return "own"
    return "bot" if sender.flag("is_bot") else ""


def _edited(message: Fields, us: Us) -> Sequence[Event]:
    chat = message.must("chat")
    if chat.text("type") == "channel":
        return [Ignored("channel")]
    nobody = _nobody(message, us)
    if nobody:
        return [Ignored(nobody)]
    if "location" in message:  # a live location moves, minute by minute, as "edits"
        return [Ignored("location")]
    when = message.number("edit_date") if "edit_date" in message else message.number("date")
    text, _ = words(message)
    if len(text.text) > MAX_TEXT:
        raise Unreadable("more than 1 MB of text")
    sender = person(message.must("from"))
    remote = str(message.number("message_id"))
    return [MessageEdited(place(chat, message), sender, remote, text, datetime.fromtimestamp(when, UTC))]


def _pressed(query: Fields, _: Us) -> Sequence[Event]:
    message = query.part("message")
    if message is None:
        return [Ignored("inline")]
    if "data" not in query:
        return [Ignored("game")]
    remote = str(message.number("message_id"))
    where = place(message.must("chat"), message)
    return [ChoiceMade(where, person(query.must("from")), remote, query.text("data"), query.text("id"))]


def _membership(change: Fields, us: Us) -> Sequence[Event]:
    """Somebody's standing in a chat changed: ours too, and in private "kicked" is how being blocked looks."""
    chat = change.must("chat")
    if chat.text("type") == "channel":
        return [Ignored("channel")]
    where = place(chat, change)
    before, after = change.must("old_chat_member"), change.must("new_chat_member")
    was, now = _present(before), _present(after)
    user = after.must("user")
    ours = user.number("id") == us.number
    if was == now:
        return [Ignored("role")]
    if ours and not where.room:
        return [MembershipChanged(where, person(change.must("from")), now, us=True)]
    removed = not now and change.must("from").number("id") != user.number("id")
    return [MembershipChanged(where, person(user), now, us=ours, removed=removed)]


def _present(member: Fields) -> bool:
    """Say whether this ChatMember stands for somebody who is there."""
    status = member.text("status")
    if status in {"creator", "administrator", "member"}:
        return True
    if status == "restricted":
        return member.flag("is_member")
    if status in {"left", "kicked"}:
        return False
    raise member.defect("status", "unknown")


def _moved(where: Place, user: Fields, us: Us, present: bool, *, removed: bool = False) -> MembershipChanged:
    return MembershipChanged(where, person(user), present, us=user.number("id") == us.number, removed=removed)


def _reacted(change: Fields, us: Us) -> Sequence[Event]:
    user = change.part("user")
    if user is None:
        return [Ignored("anonymous")]
    who = person(user)
    if who.automatic:
        return [Ignored("own" if user.number("id") == us.number else "bot")]
    # An emoji of somebody's own set has no character another channel could show.
    emoji = tuple(r.text("emoji") for r in change.list("new_reaction") if r.text("type") == "emoji")
    return [ReactionChanged(place(change.must("chat"), change), who, str(change.number("message_id")), emoji)]


_READERS: dict[str, Callable[[Fields, Us], Sequence[Event]]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _pressed,
    "my_chat_member": _membership,
    "chat_member": _membership,
    "message_reaction": _reacted,
}
