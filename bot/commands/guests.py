"""Whom somebody invites: mail addresses with names beside them, however people paste them.

One a line, between commas or semicolons, "Karim B. <karim@…>", "karim@…  Karim B.", a column of a table, a list with dots
or numbers. What cannot be read is handed back, and the rest is taken. Pure, and linear in the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bot.text.fold import display_name, fold

#: As much of a text is read; and of what cannot be read, so much is shown again.
LONGEST, SHOWN = 40_000, 60

# What may be an address has an @ in it; what may stand around one and is not part of it.
_WORD = re.compile(r"[^\s,;|<>()\[\]{}\"«»“”]+")
_AROUND = "'’‘*_`.,:!?/"
# RFC 5322, 3.4.1: letters, digits and these signs, in parts between single dots; a domain has two names at least, and
# ends in letters.
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_LINK = re.compile(r"\[[^\]\n]{0,320}\]\(mailto:([^)\s]{1,320})\)", re.IGNORECASE)  # as some programs copy an address
_BULLET = re.compile(r"\A(?:[-–—•*·>]\s+|•|\(?\d{1,3}[.)]\s+)")
#: A name that can belong to nothing but the address behind it.
_NAMED = re.compile(r"[^<>;]{0,50}<[^<>]{0,320}@[^<>]{0,320}>")
_QUOTED = re.compile(r"\"[^\"]{0,80}\"|'[^']{0,80}'")
_BETWEEN = re.compile(r"[,|\t]|\s(?:et|and|&)\s", re.IGNORECASE)
_HIDDEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS = re.compile("[\u00a0\u202f\u2007\u2009]")
_POLITE: Final = frozenset(
    {"merci", "merci d'avance", "bonjour", "bonsoir", "salut", "hello", "hi", "thanks", "thank you"}
)
_MOST_WORDS: Final = 5


class Guest(NamedTuple):
    """Somebody to be invited."""

    address: str
    name: str  # as it stood beside the address; may be empty


@dataclass(slots=True)
class Guests:
    """What a text holds."""

    found: list[Guest] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)  # addresses that stood there again
    unreadable: list[str] = field(default_factory=list)


def read(text: str) -> Guests:
    """The addresses in `text`, each once, with the names beside them. Never raises."""
    guests = Guests()
    known: set[str] = set()
    for piece in _pieces(text):
        for token, name in _people(piece):
            if not token:
                if name:
                    guests.unreadable.append(name[:SHOWN])
            elif not (address := _address(token)):
                guests.unreadable.append(token[:SHOWN])
            elif address in known:
                guests.twice.append(address)
            else:
                known.add(address)
                guests.found.append(Guest(address, _name(name)))
    return guests


def is_list(text: str) -> bool:
    """Is this nothing but a list of addresses, so that even without a colon it is no sentence for people?

    Beside an address that does not stand between < and > a name is at most four words, on a line of its own.
    """
    if "?" in text or len(text) > LONGEST:
        return False
    lines = [line for line in _plain(text).split("\n") if line.strip()]
    found = False
    for line in lines:
        tokens = _tokens(line)
        rest = _QUOTED.sub(" ", _NAMED.sub(" ", _BULLET.sub("", line.strip())))
        beside = [
            word
            for word in re.split(r"[\s,;|<>()]+", _WORD.sub(lambda found: " " if "@" in found[0] else found[0], rest))
            if word.strip(".:")
        ]
        if not tokens:
            return False
        if (
            beside
            and (len(tokens) > 1 or len(lines) == 1 or len(beside) > 4)
            and not set(map(fold, beside)) <= {"et", "and"}
        ):
            return False
        found = True
    return found


def _tokens(text: str) -> list[re.Match[str]]:
    """The words with an @ in them."""
    return [found for found in _WORD.finditer(text) if "@" in found[0]]


def _plain(text: str) -> str:
    text = _BLANKS.sub(" ", _HIDDEN.sub("", text[:LONGEST])).replace("\r", "\n")
    return _LINK.sub(r" \1 ", text)


def _pieces(text: str) -> Iterator[str]:
    """The lines, and what stands between semicolons; a bullet or number before it is no name."""
    for line in _plain(text).split("\n"):
        for part in _parted(line):
            if piece := _BULLET.sub("", part.strip()).strip():
                yield piece


def _parted(line: str) -> Iterator[str]:
    """What stands between semicolons that are not between quotation marks."""
    start, quoted = 0, False
    for place, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            yield line[start:place]
            start = place + 1
    yield line[start:]


def _people(piece: str) -> Iterator[tuple[str, str]]:
    """Each address of a piece with the words beside it; words that belong to no address come alone."""
    tokens = _tokens(piece)
    if not tokens:
        plain = fold(piece).strip(" ,.!")
        if not piece.endswith((":", "：")) and plain not in _POLITE and any(char.isalnum() for char in piece):
            yield "", piece
        return
    names = [piece[: tokens[0].start()]] + [""] * (len(tokens) - 1)
    first = bool(_name(names[0]))  # names stand before their addresses, or behind them
    for place, (one, other) in enumerate(itertools.pairwise(tokens)):
        gap = piece[one.end() : other.start()].lstrip("> )]")
        ahead = first or gap.rstrip().endswith("<")
        behind, before = ["", *_BETWEEN.split(gap, maxsplit=1)][-2:] if ahead else (gap, "")
        names[place] += "" if first else " " + behind
        names[place + 1] += before
    rest = piece[tokens[-1].end() :].lstrip("> )]\t")
    alone = rest[1:].strip() if rest.startswith(",") else ""
    if not alone and (len(tokens) == 1 or not first):
        names[-1] += " " + rest
    for token, name in zip(tokens, names, strict=True):
        yield token[0], name
    if alone:
        yield "", alone


def _address(token: str) -> str:
    """The address in `token`, in small letters; empty if it is none a mail could go to."""
    token = re.sub(r"^mailto:", "", token.strip(_AROUND), flags=re.IGNORECASE).partition("?")[0].strip(_AROUND)
    local, _, domain = token.lower().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return ""
    fits = len(local) <= 64 and len(domain) <= 253
    return f"{local}@{domain}" if fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else ""


def _name(words: str) -> str:
    """What stood beside an address as a name; empty if it is a sentence."""
    words = re.sub(r"mailto:|[<>()\[\]{}|\t]", " ", words)
    words = re.sub(r"^\s*(?:et|and)\s|\s(?:et|and)\s*$", " ", words, flags=re.IGNORECASE)
    words = " ".join(words.split()).strip(" ,;:-–—=\"'«»“”’‘*_`/").lstrip(".")
    return display_name(words) if len(words.split()) <= _MOST_WORDS else ""
