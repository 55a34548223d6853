"""Makes docs/reference/commands.md from the declarations: `python -m bot.commands.reference` writes it.

A test holds that the file is what the declarations say.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bot.commands.catalogue.addresses import CHANNELS
from bot.commands.catalogue.everyone import EVERYONE
from bot.commands.catalogue.forgetting import FORGETTING
from bot.commands.catalogue.invitations import INVITATIONS
from bot.commands.catalogue.moderation import MODERATION
from bot.commands.catalogue.organizers import ORGANIZERS
from bot.commands.catalogue.safety import SAFETY
from bot.commands.catalogue.threads import THREADS
from bot.commands.command import Command, Where, Who

PLACE: Final = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

_PARTS: Final = (
    ("For everyone", EVERYONE),
    ("Invitations", INVITATIONS),
    ("Where and how often you receive", CHANNELS),
    ("Addresses that are lost", SAFETY),
    ("Threads", THREADS),
    ("Leaving, and what is kept", FORGETTING),
    ("Words that should not stand", MODERATION),
    ("For organizers", ORGANIZERS),
)
_WHO: Final[dict[Who, str]] = {
    "anyone": "anyone",
    "all": "members",
    "invited": "members, and who is invited",
    "author": "the author, or an organizer",
    "organizer": "organizers",
}
_WHERE: Final[dict[Where, str]] = {"private": "in private", "room": "in a room", "both": "anywhere"}

_HEAD: Final = """\
# Commands

<!-- Made by `python -m bot.commands.reference` from the declarations in bot/commands/catalogue.py. -->

The same words work on every channel, in every language at once, with or without accents and capitals; one typing
mistake and a "please" are forgiven.

A sentence is a command only if it starts with a slash (`/pace daily`), if it is a word and a colon before free text
(`new: Picnic on 14 June`), or if the *whole* of it, at most six words without a question mark, is a command
(`receive mail`). Everything else is a message to everyone. In a room only the slash counts, or the bot's name first.
What removes, leaves or reaches many people asks for a second word.
"""


def reference() -> str:
    """The page, complete."""
    parts = [_HEAD]
    for title, commands in _PARTS:
        if not commands:
            continue
        parts.append(f"## {title}\n")
        parts.append("| English | French | what it does | who | where |\n|---|---|---|---|---|")
        parts.append("\n".join(_row(command) for command in commands) + "\n")
    parts.append("## Also understood\n")
    parts.append("| command | English | French |\n|---|---|---|")
    parts.append(
        "\n".join(_others(command) for _, commands in _PARTS for command in commands if _has_others(command)) + "\n"
    )
    return "\n".join(parts)


def write() -> None:
    """Write the page where it is committed."""
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(reference(), "utf-8")


def _row(command: Command) -> str:
    notes = [command.summary]
    if command.needs_reply:
        notes.append("as a reply")
    if command.second_word:
        notes.append("asks for a second word")
    who, where = _WHO[command.who], _WHERE[command.where]
    return f"| `{command.example['en']}` | `{command.example['fr']}` | {'; '.join(notes)} | {who} | {where} |"


def _has_others(command: Command) -> bool:
    return bool(command.fixed) or any(len(words) > 1 for words in command.words.values())


def _others(command: Command) -> str:
    carried = list(command.fixed)
    english = _listed(command.words["en"][1:])
    french = _listed([*command.words.get("fr", ())[1:], *carried])
    return f"| {command.word('en')} | {english} | {french} |"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    write()
