"""The bus: accept, read, handle, deliver; for every channel that is on, until told to stop.

    bridge ─ arrivals ─▶ inbox ─ accept, read, handle ─▶ store ─ lease ─▶ outbox ─ send ─▶ bridge

It promises: what is acknowledged is stored; what is stored has its effect once; what is owed leaves at least once, at
most twice, in the order of its lane. docs/explanation/life-of-a-message.md tells it as a story.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot import journal
from bot.core import audience
from bot.core.bridge import Bridge, Budget
from bot.core.errors import BridgeError, Down
from bot.core.inbox import Inbox
from bot.core.outbox import Outbox
from store import intake, ledger
from store.database import Store, StoreClosed
from store.owners import Owners
from store.statement import run, sql

#: SIGTERM: what is under way may end for this long.
GRACEFUL = 8.0
#: How often the dead are looked for, and a channel that is away is tried.
ROUND, RETRY_FIRST, RETRY_MOST = 5.0, 1.0, 60.0
#: With this many open parcels or so little disk, nothing more is taken in: the source keeps it (G7).
MOST_OPEN, LEAST_DISK = 500_000, 50 * 1024 * 1024

STATE = sql("""
    INSERT INTO channel_state (name, account, grace) VALUES (:name, :account, :grace)
    ON CONFLICT (name) DO UPDATE SET account = excluded.account, grace = excluded.grace
""")
DOWN = sql("""
    UPDATE channel_state SET down_since = COALESCE(down_since, :now), reason = :reason, cure = :cure, found_at = :now
    WHERE name = :name
""")
UP = sql("""
    UPDATE channel_state SET back_at = CASE WHEN down_since IS NULL THEN back_at ELSE :now END, down_since = NULL,
        reason = '', cure = ''
    WHERE name = :name
""")
# Organizers the configuration names are met before the channel is open: only now is it known whose account they wrote to.
MET_BEFORE = sql("""
    UPDATE address SET account = :account WHERE channel = :name AND account = '' AND NOT EXISTS (
        SELECT 1 FROM address other
        WHERE other.channel = :name AND other.account = :account AND other.remote = address.remote)
""")
# Dead letters somebody told to be tried again: nobody's, and new.
RETRIED = sql("SELECT 1 FROM inbound WHERE state IN ('new', 'waiting') AND owner = '' LIMIT 1")
OPEN_PARCELS = sql("SELECT COUNT(*) FROM lane WHERE due_at IS NOT NULL OR owner <> ''")


@dataclass(frozen=True, slots=True)
class Post:
    """A bridge and what its settings say of it."""

    bridge: Bridge
    budgets: Sequence[Budget] = ()
    grace: float = 0.0  # seconds
    give_up: float = 86400.0  # seconds


class Bus:
    """Runs the bridges of one process on one store."""

    def __init__(self, store: Store, owners: Owners, inbox: Inbox, outbox: Outbox, posts: Sequence[Post]) -> None:
        self.store = store
        self.owners = owners
        self.inbox = inbox
        self.outbox = outbox
        self.posts = posts
        self.ready: dict[str, asyncio.Event] = {post.bridge.name: asyncio.Event() for post in posts}
        self._tasks: list[asyncio.Task[Any]] = []
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._accepting: dict[str, asyncio.Task[None]] = {}
        self._listening: set[str] = set()  # the channels this process, and no other, takes in
        self.on_state: Callable[[str, Down | None], None] = lambda channel, down: None
        self._look_spreading = asyncio.Event()
        self._buried = time.monotonic()
        inbox.handling = owners.handling
        inbox.take = self._take
        inbox.took = self._took
        outbox.on_state = self._state

    def start(self) -> None:
        """Begin; returns at once. `ready[channel]` is set when a channel listens."""
        self._loop = asyncio.get_running_loop()
        for post in self.posts:
            self.outbox.add(post.bridge, post.budgets, post.give_up)
            self.inbox.bridges[post.bridge.name] = post.bridge
        self._tasks = [asyncio.create_task(self._begin())]

    async def _begin(self) -> None:
        await self.store.write(self._adopt)
        self.owners.listen(self._heard)
        self._tasks += [asyncio.create_task(self._serve(post), name=f"serve {post.bridge.name}") for post in self.posts]
        self._tasks += [asyncio.create_task(self.outbox.run()), asyncio.create_task(self._rounds())]

    def _adopt(self, connection: Connection) -> None:
        for post in self.posts:
            run(connection, STATE, {"name": post.bridge.name, "account": post.bridge.account, "grace": post.grace})
        self._blame(connection, self.owners.begin(connection))
        doubtful = ledger.adopt(connection, self.owners.gone(connection, ledger.holders(connection)))
        if doubtful:
            journal.event("parcels.in_doubt", count=doubtful)

    async def stop(self) -> None:
        """End well: take nothing new, finish what is under way (at most 8 s), and leave the rest to the next start."""
        self._stopping.set()
        began = time.monotonic()
        for task in self._tasks:
            if task.get_name().startswith("serve"):
                task.cancel()
        if self._accepting:
            await asyncio.wait(list(self._accepting.values()), timeout=GRACEFUL / 4)
        await self.inbox.stop(GRACEFUL / 4)
        await self.outbox.stop(max(0.5, GRACEFUL * 0.6 - (time.monotonic() - began)))
        await asyncio.gather(*(self._close(post.bridge) for post in self.posts))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.write(self.owners.end)

    @staticmethod
    async def _close(bridge: Bridge) -> None:
        try:
            async with asyncio.timeout(2.0):
                await bridge.close(1.0)
        except (BridgeError, OSError, TimeoutError):
            journal.event("channel.closed_late", channel=bridge.name)

    def _take(self, connection: Connection) -> Any:
        """After items were handled, in the same transaction: what is due may leave at once."""
        return self.outbox.take(connection), connection.info.pop("spreading", False)

    def _took(self, taken: Any) -> None:
        sends, spreading = taken
        self.outbox.started(sends)
        if spreading:
            self._look_spreading.set()

    # Channels

    async def _serve(self, post: Post) -> None:
        """Keep one channel open and listened to, whatever happens to it."""
        bridge, pause = post.bridge, RETRY_FIRST
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                await self._open(post)
                pause = RETRY_FIRST
                await self._listen(post)
            except Down as down:
                await self._say_state(bridge.name, down)
            except StoreClosed:
                return
            except (BridgeError, OSError) as error:
                await self._say_state(bridge.name, Down(f"{type(error).__name__}: {error}"[:200]))
            except Exception as error:
                journal.error("channel.fault", channel=bridge.name)
                await self._say_state(bridge.name, Down(f"fault: {type(error).__name__}"))
            if time.monotonic() - began > 60.0:
                pause = RETRY_FIRST
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_MOST)

    async def _open(self, post: Post) -> None:
        bridge = post.bridge
        cursor = await self.store.read(partial(intake.cursor, channel=bridge.name, account=bridge.account))
        await bridge.open(cursor)
        await self.store.write(partial(self._opened, post=post))
        self.outbox.opened(bridge.name)
        self.on_state(bridge.name, None)
        journal.event("channel.open", channel=bridge.name)

    def _opened(self, connection: Connection, post: Post) -> None:
        run(connection, STATE, {"name": post.bridge.name, "account": post.bridge.account, "grace": post.grace})
        run(connection, UP, {"name": post.bridge.name, "now": time.time()})
        run(connection, MET_BEFORE, {"name": post.bridge.name, "account": post.bridge.account})

    async def _listen(self, post: Post) -> None:
        """Take what the channel gives, if no other process does."""
        bridge = post.bridge
        what = f"{bridge.name} {bridge.account}"
        self._listening.discard(bridge.name)
        while not await asyncio.to_thread(self.owners.lead, what):
            self.ready[bridge.name].set()
            await asyncio.sleep(ROUND)
        await self._claim(bridge)
        self._listening.add(bridge.name)
        self.ready[bridge.name].set()
        async for batch in bridge.arrivals():
            await self._until_there_is_room()
            if not self.owners.leads(what):  # nothing of this is acknowledged: whoever listens now has it
                raise Down("another process listens to it now")
            # Told to stop meanwhile: what is committed is still followed by its acts (sends that are marked, filing).
            accepting = self._accepting[bridge.name] = asyncio.create_task(self.inbox.accept(bridge, batch))
            await asyncio.shield(accepting)

    async def _claim(self, bridge: Bridge) -> None:
        """Take over what was accepted and not handled by a process that is gone."""
        while items := await self.store.write(partial(self._orphans, bridge=bridge)):
            journal.event("inbound.claimed", channel=bridge.name, count=len(items))
            self.inbox.enqueue(items)
            await self.inbox.idle()

    def _orphans(self, connection: Connection, bridge: Bridge) -> list[intake.Item]:
        alive = [owner for owner in self.owners.alive(connection) if owner != self.owners.id]
        return intake.claim(connection, bridge.name, bridge.account, self.owners.id, alive)

    async def _claim_retried(self) -> None:
        """Handle again the dead letters that somebody put back, on the channels this process listens to."""
        if not await self.store.read(lambda connection: run(connection, RETRIED).first() is not None):
            return
        for post in self.posts:
            if post.bridge.name in self._listening:
                self.inbox.enqueue(await self.store.write(partial(self._orphans, bridge=post.bridge)))

    async def _until_there_is_room(self) -> None:
        import shutil

        told = False
        while self.store.path is not None and shutil.disk_usage(self.store.path.parent).free < LEAST_DISK:
            if not told:
                journal.event("intake.paused", why="disk")
                told = True
            await asyncio.sleep(1.0)

    async def _say_state(self, channel: str, down: Down) -> None:
        self.outbox.closed(channel)
        self._state(channel, down)

    def _state(self, channel: str, down: Down | None) -> None:
        """Write down that a channel is away or back, and tell whoever wants to know."""
        if down is not None:
            journal.event("channel.down", channel=channel, reason=down.reason[:120])
        else:
            journal.event("channel.back", channel=channel)

        def write(connection: Connection) -> None:
            if down is None:
                run(connection, UP, {"name": channel, "now": time.time()})
            else:
                values = {"name": channel, "now": time.time(), "reason": down.reason[:300], "cure": down.cure[:300]}
                run(connection, DOWN, values)

        self._later(lambda: self.store.write(write))
        self.on_state(channel, down)

    # Rounds

    def _heard(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.outbox.wake)

    def _later(self, work: Callable[[], Any]) -> None:
        async def quiet() -> None:
            try:
                await work()
            except StoreClosed:
                return

        task = asyncio.create_task(quiet())
        self._tasks.append(task)
        task.add_done_callback(lambda done: self._tasks.remove(done) if done in self._tasks else None)

    async def _rounds(self) -> None:
        """Go on with messages that are spreading; look after the dead. A round that fails is followed by the next."""
        self._look_spreading.set()  # whoever was here before us may have been in the middle of it
        while True:
            # Not wait_for: before Python 3.12 it may lose a cancellation that comes with the event, and we never end.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND):
                    await self._look_spreading.wait()
            self._look_spreading.clear()
            try:
                await self._round()
            except StoreClosed:
                return
            except Exception:
                journal.error("job.failed", job="rounds")

    async def _round(self) -> None:
        await self._claim_retried()
        while await self.store.read(_is_spreading):
            await self.store.write(audience.spread_more)
            self.outbox.wake()
            await asyncio.sleep(0)
        if not self.store.sqlite and time.monotonic() - self._buried > ROUND:
            self._buried = time.monotonic()
            await self.store.write(self._bury)
            self.outbox.wake()

    def _bury(self, connection: Connection) -> None:
        """Free what processes that are gone had in their hands."""
        ledger.adopt(connection, self.owners.gone(connection, ledger.holders(connection)))
        self._blame(connection, self.owners.forget_dead(connection))

    def _blame(self, connection: Connection, items: Sequence[str]) -> None:
        """A process ended while it handled these: they are counted as tried, so that it does not go on for ever."""
        for item in items:
            if not intake.blame(connection, item):
                self.inbox.blamed.add(item)


def _is_spreading(connection: Connection) -> bool:
    return run(connection, sql("SELECT 1 FROM message WHERE state = 'spreading' LIMIT 1")).first() is not None
