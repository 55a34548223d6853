"""The processes of a bench: sandboxes, sink, our program. Each is a process of its own, so that none shares a loop."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).resolve().parent.parent


class Process:
    """A child that prints one JSON line once it serves."""

    def __init__(self, arguments: Sequence[str], *, env: dict[str, str] | None = None, first_line: bool = True) -> None:
        self.arguments = arguments
        self.env = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        self.first_line = first_line
        self.said: Any = None
        self.process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        out = asyncio.subprocess.PIPE if self.first_line else None
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *self.arguments, stdout=out, env=self.env, cwd=ROOT
        )
        if self.first_line and self.process.stdout is not None:
            line = await asyncio.wait_for(self.process.stdout.readline(), 60)
            self.said = json.loads(line)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid if self.process else 0

    def cpu(self) -> float:
        """Seconds of processor (user and system) it has used, its children that ended included."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[at]) for at in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> int:
        """The most memory it has held, in kB; `forget_peak` begins anew."""
        return _status(self.pid, "VmHWM")

    def resident(self) -> int:
        """The memory it holds now, in kB."""
        return _status(self.pid, "VmRSS")

    def forget_peak(self) -> None:
        """Let `peak` count from here."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    async def stop(self) -> None:
        """SIGTERM, then wait."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), 15)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def pss(pid: int) -> int:
    """The proportional memory of a process, in kB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


class BotApi:
    """A Bot API of the sandbox, in its own process."""

    def __init__(self, *, latency: float = 0.0, limits: bool = False) -> None:
        arguments = ["-m", "bridges.telegram.sandbox", "--latency", str(latency)]
        self.process = Process(arguments + (["--limits"] if limits else []))
        self.http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.process.__aenter__()
        self.settings: dict[str, Any] = self.process.said
        self.http = aiohttp.ClientSession(self.settings["api"])
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.http:
            await self.http.close()
        await self.process.stop()

    async def post(self, what: str, **body: Any) -> Any:
        """POST /sandbox/…."""
        if self.http is None:
            raise RuntimeError("not started")
        async with self.http.post(f"/sandbox/{what}", json=body) as answer:
            return await answer.json()

    async def get(self, what: str, **query: Any) -> Any:
        """GET /sandbox/…."""
        if self.http is None:
            raise RuntimeError("not started")
        async with self.http.get(f"/sandbox/{what}", params=query) as answer:
            return await answer.json()

    async def people(self, names: Sequence[str]) -> dict[str, str]:
        """People who have pressed start; their ids."""
        ids = {}
        for name in names:
            ids[name] = (await self.post("person", name=name))["id"]
            await self.post("say", who=name, text="/start")
        return ids

    async def seen(self, who: str, since: int = 0) -> list[dict[str, Any]]:
        """What this person's device shows."""
        found: list[dict[str, Any]] = await self.get("seen", who=who, since=since)
        return found

    async def count(self, who: str) -> int:
        """How many lines that is."""
        return int(await self.get("count", who=who))


class Sink:
    """An SMTP server that takes everything."""

    def __init__(self) -> None:
        self.process = Process(["-m", "bridges.email.sink"])

    async def __aenter__(self) -> Self:
        await self.process.__aenter__()
        self.port = int(self.process.said["port"])
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.process.said["control"])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self.process.stop()

    async def ask(self, word: str) -> Any:
        """`stats`, `reset`, `record`, `mails`."""
        self._writer.write(word.encode() + b"\n")
        return json.loads(await self._reader.readline())

    async def until(self, count: int, timeout: float) -> dict[str, float]:
        """Wait until it has taken `count` mails; its stats. Raises TimeoutError."""
        end = time.monotonic() + timeout
        while True:
            stats: dict[str, float] = await self.ask("stats")
            if stats["count"] >= count:
                return stats
            if time.monotonic() > end:
                raise TimeoutError(f"{stats['count']} of {count} mails in {timeout} s")
            await asyncio.sleep(0.05)


def own_cpu() -> float:
    """Seconds of processor this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
