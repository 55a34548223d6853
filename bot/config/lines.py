"""On which line of a TOML text each key stands. The standard library's reader does not tell.

The text has been read by `tomllib` before: nothing here needs to be refused, only found.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right

#: The names that lead to a value, from the top: ("email", "smtp", "host"); the items of an array are numbers.
Key = tuple[str | int, ...]

_ENDS = frozenset(",]}#\n")


def locate(text: str) -> dict[Key, int]:
    """Return the line, counted from 1, of every table, key and array item of `text`, which is valid TOML."""
    return _Finder(text.replace("\r\n", "\n")).found()


class _Finder:
    """Walks through the text once; `at` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(i + 1 for i, char in enumerate(text) if char == "\n")]
        self.lines: dict[Key, int] = {}
        self.counts: dict[Key, int] = {}

    def found(self) -> dict[Key, int]:
        """Every statement: a header, or a key with its value."""
        prefix: Key = ()
        while self.skip(newlines=True):
            if self.text[self.at] == "[":
                prefix = self.header()
            else:
                self.pair(prefix)
        return self.lines

    def line(self) -> int:
        return bisect_right(self.starts, self.at)

    def skip(self, *, newlines: bool) -> bool:
        """Pass blanks and comments; False at the end."""
        blank = " \t\n" if newlines else " \t"
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#" and newlines:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in blank:
                self.at += 1
            else:
                return True
        return False

    def header(self) -> Key:
        """[a.b] or [[a.b]]: the second is the next item of an array."""
        line, many = self.line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        names = self.key()
        self.at += 2 if many else 1
        path: Key = ()
        for depth, name in enumerate(names, 1):
            path = (*path, name)
            self.lines.setdefault(path, line)
            if many and depth == len(names):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        self.lines.setdefault(path, line)
        return path

    def pair(self, prefix: Key) -> None:
        """A key, its equals sign and its value; a dotted key makes tables on its way."""
        line = self.line()
        path = prefix
        for name in self.key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self.value(path)

    def key(self) -> list[str]:
        """The names of a dotted key, each bare or in quotation marks; stops at what follows."""
        names: list[str] = []
        while True:
            self.skip(newlines=False)
            if self.text[self.at] in "\"'":
                start = self.at
                self.string()
                names.append(str(tomllib.loads("x=" + self.text[start : self.at])["x"]))
            else:
                start = self.at
                while self.text[self.at] not in ".=] \t":
                    self.at += 1
                names.append(self.text[start : self.at])
            self.skip(newlines=False)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def value(self, path: Key) -> None:
        """Pass one value; the keys and items within it are found too."""
        self.skip(newlines=True)
        char = self.text[self.at]
        if char in "\"'":
            self.string()
        elif char in "[{":
            self.at += 1
            self.inside(path, "]" if char == "[" else "}")
        else:
            while self.at < len(self.text) and self.text[self.at] not in _ENDS:
                self.at += 1

    def inside(self, path: Key, end: str) -> None:
        """The items of an array, or the pairs of an inline table."""
        count = 0
        while self.skip(newlines=True) and self.text[self.at] != end:
            if self.text[self.at] == ",":
                self.at += 1
            elif end == "}":
                self.pair(path)
            else:
                self.lines[(*path, count)] = self.line()
                self.value((*path, count))
                count += 1
        self.at += 1

    def string(self) -> None:
        """Pass a string of any of the four kinds."""
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(mark)
        while len(mark) == 3 and self.text.startswith(quote, self.at):  # up to two more may end the text itself
            self.at += 1
