"""Rich text: characters and the spans that mark them; the one form all channels are read into and written from.

Offsets are Python characters (code points), never UTF-16 units: Telegram and Signal convert at their door.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["bold", "italic", "underline", "strike", "spoiler", "code", "pre", "link", "quote", "mention"]


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` is `kind`; `data` is the address of a link, the language of a `pre`, the id of a mention."""

    kind: Kind
    start: int
    end: int
    data: str = ""


@dataclass(frozen=True, slots=True)
class Rich:
    """Text and its spans, in the order they start."""

    text: str
    spans: tuple[Span, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def __add__(self, other: Rich | str) -> Rich:
        if isinstance(other, str):
            return Rich(self.text + other, self.spans)
        shift = len(self.text)
        moved = tuple(Span(s.kind, s.start + shift, s.end + shift, s.data) for s in other.spans)
        return Rich(self.text + other.text, self.spans + moved)

    def marked(self, kind: Kind, data: str = "") -> Rich:
        """The same text, all of it inside one more span."""
        return Rich(self.text, (Span(kind, 0, len(self.text), data), *self.spans)) if self.text else self

    def slice(self, start: int, end: int) -> Rich:
        """Characters `start` to `end`, with what the spans still cover of them."""
        kept = (
            Span(s.kind, max(s.start, start) - start, min(s.end, end) - start, s.data)
            for s in self.spans
            if s.start < end and s.end > start
        )
        return Rich(self.text[start:end], tuple(kept))

    def strip(self) -> Rich:
        """Without white space at either end."""
        left = len(self.text) - len(self.text.lstrip())
        return self.slice(left, len(self.text.rstrip())) if self.text.strip() else Rich("")


def bold(text: str) -> Rich:
    """`text`, in bold."""
    return Rich(text).marked("bold")


def join(pieces: Iterable[Rich | str], between: str = "") -> Rich:
    """The pieces one after the other, `between` standing between them."""
    whole = Rich("")
    for position, piece in enumerate(pieces):
        whole = whole + (between if position else "") + piece
    return whole


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` takes: what Telegram and Signal count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_utf16(text: str, offset: int) -> int:
    """The UTF-16 offset of character `offset`."""
    return utf16_length(text[:offset])


def from_utf16(text: str, offset: int) -> int:
    """The character that stands at UTF-16 `offset`; inside a surrogate pair, the character itself; past the end, the end."""
    units = 0
    for position, char in enumerate(text):
        width = 2 if char > "\uffff" else 1
        if units + width > offset:
            return position
        units += width
    return len(text)


def to_json(rich: Rich) -> list[list[object]]:
    """The spans as JSON: `[[kind, start, end, data], …]`."""
    return [[s.kind, s.start, s.end, s.data] for s in rich.spans]


def from_json(text: str, spans: Iterable[Iterable[object]] | None) -> Rich:
    """The opposite of `to_json`; a span that does not fit the text is dropped."""
    kept = []
    for kind, start, end, data in spans or ():
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text):
            kept.append(Span(str(kind), start, end, str(data)))  # type: ignore[arg-type]
    return Rich(text, tuple(kept))
