"""The Signal bridge: reads the spool, writes through signal-cli-rest-api.

signalbot is never started: its reader goes deaf for minutes after one frame it does not know, and forgets what it had
in memory. What is used of it are its models, which know what the service takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from bot.core.bridge import Address, Budget, Capabilities, Census, Channel, Outgoing, Sandbox, Sent
from bot.core.errors import Down, Unreachable, Unreadable
from bot.core.events import Arrival, Event, RemoteFile
from bridges.signal import answers, incoming, ours, outgoing
from bridges.signal.devices import EVERY, Devices, safety_number
from bridges.signal.groups import Group, Told, changer, from_outside, own_item
from bridges.signal.settings import SignalSettings
from bridges.signal.spool import Frame, Kind, Reader

if TYPE_CHECKING:
    from bridges.signal.api import Api
    from bridges.signal.ear import Ear

_LOG = logging.getLogger("filcommun.signal")
_DAY = 86_400.0
#: Parts that are never anybody's words: they are not worth a place in the store.
_NOISE = frozenset({"receiptMessage", "typingMessage"})
_TOLD_AFTER = 120.0  # seconds without a listener that people are told of
_AWAY_AFTER = 30.0  # seconds without a connection before the channel counts as down
_PATIENCE = 2.0  # seconds that opening waits for a connection
_MOST_LONG_TEXT = 2**20

CAN = Capabilities(
    words=("signal",),
    label={"en": "Signal", "fr": "Signal"},
    styles=frozenset({"bold", "italic", "strike", "spoiler", "code", "pre"}),
    max_file=95_000_000,
    max_text=8000,  # longer ones the service sends as an attachment that phones unfold
    connections=8,
    rooms=True,
    reply=True,
    edit_within=_DAY,
    delete_within=_DAY,
    react=True,
    encrypted=True,
)


class SignalBridge:
    """The channel of one number."""

    name: ClassVar[str] = "signal"
    can: Capabilities = CAN

    def __init__(self, settings: SignalSettings) -> None:
        self.settings = settings
        self.account = settings.number
        self.shared = settings.shared_account  # somebody's own as well: the core narrows what is read
        self.spool = Path(settings.spool)
        self._private = ours.Private() if self.shared else ours.Private.known(self.spool)
        self._us = incoming.Account(settings.number)
        self._by_number: dict[str, str] = {}
        self._api: Api | None = None
        self._ear: Ear | None = None
        self._news: list[Group] = []
        self._changed_by: dict[str, set[str]] = {}  # by group: who has changed it since it was told last
        self._asking: asyncio.Task[None] | None = None
        self._identities: list[Mapping[str, Any]] = []
        self._looking: asyncio.Task[None] | None = None
        self._look_at = 0.0
        self._cursor: dict[str, str] = {}

    @property
    def public_address(self) -> str:
        """Where people write to us, as people spell it: the username's link; the number until there is one."""
        known = self._private
        return known.link if known.link and known.number == self.account else self.account

    def invite_qr(self, code: str, subject: str) -> str:  # noqa: ARG002 - no link of Signal's can say anything
        """What a telephone's camera opens: a chat with us. The code is to be sent."""
        known = self.public_address
        return known if known.startswith("https://") else f"https://signal.me/#p/{known}"

    # --- coming and going

    async def open(self, cursor: Mapping[str, str]) -> None:
        """Make sure of the service and the account, and listen. Raises Down.

        A channel that is away is opened again and again, and may come back between two tries: an account that was
        looked at before is listened to all the time.
        """
        from bridges.signal.api import Api

        self._cursor = dict(cursor)
        if cursor.get("other") and not self.shared:
            ours.forget(self.spool)
            raise ours.another_device()
        if cursor or self.shared:
            self._listen()
        if self._api is None:
            self._api = Api(self.settings)
        api = self._api
        await api.about()
        contacts, groups = await api.contacts(), await api.groups()
        incoming.names_in(contacts, self._us)
        self._by_number = {c["number"]: c["uuid"] for c in contacts if c.get("number") and c.get("uuid")}
        if not self.shared:
            if not cursor:
                ours.must_be_ours(contacts, groups, self.account, self.spool)
            self._private = await ours.make_private(api, self.settings, self.spool)
        self._news = [self._group(entry) for entry in groups]
        await self._listen().heard(_PATIENCE)

    def _listen(self) -> Ear:
        from bridges.signal.ear import Ear

        if self._ear is None:
            self._ear = Ear(self.settings, self.spool)
            self._ear.open()
        return self._ear

    async def close(self, deadline: float) -> None:
        """Stop listening (a listener of its own goes on), let calls under way end."""
        for task in (self._asking, self._looking):
            if task:
                task.cancel()
        self._asking = self._looking = None
        await self._deaf()
        if self._api:
            await self._api.close(deadline)
            self._api = None

    def _service(self) -> Api:
        if self._api is None:
            raise Down("the Signal bridge is not open")
        return self._api

    # --- in

    async def arrivals(self) -> AsyncGenerator[Sequence[Arrival], None]:
        """What stands in the spool; cut when it is stored. Listens itself while no separate listener does."""
        from bridges.signal.watch import Bell

        ear = self._listen()
        ear.is_read()
        reader, bell, told = Reader(self.spool), Bell(self.spool), Told(self.spool)
        devices = Devices(self.spool)
        try:
            if not self._cursor.get("seen"):
                yield [self._noted(ours.first_sight(self.account))]
            while True:
                if news := told.news(self._fresh_groups()):
                    yield news
                    told.stored(news)
                    for item in news:
                        self._changed_by.pop(item.lane, None)
                self._look_at_devices()
                if changed := devices.news(self._identities):
                    yield changed
                    devices.stored(changed)
                frames = reader.read()
                if frames:
                    if self._is_somebodys(frames):
                        yield [self._noted(ours.closing(self.account))]
                        reader.cut(frames[-1].end)
                        await self._deaf()
                        raise ours.another_device()
                    if batch := self._items(frames):
                        yield batch
                    reader.cut(frames[-1].end)
                    self._look_at_groups(frames)
                else:
                    ear.must_be_well(_AWAY_AFTER)
                    await bell.wait(1.0)
        finally:
            bell.close()
            reader.close()

    def _look_at_devices(self) -> None:
        """Ask whose devices these are, every now and then, while reading goes on."""
        if time.monotonic() >= self._look_at and (self._looking is None or self._looking.done()):
            self._look_at = time.monotonic() + EVERY
            self._looking = asyncio.create_task(self._ask_devices())

    async def _ask_devices(self) -> None:
        with contextlib.suppress(Down):
            self._identities = list(await self._service().identities())

    def _fresh_groups(self) -> list[Group]:
        groups, self._news = self._news, []
        return groups

    def _noted(self, item: Arrival) -> Arrival:
        """An item that carries what is known of the account; from now on we know it too."""
        self._cursor |= item.cursor
        return item

    def _is_somebodys(self, frames: Sequence[Frame]) -> bool:
        """Whether the account has just shown to be somebody's: nothing of these is stored then."""
        return not self.shared and ours.is_new(self._cursor) and ours.shows_another_device(frames)

    async def _deaf(self) -> None:
        """Listen no more."""
        if self._ear:
            await self._ear.close()
            self._ear = None

    def _items(self, frames: Sequence[Frame]) -> list[Arrival]:
        found: dict[str, Arrival] = {}
        for frame in frames:
            if frame.kind is Kind.GAP:
                if gap := self._gap(frame):
                    found[gap.key] = gap
                continue
            key, lane, part = incoming.key_of(frame.data)
            if part in _NOISE:
                continue
            if part == "syncMessage":
                _LOG.warning("signal.other_device")
            found.setdefault(key, Arrival(key, from_outside(frame.data), lane))
        return list(found.values())

    def _gap(self, frame: Frame) -> Arrival | None:
        """Nobody listened for a while: always noted, and told when it was long."""
        gap = json.loads(frame.data)["gap"]
        length = gap["until"] - gap["since"]
        _LOG.warning("signal.gap", extra={"fields": {"took": length, "told": length > _TOLD_AFTER}})
        if length <= _TOLD_AFTER:
            return None
        return Arrival(f"gap:{gap['since']}", own_item({"gap": gap}), "gap")

    def _look_at_groups(self, frames: Sequence[Frame]) -> None:
        """After a group said it changed, or could have while nobody listened: ask who is there, while reading goes on."""
        for frame in frames:
            if b'"UPDATE"' in frame.data:
                group, who = changer(frame.data)
                self._changed_by.setdefault(group, set()).add(who)
        if any(b"UntrustedIdentity" in frame.data for frame in frames):
            self._look_at = 0.0
        if any(frame.kind is Kind.GAP or b'"UPDATE"' in frame.data for frame in frames):
            if self._asking:
                self._asking.cancel()  # what it would answer may be older than this change
            self._asking = asyncio.create_task(self._ask_groups())

    async def _ask_groups(self) -> None:
        with contextlib.suppress(Down):
            self._news = [self._group(entry) for entry in await self._service().groups()]

    def _group(self, entry: Mapping[str, Any]) -> Group:
        by = self._changed_by.get(str(entry.get("id", "")), ())
        return Group.listed(entry, self.account, self._us.own, self._by_number, by)

    async def census(self, room: Address, people: Sequence[str]) -> Census:
        """Who of these is in a group, and how many there are."""
        entry = next((one for one in await self._service().groups() if one.get("id") == room.id), None)
        if entry is None:
            raise Unreachable("this account is not in that group")
        return self._group(entry).census(people)

    async def read(self, raw: bytes) -> Sequence[Event]:
        """What `raw` means. The whole of a long text is fetched; when it cannot be had, its beginning is read."""
        attachment = incoming.long_text_of(raw)
        whole: str | None = None
        if attachment and self._api:
            with contextlib.suppress(Down, Unreadable, UnicodeDecodeError):
                whole = (await self._api.attachment(attachment, _MOST_LONG_TEXT)).decode()
        return incoming.read(raw, self._us, whole)

    def fetch(self, file: RemoteFile) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises Unreadable when the service has it no more."""
        return self._service().stream(file.id)

    # --- out

    async def send(self, to: Address, what: Outgoing) -> Sent:
        """Send one message."""
        return await self._send(to, await outgoing.request(to, what, self.account))

    async def edit(self, to: Address, remote_id: str, what: Outgoing) -> Sent:
        """Give a message of ours other words. Answers may point to either time, so both ids are told."""
        body = await outgoing.request(to, what, self.account, edits=outgoing.own_time(remote_id))
        done = await self._send(to, body)
        return Sent((remote_id, *done.ids), done.note)

    async def _send(self, to: Address, body: dict[str, Any]) -> Sent:
        try:
            return await self._taken(to, body)
        except answers.OtherDevice:
            self._look_at = 0.0
            if not await self._trusted(to):
                raise
        return await self._taken(to, body)

    async def _taken(self, to: Address, body: dict[str, Any]) -> Sent:
        status, answer = await self._service().call("POST", "/v2/send", body)
        return answers.sent(status, answer, number=self.account, room=to.room)

    async def _trusted(self, to: Address) -> bool:
        """Its owner has confirmed this very key elsewhere: then the service may trust it."""
        api = self._service()
        if not to.identity:
            return False
        number = safety_number(await api.identities(), to.id, to.identity)
        return bool(number) and await api.trust(to.id, number)

    async def delete(self, to: Address, remote_id: str) -> None:
        """Take a message of ours back, on everybody's device."""
        body = {"recipient": to.id, "timestamp": outgoing.own_time(remote_id)}
        await self._done("DELETE", "/v1/remote-delete", body)

    async def react(self, to: Address, remote_id: str, emoji: str) -> None:
        """React to a message; with an empty emoji, take the reaction back."""
        body = outgoing.reaction(to, remote_id, emoji or "👍", self.account)
        await self._done("POST" if emoji else "DELETE", "/v1/reactions", body)

    async def _done(self, method: str, path: str, body: dict[str, Any]) -> None:
        status, answer = await self._service().call(method, f"{path}/{quote(self.account, safe='+')}", body)
        if status not in (200, 201, 204):
            raise answers.failure(status, answer, number=self.account)

    # --- looking after it

    async def check(self) -> list[str]:
        """What is wrong with the set-up, a sentence each. Raises Down when the service is away."""
        from bridges.signal.api import Api
        from bridges.signal.watch import Watch

        api = Api(self.settings)
        try:
            await api.about()
            found = await api.complaints()
        finally:
            await api.close(0)
        state = Watch(self.spool).read()
        if state and time.time() - state.alive > _TOLD_AFTER:
            found.append(
                "Nobody listens to Signal at the moment: what is written there is lost. Run: filcommun listen signal"
            )
        return found


def _budgets(settings: SignalSettings) -> Sequence[Budget]:
    return (Budget("signal", settings.per_second, burst=30.0),)


def _sandbox() -> Sandbox:
    from bridges.signal.sandbox import SignalSandbox

    return SignalSandbox()


CHANNEL = Channel("signal", SignalSettings, CAN, SignalBridge, _sandbox, _budgets)
