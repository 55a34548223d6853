"""Which lines of a reply are the writer's. One algorithm for text and HTML: both become lines with a kind.

When in doubt, keep: a quote left in is ugly, a sentence lost is a reply lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bridges.email import phrases

_MARK = re.compile(r"[ \t\xa0]{0,2}((?:> ?)+)")

Kind = Literal["text", "quote", "attribution", "cut", "blank"]


@dataclass(slots=True)
class Line:
    """A line and whose it is. `text` is without the quote's mark; `cut`: from here on everything is quoted."""

    kind: Kind
    text: str
    depth: int = 0
    raw: str = ""  # as it stood in a plain body

    @property
    def head(self) -> str:
        """What the patterns may see of it."""
        return phrases.squeezed(self.shown)

    @property
    def shown(self) -> str:
        """As it may be kept in the reply."""
        if self.kind == "quote":
            return self.raw or ("> " * self.depth + self.text).rstrip()
        return self.text


def from_text(text: str) -> list[Line]:
    """Lines of a plain body: those that begin with ">" are quotes."""
    found = []
    for line in text.split("\n"):
        mark = _MARK.match(line)
        if mark:
            found.append(Line("quote", line[mark.end() :], mark[1].count(">"), line))
        else:
            found.append(Line("text" if line.strip() else "blank", line))
    return found


def own_lines(lines: list[Line], *, is_reply: bool) -> tuple[list[Line], bool]:
    """(the writer's lines, whether a forwarded mail is among them)."""
    forward = next((at for at, line in enumerate(lines) if line.kind == "text" and phrases.forward(line.head)), None)
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
            # What was forwarded below the cut was forwarded by somebody else.
            return _choose(above), False
        # Nothing above: the answer stands below, or between.
        lines = above + [line for line in lines[cut:] if line.kind != "cut"]
    return [*_choose(lines), *([Line("blank", "")] if tail else []), *tail], bool(tail)


def _mark(lines: list[Line]) -> list[Line]:
    """Attributions and the beginnings of unmarked quotes, found and marked."""
    raw = [line.head for line in lines]
    out: list[Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.kind != "text":
            out.append(line)
            at += 1
            continue
        head = phrases.before_attribution(raw[at]) if _next_kind(lines, at + 1) == "quote" else ""
        if head:
            out += [Line("text", head), Line("attribution", line.text)]
            at += 1
            continue
        count = phrases.attribution(raw, at)
        following = _next_kind(lines, at + max(count, 1))
        if not count and phrases.named(raw[at]) and (following == "quote" or raw[at].startswith("--")):
            count = 1
        if count:
            # Without marks below, everything below is the quote.
            kind: Kind = "attribution" if following == "quote" else "cut"
            out.extend(Line(kind, each.text) for each in lines[at : at + count])
            at += count
            continue
        if (
            phrases.original(raw[at])
            or phrases.header_block(raw, at)
            or (_titled(raw[at]) and phrases.header_block(raw, _next(lines, at + 1)))
        ):
            out.append(Line("cut", line.text))
        elif _is_wrapped_quote(lines, at, out):
            out.append(Line("quote", line.text, 1))
        else:
            out.append(line)
        at += 1
    return out


def _titled(text: str) -> bool:
    """Whether the line is a title between rules, "---- Message ----", in whatever language."""
    bare = text.strip()
    return len(bare) <= 80 and bare.startswith("--") and bare.endswith("--") and len(bare.strip("- ")) > 2


def _is_wrapped_quote(lines: list[Line], at: int, before: list[Line]) -> bool:
    """Whether a line without mark is the rest of a long quoted line that some server wrapped."""
    if not before or before[-1].kind != "quote" or not any(line.kind == "attribution" for line in before):
        return False
    above, text = before[-1].text.rstrip(), lines[at].text.strip()
    following = lines[at + 1].kind if at + 1 < len(lines) else ""
    if following == "quote" and text.startswith(("(http", "http")):
        return True
    unfinished = len(above) >= 55 and above[-1:] not in '.?!:;…"»'
    return unfinished and text[:1].islower() and following in {"quote", "blank", ""} and len(text) < 80


def _next(lines: list[Line], at: int) -> int:
    """The place of the next line that is not blank, or the last line."""
    return next((place for place in range(at, len(lines)) if lines[place].kind != "blank"), len(lines) - 1)


def _next_kind(lines: list[Line], at: int) -> str:
    """The kind of the next line that is not blank."""
    return next((line.kind for line in lines[at:] if line.kind != "blank"), "")


def _choose(lines: list[Line]) -> list[Line]:
    """Without the quote, if it stands above or below the answer; with what was answered, if it stands between."""
    lines = _without_signature(lines)
    last = max((at for at, line in enumerate(lines) if line.kind == "text"), default=-1)
    body = lines[: last + 1]
    while body and (body[-1].kind != "text" or phrases.rule(body[-1].head)):
        body.pop()
    runs = _quote_runs(body)
    if not runs:
        return [line for line in body if line.kind != "attribution"]
    first, end = runs[0]
    text_above = any(line.kind == "text" for line in body[:first])
    attributed = any(line.kind == "attribution" for line in body[:first])
    below = sum(len(line.text.strip()) for line in body[end:] if line.kind == "text")
    # "Regards, Roman" below the quote answers nothing in it.
    if len(runs) == 1 and (not text_above or (attributed and below <= 40)):
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
    """Up to "-- ", "Envoyé de mon …" or a list's footer, if words stand above and few below."""
    texts = [(at, line.head) for at, line in enumerate(lines) if line.kind == "text"]
    for place, (at, head) in enumerate(texts[1:], 1):
        below = [each for _, each in texts[place + 1 : place + 60]]
        if head == "--" and len(below) <= 15:
            return lines[:at]
        if phrases.sent_from(head) and sum(not phrases.sent_from(each) for each in below) <= 3:
            return lines[:at]
        if phrases.rule(head) and len(below) <= 8 and phrases.list_footer([head, *below]):
            return lines[:at]
    return lines
