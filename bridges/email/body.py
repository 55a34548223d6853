"""Rich text as the two bodies of a mail: text and HTML with the same words, both 7-bit safe.

The text stands for itself (RFC 2046, section 5.1.4: the plainest first); the HTML adds only its looks.
"""

from __future__ import annotations

from binascii import b2a_qp
from html import escape
from itertools import pairwise

from bot.text.rich import Kind, Rich, Span

#: The spans a mail shows.
STYLES: frozenset[Kind] = frozenset({"bold", "italic", "underline", "strike", "code", "pre", "link", "quote"})

_TAGS: dict[str, tuple[str, str]] = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strike": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ('<span style="font-family:monospace;white-space:pre-wrap">', "</span>"),
    "quote": ('<span style="display:block;border-left:3px solid #aaa;padding-left:.7em;color:#444">', "</span>"),
}
_SAFE_LINKS = ("http://", "https://", "mailto:", "tel:")


def plain(rich: Rich) -> str:
    """The words alone: a link's address follows it in angle brackets, quoted lines begin with "> "."""
    if not rich.spans:
        return rich.text
    text = rich.text
    # From the end, so that what is inserted moves no span that is still to come.
    for span in sorted(rich.spans, key=lambda s: s.end, reverse=True):
        shown = text[span.start : span.end]
        if span.kind == "link" and span.data.startswith(_SAFE_LINKS) and span.data not in {shown, f"mailto:{shown}"}:
            text = f"{text[: span.end]} <{span.data}>{text[span.end :]}"
    return _quote_lines(rich, text) if any(span.kind == "quote" for span in rich.spans) else text


def _quote_lines(rich: Rich, text: str) -> str:
    """Lines of `text` that stand in a quote of `rich`, marked; line numbers agree because links add none."""
    quoted: set[int] = set()
    for span in rich.spans:
        if span.kind == "quote" and span.end > span.start:
            first = rich.text.count("\n", 0, span.start)
            quoted.update(range(first, first + rich.text.count("\n", span.start, span.end - 1) + 1))
    return "\n".join(f"> {line}" if number in quoted else line for number, line in enumerate(text.split("\n")))


def html(rich: Rich) -> str:
    """The same words with their looks; nothing in them is markup, links lead only where mail may lead."""
    cuts = sorted({0, len(rich.text), *(edge for span in rich.spans for edge in (span.start, span.end))})
    pieces: list[str] = []
    for start, end in pairwise(cuts):
        inside = [span for span in rich.spans if span.start <= start and span.end >= end]
        opened = [_tag(span) for span in inside]
        pieces.extend(before for before, _ in opened)
        # A line break in the source behind <br> keeps the source's lines short before it is encoded.
        pieces.append(escape(rich.text[start:end], quote=False).replace("\n", "<br>\n"))
        pieces.extend(after for _, after in reversed(opened))
    return "".join(pieces)


def _tag(span: Span) -> tuple[str, str]:
    """What opens and closes `span`."""
    if span.kind == "link":
        if not span.data.startswith(_SAFE_LINKS):
            return "", ""
        return f'<a href="{escape(span.data)}">', "</a>"
    return _TAGS.get(span.kind, ("", ""))


def quoted_printable(text: str) -> bytes:
    """Lines of at most 76 ASCII characters ending in CRLF; a dot or "From " at a line's start is harmless."""
    data = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").encode("utf-8", "replace")
    encoded = b2a_qp(data.replace(b"\n", b"\r\n"), istext=True, quotetabs=False)
    # Old mailboxes turn a line's "From " into ">From "; encoded, it is no such line any more.
    encoded = encoded.replace(b"\r\nFrom ", b"\r\n=46rom ")
    return b"=46" + encoded[1:] if encoded.startswith(b"From ") else encoded
