"""A raw mail taken apart under limits: its parts, its two bodies, its attachments' names. Runs in the worker process.

Every limit has a name: a mail that breaks one is `Unreadable` with that name, kept, and shown to an organizer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as default
from email import policy
from email.message import Message
from email.parser import BytesParser

from bridges.email import charsets, headers
from bridges.email.peek import split

MAX_HEADER_BLOCK = 64 * 1024
MAX_FIELD = 16 * 1024
MAX_PARTS = 200
MAX_DEPTH = 20
MAX_TEXT = 1024 * 1024

_FIELD_END = re.compile(rb"\r?\n(?![ \t])")
_BOUNDARY_LINE = re.compile(rb"^--\S", re.MULTILINE)
_LOOK_AT_HTML = re.compile(
    r"(?:view|read|open|display)\b.{0,60}\b(?:html|browser)|version html|format html|navigateur",
    re.IGNORECASE | re.DOTALL,
)


class DefectError(ValueError):
    """Why a mail cannot be read, in words that name nothing of it."""


def fields(mail: Message, name: str) -> list[str]:
    """Every field of that name as written, on one line, raw 8-bit repaired; encoded words are left as they are.

    `Message.get` would make a Header of raw 8-bit, which shows it as question marks.
    """
    wanted = name.lower()
    return [
        " ".join(charsets.decode(str(value).encode("utf-8", "surrogateescape")).split())
        for key, value in mail.raw_items()
        if key.lower() == wanted
    ]


def field_of(mail: Message, name: str) -> str:
    """The first field of that name, empty if there is none."""
    return next(iter(fields(mail, name)), "")


@dataclass(slots=True)
class Attachment:
    """A part that is a file."""

    name: str
    type: str
    size: int


@dataclass(slots=True)
class Bodies:
    """What a mail shows."""

    plain: str | None = None
    html: str | None = None
    attachments: list[Attachment] = default(default_factory=list)
    total: int = 0  # characters of text decoded so far
    parts: int = 0


def parse(raw: bytes) -> Message:
    """The mail, if its header keeps the limits. Raises DefectError."""
    header, _ = split(raw[: MAX_HEADER_BLOCK + 4096])
    if len(header) > MAX_HEADER_BLOCK:
        raise DefectError("its header is longer than 64 kB")
    if any(len(each) > MAX_FIELD for each in _FIELD_END.split(header)):
        raise DefectError("a header field is longer than 16 kB")
    # The parser is called only on what it can take: a part needs a boundary line, whatever else such a line may be.
    if sum(1 for _ in zip(_BOUNDARY_LINE.finditer(raw), range(20_001), strict=False)) > 20_000:
        raise DefectError("it has more than 200 parts")
    try:
        mail = BytesParser(policy=policy.compat32).parsebytes(raw)
    except RecursionError:
        raise DefectError("its parts are nested deeper than 20") from None
    if not mail.keys():
        raise DefectError("it has no header")
    return mail


def bodies(mail: Message) -> Bodies:
    """The text and HTML of the mail itself, not of mails within it. Raises DefectError."""
    found = Bodies()
    try:
        _collect(mail, found, 0)
    except RecursionError:
        raise DefectError("its parts are nested deeper than 20") from None
    return found


def _collect(part: Message, found: Bodies, depth: int) -> None:
    found.parts += 1
    if found.parts > MAX_PARTS:
        raise DefectError("it has more than 200 parts")
    if depth > MAX_DEPTH:
        raise DefectError("its parts are nested deeper than 20")
    # Asked for its text, a part decodes it by a charset that a stranger wrote; only children are wanted here.
    payload = part.get_payload() if part.is_multipart() else None
    if part.get_content_maintype() == "multipart" and isinstance(payload, list):
        for each in payload:
            if isinstance(each, Message):
                _collect(each, found, depth + 1)
        return
    kind = part.get_content_type()
    if kind == "message/rfc822" or isinstance(payload, list):
        found.attachments.append(Attachment(_filename(part) or "message.eml", "message/rfc822", 0))
        return
    if _is_file(part, kind):
        data = part.get_payload(decode=True)
        found.attachments.append(Attachment(_filename(part), kind, len(data) if isinstance(data, bytes) else 0))
    elif kind == "text/html" and found.html is None:
        found.html = _text(part, found)
    elif kind.startswith(("text/", "multipart/")) and kind not in {"text/calendar", "text/vcard", "text/html"}:
        # Apple Mail writes several text parts around its pictures; a multipart without parts is a broken text.
        text = _text(part, found)
        found.plain = text if found.plain is None else f"{found.plain.rstrip()}\n{text}"


def _is_file(part: Message, kind: str) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    if disposition.startswith("attachment"):
        return True
    return not kind.startswith(("text/", "multipart/")) or (kind != "text/html" and bool(_filename(part)))


def _filename(part: Message) -> str:
    """The name of a file, on one line, without a path."""
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, IndexError):
        name = ""
    return headers.clean(charsets.header(name)).replace("\\", "/").rpartition("/")[2][:120]


def _text(part: Message, found: Bodies) -> str:
    """A text part decoded, its lines unfolded if they are flowed; at most 1 MB of them in one mail."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    found.total += len(data)
    if found.total > MAX_TEXT:
        raise DefectError("it has more than 1 MB of text")
    text = charsets.decode(data, parameter(part, "charset")).replace("\r\n", "\n").replace("\r", "\n")
    if parameter(part, "format").lower() == "flowed":
        return unflow(text, delete_space=parameter(part, "delsp").lower() == "yes")
    return text


def parameter(part: Message, name: str) -> str:
    """A parameter of Content-Type, whatever form it has."""
    try:
        value = part.get_param(name, "")
    except (ValueError, LookupError, TypeError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def unflow(text: str, *, delete_space: bool = False) -> str:
    """RFC 3676: a line that ends in a blank goes on in the next, if both are quoted equally deep."""
    out: list[str] = []
    flowing = -1  # the quote depth of the line that goes on
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if depth == flowing and content != "-- ":
            out[-1] = (out[-1][:-1] if delete_space else out[-1]) + content
        else:
            out.append(">" * depth + (" " if depth and content else "") + content)
        # "-- " ends in a blank and goes on nowhere: it is the signature's mark.
        flowing = depth if content.endswith(" ") and content != "-- " else -1
    return "\n".join(out)


def chosen_text(found: Bodies) -> str | None:
    """The plain body if it says something of its own, else None: then the HTML is read (E47)."""
    plain = found.plain
    if plain is None or not plain.strip():
        return None
    if found.html and len(plain) < 400 and len(found.html) > 4 * len(plain) and _LOOK_AT_HTML.search(plain):
        return None
    return plain
