"""What the Bot API refuses, and with which words: the rules the sandbox keeps."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from bot.text.rich import utf16_length

MAX_TEXT = 4096
MAX_CAPTION = 1024
_STYLES = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "date_time",
}  # fmt: skip


class RefusedCallError(Exception):
    """The Bot API's answer when it does not do it. `ours`: the caller broke a rule it could have known."""

    def __init__(self, code: int, description: str, *, ours: bool = False, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.ours = ours
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The answer as JSON."""
        answer = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def wrong(description: str) -> RefusedCallError:
    """A 400 that a careful program never sees."""
    return RefusedCallError(400, f"Bad Request: {description}", ours=True)


def check_text(text: Any, entities: Any, limit: int = MAX_TEXT) -> None:
    """Refuse a text that is empty, too long, or whose entities do not fit it."""
    if not isinstance(text, str) or (not text.strip() and limit == MAX_TEXT):
        raise wrong("message text is empty")
    units = utf16_length(text)
    if units > limit:
        raise wrong("message is too long" if limit == MAX_TEXT else "message caption is too long")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise wrong("strings must be encoded in UTF-8")
    encoded = text.encode("utf-16-le")
    for entity in entities or ():
        _check_entity(entity, units, encoded)


def _check_entity(entity: Any, units: int, encoded: bytes) -> None:
    """Refuse an entity outside the text, of no known type, or through the middle of a character."""
    if not isinstance(entity, dict) or entity.get("type") not in _STYLES:
        raise wrong("can't parse entities: unsupported type")
    start, length = entity.get("offset"), entity.get("length")
    if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length <= 0 or start + length > units:
        raise wrong("can't parse entities: an entity lies outside the text")
    for at in (start, start + length):
        if at < units and 0xDC <= encoded[2 * at + 1] <= 0xDF:
            raise wrong("can't parse entities: an entity begins or ends inside a character")
    if entity["type"] == "text_link" and not str(entity.get("url", "")).strip():
        raise wrong("can't parse entities: a link without address")


def check_buttons(markup: Any) -> None:
    """Refuse a keyboard the service would refuse."""
    if markup is None:
        return
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise wrong("object expected as reply markup")
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")).strip():
            raise wrong("text buttons are unallowed in the inline keyboard")
        if not 1 <= len(str(button.get("callback_data", "")).encode()) <= 64:
            raise wrong("BUTTON_DATA_INVALID")


class Limits:
    """Flood control as the service's documentation tells it: 30 a second in all, 1 a second to a person, 20 a minute to a group."""

    def __init__(self) -> None:
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def take(self, chat: int, now: float) -> int:
        """Count one message to `chat`, or return for how many seconds nothing is taken."""
        most, window = (1, 1.0) if chat > 0 else (20, 60.0)
        here = self._chats.setdefault(chat, deque())
        wait = max(_wait(self._all, 30, 1.0, now), _wait(here, most, window, now))
        if wait > 0:
            return math.ceil(wait)
        self._all.append(now)
        here.append(now)
        return 0


def _wait(taken: deque[float], most: int, window: float, now: float) -> float:
    """How long until one more fits in the sliding window."""
    while taken and taken[0] <= now - window:
        taken.popleft()
    return taken[0] + window - now if len(taken) >= most else 0.0
