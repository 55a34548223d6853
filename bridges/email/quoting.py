"""Which lines of a reply are the writer's. One algorithm for text and HTML: both become lines with a kind.

When in doubt, keep: a quote left in is ugly, a sentence lost is a reply lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridges.email import phrases

Kind = Literal["text", "quote", "attribution", "cut", "blank"]


@dataclass(slots=True)
class Line:
    """A line and whose it is. `text` is without the quote's mark; `cut`: from here on everything is quoted."""

    kind: Kind
    text: str
    depth: int = 0

    @property
    def shown(self) -> str:
        """As it may be kept in the reply."""
        return ("> " * self.depth + self.text).rstrip() if self.kind == "quote" else self.text


def from_text(text: str) -> list[Line]:
    """Lines of a plain body: those that begin with ">" are quotes."""
    found = []
    for line in text.split("\n"):
        stripped = line.lstrip(" \t\xa0")
        if stripped.startswith(">") and len(line) - len(stripped) <= 2:
            content, depth = stripped, 0
            while content.startswith(">"):
                content, depth = content[1:].removeprefix(" "), depth + 1
            found.append(Line("quote", content, depth))
        else:
            found.append(Line("text" if line.strip() else "blank", line))
    return found


def own_lines(lines: list[Line], *, is_reply: bool) -> tuple[list[Line], bool]:
    """(the writer's lines, whether a forwarded mail is among them)."""
    forward = next((at for at, line in enumerate(lines) if line.kind == "text" and phrases.forward(line.text)), None)
    if not is_reply:
        # It quotes nothing of ours: what looks like a quote is what the writer wanted to show.
        return (lines if forward is not None else _without_signature(lines)), forward is not None
    tail: list[Line] = []
    if forward is not None:
        lines, tail = lines[:forward], lines[forward:]
    lines = _mark(lines)
    cut = next((at for at, line in enumerate(lines) if line.kind == "cut"), None)
    if cut is not None:
        above = lines[:cut]
        if any(line.kind == "text" for line in _without_signature(above)):
            return _choose(above) + tail, bool(tail)
        # Nothing above: the answer stands below, or between.
        lines = above + [line for line in lines[cut:] if line.kind != "cut"]
    return _choose(lines) + tail, bool(tail)


def _mark(lines: list[Line]) -> list[Line]:
    """Attributions and the beginnings of unmarked quotes, found and marked."""
    raw = [line.shown if line.kind == "quote" else line.text for line in lines]
    out: list[Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.kind != "text":
            out.append(line)
            at += 1
            continue
        count = phrases.attribution(raw, at)
        if not count and phrases.named(line.text) and _next_kind(lines, at + 1) == "quote":
            count = 1
        if count:
            marked = _next_kind(lines, at + count) == "quote"
            # Without marks below, everything below is the quote.
            out.extend(Line("attribution" if marked else "cut", each.text) for each in lines[at : at + count])
            at += count
        elif phrases.original(line.text) or phrases.header_block(raw, at):
            out.append(Line("cut", line.text))
            at += 1
        else:
            out.append(line)
            at += 1
    return out


def _next_kind(lines: list[Line], at: int) -> str:
    """The kind of the next line that is not blank."""
    return next((line.kind for line in lines[at:] if line.kind != "blank"), "")


def _choose(lines: list[Line]) -> list[Line]:
    """Without the quote, if it stands above or below the answer; with what was answered, if it stands between."""
    lines = _without_signature(lines)
    last = max((at for at, line in enumerate(lines) if line.kind == "text"), default=-1)
    body = lines[: last + 1]
    runs = _quote_runs(body)
    if not runs:
        return [line for line in body if line.kind != "attribution"]
    text_above = any(line.kind == "text" for line in body[: runs[0][0]])
    if len(runs) == 1 and not text_above:
        return [line for line in body if line.kind not in {"quote", "attribution"}]
    return [line for line in body if line.kind != "attribution"]


def _quote_runs(lines: list[Line]) -> list[tuple[int, int]]:
    """(first, last + 1) of each quote; blank lines within one do not end it."""
    runs: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        if line.kind != "quote":
            continue
        if runs and all(each.kind in {"quote", "blank", "attribution"} for each in lines[runs[-1][1] : at]):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _without_signature(lines: list[Line]) -> list[Line]:
    """Up to "-- ", "Envoyé de mon …" or a list's footer, if text stands above and no quote below that was answered."""
    for at, line in enumerate(lines):
        if line.kind != "text":
            continue
        delimiter = (
            line.text.rstrip(" \xa0\u200b") in {"--", "—", "__", "–"} and line.text.strip() == line.text.rstrip()
        )
        if delimiter or phrases.sent_from(line.text):
            above = any(each.kind == "text" for each in lines[:at])
            below = [each for each in lines[at + 1 :] if each.kind == "text"]
            if not above:
                continue
            if delimiter and len(below) <= 15:
                return lines[:at]
            if not delimiter and len(below) <= 3:
                return lines[:at]
    return lines
