"""Talk that may be a command gone wrong: relayed, it would bring everybody an address or a number somebody typed for the bot.

Pure, like the grammar, which asks here last. In a room nothing is doubted: what is said there has been read there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from bot.commands.arguments import code_of, find_code
from bot.commands.command import Command, Commands, Entry, Kind
from bot.text.fold import fold

#: An address however incomplete, a telephone number, and what looks like one and is a date.
_ADDRESS = re.compile(r"[^\s@]@[^\s@]")
_TELEPHONE = re.compile(r"\d(?:[ .()/\u00a0\u202f-]{0,2}\d){6}")
_DATE = re.compile(r"(?<![\d./-])\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?![-/.]?\d)")
_CODE_APART = re.compile(r"(?=(\b[0-9A-Za-z]{4} [0-9A-Za-z]{4}\b))")
#: What follows these words is one of a few; two lonely words with something else behind them are a mistake.
_FEW: Final[frozenset[Kind]] = frozenset({"language", "choice", "command"})
#: Of a letter the first line decides.
_LETTER: Final = 300


class Doubt(NamedTuple):
    """The command it may be; `certain` if it can be nothing else."""

    key: str
    certain: bool = False


def about(text: str, commands: Commands, near: Callable[[str], Entry | None]) -> Doubt | None:
    """What `text` may have been meant to be. `near` finds the command that a word is with one typing mistake."""
    text = text if len(text) <= _LETTER else text[:_LETTER].partition("\n")[0]
    words = [word for one in fold(text).split() if (word := one.strip(",;:!.()\"'«»“”*_"))]
    for count in range(min(len(words), 4), 0, -1):
        head = " ".join(words[:count])
        entry = commands.by_word.get(head) or near(head)
        if entry is None:
            continue
        if holds_what_is_private(text):
            return Doubt(entry.command.key)
        if len(words) == 2 and count == 1 and "?" not in text:
            return _lonely(entry.command, head, words[1], commands.by_word.get(words[1]))
        return None
    return None


def holds_what_is_private(text: str) -> bool:
    """An address, a telephone number or a code stands in it."""
    if _ADDRESS.search(text) or _TELEPHONE.search(_DATE.sub(" ", text)) or find_code(text):
        return True
    return any(code_of(found[1]) for found in _CODE_APART.finditer(text))


def _lonely(command: Command, word: str, other: str, again: Entry | None) -> Doubt | None:
    """Two words, the first a command's: twice the same, or followed by what it cannot be followed by."""
    if again is not None and again.command is command:
        return Doubt(command.key, certain=True)
    shown = word in {fold(of[0]) for of in command.words.values()}
    few = bool(command.takes) and _FEW.issuperset(command.takes) and command.where != "room"
    return Doubt(command.key) if shown and (few or ("zone" in command.takes and "/" in other)) else None
