"""The bridge Protocol: what the core asks of the adapter of one channel. A bridge converts and carries; it decides nothing.

It never imports the store. Adding a channel is adding a folder in `bridges/` whose modules have these names:
`bridge`, `settings`, `incoming`, `outgoing`, `sandbox`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, Protocol, runtime_checkable

from bot.core.events import Arrival, Event, RemoteFile
from bot.text.rich import Kind, Rich

Outcome = Literal["processed", "held", "failed"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, as data. The contract test exercises each claim against the channel's sandbox."""

    words: tuple[str, ...]  # what people call it in a command: "receive mail", "recevoir courriel"
    label: Mapping[str, str]  # its name in a sentence, by language: {"en": "mail", "fr": "le mail"}
    styles: frozenset[Kind] = frozenset()  # the spans it shows; others become plain text
    max_text: int = 4096  # UTF-16 units in one message
    connections: int = 8  # sends under way at once, over all lanes
    default_pace: str = "each"
    waits_grace: bool = False  # an edit would need a second message: wait the grace time
    titles: bool = False  # it shows a thread's title by itself (a subject line)
    rooms: bool = False  # it has chats shared by many
    reply: bool = False  # native replies
    buttons: bool = False
    edit_within: float | None = None  # seconds after sending; None: never; inf: always
    delete_within: float | None = None
    react: bool = False
    silent: bool = False
    encrypted: bool = False  # its end-to-end encryption ends at the bot: members are told
    invites_by_link: bool = False
    writes_first: bool = False  # may write to somebody who never wrote to us (mail)
    keeps_our_ids: bool = False  # what it sends keeps `Personal.id`: copies need no row, `Sent.ids` may be empty
    raw_kept: float = 86400.0  # seconds a handled raw item may be looked at again; mails: a month
    rereads: bool = False  # what it gave can be had again: after a restore nothing of it is missing
    waits_for_us: float = 0.0  # seconds the service keeps what nobody has fetched
    slow_to_read: bool = False  # reading an item may take seconds (a mail's parser): never before it is stored
    bundles: bool = True  # lines of one thread that wait for one address leave as one message
    max_file: int = 0  # bytes of a file that goes along with up to `BESIDE_A_FILE` units of words; 0: it carries none


def named(channels: Mapping[str, Capabilities], channel: str, language: str) -> str:
    """How sentences name a channel; one that is off now has nothing but its name."""
    can = channels.get(channel)
    return can.label.get(language, can.label["en"]) if can else channel


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes."""

    id: str  # the network's own id
    room: bool = False
    sub: str = ""
    identity: str = ""  # what its owner's device is known by, unless that is in doubt (`IdentityChanged`)


@dataclass(frozen=True, slots=True)
class Button:
    """One choice under a message; `data` comes back in `ChoiceMade`, at most 64 bytes."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What all readers of one language get: encoded once. `cache_key` names it; equal keys, equal bytes."""

    content: Rich
    language: str
    cache_key: Hashable
    subject: str = ""  # for channels with `titles`; stable for ever, without "Re:"
    author: str = ""  # display name of the one author; empty: several, or the community itself
    community: str = ""  # display name
    slug: str = ""  # of the community: List-Id and posting address
    sent_at: datetime | None = None
    automatic: bool = False  # an answer or a notice of the bot's, not somebody's words (RFC 3834)
    buttons: tuple[tuple[Button, ...], ...] = ()
    files: tuple[LocalFile, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of our store to be sent."""

    name: str
    type: str
    size: int
    read: Callable[[], bytes]  # its bytes: to be called in a thread. Raises Refused when they are there no more


NO_FOOTER = Rich("")
#: UTF-16 units of words that every channel which carries files takes beside one.
BESIDE_A_FILE: Final = 1000


@dataclass(frozen=True, slots=True)
class Personal:
    """What differs from reader to reader."""

    id: str = ""  # derived and stable: the same for a repeated send (a Message-ID's left side)
    reply_to: str = ""  # remote id, at this address, of the message it answers
    reply_author: str = (
        ""  # remote id of that message's author as this address knows it (Signal quotes need it); empty: ourselves
    )
    reply_text: str = ""  # the words answered, as this address saw them
    ancestors: tuple[str, ...] = ()  # remote ids from the root of the thread to the parent
    reply_token: str = ""
    bounce_token: str = ""
    footer: Rich = NO_FOOTER
    silent: bool = False
    again: bool = False  # the first try may have arrived


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to send."""

    shared: Shared
    personal: Personal = Personal()


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken. `ids`: what replies, edits and deletions will point to; `note`: what the channel said (never logged)."""

    ids: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Census:
    """Who is in a room. `here` and `gone` are of those that were asked for; who is in neither, the network did not tell."""

    people: int | None  # how many are there, without us; None: it did not tell
    here: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


@runtime_checkable
class Bridge(Protocol):
    """The adapter of one channel. Methods that send raise only the errors of `bot.core.errors`."""

    name: ClassVar[str]  # stored with every address; never changes
    can: Capabilities
    account: str  # which account of ours: bot id, number, mail address; known after `open`

    async def open(self, cursor: Mapping[str, str]) -> None:
        """Connect and make sure of the account. `cursor` is what `Arrival.cursor` last stored. Raises Down."""

    async def close(self, deadline: float) -> None:
        """Let calls under way end, for at most `deadline` seconds."""

    def arrivals(self) -> AsyncGenerator[Sequence[Arrival], None]:
        """Raw items. The line after `yield` runs after they are committed: it is where they are acknowledged.

        Raises Down or any OSError when the channel is away; the bus calls it again after a pause.
        """

    async def read(self, raw: bytes) -> Sequence[Event]:
        """What `raw` means; empty means nothing for us. No store; the network only to look up evidence. Raises Unreadable."""

    async def send(self, to: Address, what: Outgoing) -> Sent:
        """Send one message, at most `can.max_text` long. Raises TryLater, Refused, Unreachable, Moved, Down, Uncertain."""

    async def check(self) -> list[str]:
        """What is wrong with the set-up, a sentence each; raises Down when it cannot be reached at all."""

    # Optional; a bridge has the method exactly when `can` says so (held by the contract test):
    #   edit(to, remote_id, what) -> Sent      can.edit_within
    #   delete(to, remote_id) -> None          can.delete_within
    #   react(to, remote_id, emoji) -> None    can.react
    #   answer(callback_id, text) -> None      can.buttons
    #   census(room, people) -> Census         can.rooms: who of these is in a room, asked of the network now
    # and, whatever `can` says:
    #   file(key, outcome) -> None             after handling, idempotent (a mail is moved to Processed, Held, Failed)
    #   forget(people) -> None                 can.rereads: remove what these people sent from where it can be had again
    #   tidy(before) -> None                   can.rereads: remove handled items that came before then
    #   fetch(file) -> AsyncIterator[bytes]
    #   invite_link(code) -> str               can.invites_by_link: what a person opens to come with this code
    #   invite_qr(code, subject) -> str        what the QR code of a printed invitation opens, where that is no link with the code
    #   menu(commands by language) -> None     the channel's own list of commands


class Fetches(Protocol):
    """A bridge whose events point to files."""

    def fetch(self, file: RemoteFile) -> AsyncIterator[bytes]:
        """The bytes of a file, in pieces."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A rate the channel allows: `burst` at once, then `per_second`; shared by all processes. `lane` true: one for each lane."""

    name: str
    per_second: float
    burst: float = 1.0
    lane: bool = False
    rooms: bool | None = None  # only for rooms (True), only for private chats (False), both (None)


@dataclass(frozen=True, slots=True)
class Channel:
    """What `bridges/NAME/bridge.py` exports as `CHANNEL`: how the program makes the bridge from its settings.

    `settings` is a pydantic model, the section [NAME] of the configuration.
    """

    name: str
    settings: type[Any]
    can: Capabilities
    make: Callable[[Any], Bridge]
    sandbox: Callable[[], Any]  # () -> Sandbox; imports what it needs only when called
    budgets: Callable[[Any], Sequence[Budget]] = field(default=lambda settings: ())


Fault = Literal[
    "later",  # refused for now, with a time where the protocol has one (429, 450)
    "refused",  # this message will never be taken (400, 554)
    "unreachable",  # this person can never be reached (403 blocked, 550 5.1.1, unregistered)
    "down",  # the account itself is refused (401, 535)
    "broken",  # 5xx or a temporary failure of the server
    "lost",  # accepted, then the connection drops before the answer
    "slow",  # accepted, but the answer comes later than any deadline of the bridge
]


@dataclass(slots=True)
class Seen:
    """What a person's device shows of one message."""

    id: str  # the id an answer points to
    text: str  # as read: spans shown as plain text, a mail's text part without its quoted history
    at: float  # when the sandbox took it (time.monotonic)
    author: str = ""  # who the device says it comes from: the bot's name, a mail's From name, a person of the room
    subject: str = ""
    reply_to: str = ""  # id of the message it natively answers
    buttons: tuple[Button, ...] = ()
    mine: bool = False  # the person's own
    edited: bool = False
    deleted: bool = False
    files: tuple[tuple[str, bytes], ...] = ()  # name and content
    raw: Any = None  # the request, or the mail's bytes: what the privacy test searches


class Sandbox(Protocol):
    """A local server that speaks the channel's protocol over a real socket, with people's devices to act on.

    It refuses what the service would refuse, keeps its limits, and misbehaves on demand. People and rooms are named;
    the sandbox makes their ids.
    """

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""

    async def stop(self) -> None:
        """Drop every connection and stop."""

    def settings(self) -> dict[str, Any]:
        """The configuration section that points the real bridge here."""

    def person(self, name: str, language: str = "") -> str:
        """Somebody with this channel on a device; returns the id that `Person.id` will carry. Same name, same person."""

    def room(self, title: str, people: Sequence[str], *, founded: bool = False) -> str:
        """A chat of these people to which the bot was added, or which was made with it; returns its `Place.id`.

        Raises NotImplementedError if the channel has no rooms.
        """

    async def say(
        self, who: str, text: str, *, room: str = "", reply_to: str = "", subject: str = "", start: str = ""
    ) -> str:
        """`who` (a name) writes: in `room` (a title) or in private; answering what they see as `reply_to`; `start`: by a
        deep link with this payload. Returns the message's id. The words are in the server before it returns.
        """

    async def press(self, who: str, seen: Seen, button: Button) -> None:
        """Press a button under a message."""

    def seen(self, who: str, room: str = "") -> list[Seen]:
        """What the device of `who` shows in the private chat (or in `room`), oldest first, their own lines included."""

    def fail(self, fault: Fault, times: int = 1, who: str = "") -> None:
        """Let the next `times` sends (to `who`, if named) end like that."""

    def violations(self) -> list[str]:
        """Requests so far that broke the service's own rules, a sentence each."""
