"""What the Signal tests stand on: a sandbox, a bridge on it, and somebody who reads what arrives as the bus would."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.core.bridge import Outgoing, Personal, Shared
from bot.core.errors import BridgeError, Unreadable
from bot.core.events import Arrival, Event, MessageReceived
from bot.text.rich import Rich
from bridges.signal.bridge import CHANNEL, SignalBridge
from bridges.signal.listener import arguments
from bridges.signal.sandbox import SignalSandbox
from bridges.signal.settings import SignalSettings
from bridges.signal.watch import Watch

ROOT = Path(__file__).resolve().parents[2]
_STARTED: list[asyncio.subprocess.Process] = []


def a_bridge(sandbox: SignalSandbox, **changed: object) -> SignalBridge:
    """The real bridge, pointed at the sandbox."""
    return CHANNEL.make(CHANNEL.settings(**(sandbox.settings() | changed)))


def words(text: str | Rich, **personal: object) -> Outgoing:
    """Something to send."""
    rich = Rich(text) if isinstance(text, str) else text
    return Outgoing(Shared(rich, "fr", rich.text), Personal(**personal))


class Bus:
    """Stores what arrives, by key, and reads it: what the bus does, in memory."""

    def __init__(self, bridge: SignalBridge) -> None:
        self.bridge = bridge
        self.arrivals: dict[str, Arrival] = {}
        self.events: list[Event] = []
        self.unreadable: list[str] = []
        self.down: list[str] = []
        self.again = 0  # items that came with a key already known
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                async for batch in self.bridge.arrivals():
                    for arrival in batch:
                        await self._take(arrival)
            except BridgeError as error:
                self.down.append(str(error))
                await asyncio.sleep(0.1)

    async def _take(self, arrival: Arrival) -> None:
        if arrival.key in self.arrivals:
            self.again += 1
            return
        self.arrivals[arrival.key] = arrival
        try:
            self.events += await self.bridge.read(arrival.raw)
        except Unreadable as error:
            self.unreadable.append(str(error))

    @property
    def texts(self) -> list[str]:
        """What was said, in order."""
        return [event.text.text for event in self.events if isinstance(event, MessageReceived)]

    async def end(self) -> None:
        """Stop reading."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


@contextlib.asynccontextmanager
async def at_work(sandbox: SignalSandbox, **changed: object) -> AsyncIterator[tuple[SignalBridge, Bus]]:
    """A bridge that is open and read."""
    bridge = a_bridge(sandbox, **changed)
    await bridge.open({"seen": "1"})
    bus = Bus(bridge)
    try:
        yield bridge, bus
    finally:
        await bus.end()
        await bridge.close(1)


async def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not come to be in time")
        await asyncio.sleep(0.01)


async def listener(sandbox: SignalSandbox, spool: Path, *more: str, quiet: bool = True) -> asyncio.subprocess.Process:
    """A separate listener, as a process, connected."""
    before, began = sandbox.server.connections, time.time()
    settings = SignalSettings(**(sandbox.settings() | {"spool": spool}))
    process = await asyncio.create_subprocess_exec(
        *arguments(settings),
        *more,
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL if quiet else asyncio.subprocess.PIPE,
    )
    _STARTED.append(process)
    if quiet:
        await until(lambda: sandbox.server.connections > before and _says_so(spool, began), 20)
    return process


async def clear() -> None:
    """End every listener a test left behind, however it ended."""
    while _STARTED:
        process = _STARTED.pop()
        if process.returncode is None:
            process.kill()
            await process.wait()


def _says_so(spool: Path, began: float) -> bool:
    state = Watch(spool).read()
    return bool(state and state.connected and state.since >= began - 0.01)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ended(process: asyncio.subprocess.Process) -> int:
    """Its exit status; it gets five seconds."""
    try:
        return await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
        raise
