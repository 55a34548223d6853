"""The listener: a small process that writes down every frame the Signal service sends, and does nothing else.

The service throws away what arrives while nobody listens, so this must live when the bot is restarted, upgraded or
dead. It imports as little as it can. Run it: python -m bridges.signal.listener --number N --service URL --spool FILE
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from bridges.signal.spool import Kind, Writer
from bridges.signal.watch import Lock, Ringer, Watch
from bridges.signal.webhook import Door

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from bridges.signal.settings import SignalSettings

_LOG = logging.getLogger("filcommun.signal")
_LONGEST_PAUSE = 5.0  # between two tries to connect: what arrives meanwhile is lost, so never longer
_BEAT = 2.0  # how often the service is asked for a sign of life
_SILENCE = 10.0  # how long it may take to give one


class Intake:
    """What arrives goes into the file at once and to the disk in the next moment, together with its neighbours."""

    def __init__(self, spool: Path) -> None:
        self._writer = Writer(spool)
        self._ringer = Ringer(spool)
        self._dirty = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._full = False

    async def put(self, kind: Kind, data: bytes) -> None:
        """Append; while the disk is full, wait: the service's end of the connection holds what follows."""
        while not self.offer(kind, data):  # noqa: ASYNC110 - a disk tells nobody that it has room again
            await asyncio.sleep(0.5)

    def offer(self, kind: Kind, data: bytes) -> bool:
        """Append, if the disk takes it."""
        try:
            self._writer.append([(kind, data)])
        except OSError as error:
            if not self._full:
                _LOG.error("signal.spool_full", extra={"fields": {"error": error.strerror}})
            self._full = True
            return False
        self._full = False
        self._ringer.ring()
        self._dirty.set()
        return True

    async def kept(self) -> None:
        """Until what was put is on the disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._dirty.set()
        await done

    async def run(self) -> None:
        """Bring to the disk what was put, again and again. The disk's time is spent in a thread: frames go on arriving."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._writer.sync)
            except OSError as error:
                _LOG.error("signal.spool_full", extra={"fields": {"error": error.strerror}})
            for done in waiting:
                if not done.done():
                    done.set_result(None)

    def close(self) -> None:
        """Write down the rest and let go."""
        self._writer.close()
        self._ringer.close()


async def listen(
    service: str, number: str, spool: Path, *, webhook: str = "", connected: Callable[[], None] = lambda: None
) -> None:
    """Listen for ever; ends by cancellation only.

    `connected` is called at each connection. `webhook` is HOST:PORT of the second way in.
    """
    intake = Intake(spool)
    door = Door(webhook, intake) if webhook else None
    watch = Watch(spool)
    running = asyncio.create_task(intake.run())
    opening = asyncio.create_task(_opened(door)) if door else None
    try:
        await _keep_connected(_address(service, number), intake, watch, connected)
    finally:
        if door and opening:
            opening.cancel()
            await door.close()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        intake.close()


async def _opened(door: Door) -> None:
    """Open the second way in; whoever hands over to us may still hold the port."""
    told = False
    while True:
        try:
            await door.open()
        except OSError as error:
            if not told:
                _LOG.warning("signal.webhook_closed", extra={"fields": {"error": error.strerror}})
            told = True
            await asyncio.sleep(1.0)
        else:
            return


def _address(service: str, number: str) -> str:
    return f"ws{service.removeprefix('http')}/v1/receive/{quote(number, safe='+')}"


async def _keep_connected(address: str, intake: Intake, watch: Watch, connected: Callable[[], None]) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException

    pause, told, began = 0.1, False, 0.0
    while True:
        try:
            # proxy: the service is ours, in the same house; no proxy of the machine's has a business there.
            async with connect(
                address, max_size=16 * 2**20, ping_interval=None, proxy=None, open_timeout=10, close_timeout=2
            ) as socket:
                told, began = False, time.monotonic()
                await _connected(intake, watch, connected)
                await _drain(socket, intake, watch)
        except (OSError, WebSocketException, TimeoutError) as error:
            watch.away()
            if not told:
                _LOG.warning("signal.away", extra={"fields": {"error": type(error).__name__}})
                told = True
        # A connection that lived for a while is tried again at once; one that is refused, less and less often.
        pause = 0.1 if began and time.monotonic() - began > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
        began = 0.0
        await asyncio.sleep(pause)


async def _connected(intake: Intake, watch: Watch, connected: Callable[[], None]) -> None:
    """Note since when we listen; and from when to when nobody did, in the spool, before anything that comes now."""
    if gap := watch.gap():
        since, until = gap
        await intake.put(Kind.GAP, json.dumps({"gap": {"since": round(since, 3), "until": round(until, 3)}}).encode())
    watch.connected()  # not before: whoever is killed here leaves the gap to the next one
    _LOG.info("signal.listening")
    connected()


async def _drain(socket: ClientConnection, intake: Intake, watch: Watch) -> None:
    """Write down frames until the connection ends, or its other end stays silent."""
    beating = asyncio.create_task(_beat(socket, watch))
    try:
        async for frame in socket:
            await intake.put(Kind.ITEM, _bytes(frame))
    except asyncio.CancelledError:
        await _last_frames(socket, intake)
        raise
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([beating])
        silent = not beating.cancelled() and beating.result()
        watch.lost(heard=not silent)
        _LOG.info("signal.unplugged", extra={"fields": {"silent": silent}})


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


async def _last_frames(socket: ClientConnection, intake: Intake) -> None:
    """Told to stop: hang up politely and still write down what was on its way."""
    from websockets.exceptions import ConnectionClosed

    # Both at once: nobody reads the answer to our goodbye while frames before it are waiting to be taken.
    closing = asyncio.create_task(socket.close())
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        async with asyncio.timeout(3):
            while True:
                intake.offer(Kind.ITEM, _bytes(await socket.recv()))
    closing.cancel()


async def _beat(socket: ClientConnection, watch: Watch) -> bool:
    """Ask for a sign of life and note it. True: none came, and the connection was ended for that."""
    from websockets.exceptions import ConnectionClosed

    with contextlib.suppress(ConnectionClosed):
        while True:
            answer = await socket.ping()
            try:
                # Not wait_for: before Python 3.12 it may lose a cancellation that comes with the answer.
                async with asyncio.timeout(_SILENCE):
                    await answer
            except TimeoutError:
                socket.transport.abort()
                return True
            watch.alive()
            await asyncio.sleep(_BEAT)
    return False


def arguments(settings: SignalSettings) -> list[str]:
    """The command line of a listener for these settings: to be put in the place of a larger process (`os.execv`)."""
    found = ["--service", settings.service, "--number", settings.number, "--spool", str(settings.spool)]
    webhook = ["--webhook", settings.webhook] if settings.webhook else []
    return [sys.executable, "-m", "bridges.signal.listener", *found, *webhook]


async def stand(service: str, number: str, spool: Path, webhook: str = "") -> int:
    """The whole process: be the one listener until told to stop. Returns the exit status."""
    lock, turn = Lock(spool), Lock(spool, "turn")
    for tries in range(
        20
    ):  # one that is being restarted needs a moment to let go; the bot looks at the lock now and then
        if lock.take("listener") or (tries > 4 and lock.holder() == "bot"):
            break
        await asyncio.sleep(0.05)
    if not lock.mine and lock.holder() == "listener":
        print(f"{spool}: another listener is at work. Stop it first, or let it do its work.", file=sys.stderr)
        return 1
    # The bot's own listener holds the lock: begin beside it, so that nothing falls between, and ask it to end.
    connected = asyncio.Event()
    asking = asyncio.create_task(_take_over(lock, turn, connected))
    task = asyncio.create_task(listen(service, number, spool, webhook=webhook, connected=connected.set))
    loop = asyncio.get_running_loop()
    for number_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number_, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return 0
    except OSError as error:  # the webhook's port is taken, the spool's folder cannot be written
        print(f"The listener cannot start: {error}", file=sys.stderr)
        return 4
    finally:
        asking.cancel()
        turn.free()
        lock.free()
    return 0


async def _take_over(lock: Lock, turn: Lock, connected: asyncio.Event) -> None:
    """Ask the bot for the lock once we hear; take it when the bot has gone."""
    await connected.wait()
    while not lock.take("listener"):
        turn.take("listener")
        await asyncio.sleep(0.1)
    turn.free()


class _Lines(logging.Formatter):
    """One line an event, as everywhere in the house: its name, then its fields."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        return " ".join([record.getMessage(), *(f"{key}={value}" for key, value in fields.items())])


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and stand. Options may also come from the environment, as in the configuration."""
    parser = argparse.ArgumentParser(prog="python -m bridges.signal.listener", description=__doc__)
    parser.add_argument("--service", default=os.environ.get("FILCOMMUN_SIGNAL__SERVICE", "http://127.0.0.1:8080"))
    parser.add_argument("--number", default=os.environ.get("FILCOMMUN_SIGNAL__NUMBER"))
    parser.add_argument(
        "--spool", type=Path, default=Path(os.environ.get("FILCOMMUN_SIGNAL__SPOOL", "data/signal.spool"))
    )
    parser.add_argument("--webhook", default=os.environ.get("FILCOMMUN_SIGNAL__WEBHOOK", ""), metavar="HOST:PORT")
    given = parser.parse_args(arguments)
    if not given.number:
        parser.error("--number is missing: the bot's own number, like +33600000000")
    if urlsplit(given.service).scheme not in ("http", "https"):
        parser.error("--service is the address of signal-cli-rest-api, like http://127.0.0.1:8080")
    screen = logging.StreamHandler()
    screen.setFormatter(_Lines())
    logging.basicConfig(level=logging.INFO, handlers=[screen])
    logging.getLogger("websockets").setLevel(logging.WARNING)
    return asyncio.run(stand(given.service.rstrip("/"), given.number, given.spool, given.webhook))


if __name__ == "__main__":
    sys.exit(main())
