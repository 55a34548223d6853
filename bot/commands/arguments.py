# ruff: noqa: ARG001 - all readers have one shape
"""The closed arguments: what may follow a command word without slash and colon, because it can be nothing else.

A reader returns the value as the features want it ("daily", "fr", "Europe/Paris", the channel's name), or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from bot.commands.command import Command, Commands, Kind
from bot.commands.slips import one_slip
from bot.core.tokens import ALPHABET
from bot.i18n import LANGUAGES
from bot.text.duration import parse_duration
from bot.text.fold import fold

#: The paces, and how people say them; the first word of each language is the one that is shown.
PACES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "each": {
        "en": ("each", "all", "every", "every message", "each message"),
        "fr": ("tout", "tous", "chaque", "chaque message", "immédiat"),
    },
    "grouped": {
        "en": ("grouped", "group", "groups"),
        "fr": ("groupé", "groupe", "groupes", "groupés", "groupée", "regroupé", "regroupés"),
    },
    "daily": {
        "en": ("daily", "day", "once a day", "every day"),
        "fr": ("quotidien", "quotidienne", "jour", "chaque jour", "une fois par jour", "une fois jour"),
    },
    "weekly": {
        "en": ("weekly", "week", "once a week", "every week"),
        "fr": ("hebdo", "hebdomadaire", "semaine", "chaque semaine", "une fois par semaine", "une fois semaine"),
    },
    "mine": {
        "en": ("mine", "me", "only me"),
        "fr": ("moi", "pour moi", "que moi", "seulement moi", "miens"),
    },
}

#: Words that say nothing between the command and its argument: "recevoir les messages *par* mail".
_FILLERS: Final[Mapping[Kind, frozenset[str]]] = {
    "channel": frozenset(
        ["par", "le", "the", "sur", "via", "by", "on", "in", "en", "my", "mes", "les", "messages", "mon"]
    ),
    "language": frozenset(["en", "in", "to", "le", "la", "passer"]),
    "pace": frozenset(["en", "par", "a", "to", "les", "messages", "mes", "my", "de"]),
    "zone": frozenset(["de", "a", "of", "in", "horaire"]),
    "choice": frozenset(),
}

_ADDRESS = re.compile(r"[^\s,;<>()\"]+@[^\s,;<>()\"@]+\.[a-zA-Z]{2,}")
_BETWEEN_ADDRESSES = re.compile(r"(?:[\s,;<>]|\bet\b|\band\b|\"[^\"]*\"|mailto:)*", re.IGNORECASE)
_ITEM = re.compile(r"(in|out|entree|sortie)\s?[: ]\s?(\d{1,12})")
_NUMBER = re.compile(r"(?:#|n°\s?|no\s)?(\d{1,6})")
_TYPED_CODE = re.compile(rf"([{ALPHABET}]{{4}})[- ]?([{ALPHABET}]{{4}})", re.IGNORECASE)
#: What stands in an invitation's link: 120 bits of base32 (`bot.core.tokens.link_code`).
_LINK_CODE = re.compile(r"(?=[a-z]*[2-7])[a-z2-7]{24}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """What the closed arguments are compared with."""

    commands: Commands
    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    members: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """An argument that was understood; `certain` unless a typing mistake was forgiven."""

    text: str
    kind: Kind
    certain: bool = True


def read_argument(command: Command, given: str, known: Known) -> Value | None:
    """`given` as one of the closed arguments that `command` takes; None if it is none of them."""
    given = given.strip().strip("\"'«»“”*_").strip().rstrip(".!…").rstrip()
    if not given or len(given) > 500:
        return None
    for kind in command.takes:
        reader = _READERS.get(kind)
        if reader and (value := reader(given, command, known)) is not None:
            return value
    return None


def pace_word(pace: str, language: str) -> str:
    """How `pace` is called in `language`; a pace we do not know is its own name."""
    words = PACES.get(pace, {})
    return words.get(language, words.get("en", (pace,)))[0]


def code_of(text: str) -> str | None:
    """The code that `text` is, all of it, in capitals without hyphen: "7k2f 9mpd" is "7K2F9MPD".

    Without a digit only the form of the printed sheets counts, capitals and a hyphen: other words have eight letters.
    """
    text = text.strip().strip("\"'«»“”*_.").strip()
    if found := _TYPED_CODE.fullmatch(text):
        code = found[1] + found[2]
        printed = text.isupper() and "-" in text
        digits = sum(char.isdigit() for char in code)
        return code.upper() if printed or 0 < digits < 8 else None
    return text.upper() if _LINK_CODE.fullmatch(text) else None


def find_code(text: str) -> str | None:
    """The first code somewhere in `text`: what a stranger writes around an invitation's code does not matter."""
    for word in re.finditer(
        r"[0-9A-Za-z]{4}-[0-9A-Za-z]{4}(?![-\w])|\b[0-9A-Za-z]{8}\b|\b[0-9A-Za-z]{24}\b", text[:4000]
    ):
        if code := code_of(word[0]):
            return code
    return None


def _from_table(kind: Kind, given: str, table: Mapping[str, Sequence[str]]) -> Value | None:
    words = {fold(word): value for value, all_words in table.items() for word in (value, *all_words)}
    fillers = _FILLERS.get(kind, frozenset())
    plain = fold(given)
    short = " ".join(word for word in plain.split() if word not in fillers)
    for said in (plain, short):
        if said in words:
            return Value(words[said], kind)
    near = {value for word, value in words.items() if one_slip(short, word)}
    return Value(near.pop(), kind, certain=False) if len(near) == 1 else None


def _pace(given: str, command: Command, known: Known) -> Value | None:
    return _from_table("pace", given, {pace: sum(words.values(), ()) for pace, words in PACES.items()})


def _channel(given: str, command: Command, known: Known) -> Value | None:
    return _from_table("channel", given, known.channels)


def _language(given: str, command: Command, known: Known) -> Value | None:
    return _from_table("language", given, LANGUAGES)


def _choice(given: str, command: Command, known: Known) -> Value | None:
    return _from_table("choice", given, command.choices)


def _number(given: str, command: Command, known: Known) -> Value | None:
    found = _NUMBER.fullmatch(fold(given))
    return Value(str(int(found[1])), "number") if found else None


def _item(given: str, command: Command, known: Known) -> Value | None:
    found = _ITEM.fullmatch(fold(given))
    if not found:
        return None
    return Value(f"{'in' if found[1] in {'in', 'entree'} else 'out'}:{int(found[2])}", "item")


def _code(given: str, command: Command, known: Known) -> Value | None:
    code = code_of(given)
    return Value(code, "code") if code else None


def _addresses(given: str, command: Command, known: Known) -> Value | None:
    """Mail addresses and nothing else but names in quotes: "a@b.fr, c@d.fr"; the domain in lower case."""
    addresses, rest = _ADDRESS.findall(given), _ADDRESS.sub(" ", given)
    if not addresses or not _BETWEEN_ADDRESSES.fullmatch(rest):
        return None
    lowered = (
        f"{local}@{domain.lower()}"
        for local, _, domain in (one.removeprefix("mailto:").rpartition("@") for one in addresses)
    )
    return Value(", ".join(dict.fromkeys(lowered)), "addresses")


def _member(given: str, command: Command, known: Known) -> Value | None:
    said = fold(given)
    names = [name for name in known.members if fold(name) == said]
    names = names or [name for name in known.members if fold(name).split()[:1] == [said]]
    return Value(names[0], "member") if len(names) == 1 else None


def _term(given: str, command: Command, known: Known) -> Value | None:
    """A member and how many seconds, a tab between: "Karim B. 2 days" is Karim B. and 172800; without a length, -1."""
    words = given.split()
    for count in range(len(words), max(0, len(words) - 4), -1):
        member = _member(" ".join(words[:count]), command, known)
        if member is None:
            continue
        try:
            seconds = parse_duration(" ".join(words[count:])) if words[count:] else -1.0
        except ValueError:
            continue
        return Value(f"{member.text}\t{seconds:.0f}", "term")
    return None


def _belonging(given: str, command: Command, known: Known) -> Value | None:
    """Somebody's address: "Karim telegram" is "telegram:Karim"; the channel may stand first, and "de" between them."""
    words = given.split()
    for cut in range(1, len(words)):
        first, last = " ".join(words[:cut]), " ".join(words[cut:])
        for whose, where in ((first, last), (re.sub(r"^(?:de|d'|of)\s*", "", last), first)):
            member, channel = _member(whose, command, known), _channel(where, command, known)
            if member and channel and channel.certain:
                return Value(f"{channel.text}:{member.text}", "belonging")
    return None


def _guest(given: str, command: Command, known: Known) -> Value | None:
    """Somebody who was invited, as one names them: a few words. Whom they name the feature knows."""
    return Value(given, "guest") if 0 < len(given.split()) <= 4 and "\n" not in given else None


def _command(given: str, command: Command, known: Known) -> Value | None:
    entry = known.commands.by_word.get(fold(given).lstrip("/")) or known.commands.by_slash.get(fold(given).lstrip("/"))
    return Value(entry.command.key, "command") if entry else None


def _zone(given: str, command: Command, known: Known) -> Value | None:
    words = [word for word in fold(given).replace("_", " ").split() if word not in _FILLERS["zone"]]
    said = " ".join(words).replace(" / ", "/")
    zones = _zones()
    found = zones.get(said) or zones.get(said.replace(" ", "/", 1))
    if found:
        return Value(found, "zone")
    near = {zone for name, zone in zones.items() if "/" in name and one_slip(said, name)}
    return Value(near.pop(), "zone", certain=False) if len(near) == 1 else None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Every time zone by its name and, where it is the only one, by its city."""
    from zoneinfo import available_timezones

    zones = {
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix", "right"))
    }
    cities: dict[str, list[str]] = {}
    for zone in zones:
        cities.setdefault(_plain_zone(zone.rpartition("/")[2]), []).append(zone)
    names = {city: of[0] for city, of in cities.items() if len(of) == 1}
    return {"utc": "UTC", "gmt": "UTC"} | names | {_plain_zone(zone): zone for zone in zones}


def _plain_zone(zone: str) -> str:
    return fold(zone.replace("_", " "))


_READERS: Final[Mapping[Kind, Callable[[str, Command, Known], Value | None]]] = {
    "number": _number,
    "item": _item,
    "pace": _pace,
    "channel": _channel,
    "language": _language,
    "member": _member,
    "belonging": _belonging,
    "zone": _zone,
    "code": _code,
    "addresses": _addresses,
    "command": _command,
    "choice": _choice,
    "term": _term,
    "guest": _guest,
}
