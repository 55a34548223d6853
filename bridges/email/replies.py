"""What somebody wrote now: a mail without the mail it answers. Our own, on the standard library and lxml.

In order: our own marker; what programs mark as quote in HTML; "On … wrote:"; header blocks; lines with ">"; signatures.
No library does this well: the best one is wrong on one mail in four.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from email.message import Message
from typing import NamedTuple

from bridges.email import charsets, markup, mime, parent_text, quoting
from bridges.email.quoting import Line

_MAX = 400_000  # characters looked at; a longer mail is no letter
_REPLY_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,60}\]\s*)?(?:re|aw|tr|sv|antw|antwort|odp|res|rif|ref|vs|fwd?|wg|回复|答复)\s*(?:\[\d+\])?\s*[:：]",
    re.IGNORECASE,
)
_MARKER = re.compile(r"[>\s]*r[ée]f ?: ?r\.[a-z0-9._-]{10,60}\s*\Z", re.IGNORECASE)
_ZERO_WIDTH = dict.fromkeys((0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x00AD))


class Reply(NamedTuple):
    """The words, and whether a forwarded mail is among them."""

    text: str
    forward: bool


def reply_text(raw: bytes, parent: str | None = None) -> str:
    """Return what the sender wrote now, without the quote and the signature.

    `raw` is an RFC 5322 message of at most 25 MB, `parent` the text it answers, if we know it.
    When in doubt, keep: a quote left in is ugly, a sentence lost is a reply lost. Never raises.
    """
    try:
        mail = mime.parse(raw)
        return extract(mail, mime.bodies(mail), parent).text
    except Exception:
        # A broken mail: what stands behind its header is better than nothing.
        body = re.split(rb"\r?\n\r?\n", raw[:_MAX], maxsplit=1)[-1]
        return charsets.decode(body).replace("\r\n", "\n").strip()


def extract(mail: Message, found: mime.Bodies, parent: str | None) -> Reply:
    """The reply in a mail that is taken apart."""
    is_reply = bool(
        "in-reply-to" in mail
        or "references" in mail
        or _REPLY_SUBJECT.match(charsets.header(mime.field_of(mail, "subject")))
    )
    plain = mime.chosen_text(found)
    if plain is not None:
        plain = _unquoted_printable(plain)
        return _from_lines(quoting.from_text(_clean(plain)), plain, is_reply=is_reply, parent=parent)
    if found.html and found.html.strip():
        lines = markup.from_html(_clean(found.html)) or quoting.from_text(
            " ".join(re.sub(r"<[^>]*>", " ", _clean(found.html)).split())
        )
        whole = "\n".join(line.shown for line in lines)
        return _from_lines(lines, whole, is_reply=is_reply, parent=parent)
    return Reply((found.plain or "").strip(), forward=False)


def _from_lines(lines: list[Line], whole: str, *, is_reply: bool, parent: str | None) -> Reply:
    """The writer's lines as text; the whole text if nothing would be left (E51)."""
    if is_reply and parent:
        lines = parent_text.mark(lines, parent)
    chosen, forward = quoting.own_lines(
        [line for line in lines if not _MARKER.match(line.text[:200])], is_reply=is_reply
    )
    text = _tidy("\n".join(line.shown for line in chosen if line.kind != "cut"))
    if not text:
        text = _tidy(_clean(whole))
    return Reply(text, forward)


def _unquoted_printable(text: str) -> str:
    """A text that was encoded twice, decoded once more: some servers wrap what is already quoted-printable."""
    if len(re.findall(r"[^=]=\n", text[:20_000])) < 3 or not re.search(r"=[0-9A-F]{2}", text[:20_000]):
        return text
    return charsets.decode(a2b_qp(text[:_MAX].encode("utf-8", "replace")))


def _clean(text: str) -> str:
    """Without marks nobody sees; at most 400 kB."""
    return text[:_MAX].translate(_ZERO_WIDTH).replace("\r\n", "\n").replace("\x0c", "\n")


def _tidy(text: str) -> str:
    """No blank lines at either end, at most two in a row, no blanks at lines' ends."""
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n").rstrip()
