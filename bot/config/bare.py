"""The configuration as a backup holds it: what was written, without anything secret, and the names of what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.config import faults, shape
from bot.config.lines import Key
from bot.config.sections import models
from bot.config.sources import Tree

#: A password in an address of any kind: scheme://name:password@host.
_PASSWORD = re.compile(r"(\w://[^/@:\s]*):[^/@\s]*@")
_HEAD = (
    "# From a backup of Fil commun: passwords and tokens are not in it. Fill in what is empty, then: filcommun check\n"
)


def bare(*trees: Tree) -> tuple[str, list[str]]:
    """The text of a configuration file with these settings but the secret ones, and the keys of those, as people write them.

    Of several trees (the file, the environment) the last one that has a setting holds.
    """
    tree: Tree = {}
    for one in trees:
        tree = _merged(tree, one)
    known = models(tree)
    left_out: list[str] = []
    parts = [_HEAD]
    for name, below in tree.items():
        if isinstance(below, dict):
            parts.extend(_section((name,), below, known, left_out))
    return "\n".join(parts), left_out


def _merged(under: Tree, over: Tree) -> Tree:
    both = {**under, **over}
    for name in under.keys() & over.keys():
        if isinstance(under[name], dict) and isinstance(over[name], dict):
            both[name] = _merged(under[name], over[name])
    return both


def _section(path: Key, tree: Tree, known: shape.Models, left_out: list[str]) -> Iterator[str]:
    lines = [f"[{'.'.join(map(str, path))}]"]
    for name, value in tree.items():
        if isinstance(value, dict):
            continue
        kept = _kept((*path, name), value, known)
        if kept != value:
            left_out.append(f"[{'.'.join(map(str, path))}] {name}")
        lines.append(f"{name} = {faults.toml(kept)}")
    yield "\n".join(lines) + "\n"
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _section((*path, name), value, known, left_out)


def _kept(key: Key, value: Any, known: shape.Models) -> Any:
    """The value without what is secret in it. Of a database's address only the password is; the rest says where it is."""
    if isinstance(value, list):
        return [_kept(key, one, known) for one in value]
    if not isinstance(value, str) or not value:
        return value
    field = shape.field_at(known, key)
    without = _PASSWORD.sub(r"\1@", value)
    if field is None or not shape.is_secret(field):
        return without
    return without if "://" in value else ""
