"""Starts the program as `filcommun run` does, and dies where it was told to. The product has no test switches: this is ours.

    python -m tests.torture.start CONFIG [--die EVENT NUMBER] [--wait] [--parser SECONDS] [--poison WORD] [--gap SECONDS]
                                         [--chunk MEMBERS] [--die-spreading NUMBER before|inside]

Every event of the journal goes to standard output as one JSON line, so that a test knows what happened and when.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot import app, config, journal
from bot.core import audience
from store.owners import AlreadyRunning

REFUSED = 9


class Death:
    """SIGKILL at the `number`-th time that `event` happens; nothing runs after it, not even a `finally`.

    With `wait`, counting begins at SIGUSR1.
    """

    def __init__(self, event: str, number: int, *, wait: bool) -> None:
        self.event = event
        self.left = number
        self.armed = not wait
        signal.signal(signal.SIGUSR1, self.arm)

    def arm(self, *_: object) -> None:
        self.armed = True
        tell("test.armed", {})

    def __call__(self, event: str, fields: Mapping[str, Any]) -> None:
        if self.armed and event == self.event:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def tell(event: str, fields: Mapping[str, Any]) -> None:
    """One line on standard output."""
    os.write(1, json.dumps({"event": event, "at": time.monotonic(), **fields}, default=str).encode() + b"\n")


def prepare(given: argparse.Namespace, program: app.App) -> None:
    """What a test asked for, done to the program that has just been put together."""
    for post in program.bus.posts:
        if given.parser and post.bridge.name == "email":
            post.bridge._reader.seconds = given.parser
    if given.poison:
        _poison(program, given.poison)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _tasks)


def _tasks() -> None:
    """What every task waits for, on standard error: for whoever looks for the reason of a hang."""
    for task in asyncio.all_tasks():
        task.print_stack(limit=6)


def _poison(program: app.App, word: str) -> None:
    """A fault of ours: handling an item with this word raises, or ends the process without a word."""
    reception = program.bus.inbox.reception
    healthy = reception.handle

    def handle(connection: Any, item: Any, events: Any) -> Any:
        text = " ".join(event.text.text for event in events if hasattr(event, "text"))
        if f"{word} raises" in text:
            tell("test.poison", {"kind": "raises", "inbound": item.id})
            raise RuntimeError("a fault of ours")
        if f"{word} exits" in text:
            tell("test.poison", {"kind": "exits", "inbound": item.id})
            os._exit(70)
        return healthy(connection, item, events)

    reception.handle = handle  # type: ignore[method-assign]


def _spread(members: int, number: int, where: str) -> None:
    """Spread to so few members at a time; SIGKILL before the `number`-th chunk after the first, or in its transaction."""
    audience.CHUNK = members
    healthy, left = audience.spread_more, number

    def spread_more(connection: Any) -> bool:
        nonlocal left
        left -= 1
        if left == 0 and where == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        more = healthy(connection)
        tell("test.spread", {"more": more})
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return more

    audience.spread_more = spread_more


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("--die", nargs=2, metavar=("EVENT", "NUMBER"))
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--memory", type=int, default=0, help="RLIMIT_AS, in MB")
    parser.add_argument("--gap", type=float, default=0.0, help="tell of gaps in Signal longer than this")
    parser.add_argument("--chunk", type=int, default=0, help="members served in one transaction")
    parser.add_argument("--die-spreading", nargs=2, default=("0", ""), metavar=("NUMBER", "WHERE"))
    parser.add_argument("--parser", type=float, default=0.0)
    parser.add_argument("--poison", default="")
    parser.add_argument("--log", type=Path, help="write the journal there as well")
    given = parser.parse_args()
    faulthandler.register(signal.SIGUSR2)
    if given.memory:
        resource.setrlimit(resource.RLIMIT_AS, (given.memory * 2**20, given.memory * 2**20))
    if given.log:
        journal.setup(stream=given.log.open("a"))
    if given.die:
        journal.subscribe(Death(given.die[0], int(given.die[1]), wait=given.wait))
    # The load is more than ten people say in a week: it must not wait, or leave together, for being a flood.
    audience.BURST = 0.0
    if given.chunk:
        _spread(given.chunk, int(given.die_spreading[0]), given.die_spreading[1])
    if given.gap:
        from bot.features import gaps
        from bridges.signal import bridge

        bridge._TOLD_AFTER = gaps.TOLD = given.gap  # type: ignore[misc]
    quiet = {"store.committing", "inbound.committed", "inbound.handled"}
    journal.subscribe(lambda event, fields: None if event in quiet else tell(event, fields))
    try:
        return asyncio.run(app.run(config.load(given.config, {}), lambda program: prepare(given, program)))
    except AlreadyRunning:
        tell("test.refused", {})
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
