"""The rules of the house (docs/explanation), held by a test and not by good will: who imports whom, who may name a
channel, how long things may get, and that everything people can use is written down for them."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from bot import journal_events, reference, strings
from bot.commands.catalogue import all_commands
from bot.config import all_models, channels, shape
from bot.config.sections import CORE
from bot.core.bridge import Capabilities

ROOT = Path(__file__).resolve().parents[2]
OURS = {"bot", "bridges", "store", "bench", "tests"}

#: Who may import whom; the longest name that fits counts. Nothing else of ours is imported.
RULES = {
    "bot.text": ["bot.text"],
    "store": ["store"],
    "bot.i18n": ["bot.i18n", "bot.text", "bot.strings"],  # its own command, which looks for sentences
    "bot.journal": ["bot.journal"],
    "bot.core": ["bot.core", "bot.text", "bot.i18n", "bot.journal", "store"],
    "bot.commands": ["bot.commands", "bot.core", "bot.text", "bot.i18n", "bot.journal", "store"],
    "bot.features": ["bot.commands", "bot.core", "bot.text", "bot.i18n", "bot.journal", "store"],
    "bot.config": ["bot.config", "bot.core.bridge", "bot.text", "bot.i18n", "bridges"],
    "bridges": ["bot.core.events", "bot.core.bridge", "bot.core.errors", "bot.text"],  # and itself
}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
#: Words that say nothing about what is inside.
HOLLOW = re.compile(
    r"(?i)(^|_)(utils?|helpers?|managers?|services?|handlers?)($|_)|(Utils?|Helpers?|Manager|Service|Handler)$"
)
PARTS = ("bridge", "settings", "incoming", "outgoing", "sandbox")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(file: Path) -> list[tuple[str, int]]:
    """What of ours a file imports, wherever in it, with the line."""
    found = []
    package = module(file).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found += [(name.name, node.lineno) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *filter(None, [node.module])])
            # `from bot.core import events` imports bot.core.events, if there is such a file.
            found += [
                (f"{start}.{name.name}" if is_module(f"{start}.{name.name}") else start, node.lineno)
                for name in node.names
            ]
    return [(name, line) for name, line in found if name.split(".")[0] in OURS]


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def rule_of(name: str) -> list[str] | None:
    """What a module may import; None: everything (the program itself, put together in bot/app.py and bot/cli.py)."""
    fitting = max((package for package in RULES if within(name, package)), key=len, default=None)
    if fitting is None:
        return None
    own = [".".join(name.split(".")[:2])] if fitting == "bridges" else [name] if fitting == "bot.features" else []
    return RULES[fitting] + own


def test_nobody_imports_what_is_not_theirs():
    wrong = []
    for file in sources("bot", "bridges", "store"):
        allowed = rule_of(module(file))
        if allowed is None:
            continue
        for name, line in imported(file):
            if not any(within(name, one) for one in allowed):
                wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_the_rules_are_about_files_that_exist():
    assert [name for name in RULES if not is_module(name)] == []
    known = {module(file) for file in sources("bot", "bridges", "store")}
    assert {"bot.core.bus", "bot.features.leaving", "bridges.memory.bridge", "store.models"} <= known


def test_only_the_program_that_puts_it_together_imports_features_and_bridges():
    for file in sources("bot"):
        named = [name for name, _ in imported(file) if within(name, "bridges") or within(name, "bot.features")]
        if named:
            assert module(file).split(".")[1] in ("app", "cli", "config", "demo", "reference", "journal_events"), (
                f"{file.relative_to(ROOT)} imports {named}"
            )


def constants(file: Path) -> list[tuple[str, int]]:
    """The strings and names in the code of a file; what explains it (docstrings, comments) is not code."""
    whole = tree(file)
    explaining = {
        id(node.body[0].value)
        for node in ast.walk(whole)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    }  # fmt: skip
    found = []
    for node in ast.walk(whole):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            found.append((node.value, node.lineno))
        elif isinstance(node, ast.Name):
            found.append((node.id, node.lineno))
        elif isinstance(node, ast.Attribute):
            found.append((node.attr, node.lineno))
    return found


def test_the_core_and_the_features_never_name_a_channel():
    named = re.compile(r"(?i)(?<![a-z])(" + "|".join(map(re.escape, channels.names())) + r")(?![a-z])")
    assert named.search("TELEGRAM_TOKEN")
    assert named.search("receive email")
    found = [
        f"{file.relative_to(ROOT)}:{line} says {text[:60]!r}"
        for file in sources("bot/core", "bot/commands", "bot/features", "bot/text", "store")
        for text, line in constants(file)
        if named.search(text) and not re.fullmatch(r"sqlite:///:memory:", text)
    ]
    assert found == []


def test_no_file_and_no_function_is_too_long():
    long = []
    for file in [*sources("bot", "bridges", "store", "bench"), ROOT / "hatch_build.py"]:
        lines = file.read_text(encoding="utf-8").count("\n")
        # A migration is written by Alembic, once, and nobody looks for a noun in it.
        if lines > LONGEST_FILE and "migrations" not in file.parts:
            long.append(f"{file.relative_to(ROOT)}: {lines} lines")
        for node in ast.walk(tree(file)) if "migrations" not in file.parts else ():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines")
    assert long == []


def test_nothing_has_a_name_that_says_nothing():
    hollow = []
    for file in sources("bot", "bridges", "store", "bench", "tests"):
        hollow += [
            str(file.relative_to(ROOT)) for part in file.relative_to(ROOT).with_suffix("").parts if HOLLOW.search(part)
        ]
        hollow += [
            f"{file.relative_to(ROOT)}: class {node.name}"
            for node in ast.walk(tree(file))
            if isinstance(node, ast.ClassDef) and HOLLOW.search(node.name)
        ]
    assert hollow == []


def test_every_module_says_what_it_is_for():
    silent = [
        str(file.relative_to(ROOT))
        for file in sources("bot", "bridges", "store", "bench")
        if file.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(file))
    ]
    assert silent == []


@pytest.mark.parametrize("name", channels.names())
def test_every_channel_has_its_parts_under_the_same_names(name):
    folder = ROOT / "bridges" / name
    assert [part for part in PARTS if not (folder / f"{part}.py").exists()] == []
    channel = channels.channel(name)
    assert channel.name == name
    assert name in channel.can.words


def test_every_feature_ends_with_what_it_plugs_in():
    for file in sources("bot/features"):
        if file.name == "__init__.py":
            continue
        functions = [node for node in tree(file).body if isinstance(node, ast.FunctionDef)]
        assert functions, file.name
        assert functions[-1].name == "plug", f"{file.name}: what it plugs in stands at its end"


def test_every_command_is_attached_to_what_it_does():
    attached = {
        node.args[0].value
        for file in sources("bot/features")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "handle"
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert {command.key for command in all_commands()} == attached


def test_every_text_is_there_in_english_and_french():
    _, missing, obsolete = strings.complete("fr", strings.marked_strings())
    assert [message.id for message in missing if message.id] == []
    assert obsolete == []


# What people can use is written down for them.


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_page_is_what_the_program_says_of_itself(page):
    file = ROOT / page
    assert file.exists(), "run: make docs"
    assert file.read_text(encoding="utf-8") == reference.PAGES[page](), "run: make docs"


def written(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_every_command_is_documented():
    page = written("docs/reference/commands.md")
    for command in all_commands():
        for language in ("en", "fr"):
            assert command.word(language) in page, command.key
            assert command.example[language] in page, command.key


def test_every_setting_is_documented():
    page, example = written("docs/reference/configuration.md"), written("config.example.toml")
    for key, _ in shape.keys(all_models()):
        assert f"`{key[-1]}`" in page, key
        assert re.search(rf"^#?{re.escape(str(key[-1]))} = ", example, re.MULTILINE), key


def test_every_capability_is_documented():
    assert set(reference.CAPABILITIES) == {field.name for field in fields(Capabilities)}
    page = written("docs/reference/channels.md")
    for name in reference.CAPABILITIES:
        assert f"| `{name}` |" in page


def test_every_event_of_the_journal_is_documented():
    page = written("docs/reference/log.md")
    for events in journal_events.every_event().values():
        for name, meaning in events.items():
            assert f"| `{name}` | {meaning} |" in page


def test_every_word_of_the_house_is_in_the_glossary():
    """A table is a word of the house; so is everything people read of in the documents."""
    from store import models

    page = written("docs/reference/glossary.md").lower()
    tables = [name for name, kind in vars(models).items() if isinstance(kind, type) and hasattr(kind, "__tablename__")]
    assert len(tables) > 10
    houses = ("channel", "bridge", "address", "room", "community", "member", "membership", "topic", "thread", "message",
              "delivery", "parcel", "copy", "inbound", "event", "pace", "budget")  # fmt: skip
    assert [word for word in houses if not re.search(rf"\b{word}\b", page)] == []


def test_the_sections_of_channels_are_their_own():
    """The core's configuration knows no channel: each describes its own section."""
    assert set(all_models()) - set(CORE) == set(channels.names())
