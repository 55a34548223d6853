"""The parser process: raw mail in, what it says out. It holds the only code that meets a stranger's MIME.

    python -m bridges.email.parser

reads frames (4 bytes of length, then the bytes) from standard input: first the settings as JSON, then raw mails, each
answered with a JSON object. It imports neither the core nor the store, has 512 MB and no secrets, and is killed and
started again when a mail takes too long.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from hashlib import blake2b
from typing import Any, BinaryIO

from bridges.email import automatic, charsets, headers, identity, mime

MEMORY = 512 * 1024 * 1024
_FRAME = struct.Struct(">I")
_IDS = re.compile(r"<([^<>\s]{1,250})>")
#: Where our own address may stand, the nearest to the envelope first (E41).
_RECIPIENT_FIELDS = (
    "x-gm-original-to", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "resent-to", "resent-cc", "to", "cc",
)  # fmt: skip
_FORWARDED = re.compile(r"\s*(?:fwd?|tr|wg|doorst|rv|enc|i)\s*:", re.IGNORECASE)
_MAX_REFERENCES = 12


def read(raw: bytes, settings: dict[str, str]) -> dict[str, Any]:
    """One mail as plain data: `kind` is message, failed, ignored or unreadable; the rest fits `incoming.events`."""
    cut = raw.startswith(settings["cut_header"].encode())
    try:
        mail = mime.parse(raw)
    except mime.DefectError as defect:
        return {"kind": "unreadable", "why": str(defect)}
    ours = _our_tokens(mail, settings)
    bounces = [token for token in ours if token.startswith("b.")]
    is_report = mail.get_content_type() == "multipart/report"
    if bounces or is_report:
        # Nothing that arrives at a bounce address is ever posted (E12).
        return _bounce(mail, bounces, settings)
    if mime.field_of(mail, settings["loop_header"]) == settings["loop_id"]:
        return {"kind": "ignored", "why": "ours"}
    if cut:
        return {"kind": "unreadable", "why": "it is larger than 25 MB"}
    try:
        address, name = identity.sender(mime.fields(mail, "from"))
    except identity.NotOneSenderError as error:
        return {"kind": "unreadable", "why": str(error)}
    if address == settings["address"] or _token_in(address, settings):
        return {"kind": "ignored", "why": "ours"}
    subject = headers.clean(charsets.header(mime.field_of(mail, "subject")))[:500]
    if why := automatic.why_automatic(mail, subject, address):
        return {"kind": "ignored", "why": f"automatic-{why}"}
    try:
        return {**_message(mail, raw, settings), "address": address, "name": name, "subject": subject, "tokens": ours}
    except mime.DefectError as defect:
        return {"kind": "unreadable", "why": str(defect)}


def _message(mail: Message, raw: bytes, settings: dict[str, str]) -> dict[str, Any]:
    """What somebody wrote. Raises DefectError."""
    from bridges.email import replies

    found = mime.bodies(mail)
    reply = replies.extract(mail, found, None)
    text = _without_secrets(reply.text, settings)
    address = identity.sender(mime.fields(mail, "from"))[0]
    message_id = (
        next(iter(_IDS.findall(mime.field_of(mail, "message-id"))), "")
        or f"{blake2b(raw, digest_size=16).hexdigest()}@missing"
    )
    return {
        "kind": "message",
        "text": text,
        "forward": bool(reply.forward or _FORWARDED.match(charsets.header(mime.field_of(mail, "subject")))),
        "id": message_id,
        "date": _date(mail),
        "references": _references(mail, settings),
        "authentic": identity.verdict(mime.fields(mail, "authentication-results"), settings["authserv_id"], address),
        "files": [[each.name, each.type, each.size] for each in found.attachments[:50]],
    }


def _bounce(mail: Message, bounces: list[str], settings: dict[str, str]) -> dict[str, Any]:
    """A report about something we sent, or an answering machine at the bounce address."""
    said = automatic.report(mail, settings["bounce_header"])
    token = (bounces[0] if bounces else said.token).removeprefix("b.")
    if said.action == "failed" and token:
        status = said.status or "5.0.0"
        return {"kind": "failed", "token": token, "permanent": automatic.permanent(status), "reason": status}
    return {"kind": "ignored", "why": f"report-{said.action or 'other'}" if token else "automatic-report"}


def _our_tokens(mail: Message, settings: dict[str, str]) -> list[str]:
    """r.TOKEN, b.TOKEN and c.SLUG in the addresses this mail went to, nearest to the envelope first."""
    found: dict[str, None] = {}
    for name in _RECIPIENT_FIELDS:
        for field in mime.fields(mail, name)[:20]:
            for address in identity.addresses(charsets.header(field)):
                if token := _token_in(address, settings):
                    found[token] = None
    return list(found)[:10]


def _token_in(address: str, settings: dict[str, str]) -> str:
    """The token in an address of ours; empty if it has none. A lost "+" and changed case are forgiven (E1)."""
    local, _, domain = address.lower().rpartition("@")
    own, _, our_domain = settings["address"].rpartition("@")
    if domain != our_domain:
        return ""
    found = re.fullmatch(rf"(?:{re.escape(own)}[+_-]?)?([rbc]\.[a-z0-9._-]{{1,60}})", local)
    return found[1] if found else ""


def _references(mail: Message, settings: dict[str, str]) -> list[str]:
    """The Message-IDs it answers, nearest first; ours without our domain, as the rest of the program knows them."""
    chain = _IDS.findall(mime.field_of(mail, "references"))[-_MAX_REFERENCES:]
    nearest = _IDS.findall(mime.field_of(mail, "in-reply-to"))[:2] + chain[::-1]
    domain = "@" + settings["address"].rpartition("@")[2]
    return list(dict.fromkeys(each.removesuffix(domain) if each.endswith(domain) else each for each in nearest))


#: A line of a forwarded mail's head ("To: bruno@…"), or the line above a quote ("Le 3 mars, Bruno <bruno@…> a écrit :").
_HEAD_LINE = re.compile(
    r"^[> \t*]*(?:(?:de|from|von|da|exp[ée]diteur|à|a|to|an|para|destinataires?|cci?|bcc|copie|r[ée]pondre à|reply-to)[ \t*]*:"
    r"|.*(?:a écrit|wrote|schrieb|ha scritto|escribió)[ \t]*:[ \t]*$).*",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_ADDRESS = re.compile(
    r"[ \t]*[<(\[]?(?:mailto:)?[^\s<>,;:()\[\]]{1,64}@[^\s<>,;:()\[\]]{1,255}[>)\]]?", re.IGNORECASE
)


def _without_addresses(line: re.Match[str]) -> str:
    return _MAIL_ADDRESS.sub("", line[0])


def _without_secrets(text: str, settings: dict[str, str]) -> str:
    """The text without what nobody wrote for the others (E52): our tokens, and the addresses a program put into a quote."""
    own, _, domain = settings["address"].rpartition("@")
    pattern = rf"(?:{re.escape(own)}\+)?\b[rb]\.[a-z0-9._-]{{10,60}}@{re.escape(domain)}"
    text = re.sub(pattern, settings["address"], text, flags=re.IGNORECASE)
    text = re.sub(r"^[> \t]*r[ée]f ?: ?r\.[a-z0-9._-]{10,60}[ \t]*$\n?", "", text, flags=re.IGNORECASE | re.MULTILINE)
    text = re.sub(r"[ \t]*\br[ée]f ?: ?r\.[a-z0-9._-]{10,60}", "", text, flags=re.IGNORECASE)
    text = _HEAD_LINE.sub(_without_addresses, text)
    return text.strip("\n")


def _date(mail: Message) -> float | None:
    """Seconds since 1970, if the Date field says so."""
    try:
        parsed = parsedate_tz(mime.field_of(mail, "date"))
        return float(mktime_tz(parsed)) if parsed else None
    except (ValueError, OverflowError, TypeError):
        return None


def limit_memory() -> None:
    """No more than 512 MB of address space: a bomb kills this process, not the bot."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def answer(raw: bytes, settings: dict[str, str]) -> dict[str, Any]:
    """`read`, whatever happens."""
    try:
        return read(raw, settings)
    except MemoryError:
        return {"kind": "unreadable", "why": "reading it takes more than 512 MB"}
    except RecursionError:
        return {"kind": "unreadable", "why": "its parts are nested deeper than 20"}
    except Exception as error:
        return {"kind": "unreadable", "why": f"the parser failed on it ({type(error).__name__})"}


def _frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = _FRAME.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def main() -> None:
    """Serve until standard input ends, which it does when the bot ends, however it ends."""
    limit_memory()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    settings = json.loads(_frame(source) or b"{}")
    while (raw := _frame(source)) is not None:
        data = json.dumps(answer(raw, settings)).encode()
        sink.write(_FRAME.pack(len(data)) + data)
        sink.flush()


if __name__ == "__main__":
    main()
