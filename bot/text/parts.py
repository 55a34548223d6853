"""Long texts in parts, each short enough for one message."""

from __future__ import annotations

import unicodedata

from bot.text.rich import Rich, utf16_length


def split(content: Rich, most: int) -> list[Rich]:
    """Parts of at most `most` UTF-16 units: cut at a paragraph, else a line, a sentence, a word; never inside a character
    and what its marks join to it.
    """
    parts = []
    while utf16_length(content.text) > most:
        end = _fitting(content.text, most)
        window = content.text[:end]
        cut = 0
        for mark in ("\n\n", "\n", ". ", "! ", "? ", " "):
            found = window.rfind(mark, end // 2)
            if found > 0:
                cut = found + len(mark)
                break
        cut = cut or _whole(content.text, end)
        parts.append(content.slice(0, cut).strip())
        content = content.slice(cut, len(content.text))
    rest = content.strip()
    return [part for part in (*parts, rest) if part]


def _fitting(words: str, most: int) -> int:
    """How many characters fit into `most` UTF-16 units."""
    units = 0
    for position, char in enumerate(words):
        units += 2 if char > "\uffff" else 1
        if units > most:
            return position
    return len(words)


def _whole(words: str, end: int) -> int:
    """`end`, moved back so that no combining mark, joiner or variation selector is parted from what it changes."""
    for back in range(end, max(1, end - 30), -1):
        char, before = words[back], words[back - 1]
        joined = unicodedata.combining(char) or char in "\u200d\ufe0f" or before == "\u200d" or "🏻" <= char <= "🏿"
        if not joined:
            return back
    return end
