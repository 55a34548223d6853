"""The bot's own ear: it listens while no separate listener does, and steps aside when one comes.

The lock beside the spool says who listens. A separate listener that finds the bot listening begins beside it and holds
the `turn`; the bot sees that, ends, and nothing falls between the two.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from pathlib import Path

from bot.core.errors import Down
from bridges.signal.listener import listen
from bridges.signal.settings import SignalSettings
from bridges.signal.watch import Lock, Watch

_LOG = logging.getLogger("filcommun.signal")
_LOOK = 0.5  # how often somebody who wants to take over is looked for
_UNREAD = 60.0  # how long to listen when nobody reads: another process on another machine leads this channel
_ABSENT = 10.0  # how long a separate listener may be gone (it is restarted) before the bot listens itself


class Ear:
    """Listens when it must; made for one spool."""

    def __init__(self, settings: SignalSettings, spool: Path) -> None:
        self._settings = settings
        self._spool = spool
        self._lock = Lock(spool)
        self._turn = Lock(spool, "turn")
        self._watch = Watch(spool)
        self._task: asyncio.Task[None] | None = None
        self._opened = time.time()
        self._broken: OSError | None = None
        self._until = time.monotonic() + _UNREAD
        self._hears = False  # we were connected since we began

    def open(self) -> None:
        """Begin to look after the listening."""
        self._task = asyncio.create_task(self._look_after())

    async def close(self) -> None:
        """Stop listening ourselves."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._lock.free()

    def is_read(self) -> None:
        """Somebody reads what is heard: listen as long as we are open."""
        self._until = float("inf")

    async def heard(self, patience: float) -> None:
        """Until somebody (a separate listener, or we) is connected; at most `patience` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not self._hears and not self._another_hears():  # noqa: ASYNC110 - it may be another process
                    await asyncio.sleep(0.02)

    def _another_hears(self) -> bool:
        state = self._watch.read() if self._lock.held() else None
        return bool(state and state.connected and time.time() - state.alive < _ABSENT)

    def must_be_well(self, after: float) -> None:
        """Raises Down when nobody was connected to the service for longer than `after` seconds."""
        if self._broken:
            raise Down(f"the listener cannot work: {self._broken.strerror}", "Check [signal] webhook and spool")
        state = self._watch.read()
        last = max(state.alive, self._opened) if state else self._opened
        if time.time() - last > after:
            raise Down(
                f"nobody has been connected to the Signal service for {int(time.time() - last)} seconds",
                "Is signal-cli-rest-api running? See: filcommun check signal",
            )

    async def _look_after(self) -> None:
        free_since: float | None = 0.0  # long ago: at the start there is nobody to wait for
        while True:
            try:
                free = not self._turn.held() and self._lock.take("bot")
                self._broken = None
            except OSError as error:
                free, self._broken = False, error
            if not free:
                free_since = None
            elif free_since is None:  # somebody listened until a moment ago, and is perhaps only being restarted
                free_since = time.monotonic()
            elif self._wanted() and not 0 < time.monotonic() - free_since < _ABSENT:
                await self._listen()
            self._lock.free()
            await asyncio.sleep(_LOOK)

    def _wanted(self) -> bool:
        """Whether nobody else wants to listen, and somebody reads (or may begin to)."""
        return not self._turn.held() and time.monotonic() < self._until

    async def _listen(self) -> None:
        """Until a separate listener wants the turn."""
        settings = self._settings

        def connected() -> None:
            self._hears = True

        task = asyncio.create_task(
            listen(settings.service, settings.number, self._spool, webhook=settings.webhook, connected=connected)
        )
        _LOG.info("signal.ear_opened")
        try:
            while self._wanted():
                done, _ = await asyncio.wait([task], timeout=_LOOK)
                if done:
                    break
        finally:
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                self._broken = None
            except OSError as error:
                self._broken = error
            self._hears = False
            _LOG.info("signal.ear_closed")
