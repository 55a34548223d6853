"""Where settings come from: the file, the environment, and files the environment names for secrets."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.config import shape
from bot.config.errors import ConfigError
from bot.config.lines import Key, locate
from bot.config.sections import models

PREFIX = "FILCOMMUN_"
FILE_VARIABLE = "FILCOMMUN_CONFIG"
DEFAULT = "config.toml"

Tree = dict[str, Any]


@dataclass(slots=True)
class Given:
    """What was found, unchecked, and where."""

    file: Path | None = None  # as it was named
    text: Tree = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    environment: Tree = field(default_factory=dict)
    variables: dict[Key, str] = field(default_factory=dict)  # the variable each key came from
    wrong: list[str] = field(default_factory=list)  # sentences

    @property
    def folder(self) -> Path:
        """What relative paths are relative to."""
        return (self.file.parent if self.file else Path()).absolute()

    def value(self, key: Key) -> Any:
        """What was given for `key`; None if nothing."""
        for tree in (self.environment, self.text):
            found: Any = tree
            for name in key:
                try:
                    found = found[name]
                except (KeyError, IndexError, TypeError):
                    break
            else:
                return found
        return None

    def where(self, key: Key) -> str:
        """`config.toml, line 31, [email.imap] host`, or the variable's name."""
        if key in self.variables:
            return self.variables[key]
        line = next((self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines), None)
        near = [name for given, name in self.variables.items() if line is None and given[0] == key[0]]
        if near and len(key) == 1:
            return near[0]
        if self.file is None or near:
            return variable(key)
        place = f"{self.file}, line {line}" if line else str(self.file)
        names = [str(name) for name in key if isinstance(name, str)]
        if isinstance(self.value(tuple(names)), dict) or (len(names) == 1 and not line):
            return f"{place}, [{'.'.join(names)}]"
        return f"{place}, {names[0]}" if len(names) == 1 else f"{place}, [{'.'.join(names[:-1])}] {names[-1]}"


def variable(key: Key) -> str:
    """The environment variable of a key."""
    return PREFIX + "__".join(str(name) for name in key if isinstance(name, str)).upper()


def read(path: Path | None, environ: Mapping[str, str]) -> Given:
    """Read the file (`path`, else $FILCOMMUN_CONFIG, else ./config.toml if it is there) and the variables.

    Raises ConfigError when the file cannot be read or is no TOML.
    """
    named = path or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    variables = {name: value for name, value in environ.items() if name.startswith(PREFIX) and name != FILE_VARIABLE}
    given = Given()
    if named or Path(DEFAULT).exists() or not any(variables.values()):
        given.file = named or Path(DEFAULT)
        _read_file(given, given.file)
    given.environment = _split({name: value for name, value in variables.items() if value}, given)
    return given


def _read_file(given: Given, file: Path) -> None:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{file}: there is no such file. Make one with: filcommun init"]) from None
    except OSError as problem:
        raise ConfigError([f"{file}: cannot be read ({problem.strerror}). Name another with --config"]) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ConfigError([f"{file}, line {line}: is not UTF-8 text. Save the file again as UTF-8"]) from None
    try:
        given.text = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError([_not_toml(file, text, str(problem))]) from None
    given.lines = locate(text)


def _not_toml(file: Path, text: str, problem: str) -> str:
    """File, line and cause; and, for what people do most, the way to write it."""
    found = re.fullmatch(
        r"(?P<cause>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", problem, re.DOTALL
    )
    cause, number = (found["cause"], found["line"]) if found else (problem, None)
    # The reader stops where the next line begins when a line ends too early.
    line = int(number) if number else text.rstrip().count("\n") + 1
    if found and found["column"] == "1" and line > 1 and "after" not in cause:
        line -= 1
    written = (text.splitlines() or [""])[min(line, len(text.splitlines()) or 1) - 1].strip()
    hint = ""
    if re.fullmatch(r"[\w.-]+\s*=\s*[^\"'\[{].*", written) and "overwrite" not in cause:
        hint = f'. Text stands between quotation marks: {written.partition("=")[0].strip()} = "…"'
    elif re.fullmatch(r"\[[^\]]*", written):
        hint = ". A section's name stands between brackets: [name]"
    elif "overwrite" in cause or "declare" in cause:
        hint = ". This section or key stands there twice: keep one"
    return f"{file}, line {line}: {cause[:1].lower()}{cause[1:]}{hint}"


def _split(variables: Mapping[str, str], given: Given) -> Tree:
    """FILCOMMUN_EMAIL__SMTP__PORT=25 → {"email": {"smtp": {"port": "25"}}}."""
    tree: Tree = {}
    paths = {name: tuple(name.removeprefix(PREFIX).lower().split("__")) for name in variables}
    known = models({path[0] for path in paths.values()})
    for name, path in sorted(paths.items(), key=lambda item: (len(item[1]), item[0])):
        key: Key = path
        value: Any = variables[name]
        if shape.field_at(known, key) is None and path[-1].endswith("_file"):
            stem = (*path[:-1], path[-1].removesuffix("_file"))
            found = shape.field_at(known, stem)
            if found is not None and shape.is_secret(found):
                key, value = stem, _secret(name, value, given)
        found = shape.field_at(known, key)
        if found is not None and shape.is_list(found):
            value = _items(name, value, given)
        given.variables[key] = name
        _put(tree, key, value)
    return tree


def _put(tree: Tree, key: Key, value: Any) -> None:
    for name in key[:-1]:
        below = tree.setdefault(str(name), {})
        if not isinstance(below, dict):
            return  # FILCOMMUN_EMAIL=… stands beside it, and is refused as a section
        tree = below
    tree[str(key[-1])] = value


def _secret(name: str, file: str, given: Given) -> str:
    """The secret in a file, without the line's end."""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as problem:
        given.wrong.append(f"{name}: {file} cannot be read ({getattr(problem, 'strerror', None) or 'it is not text'})")
        return " "  # something, so that it is not called missing as well


def _items(name: str, value: str, given: Given) -> Any:
    """Several values in one variable: between commas, or as JSON."""
    if not value.lstrip().startswith("["):
        return [item.strip() for item in value.split(",") if item.strip()]
    try:
        return json.loads(value)
    except ValueError:
        given.wrong.append(f"{name}: is no list; write the values between commas: one,two")
        return []
