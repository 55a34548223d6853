"""What the code says beside what the catalogues hold: finds the marked sentences, and keeps the .po files complete.

A tool for people who write features (`python -m bot.i18n`, explained there); the running program never imports it.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.i18n import DOMAIN, LANGUAGES, LOCALE

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

#: What marks a sentence, and which of the arguments it is: (context, one, many).
_WORDS_FIRST = (None, 0, None)
_BARE = {"t", "N_"}
_METHODS = {"n": (None, 0, 1), "rich": _WORDS_FIRST, "rich_n": (None, 0, 1), "p": (0, 1, None)}


@dataclass(slots=True)
class Marked:
    """A sentence found in the source, and where."""

    one: str
    many: str = ""
    context: str = ""
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What a catalogue knows it by."""
        return self.context, self.one


def marked_strings(root: Path = LOCALE.parent) -> dict[tuple[str, str], Marked]:
    """Every sentence marked below `root`, by context and English words, in the order of the source."""
    found: dict[tuple[str, str], Marked] = {}
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root.parent).as_posix()
        for sentence in _in_source(path.read_text("utf-8")):
            kept = found.setdefault(sentence.key, sentence)
            kept.many = kept.many or sentence.many
            if place not in kept.places:
                kept.places.append(place)
    return found


def _in_source(source: str) -> Iterator[Marked]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if (shape := _shape(call.func)) is None:
            continue
        context, one, many = (None if index is None else _literal(call, index) for index in shape)
        if one:
            yield Marked(one, many or "", context or "")


def built_at_run_time(source: str) -> list[int]:
    """The lines of `source` that translate a sentence put together there, which no catalogue can hold."""
    lines = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        shape = _shape(call.func)
        words = [call.args[index] for index in shape or () if index is not None and index < len(call.args)]
        if any(isinstance(one, ast.JoinedStr | ast.BinOp) for one in words):
            lines.append(call.lineno)
    return lines


def _shape(function: ast.expr) -> tuple[int | None, int, int | None] | None:
    """Which arguments of a call are words: `t(…)`, `scene.t(…)`, `t.n(…)`, `translator(language).p(…)`."""
    if _called(function) in _BARE or (isinstance(function, ast.Call) and _called(function) == "translator"):
        return _WORDS_FIRST
    if isinstance(function, ast.Attribute) and function.attr in _METHODS:
        return _METHODS[function.attr] if _called(function.value) in {"t", "self", "translator"} else None
    return None


def _called(expression: ast.expr) -> str:
    """What a translator, or the making of one, is called: the last name in the expression."""
    if isinstance(expression, ast.Call):
        return "translator" if _called(expression.func) == "translator" else ""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _literal(call: ast.Call, index: int) -> str | None:
    if index >= len(call.args):
        return None
    value = call.args[index]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def catalogue_path(language: str) -> Path:
    """Where the translations into `language` are written."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """The catalogue as it is written."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def complete(language: str, source: dict[tuple[str, str], Marked]) -> tuple[Catalog, Catalog, list[str]]:
    """The catalogue as it should be written, what of it has no translation yet, and what nothing says any more."""
    from babel.messages.catalog import Catalog

    old = read(language)
    whole, missing = (Catalog(locale=language, domain=DOMAIN, fuzzy=False) for _ in range(2))
    for sentence in source.values():
        words = (sentence.one, sentence.many) if sentence.many else sentence.one
        known = old.get(sentence.one, sentence.context or None)
        translation = (
            known.string if known and not known.fuzzy and isinstance(known.string, str) != bool(sentence.many) else None
        )
        places = [(place, 1) for place in sentence.places]
        whole.add(words, translation, places, context=sentence.context or None)
        if not translation or (sentence.many and not all(translation)):
            missing.add(words, None, places, context=sentence.context or None)
    # `_messages`: Babel's own dictionary; iterating yields the header too.
    obsolete = [
        m.id if isinstance(m.id, str) else m.id[0] for m in old if m.id and (m.context or "", _one(m.id)) not in source
    ]
    return whole, missing, obsolete


def _one(words: str | tuple[str, ...] | list[str]) -> str:
    return words if isinstance(words, str) else words[0]


def _as_po(catalogue: Catalog, *, header: bool = False) -> bytes:
    import io

    from babel.messages.pofile import write_po

    binary = io.BytesIO()
    write_po(binary, catalogue, width=120, omit_header=not header, include_lineno=False, sort_by_file=False)
    return binary.getvalue()


def write(language: str, catalogue: Catalog) -> None:
    """Write the catalogue in the order of the source, with a header that changes only when a person changes it."""
    body = _as_po(catalogue).decode()
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    catalogue_path(language).parent.mkdir(parents=True, exist_ok=True)
    catalogue_path(language).write_text(header + body, "utf-8")


def compile_one(language: str) -> bytes:
    """What the compiled catalogue must be, byte for byte."""
    import io

    from babel.messages.mofile import write_mo

    binary = io.BytesIO()
    write_mo(binary, read(language))
    return binary.getvalue()


def main() -> None:
    """What `python -m bot.i18n` does."""
    parser = argparse.ArgumentParser(prog="python -m bot.i18n", description="Keeps the catalogues complete.")
    parser.add_argument(
        "--write", action="store_true", help="put the missing sentences into the .po files, and compile"
    )
    asked = parser.parse_args()
    source = marked_strings()
    wrong = 0
    for language in LANGUAGES:
        if language == "en":
            continue
        whole, missing, obsolete = complete(language, source)
        if asked.write:
            write(language, whole)
            catalogue_path(language).with_suffix(".mo").write_bytes(compile_one(language))
        sys.stdout.write(_as_po(missing).decode())
        for words in obsolete:
            sys.stdout.write(f"# nothing says this any more: {words!r}\n")
        wrong += len(missing) + (0 if asked.write else len(obsolete))
        sys.stderr.write(
            f"{language}: {len(missing)} without a translation, {len(obsolete)} obsolete, of {len(source)}\n"
        )
    raise SystemExit(1 if wrong else 0)
