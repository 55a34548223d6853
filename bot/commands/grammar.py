"""What a text asks of the bot, if anything. Pure: no store, no clock, the same on every channel.

A sentence is a command only if it starts with a slash, if it is `word: free text`, or if the *whole* of it is a command
without argument or with a closed one. Anything else is talk, and in doubt it is talk: a command posted to everyone is
a smile, a post swallowed as a command is a reply lost. All languages are understood, whoever writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from bot.commands import doubts, guests
from bot.commands.arguments import Known, code_of, read_argument
from bot.commands.command import FREE, Commands, Entry, Kind, slashed
from bot.commands.own import typed, unsigned
from bot.commands.slips import nearest, one_slip
from bot.text.fold import fold
from bot.text.rich import Rich


@dataclass(frozen=True, slots=True)
class Call:
    """A command was given. `argument` is its value as features want it, empty if there is none or it was not understood.

    `given` is the argument as typed. `certain` is false when a typing mistake was forgiven, `slash` says how it was
    written: without a slash, what the person may not say is talk (`Commands.meant`). Offsets are of the whole text.
    """

    key: str
    argument: str = ""
    kind: Kind | None = None
    given: str = ""
    rest: str = ""  # the lines after an argument of kind "line"
    certain: bool = True
    slash: bool = False
    argument_at: tuple[int, int] = (0, 0)
    rest_at: tuple[int, int] = (0, 0)

    def argument_of(self, text: Rich) -> Rich:
        """The argument with its spans; `text` is what was parsed."""
        return text.slice(*self.argument_at).strip()

    def rest_of(self, text: Rich) -> Rich:
        """The lines after it with their spans."""
        return text.slice(*self.rest_at).strip()


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, no, "the team" or a number: an answer if a question is open, otherwise talk. That is the core's to know."""

    value: Literal["yes", "no", "team"] | int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something like a command: offer `key` and relay nothing; with no key, an unknown slash near to nothing we know."""

    key: str
    word: str  # what was typed
    slash: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """Words for people."""


@dataclass(frozen=True, slots=True)
class Doubtful(Talk):
    """Words for people, or `key` gone wrong: they begin with its word and hold what is nobody else's. Ask before relaying."""

    key: str


Said = Call | Answer | Suggestion | Talk

_TALK: Final = Talk()
_MOST_WORDS: Final = 6
_POLITE: Final = tuple(
    sorted(
        (
            "svp", "stp", "s'il vous plait", "s'il te plait", "sil vous plait", "sil te plait", "please", "pls", "plz",
            "merci", "merci beaucoup", "merci bien", "merci d'avance", "thanks", "thank you", "thx",
        ),
        key=len,
        reverse=True,
    )
)  # fmt: skip
_GREETING = re.compile(r"(?:bonjour|bonsoir|salut|coucou|hello|hi|hey)\s*[,!.:;\n]+\s*", re.IGNORECASE)
_ANSWERS: Final[Mapping[str, Literal["yes", "no", "team"]]] = {
    **dict.fromkeys(
        ("yes", "oui", "ok", "okay", "d'accord", "daccord", "ouais", "yep", "yeah", "y", "o", "bien sur", "volontiers", "of course", "sure"),
        "yes",
    ),
    **dict.fromkeys(("no", "non", "nope", "nan", "n", "no thanks"), "no"),
    **dict.fromkeys(("team", "equipe", "l'equipe", "a l'equipe", "the team"), "team"),
}  # fmt: skip
_SIGNS: Final[Mapping[str, Literal["yes", "no"]]] = {"👍": "yes", "✅": "yes", "👌": "yes", "👎": "no", "❌": "no"}
_NUMBER = re.compile(r"(?:n°|numero|number|no\.|option|choix|le|la)?\s?(\d{1,4})[.)]?")
_SLASH = re.compile(r"/[ \t]?([^\W\d_?][^\s:：/@=!.,;]*|\?)(?:@(\w+))?[=!.,;]*(?=[\s:：]|(?<==)|$)")
_COLON = re.compile(r"([^:：\n/]{1,40}?)[ \t\u00a0\u202f]*[:：](?!//)")
_WORD = re.compile(r"\w+")
_SPACES = " \t\r\n\u00a0\u202f"


class _Ask(NamedTuple):
    """What `parse` was given."""

    text: str
    known: Known
    room: bool


def parse(
    text: str,
    *,
    commands: Commands,
    channels: Mapping[str, Sequence[str]],
    members: Sequence[str] = (),
    room: bool = False,
    bot_names: Sequence[str] = (),
    lang: str = "en",
    subject: str = "",
) -> Said:
    """What `text` asks of the bot. Never raises; linear in the text.

    `channels` are the words of each channel by its name, `members` the names an argument may be, `bot_names` how the
    bot is called. `lang` decides nothing yet: every language is always understood. `subject` is a letter's: "invite", and
    the letter itself is the list.
    """
    del lang
    ask = _Ask(text, Known(commands, channels, members), room)
    start, end = typed(text)
    if start == end:
        return _TALK
    named = _after_name(text, start, end, bot_names)
    start, spoken_to = (start, False) if named is None else (named, True)
    if text.startswith("/", start):
        return _after_slash(ask, start, end, {fold(name).lstrip("@") for name in bot_names}, offers=not room)
    if room and not spoken_to:
        return _bare_in_room(ask, start, end)
    said = _colon(ask, start, end) or _list(ask, start, end) or _whole(ask, start, end, offers=not room)
    if said == _TALK and subject and not room:
        headed = _Ask(f"{subject}\n{text[start:end]}", ask.known, room)
        said = _list(headed, 0, len(headed.text)) or said
    return _doubted(ask, ask.text[start:end]) if said == _TALK and not room else said


def slashed_word(text: str) -> str:
    """What follows the slash `text` begins with, if it has the form of a command: /zzz, /help@another; not /etc/hosts."""
    start, end = typed(text)
    found = _SLASH.match(text, start, min(end, start + 120))
    return found[0].strip("/ \t") if found else ""


def _after_name(text: str, start: int, end: int, names: Sequence[str]) -> int | None:
    """Where the text goes on after the bot's name, if it begins with it."""
    if not (names and (tokens := list(re.finditer(r"\S+", text[start : min(end, start + 200)])))):
        return None
    first = fold(tokens[0][0]).strip("@,:;!.")
    for name in names:
        said = fold(name).lstrip("@")
        if not said.startswith(first):
            continue
        for count in range(min(len(said.split()) + 1, len(tokens)), 0, -1):
            words = [token[0] for token in tokens[:count]]
            if said and fold(" ".join(words)).lstrip("@").rstrip(" ,:;!.") == said:
                return start + tokens[count].start() if count < len(tokens) else None
    return None


def _after_slash(ask: _Ask, start: int, end: int, names: set[str], *, offers: bool) -> Said:
    found = _SLASH.match(ask.text, start, min(end, start + 120))
    if not found or (found[2] and names and fold(found[2]) not in names):
        return _TALK
    entry, at = _longest_slash(ask, found, end)
    if entry:
        return _call(ask, entry, at, end, slash=True)
    word = slashed(found[1])
    entries = ask.known.commands.by_slash
    near = {
        entries[known].command.key: known
        for known in entries
        if one_slip(word, known, meant=True) and not entries[known].command.exact
    }
    if len(near) == 1:
        return _call(ask, entries[near.popitem()[1]], found.end(), end, slash=True, certain=False)
    if not offers:
        return _TALK
    offered = nearest(word, entries) or next(
        (known for known in entries if len(word) >= 3 and known.startswith(word)), None
    )
    return Suggestion(entries[offered].command.key if offered else "", found[1], slash=True)


def _longest_slash(ask: _Ask, found: re.Match[str], end: int) -> tuple[Entry | None, int]:
    """The command whose words follow the slash, "/pas moi" before "/pas"; and where its argument begins."""
    best = ask.known.commands.by_slash.get(slashed(found[1])), found.end()
    if found[2]:
        return best
    so_far = found[1]
    for word in list(re.finditer(r"[^\s:：]+", ask.text[found.end() : min(end, found.end() + 80)].partition("\n")[0]))[
        :3
    ]:
        so_far += word[0]
        if entry := ask.known.commands.by_slash.get(slashed(so_far)):
            best = entry, found.end() + word.end()
    return best


def _bare_in_room(ask: _Ask, start: int, end: int) -> Said:
    said = _whole(ask, start, end, offers=False)
    # Such words alone are one, and nothing beside them: "Pas moi, non" is said to people.
    if isinstance(said, Call) and (said.argument or not ask.known.commands.get(said.key).in_room_bare):
        return _TALK
    return said


def _colon(ask: _Ask, start: int, end: int) -> Call | None:
    """`nouveau : Pique-nique`. A closed argument after the colon must be the whole text, as without it."""
    found = _COLON.match(ask.text, start, min(end, start + 60))
    if not found or len(found[1].split()) > 4:
        return None
    word = fold(found[1])
    entries = ask.known.commands.by_word
    entry, certain = entries.get(word), True
    if entry is None and (near := _one_near(ask, word)):
        entry, certain = near, False
    if entry is None or entry.argument is not None or not entry.command.takes:
        return None
    call = _call(ask, entry, found.end(), end, slash=False, certain=certain)
    if not call.given or (call.kind not in FREE and (not call.argument or _too_much(ask.text[start:end]))):
        return None
    if call.rest and not entry.command.body:
        return None  # "Sujet : la gare", and a letter below: a post
    return call


def _list(ask: _Ask, start: int, end: int) -> Call | None:
    """`invite`, and below it nothing but addresses with names beside them: that is no sentence for people."""
    found = _WORD.match(ask.text, start, end)
    entry = ask.known.commands.by_word.get(fold(found[0])) if found else None
    if not found or entry is None or "guests" not in entry.command.takes:
        return None
    until = unsigned(ask.text, found.end(), end)
    call = _call(ask, entry, found.end(), end, slash=False)
    return call if call.kind in ("guests", "addresses") and guests.is_list(ask.text[found.end() : until]) else None


def _call(ask: _Ask, entry: Entry, at: int, end: int, *, slash: bool, certain: bool = True) -> Call:
    """The command with whatever follows its word at `at`."""
    key = entry.command.key
    if entry.argument is not None:
        return Call(key, entry.argument, given=entry.argument, certain=certain, slash=slash)
    while at < end and ask.text[at] in _SPACES + ":：":
        at += 1
    line_end = ask.text.find("\n", at, end)
    line_end = end if line_end < 0 else line_end
    whole_end = unsigned(ask.text, at, end)
    value = read_argument(entry.command, _polite(ask.text[at:whole_end]), ask.known)
    if value:
        return Call(
            key,
            value.text,
            value.kind,
            ask.text[at:whole_end].strip(),
            certain=certain and value.certain,
            slash=slash,
            argument_at=(at, whole_end),
        )
    given = ask.text[at:line_end].strip()
    free: Kind | None = next((kind for kind in ("text", "guests") if kind in entry.command.takes), None)
    if given and free:
        until = end if free == "text" else whole_end
        words = ask.text[at:until].strip()
        return Call(key, words, free, words, certain=certain, slash=slash, argument_at=(at, until))
    if given and "line" in entry.command.takes:
        rest_end = end if entry.command.body else max(line_end, whole_end)
        rest = ask.text[line_end:rest_end].strip()
        return Call(key, given, "line", given, rest, certain, slash, (at, line_end), (line_end, rest_end))
    return Call(key, given=given, certain=certain, slash=slash, argument_at=(at, line_end))


def _whole(ask: _Ask, start: int, end: int, *, offers: bool) -> Said:
    """The whole text as an answer or a command."""
    end = unsigned(ask.text, start, end)
    if _too_much(ask.text[start:end]):
        return _TALK
    raw = _polite(ask.text[start:end])
    if raw in _SIGNS or raw.rstrip("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff\ufe0f") in _SIGNS:
        return Answer(_SIGNS[raw[0]])
    plain = fold(raw.strip(" \t\r\n*_\"'«»“”").rstrip(" .!…:："))
    question = "?" in plain
    words = plain.replace("?", " ").split()
    if len(words) > _MOST_WORDS:
        return _TALK
    if question:
        entry = ask.known.commands.by_word.get(" ".join(words) or "?")
        return Call(entry.command.key, entry.argument or "") if entry and entry.command.question else _TALK
    if answer := _answer(plain):
        return answer
    if "join" in ask.known.commands and (code := code_of(raw)):
        return Call("join", code, "code", raw, argument_at=(start, end))
    return _phrase(ask, words, raw, offers=offers)


def _phrase(ask: _Ask, words: list[str], raw: str, *, offers: bool) -> Said:
    entries = ask.known.commands.by_word
    for count in range(len(words), 0, -1):
        head, certain = " ".join(words[:count]), True
        entry = entries.get(head)
        if entry is None and (near := _one_near(ask, head)):
            entry, certain = near, False
        if entry is None or (len(words) > count and entry.argument is not None):
            continue
        if len(words) == count:
            if entry.command.needs and entry.argument is None:
                return Suggestion(entry.command.key, raw, slash=False) if offers and count == 1 else _TALK
            return Call(entry.command.key, entry.argument or "", given=entry.argument or "", certain=certain)
        tail = " ".join(raw.split()[count:])
        value = read_argument(entry.command, tail, ask.known)
        if value and (certain or value.certain):
            return Call(entry.command.key, value.text, value.kind, tail, certain=certain and value.certain)
    lonely = " ".join(words)
    if offers and 0 < len(words) <= 2 and (offered := nearest(lonely, entries)):
        return Suggestion(entries[offered].command.key, raw, slash=False)
    return _TALK


def _doubted(ask: _Ask, text: str) -> Said:
    """Talk that may be a command gone wrong is not simply relayed."""
    if greeted := _GREETING.match(text):
        text = text[greeted.end() :]
    doubt = doubts.about(text, ask.known.commands, lambda word: _one_near(ask, word))
    if doubt is None:
        return _TALK
    return Suggestion(doubt.key, text.strip(), slash=False) if doubt.certain else Doubtful(doubt.key)


def _one_near(ask: _Ask, word: str) -> Entry | None:
    """The command that `word` is with one typing mistake; none where a mistake would be serious, or there are two."""
    entries = ask.known.commands.by_word
    near = {known for known in ask.known.commands.shaped_like(word) if one_slip(word, known)}
    meant = {(entries[known].command.key, entries[known].argument) for known in near}
    if len(meant) != 1:
        return None
    entry = entries[near.pop()]
    return None if entry.command.exact else entry


def _answer(plain: str) -> Answer | None:
    if plain in _ANSWERS:
        return Answer(_ANSWERS[plain])
    short = re.sub(r"(.)\1+", r"\1", plain)  # "ouiii", "yesss", "nooon"
    if short in {"oui", "non", "yes", "no", "ok"}:
        return Answer(_ANSWERS[short])
    found = _NUMBER.fullmatch(plain)
    return Answer(int(found[1])) if found else None


def _too_much(text: str) -> bool:
    """Too long to be a command, whatever it says."""
    return len(text) > 200


def _polite(text: str) -> str:
    """`text` without greeting and politeness around it."""
    rest = text.strip()
    if greeted := _GREETING.match(rest):
        rest = rest[greeted.end() :]
    if len(rest) > 300:
        return rest
    for _ in range(3):
        plain = rest.rstrip(" .!,…\n\r\t\u00a0")
        tail = fold(plain[-20:])
        ends = next((words for words in _POLITE if tail.endswith(words)), None)
        if ends is None:
            break
        count = len(ends.split())
        words = plain.split()
        if fold(" ".join(words[-count:])).strip(" ,(") != ends:
            break
        rest = plain[: len(plain) - len(plain.split(None, len(words) - count)[-1])] if len(words) > count else ""
        rest = rest.rstrip(" ,.\n\r\t\u00a0")
    return rest
