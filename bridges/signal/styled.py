"""Styles for Signal: the service takes them only as markup, and a star in somebody's words must stay a star.

What the service's own parser does decides every line here (its `text_mode: styled`): `**`, `*`, `~`, `||` and a
backtick open and close; a backslash before one of them makes it a plain sign; a backslash cannot itself be escaped.
So a mark may not stand behind a backslash, nor behind a plain sign of its own kind: there the style gives way by a
character, never the text.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from bot.text.rich import Kind, Rich, Span

#: The mark of each style; where several overlap, the first of this list is shown, for the parser nests badly.
MARKS: dict[Kind, str] = {"spoiler": "||", "code": "`", "pre": "`", "bold": "**", "italic": "*", "strike": "~"}
_SIGNS = frozenset("*`|~")
_RANK = {kind: rank for rank, kind in enumerate(MARKS)}


def marked_up(rich: Rich) -> tuple[str, str]:
    """The message and its `text_mode`: "styled" when there is something to style, else "normal", untouched."""
    runs = _runs(rich)
    if not runs:
        return rich.text, "normal"
    pieces: list[str] = []
    done = 0
    for start, end, mark in runs:
        pieces.append(_plain(rich.text[done:start]))
        pieces.append(f"{mark}{_plain(rich.text[start:end])}{mark}")
        done = end
    pieces.append(_plain(rich.text[done:]))
    return "".join(pieces), "styled"


def _plain(text: str) -> str:
    """`text` with a backslash before every sign that would be a mark."""
    return "".join(f"\\{char}" if char in _SIGNS else char for char in text)


def _runs(rich: Rich) -> list[tuple[int, int, str]]:
    """Where each mark opens and closes: in order, never overlapping, never where it would be misread."""
    safe: list[tuple[int, int, str]] = []
    closed_at, closed_by = -1, ""
    for start, end, mark in _flat(rich.text, rich.spans):
        first, last = start, end
        while first < last and _misread(rich.text, first, mark, closed_by if first == closed_at else ""):
            first += 1
        while last > first and _misread(rich.text, last, mark, ""):
            last -= 1
        if first < last:
            safe.append((first, last, mark))
            closed_at, closed_by = last, mark
    return safe


def _misread(text: str, at: int, mark: str, closed_by: str) -> bool:
    """Would the parser misread `mark` before character `at`? `closed_by`: the mark that closes just there."""
    if closed_by:
        return closed_by == "*" and mark[0] == "*"  # "*" and "**" run together; "**" and "*" do not
    before = text[at - 1] if at else ""
    return before == "\\" or (before == mark[0] and before in "*|")


def _flat(text: str, spans: Sequence[Span]) -> list[tuple[int, int, str]]:
    """The spans we can show, cut into stretches of one style each; neighbours of the same style are one."""
    shown = [span for span in spans if span.kind in MARKS and 0 <= span.start < span.end <= len(text)]
    edges = sorted({edge for span in shown for edge in (span.start, span.end)})
    flat: list[tuple[int, int, str]] = []
    for start, end in itertools.pairwise(edges):
        kinds = [span.kind for span in shown if span.start <= start and end <= span.end]
        if not kinds:
            continue
        mark = MARKS[min(kinds, key=_RANK.__getitem__)]
        if flat and flat[-1][1] == start and flat[-1][2] == mark:
            flat[-1] = (flat[-1][0], end, mark)
        else:
            flat.append((start, end, mark))
    return flat
