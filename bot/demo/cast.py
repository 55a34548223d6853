"""Who is in the demo: invented people, each with one channel on a device, and one more for every further channel.

The names of channels here are the script's: it is written for three of them, and greets any other it finds in `bridges/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.config import channels
from bot.core.bridge import Channel

#: The channels the script is written for.
KNOWN = ("telegram", "signal", "email")
ROOM = "le salon"
#: People of further channels.
OTHERS = ("Nadia", "Paul", "Rosa", "Tom", "Anouk", "Jorge")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that devices show: somebody's chat or mailbox on a channel, or a room (`who` is then one of its people)."""

    channel: str
    who: str
    room: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The same for all people of a room."""
        return self.channel, self.room or f"@{self.who}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. `home`: where they read and write when the demo begins."""

    name: str
    home: Spot
    language: str
    member: bool = True  # False: only in a room


def found_channels() -> dict[str, Channel]:
    """Every channel there is in `bridges/`, but the one for tests. Raises ImportError where a library is missing."""
    return {name: channels.channel(name) for name in channels.offered()}


def cast(found: Sequence[str], language: str) -> list[Person]:
    """The people, in the order of their columns."""
    people = [
        Person("Amina", Spot("telegram", "Amina"), language),
        Person("Karim", Spot("telegram", "Karim", ROOM), language),
        Person("Inès", Spot("telegram", "Inès", ROOM), language, member=False),
        Person("Chloé", Spot("signal", "Chloé"), language),
        Person("Bruno", Spot("email", "Bruno"), "fr"),
    ]
    further = [name for name in found if name not in KNOWN]
    for number, channel in enumerate(further):
        name = OTHERS[number] if number < len(OTHERS) else f"{OTHERS[number % len(OTHERS)]} {number}"
        people.append(Person(name, Spot(channel, name), language))
    return [*people, Person("Zoé", Spot("telegram", "Zoé"), language)]
