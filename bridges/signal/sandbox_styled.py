"""How signal-cli-rest-api reads `text_mode: styled`: its state machine, sign for sign, with all its quirks.

Written from the service's own behaviour, not from our `styled`: the tests hold one against the other.
"""

from __future__ import annotations

from bot.text.rich import utf16_length

_NAMES = {"**": "BOLD", "*": "ITALIC", "||": "SPOILER", "~": "STRIKETHROUGH", "`": "MONOSPACE"}
_ESCAPABLE = frozenset("*`|~")


def parsed(markup: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The text a phone shows and its styles as (start, length, name) in UTF-16 units, in the order they close."""
    shown: list[str] = []
    open_marks: list[tuple[str, int]] = []
    styles: list[tuple[int, int, str]] = []
    units = 0
    before = ""
    position = 0
    while position < len(markup):
        char = markup[position]
        following = markup[position + 1 : position + 2]
        position += 1
        mark = _mark(char, following)
        if mark:
            position += len(mark) - 1
            if before == "\\":
                shown.append(mark)
                units += len(mark)
            elif open_marks and open_marks[-1][0] == mark:
                begin = open_marks.pop()[1]
                styles.append((begin, units - begin, _NAMES[mark]))
            else:
                open_marks.append((mark, units))
        elif char != "\\" or following not in _ESCAPABLE or not following:
            shown.append(char)
            units += utf16_length(char)
        before = char
    return "".join(shown), styles


def _mark(char: str, following: str) -> str:
    """The mark that begins here: two stars before one, a bar only with another."""
    if char == "*":
        return "**" if following == "*" else "*"
    if char == "|":
        return "||" if following == "|" else ""
    return char if char in "~`" else ""
