"""The place the demo happens: a local server for every channel, and against them the real program.

It is started as `filcommun run` starts it: from a configuration file, with the bridges that talk to real services. What a
channel listens with (`bridges/NAME/listener.py`) runs as a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bridges
from bot import config
from bot.app import App, start
from bot.config.faults import toml
from bot.core.bridge import Button, Channel, Sandbox, Seen
from bot.demo.cast import Person, Spot

PATIENCE = 20.0  # seconds until something that must happen has not happened


class Missing(Exception):
    """Something did not come; the words say what."""


class Town:
    """Servers, people and the program; everything it writes is in `folder`."""

    def __init__(self, folder: Path, channels: Mapping[str, Channel], name: str, language: str) -> None:
        self.folder = folder
        self.channels = channels
        self.name = name
        self.language = language
        self.sandboxes: dict[str, Sandbox] = {}
        self._app: App | None = None
        self._listeners: list[asyncio.subprocess.Process] = []

    # Coming and going

    async def open(self) -> None:
        """Start the servers, write the configuration, start the program; returns when every channel is open."""
        for name, channel in self.channels.items():
            self.sandboxes[name] = channel.sandbox()
            await self.sandboxes[name].start()
        settings = config.load(self._configuration(), {})
        for name, section in settings.channels.items():
            await self._listen(name, section)
        self._app = await start(settings)
        for name, ready in self._app.bus.ready.items():
            try:
                async with asyncio.timeout(PATIENCE):
                    await ready.wait()
            except TimeoutError:
                raise Missing(f"{name} does not open") from None

    async def close(self) -> None:
        """Stop everything, whatever became of it."""
        try:
            if self._app is not None:
                await self._app.stop()
        finally:
            for process in self._listeners:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
            for sandbox in self.sandboxes.values():
                await sandbox.stop()

    def _configuration(self) -> Path:
        """A file as an operator writes it; its channels point to the servers here."""
        community = {"name": self.name, "language": self.language, "timezone": "Europe/Paris"}
        parts = [_section(("community",), community)]
        for name, channel in self.channels.items():
            given = self.sandboxes[name].settings() | _unhurried(channel)
            parts.append(_section((name,), given))
        file = self.folder / "config.toml"
        file.touch(0o600)
        file.write_text("\n".join(parts), encoding="utf-8")
        return file

    async def _listen(self, name: str, section: Any) -> None:
        """Start what listens to a channel apart, if there is such a thing."""
        module = f"bridges.{name}.listener"
        if importlib.util.find_spec(module) is None:
            return
        arguments = importlib.import_module(module).arguments(section)
        paths = [*(str(Path(path).parent) for path in bridges.__path__), os.environ.get("PYTHONPATH", "")]
        with (self.folder / f"{name}-listener.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdout=log,
                stderr=log,
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            )
        self._listeners.append(process)

    @property
    def app(self) -> App:
        """The program. Raises Missing before it runs."""
        if self._app is None:
            raise Missing("the program does not run")
        return self._app

    # What people do, and what their devices show

    def meet(self, person: Person) -> None:
        """Give somebody a device."""
        self.sandboxes[person.home.channel].person(person.name, person.language)

    async def say(self, spot: Spot, words: str, **more: str) -> Seen:
        """Somebody writes there; returns the line as their device shows it."""
        sandbox = self.sandboxes[spot.channel]
        number = await sandbox.say(spot.who, words, room=spot.room, **more)
        line = next((line for line in reversed(self.seen(spot)) if line.id == number), None)
        return line or Seen(number, words, time.monotonic(), mine=True)

    async def press(self, spot: Spot, line: Seen, button: Button) -> None:
        """Somebody presses a button."""
        await self.sandboxes[spot.channel].press(spot.who, line, button)

    def seen(self, spot: Spot) -> list[Seen]:
        """What the device shows there, oldest first."""
        return self.sandboxes[spot.channel].seen(spot.who, spot.room)

    def can_be_pressed(self, spot: Spot) -> bool:
        """Whether that network has buttons."""
        return self.channels[spot.channel].can.buttons

    def label(self, channel: str) -> str:
        """What people call a channel."""
        labels = self.channels[channel].can.label
        return labels.get(self.language, labels["en"])


def _unhurried(channel: Channel) -> dict[str, Any]:
    """The servers are our own: what services allow need not hold us up, and nobody edits a mail within five minutes."""
    fields = channel.settings.model_fields
    raised: dict[str, Any] = {name: 100_000 for name in fields if name.startswith("per_")}
    return raised | ({"grace": 0} if "grace" in fields else {})


def _section(path: tuple[str, ...], values: Mapping[str, Any]) -> str:
    """A section of a configuration file, and those within it."""
    plain = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
    lines = [f"[{'.'.join(path)}]", *(f"{name} = {toml(value)}" for name, value in plain.items()), ""]
    inner = [_section((*path, name), value) for name, value in values.items() if isinstance(value, Mapping)]
    return "\n".join([*lines, *inner])
