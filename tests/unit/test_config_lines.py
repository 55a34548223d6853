"""Every error names its line: so each key of every way to write TOML must be found on the right one."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.config.lines import locate


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", {}),
        ("# nothing\n\n", {}),
        ("a = 1", {("a",): 1}),
        ("\n\na = 1 # b = 2\nb=2\r\nc='x'", {("a",): 3, ("b",): 4, ("c",): 5}),
        ("[x]\n[x.y]\nk = 1", {("x",): 1, ("x", "y"): 2, ("x", "y", "k"): 3}),
        ('["a.b" . \'c d\']\n"k=" = 1', {("a.b",): 1, ("a.b", "c d"): 1, ("a.b", "c d", "k="): 2}),
        ('"\\u00e9" = 1', {("é",): 1}),
        ("a.b . c = 1\na.d = 2", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "d"): 2}),
        ("t = { a = 1, b.c = [2] }", {("t",): 1, ("t", "a"): 1, ("t", "b"): 1, ("t", "b", "c"): 1, ("t", "b", "c", 0): 1}),
        ("l = [ # no ]\n 'a]',\n\n [3, 4], # ,\n]\nz = 1", {
            ("l",): 1, ("l", 0): 2, ("l", 1): 4, ("l", 1, 0): 4, ("l", 1, 1): 4, ("z",): 6,
        }),
        ('m = """\n[not]\na = 1\n\\"""\n"""\nz = 1', {("m",): 1, ("z",): 6}),
        ("m = '''\n[not]\n\\'''\nz = 1", {("m",): 1, ("z",): 4}),
        ('m = """a"""""\nz = 1', {("m",): 1, ("z",): 2}),
        ('m = "a\\"b # = [" # "\nz = 1', {("m",): 1, ("z",): 2}),
        ("[[l]]\na = 1\n[l.s]\nb = 2\n[[l]]\na = 3", {
            ("l",): 1, ("l", 0): 1, ("l", 0, "a"): 2, ("l", 0, "s"): 3, ("l", 0, "s", "b"): 4, ("l", 1): 5, ("l", 1, "a"): 6,
        }),
        ("d = 1979-05-27 07:32:00\nf = [1.5,-inf]", {("d",): 1, ("f",): 2, ("f", 0): 2, ("f", 1): 2}),
    ],
)  # fmt: skip
def test_every_key_is_found_on_its_line(text, lines):
    tomllib.loads(text)  # what is tested is TOML at all
    assert locate(text) == lines


def _write(value):
    """`value` in TOML: lists over several lines, tables on one, and marks in strings that mean nothing there."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = {_write(inner)}' for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {_write(inner)}, # ]\n" for inner in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return value.isoformat() if isinstance(value, date) else str(value).lower()


_names = some.text(some.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=["C", "Z"]), min_size=1)
_scalars = some.integers(-9, 9) | some.booleans() | some.dates() | some.text("ab#=[]{}'\"\\,. ", max_size=8)
_values = some.recursive(
    _scalars,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(_names, _scalars, max_size=3),
    max_leaves=6,
)


def _paths(value, path=()):
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from _paths(inner, (*path, name))


@given(some.dictionaries(_names, some.dictionaries(_names, _values, max_size=4), max_size=4))
def test_whatever_can_be_written_is_found_and_nothing_else(tree):
    text = "".join(
        f'["{section}"]\n' + "".join(f'"{name}" = {_write(value)}\n' for name, value in keys.items())
        for section, keys in tree.items()
    )
    assert tomllib.loads(text) == tree
    found = locate(text)
    assert set(found) == set(_paths(tree))
    lines = text.split("\n")
    for path, line in found.items():
        if len(path) <= 2:
            assert f'"{path[-1]}"' in lines[line - 1]
