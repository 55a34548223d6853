"""The sandbox as a process of its own, steered over HTTP: for the bench, whose servers must not share its loop.

POST /sandbox/say     {"who", "text", "room", "reply_to", "start", "times": 1, "per_second": 0}  → {"ids"}
POST /sandbox/person  {"name", "language"}     POST /sandbox/room  {"title", "people"}  → {"id"}
POST /sandbox/set     {"latency", "limits", "recording"}
GET  /sandbox/seen?who=Amina&since=0           → [{"id", "text", "at", "author", "reply_to", "mine"}]
GET  /sandbox/count?who=Amina                  → how many lines that is
GET  /sandbox/stats                            → {"counts", "violations", "waiting", "token", "api"}
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import time
from typing import Any

from aiohttp import web

from .sandbox import TelegramSandbox


class Control:
    """The steering of one sandbox."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self.sandbox = sandbox
        self._talks: set[asyncio.Task[None]] = set()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """A call to /sandbox/…, or one of the Bot API's."""
        if not request.path.startswith("/sandbox/"):
            return await self.sandbox.server.answer(request)
        body = json.loads(await request.read() or b"{}")
        return web.json_response(await self._do(request.path.rpartition("/")[2], body, dict(request.query)))

    async def _do(self, what: str, body: dict[str, Any], query: dict[str, str]) -> Any:
        sandbox = self.sandbox
        match what:
            case "say":
                return {"ids": await self._say(body)}
            case "person":
                return {"id": sandbox.person(body["name"], body.get("language", ""))}
            case "room":
                return {"id": sandbox.room(body["title"], body["people"])}
            case "set":
                for name, value in body.items():
                    setattr(sandbox if name != "recording" else sandbox.server, name, value)
                return {}
            case "seen":
                lines = sandbox.seen_since(query["who"], int(query.get("since", 0)))
                names = ("id", "text", "at", "author", "reply_to", "mine")
                return [{name: getattr(line, name) for name in names} for line in lines]
            case "count":
                return len(sandbox.world.chat_of(query["who"], "").lines)
        waiting = len(sandbox.world.updates)
        counts = dict(sandbox.server.counts)
        return {"counts": counts, "violations": sandbox.violations(), "waiting": waiting, **sandbox.settings()}

    async def _say(self, body: dict[str, Any]) -> list[str]:
        """Once at once; many times at once or at a rate, numbered: "{text} 17"."""
        times, rate = body.pop("times", 1), body.pop("per_second", 0)
        text, who = body.pop("text"), body.pop("who")
        if times == 1:
            return [await self.sandbox.say(who, text, **body)]
        if not rate:
            return [await self.sandbox.say(who, f"{text} {n}", **body) for n in range(times)]

        async def talk() -> None:
            begun = time.monotonic()
            for n in range(times):
                await asyncio.sleep(max(0.0, begun + n / rate - time.monotonic()))
                await self.sandbox.say(who, f"{text} {n}", **body)

        task = asyncio.create_task(talk())
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)
        return []


async def run(port: int, latency: float, limits: bool) -> None:
    """Serve until SIGTERM or SIGINT; the first line of the output is the section [telegram] as JSON."""
    sandbox = TelegramSandbox()
    sandbox.latency, sandbox.limits, sandbox.server.recording = latency, limits, False
    await sandbox.server.start(port, Control(sandbox).answer)
    print(json.dumps(sandbox.settings()), flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await sandbox.stop()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bridges.telegram.sandbox", description="A local Bot API.")
    parser.add_argument("--port", type=int, default=0, help="0: a free one, told on the first line")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--limits", action="store_true", help="refuse with 429 what is faster than Telegram allows")
    given = parser.parse_args()
    asyncio.run(run(given.port, given.latency, given.limits))
