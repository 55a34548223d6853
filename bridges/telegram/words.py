"""Text with Telegram's entities, and our text with spans: the same words, counted differently.

Telegram counts UTF-16 units, we count characters: an emoji before a link would shift it by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.text.rich import Kind, Rich, Span, to_utf16

from .fields import Fields

#: Telegram's names and ours. "mention" is not here: a Telegram id leaves only into a room whose people know it,
#: which the core decides, in words; plain addresses ("url") stay plain, every reader's program finds them itself.
_OURS: dict[str, Kind] = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "text_link": "link",
    "blockquote": "quote",
    "expandable_blockquote": "quote",
    "text_mention": "mention",
}
_THEIRS = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strike": "strikethrough",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "link": "text_link",
    "quote": "blockquote",
}
STYLES: frozenset[Kind] = frozenset(k for k in _OURS.values() if k != "mention")
_LINK = re.compile(r"(?:https?://|tg://|mailto:)\S+\Z", re.IGNORECASE)
MAX_ENTITIES = 100  # the service ignores the rest; we choose which: the first ones


def rich(text: str, entities: Sequence[Fields]) -> Rich:
    """Read `text` and its entities; an entity outside the text, or of a kind we do not keep, is dropped; NUL goes."""
    marks = [(kind, e) for e in entities if (kind := _OURS.get(e.text("type")))]
    found = Rich(text, _spans(text, marks)) if marks else Rich(text)
    return found if "\0" not in text else without_nul(found)


def _spans(text: str, marks: list[tuple[Kind, Fields]]) -> tuple[Span, ...]:
    """The entities as spans, in the order they start, the longer first."""
    at = _characters(text)
    spans = []
    for kind, entity in marks:
        offset, length = entity.number("offset"), entity.number("length")
        if offset < 0 or length <= 0 or offset + length >= len(at):
            continue
        start, end = at[offset], at[offset + length]
        if start < end:
            spans.append(Span(kind, start, end, _data(kind, entity)))
    return tuple(sorted(spans, key=lambda span: (span.start, -span.end)))


def _characters(text: str) -> Sequence[int]:
    """For each UTF-16 offset, which character stands there (inside a surrogate pair: that character); the end last."""
    if text.isascii() or all(char <= "\uffff" for char in text):
        return range(len(text) + 1)
    at: list[int] = []
    for position, char in enumerate(text):
        at.append(position)
        if char > "\uffff":
            at.append(position)
    at.append(len(text))
    return at


def _data(kind: Kind, entity: Fields) -> str:
    """What the span carries: an address, a language, a person's id."""
    if kind == "link":
        return entity.text("url")
    if kind == "pre":
        return entity.text("language")
    if kind == "mention":
        return str(entity.must("user").number("id"))
    return ""


def without_nul(found: Rich) -> Rich:
    """The same words without NUL, the spans moved to where their words now are."""
    text = found.text

    def moved(offset: int) -> int:
        return offset - text.count("\0", 0, offset)

    spans = (Span(s.kind, moved(s.start), moved(s.end), s.data) for s in found.spans)
    return Rich(text.replace("\0", ""), tuple(s for s in spans if s.start < s.end))


def entities(what: Rich) -> list[dict[str, Any]]:
    """Write the spans Telegram can show as entities, at most a hundred."""
    found = []
    for span in what.spans:
        kind = _THEIRS.get(span.kind)
        start, end = max(span.start, 0), min(span.end, len(what.text))
        if kind is None or start >= end or (kind == "text_link" and not _LINK.match(span.data)):
            continue
        offset = to_utf16(what.text, start)
        entity: dict[str, Any] = {"type": kind, "offset": offset, "length": to_utf16(what.text, end) - offset}
        if kind == "text_link":
            entity["url"] = span.data
        elif kind == "pre" and span.data:
            entity["language"] = span.data
        found.append(entity)
    return found[:MAX_ENTITIES]


def sendable(text: str) -> str:
    """`text` as UTF-8 can carry it: half a surrogate pair becomes U+FFFD, which counts the same."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
