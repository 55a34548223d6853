"""Raw mails → events, by way of the parser process: what kills it is `Unreadable`, and the next mail is read."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.core.errors import Unreadable
from bot.core.events import DeliveryFailed, Event, Ignored, MessageReceived, Person, Place, RemoteFile
from bot.text.rich import Rich
from bridges.email.intake import CUT_HEADER
from bridges.email.outgoing import BOUNCE_HEADER, LOOP_HEADER, loop_id

if TYPE_CHECKING:
    from bridges.email.settings import Email

_log = logging.getLogger("filcommun.email")

_FRAME = struct.Struct(">I")
_SECONDS = 10.0
_ROOT = Path(__file__).resolve().parents[2]


class Reader:
    """The parser process and what its answers mean. One mail at a time."""

    def __init__(self, settings: Email) -> None:
        self._address = settings.address
        self._hello = json.dumps({
            "address": settings.address,
            "authserv_id": settings.authserv_id,
            "loop_header": LOOP_HEADER,
            "loop_id": loop_id(settings.address).decode(),
            "bounce_header": BOUNCE_HEADER,
            "cut_header": CUT_HEADER.decode(),
        }).encode()  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self.seconds = _SECONDS

    async def read(self, raw: bytes) -> Sequence[Event]:
        """The events of one raw mail. Raises Unreadable with the name of its defect."""
        if not raw:
            return ()  # it only carried the cursor
        async with self._lock:
            found = await self._ask(raw)
        return events(found, self._address)

    async def close(self) -> None:
        """End the parser process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _ask(self, raw: bytes) -> dict[str, Any]:
        """The parser's answer; a parser that is silent or dead is replaced for the next mail."""
        # Once more if it had died of something else since the last mail; never twice of one mail.
        alive = self._process is not None and self._process.returncode is None
        try:
            # Not wait_for: before Python 3.12 it may lose a cancellation that comes with the answer.
            async with asyncio.timeout(self.seconds):
                return await self._exchange(raw)
        except TimeoutError:
            await self.close()
            raise Unreadable(f"reading it took more than {self.seconds:.0f} seconds") from None
        except (OSError, EOFError, ValueError) as error:
            await self.close()
            if alive and isinstance(error, (BrokenPipeError, ConnectionResetError)):
                return await self._ask(raw)
            _log.warning("mail.parser_died", extra={"fields": {"bytes": len(raw)}})
            raise Unreadable("the parser died of it") from None
        except asyncio.CancelledError:
            # Its answer would be taken for the next mail's.
            await self.close()
            raise

    async def _exchange(self, raw: bytes) -> dict[str, Any]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(_FRAME.pack(len(raw)) + raw)
        await process.stdin.drain()
        (length,) = _FRAME.unpack(await process.stdout.readexactly(4))
        found: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
        return found

    async def _start(self) -> asyncio.subprocess.Process:
        """A new parser. It gets no environment of ours: that holds passwords, and it reads strangers' bytes."""
        kept = {
            name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT"}
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bridges.email.parser",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**kept, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            # Not stopped by the terminal's Ctrl-C: the bot still has mails to finish.
            start_new_session=True,
        )
        if process.stdin is None:
            raise EOFError
        process.stdin.write(_FRAME.pack(len(self._hello)) + self._hello)
        return process


def events(found: Mapping[str, Any], address: str) -> Sequence[Event]:
    """What the parser's answer means. Raises Unreadable."""
    match found["kind"]:
        case "unreadable":
            raise Unreadable(str(found["why"]))
        case "ignored":
            return (Ignored(str(found["why"])),)
        case "failed":
            return (DeliveryFailed(str(found["token"]), bool(found["permanent"]), str(found["reason"])),)
    files = tuple(
        RemoteFile(id=f"{found['id']}/{number}", name=name, type=kind, size=size, kind=_kind(kind))
        for number, (name, kind, size) in enumerate(found["files"])
    )
    text = str(found["text"])
    if not text and files:
        # Nothing empty is ever posted: the names of what came stand for it.
        text = "\n".join(f"[{file.name or file.type}]" for file in files)
    return (
        MessageReceived(
            place=Place(address),
            sender=Person(found["address"], found["name"]),
            remote_id=found["id"],
            text=Rich(text),
            sent_at=_sent_at(found["date"]),
            subject=found["subject"],
            tokens=tuple(found["tokens"]),
            references=tuple(found["references"]),
            authentic=found["authentic"],
            evidence="forward" if found["forward"] else "direct",
            files=files,
        ),
    )


def _sent_at(seconds: float | None) -> datetime:
    """When it says it was sent; a date in the future, or none, is now (E46)."""
    now = datetime.now(UTC)
    try:
        sent = datetime.fromtimestamp(seconds, UTC) if seconds is not None else now
    except (ValueError, OverflowError, OSError):
        return now
    return now if sent > now + timedelta(minutes=2) else sent


def _kind(mime: str) -> Any:
    """What sort of file it is."""
    return {"image": "photo", "video": "video", "audio": "audio"}.get(mime.partition("/")[0], "document")
