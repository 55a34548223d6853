"""What the sections' models say about a key: whether there is such a field, a list, a secret."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.config.lines import Key

Models = Mapping[str, type[BaseModel]]


def _kinds(annotation: Any) -> Iterator[Any]:
    """The plain types within Optional, Union and Annotated."""
    if typing.get_origin(annotation) is None:
        yield annotation
    elif isinstance(typing.get_origin(annotation), type) and typing.get_origin(annotation).__module__ != "types":
        yield typing.get_origin(annotation)
    else:
        for inner in typing.get_args(annotation):
            yield from _kinds(inner)


def inner_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a section within a section."""
    for kind in _kinds(field.annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def model_at(models: Models, path: Key) -> type[BaseModel] | None:
    """The model of the section at `path`: ("email", "smtp")."""
    if not path or (model := models.get(str(path[0]))) is None:
        return None
    found: type[BaseModel] | None = model
    for name in path[1:]:
        field = found.model_fields.get(str(name)) if found else None
        found = inner_model(field) if field else None
    return found


def field_at(models: Models, path: Key) -> FieldInfo | None:
    """The field of the key at `path`: ("email", "smtp", "host"); of an item of a list, the list's."""
    names: Key = tuple(name for name in path if isinstance(name, str))
    model = model_at(models, names[:-1])
    return model.model_fields.get(str(names[-1])) if model and names else None


def is_list(field: FieldInfo) -> bool:
    """Whether it takes several values."""
    return any(
        isinstance(kind, type) and issubclass(kind, (Sequence, set, frozenset)) and not issubclass(kind, (str, bytes))
        for kind in _kinds(field.annotation)
    )


def is_secret(field: FieldInfo) -> bool:
    """Whether its value must never be shown. It may then come from a file."""
    return not field.repr or any(
        isinstance(kind, type) and issubclass(kind, SecretStr) for kind in _kinds(field.annotation)
    )


def keys(models: Models) -> Iterator[tuple[Key, FieldInfo]]:
    """Every key of every section, in their order; a section's own keys before those of the sections within."""
    for name, model in models.items():
        yield from _keys((name,), model)


def _keys(path: Key, model: type[BaseModel]) -> Iterator[tuple[Key, FieldInfo]]:
    inner: list[tuple[Key, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        if (below := inner_model(field)) is not None:
            inner.append(((*path, name), below))
        else:
            yield (*path, name), field
    for deeper, below in inner:
        yield from _keys(deeper, below)
