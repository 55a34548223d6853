"""A town for the torture: three networks with people who talk, one database, and the program as a process that may die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, text

from bot.config import channels
from store.database import make_engine
from tests.torture.settling_in import populate

ROOT = Path(__file__).resolve().parents[2]
ROOM = "le salon"
#: A line of the load: its author and a number, wherever it stands in a message.
LINE = re.compile(r"\b([a-z]+)-(\d+)\b")
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who talks: on a channel, in private or in the room."""

    name: str
    channel: str
    room: bool = False


PEOPLE = (
    Person("amina", "telegram"),
    Person("bilal", "telegram"),
    Person("karim", "telegram", room=True),
    Person("lea", "telegram", room=True),
    Person("chloe", "signal"),
    Person("dina", "signal"),
    Person("bruno", "email"),
    Person("emma", "email"),
)


@dataclass
class Program:
    """One life of the bot: its process, and everything it told."""

    process: asyncio.subprocess.Process
    events: list[dict[str, Any]] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    def listen(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            with contextlib.suppress(ValueError):  # the last line of one that was killed
                self.events.append(json.loads(line))

    def count(self, event: str, **fields: Any) -> int:
        return sum(1 for one in self.events if one["event"] == event and fields.items() <= one.items())

    async def until(self, event: str, number: int = 1, patience: float = PATIENCE, **fields: Any) -> None:
        """Wait until it has told of this so often."""
        end = time.monotonic() + patience
        while self.count(event, **fields) < number:
            assert time.monotonic() < end, f"not within {patience:.0f} s: {event} {fields}; {self.story()}"
            assert self.process.returncode is None, f"it ended with {self.process.returncode} before {event}"
            await asyncio.sleep(0.005)

    def story(self) -> str:
        """What it told, for a test that failed."""
        rare = [one for one in self.events if one["event"].partition(".")[0] not in ("parcel", "inbound")]
        return f"{dict(Counter(one['event'] for one in self.events))}; {rare[-12:]}"

    async def ready(self, number: int = 3) -> None:
        """Wait until its channels are open."""
        await self.until("channel.open", number)

    async def arm(self) -> None:
        """Let the death it was started with come."""
        self.process.send_signal(signal.SIGUSR1)
        await self.until("test.armed")

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.ended()

    async def stop(self) -> float:
        """SIGTERM; how long it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self.process.wait()), 20)
        except TimeoutError:
            for number in (signal.SIGHUP, signal.SIGUSR2):
                self.process.send_signal(number)
                await asyncio.sleep(0.5)
            raise AssertionError(f"it does not end: {self.story()}; standard error says where it waits") from None
        await self.ended()
        return time.monotonic() - began

    async def ended(self, patience: float = PATIENCE) -> int:
        code = await asyncio.wait_for(self.process.wait(), patience)
        if self._reading is not None:
            await self._reading
        return code


class Town:
    """Where one torture happens."""

    def __init__(self, folder: Path, url: str, people: Sequence[Person] = PEOPLE, latency: float = 0.0) -> None:
        self.folder = folder
        self.url = url
        self.people = people
        self.on = tuple(dict.fromkeys(one.channel for one in people))
        self.latency = latency
        self.sandboxes: dict[str, Any] = {name: channels.channel(name).sandbox() for name in self.on}
        self.said: dict[str, list[str]] = {one.name: [] for one in people}
        self.said_at: dict[str, float] = {}
        self.programs: list[Program] = []
        self.listener: asyncio.subprocess.Process | None = None
        self.engine = make_engine(url)
        self.spool = folder / "signal.spool"
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        for name, box in self.sandboxes.items():
            await box.start()
            if hasattr(box, "latency"):
                box.latency = self.latency
            for one in self.people:
                if one.channel == name:
                    box.person(one.name)
        if "telegram" in self.sandboxes:
            world = self.sandboxes["telegram"].world
            for one in self.people:
                if one.channel == "telegram":
                    world.human(one.name).started = True
            inside = [one.name for one in self.people if one.room]
            if inside:
                self.sandboxes["telegram"].room(ROOM, inside)
        self.configure()
        populate(self)
        if "signal" in self.on:
            await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hush()
        for program in self.programs:
            if program.process.returncode is None:
                await program.kill()
        await self.deafen()
        for box in self.sandboxes.values():
            await box.stop()
        self.engine.dispose()

    def account(self, channel: str) -> str:
        section = self.sandboxes[channel].settings()
        return str(section.get("address") or section.get("number") or section["token"].partition(":")[0])

    def configure(self, **more: dict[str, Any]) -> None:
        """Write config.toml: every channel pointed at its sandbox, its budgets raised, no grace."""
        lines = ["[community]", 'name = "Cercle"', 'slug = "cercle"', 'language = "en"', 'timezone = "Europe/Paris"']
        lines += ["[store]", f'url = "{self.url}"', 'files = "files"', 'key = "secret.key"']
        for name, box in self.sandboxes.items():
            fields = channels.channel(name).settings.model_fields
            section = box.settings() | {key: 1_000_000 for key in fields if key.startswith("per_")}
            section |= {"grace": "0 seconds"} if "grace" in fields else {}
            section |= {"spool": str(self.spool)} if "spool" in fields else {}
            section |= more.get(name, {})
            lines.append(f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in section.items() if not isinstance(value, dict)]
            for key, table in section.items():
                if isinstance(table, dict):
                    lines += [f"[{name}.{key}]", *(f"{inner} = {json.dumps(value)}" for inner, value in table.items())]
        config = self.folder / "config.toml"
        config.write_text("\n".join(lines) + "\n")
        config.chmod(0o600)

    # The program

    async def start(self, *arguments: str) -> Program:
        """The program, as a process of its own."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.torture.start", str(self.folder / "config.toml"), *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=self._errors(), cwd=ROOT, limit=2**20,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        program = Program(process)
        self.programs.append(program)
        program.listen()
        return program

    async def first_sight(self) -> None:
        """Start and stop once: what lies in a mailbox before its first sight is nobody's business, by promise."""
        program = await self.start()
        await program.ready(len(self.on))
        while "email" in self.on and not self.rows("SELECT 1 FROM cursor WHERE channel = 'email'"):
            await asyncio.sleep(0.01)
        await program.stop()

    def _errors(self) -> Any:
        return (self.folder / "stderr.txt").open("ab")

    async def listen(self) -> None:
        """The separate listener of Signal, as people start it."""
        before = self.sandboxes["signal"].server.connections
        self.listener = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli", "--config", str(self.folder / "config.toml"), "listen", "signal",
            cwd=ROOT, stderr=self._errors(),
        )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while self.sandboxes["signal"].server.connections == before:
            assert time.monotonic() < end, "the listener does not listen"
            await asyncio.sleep(0.01)

    async def deafen(self) -> None:
        """Kill the listener."""
        if self.listener is not None and self.listener.returncode is None:
            self.listener.kill()
            await self.listener.wait()
        self.listener = None

    # People

    async def say(self, one: Person, more_words: str = "") -> str:
        """One more line of theirs."""
        line = f"{one.name}-{len(self.said[one.name])}"
        self.said[one.name].append(line)
        self.said_at[line] = time.monotonic()
        more = {"subject": "Re: Charge"} if one.channel == "email" else {"room": ROOM} if one.room else {}
        await self.sandboxes[one.channel].say(one.name, f"line {line} is said.{more_words}", **more)
        return line

    def talk(self, per_second: float, chance: random.Random, among: Sequence[Person] = ()) -> None:
        """Let everybody (or some) talk, until `hush`."""

        async def talking(one: Person) -> None:
            while True:
                await asyncio.sleep(chance.uniform(0.2, 1.8) / per_second)
                await self.say(one)

        for one in among or self.people:
            task = asyncio.create_task(talking(one))
            self._talks.add(task)

    def hush(self) -> None:
        for task in self._talks:
            task.cancel()
        self._talks.clear()

    async def quiet(self) -> None:
        """Stop talking; nobody is interrupted in the middle of a word."""
        self.hush()
        await asyncio.sleep(0.1)

    # What goes wrong

    def storm(self, fault: Any, channel: str) -> None:
        """From now on every send on this channel ends like that, until `calm`."""
        self.sandboxes[channel].fail(fault, 100_000)

    def calm(self, channel: str) -> None:
        """The next sends end well."""
        box = self.sandboxes[channel]
        (box.relay.faults.waiting if channel == "email" else box.server.faults).clear()

    def delays(self, reader: Person, since: float) -> list[float]:
        """Seconds from the moment a line was said (after `since`) until it stood on this device, shortest first."""
        found = []
        for one in self.device(reader):
            for name, number in LINE.findall(one.text):
                said = self.said_at.get(f"{name}-{number}", 0.0)
                if said >= since:
                    found.append(one.at - said)
        return sorted(found)

    # The database, looked at from outside

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), values))

    def write(self, work: Any) -> Any:
        with self.engine.connect() as connection:
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
            with connection.begin():
                return work(connection)

    def under_way(self) -> tuple[int, int]:
        """Items that are not handled, parcels that have not ended."""
        return tuple(self.rows(UNDER_WAY)[0])  # type: ignore[return-value]

    async def settled(self, patience: float = PATIENCE, calm: float = 0.3) -> None:
        """Wait until the networks have given everything, and nothing is under way; patient while there is less and less."""
        end, quiet, least = time.monotonic() + patience, time.monotonic(), float("inf")
        while True:
            waiting = len(self.sandboxes["telegram"].world.updates) if "telegram" in self.on else 0
            lines = self.rows("SELECT COUNT(*) FROM message")[0][0]
            left = waiting + sum(self.under_way()) + 10 * max(0, self.heard() - lines)
            if left:
                quiet = time.monotonic()
            elif time.monotonic() - quiet > calm:
                return
            if left < least:
                least, end = left, time.monotonic() + patience
            assert time.monotonic() < end, (
                f"not settled: {waiting} updates wait, {self.under_way()} items and parcels under way, "
                f"{lines} of {self.heard()} lines are messages; {self.missing()}; {self.stuck()}"
            )
            await asyncio.sleep(0.05)

    def missing(self) -> str:
        """Which lines have no effect yet, and how inbound items ended."""
        stored = {words for (words,) in self.rows("SELECT text FROM message")}
        left = {n: [line for line in lines if f"line {line} is said." not in stored] for n, lines in self.said.items()}
        items = self.rows("SELECT channel, state, outcome, COUNT(*) FROM inbound GROUP BY 1, 2, 3")
        return f"missing: { {n: (len(lines), lines[:3], lines[-1:]) for n, lines in left.items() if lines} }; {items}"

    def stuck(self) -> str:
        """Who holds what is not sent, and what the program last told."""
        lanes = self.rows(
            "SELECT l.channel, l.owner, COUNT(*), SUM(CASE WHEN l.due_at IS NULL THEN 1 ELSE 0 END), MIN(l.due_at),"
            " MIN(l.free_at) FROM lane l JOIN parcel p ON p.address_id = l.address_id"
            " WHERE p.state IN ('due', 'sending') GROUP BY 1, 2"
        )
        parcels = self.rows(
            "SELECT state, owner, COUNT(*), MIN(due_at), MIN(retry_at), MAX(attempts) FROM parcel"
            " WHERE state IN ('due', 'sending') GROUP BY 1, 2"
        )
        away = self.rows("SELECT name, down_since, reason FROM channel_state")
        last = self.programs[-1].events[-6:]
        return f"now {time.time():.0f}; lanes {lanes}; parcels {parcels}; channels {away}; last told {last}"

    def heard(self) -> int:
        """How many lines the program can know of: what Signal's service dropped, nobody has."""
        dropped = self.sandboxes["signal"].dropped if "signal" in self.on else 0
        return sum(len(lines) for lines in self.said.values()) - dropped

    # What the devices show

    def readers(self) -> list[tuple[str, Person]]:
        """Where lines are read: each private chat and mailbox, and the room once."""
        found = [(one.name, one) for one in self.people if not one.room]
        inside = [one for one in self.people if one.room]
        return found + ([(ROOM, inside[0])] if inside else [])

    def device(self, reader: Person) -> list[Any]:
        """What came from the bot, oldest first."""
        shown = self.sandboxes[reader.channel].seen(reader.name, ROOM if reader.room else "")
        names = {one.name for one in self.people}
        return [one for one in shown if not one.mine and one.author not in names]


UNDER_WAY = """
    SELECT (SELECT COUNT(*) FROM inbound WHERE state IN ('new', 'waiting')) AS items,
           (SELECT COUNT(*) FROM parcel WHERE state IN ('due', 'sending')) AS parcels
"""


def sending(connection: Connection) -> list[tuple[int, int, str]]:
    """(parcel, address, channel) of everything that is marked as being sent."""
    query = """
        SELECT p.id, p.address_id, a.channel FROM parcel p JOIN address a ON a.id = p.address_id
        WHERE p.state = 'sending' ORDER BY p.id
    """
    return [tuple(row) for row in connection.execute(text(query))]  # type: ignore[misc]
