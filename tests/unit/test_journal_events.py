"""Every event in the source has a meaning in the registry, and nothing else has."""

import ast
import logging
import re
from pathlib import Path

from bot import journal_events

ROOT = Path(__file__).resolve().parents[2]
LOGGERS = {"journal", "log", "logger", "_log", "_logger", "LOG", "_LOG"}
METHODS = {"debug", "info", "warning", "error", "exception", "critical", "event", "log"}


def _calls(tree):
    """The calls that write an event: `journal.event(...)`, `log.info(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            receiver = node.func.value
            name = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
            if name in LOGGERS:
                yield node


def _names(argument):
    """The constant names an argument may be; nothing when it is computed."""
    if isinstance(argument, ast.IfExp):
        return _names(argument.body) + _names(argument.orelse)
    return [argument.value] if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else []


def _used():
    """Each event in the source, with its place; and the places where an event's name is no constant."""
    used, computed = {}, []
    for folder in ("bot", "bridges", "store"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if file.name in {"journal.py", "journal_events.py"}:
                continue
            for call in _calls(ast.parse(file.read_text(encoding="utf-8"))):
                place = f"{file.relative_to(ROOT)}:{call.lineno}"
                event = call.args[1] if call.func.attr == "log" else call.args[0]
                names = _names(event)
                if not names:
                    computed.append(place)
                for name in names:
                    used.setdefault(name, place)
    return used, computed


def test_every_event_has_a_constant_name():
    assert _used()[1] == []


def test_every_event_in_the_source_has_a_meaning():
    known = {name for events in journal_events.every_event().values() for name in events}
    unknown = {name: place for name, place in _used()[0].items() if name not in known}
    assert unknown == {}, "give each a meaning in bot/journal_events.py, or the channel's journal.py; then: make docs"


def test_every_meaning_belongs_to_an_event_in_the_source():
    used = _used()[0]
    ghosts = [
        name
        for events in journal_events.every_event().values()
        for name in events
        if name not in used and not name.startswith("library.")
    ]
    assert ghosts == []


def test_names_have_one_form_and_meanings_are_sentences():
    for events in journal_events.every_event().values():
        for name, meaning in events.items():
            assert re.fullmatch(r"[a-z]+(\.[a-z][a-z_]*)+", name), name
            assert meaning[0].isupper(), meaning
            assert meaning.endswith((".", ")")), meaning


def test_a_name_has_one_meaning():
    names = [name for events in journal_events.every_event().values() for name in events]
    assert len(names) == len(set(names))


def test_what_libraries_say_has_a_name_for_each_level():
    for level in (logging.WARNING, logging.ERROR, logging.CRITICAL):
        assert f"library.{logging.getLevelName(level).lower()}" in journal_events.EVENTS
