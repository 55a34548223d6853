"""The safety net for programs that mark no quote: we know the text that was answered, because we sent it.

Never the first cutter: where a program marks its quote, the known text adds nothing.
"""

from __future__ import annotations

import re

from bridges.email.quoting import Line

_WORD = re.compile(r"\w+")
_GRAM = 4  # words in a row that must agree
_COVERED = 0.8  # of a line's words


def mark(lines: list[Line], parent: str) -> list[Line]:
    """Lines that repeat `parent` become quotes, but only in a run at the end, and never one lonely line."""
    known = _grams(_WORD.findall(parent.lower()))
    if not known:
        return lines
    start = len(lines)
    repeated = 0
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if line.kind != "text":
            start = at if line.kind == "blank" else start
            if line.kind != "blank":
                break
            continue
        if not _repeats(line.text, known):
            break
        start, repeated = at, repeated + 1
    if repeated < 2:
        return lines
    return lines[:start] + [Line("quote", line.text, 1) if line.kind == "text" else line for line in lines[start:]]


def _grams(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)}


def _repeats(line: str, known: set[tuple[str, ...]]) -> bool:
    """At least 80 % of the line's words stand in runs of four that the known text has."""
    words = _WORD.findall(line[:2000].lower())
    if len(words) < _GRAM:
        return False
    covered = [False] * len(words)
    for at in range(len(words) - _GRAM + 1):
        if tuple(words[at : at + _GRAM]) in known:
            covered[at : at + _GRAM] = [True] * _GRAM
    return sum(covered) >= _COVERED * len(words)
