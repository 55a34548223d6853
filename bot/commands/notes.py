"""The short words around commands: help, "did you mean", how to write it, why not here. Their language, no fault, a way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.commands.arguments import PACES, pace_word
from bot.commands.command import Command
from bot.i18n import Translator, translator
from bot.text.rich import Rich, bold, join

#: Help is never longer.
HELP_LINES: Final = 7


def help_lines(language: str, commands: Sequence[Command], *, room: bool = False) -> Rich:
    """What can be said here, at most seven lines: the first commands with what they do, then the other words."""
    t = translator(language)
    said = [command for command in commands if command.key != "help"]
    shown, others = said[:HELP_LINES], said[HELP_LINES:]
    if others or any(command.order >= 100 for command in shown):
        first = [command for command in said if command.order < 100][: HELP_LINES - 1]
        shown, others = first, [command for command in said if command not in first]
    lines = [_line(t, command, room=room) for command in shown]
    if others:
        words = " · ".join(_word(t, command, room=room) for command in others)
        lines.append(Rich(t("Also: {words}. HELP and one of these words tells more.", words=words)))
    return join(lines, "\n")


def help_one(language: str, command: Command, *, room: bool = False) -> Rich:
    """One command: what it does, an example, the other words for it."""
    t = translator(language)
    lines = [_line(t, command, room=room), _example(t, command, room=room)]
    others = [word for word in command.words.get(language, command.words["en"])[1:] if len(word) > 1]
    if others:
        lines.append(Rich(t("Also understood: {words}", words=", ".join(others))))
    return join(lines, "\n")


def how(language: str, command: Command, *, options: Sequence[str] = (), room: bool = False) -> Rich:
    """Its word came without what it needs, or with something we do not understand. `options`: what it may be."""
    t = translator(language)
    options = options or ([pace_word(pace, language) for pace in PACES] if "pace" in command.takes else ())
    lines = [_example(t, command, room=room)]
    if options:
        lines.insert(0, Rich(t("You can choose {options}.", options=t.listing(options, last="or"))))
    return join(lines, "\n")


def nearest(language: str, word: str, command: Command | None = None) -> Rich:
    """Something like a command, or a slash and nothing we know behind it: `word` was typed and went to nobody."""
    t = translator(language)
    if command is None:
        return t.rich("I do not know “{word}”. HELP tells what I know. I have sent this to nobody.", word=word[:40])
    return t.rich(
        "Did you mean **{word}** ({summary})? I have sent this to nobody.",
        word=command.word(language),
        summary=t(command.summary),
    )


def not_allowed(language: str) -> Rich:
    """Only organizers may."""
    return translator(language).rich("Only the organizers can do that.")


def sure(language: str, command: Command, given: str = "") -> Rich:
    """The second word, for a command that asks nothing better."""
    t = translator(language)
    word = f"{command.word(language)} {given}".strip()
    return t.rich("**{word}** ({summary}): are you sure? **YES** · **NO**", word=word, summary=t(command.summary))


def nothing_done(language: str) -> Rich:
    """The second word was no."""
    return translator(language).rich("Very well: nothing has changed.")


def post_this(language: str, text: str) -> Rich:
    """Asked when somebody answers the bot with words that are no answer: are they for everyone."""
    t = translator(language)
    return t.rich("Is this for everyone? **YES** · **NO**") + "\n" + t.quoted(excerpt(text))


def which_community(language: str, names: Sequence[str]) -> Rich:
    """A member of several communities wrote: for which one? Answered by its number."""
    t = translator(language)
    lines = [Rich(f"{number}. ") + bold(name) for number, name in enumerate(names, 1)]
    return join([t.rich("For which of them is this? Answer with its number."), *lines], "\n")


def join_first(language: str) -> Rich:
    """Somebody invited who has not said yes yet asked for what only members can do."""
    return translator(language).rich("That is for members. To become one, answer **YES** to the invitation.")


def elsewhere(language: str, command: Command) -> Rich:
    """It works only in private, or only in a room."""
    t = translator(language)
    if command.where == "room":
        return t.rich("Write that in the group itself: /{word}", word=command.slash(language))
    return t.rich("Write that to me in private: **{word}**", word=command.word(language))


def stays(language: str) -> Rich:
    """Nothing of theirs leaves the room just now: they said so, it only receives, or it has not begun."""
    return translator(language).rich("What you write in this group stays in it for now, so this has gone to nobody.")


def read_first(language: str) -> Rich:
    """They are held: organizers read what they write first, and a title would be seen at once."""
    return translator(language).rich(
        "For now an organizer reads what you write before it goes to everyone, and a title would be seen at once. "
        "A question about it: CONTACT."
    )


def needs_a_reply(language: str, command: Command) -> Rich:
    """It is about a message, and none was answered."""
    return translator(language).rich("Answer the message you mean with **{word}**.", word=command.word(language))


def not_arrived(language: str, count: int) -> Rich:
    """To an author: how many have not got the message; numbers, never names."""
    return translator(language).rich_n(
        "{count} member has not got your message yet. I go on trying.",
        "{count} members have not got your message yet. I go on trying.",
        count,
    )


def never_arrives(language: str, count: int) -> Rich:
    """To an author: how many do not get the message; numbers, never names."""
    return translator(language).rich_n(
        "{count} member did not get your message: it could not be delivered. The organizers see it.",
        "{count} members did not get your message: it could not be delivered. The organizers see it.",
        count,
    )


def wrong_code(language: str) -> Rich:
    """No such code, or no longer good: the same words for both, so that nobody learns anything by trying."""
    return translator(language).rich(
        "I do not know this code, or it is no longer good. Please ask for a new one where you got it."
    )


def too_many_tries(language: str) -> Rich:
    """Five wrong codes in an hour."""
    return translator(language).rich("Too many wrong codes. Please try again in an hour.")


def went_wrong(language: str) -> Rich:
    """A command failed through our fault."""
    return translator(language).rich(
        "I could not do that: the fault is mine, and the organizers see it. Please try again later."
    )


def excerpt(text: str, longest: int = 80) -> str:
    """The beginning of `text` in one line, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[:longest].rpartition(" ")[0] + "…"


def _line(t: Translator, command: Command, *, room: bool) -> Rich:
    return bold(_word(t, command, room=room)) + t.p("after a command word", ": {summary}", summary=t(command.summary))


def _word(t: Translator, command: Command, *, room: bool) -> str:
    return "/" + command.slash(t.language) if room else command.word(t.language)


def _example(t: Translator, command: Command, *, room: bool) -> Rich:
    example = command.example.get(t.language, command.example["en"])
    return t.rich("For example: **{example}**", example="/" + example if room else example)
