"""A tiny bridge that does what it is told, and an outbox that sends through it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.core.bridge import Address, Budget, Capabilities, Outgoing, Sent
from bot.core.outbox import Outbox
from bot.core.render import Render
from bot.core.tokens import Tokens
from store import ledger
from store.database import Store
from store.statement import run, sql
from tests.unit.ledger_ground import address, owe, parcel

CAN = Capabilities(words=("fake",), label={"en": "fake"}, connections=3, bundles=False)


@dataclass
class Fake:
    """A channel: for each address what its next sends end like (an error to raise); then they succeed."""

    can: Capabilities = CAN
    latency: float = 0.0
    account: str = "me"
    name: ClassVar[str] = "fake"
    ends: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    tried: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    again: list[bool] = field(default_factory=list)
    under_way: int = 0
    most: int = 0

    async def send(self, to: Address, what: Outgoing) -> Sent:
        words = what.shared.content.text
        self.tried.append((to.id, words))
        self.again.append(what.personal.again)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.latency)
            if self.ends[to.id]:
                raise self.ends[to.id].pop(0)
        finally:
            self.under_way -= 1
        self.sent.append((to.id, words))
        return Sent((f"r{len(self.sent)}",))

    def words(self, to: str) -> list[str]:
        """What arrived there."""
        return [words for where, words in self.sent if where == to]


@dataclass
class Yard:
    """An outbox at work."""

    store: Store
    bridge: Fake
    outbox: Outbox
    states: list[Any] = field(default_factory=list)

    async def address(self, *remotes: str) -> list[int]:
        return [await self.store.write(lambda connection, r=r: address(connection, r)) for r in remotes]

    async def owe(self, to: int, *words: str, **how: Any) -> list[int]:
        """Owe these, in one transaction."""
        numbers = await self.store.write(lambda connection: [owe(connection, to, one, **how) for one in words])
        self.outbox.wake()
        return numbers

    async def parcel(self, number: int) -> Any:
        return await self.store.read(lambda connection: parcel(connection, number))

    async def rows(self, query: str, **values: Any) -> list[Any]:
        return await self.store.read(lambda connection: list(run(connection, sql(query), values)))

    async def change(self, query: str, **values: Any) -> None:
        await self.store.write(lambda connection: run(connection, sql(query), values).rowcount)
        self.outbox.wake()

    async def until(self, so: Callable[[], Any], what: str, patience: float = 10.0) -> None:
        end = time.monotonic() + patience
        while not so():
            assert time.monotonic() < end, f"not within {patience} s: {what}; tried {self.bridge.tried[-8:]}"
            await asyncio.sleep(0.005)

    async def state(self, number: int, wanted: str, patience: float = 10.0) -> Any:
        """Wait until a parcel is in this state."""
        end = time.monotonic() + patience
        while (found := await self.parcel(number)).state != wanted:
            assert time.monotonic() < end, f"{found.state}, not {wanted}: {found.error}"
            await asyncio.sleep(0.01)
        return found


@contextlib.asynccontextmanager
async def at_work(
    store: Store,
    bridge: Fake | None = None,
    budgets: Sequence[Budget] = (),
    *,
    give_up: float = 86400.0,
    opened: bool = True,
) -> AsyncIterator[Yard]:
    """An outbox that sends through `bridge`."""
    bridge = bridge or Fake()
    store.start()
    outbox = Outbox(store, "us", Render(Tokens(b"k" * 32)))
    outbox.add(bridge, budgets, give_up)  # type: ignore[arg-type]
    yard = Yard(store, bridge, outbox)
    outbox.on_state = lambda channel, down: yard.states.append(down)
    task = asyncio.create_task(outbox.run())
    if opened:
        outbox.opened("fake")
    try:
        yield yard
    finally:
        await outbox.stop(2.0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, 5.0)
        await store.close()


async def held(yard: Yard) -> int:
    return await yard.store.read(lambda connection: ledger.held(connection, "fake", "us"))
