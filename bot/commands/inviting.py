"""The words about invitations: what leaves when, what became of each, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.commands.guests import Guests
from bot.i18n import N_, Translator, translator
from bot.text.rich import Rich, join

State = Literal["queued", "waiting", "joined", "refused", "bounced", "expired", "withdrawn", "sheet"]
#: So many invitations are listed, and so much of what cannot be read is shown again.
LISTED, NAMED = 60, 10

STATES: Final = {
    "queued": N_("{who}: has not left yet, it will about {when}"),
    "waiting": N_("{who}: no answer yet, since {when}"),
    "joined": N_("{who}: has joined"),
    "refused": N_("{who}: said no"),
    "bounced": N_("{who}: could not be delivered"),
    "expired": N_("{who}: no answer within 30 days"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An invitation, as it is listed."""

    number: int
    who: str  # a name, an address of which not much is shown; empty: a code that was passed on
    state: State
    at: float  # when it leaves, or left
    joined: int = 0  # by a sheet
    inviter: str = ""  # for organizers


def by_mail(
    language: str,
    *,
    times: Sequence[float],
    now: float,
    zone: str,
    left_out: Guests,
    own: Sequence[str],
    too_many: int,
) -> Rich:
    """To who invites: how many mails leave, when the last one does, and what of the list was left out."""
    t = translator(language)
    lines = []
    if times:
        said = t.n(
            "I write to that address, once, unless it is here already or was invited before. I will tell you who joins.",
            "I write to these {count} addresses, once, unless they are here already or were invited before. "
            "I will tell you who joins.",
            len(times),
        )
        lines.append(said + _later(t, times, now, zone))
    else:
        lines.append(t("I write to nobody: there is no address in it that I can write to."))
    for sentence, some in (
        (N_("I cannot read: {list}."), left_out.unreadable),
        (N_("Twice in your list, written to once: {list}."), left_out.twice),
        (N_("Yours or mine: {list}."), own),
    ):
        if some:
            lines.append(t(sentence, list=t.listing(list(some), most=NAMED)))
    if too_many:
        lines.append(
            t.n(
                "{count} more cannot wait here: please send it again tomorrow.",
                "{count} more cannot wait here: please send them again tomorrow.",
                too_many,
            )
        )
    return Rich("\n".join(lines))


def _later(t: Translator, times: Sequence[float], now: float, zone: str) -> str:
    """What does not leave at once, and until when it has."""
    rest = [at for at in times if at > now]
    if not rest:
        return ""
    hour, day = t.hour(rest[-1], zone), t.date(rest[-1], zone)
    when = hour if day == t.date(now, zone) else t.moment(rest[-1], zone)
    if len(rest) == len(times):
        return " " + t(
            "20 leave in an hour, and others of yours come first: the last one leaves about {when}.", when=when
        )
    return " " + t.n(
        "{now} leave now, {count} later: 20 in an hour, the last one about {when}.",
        "{now} leave now, {count} later: 20 in an hour, the last one about {when}.",
        len(rest),
        now=len(times) - len(rest),
        when=when,
    )


def listed(language: str, *, community: str, lines: Sequence[Line], everybody: bool, zone: str) -> Rich:
    """What became of one's invitations; `everybody`: of all members', for organizers."""
    t = translator(language)
    if not lines:
        return t.rich(
            "Nobody is invited to **{community}** just now. To bring somebody in: INVITE", community=community
        )
    if everybody:
        said = [t.rich("Invitations to **{community}**:", community=community)]
    else:
        said = [t.rich("Your invitations to **{community}**:", community=community)]
    hidden = len(lines) - LISTED
    if hidden > 0:
        said.append(Rich(t.n("({count} older is not shown)", "({count} older are not shown)", hidden)))
    said += [_line(t, one, zone) for one in lines[-LISTED:]]
    said.append(t.rich("To take one back: UNINVITE and its number."))
    return join(said, "\n")


def _line(t: Translator, one: Line, zone: str) -> Rich:
    when = t.moment(one.at, zone) if one.state == "queued" else t.date(one.at, zone)
    if one.state == "sheet":
        words = t.n(
            "printed sheet of {when}: {count} person has joined",
            "printed sheet of {when}: {count} people have joined",
            one.joined,
            when=when,
        )
    else:
        words = t(STATES[one.state], who=one.who or t("a code"), when=when)
    if one.inviter:
        words += " " + t("(invited by {name})", name=one.inviter)
    return Rich(f"{one.number}. {words}")


def taken_back(language: str, *, who: str, state: State) -> Rich:
    """After UNINVITE."""
    t = translator(language)
    who = who or t("a code")
    if state == "sheet":
        return Rich(t("The code of that sheet lets nobody in any more. Please take the sheet down."))
    if state == "queued":
        return Rich(t("Taken back ({who}): nothing leaves.", who=who))
    if state == "joined":
        return Rich(t("That person has joined already ({who}): there is nothing to take back.", who=who))
    if state in ("waiting", "refused", "bounced"):
        return Rich(t("Taken back ({who}): a YES no longer counts.", who=who))
    return Rich(t("That invitation was over already ({who}).", who=who))


def none_such(language: str, *, asked: str) -> Rich:
    """UNINVITE of something we do not find, or that is another member's."""
    return translator(language).rich(
        "I find no invitation of yours for {asked}. INVITED shows them, each with its number.", asked=asked
    )


def several_such(language: str, *, numbers: Sequence[int]) -> Rich:
    """UNINVITE of a name that several have."""
    t = translator(language)
    return t.rich(
        "There are several of that name: {numbers}. Please write UNINVITE and the number.",
        numbers=t.listing([str(one) for one in numbers]),
    )


def sheet_made(language: str, *, community: str, code: str, carried: bool) -> Rich:
    """With the file; or, where none goes, instead of it."""
    t = translator(language)
    if carried:
        said = t.rich(
            "Here is a page to print for **{community}**. Its code, **{code}**, brings in everybody who uses it until you write "
            "UNINVITE {code}",
            community=community,
            code=code,
        )
    else:
        said = t.rich(
            "I cannot send a page to print here: please write it to me from another messenger or mailbox of yours, or ask "
            "whoever runs the server for filcommun invite-sheet. Its code for **{community}** is **{code}**; UNINVITE {code} "
            "ends it.",
            community=community,
            code=code,
        )
    return said
