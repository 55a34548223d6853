"""Reading JSON that comes from outside: every field has its type checked, and a defect is named by its path.

python-telegram-bot builds its objects without looking at types (a text of 5 becomes a Message), so each field would
have to be checked behind it anyway; it refuses a whole update for one field it expects in a part we never look at; and
reading the JSON itself is fifteen times cheaper. The tests hold this reader against `telegram.Update.de_json`.
"""

from __future__ import annotations

from typing import Any

from bot.core.errors import Unreadable


class Fields:
    """One JSON object and where it stands in the update: `message.reply_to_message`."""

    __slots__ = ("data", "path")

    def __init__(self, data: dict[str, Any], path: str) -> None:
        self.data = data
        self.path = path

    def __contains__(self, name: str) -> bool:
        return self.data.get(name) is not None

    def text(self, name: str) -> str:
        """A string; absent is "". Lone surrogates become U+FFFD, and NUL, which no database takes, is left out."""
        return self.counted(name).replace("\0", "")

    def counted(self, name: str) -> str:
        """As `text`, with NUL: for whoever counts offsets in it, and takes NUL out then (`words.rich`)."""
        value = self.data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.defect(name, "no text")
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def number(self, name: str) -> int:
        """An integer that must be there."""
        value = self.data.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.defect(name, "missing" if value is None else "no number")
        return value

    def size(self, name: str) -> int | None:
        """An integer, if there is one."""
        return self.number(name) if name in self else None

    def flag(self, name: str) -> bool:
        """A truth value; absent is False."""
        value = self.data.get(name, False)
        if not isinstance(value, bool):
            raise self.defect(name, "neither true nor false")
        return value

    def part(self, name: str) -> Fields | None:
        """An object, if there is one."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.defect(name, "no object")
        return Fields(value, f"{self.path}.{name}" if self.path else name)

    def must(self, name: str) -> Fields:
        """An object that must be there."""
        part = self.part(name)
        if part is None:
            raise self.defect(name, "missing")
        return part

    def list(self, name: str) -> list[Fields]:
        """The objects of a list; absent is none."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.defect(name, "no list of objects")
        path = f"{self.path}.{name}" if self.path else name
        return [Fields(item, path) for item in value]

    def defect(self, name: str, what: str) -> Unreadable:
        """The error that names this field; never its content."""
        return Unreadable(f"{self.path}.{name}: {what}" if self.path else f"{name}: {what}")
