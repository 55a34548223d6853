"""The journal: what happened, one line an event, for the person who runs this.

An event has a constant name and fields that are ids, counts and times: never a member's words, name or address, never
a token. `event` is for the house; bridges, which import nothing of it, write the same with the standard library:

    logging.getLogger("filcommun.telegram").info("poll.late", extra={"fields": {"wait": 3.2}})

Every name stands in `bot/journal_events.py` with its meaning. What looks like a secret or an address is taken out of
every line all the same: that is the last line of defence, not a reason to be careless.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

Subscriber = Callable[[str, Mapping[str, Any]], None]

#: For what only a test or a hunt for a fault wants to hear.
DEBUG = logging.DEBUG
_HOUSE = logging.getLogger("filcommun")
_PACKAGES = ("bot", "bridges", "store", "bench")
_ROOT = Path(__file__).resolve().parent.parent
#: They tell of every request, with its address (a bot's token is part of it) or its words.
_CHATTERING = (
    "aiohttp.access",
    "aioimaplib",
    "aiosmtplib",
    "alembic",
    "asyncio",
    "httpcore",
    "httpx",
    "mail.log",
    "pymap",
    "signalbot",
    "sqlalchemy",
    "telegram",
    "websockets",
)
#: Fields that are lengths of time: a number of seconds, shown as people say it.
_SPANS = frozenset({"took", "next", "after", "age", "wait", "since", "every", "late"})

_REDACTED = "[redacted]"
_TELLING = re.compile(
    r"""
      (?<!\d) \d{6,} : [A-Za-z0-9_-]{30,}                     # a bot's token, in a URL too
    | (?<=://) [^\s/@:]* : [^\s/@]* (?=@)                      # the user and password of a URL
    | [^\s@<>"'(),;:=]+ (?:@|%40) (?!\d+\.\d+\.\d+\.\d+) [^\s@<>"'(),;:=]+ \. \w{2,}     # a mail address
    | (?:\+|(?<!\d)00) [ ]? \d (?: [ .()/-]{0,2} \d ){6,14}    # a telephone number with its country
    | (?<![\d.]) 0\d (?: [ .-]? \d{2} ){4} (?!\d)             # one as France writes it
    | (?<![\d.]) \d{9,} (?!\d|\.\d)                         # digits in a row: a number, a chat's id
    | (?<![0-9a-fA-F]) [0-9a-fA-F]{8} -? (?: [0-9a-fA-F]{4} -? ){3} [0-9a-fA-F]{12} (?![0-9a-fA-F])  # a UUID
    | (?<![\w/+]) (?: [a-z2-7]{24,} | [A-Z2-7]{24,} ) (?![\w/+])  # a derived token
    | (?<![\w/+-]) (?= [\w/+-]*\d ) [\w/+-]{32,} ={0,2}        # a key, a group's id
    """,
    re.VERBOSE,
)
#: No digit, no "@": nothing of the above is possible in so short a text.
_HARMLESS = re.compile(r"[A-Za-z_. \-]{0,23}\Z").match
_BARE = re.compile(r"[^\s\"=]+\Z").match

_subscribers: tuple[Subscriber, ...] = ()
_handler: logging.Handler | None = None


def event(name: str, /, level: int = logging.INFO, **fields: Any) -> None:
    """Tell that `name` happened. Costs next to nothing while nobody reads and nobody subscribes."""
    if _HOUSE.isEnabledFor(level):
        # Made by hand: looking up the caller's line costs more than everything else here, and nobody shows it.
        record = logging.LogRecord("filcommun", level, "", 0, name, None, None)
        record.fields = fields
        _HOUSE.handle(record)


def error(name: str, /, **fields: Any) -> None:
    """Tell that `name` happened because of the exception being handled: its class and our own lines, not its words."""
    _HOUSE.error(name, exc_info=True, extra={"fields": fields})


def subscribe(callback: Subscriber) -> Callable[[], None]:
    """Call `callback(event, fields)` for every event of ours, before the next line runs; returns what ends that."""
    global _subscribers
    _subscribers = (*_subscribers, callback)
    _settle()

    def end() -> None:
        global _subscribers
        _subscribers = tuple(one for one in _subscribers if one is not callback)
        _settle()

    return end


def setup(
    level: int = logging.INFO,
    stream: TextIO | None = None,
    form: Literal["text", "json"] = "text",
    times: bool | None = None,
) -> None:
    """Write the journal to `stream` (stderr), as lines of text or of JSON. Called once, at start.

    `times`: begin each line with the time; by default unless systemd's journal reads, which adds its own.
    """
    global _handler
    root = logging.getLogger()
    if _handler is not None:
        root.removeHandler(_handler)
    _handler = logging.StreamHandler(stream or sys.stderr)
    _handler.setLevel(level)
    _handler.setFormatter((_Json if form == "json" else _Lines)(times=_wants_times() if times is None else times))
    root.addHandler(_handler)
    # A line that cannot be written would be shown with its arguments, words and all, on stderr.
    logging.raiseExceptions = False
    for name in _CHATTERING:
        logging.getLogger(name).setLevel(logging.WARNING)
    _settle()


def redact(text: str) -> str:
    """`text` without what looks like a token, an address, a telephone number or somebody's id."""
    return text if _HARMLESS(text) else _TELLING.sub(_REDACTED, text)


class _Hooks(logging.Handler):
    """Hands events of ours to whoever subscribed."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {})
        for callback in _subscribers:
            callback(str(record.msg), fields)


_hooks = _Hooks(logging.DEBUG)


def _settle() -> None:
    """Let our events through exactly when somebody wants them."""
    _HOUSE.removeHandler(_hooks)
    wanted = logging.WARNING if _handler is None else _handler.level
    if _subscribers:
        _HOUSE.addHandler(_hooks)
        wanted = logging.DEBUG
    _HOUSE.setLevel(wanted)


def _wants_times() -> bool:
    """Does nobody else add the time? systemd says so by this variable."""
    return "JOURNAL_STREAM" not in os.environ


class _Lines(logging.Formatter):
    """`parcel.sent      parcel=812 message=301 took=0.41s`.

    Not structlog's: importing it takes 16 MB and 0.1 s in each process, and a line three times as long.
    """

    def __init__(self, *, times: bool) -> None:
        super().__init__()
        self.times = times
        self.second = (0, "", "")

    def format(self, record: logging.LogRecord) -> str:
        said = _gather(record)
        line = f"{said.pop('event')!s:<16}"
        if said:
            line += " " + " ".join(
                [f"{name}={_shown(name, value)}" for name, value in said.items() if value is not None]
            )
        return (f"{self.time(record.created)} {line}" if self.times else line).rstrip()

    def time(self, made: float) -> str:
        """ISO 8601 with the zone, so that two machines' lines can be compared."""
        second = int(made)
        if self.second[0] != second:
            local = time.localtime(second)
            self.second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", local), time.strftime("%z", local))
        return f"{self.second[1]}.{int(made % 1 * 1000):03d}{self.second[2]}"


class _Json(_Lines):
    """The same as one JSON object; lengths of time in seconds."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            name: value if value is None or isinstance(value, (bool, int, float)) else redact(str(value))
            for name, value in _gather(record).items()
        }
        return json.dumps({"time": self.time(record.created), **said}, ensure_ascii=False)


def _gather(record: logging.LogRecord) -> dict[str, Any]:
    """An event and its fields, from a record of ours or of a library's."""
    said: dict[str, Any] = {"event": record.msg}
    if record.name.startswith("filcommun"):
        said |= getattr(record, "fields", {})
        if record.levelno >= logging.WARNING:
            said["level"] = record.levelname.lower()
    else:
        # The arguments of other people's log calls may be words or addresses: their template must do.
        text = str(record.msg).partition("\n")[0][:200]
        said = {"event": f"library.{record.levelname.lower()}", "logger": record.name, "text": text}
    if record.exc_info and record.exc_info[1]:
        said |= _what_broke(record.exc_info[1])
    return said


def _what_broke(error: BaseException) -> dict[str, str]:
    """The classes of an exception and its causes, and where it came from. Its text may quote a member: not shown."""
    classes, seen, cause = [], set[int](), error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        classes.append(type(cause).__name__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)  # type: ignore[assignment]
    if isinstance(error, BaseExceptionGroup):
        classes.append("+".join(sorted({type(one).__name__ for one in error.exceptions})))
    return {"error": " from ".join(classes), "at": " < ".join(_frames(error.__traceback__))}


def _frames(trace: TracebackType | None) -> list[str]:
    """Our own lines, innermost first, and the library's line where it happened; no values."""
    places: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        path = Path(code.co_filename)
        ours = path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _PACKAGES
        if ours or trace.tb_next is None:
            name = path.relative_to(_ROOT).as_posix() if ours else "/".join(path.parts[-2:])
            places.append(f"{name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[::-1][:8]


def _shown(name: str, value: Any) -> str:
    """One value on one line, in quotation marks where it needs them."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return span(value) if name in _SPANS else f"{value:g}" if isinstance(value, float) else str(value)
    text = redact(str(value))
    return text if _BARE(text) else json.dumps(text, ensure_ascii=False)


def span(seconds: float) -> str:
    """0.41 → "0.41s", 60 → "60s", 5400 → "90m", 259200 → "3d"."""
    if seconds < 10:
        return f"{seconds:.2g}s" if seconds >= 0.1 else f"{seconds * 1000:.3g}ms"
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g}{unit}"
    return f"{seconds:.0f}s"
