"""The memory bridge: a real bridge to a network inside this process.

With `posing_as` it stands for another channel, with that one's name and capabilities: stories are played with such
bridges in a fraction of the time that sockets take. What a story shows of the core is the same; what it shows of the
wire is not, which is why some are played over both.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, ClassVar

from bot.core.bridge import Address, Capabilities, Census, Channel, Outgoing, Sent
from bot.core.errors import BridgeError, Down, Refused, TryLater, Uncertain, Unreachable
from bot.core.events import Arrival, Event
from bridges.memory import incoming, outgoing
from bridges.memory.network import DOMAIN, Network, RefusalError
from bridges.memory.settings import MemorySettings

#: Seconds an answer may take.
ANSWER_WITHIN = 0.5

CAN = Capabilities(
    words=("memory",),
    label={"en": "the memory network", "fr": "le réseau en mémoire"},
    connections=8,
    rooms=True,
    reply=True,
    buttons=True,
    edit_within=float("inf"),
    delete_within=float("inf"),
    react=True,
    invites_by_link=True,
    max_file=10_000_000,
)

#: The networks that are running in this process, by channel: what the wire is to other bridges.
_RUNNING: dict[str, Network] = {}


def plug_in(name: str, network: Network) -> None:
    """From now on bridges of the channel `name` reach this network."""
    _RUNNING[name] = network


def unplug(name: str) -> None:
    """From now on they find nobody."""
    _RUNNING.pop(name, None)


class MemoryBridge:
    """A bot on a network of this process."""

    name: ClassVar[str] = "memory"
    can: Capabilities = CAN
    account = ""
    public_address = ""
    names: tuple[str, ...] = ()

    def __init__(self, settings: MemorySettings) -> None:
        self._settings = settings
        self._network: Network | None = None

    async def open(self, cursor: Mapping[str, str]) -> None:  # noqa: ARG002 - the network knows what it has given
        """Find the network. Raises Down if none is running."""
        self._network = None
        network = self._plugged()
        self.account = network.account
        self.public_address = network.account if network.mail else "@postman"
        self.names = () if network.mail else ("@postman", network.account)

    async def close(self, deadline: float) -> None:  # noqa: ARG002 - calls take no time worth waiting for
        """Let go of it."""
        self._network = None

    def _plugged(self) -> Network:
        network = _RUNNING.get(self.name)
        if network is None or self._network not in (None, network):
            raise Down(f"no {self.name} network is running in this process", "start its sandbox first")
        self._network = network
        return network

    async def arrivals(self) -> AsyncGenerator[Sequence[Arrival], None]:
        """Everything that waits; forgotten there once it is stored here."""
        while True:
            network = self._plugged()
            waiting = network.waiting()
            if not waiting:
                await network.arrived.wait()
                continue
            yield [Arrival(str(number), raw, _lane(raw)) for number, raw in waiting]
            network.forget([number for number, _ in waiting])

    async def read(self, raw: bytes) -> Sequence[Event]:
        """What an update means. Raises Unreadable."""
        return incoming.events(raw)

    async def send(self, to: Address, what: Outgoing) -> Sent:
        """Send one message."""
        body = (
            await asyncio.to_thread(outgoing.request, to, what, self.can)
            if what.shared.files
            else outgoing.request(to, what, self.can)
        )
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                number = await self._plugged().take(body)
        except RefusalError as refusal:
            raise meaning(refusal) from None
        except TimeoutError:
            raise Uncertain("no answer in time") from None
        return Sent((number,))

    async def check(self) -> list[str]:
        """Nothing can be wrong with a set-up that has no settings. Raises Down if no network is running."""
        self._plugged()
        return []


class Edits(MemoryBridge):
    """A bridge that can change what it sent."""

    async def edit(self, to: Address, remote_id: str, what: Outgoing) -> Sent:
        """Give a message of ours other words."""
        try:
            line = self._plugged().own(to.id, remote_id)
        except RefusalError as refusal:
            raise meaning(refusal) from None
        line.text, line.edited = what.shared.content.text, True
        return Sent((remote_id,))


class HasRooms(MemoryBridge):
    """A bridge to a network with rooms."""

    async def census(self, room: Address, people: Sequence[str]) -> Census:
        """Who of these is there, and how many there are."""
        chat = self._plugged().chats.get(room.id)
        if chat is None:
            raise Unreachable("no such room")
        here = {human.id for human in chat.people}
        return Census(len(here), frozenset(here & set(people)), frozenset(set(people) - here))


class Deletes(MemoryBridge):
    """A bridge that can take back what it sent."""

    async def delete(self, to: Address, remote_id: str) -> None:
        """Take a message of ours back."""
        try:
            line = self._plugged().own(to.id, remote_id)
        except RefusalError as refusal:
            raise meaning(refusal) from None
        line.text, line.deleted = "", True


class Reacts(MemoryBridge):
    """A bridge that can react."""

    async def react(self, to: Address, remote_id: str, emoji: str) -> None:
        """React to a message; with an empty emoji, take the reaction back."""
        network = self._plugged()
        if to.id not in network.chats:
            raise Unreachable("no such chat")
        try:
            network.line(network.chats[to.id], remote_id)
        except ValueError as error:
            raise Refused(str(error)) from None
        network.requests.append({"to": to.id, "react": remote_id, "emoji": emoji})


class Answers(MemoryBridge):
    """A bridge whose messages may carry buttons."""

    async def answer(self, callback_id: str, text: str = "") -> None:  # noqa: ARG002 - this network shows no toast
        """A button that was pressed stops waiting."""
        self._plugged().callbacks.discard(callback_id)


class Rereads(MemoryBridge):
    """A bridge to a network that goes on keeping what it gave."""

    async def forget(self, people: Sequence[str]) -> None:
        """Remove what these people sent."""
        self._plugged().removed.extend(people)

    async def tidy(self, before: float) -> None:
        """Remove handled items that came before then."""
        self._plugged().tidied = before


class InvitesByLink(MemoryBridge):
    """A bridge with links that open a chat and say an invitation's code."""

    def invite_link(self, code: str) -> str:
        """What a person opens."""
        return f"https://{DOMAIN}/?start={code}"


def meaning(refusal: RefusalError) -> BridgeError:
    """What a refusal of the network means."""
    match refusal.why:
        case "later":
            return TryLater(str(refusal), after=refusal.after)
        case "broken":
            return TryLater(str(refusal))
        case "refused":
            return Refused(str(refusal))
        case "unreachable":
            return Unreachable(str(refusal))
        case "down":
            return Down("the network refuses the bot", "ask whoever runs the network")
        case "lost" | "slow":
            return Uncertain(str(refusal))


def _lane(raw: bytes) -> str:
    """The chat an update is about."""
    try:
        return str(json.loads(raw)["place"]["id"])
    except (ValueError, KeyError, TypeError):
        return "?"


def posing_as(name: str, can: Capabilities) -> Channel:
    """A channel of this name and with these capabilities whose network is in this process."""
    optional = {
        Edits: can.edit_within is not None,
        Deletes: can.delete_within is not None,
        Reacts: can.react,
        Answers: can.buttons,
        InvitesByLink: can.invites_by_link,
        HasRooms: can.rooms,
        Rereads: can.rereads,
    }
    able = tuple(kind for kind, yes in optional.items() if yes)
    kind: type[MemoryBridge] = type("MemoryBridge", able or (MemoryBridge,), {"name": name, "can": can})

    def sandbox() -> Any:
        from bridges.memory.sandbox import MemorySandbox

        return MemorySandbox(name, can)

    return Channel(name=name, settings=MemorySettings, can=can, make=kind, sandbox=sandbox)


CHANNEL = posing_as("memory", CAN)
