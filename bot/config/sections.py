"""The sections of the configuration that belong to no channel. Each field's description is what the example file says."""

from __future__ import annotations

import contextlib
import difflib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, field_validator
from pydantic.fields import FieldInfo

from bot.config import channels
from bot.config.errors import ConfigError
from bot.text.duration import Duration

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
_DATABASES = ("sqlite:///", "postgresql://")

#: Of a field: it stands in a new configuration although it has a default.
_LIVE: dict[str, JsonValue] = {"live": True}

#: A path that may be left empty. Relative ones are relative to the configuration's folder.
OptionalPath = Annotated[Path | None, BeforeValidator(lambda given: None if given == "" else given)]


class Section(BaseModel):
    """What every section is: unknown keys are mistakes, and nothing changes while the program runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def live(field: FieldInfo) -> bool:
    """Whether a new configuration sets this field although it has a default."""
    return isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("live") is True


def slug_of(name: str) -> str:
    """Make "cercle-de-lecture" of "Cercle de lecture"; empty when nothing of the name can be written so."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-")


class Community(Section):
    """The first community, made at the first start. More are made by `filcommun community add`."""

    name: str = Field(min_length=1, max_length=80, description="What members read.", examples=["Cercle de lecture"])
    language: Literal["en", "fr"] = Field(
        default="en",
        description='What the bot speaks to people it does not know: "en" or "fr".',
        examples=["fr"],
        json_schema_extra=_LIVE,
    )
    timezone: str = Field(
        default="UTC",
        description="Where the community lives: clocks and days follow it.",
        examples=["Europe/Paris"],
        json_schema_extra=_LIVE,
    )
    slug: str = Field(
        default_factory=lambda so_far: slug_of(so_far.get("name", "")),
        validate_default=True,
        description="Its short name, in addresses; made from the name if missing. Do not change it later.",
        examples=["cercle"],
    )
    organizers: tuple[str, ...] = Field(
        default=(),
        description='Who may command from the first minute, as "channel:address". Without one, the start prints a code that '
        "makes an organizer of the first who sends it.",
        examples=[["email:anne@example.org"]],
    )

    @field_validator("name")
    @classmethod
    def _one_line(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip():
            raise ValueError("is one line, without blanks around it")
        return name

    @field_validator("slug")
    @classmethod
    def _short(cls, slug: str) -> str:
        if not _SLUG.match(slug):
            raise ValueError("has 1 to 40 of the letters a to z, digits and hyphens, and no hyphen at its ends")
        return slug

    @field_validator("timezone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):
            near = difflib.get_close_matches(zone, available_timezones(), 1) or ["Europe/Paris"]
            raise ValueError(f'there is no time zone of that name; did you mean "{near[0]}"?') from None
        return zone

    @field_validator("organizers")
    @classmethod
    def _reachable(cls, organizers: tuple[str, ...]) -> tuple[str, ...]:
        known = channels.names()
        for one in organizers:
            channel, colon, address = one.partition(":")
            if not colon or not address.strip():
                raise ValueError(f'has "channel:address" in it, such as "{known[0] if known else "channel"}:address"')
            if channel not in known:
                near = difflib.get_close_matches(channel, known, 1)
                hint = f'did you mean "{near[0]}"?' if near else "there are " + ", ".join(f'"{name}"' for name in known)
                raise ValueError(f'there is no channel "{channel}"; {hint}')
            like = getattr(models({channel}).get(channel), "someone", None)
            if like is not None and not re.fullmatch(like[0], address.strip()):
                raise ValueError(f'"{one}" would reach nobody: {like[1]}')
        return organizers


class Store(Section):
    """Where the community's memory is. Paths are relative to this file's folder."""

    url: str = Field(
        default="sqlite:///data/filcommun.db",
        repr=False,  # it may hold a password
        description='A SQLite file ("sqlite:///path") or a PostgreSQL database ("postgresql://user@host/name").',
    )
    files: Path = Field(default=Path("data/files"), description="The folder of members' files and of large mails.")
    key: Path = Field(
        default=Path("data/secret.key"),
        description="The secret all codes are derived from; made at the first start. Keep a copy elsewhere: a backup has none.",
    )

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if not url.startswith(_DATABASES) or url in _DATABASES:
            raise ValueError('begins with "sqlite:///" and a path, or with "postgresql://"')
        return url

    @property
    def path(self) -> Path | None:
        """The database's file, if it is one."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    def within(self, folder: Path) -> Store:
        """The same with a SQLite file below `folder`, if its path is relative."""
        if self.path is None or self.path.is_absolute():
            return self
        return self.model_copy(update={"url": f"sqlite:///{folder / self.path}"})


def _lasting(default: str, description: str) -> Any:
    return Field(default=default, validate_default=True, description=description)


class Keep(Section):
    """How long things are kept; then they are erased."""

    messages: Duration = _lasting("2 years", "What members said.")
    files: Duration = _lasting("1 year", "Their files.")
    parcels: Duration = _lasting("90 days", "The record of what was sent.")
    raw_chat: Duration = _lasting("24 hours", "What a messenger gave us, as it came, after it was handled.")
    raw_mail: Duration = _lasting("30 days", "A mail as it came, after it was handled.")
    processed: Duration = _lasting("30 days", "Handled mails in the mailbox's own folders.")


class Backup(Section):
    """Copies of the memory: every day at 4:00, and before the database's form changes."""

    folder: Path = Field(default=Path("data/backups"), description="Where the copies are put.")
    keep: int = Field(
        default=14, ge=1, le=1000, description="How many copies are kept, and each of them at most 30 days."
    )
    copy_to: OptionalPath = Field(
        default=None, description="A second folder for each copy, best on another machine or disk."
    )
    passphrase_file: OptionalPath = Field(default=None, description="A file whose first line encrypts the copies.")


#: The core's sections, by name.
CORE: dict[str, type[Section]] = {"community": Community, "store": Store, "keep": Keep, "backup": Backup}


def models(used: Iterable[str]) -> dict[str, type[BaseModel]]:
    """The core's sections, and those of the channels named in `used`: what is off is not imported."""
    there = set(channels.names())
    found: dict[str, type[BaseModel]] = dict(CORE)
    for name in sorted(there.intersection(used)):
        try:
            found[name] = channels.channel(name).settings
        except ImportError as problem:
            missing = problem.name or "something"
            raise ConfigError([f"[{name}]: this channel needs {missing}, which is not installed"]) from None
    return found


def all_models() -> dict[str, type[BaseModel]]:
    """Every section there could be here; a channel that lacks a library is left out."""
    found: dict[str, type[BaseModel]] = dict(CORE)
    for name in channels.names():
        with contextlib.suppress(ConfigError):
            found |= models([name])
    return found
