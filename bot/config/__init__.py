"""The configuration: read once, checked whole, and said clearly when it is wrong.

The order: an environment variable (`FILCOMMUN_EMAIL__SMTP__PORT`, for a secret also `…_FILE`), then the file, then the
default. The core has four sections; every other one belongs to the channel of that name, which describes it in
`bridges/NAME/settings.py`. A channel without a section is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, PrivateAttr, ValidationError, create_model
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config import faults, shape, sources
from bot.config.bare import bare
from bot.config.errors import ConfigError
from bot.config.example import example_text, write_example
from bot.config.lines import Key
from bot.config.sections import CORE, Backup, Community, Keep, Store, all_models, models
from bot.config.sources import Given, Tree

__all__ = [
    "Backup",
    "Community",
    "ConfigError",
    "Keep",
    "Settings",
    "Store",
    "all_models",
    "example_text",
    "load",
    "write_example",
]


Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseSettings):
    """The checked configuration; it does not change while the program runs."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    community: Community
    store: Store = Store()
    keep: Keep = Keep()
    backup: Backup = Backup()

    _given: Given = PrivateAttr(default_factory=Given)

    @property
    def channels(self) -> dict[str, Any]:
        """The section of every channel that is on, by the channel's name."""
        sections = ((name, getattr(self, name)) for name in type(self).model_fields if name not in CORE)
        return {name: section for name, section in sections if section is not None}

    @property
    def file(self) -> Path | None:
        """The file it was read from; None if everything came from the environment."""
        return self._given.file

    def where(self, *key: str) -> str:
        """Where a key is set, to begin a sentence with: `config.toml, line 31, [email.imap] host`."""
        return self._given.where(key)

    def without_secrets(self) -> tuple[str, list[str]]:
        """The text of a file with these settings but the secret ones, and which those are; for a backup."""
        return bare(self._given.text, self._given.environment)

    def warnings(self) -> list[str]:
        """What works and should be changed all the same, a sentence each."""
        return self._unheard() + self._unguarded()

    def _unheard(self) -> list[str]:
        """Organizers on a channel that is off: nothing they write arrives."""
        community = self.community
        return [
            f"{self.where('community', 'organizers')}: {one.partition(':')[0]} is off, so {one} cannot be an organizer"
            for one in (community.organizers if community is not None else ())
            if one.partition(":")[0] not in self.channels
        ]

    def _unguarded(self) -> list[str]:
        """Secrets other people of this machine may read."""
        file = self._given.file
        if file is None or not file.stat().st_mode & 0o044:
            return []
        known = models(self._given.text)
        if not any(shape.is_secret(field) and self._held(key) for key, field in shape.keys(known)):
            return []
        return [f"{file}: holds secrets, and other people of this machine may read it. Type: chmod 600 {file}"]

    def _held(self, key: Key) -> bool:
        """Does the file itself hold something secret under `key`? A database's address may have no password in it."""
        value = Given(text=self._given.text).value(key)
        return isinstance(value, str) and bool(value) and (":" not in value or "@" in value or key[-1] != "url")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check the configuration: `path`, else $FILCOMMUN_CONFIG, else ./config.toml, and the environment.

    Raises ConfigError with everything that is wrong, not only the first thing.
    """
    given = sources.read(path, environ)
    known = models([*given.text, *given.environment])
    try:
        settings = _model(given, known).model_validate({})
    except ValidationError as problem:
        raise ConfigError(given.wrong + faults.sentences(problem, given, known)) from None
    if given.wrong:
        raise ConfigError(given.wrong)
    settings = _absolute(settings, given.folder)
    settings._given = given  # noqa: SLF001 - ours
    return settings


class _From(PydanticBaseSettingsSource):
    """One of the places settings come from, already read."""

    def __init__(self, settings: type[BaseSettings], tree: Tree, known: shape.Models) -> None:
        super().__init__(settings)
        self.tree = _without_blanks(tree, known)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return self.tree.get(field_name), field_name, False

    def __call__(self) -> Tree:
        return self.tree


def _without_blanks(tree: Tree, known: shape.Models, path: Key = ()) -> Tree:
    """`token = ""` is a setting somebody meant to fill in: as good as missing when it has no default."""
    kept: Tree = {}
    for name, value in tree.items():
        key = (*path, name)
        field = shape.field_at(known, key) if path else None
        if isinstance(value, dict):
            kept[name] = _without_blanks(value, known, key)
        elif value != "" or field is None or not field.is_required():
            kept[name] = value
    return kept


def _model(given: Given, known: shape.Models) -> type[Settings]:
    """Settings with a field for each channel that is on."""

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: Any, **__: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(_From(settings_cls, tree, known) for tree in (given.environment, given.text))

    fields: dict[str, Any] = {name: (model, ...) for name, model in known.items() if name not in CORE}
    return create_model("Settings", __base__=Loaded, **fields)


def _absolute(model: Model, folder: Path) -> Model:
    """The same with every relative path below `folder`."""
    changes: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Store):
            value = value.within(folder)
        if isinstance(value, BaseModel):
            changes[name] = _absolute(value, folder)
        elif isinstance(value, Path):
            changes[name] = folder / value.expanduser()
    return model.model_copy(update=changes)
