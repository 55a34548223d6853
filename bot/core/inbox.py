"""The inbox: raw items, stored before they are acknowledged, read outside any transaction, handled in order.

Items of one lane (a chat) are handled in order; lanes do not wait for each other. What is being handled is known even
if the program ends with it: three faults, or three ends, and it is `failed`, kept until somebody deals with it, and
blocks nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot import journal
from bot.core import redacting, resuming
from bot.core.bridge import Bridge
from bot.core.errors import BridgeError, Unreadable
from bot.core.events import ChoiceMade, Event, MessageReceived
from bot.core.reception import WAITS, Outcome, Reception, Wait
from bot.i18n import translator
from bot.text.rich import Rich
from bot.text.storable import storable
from store import intake
from store.database import Store, StoreClosed, is_passing
from store.intake import Item
from store.statement import savepoint

TRIES = 3
#: Items handled in one transaction, and held in memory before a channel is asked to wait.
BATCH, MOST = 64, 2000
#: Items stored and handled in one transaction when nothing waits before them.
AT_ONCE = 16
#: How exactly it is known when a channel last gave us anything, in seconds.
HEARD_EVERY = 30.0
#: A raw item above this is a file, not a row.
LARGE = 64 * 1024


@dataclass(slots=True)
class _Lane:
    items: deque[Item] = field(default_factory=deque)
    busy: bool = False


@dataclass(slots=True)
class _Read:
    """An item and what it means, or why it means nothing."""

    item: Item
    events: Sequence[Event] = ()
    error: str = ""
    rest: tuple[Item, ...] = ()  # the other items of its group
    outcome: Outcome | None = None
    wait: float | None = None


class Inbox:
    """Handles what bridges gave."""

    def __init__(self, store: Store, owner: str, reception: Reception) -> None:
        self.store = store
        self.owner = owner
        self.reception = reception
        self.bridges: dict[str, Bridge] = {}
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = 0
        self._room = asyncio.Event()
        self._room.set()
        self._stopping = False
        self._warm = False
        self._heard: dict[str, float] = {}
        #: Items (`intake.name`) with which a process ended before they were stored: stored first, this time.
        self.blamed: set[str] = set()
        #: Told what is about to be handled, in a way that outlives this process; empty: nothing.
        self.handling: Callable[[str], None] = lambda what: None
        #: Called in the transaction, after items were handled: what is due may be taken at once.
        self.take: Callable[[Connection], Any] = lambda connection: None
        #: Called after the commit with what `take` returned.
        self.took: Callable[[Any], None] = lambda taken: None
        #: Given the events of an item before it is handled: returns them, with what must be known before them.
        self.ahead: Callable[[Bridge, Sequence[Event]], Awaitable[Sequence[Event]]] | None = None
        self.spool: Callable[[bytes], str] | None = None  # keeps a large raw item as a file, returns its name
        self.unspool: Callable[[str], bytes] | None = None

    async def accept(self, bridge: Bridge, arrivals: Sequence[Any]) -> None:
        """Store raw items; they may be acknowledged when this returns. Waits when too much waits already.

        When nothing waits before them they are read first, and stored and handled in one transaction.
        """
        await self._room.wait()
        new = [
            intake.NewItem(
                a.key, a.raw, a.lane, a.group, a.quiet, a.cursor,
                self.spool(a.raw) if self.spool and len(a.raw) > LARGE else "", again=a.again,
            )
            for a in arrivals
        ]  # fmt: skip
        journal.event("inbound.fetched", journal.DEBUG, channel=bridge.name, count=len(new))
        for item in new if self.blamed else ():
            item.attempts += intake.name(bridge.name, bridge.account, item.key) in self.blamed
        heard = self._heard.get(bridge.name, 0.0) < time.monotonic() - HEARD_EVERY
        if heard:
            self._heard[bridge.name] = time.monotonic()
        reads = await self._read_ahead(bridge, new)
        accepting = partial(
            intake.accept, channel=bridge.name, account=bridge.account, owner=self.owner, items=new, heard=heard
        )
        if reads is None:
            items = await self.store.write(accepting)
            journal.event("inbound.accepted", journal.DEBUG, channel=bridge.name, count=len(items))
            self.enqueue(items)
            if len(items) < len(new):
                await self._file_known(bridge, [one.key for one in new])
            return

        def accepting_and_handling(connection: Connection) -> Any:
            items = {item.key: item for item in accepting(connection)}
            fresh = []
            for read in reads:
                # Once each: the same item may stand twice in what a channel gave.
                if (item := items.pop(read.item.key, None)) is not None:
                    read.item = item
                    fresh.append(read)
            return fresh, self._handle_in(connection, fresh)

        fresh, taken = await self.store.write(accepting_and_handling)
        journal.event("inbound.accepted", journal.DEBUG, channel=bridge.name, count=len(fresh))
        self._held += len(fresh)
        self.took(taken)
        if fresh:
            await self._handled(fresh)
        self.enqueue_again([read.item for read in fresh if read.wait is not None], reads)

    async def _read_ahead(self, bridge: Bridge, new: Sequence[intake.NewItem]) -> list[_Read] | None:
        """What new items mean, if they may be handled at once: few, in lanes where nothing waits, and no crash of them."""
        if len(new) > AT_ONCE or bridge.can.slow_to_read:
            return None
        if any(i.group or i.raw_file or i.attempts > 1 or (bridge.name, i.lane) in self._lanes for i in new):
            return None
        return [
            await self._read(intake.Item(0, i.key, bridge.name, bridge.account, i.lane, "", i.raw, 1, None))
            for i in new
        ]

    def enqueue(self, items: Sequence[Item]) -> None:
        """Handle these, each after those before it in its lane."""
        for item in items:
            name = (item.channel, item.lane)
            lane = self._lanes.setdefault(name, _Lane())
            lane.items.append(item)
            self._held += 1
            if not lane.busy:
                lane.busy = True
                task = asyncio.create_task(self._work(name, lane))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        if self._held >= MOST:
            self._room.clear()

    async def stop(self, deadline: float) -> None:
        """Take nothing new; end what is being handled, for at most `deadline` seconds. The rest waits in the store."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=deadline)
        for task in list(self._tasks):
            task.cancel()

    async def idle(self) -> None:
        """Wait until nothing is being handled."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _work(self, name: tuple[str, str], lane: _Lane) -> None:
        try:
            while lane.items and not self._stopping:
                head = lane.items[0]
                if head.not_before is not None and (pause := head.not_before - time.time()) > 0:
                    await asyncio.sleep(min(pause, 5.0))
                    continue
                reads = await self._read_some(lane)
                await self._handle(reads)
                self._put_back(lane, reads)
        except (StoreClosed, asyncio.CancelledError):
            return
        finally:
            lane.busy = False
            if not lane.items:
                self._lanes.pop(name, None)

    async def _read_some(self, lane: _Lane) -> list[_Read]:
        """Read the first items of a lane, those of one group together; up to the first that must wait."""
        reads: list[_Read] = []
        while lane.items and len(reads) < BATCH:
            item = lane.items[0]
            if item.not_before is not None and item.not_before > time.time():
                break
            lane.items.popleft()
            rest: list[Item] = []
            if item.group:
                rest = [other for other in lane.items if other.group == item.group]
                for other in rest:
                    lane.items.remove(other)
            read = await self._read(item)
            for other in rest:
                read = _joined(read, await self._read(other))
            reads.append(read)
        return reads

    async def _read(self, item: Item) -> _Read:
        if item.attempts > TRIES:
            return _Read(item, error="handling it stopped the program or failed, three times")
        try:
            raw = item.raw if not item.raw_file or item.raw else self._unspooled(item)
            bridge = self.bridges[item.channel]
            events: Sequence[Event] = [storable(one) for one in await bridge.read(raw)]
            return _Read(item, await self.ahead(bridge, events) if self.ahead is not None else events)
        except Unreadable as error:
            return _Read(item, error=str(error)[:300] or "unreadable")
        except Exception as error:
            journal.error("inbound.fault", inbound=item.id)
            return _Read(item, error=f"reading it failed: {type(error).__name__}")

    def _unspooled(self, item: Item) -> bytes:
        if self.unspool is None:
            raise Unreadable("its file is not there")
        return self.unspool(item.raw_file)

    async def _handle(self, reads: list[_Read]) -> None:
        if not reads:
            return

        taken = await self.store.write(partial(self._handle_in, reads=reads))
        self.took(taken)
        await self._handled(reads)

    def _handle_in(self, connection: Connection, reads: Sequence[_Read]) -> Any:
        """Handle these in one transaction; behind one that waits, those of its lane wait too."""
        if not self._warm:
            # A day's name loads a library and its tables: a hundred items' time, for which the first one would be blamed.
            translator("en").moment(time.time(), "UTC")
            self._warm = True
        waiting: set[str] = set()
        for read in reads:
            read.outcome, read.wait = None, None
            if self._stopping:
                break  # it is stored: the next start handles it
            if read.item.lane in waiting:
                read.wait = 0.0
                continue
            self.handling(intake.name(read.item.channel, read.item.account, read.item.key))
            if self._one(connection, read):
                waiting.add(read.item.lane)
        self.handling("")
        return self.take(connection)

    async def _handled(self, reads: Sequence[_Read]) -> None:
        """What follows the commit."""
        journal.event("inbound.committed", journal.DEBUG, count=len(reads))
        # Together: what is filed within a moment leaves in one go.
        await asyncio.gather(*(self._file(read) for read in reads if read.outcome is not None))
        for read in reads:
            if read.outcome is not None:
                self._held -= 1 + len(read.rest)
                self._end_waiting(read)
                journal.event("inbound.handled", inbound=read.item.id, outcome=read.outcome.word)
        if self._held < MOST // 2:
            self._room.set()

    def _one(self, connection: Connection, read: _Read) -> bool:
        """Handle one item in a savepoint of its own; a fault is tried again, then the item is a dead letter. True: it waits."""
        item, error = read.item, read.error
        for attempt in range(max(1, TRIES - item.attempts + 1) if not error else 0):
            try:
                with savepoint(connection):
                    before = resuming.newest(connection) if item.again else 0
                    outcome = self.reception.handle(connection, item, read.events)
                    if item.again:
                        resuming.came_again(connection, before)
            except Wait:
                if item.waits < WAITS:
                    read.wait = time.time() + 1.0
                    intake.wait(connection, item.id, read.wait)
                    return True
                item.waits = WAITS + 1
            except Exception as fault:
                if is_passing(fault):
                    raise
                journal.error("inbound.fault", inbound=item.id, attempt=attempt + 1)
                error = f"handling it failed: {type(fault).__name__}"
            else:
                self._settle(connection, read, outcome, "")
                return False
        why = "unreadable" if read.error and item.attempts <= TRIES else "fault"
        self._settle(connection, read, Outcome(why, "failed"), error)
        return False

    @staticmethod
    def _settle(connection: Connection, read: _Read, outcome: Outcome, error: str) -> None:
        read.outcome = outcome
        for one in (read.item, *read.rest):
            intake.handled(connection, one.id, outcome.state, outcome.word, error=error, empty=not outcome.keep)
        if outcome.keep and outcome.state == "done":
            redacting.redact(connection, read.item, read.events)

    async def _file_known(self, bridge: Any, keys: Sequence[str]) -> None:
        """Items that came again after a crash, and are settled, are put where handled ones go."""
        if not hasattr(bridge, "file"):
            return
        states = await self.store.read(partial(intake.settled, channel=bridge.name, account=bridge.account, keys=keys))
        for key, state in states.items():
            await self._file_as(bridge, key, state)

    async def _file(self, read: _Read) -> None:
        """Let the bridge put the item where handled ones go (a mail is moved)."""
        bridge: Any = self.bridges.get(read.item.channel)
        if read.outcome is not None and bridge is not None and hasattr(bridge, "file"):
            await self._file_as(bridge, read.item.key, read.outcome.state)

    @staticmethod
    async def _file_as(bridge: Any, key: str, state: str) -> None:
        try:
            await bridge.file(key, {"held": "held", "failed": "failed"}.get(state, "processed"))
        except Exception:
            journal.error("inbound.not_filed", channel=bridge.name)

    def _end_waiting(self, read: _Read) -> None:
        """A button that was pressed shows that it waits until it is answered (facts T22)."""
        bridge: Any = self.bridges.get(read.item.channel)
        pressed = [event.callback_id for event in read.events if isinstance(event, ChoiceMade) and event.callback_id]
        if pressed and bridge is not None and bridge.can.buttons:
            task = asyncio.create_task(_answer(bridge, pressed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def enqueue_again(self, items: Sequence[Item], reads: Sequence[_Read]) -> None:
        """Items that were handled at once and must wait go the ordinary way."""
        for read in reads:
            if read.wait:
                read.item.not_before, read.item.waits = read.wait, read.item.waits + 1
        self._held -= len(items)
        self.enqueue(items)

    @staticmethod
    def _put_back(lane: _Lane, reads: list[_Read]) -> None:
        for read in reversed([read for read in reads if read.wait is not None]):
            for one in reversed((read.item, *read.rest)):
                if read.wait:
                    one.not_before, one.waits = read.wait, one.waits + 1
                lane.items.appendleft(one)


async def _answer(bridge: Any, pressed: Sequence[str]) -> None:
    """Answer these buttons; one that cannot be answered ends its waiting by itself."""
    for callback in pressed:
        with contextlib.suppress(BridgeError, OSError):
            await bridge.answer(callback)


def _joined(first: _Read, second: _Read) -> _Read:
    """Two items of one group as one: the words of both, the files of both."""
    rest = (*first.rest, second.item)
    if first.error or second.error:
        return _Read(first.item, first.events, first.error or second.error, rest)
    events = list(first.events)
    for event in second.events:
        at = next((i for i, e in enumerate(events) if isinstance(e, MessageReceived)), None)
        if at is None or not isinstance(event, MessageReceived):
            events.append(event)
            continue
        mine = events[at]
        if isinstance(mine, MessageReceived):
            both = mine.text + "\n" + event.text if mine.text and event.text else (mine.text or event.text)
            events[at] = replace(mine, text=both or Rich(""), files=mine.files + event.files)
    return _Read(first.item, events, "", rest)
