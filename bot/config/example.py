"""The example configuration, made from what every setting says of itself: config.example.toml, and `filcommun init`."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config import channels, faults, shape
from bot.config.errors import ConfigError
from bot.config.lines import Key
from bot.config.sections import CORE, all_models, live

_HEAD = """\
# The configuration of Fil commun. What stands without "#" here is all that it needs to start.
# A line like "#keep = 14" shows the default, or an example where that is empty: to change it, take the "#" away,
# also before its [section].
# Every key may come from the environment instead: FILCOMMUN_COMMUNITY__NAME, FILCOMMUN_BACKUP__KEEP; a secret
# also from a file: FILCOMMUN_STORE__URL_FILE=/run/secrets/url. Check it all with: filcommun check
"""
_WIDTH = 110


def write_example(path: Path, on: Collection[str] = (), values: Mapping[str, str] | None = None) -> None:
    """Write a configuration to start from, readable by its owner only. Raises ConfigError if there is one already.

    `on` and `values` as in `example_text`.
    """
    text = example_text(on, values)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(
            [f"{path}: is there already and was left alone. Move it away, or name another file"]
        ) from None
    except OSError as problem:
        raise ConfigError([f"{path}: cannot be written ({problem.strerror})"]) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def example_text(on: Collection[str] = (), values: Mapping[str, str] | None = None) -> str:
    """Every setting of every section, explained. What can be left out is commented out.

    `on` names the channels whose section is not commented out; by default the one that asks the least of an operator.
    `values` has what is known already: {"community.name": "Cercle de lecture"}.
    """
    models = all_models()
    shown = {*CORE, *(on or _easiest(models))}
    known = values or {}
    parts = [
        _HEAD,
        *(part for name, model in models.items() for part in _section((name,), model, name in shown, known)),
    ]
    return "\n".join(parts)


def _easiest(models: shape.Models) -> list[str]:
    """The channel with the fewest settings that must be given; of two, one that people may join by a link."""

    def effort(name: str) -> tuple[int, bool, str]:
        needed = sum(field.is_required() for _, field in shape.keys({name: models[name]}))
        return needed, not channels.channel(name).can.invites_by_link, name

    ready = [name for name in models if name not in CORE and effort(name)[0]]
    return sorted(ready, key=effort)[:1]


def _section(path: Key, model: type[BaseModel], on: bool, known: Mapping[str, str]) -> Iterator[str]:
    """A section and those within it; a section without a setting of its own says nothing."""
    lines = [f"# {line}" for line in textwrap.wrap(first_paragraph(model), _WIDTH)]
    used = on and any(_is_live((*path, name), field, known) for name, field in model.model_fields.items())
    lines.append(("" if used else "#") + f"[{'.'.join(map(str, path))}]")
    inner: list[tuple[Key, type[BaseModel], bool]] = []
    for name, field in model.model_fields.items():
        key = (*path, name)
        if (below := shape.inner_model(field)) is not None:
            inner.append((key, below, on and field.is_required()))
            continue
        lines += [f"# {line}" for line in textwrap.wrap(sentence(field), _WIDTH)]
        lines.append(("" if on and _is_live(key, field, known) else "#") + f"{name} = {_value(key, field, known)}")
    if model.model_fields:
        yield "\n".join(lines) + "\n"
    for key, below, below_on in inner:
        yield from _section(key, below, below_on, known)


def _is_live(key: Key, field: FieldInfo, known: Mapping[str, str]) -> bool:
    return field.is_required() or live(field) or ".".join(map(str, key)) in known


def _value(key: Key, field: FieldInfo, known: Mapping[str, str]) -> str:
    """What is known, else an example where one is needed, else the default."""
    given = known.get(".".join(map(str, key)))
    if given is not None:
        return faults.toml(given)
    default = None if live(field) or field.is_required() else faults.default(field)
    if default in {None, "[]", '""'}:  # an empty default shows nobody how it is written
        return faults.example(field) or default or '""'
    return str(default)


def sentence(field: FieldInfo) -> str:
    """A setting's explanation as whole sentences."""
    said = (field.description or "").strip()
    if said and said.split()[0].isalpha():  # but "signal-cli-rest-api" stays as it is
        said = said[0].upper() + said[1:]
    return said + ("" if not said or said[-1] in ".!?" else ".")


def first_paragraph(model: type[BaseModel]) -> str:
    """What a section says of itself."""
    return " ".join((model.__doc__ or "").strip().partition("\n\n")[0].split())
