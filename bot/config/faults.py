"""What is wrong with a configuration, said to the person who wrote it: where, what, and what to write instead.

A value that was given for a secret never stands in a sentence, not even when it is the thing that is wrong.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bot.config import shape
from bot.config.lines import Key
from bot.config.sections import all_models
from bot.config.sources import Given, variable

_KINDS = {
    "string_type": "must be text, between quotation marks",
    "int_type": "must be a whole number, without quotation marks",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotation marks",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false, without quotation marks",
    "bool_parsing": "must be true or false",
    "tuple_type": 'must be a list: ["one", "two"]',
    "list_type": 'must be a list: ["one", "two"]',
    "path_type": "must be a path, between quotation marks",
    "string_too_short": "is empty",
}


def sentences(problem: ValidationError, given: Given, models: shape.Models) -> list[str]:
    """One sentence for each thing that is wrong, in the order of the file."""
    found = problem.errors(include_input=False, include_url=False, include_context=True)
    # A default made from a setting that is itself wrong: that one is told.
    told = [error for error in found if error["type"] != "default_factory_not_called"]
    ordered = sorted(told, key=lambda error: (_line(given, error["loc"]), str(error["loc"])))
    said = dict.fromkeys(_sentence(error, given, models) for error in ordered)
    return [_without_secrets(sentence, given, models) for sentence in said]


def _line(given: Given, key: Key) -> int:
    return next((given.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in given.lines), 1_000_000)


def _sentence(error: Mapping[str, Any], given: Given, models: shape.Models) -> str:
    key = _known(error["loc"], given, models, unknown=error["type"] == "extra_forbidden")
    where = given.where(key)
    if error["type"] == "extra_forbidden":
        return f"{where}: there is no such setting. {_nearest(key, given)}"
    field = shape.field_at(models, key)
    if error["type"] in {"model_type", "model_attributes_type", "dict_type"}:
        names = ".".join(map(str, key))
        return f"{where}: is a section. Write [{names}] on a line of its own, its settings below" + (
            f", or {variable(key)}__…" if key in given.variables else ""
        )
    if error["type"] == "missing" and (model := shape.model_at(models, key)):
        return _missing_section(key, model, given)
    if error["type"] == "missing" and field:
        text = example(field) or '"…"'
        return f"{where}: is missing{_purpose(field)}. Write: {_assignment(key, text, given)}"
    cause = _cause(error)
    enough = "write" in cause.lower() or cause.endswith("?")  # it tells already what to do
    return f"{where}: {cause}{'' if enough else _write(key, given, field)}"


def _known(loc: Key, given: Given, models: shape.Models, *, unknown: bool) -> Key:
    """`loc` without what pydantic adds to it for unions."""
    key: Key = ()
    for name in loc:
        longer = (*key, name)
        exists = shape.model_at(models, longer) or shape.field_at(models, longer) or given.value(longer) is not None
        if exists or not key or (unknown and name == loc[-1]):
            key = longer
    return key


def _cause(error: Mapping[str, Any]) -> str:
    """What is wrong with a value, as the end of a sentence that begins with the setting's name."""
    kind = error["type"]
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "literal_error":
        return "must be one of " + str(error.get("ctx", {}).get("expected", "")).replace("'", '"')
    if kind in {"value_error", "assertion_error"}:
        return str(error.get("ctx", {}).get("error", error["msg"])).rstrip(".")
    message = str(error["msg"]).replace("Input should be", "must be").replace("'", '"')
    return message[:1].lower() + message[1:]


def _write(key: Key, given: Given, field: FieldInfo | None) -> str:
    """An example, unless the key is known by a name only."""
    text = example(field) if field else None
    if field is None or text in {None, '""'} or shape.is_secret(field):
        return ""
    return f". Write, for example: {_assignment(key, str(text), given)}"


def _assignment(key: Key, text: str, given: Given) -> str:
    names: Key = tuple(name for name in key if isinstance(name, str))
    return (
        f"{variable(names)}={text.strip(chr(34))}"
        if names in given.variables or given.file is None
        else f"{names[-1]} = {text}"
    )


def _missing_section(key: Key, model: type[BaseModel], given: Given) -> str:
    """What cannot be left out of a section that cannot be left out."""
    name, needed = ".".join(map(str, key)), [name for name, field in model.model_fields.items() if field.is_required()]
    if given.file is None:
        return " and ".join(variable((*key, one)) for one in needed) + ": is missing"
    return f"{given.file}, [{name}]: this section is missing. Write [{name}] and below it: {', '.join(needed)}"


def _purpose(field: FieldInfo | None) -> str:
    """The first sentence of a setting's own explanation."""
    said = (field.description or "").partition(". ")[0].strip().rstrip(".:") if field else ""
    return f" ({said[:1].lower()}{said[1:]})" if said else ""


def example(field: FieldInfo) -> str | None:
    """A value in TOML that shows how this setting is written: its own example, or else its default."""
    if field.examples:
        return toml(field.examples[0])
    if field.is_required() or shape.inner_model(field) is not None:
        return None
    return default(field)


def default(field: FieldInfo) -> str | None:
    """The default in TOML; None if there is none, or it is made from other settings."""
    if field.is_required() or field.default_factory_takes_validated_data:
        return None
    value = field.get_default(call_default_factory=True)
    if value is None or isinstance(value, SecretStr):
        return '""'
    if field.validate_default and isinstance(value, str):
        return toml(value)
    kind: Any = field.annotation
    for extra in field.metadata:
        kind = Annotated[kind, extra]
    return toml(TypeAdapter(kind).dump_python(value, mode="json"))


def toml(value: Any) -> str:
    """A plain value as TOML writes it."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, (bool, int, float)):
        return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)
    return json.dumps(str(value), ensure_ascii=False)


def _nearest(key: Key, given: Given) -> str:
    """The name that was probably meant, or where this name belongs, or all the names there are."""
    everything = all_models()
    name, section = str(key[-1]), key[:-1]
    here = _fields(section, everything) if section else list(everything)
    variables = [known for known in given.variables if known[: len(key)] == key and key not in given.lines]
    if variables and not section:
        here.append("config")  # FILCOMMUN_CONFIG
    homes = [path[:-1] for path, _ in shape.keys(everything) if path[-1] == name]
    homes.sort(key=lambda home: home[:1] != key[:1])
    belongs = f"It belongs below [{'.'.join(map(str, homes[0]))}]" if homes else ""
    if belongs and not section and not isinstance(given.value(key), dict):
        return belongs
    if variables and not section:
        # One underscore where two part the section from the key.
        for known, rest in (
            (known, name.removeprefix(f"{known}_")) for known in everything if name.startswith(f"{known}_")
        ):
            if shape.field_at(everything, (known, rest)) is not None:
                return f"Did you mean {variable((known, rest))}?"
    if near := difflib.get_close_matches(name, here, 1):
        meant = variable((*section, near[0], *variables[0][len(key) :])) if variables else f'"{near[0]}"'
        return f"Did you mean {meant}?"
    return belongs or ("The settings here are: " if section else "The sections are: ") + ", ".join(here)


def _fields(key: Key, models: shape.Models) -> list[str]:
    model = shape.model_at(models, key)
    return list(model.model_fields) if model else []


def _without_secrets(sentence: str, given: Given, models: shape.Models) -> str:
    for value in _secrets(given, models):
        sentence = sentence.replace(value, "…")
    return sentence


def _secrets(given: Given, models: shape.Models) -> Iterator[str]:
    for key, field in shape.keys(models):
        if shape.is_secret(field):
            for tree in (given.environment, given.text):
                value = Given(text=tree).value(key)
                # A database's address without a name in it is no secret, and may be the beginning of the advice.
                address = key[-1] == "url" and isinstance(value, str) and "@" not in value
                if isinstance(value, str) and len(value) >= 4 and not address:
                    yield value
