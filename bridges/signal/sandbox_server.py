"""The HTTP and websocket side of the sandbox: what signal-cli-rest-api 0.101 answers, and what it throws away.

It keeps nothing: a message that arrives while nobody listens is dropped, as the real one does.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from bot.core.bridge import Fault, Seen

from .sandbox_rules import complaint, sent_wrongly
from .sandbox_styled import parsed
from .sandbox_world import BOT, Human, Room, World

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server:
    """One service with one account."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.port = 0
        self.requests: list[tuple[str, str, Any]] = []  # method, path, body
        self.broken_rules: list[str] = []
        self.faults: list[tuple[Fault, str]] = []  # and the id of the chat it is for; empty: the next of all
        self.latency = 0.0
        self.webhook = ""
        self.version, self.mode = "0.101.0", "json-rpc"
        self.linked_only = False  # the account's telephone is another one: its settings are not ours to change
        self.attachments: dict[str, bytes] = {}
        self.listeners: set[web.WebSocketResponse] = set()
        self.ever_heard = asyncio.Event()
        self.taken = self.dropped = 0  # of what people said
        self.connections = 0  # of listeners, since the start
        self._runner: web.ServerRunner | None = None
        self._poster: aiohttp.ClientSession | None = None
        self._ending: asyncio.Event | None = None

    async def start(self, port: int = 0, answer: Handler | None = None) -> None:
        """Listen on 127.0.0.1."""
        self._ending = asyncio.Event()
        self._runner = web.ServerRunner(web.Server(answer or self.answer), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Drop every connection."""
        if self._ending:
            self._ending.set()
        for listener in list(self.listeners):
            await listener.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        if self._poster:
            await self._poster.close()
            self._poster = None
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    # --- towards the bot

    async def push(self, frame: dict[str, Any]) -> bool:
        """Give a frame to everybody who listens; False: nobody did, it is gone."""
        text = json.dumps(frame, ensure_ascii=False)
        reached = False
        for listener in list(self.listeners):
            if self._gone(listener):
                continue
            with contextlib.suppress(ConnectionError, RuntimeError):
                await listener.send_str(text)
                reached = True
        return await self._posted(frame) or reached

    async def push_text(self, text: str) -> None:
        """Give anything at all to everybody who listens."""
        for listener in list(self.listeners):
            await listener.send_str(text)

    def _gone(self, listener: web.WebSocketResponse) -> bool:
        """A killed listener's kernel has closed its end before our loop has read of it."""
        end = listener.get_extra_info("socket")
        if listener.closed or end is None:
            return True
        try:
            with socket.socket(fileno=os.dup(end.fileno())) as copy:
                return copy.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    async def _posted(self, frame: dict[str, Any]) -> bool:
        """The second way: RECEIVE_WEBHOOK_URL. Posted once, whatever comes of it."""
        if not self.webhook:
            return False
        self._poster = self._poster or aiohttp.ClientSession()
        body = {"jsonrpc": "2.0", "method": "receive", "params": frame}
        try:
            async with self._poster.post(self.webhook, json=body) as answer:
                return answer.status in (200, 201)
        except (aiohttp.ClientError, OSError):
            return False

    async def _listener(self, request: web.BaseRequest) -> web.StreamResponse:
        listener = web.WebSocketResponse(heartbeat=54.0)
        await listener.prepare(request)
        self.listeners.add(listener)
        self.connections += 1
        self.ever_heard.set()
        try:
            async for _ in listener:
                pass
        finally:
            self.listeners.discard(listener)
        return listener

    # --- from the bot

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any call to the service."""
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["v1", "receive"]:
            return await self._listener(request)
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            return _error(400, "Couldn't process request - invalid request")
        self.requests.append((request.method, request.path, body))
        if self.latency and request.method != "GET":
            await asyncio.sleep(self.latency)
        return await self._routed(request, parts, body)

    async def _routed(self, request: web.BaseRequest, parts: list[str], body: Any) -> web.StreamResponse:
        if parts[0] == "v1" and len(parts) > 2 and parts[1] != "attachments" and parts[2] != self.world.number:
            return _error(400, f"User {parts[2]} is not registered.")
        match request.method, parts[0:2]:
            case "GET", ["v1", "health"]:
                return web.Response(status=204)
            case "GET", ["v1", "about"]:
                return web.json_response(self._about())
            case "GET", ["v1", "accounts"]:
                return web.json_response([self.world.number])
            case (("PUT" | "POST"), ["v1", "accounts"]) if len(parts) == 4:
                return self._account(request.method, parts[3], body)
            case "GET", ["v1", "contacts"]:
                return web.json_response(self.world.contacts())
            case "GET", ["v1", "groups"]:
                return self._groups(parts)
            case "GET", ["v1", "attachments"]:
                kept = self.attachments.get("/".join(parts[2:]))
                return web.Response(body=kept) if kept is not None else _error(404, "No attachment with that name")
            case "GET", ["v1", "identities"]:
                return web.json_response(self.world.identities())
            case "PUT", ["v1", "identities"]:
                return self._trust(parts, body)
            case "POST", ["v2", "send"]:
                return await self._send(request, body)
            case (("POST" | "DELETE"), ["v1", "reactions"]):
                return self._reaction(request.method, body)
            case "DELETE", ["v1", "remote-delete"]:
                return self._remote_delete(body)
            case (("PUT" | "DELETE" | "POST"), ["v1", "typing-indicator" | "receipts"]):
                return web.Response(status=204)
        self.broken_rules.append(f"{request.method} {request.path} does not exist")
        return _error(404, "404 page not found")

    def _about(self) -> dict[str, Any]:
        return {
            "build": 2,
            "capabilities": {"v2/send": ["quotes", "mentions"]},
            "mode": self.mode,
            "version": self.version,
            "versions": ["v1", "v2"],
        }

    def _account(self, method: str, what: str, body: Any) -> web.StreamResponse:
        """The account's own settings, and its username: a nickname gets digits, and keeps them."""
        kind = {("PUT", "settings"): "settings", ("POST", "username"): "username"}.get((method, what))
        if kind is None:
            self.broken_rules.append(f"{method} /v1/accounts/…/{what} does not exist")
            return _error(404, "404 page not found")
        if wrong := complaint(kind, body):
            self.broken_rules.append(wrong)
            return _error(400, f"Couldn't process request - {wrong}")
        if self.linked_only:
            return _error(400, "This command doesn't work on linked devices.")
        if kind == "settings":
            self.world.settings |= body
            return web.Response(status=204)
        self.world.username = f"{body['username'].partition('.')[0]}.42"
        answer = {"username": self.world.username, "username_link": self.world.username_link}
        return web.json_response(answer, status=201)

    def _trust(self, parts: list[str], body: Any) -> web.StreamResponse:
        """PUT /v1/identities/{number}/trust/{numberToTrust}."""
        human = self.world.target(parts[4]) if len(parts) == 5 and parts[3] == "trust" else None
        if not isinstance(human, Human) or body.get("verified_safety_number") != self.world.safety_number(human):
            return _error(
                400, "Could not set the trust for this number, make sure this number and the fingerprint is correct."
            )
        human.trusted = human.device
        return web.Response(status=204)

    def _groups(self, parts: list[str]) -> web.StreamResponse:
        groups = self.world.groups()
        if len(parts) == 3:
            return web.json_response(groups)
        found = next((group for group in groups if group["id"] == parts[3]), None)
        return web.json_response(found) if found else _error(404, "No group with that id found")

    async def _send(self, request: web.BaseRequest, body: Any) -> web.StreamResponse:
        if wrong := complaint("send", body):
            self.broken_rules.append(wrong)
            return _error(400, f"Couldn't process request - {wrong}")
        self.broken_rules += sent_wrongly(body, self.world)
        if body["number"] != self.world.number:
            return _error(400, f"User {body['number']} is not registered.")
        recipient = body["recipients"][0]
        target = self.world.target(recipient)
        if target is None:
            text = "Group not found" if recipient.startswith("group.") else "Unregistered user"
            return _error(400, f"Failed to send message: {text}")
        if isinstance(target, Room) and not target.has_bot:
            return _error(400, "User is not a group member")
        fault = self._fault(target)
        if fault in _REFUSALS:
            return self._refused(fault, target)
        if isinstance(target, Human) and not target.registered:
            return self._refused("unreachable", target)
        if isinstance(target, Human) and target.trusted != target.device:
            errors = {"recipients": [{"uuid": target.aci, "reason": "IDENTITY_FAILURE"}]}
            return web.json_response([{"timestamp": str(self.world.now()), "errors": errors}], status=201)
        when = self._deliver(target, body)
        if when is None:
            return _error(400, "Couldn't process request - there is no such message to edit")
        if fault == "lost" and request.transport:
            request.transport.abort()
        if fault == "slow" and self._ending:
            await self._ending.wait()
        return web.json_response([{"timestamp": str(when), **self._missed(target)}], status=201)

    def _missed(self, target: Human | Room) -> dict[str, Any]:
        """Members of a group who did not get it: told, and the others have it."""
        names = target.people if isinstance(target, Room) else []
        missed = [self.world.human(name) for name in names if not self.world.human(name).registered]
        errors = [{"uuid": human.aci, "reason": "UNREGISTERED_FAILURE"} for human in missed]
        return {"errors": {"recipients": errors}} if errors else {}

    def _fault(self, target: Human | Room) -> Fault | None:
        name = target.title if isinstance(target, Room) else target.name
        for index, (fault, who) in enumerate(self.faults):
            if who in ("", name):
                del self.faults[index]
                return fault
        return None

    def _refused(self, fault: str, target: Human | Room) -> web.StreamResponse:
        match fault:
            case "later":
                text = 'CAPTCHA proof required for sending to "...", or wait "1" seconds.'
                return web.json_response(
                    {"error": text, "challenge_tokens": [], "account": self.world.number}, status=429
                )
            case "refused":
                return _error(400, "Invalid attachment")
            case "down":
                return _error(400, "[403] Authorization failed! (AuthorizationFailedException)")
            case "broken":
                return _error(503, "Service Unavailable")
        if isinstance(target, Room):
            return _error(400, "User is not a group member")
        errors = {"recipients": [{"uuid": target.aci, "reason": "UNREGISTERED_FAILURE"}]}
        return web.json_response([{"timestamp": str(self.world.now()), "errors": errors}], status=201)

    def _deliver(self, target: Human | Room, body: dict[str, Any]) -> int | None:
        """Show it on the devices; None: it should have changed a message that is not there."""
        text = body["message"]
        if body.get("text_mode") == "styled":
            text, _ = parsed(text)
        lines = self.world.lines_of(target)
        when = self.world.now()
        if edits := body.get("edit_timestamp"):
            found = next((line for line in lines if line.id == f"{edits}/me"), None)
            if found is None:
                return None
            found.text, found.edited, found.raw = text, True, body
            return when
        answered = (
            f"{body['quote_timestamp']}/{self.world.author_part(body['quote_author'])}"
            if body.get("quote_timestamp")
            else ""
        )
        files = tuple(_file(one) for one in body.get("base64_attachments", ()))
        lines.append(Seen(f"{when}/me", text, time.monotonic(), author=BOT, reply_to=answered, files=files, raw=body))
        return when

    def _reaction(self, method: str, body: Any) -> web.StreamResponse:
        if wrong := complaint("reaction" if method == "POST" else "unreaction", body):
            self.broken_rules.append(wrong)
            return _error(400, f"Couldn't process request - {wrong}")
        message = f"{body['timestamp']}/{self.world.author_part(body['target_author'])}"
        if method == "POST":
            self.world.reactions[BOT, message] = body["reaction"]
        else:
            self.world.reactions.pop((BOT, message), None)
        return web.Response(status=204)

    def _remote_delete(self, body: Any) -> web.StreamResponse:
        if wrong := complaint("delete", body):
            self.broken_rules.append(wrong)
            return _error(400, f"Couldn't process request - {wrong}")
        target = self.world.target(body["recipient"])
        lines = self.world.lines_of(target) if target else []
        found = next((line for line in lines if line.id == f"{body['timestamp']}/me"), None)
        if found is None:
            return _error(400, "Failed to send message: there is no such message")
        found.deleted, found.text = True, ""
        return web.json_response({"timestamp": str(self.world.now())}, status=201)


_REFUSALS = frozenset({"later", "refused", "unreachable", "down", "broken"})


def _file(attachment: str) -> tuple[str, bytes]:
    """Name and content of "data:application/pdf;filename=a.pdf;base64,…"."""
    about, _, content = attachment.partition(";base64,")
    return about.partition(";filename=")[2], base64.b64decode(content)


def _error(status: int, text: str) -> web.StreamResponse:
    return web.json_response({"error": text}, status=status)
