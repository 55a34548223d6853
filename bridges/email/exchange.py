"""Mail transactions on an open SMTP connection: the commands of a mail in one packet where the relay takes them so.

aiosmtplib opens the connection, encrypts it and logs in; then it would wait for each answer before the next command,
and lose answers that come together. From there on this protocol has its transport: two round trips a mail (RFC 2920)
instead of four, which is half the time through a relay at a distance.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

#: An answer that never ends is no answer: a line (RFC 5321 allows 512 bytes), and all the lines of one.
_LONGEST = 8192
_MOST_LINES = 128
_DATA = b"DATA"
#: What lets a mail go on: the answers to MAIL, to RCPT and to DATA (RFC 5321, 4.3.2).
_GOES_ON = (frozenset({250}), frozenset({250, 251}), frozenset({354}))


class Answer(NamedTuple):
    """What the relay said: its code, and its words, one line each."""

    code: int
    text: str


class Cut(ConnectionError):
    """The connection ended; `answers` came before."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__("the relay closed the connection")
        self.answers = answers


class Exchange(asyncio.Protocol):
    """One connection, from the login to its end. One `ask` at a time."""

    def __init__(self, transport: asyncio.Transport, *, pipelining: bool, timeout: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._pipelining = pipelining
        self._timeout = timeout
        self._buffer = b""
        self._lines: list[bytes] = []
        self._answers: list[Answer] = []
        self._wanted = 0
        self._waiting: asyncio.Future[list[Answer]] | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether something may still be asked."""
        return not self._transport.is_closing()

    def close(self) -> None:
        """Close without a word."""
        self._transport.close()

    async def ask(self, commands: bytes, answers: int = 1) -> list[Answer]:
        """Send commands, and wait for an answer to each. Raises Cut, or TimeoutError (then the connection is closed)."""
        if not self.is_open:
            raise Cut([])
        self._answers, self._wanted = [], answers
        waiting: asyncio.Future[list[Answer]] = self._loop.create_future()
        self._waiting = waiting
        timer = self._loop.call_later(self._timeout, self._late, waiting)
        self._transport.write(commands)
        try:
            return await waiting
        finally:
            timer.cancel()
            self._waiting = None

    async def envelope(self, sender: bytes, recipient: bytes, options: bytes) -> tuple[int, Answer]:
        """MAIL, RCPT and DATA: which of them was refused (0, 1 or 2) with its answer; 3 when the relay wants the mail.

        Raises what `ask` raises; nothing of the mail has left then.
        """
        commands = (b"MAIL FROM:<%b>%b" % (sender, options), b"RCPT TO:<%b>" % recipient, _DATA)
        if not self._pipelining:
            for place, (command, right) in enumerate(zip(commands, _GOES_ON, strict=True)):
                (answer,) = await self.ask(command + b"\r\n")
                if answer.code not in right:
                    return place, answer
            return len(commands), answer
        cut: Cut | None = None
        try:
            answers = await self.ask(b"%b\r\n%b\r\n%b\r\n" % commands, len(commands))
        except Cut as error:
            cut, answers = error, error.answers
        for place, (answer, right) in enumerate(zip(answers, _GOES_ON, strict=False)):
            if answer.code not in right:
                if answers[-1].code in _GOES_ON[-1]:
                    # It refused, and waits for a mail all the same: a connection that ends here carries none.
                    self._transport.abort()
                return place, answer
        if cut is not None:
            raise cut
        return len(commands), answers[-1]

    async def content(self, data: bytes) -> Answer:
        """The mail itself, its lines ending in CRLF, and the final dot; the relay's last word on it."""
        end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
        # RFC 5321, 4.5.2: a line that begins with a dot gets another one.
        stuffed = data.replace(b"\r\n.", b"\r\n..") if b"\r\n." in data else data
        return (await self.ask((b"." + stuffed if stuffed.startswith(b".") else stuffed) + end))[0]

    async def reset(self) -> None:
        """RSET, so that the next mail begins anew; a connection that cannot is closed."""
        try:
            if (await self.ask(b"RSET\r\n"))[0].code != 250:
                self.close()
        except (OSError, TimeoutError):
            self.close()

    async def quit(self) -> None:
        """QUIT, then close."""
        try:
            await self.ask(b"QUIT\r\n")
        finally:
            self.close()

    # What the transport calls

    def data_received(self, data: bytes) -> None:
        """Answers, or parts of them."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            code = line[:3]
            if self._waiting is None or not code.isdigit() or len(line) > _LONGEST or len(self._lines) > _MOST_LINES:
                # Nobody asked ("421 closing"), or it is no SMTP: whatever follows cannot be told apart.
                self._transport.close()
                return
            self._lines.append(line[4:].strip())
            if line[3:4] != b"-":
                said = b"\n".join(self._lines).decode("utf-8", "surrogateescape")
                self._lines.clear()
                self._answered(Answer(int(code), said))
        if len(self._buffer) > _LONGEST:
            self._transport.close()

    def _answered(self, answer: Answer) -> None:
        self._answers.append(answer)
        if len(self._answers) == self._wanted and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answers)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, asked for or not."""
        if self._waiting is not None and not self._waiting.done():
            cut = Cut(self._answers)
            cut.__cause__ = exc
            self._waiting.set_exception(cut)

    def _late(self, waiting: asyncio.Future[list[Answer]]) -> None:
        if not waiting.done():
            waiting.set_exception(TimeoutError())
        self._transport.abort()
