"""The words of a Signal message: mentions, styles and files, from Signal's UTF-16 units to our characters."""

from __future__ import annotations

import re
from typing import Any

from bot.core.errors import Unreadable
from bot.core.events import RemoteFile
from bot.text.rich import Kind, Rich, Span

MOST_TEXT = 2**20
LONG_TEXT = "text/x-signal-plain"  # the attachment that holds the whole of a text above 2,000 bytes
_MOST_MARKS = 500  # spans and mentions in one message
_STYLES: dict[str, Kind] = {
    "BOLD": "bold",
    "ITALIC": "italic",
    "SPOILER": "spoiler",
    "STRIKETHROUGH": "strike",
    "MONOSPACE": "code",
}
_LOOKS_LIKE_AN_ID = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\+?[0-9 ().-]{5,})", re.IGNORECASE)
_HALF = re.compile("[\ud800-\udfff]")
_NAMELESS = "@…"  # somebody whose name we do not know; never their id or number


def clean(text: str) -> str:
    """Without NUL and without halves of surrogate pairs: no database and no channel takes them."""
    return _HALF.sub("\ufffd", text.replace("\0", ""))


class _Ruler:
    """From UTF-16 offsets to characters, in one pass over the text however many offsets are asked for."""

    def __init__(self, text: str) -> None:
        self._at: list[int] | None = None
        self._length = len(text)
        if any(char > "\uffff" for char in text):
            self._at = [index for index, char in enumerate(text) for _ in range(2 if char > "\uffff" else 1)]

    def __call__(self, offset: int) -> int:
        if self._at is None:
            return max(0, min(offset, self._length))
        return self._at[max(0, offset)] if offset < len(self._at) else self._length


def said(message: dict[str, Any], names: dict[str, str], long_text: str | None = None) -> Rich:
    """The text, with names in the places of mentions and the styles as spans. Raises Unreadable."""
    text = message.get("message") if long_text is None else long_text
    if text is None:
        return Rich("")
    if not isinstance(text, str):
        raise Unreadable("the message is no text")
    if len(text) > MOST_TEXT:
        raise Unreadable("the message is longer than a million characters")
    ruler = _Ruler(text)
    mentions = sorted(_ranges(message, "mentions", ruler), key=lambda found: found[0])
    styles = [(start, end, kind) for start, end, one in _ranges(message, "textStyles", ruler) if (kind := _style(one))]
    return _assembled(text, mentions, styles, names)


def _style(mark: dict[str, Any]) -> Kind | None:
    style = mark.get("style")
    return _STYLES.get(style) if isinstance(style, str) else None


def _ranges(message: dict[str, Any], key: str, ruler: _Ruler) -> list[tuple[int, int, dict[str, Any]]]:
    """The marks of one sort as (start, end, mark), in characters; what does not fit the text is dropped."""
    marks = message.get(key) or []
    if not isinstance(marks, list) or len(marks) > _MOST_MARKS:
        raise Unreadable(f"{key} cannot be read")
    found = []
    for mark in marks:
        if not isinstance(mark, dict):
            raise Unreadable(f"{key} cannot be read")
        start, length = mark.get("start"), mark.get("length")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length <= 0:
            continue
        first, last = ruler(start), ruler(start + length)
        if first < last:
            found.append((first, last, mark))
    return found


def _assembled(
    text: str,
    mentions: list[tuple[int, int, dict[str, Any]]],
    styles: list[tuple[int, int, Kind]],
    names: dict[str, str],
) -> Rich:
    pieces: list[str] = []
    spans: list[Span] = []
    moved: list[tuple[int, int]] = []  # behind this old character, so many are added
    done = shift = 0
    for start, end, mark in mentions:
        if start < done:
            continue  # two people in the same place: the first is kept
        uuid = mark.get("uuid")
        aci = uuid.lower() if isinstance(uuid, str) else ""
        name = _name(mark, names.get(aci, "")) if "\ufffc" in text[start:end] else clean(text[start:end])
        pieces += [clean(text[done:start]), name]
        # Cleaning changes lengths only where something was wrong; measure what was really written.
        at = sum(map(len, pieces)) - len(name)
        spans.append(Span("mention", at, at + len(name), aci))
        shift = at + len(name) - end
        moved.append((end, shift))
        done = end
    pieces.append(clean(text[done:]))
    whole = "".join(pieces)
    for first, last, kind in styles:
        begin, stop = _moved(first, moved), min(_moved(last, moved), len(whole))
        if begin < stop:
            spans.append(Span(kind, begin, stop))
    spans.sort(key=lambda span: (span.start, -span.end))
    return Rich(whole, tuple(spans))


def _moved(old: int, moved: list[tuple[int, int]]) -> int:
    """Where an old character stands now."""
    shift = 0
    for behind, by in moved:
        if old < behind:
            break
        shift = by
    return old + shift


def _name(mark: dict[str, Any], known: str) -> str:
    """What is shown for a mention: a name; an id or a number is nobody's business."""
    given = mark.get("name")
    given = clean(given).strip() if isinstance(given, str) else ""
    if given and not _LOOKS_LIKE_AN_ID.fullmatch(given):
        return "@" + given
    return "@" + known if known else _NAMELESS


def file_of(attachment: dict[str, Any]) -> RemoteFile:
    """A file, as the service announces it."""
    kind = attachment.get("contentType")
    kind = kind if isinstance(kind, str) and kind else "application/octet-stream"
    name, size, where = attachment.get("filename"), attachment.get("size"), attachment.get("id")
    return RemoteFile(
        id=where if isinstance(where, str) else "",
        name=clean(name) if isinstance(name, str) else "",
        type=kind,
        size=size if isinstance(size, int) and size >= 0 else None,
        kind="voice" if attachment.get("isVoiceNote") is True else _FILE_KINDS.get(kind.partition("/")[0], "document"),  # type: ignore[arg-type]
    )


_FILE_KINDS = {"image": "photo", "video": "video", "audio": "audio"}
