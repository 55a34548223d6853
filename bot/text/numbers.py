"""Lines answered by their number: "#12 Le 19 me va" (MANNERS 6)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Numbered(NamedTuple):
    """A part of an answer: the line it answers (none: whatever stood before the first number), and its words."""

    number: int | None
    text: str
    start: int
    end: int


_LINE_NUMBER: Final = re.compile(
    r"[ \t]*((?:#\d{1,6}[ \t]*(?:,|et|and|&)?[ \t]*)+)[:：.)\-–]?(?=\s|$|[^\w#])[ \t\u00a0]*", re.IGNORECASE
)


def numbered(text: str) -> list[Numbered]:
    """The parts of `text`, each for the line it answers: "#12 Le 19." is `[(12, "Le 19.")]`; several numbers, several parts.

    A text without any number is one part with no number; words before the first number are a part of their own.
    """
    begins: list[tuple[int, int, list[int]]] = []
    position = 0
    while position <= len(text):
        if found := _LINE_NUMBER.match(text, position, position + 200):
            begins.append((position, found.end(), [int(number) for number in re.findall(r"\d+", found[1])]))
        following = text.find("\n", position)
        position = len(text) + 1 if following < 0 else following + 1
    parts = [_part(text, None, 0, begins[0][0] if begins else len(text))]
    for place, (_, start, numbers) in enumerate(begins):
        end = begins[place + 1][0] if place + 1 < len(begins) else len(text)
        parts.extend(_part(text, number, start, end) for number in dict.fromkeys(numbers))
    return [part for part in parts if part.text] or [_part(text, None, 0, len(text))]


def _part(text: str, number: int | None, start: int, end: int) -> Numbered:
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    return Numbered(number, words.strip(), start, start + len(words.strip()))
