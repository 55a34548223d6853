"""What an inbound item means. Bridges make these from raw items; the core handles them; plain data, no behaviour.

Ids are the network's own, as text. An event says what happened, never what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.text.rich import Rich

#: Does the channel vouch for the sender? "yes": the network itself (a messenger) or a trusted verdict; "no": a
#: trusted verdict against; "unknown": nobody said.
Authentic = Literal["yes", "no", "unknown"]
#: How the words reached us: only "direct" words may be commands.
Evidence = Literal["direct", "quote", "forward", "caption", "edit"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was said: a chat or a mailbox of ours. `id` as the network spells it; `sub` a forum topic within."""

    id: str
    room: bool = False
    title: str = ""
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who said it. `id` is where that person is reached in private (chat id, ACI, mail address in lower case)."""

    id: str
    name: str = ""
    language: str = ""  # as the network says it: "fr", "en-GB" or nothing
    automatic: bool = False  # a bot, an auto-responder: never answered, never relayed


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file an event points to; `Bridge.fetch` reads it."""

    id: str
    name: str = ""
    type: str = "application/octet-stream"
    size: int | None = None  # bytes
    kind: Literal["photo", "document", "video", "audio", "voice", "sticker", "other"] = "document"


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Somebody said something."""

    place: Place
    sender: Person
    remote_id: str  # the id an answer will point to
    text: Rich
    sent_at: datetime
    reply_to: str = ""  # remote id of the message it answers, in this place
    quote: str = ""  # the text of that message, if the network repeats it
    quote_author: str = ""  # remote id of that message's author, if told
    subject: str | None = None  # mails only: as written, decoded
    tokens: tuple[str, ...] = ()  # what stood behind our own "+": r.TOKEN, c.SLUG … (unverified)
    references: tuple[str, ...] = ()  # Message-IDs it answers, nearest first (unverified)
    start: str = ""  # the payload of a deep link: an invitation's code
    authentic: Authentic = "yes"
    evidence: Evidence = "direct"
    files: tuple[RemoteFile, ...] = ()
    group: str = ""  # items of one group (an album) are one message


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The words of an earlier message were changed by their author."""

    place: Place
    sender: Person
    remote_id: str
    text: Rich
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """An earlier message was taken back by its author."""

    place: Place
    sender: Person
    remote_id: str


@dataclass(frozen=True, slots=True)
class ReactionChanged:
    """These are now this person's reactions to that message (none: taken back)."""

    place: Place
    sender: Person
    remote_id: str
    emoji: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoiceMade:
    """A button was pressed, or a native poll answered. `data` is what the button carried, signed by the core."""

    place: Place
    sender: Person
    remote_id: str
    data: str
    callback_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A bounce: what was sent under `token` did not arrive. `permanent`: it never will."""

    token: str
    permanent: bool
    reason: str  # an SMTP status such as "5.1.1", never words of the mail


@dataclass(frozen=True, slots=True)
class MembershipChanged:
    """A person is now there, or no longer, in a room (or has blocked or unblocked us, in private)."""

    place: Place
    person: Person
    present: bool
    us: bool = False  # it is the bot itself that came or went
    removed: bool = False  # not gone by themselves: somebody who may do that took them out


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """A chat has another id now (a group became a supergroup; a number became an ACI)."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """What proves a person's device to be the same is `identity` now; `before` is what it was, if the bridge knows.

    A new telephone does that, and so does somebody else who got or took the number (facts S6).
    """

    person: Person
    identity: str
    at: datetime
    before: str = ""


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """A room has another title, or other settings; or this is how it is now."""

    place: Place
    people: int | None = None  # how many are there, without us; None: not told
    founded: bool = False  # it was made with us in it: everybody who is there has seen us from the beginning


@dataclass(frozen=True, slots=True)
class ChannelGap:
    """Nobody listened from `since` to `until`; `lost` says how many are known lost, or nothing."""

    since: datetime
    until: datetime
    lost: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us: a receipt, a typing sign, our own message coming back. `why` is one word for the log."""

    why: str


Event = (
    MessageReceived
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ChoiceMade
    | DeliveryFailed
    | MembershipChanged
    | AddressChanged
    | IdentityChanged
    | RoomChanged
    | ChannelGap
    | Ignored
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One raw item as the channel gave it.

    `key` is unique per channel and account: the same item again is dropped. Items of one `lane` (the source chat) are
    handled in order. Items of one `group` wait until `quiet` seconds passed without another. `cursor` is stored with
    the item, in its transaction, under the bridge's name (mail: UIDVALIDITY and UID).
    """

    key: str
    raw: bytes
    lane: str
    group: str = ""
    quiet: float = 0.0
    cursor: dict[str, str] = field(default_factory=dict)
    again: bool = False  # it was handled by a life of the program that was lost: what follows may have left then
