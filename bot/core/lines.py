"""Lines: how messages read, one alone or several together, in the reader's language and within what the channel can do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.bridge import Capabilities
from bot.core.hiding import GONE
from bot.i18n import translator
from bot.text.rich import Rich, bold, join
from store.ledger import Leased

QUOTED = 80  # characters of the message answered


@dataclass(frozen=True, slots=True)
class View:
    """A message as its readers see it, whoever they are."""

    id: int
    thread_id: int
    number: int
    state: str
    author_id: int | None
    name: str
    text: Rich
    reply_to: int | None
    revision: int
    said_at: float
    kind: str
    title: str
    subject: str
    community_id: int
    community: str
    slug: str
    timezone: str
    language: str  # of the community: a room's, which is no member with one of their own
    ancestors: tuple[int, ...]  # from the root to the parent; the root and the last ten
    root: int  # the first message of its thread
    remover: str = ""  # who took it back
    by_author: bool = False

    @property
    def gone(self) -> bool:
        """Nobody is shown its words."""
        return self.state in GONE


def content(
    head: Leased,
    views: Sequence[View],
    known: Mapping[int, View],
    quotes: Collection[int | None],
    language: str,
    can: Capabilities,
    *,
    headed: bool,
) -> Rich:
    """What the reader of the parcel `head` reads: the lines of `views`, under their title if `headed`.

    `quotes` are the messages answered whose words are shown again; `known` has them.
    """
    pieces: list[Rich] = []
    if headed:
        pieces.append(bold(f"— {views[0].title} —") + "\n")
    for position, view in enumerate(views):
        gap = "" if position == 0 else "\n\n" if can.titles else "\n"
        answered = known.get(view.reply_to or 0)
        line = _line(head, view, answered, language, can, alone=len(views) == 1)
        if answered is not None and answered.id in quotes and not answered.gone and not view.gone:
            line = _quote(answered, language, can) + "\n" + line
        pieces.append(Rich(gap) + line)
    return join(pieces)


def _line(head: Leased, view: View, answered: View | None, language: str, can: Capabilities, *, alone: bool) -> Rich:
    """One message: who said it, and what; in its place that it is gone."""
    t = translator(language)
    if view.gone:
        number = Rich("") if alone else bold(f"#{view.number}") + "  " if can.titles else Rich(f"#{view.number} ")
        return number + struck(language, view)
    if can.titles and alone:
        return view.text
    if can.titles:
        name = t("you") if view.author_id is not None and view.author_id == head.membership_id else view.name
        hour = t.hour(view.said_at, head.timezone or view.timezone)
        to = f" → #{answered.number}" if answered is not None and answered.thread_id == view.thread_id else ""
        return bold(f"#{view.number}") + f"  {hour}  " + bold(name) + to + "\n" + view.text
    number = Rich("" if alone else f"#{view.number} ")
    return number + bold(view.name + t("{name}:", name="")) + " " + view.text


def _quote(view: View, language: str, can: Capabilities) -> Rich:
    words = " ".join(view.text.text.split())
    if len(words) > QUOTED:
        words = words[:QUOTED].rstrip() + "…"
    colon = translator(language)("{name}:", name=view.name)
    if "quote" not in can.styles:
        return Rich(f"> {colon} {words}")  # or it would read as if they spoke now
    return Rich(f"{colon} {words}").marked("quote")


def struck(language: str, view: View) -> Rich:
    """What stands in place of words that are gone."""
    t = translator(language)
    if view.state != "removed":
        said = t("(hidden for now: an organizer will look at it)")
    elif view.by_author:
        said = t("(message taken back by its author)")
    elif view.remover:
        said = t("(message removed by {name})", name=view.remover)
    else:
        said = t("(message removed)")
    return Rich(said).marked("italic")


@lru_cache(256)
def footer(language: str, *, grouped: bool, number: int) -> Rich:
    """At most three lines under a mail: how to answer, how to get fewer, how to leave."""
    t = translator(language)
    lines = [t("To answer everyone, answer this mail.")]
    if grouped:
        lines[0] += " " + t("To answer one line, begin with its number: “#{number} I agree”.", number=number)
    lines.append(t("Fewer mails: PACE. To leave: LEAVE. All the words: HELP."))
    return Rich("\n".join(lines))
