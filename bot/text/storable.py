"""Words that every database and channel takes: without NUL, and without halves of surrogate pairs.

JSON may hold both, so a channel may give them; what cannot be written to the store would come again for ever.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from bot.text.rich import Rich, Span

_HALF = re.compile("[\ud800-\udfff]")
_Kept = TypeVar("_Kept")


def storable(found: _Kept) -> _Kept:
    """The same event (or text, or tuple of them) with every half of a pair as U+FFFD and every NUL left out."""
    cleaned: _Kept = _cleaned(found)
    return cleaned


def _cleaned(found: Any) -> Any:
    if isinstance(found, str):
        return found if _is_clean(found) else _HALF.sub("\ufffd", found.replace("\0", ""))
    if isinstance(found, tuple):
        new = tuple(_cleaned(one) for one in found)
        return new if any(one is not old for one, old in zip(new, found, strict=True)) else found
    if isinstance(found, Rich):
        if _is_clean(found.text) and all(_is_clean(span.data) for span in found.spans):
            return found
        return _rich(found)
    if not is_dataclass(found) or isinstance(found, type):
        return found
    changed = {}
    for field in fields(found):
        old = getattr(found, field.name)
        if (new := _cleaned(old)) is not old:
            changed[field.name] = new
    return replace(found, **changed) if changed else found


def _is_clean(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not _HALF.search(text))


def _rich(found: Rich) -> Rich:
    """The spans stay on the words they mark."""

    def moved(offset: int) -> int:
        return offset - found.text.count("\0", 0, offset)

    spans = (Span(s.kind, moved(s.start), moved(s.end), _cleaned(s.data)) for s in found.spans)
    return Rich(_cleaned(found.text), tuple(s for s in spans if s.start < s.end))
