"""The second way in: the service posts each item here (its RECEIVE_WEBHOOK_URL), and it goes into the same spool.

A hand-written HTTP/1.1 of thirty lines: a framework would be larger than the listener. The service does not repeat a
post, so the answer 200 is only a courtesy; it is given when the item is on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from bridges.signal.spool import Kind

_MOST = 16 * 2**20
_PATIENCE = 75.0  # how long a connection may stand idle


class Takes(Protocol):
    """Where items go."""

    def offer(self, kind: Kind, data: bytes) -> bool:
        """Append, if the disk takes it."""

    async def kept(self) -> None:
        """Until what was taken is on the disk."""


class _BadRequest(Exception):
    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Door:
    """A listening port for posts of JSON."""

    def __init__(self, place: str, into: Takes) -> None:
        self._host, _, port = place.rpartition(":")
        self._port = int(port)
        self._into = into
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=32 * 1024)

    async def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; True if another may follow on this connection."""
        async with asyncio.timeout(_PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        try:
            length, stays = _understood(head)
        except _BadRequest as error:
            await self._answer(writer, error.status, stays=False)
            return False
        async with asyncio.timeout(_PATIENCE):
            body = await reader.readexactly(length)
        if not self._into.offer(Kind.ITEM, body):
            await self._answer(writer, "503 Service Unavailable", stays=False)
            return False
        await self._into.kept()
        await self._answer(writer, "200 OK", stays=stays)
        return stays

    async def _answer(self, writer: asyncio.StreamWriter, status: str, *, stays: bool) -> None:
        connection = "keep-alive" if stays else "close"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: {connection}\r\n\r\n".encode())
        await writer.drain()


def _understood(head: bytes) -> tuple[int, bool]:
    """The length of the body and whether the connection stays; raises _BadRequest."""
    request, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, _, rest = request.partition(" ")
    if method != "POST" or not rest.endswith(("HTTP/1.1", "HTTP/1.0")):
        raise _BadRequest("405 Method Not Allowed")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    # A page in a browser may post to a port of this machine, but not as JSON and not without saying where it is from.
    if "origin" in fields or not fields.get("content-type", "").lower().startswith("application/json"):
        raise _BadRequest("415 Unsupported Media Type")
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise _BadRequest("411 Length Required")
    if int(length[:12]) > _MOST:
        raise _BadRequest("413 Content Too Large")
    return int(length), fields.get("connection", "").lower() != "close" and rest.endswith("HTTP/1.1")
