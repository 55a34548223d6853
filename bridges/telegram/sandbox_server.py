"""The sandbox's HTTP: `/botTOKEN/METHOD` with long polling, flood limits, and misbehaviour on demand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

from bot.core.bridge import Fault

from .sandbox_methods import SENDING, Methods, Parameters
from .sandbox_rules import Limits, RefusedCallError
from .sandbox_world import BATCH, World

TOKEN = "7000000001:AAF-a_token_of_the_sandbox_000000000"  # noqa: S105 - it opens nothing but this sandbox
RETRY_AFTER = 1
#: Parameters that stay text when a form brings them; all others of a form are JSON.
_TEXTS = frozenset({"text", "caption", "file_id", "callback_query_id", "language_code", "document", "photo"})


Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server:
    """One Bot API server with one bot."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.methods = Methods(world)
        self.token = TOKEN
        self.port = 0
        self.latency = 0.0  # seconds before each answer (not of getUpdates)
        self.limits: Limits | None = None
        self.recording = True
        self.requests: list[tuple[str, Parameters]] = []
        self.counts: Counter[str] = Counter()
        self.broken_rules: list[str] = []
        self.faults: list[tuple[Fault, int]] = []  # what happens to the next sends, and to which chat (0: any)
        self.held: dict[int, float] = {}  # chats that were told to wait, and until when
        self._polls = 0
        self._ending = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    async def start(self, port: int = 0, answer: Answer | None = None) -> None:
        """Listen on 127.0.0.1; after a stop on the same port again. `answer` may stand before `Server.answer`."""
        self._ending.clear()
        self._runner = web.ServerRunner(web.Server(answer or self.answer, access_log=None), shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Drop every connection; what the world holds stays for another start."""
        self._ending.set()
        self.world.arrived.set()
        runner, self._runner = self._runner, None
        if runner is not None:
            for connection in runner.server.connections if runner.server else ():
                connection.force_close()
            await runner.cleanup()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """One call."""
        area, _, method = request.path.rpartition("/")
        if area.startswith(f"/file/bot{self.token}"):
            return self._download(request.path)
        if area != f"/bot{self.token}":
            return _json(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        self.counts[method] += 1
        parameters = await _parameters(request)
        if self.recording:
            self.requests.append((method, parameters))
        fault = self._fault(parameters) if method in SENDING else None
        if fault == "broken":
            return web.Response(status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html")
        try:
            self._refuse(method, parameters, fault)
            body, code = {"ok": True, "result": await self._do(method, parameters)}, 200
        except RefusedCallError as refusal:
            self.counts[str(refusal.code)] += 1
            if refusal.ours:
                self.broken_rules.append(f"{method}: {refusal.description}")
            body, code = refusal.body(), refusal.code
        if fault in {"lost", "slow"} and code == 200:
            return await self._drop(request, wait=fault == "slow")
        if self.latency and method != "getUpdates":
            await asyncio.sleep(self.latency)
        return _json(code, body)

    async def _do(self, method: str, parameters: Parameters) -> Any:
        """The result of a method; getUpdates waits for news."""
        if method == "getUpdates":
            return await self._updates(parameters)
        known = self.methods.known.get(method)
        if known is None:
            raise RefusedCallError(404, "Not Found: method not found", ours=True)
        return known(parameters)

    def _fault(self, parameters: Parameters) -> Fault | None:
        """What was ordered to happen to this send, if anything."""
        for index, (fault, chat) in enumerate(self.faults):
            if chat in {0, parameters.get("chat_id")}:
                del self.faults[index]
                return fault
        return None

    def _refuse(self, method: str, parameters: Parameters, fault: Fault | None) -> None:
        """Refuse a send that comes too early, too fast, or that was ordered to be refused."""
        if method not in SENDING:
            return
        chat, now = parameters.get("chat_id"), time.monotonic()
        chat = chat if isinstance(chat, int) else 0
        early = self.held.get(chat, 0) - now
        if early > 0.05:  # clocks of two processes, and a rounding
            self.broken_rules.append(f"{method}: {early:.1f} s before the retry_after of its chat was over")
        wait = RETRY_AFTER if fault == "later" else 0
        if self.limits is not None and not wait and fault is None:
            wait = self.limits.take(chat, now)
        if wait:
            self.held[chat] = now + wait
            raise RefusedCallError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        if fault == "refused":
            raise RefusedCallError(400, "Bad Request: wrong message, says the sandbox")
        if fault == "unreachable":
            raise RefusedCallError(403, "Forbidden: bot was blocked by the user")
        if fault == "down":
            raise RefusedCallError(401, "Unauthorized")

    async def _updates(self, parameters: Parameters) -> list[dict[str, Any]]:
        """getUpdates: what lies before `offset` is forgotten, the rest comes again and again until it is."""
        if self.methods.webhook:
            sentence = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            raise RefusedCallError(409, sentence)
        self._polls += 1
        mine, world = self._polls, self.world
        world.arrived.set()  # an older poll sees that it is no longer the one
        if parameters.get("allowed_updates") is not None:
            world.kinds = frozenset(parameters["allowed_updates"])
        offset = parameters.get("offset")
        while offset is not None and world.updates and world.updates[0]["update_id"] < offset:
            world.updates.popleft()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(float(parameters.get("timeout", 0)), 50)):
                while not world.updates and mine == self._polls and not self._ending.is_set():
                    world.arrived.clear()
                    await world.arrived.wait()
        if mine != self._polls:
            sentence = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise RefusedCallError(409, f"Conflict: {sentence}")
        most = min(int(parameters.get("limit", BATCH)), BATCH)
        return [world.updates[i] for i in range(min(most, len(world.updates)))]

    async def _drop(self, request: web.BaseRequest, *, wait: bool) -> web.StreamResponse:
        """Close the connection without an answer, at once or when the sandbox ends."""
        if wait:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(120):
                    await self._ending.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _download(self, path: str) -> web.Response:
        """A file that getFile has told of."""
        content = self.methods.files.get(path.rpartition("/")[2])
        return web.Response(body=content) if content is not None else web.Response(status=404)


class Upload(bytes):
    """The bytes of a file, and the name it was sent with."""

    name: str

    def __new__(cls, content: bytes, name: str) -> Self:  # noqa: D102 - bytes are made before __init__
        made = super().__new__(cls, content)
        made.name = name
        return made


def _json(code: int, body: Any) -> web.Response:
    return web.Response(status=code, body=json.dumps(body).encode(), content_type="application/json")


async def _parameters(request: web.BaseRequest) -> Parameters:
    """The parameters of a call: JSON, or a form whose values are JSON but for texts and files."""
    if request.content_type == "application/json":
        found = json.loads(await request.read())
        return found if isinstance(found, dict) else {}
    parameters: Parameters = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            parameters[name] = Upload(value.file.read(), value.filename)
        elif isinstance(value, str):
            parameters[name] = value if name in _TEXTS else json.loads(value)
    return parameters
