"""An SMTP server that takes everything and keeps nothing: the other end of a benchmark, in a process of its own.

    python -m bridges.email.sink --port 2525 --control 2526

prints one JSON line with its ports once it listens. A line to the control port is a question: `stats` answers JSON with
the number of mails and the clock (time.monotonic) of the first and last 250; `reset` forgets; `record` (and `reset`)
keeps (recipient, Message-ID, clock) of every mail from now on, `mails` answers them; `stop` ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from typing import Any

_MESSAGE_ID = re.compile(rb"^Message-ID:[ \t]*<([^>\r\n]*)>", re.IGNORECASE | re.MULTILINE)
_EHLO = b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 SIZE 52428800\r\n"
_OK = b"250 2.0.0 Ok\r\n"
_TAKEN = b"250 2.0.0 Ok: queued\r\n"


class Counts:
    """What came so far."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 0.0
        self.last = 0.0
        self.recording = False
        self.mails: list[tuple[str, str, float]] = []

    def reset(self) -> None:
        """Forget everything; keep recording if we did."""
        self.count, self.first, self.last = 0, 0.0, 0.0
        self.mails.clear()

    def stats(self) -> dict[str, float]:
        """The figures a benchmark wants."""
        return {"count": self.count, "first": self.first, "last": self.last, "now": time.monotonic()}


class Sink(asyncio.Protocol):
    """One connection. It looks at as few bytes as it can."""

    __slots__ = ("_buffer", "_counts", "_in_data", "_recipient", "_transport")

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._buffer = b""
        self._in_data = False
        self._recipient = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = transport
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command, and every whole mail."""
        buffer = self._buffer + data if self._buffer else data
        while buffer:
            if self._in_data:
                end = buffer.find(b"\r\n.\r\n")
                if end < 0:
                    break
                self._taken(buffer[:end])
                buffer = buffer[end + 5 :]
            else:
                line, found, rest = buffer.partition(b"\r\n")
                if not found:
                    break
                buffer = rest
                self._command(line)
        self._buffer = buffer

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"DATA":
            self._in_data = True
            answer = b"354 go\r\n"
        elif verb == b"EHLO":
            answer = _EHLO
        elif verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
            return
        else:
            if verb == b"RCPT":
                self._recipient = line
            answer = _OK
        self._transport.write(answer)

    def _taken(self, mail: bytes) -> None:
        self._in_data = False
        counts = self._counts
        counts.count += 1
        # The clock is read before the answer goes out: it is the moment of our 250.
        now = counts.last = time.monotonic()
        if counts.count == 1:
            counts.first = now
        if counts.recording:
            found = _MESSAGE_ID.search(mail)
            recipient = self._recipient.partition(b"<")[2].partition(b">")[0]
            counts.mails.append((recipient.decode("utf-8", "replace"), found[1].decode() if found else "", now))
        self._transport.write(_TAKEN)


async def _control(
    counts: Counts, stop: asyncio.Event, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer questions, one line each."""
    while line := await reader.readline():
        answer: Any = counts.stats()
        match line.strip():
            case b"reset":
                counts.reset()
            case b"record":
                counts.recording = True
                counts.reset()
            case b"mails":
                answer = counts.mails
            case b"stop":
                stop.set()
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    writer.close()


async def serve(port: int, control: int, host: str = "127.0.0.1") -> None:
    """Listen until told to stop."""
    counts, stop = Counts(), asyncio.Event()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(counts), host, port, backlog=1024)
    questions = await asyncio.start_server(lambda r, w: _control(counts, stop, r, w), host, control)
    ports = {"port": server.sockets[0].getsockname()[1], "control": questions.sockets[0].getsockname()[1]}
    print(json.dumps(ports), flush=True)
    await stop.wait()
    server.close()
    questions.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="an SMTP server that takes everything and keeps nothing")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control", type=int, default=0)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.control))


if __name__ == "__main__":
    main()
