"""The outbox: parcels that are due, handed to their bridge in order, until sent or given up.

Order is kept per lane, not overall: a slow mailbox never delays a group. One turn of the database settles what has
been sent and marks what is sent next, so a crash leaves at most one parcel in doubt for each connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection

from bot import journal
from bot.core import fading, limits, resuming
from bot.core.bridge import Address, Bridge, Budget, Capabilities, Outgoing, Sent
from bot.core.changing import change
from bot.core.counter import Counter
from bot.core.errors import BridgeError, Down, Moved, Refused, TryLater, Uncertain, Unreachable
from bot.core.settling import Result, Settled, give_up, settle, settle_all
from store import ledger
from store.database import Store, StoreClosed, is_passing
from store.ledger import Leased, Run
from store.statement import savepoint

#: How often due lanes are looked for when nobody says that there are any.
POLL = 2.0
#: How long a turn waits for more results while many sends are under way, in seconds.
LINGER = 0.001
#: A call that has not ended by then is taken for one whose answer was lost.
DEADLINE = 150.0
#: How long the last results may take to be written down.
SETTLES = 1.0


class Renderer(Protocol):
    """What the outbox asks of `render`."""

    def prepare(self, connection: Connection, parcels: Sequence[Leased], bridge: Bridge) -> dict[int, Any]:
        """All that must be read for these parcels, by parcel."""

    def outgoing(
        self, parcels: Sequence[Leased], prepared: Mapping[int, Any], bridge: Bridge, part: int | None = None
    ) -> Outgoing:
        """What leaves: the first parcel, with the deliveries of the others; `part`: of what stands there already."""

    def bundle(self, run: Sequence[Leased], bridge: Bridge) -> int:
        """How many parcels at the head of `run` leave as one message."""


@dataclass(slots=True)
class Job:
    """One send about to happen: the first `size` parcels of a run, already marked and merged into the first."""

    run: Run
    parcels: list[Leased]
    prepared: dict[int, Any]


def _to(head: Leased) -> Address:
    return Address(head.remote, head.room, head.sub, head.identity)


class Outbox:
    """Sends what is owed. `wake` tells it that something is due."""

    def __init__(self, store: Store, owner: str, render: Renderer) -> None:
        self.store = store
        self.owner = owner
        self.render = render
        self.counters: dict[str, Counter] = {}
        self.channels: dict[str, Capabilities] = {}
        self._settled: list[Settled] = []
        self._look: set[str] = set()
        self._awake = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], float] = {}  # and when each began
        self._watch_at = 0.0
        self._stopping = False
        self._is_held = resuming.Standstill()
        self._ended = asyncio.Event()
        self._ended.set()
        self._next_look: dict[str, float] = {}
        self.on_state: Callable[[str, Down | None], None] = lambda channel, down: None

    def add(self, bridge: Bridge, budgets: Sequence[Budget], give_up: float) -> None:
        """Send for this bridge, once `opened` is said of it."""
        self.counters[bridge.name] = Counter(bridge, budgets, give_up, limits.Pacer(budgets))
        self.channels[bridge.name] = bridge.can

    def opened(self, channel: str) -> None:
        """The bridge is connected."""
        self.counters[channel].open = True
        self.counters[channel].breaker.worked()
        self.wake(channel)

    def closed(self, channel: str) -> None:
        """The bridge is not connected: its parcels wait, unharmed."""
        self.counters[channel].open = False

    def wake(self, channel: str | None = None) -> None:
        """Look for due lanes now."""
        self._look.update([channel] if channel else self.counters)
        self._awake.set()

    async def run(self) -> None:
        """Work until `stop`."""
        self._ended.clear()
        try:
            await self._work()
        finally:
            self._ended.set()

    async def _work(self) -> None:
        self.wake()
        while not (self._stopping and not self._tasks and not self._settled):
            await self._sleep()
            self._watch()
            if len(self._settled) * 4 < len(self._tasks):
                # Many are under way and few have ended: a turn costs the same for one as for ten.
                await asyncio.sleep(LINGER)
            settled, self._settled = self._settled, []
            wanted = self._wanted()
            if not settled and not wanted:
                continue
            self._look -= wanted.keys()  # whoever asks from here on asks for the next turn: this one may be too early
            try:
                jobs = await self.store.write(partial(self._turn, settled=settled, wanted=wanted))
            except StoreClosed:
                return
            for channel, found, next_at in jobs:
                self._start(channel, found, next_at)
            if any(isinstance(one.result, Unreachable) for one in settled):
                self.wake()  # what waited there may leave by another channel now

    async def stop(self, deadline: float) -> None:
        """Take nothing new; let what is under way end and be settled, for at most `deadline` seconds."""
        self._stopping = True
        self._awake.set()
        end = time.monotonic() + deadline
        # A turn that was under way may still have taken some: they are waited for like the others.
        while not self._ended.is_set() and (left := end - time.monotonic()) > 0:
            doing = [*self._tasks, asyncio.ensure_future(self._ended.wait())]
            await asyncio.wait(doing, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            doing[-1].cancel()
        for task in list(self._tasks):
            task.cancel()
        self._awake.set()
        # Only what is settled is surely not sent again.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLES):
                await self._ended.wait()

    async def _sleep(self) -> None:
        now = time.time()
        due = min((self._next_look.get(name, now + POLL) for name in self.counters), default=now + POLL)
        # While stopping, nothing is looked for: without a pause here the loop would never come to anything else.
        looks = not self._stopping and any(self.counters[name].free for name in self._look)
        if not self._settled and not looks:
            try:
                async with asyncio.timeout(max(0.001, min(due - now, POLL))):
                    await self._awake.wait()
            except TimeoutError:
                for name in self.counters:
                    if self._next_look.get(name, 0.0) <= time.time():
                        self._look.add(name)
        self._awake.clear()

    def _wanted(self) -> dict[str, int]:
        if self._stopping:
            return {}
        return {name: self.counters[name].allowed for name in self._look if self.counters[name].free}

    # In the writer's thread

    def _turn(
        self, connection: Connection, settled: list[Settled], wanted: dict[str, int]
    ) -> list[tuple[str, list[Job], float | None]]:
        try:
            with savepoint(connection):
                settle_all(connection, settled, {name: one.budgets for name, one in self.counters.items()})
        except Exception as error:
            if is_passing(error):
                raise
            for one in settled:  # one of them is at fault: each by itself
                self._settle(connection, one)
        return [(channel, *self._take(connection, channel, allowed)) for channel, allowed in wanted.items()]

    def _settle(self, connection: Connection, one: Settled) -> None:
        """Write down how a send ended; a fault of ours in doing so ends this parcel, not the outbox."""
        try:
            with savepoint(connection):
                settle(connection, one, self.counters[one.channel].budgets)
        except Exception as error:
            if is_passing(error):
                raise
            journal.error("parcel.fault", parcel=one.parcels[0].id)
            give_up(connection, one.run, one.parcels[0], f"fault: {type(error).__name__}", uncertain=True)

    def take(self, connection: Connection) -> list[tuple[str, list[Job], float | None]]:
        """In the same transaction that made parcels: take what may leave at once. Give the result to `started`."""
        wanted = {} if self._stopping else {name: c.allowed for name, c in self.counters.items() if c.free}
        return [(channel, *self._take(connection, channel, allowed)) for channel, allowed in wanted.items()]

    def _take(self, connection: Connection, channel: str, allowed: int) -> tuple[list[Job], float | None]:
        """Lease lanes, and mark the first message of each as leaving; with those in hand, at most `allowed` lanes.

        What is in hand is asked of the database: turns follow each other faster than the event loop hears of them.
        """
        if self._is_held(connection):
            return [], None
        counter = self.counters[channel]
        number = allowed - ledger.held(connection, channel, self.owner)
        if number <= 0:
            return [], None  # whichever of them ends looks again
        granted = limits.grant(connection, channel, counter.budgets, number)
        if not granted.number:
            return [], granted.next_at(0)
        ahead = ledger.RUN if counter.bridge.can.bundles else 2  # the second tells whether there is one
        runs = ledger.lease(connection, channel, self.owner, granted.number, ahead)
        if not runs:
            return [], self._when(connection, channel)
        granted.spend(connection, len(runs))
        jobs = self._marked(
            connection, [Job(run, run.parcels[: self.render.bundle(run.parcels, counter.bridge)], {}) for run in runs]
        )
        jobs = self._prepared(connection, jobs, counter.bridge)
        if len(runs) < granted.number:
            return jobs, self._when(connection, channel)
        # More may be due than the budgets allow now, or than there were hands for: look again when either is free.
        return jobs, granted.next_at(len(runs)) if granted.number < number else 0.0

    def _marked(self, connection: Connection, jobs: list[Job]) -> list[Job]:
        """Say that these leave, each as one; what was withdrawn since its lane was leased does not, and the lane goes on."""
        marked = ledger.mark(connection, self.owner, [job.parcels[0].id for job in jobs])
        leaving = []
        for job in jobs:
            head, *others = (parcel.id for parcel in job.parcels)
            if head not in marked:
                ledger.free(connection, job.run.lane, free_at=0.0, more=True, retry_at=None)
                continue
            if others:
                ledger.merge(connection, head, others)
            leaving.append(job)
        return leaving

    def _prepared(self, connection: Connection, jobs: list[Job], bridge: Bridge) -> list[Job]:
        """Read all these sends need; one that cannot be made ready for a fault of ours is given up, and the others leave."""
        try:
            with savepoint(connection):
                prepared = self.render.prepare(connection, [p for job in jobs for p in job.parcels], bridge)
        except Exception as error:
            if is_passing(error):
                raise
            if len(jobs) > 1:
                return [ready for job in jobs for ready in self._prepared(connection, [job], bridge)]
            journal.error("parcel.fault", parcel=jobs[0].parcels[0].id)
            give_up(connection, jobs[0].run, jobs[0].parcels[0], f"fault: {type(error).__name__}")
            return []
        for job in jobs:
            job.prepared = prepared
        return jobs

    def _when(self, connection: Connection, channel: str) -> float | None:
        return ledger.next_due(connection, channel)

    # In the event loop

    def started(self, taken: list[tuple[str, list[Job], float | None]]) -> None:
        """Send what `take` took, now that it is committed."""
        for channel, jobs, next_at in taken:
            self._start(channel, jobs, next_at)

    def _start(self, channel: str, jobs: list[Job], next_at: float | None) -> None:
        counter = self.counters[channel]
        now = time.time()
        if next_at == 0.0:
            self._look.add(channel)
        else:
            self._next_look[channel] = min(next_at or now + POLL, now + POLL)
            if jobs == [] and next_at and next_at <= now:
                self._next_look[channel] = now + 0.05  # due, but its lane is in other hands
        for job in jobs:
            counter.busy += 1
            task = asyncio.create_task(self._send(channel, counter, job))
            self._tasks[task] = time.monotonic()
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)

    def _watch(self) -> None:
        """End calls that have had no answer for too long; one look for all of them costs less than a timer each."""
        now = time.monotonic()
        if now < self._watch_at:
            return
        self._watch_at = now + POLL
        for task, began in list(self._tasks.items()):
            if now - began > DEADLINE:
                task.cancel()

    async def _send(self, channel: str, counter: Counter, job: Job) -> None:
        started = time.monotonic()
        head = job.parcels[0]
        result = await self._call(counter, job)
        counter.busy -= 1
        self._note(channel, counter, job, result, time.monotonic() - started)
        known = job.prepared.get(head.id)
        self._settled.append(Settled(channel, job.run, job.parcels, result, known, counter.give_up, self.channels))
        self._look.add(channel)
        self._awake.set()

    async def _call(self, counter: Counter, job: Job) -> Result:
        head = job.parcels[0]
        journal.event("parcel.leaving", journal.DEBUG, parcel=head.id)
        try:
            if wait := counter.pacer.wait():
                await asyncio.sleep(wait)
            if head.kind in ("edit", "delete"):
                return await self._change(counter.bridge, job)
            if head.kind == fading.FADE:
                return await fading.take_away(counter.bridge, _to(head), head)
            what = self.render.outgoing(job.parcels, job.prepared, counter.bridge)
            if not what.shared.content and not what.shared.files:
                return Sent(())
            return await self._perform(counter.bridge, head, what)
        except BridgeError as error:
            return error
        except (asyncio.CancelledError, TimeoutError):
            return Uncertain("no answer in time")  # cancelled by the watch, or by the end of the program
        except Exception as error:
            # A fault of ours must not stop the lane for ever: it is tried again like a failure, and then visible.
            journal.error("parcel.fault", parcel=head.id)
            return TryLater(f"fault: {type(error).__name__}")

    async def _change(self, bridge: Any, job: Job) -> Sent:
        """Take back, or give other words to, what stands at an address."""
        head = job.parcels[0]
        known = job.prepared.get(head.id)
        if known is None or not known.messages:
            return Sent(())
        words = partial(self.render.outgoing, job.parcels, job.prepared, bridge)
        return await change(bridge, _to(head), known.stands, words, takes_back=head.kind == "delete")

    @staticmethod
    async def _perform(bridge: Bridge, head: Leased, what: Outgoing) -> Sent:
        sent = await bridge.send(_to(head), what)
        journal.event("parcel.accepted", journal.DEBUG, parcel=head.id)
        # Where our own ids are kept a copy is derivable: no row is written for it.
        return Sent((), sent.note) if bridge.can.keeps_our_ids else sent

    def _note(self, channel: str, counter: Counter, job: Job, result: Result, took: float) -> None:
        """Let the breaker know, and the journal."""
        head = job.parcels[0]
        lane = job.run.lane
        match result:
            case Sent():
                if counter.breaker.worked():
                    self.on_state(channel, None)
                journal.event(
                    "parcel.sent", journal.DEBUG, parcel=head.id, channel=channel, attempt=head.attempts + 1, took=took
                )
            case Down() as down:
                if counter.breaker.failed(lane, whole_channel=True):
                    self.on_state(channel, down)
            case TryLater(scope="channel") as later:
                if counter.breaker.failed(lane, whole_channel=False):
                    self.on_state(channel, Down(str(later)))
                if later.after:
                    counter.not_before = time.time() + later.after
            case TryLater(scope="budget") as later:
                counter.not_before = time.time() + (later.after or 1.0)
            case TryLater() | Uncertain():
                if counter.breaker.failed(lane, whole_channel=False):
                    self.on_state(channel, Down(str(result)))
            case Refused() | Unreachable() | Moved():
                counter.breaker.worked()
        if not isinstance(result, Sent):
            journal.event(
                "parcel.not_sent",
                parcel=head.id,
                channel=channel,
                attempt=head.attempts + 1,
                kind=type(result).__name__,
            )
