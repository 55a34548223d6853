"""From what the Signal service sends to events. Pure: text in, events out, nothing looked up.

Everything is read from the raw JSON with a check at every step: one frame of a new kind must never hide the next one.
A sync message is set aside before anything else is looked at: the service shows what was typed on the bot's own phone
as if the *recipient* had written it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.errors import Unreadable
from bot.core.events import (
    ChannelGap,
    Event,
    Evidence,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Person,
    Place,
    ReactionChanged,
    RemoteFile,
    RoomChanged,
)
from bot.text.rich import Rich
from bridges.signal.devices import device_changed
from bridges.signal.groups import OWN, group_place, members_changed
from bridges.signal.wording import LONG_TEXT, MOST_TEXT, clean, file_of, said

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN = re.compile(r"[!-~]{1,120}")
ME = "me"  # the author's part of a remote id, for what we sent ourselves

#: The parts an envelope may have, in the order they are looked for. `syncMessage` is first: see above.
_PARTS = ("syncMessage", "dataMessage", "editMessage", "receiptMessage", "typingMessage", "callMessage", "storyMessage")
#: Parts of a data message that mean nothing for us, and the word for the log.
_PASSED_OVER = {
    "pollVote": "poll_vote",
    "pollTerminate": "poll_end",
    "pinMessage": "pin",
    "unpinMessage": "pin",
    "adminDelete": "admin_delete",
    "groupCallUpdate": "call",
    "payment": "payment",
    "contacts": "contact",
}
#: Parts of a data message that come with words or stand beside them.
_KNOWN = frozenset(
    {"groupInfo", "quote", "mentions", "textStyles", "previews", "attachments", "sticker", "storyContext"}
)


@dataclass(slots=True)
class Account:
    """Who we are, and the names of people as far as the service told us; shared by all readings."""

    number: str
    own: set[str] = field(default_factory=set)  # our own ACI, once known
    names: dict[str, str] = field(default_factory=dict)  # by ACI

    def is_us(self, number: object, uuid: object) -> bool:
        """Whether either of them is ours."""
        return number == self.number or (isinstance(uuid, str) and uuid.lower() in self.own)


def loads(raw: bytes) -> dict[str, Any]:
    """The frame as JSON, unwrapped if it came by the webhook. Raises Unreadable."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None
    if isinstance(found, dict) and "params" in found and "jsonrpc" in found:
        found = found["params"]
    if not isinstance(found, dict):
        raise Unreadable("it is not an object")
    return found


def part_of(envelope: dict[str, Any]) -> str:
    """Which part the envelope has; empty if none we know."""
    return next((part for part in _PARTS if envelope.get(part) is not None), "")


def key_of(raw: bytes) -> tuple[str, str, str]:
    """The key of a frame, its lane, and its part. Never raises: what cannot be read has a key of its bytes."""
    try:
        frame = loads(raw)
        envelope = frame["envelope"]
        part = part_of(envelope) or ("exception" if frame.get("exception") else "empty")
        aci, device, when = envelope["sourceUuid"], envelope.get("sourceDevice"), envelope["timestamp"]
        # A key is not made of what nobody sends: halves of surrogate pairs, NUL, or megabytes.
        if not isinstance(aci, str) or not isinstance(when, int) or not _PLAIN.fullmatch(f"{aci}:{device}"):
            raise TypeError  # noqa: TRY301
        return f"{aci}:{device}:{when}:{part}", _lane(envelope, part) or aci, part
    except (Unreadable, KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return "raw:" + hashlib.sha256(raw).hexdigest(), "unreadable", ""


def _lane(envelope: dict[str, Any], part: str) -> str:
    """The group it was said in, if it was."""
    message = envelope.get(part)
    if part == "editMessage" and isinstance(message, dict):
        message = message.get("dataMessage")
    group = message.get("groupInfo") if isinstance(message, dict) else None
    found = group.get("groupId") if isinstance(group, dict) else None
    return group_place(found) if isinstance(found, str) else ""


def read(raw: bytes, account: Account, long_text: str | None = None) -> list[Event]:
    """What the frame means. `long_text` is the whole text when it came as an attachment (see `long_text_of`).

    Raises Unreadable for what nobody could make sense of: it is kept, and shown to the operator.
    """
    if len(raw) > 24 * 2**20:
        raise Unreadable("it is too large")
    if raw.startswith(OWN):
        return _own(loads(raw.removeprefix(OWN)), account)
    frame = loads(raw)
    if "envelope" not in frame:
        raise Unreadable("the service reported an error" if "error" in frame else "it holds no envelope")
    if frame.get("account") not in (None, "", account.number):
        return [Ignored("other_account")]
    return [_Envelope(_object(frame["envelope"]), account, long_text).event(frame.get("exception"))]


def _own(item: dict[str, Any], account: Account) -> list[Event]:
    """What an item of ours means: known by where it comes from, never by its shape."""
    if "gap" in item:
        return [_gap(item["gap"])]
    if "device" in item:
        return [device_changed(_object(item["device"]), account.names)]
    if "sight" in item:
        return [Ignored("first_sight")]
    return members_changed(_object(item.get("group")), account.names)


def long_text_of(raw: bytes) -> str:
    """The id of the attachment that holds the whole of a long text; empty if there is none. Never raises."""
    try:
        message = loads(raw)["envelope"]["dataMessage"]
        found = next(a["id"] for a in message["attachments"] if a.get("contentType") == LONG_TEXT)
    except (Unreadable, KeyError, TypeError, AttributeError, StopIteration):
        return ""
    return found if isinstance(found, str) else ""


def _gap(gap: object) -> ChannelGap:
    found = _object(gap)
    try:
        since, until = (datetime.fromtimestamp(float(found[end]), UTC) for end in ("since", "until"))
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise Unreadable("a gap without its times") from None
    if until < since:
        raise Unreadable("a gap that ends before it begins")
    return ChannelGap(since, until)


class _Envelope:
    """One envelope being read: who, where, what."""

    def __init__(self, envelope: dict[str, Any], account: Account, long_text: str | None) -> None:
        self.envelope = envelope
        self.account = account
        self.long_text = long_text

    def event(self, exception: object) -> Event:
        """What it means."""
        part = part_of(self.envelope)
        if part == "syncMessage":
            if aci := _text(self.envelope, "sourceUuid"):
                self.account.own.add(aci.lower())
            return Ignored("own")
        if exception is not None and not part:
            kind = exception.get("type") if isinstance(exception, dict) else None
            named = kind if isinstance(kind, str) and re.fullmatch(r"\w{1,60}", kind) else "unknown"
            raise Unreadable(f"a message that could not be decrypted ({named})")
        simple = {
            "receiptMessage": "receipt",
            "typingMessage": "typing",
            "callMessage": "call",
            "storyMessage": "story",
        }
        if part in simple:
            return Ignored(simple[part])
        if not part:
            return self._unknown(self.envelope, "an envelope")
        if self.account.is_us(self.envelope.get("sourceNumber"), self.envelope.get("sourceUuid")):
            return Ignored("own")
        return self._edited() if part == "editMessage" else self._data(_object(self.envelope["dataMessage"]))

    def _unknown(self, found: dict[str, Any], what: str) -> Event:
        """Nothing at all is nothing for us (signal-cli tells of keys that way); something new is kept to be looked at."""
        new = [key for key, value in found.items() if isinstance(value, (dict, list)) and value and key not in _KNOWN]
        if new:
            raise Unreadable(
                f"{what} of an unknown kind: {', '.join(re.sub(r'[^A-Za-z]', '?', key)[:30] for key in new[:3])}"
            )
        return Ignored("empty")

    def _sender(self) -> Person:
        aci = _text(self.envelope, "sourceUuid").lower()
        if not _UUID.fullmatch(aci):
            raise Unreadable("a message without its sender's id")
        name = clean(_text(self.envelope, "sourceName"))
        if name:
            self.account.names[aci] = name
        return Person(aci, name)

    def _place(self, message: dict[str, Any], sender: Person) -> Place:
        group = message.get("groupInfo")
        if group is None:
            return Place(sender.id)
        internal = _text(_object(group), "groupId")
        if not internal or clean(internal) != internal:
            raise Unreadable("a group message without its group")
        return Place(group_place(internal), room=True, title=clean(_text(group, "groupName")))

    def _author(self, about: dict[str, Any], what: str, place: Place, sender: Person) -> str:
        """Whose message it is about: ME, or an ACI. In private there are only two."""
        number, uuid = about.get(f"{what}Number"), about.get(f"{what}Uuid") or about.get(what)
        if self.account.is_us(number, uuid):
            return ME
        found = uuid.lower() if isinstance(uuid, str) else ""
        if not place.room:
            return sender.id if found == sender.id else ME
        return found

    def _edited(self) -> Event:
        edit = _object(self.envelope["editMessage"])
        message = _object(edit.get("dataMessage"))
        sender = self._sender()
        text = said(message, self.account.names)
        target = _whole(edit, "targetSentTimestamp")
        return MessageEdited(self._place(message, sender), sender, f"{target}/{sender.id}", text, _moment(message))

    def _data(self, message: dict[str, Any]) -> Event:
        sender = self._sender()
        place = self._place(message, sender)
        if message.get("viewOnce") is True:
            return Ignored("view_once")
        if message.get("isExpirationUpdate") is True:
            return Ignored("timer")
        makers: dict[str, Callable[[dict[str, Any], Place, Person], Event]] = {
            "reaction": self._reaction,
            "remoteDelete": self._deleted,
            "pollCreate": self._poll,
        }
        for kind, make in makers.items():
            if message.get(kind) is not None:
                return make(message, place, sender)
        for kind, why in _PASSED_OVER.items():
            if message.get(kind):
                return Ignored(why)
        files = _files(message, with_text=self.long_text is None)
        text = said(message, self.account.names, self.long_text)
        if text or files:
            return self._message(message, place, sender, text, files)
        if place.room and _text(_object(message["groupInfo"]), "type") == "UPDATE":
            # Changes are counted: before the first one a group is as it was made, and we were in it.
            return RoomChanged(place, founded=message["groupInfo"].get("revision") == 0)
        return self._unknown(message, "a message")

    def _message(
        self, message: dict[str, Any], place: Place, sender: Person, text: Rich, files: tuple[RemoteFile, ...] = ()
    ) -> MessageReceived:
        reply_to = quoted = author = ""
        if message.get("quote") is not None:
            quote = _object(message["quote"])
            author = self._author(quote, "author", place, sender)
            reply_to, quoted = f"{_whole(quote, 'id')}/{author}", clean(_text(quote, "text"))
        evidence: Evidence = "caption" if files else "direct"
        when = _whole(message, "timestamp")
        return MessageReceived(
            place,
            sender,
            f"{when}/{sender.id}",
            text,
            _moment(message),
            reply_to=reply_to,
            quote=quoted,
            quote_author=author,
            evidence=evidence,
            files=files,
        )

    def _reaction(self, message: dict[str, Any], place: Place, sender: Person) -> Event:
        reaction = _object(message["reaction"])
        author = self._author(reaction, "targetAuthor", place, sender)
        emoji = clean(_text(reaction, "emoji"))
        shown = () if reaction.get("isRemove") is True or not emoji else (emoji,)
        return ReactionChanged(place, sender, f"{_whole(reaction, 'targetSentTimestamp')}/{author}", shown)

    def _deleted(self, message: dict[str, Any], place: Place, sender: Person) -> Event:
        return MessageDeleted(place, sender, f"{_whole(_object(message['remoteDelete']), 'timestamp')}/{sender.id}")

    def _poll(self, message: dict[str, Any], place: Place, sender: Person) -> Event:
        """A native poll reads as its question and its numbered options: other channels have no way to vote in it."""
        poll = _object(message["pollCreate"])
        options = poll.get("options")
        if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
            raise Unreadable("a poll without its options")
        lines = [clean(_text(poll, "question")), *(f"{n}. {clean(option)}" for n, option in enumerate(options, 1))]
        return self._message(message, place, sender, Rich("\n".join(lines)))


def _files(message: dict[str, Any], *, with_text: bool) -> tuple[RemoteFile, ...]:
    """The files, and a sticker as one. The whole of a long text is a file only when it could not be had."""
    attachments = message.get("attachments") or []
    if not isinstance(attachments, list):
        raise Unreadable("attachments that are no list")
    found = [file_of(_object(one)) for one in attachments]
    kept = [one for one in found if one.id and (with_text or one.type != LONG_TEXT)]
    if isinstance(sticker := message.get("sticker"), dict):
        name = f"sticker:{_text(sticker, 'packId')}/{_whole(sticker, 'stickerId')}"
        kept.append(RemoteFile(name, type="image/webp", kind="sticker"))
    return tuple(kept)


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Unreadable("something that should be an object")
    return found


def _text(found: dict[str, Any], key: str) -> str:
    """A text; absent and null are empty."""
    value = found.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{key} is no text")
    if len(value) > MOST_TEXT:
        raise Unreadable(f"{key} is longer than a million characters")
    return value


def _whole(found: dict[str, Any], key: str) -> int:
    value = found.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise Unreadable(f"{key} is no whole number")
    return value


def _moment(message: dict[str, Any]) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=_whole(message, "timestamp"))
    except OverflowError:
        raise Unreadable("a time that no calendar has") from None


def names_in(contacts: Collection[object], account: Account) -> None:
    """Learn names (and our own ACI) from the service's list of contacts."""
    for contact in contacts:
        if not isinstance(contact, dict) or not isinstance(aci := contact.get("uuid"), str) or not aci:
            continue
        if contact.get("number") == account.number:
            account.own.add(aci.lower())
        name = contact.get("profile_name") or contact.get("name")
        if isinstance(name, str) and name.strip():
            account.names.setdefault(aci.lower(), clean(name))
