"""A command, declared once: its words, what it takes, who may say it, how help shows it. The same on every channel.

`catalogue.py` declares them; a feature attaches what happens: `commands.handle("receive", receive)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from bot.text.fold import fold

#: What may follow a command word. The closed kinds are read by `arguments.py`; "line" and "text" are free: they need
#: a slash or a colon. "line" ends with its line (what follows is `Call.rest`), "text" goes on to the end, and so does
#: "guests", a list of addresses with names beside them (`guests.py`), which may stand alone where it is nothing else.
Kind = Literal[
    "number", "item", "pace", "channel", "language", "member", "belonging", "zone", "code", "addresses", "command", "choice", "term",
    "guest", "line", "guests", "text",
]  # fmt: skip
FREE: Final[frozenset[Kind]] = frozenset({"line", "text", "guests"})

#: Who may say it. "anyone": strangers too; "invited": members, and those who were invited (or have left) and have not
#: said yes; "all": members; "author": members, about what is theirs (the feature looks); "organizer": organizers.
Who = Literal["anyone", "invited", "all", "author", "organizer"]
Standing = Literal["stranger", "invited", "member", "organizer"]
Where = Literal["private", "room", "both"]
#: Who is who: nobody else may.
MAY: Final[Mapping[Who, frozenset[Standing]]] = {
    "anyone": frozenset({"stranger", "invited", "member", "organizer"}),
    "invited": frozenset({"invited", "member", "organizer"}),
    "all": frozenset({"member", "organizer"}),
    "author": frozenset({"member", "organizer"}),
    "organizer": frozenset({"organizer"}),
}

#: What a feature attaches: (scene, call), inside the transaction that handles the message.
Run = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing people can ask for. `words[language][0]` is the one that is shown, the others are also understood."""

    key: str
    words: Mapping[str, tuple[str, ...]]
    summary: str  # marked N_(): what it does, in a few words, for help and for the channels' own menus
    example: Mapping[str, str]  # by language, without the slash, as the help shows it
    takes: tuple[Kind, ...] = ()  # tried in this order
    needs: bool = False  # it says nothing without an argument (the core then asks for it with `words.how`)
    body: bool = False  # the lines after its own belong to it: "nouveau : Titre" and what is said under it
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of the kind "choice": value and its words
    fixed: Mapping[str, str] = field(default_factory=dict)  # words that carry their argument: {"hebdo": "weekly"}
    who: Who = "all"
    where: Where = "both"
    second_word: bool = False  # it removes, leaves or reaches many: nothing happens before a second word
    exact: bool = False  # no typing mistake is forgiven in its words
    needs_reply: bool = False  # it is about the message it answers
    in_room_bare: bool = False  # its whole text counts in a room without a slash ("not me")
    question: bool = False  # its words may end with a question mark ("?", "comment ça marche ?")
    slashes: tuple[str, ...] = ()  # words understood only after a slash
    instead: str = ""  # what the same words mean for somebody who may not say this: the key of another command
    opens: str = ""  # a setting of the community's that lets its members say what only organizers may
    order: int = 100  # in help: the smaller, the earlier; 100 and more: only among the other words
    run: Run | None = None

    def word(self, language: str) -> str:
        """The word that is shown in `language`."""
        return self.words.get(language, self.words["en"])[0]

    def slash(self, language: str) -> str:
        """The word as a slash command: no accents, no spaces, as channels' own menus want it."""
        return slashed(self.word(language))

    def for_whom(self, standing: Standing) -> bool:
        """True if somebody of this standing may say it."""
        return standing in MAY[self.who]


def slashed(word: str) -> str:
    """How `word` is written after a slash: "pas moi" is "pasmoi", "délier" is "delier"."""
    return fold(word).replace(" ", "").replace("'", "").replace("-", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one way of saying it means: the command, and the argument its words carry."""

    command: Command
    argument: str | None = None


class Commands:
    """All commands of this process, and every way to say them."""

    def __init__(self, commands: tuple[Command, ...] = ()) -> None:
        self._by_key: dict[str, Command] = {}
        self._by_word: dict[str, Entry] | None = None
        self._by_slash: dict[str, Entry] = {}
        self._by_shape: dict[tuple[int, int], list[str]] = {}
        self.add(*commands)

    def add(self, *commands: Command) -> None:
        """Declare commands. ValueError if a key is known, or a word already says something else."""
        for command in commands:
            if command.key in self._by_key:
                raise ValueError(f"two commands are called {command.key!r}")
            self._by_key[command.key] = command
        self._by_word = None
        _ = self.by_word

    def handle(self, key: str, run: Run) -> None:
        """Attach what happens. KeyError for a command nobody declared, ValueError if it was attached before."""
        command = self._by_key[key]
        if command.run is not None:
            raise ValueError(f"two features answer {key!r}")
        self._by_key[key] = replace(command, run=run)
        self._by_word = None

    def get(self, key: str) -> Command:
        """The command called `key`; KeyError if there is none."""
        return self._by_key[key]

    def takes(self, kind: Kind) -> bool:
        """True if any command takes such an argument: the members' names, say, need not be looked up for nothing."""
        return any(kind in command.takes for command in self._by_key.values())

    def meant(self, key: str, standing: Standing) -> Command | None:
        """The command that somebody of this standing means by `key`; None if they may not say it.

        None for an order without a slash is talk: "Santé !" is no question to the organizers' machine room.
        """
        command = self._by_key[key]
        if not command.for_whom(standing) and command.instead:
            command = self._by_key[command.instead]
        return command if command.for_whom(standing) else None

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[Command]:
        return iter(self._by_key.values())

    @property
    def by_word(self) -> Mapping[str, Entry]:
        """Every way to say a command, folded: languages do not matter, all are always understood."""
        if self._by_word is None:
            words: dict[str, Entry] = {}
            slashes: dict[str, Entry] = {}
            for command in self._by_key.values():
                spoken = [(word, None) for all_words in command.words.values() for word in all_words]
                for word, argument in [*spoken, *command.fixed.items()]:
                    for known, short in ((words, fold(word)), (slashes, slashed(word))):
                        _claim(known, short, Entry(command, argument))
                for word in command.slashes:
                    _claim(slashes, slashed(word), Entry(command))
            self._by_word, self._by_slash = words, slashes
            self._by_shape = {}
            for word in words:
                self._by_shape.setdefault((word.count(" "), len(word)), []).append(word)
        return self._by_word

    def shaped_like(self, word: str) -> Iterator[str]:
        """The ways to say a command that have as many words as `word` and as many letters, give or take one."""
        _ = self.by_word
        for length in (len(word) - 1, len(word), len(word) + 1):
            yield from self._by_shape.get((word.count(" "), length), ())

    @property
    def by_slash(self) -> Mapping[str, Entry]:
        """The same as one would write them after a slash."""
        _ = self.by_word
        return self._by_slash

    def for_help(self, standing: Standing, *, room: bool, runnable: bool = True) -> list[Command]:
        """What this person may say here, the most useful first. `runnable`: only what a feature answers."""
        return sorted(
            (
                command
                for command in self._by_key.values()
                if command.for_whom(standing)
                and command.where in {"both", "room" if room else "private"}
                and (command.run is not None or not runnable)
            ),
            key=lambda command: command.order,
        )


def _claim(known: dict[str, Entry], word: str, entry: Entry) -> None:
    other = known.setdefault(word, entry)
    if (other.command.key, other.argument) != (entry.command.key, entry.argument):
        raise ValueError(f"{word!r} would say both {other.command.key!r} and {entry.command.key!r}")
