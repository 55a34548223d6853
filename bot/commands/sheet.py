"""The sheet to print and pin up: the community's name, a QR code for each channel, the code in large letters.

A5, and nothing on it smaller than a newspaper's print: it hangs in halls and lies in letter boxes, and is read by people
who have no telephone that reads QR codes. The mail address stands there in words as well.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from bot.core import codes
from bot.core.scene import House
from bot.i18n import N_, Translator, translator
from bot.text.page import POINT, Code, Frame, Page, Words, wide, wrapped

WIDTH, HEIGHT, MARGIN = 148.0, 210.0, 10.0
#: The side of a QR code, and how many stand in a row; the size of the last lines, in points.
SIDE, IN_A_ROW, FOOT = 42.0, 3, 10.0

#: How the signs of a mail address are read aloud.
_SIGNS: Final = {
    "@": N_("at"),
    ".": N_("dot"),
    "-": N_("hyphen"),
    "_": N_("underscore"),
    "+": N_("plus"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A channel to come in by."""

    label: str
    opens: str  # what its QR code holds; empty: there is none
    brings_code: bool  # with the code in it; otherwise it is to be sent
    place: str  # where one writes to, as people spell it
    letters: bool  # it is mail: its address is read out


def new(
    connection: Connection,
    house: House,
    *,
    community: int,
    name: str,
    language: str,
    zone: str,
    membership: int | None = None,
    inviter: str = "",
    origin: int | None = None,
) -> tuple[str, Page]:
    """Make a code that serves many, and the page that shows it; return both."""
    now = time.time()
    code, link = (
        codes.make(
            connection, house.tokens, purpose="invite", community=community, membership=membership, origin=origin,
            link=link, shared=True, at=now,
        )
        for link in (False, True)
    )  # fmt: skip
    t = translator(language)
    ways = []
    for channel, can in house.channels.items():
        place = house.address_of(channel)
        opens = house.invite_qr(channel, link, t("Invitation: {community}", community=name))
        if opens or place:
            label = can.label.get(language, can.label["en"])
            ways.append(Way(label, opens, link in opens, place, can.titles and "@" in place))
    day = t.date(now, zone, now=0.0)  # with its year
    return code, page(language, community=name, inviter=inviter, code=code, ways=ways, day=day)


def page(language: str, *, community: str, inviter: str, code: str, ways: Sequence[Way], day: str) -> Page:
    """The sheet. `inviter` may be empty; `day` is when it was made."""
    t = translator(language)
    made = Page(WIDTH, HEIGHT, t("Invitation: {community}", community=community))
    foot = [
        t("You are asked YES or NO before anything is sent to you. Nobody is shown your number or address."),
        t("This code serves many people, until it is withdrawn."),
        t("Made on {day}.", day=day),
    ]
    end = HEIGHT - 8.0 - sum(len(wrapped(line, WIDTH - 2 * MARGIN, FOOT)) for line in foot) * FOOT * POINT * 1.3
    air = 0.0
    for _ in range(2):  # what is left over the first time is put between the parts
        made.items.clear()
        y = _head(made, t, community, inviter, [way.label for way in ways])
        y = _codes(made, t, [way for way in ways if way.opens][:IN_A_ROW], y + air)
        y = _typed(made, t, code, y + air)
        y = _spelled(made, t, [way for way in ways if way.letters][:1], y + air)
        air = min(9.0, max(0.0, (end - y - 4.0) / 3))
    y = end + FOOT * POINT
    for line in foot:
        y = made.lines(line, y, size=FOOT)
    return made


def _head(made: Page, t: Translator, community: str, inviter: str, labels: Sequence[str]) -> float:
    y = made.lines(community, 20.0, size=28, bold=True, most=2)
    if inviter:
        y = made.lines(t("{inviter} invites you.", inviter=inviter), y, size=16)
    about = t("One conversation, whether you prefer {channels}.", channels=t.listing(labels, last="or"))
    return made.lines(about, y + 0.5, size=12) if labels else y


def _codes(made: Page, t: Translator, ways: Sequence[Way], y: float) -> float:
    if not ways:
        return y
    y = made.lines(t("Point your telephone's camera here:"), y + 1.5, size=14, bold=True)
    each = (WIDTH - 2 * MARGIN) / len(ways)
    top = y - 5.0
    bottom = top + SIDE + 2.5
    for number, way in enumerate(ways):
        middle = MARGIN + each * (number + 0.5)
        made.items.append(Code(middle - SIDE / 2, top, SIDE, way.opens))
        label = way.label[:1].upper() + way.label[1:]
        made.items.append(Words(middle, bottom, label, 14, bold=True, align="middle"))
        if not way.brings_code:
            made.items.append(Words(middle, bottom + 5.5, t("then send the code"), 11, align="middle"))
    return bottom + (6.0 if all(way.brings_code for way in ways) else 11.0)


def _typed(made: Page, t: Translator, code: str, y: float) -> float:
    y = made.lines(t("Or write me this code:"), y + 1.0, size=14, bold=True)
    width = wide(code, 32, bold=True) + 16.0
    made.items.append(Frame((WIDTH - width) / 2, y - 4.0, width, 17.0))
    made.items.append(Words(WIDTH / 2, y + 8.5, code, 32, bold=True, align="middle"))
    return y + 19.5


def _spelled(made: Page, t: Translator, ways: Sequence[Way], y: float) -> float:
    for way in ways:
        y = made.lines(t("By mail, with the code and nothing else:"), y, size=13)
        y = made.lines(way.place, y + 1.0, size=16, bold=True, most=2)
        y = made.lines(f"({spelled(t, way.place)})", y, size=13, most=2)
    return y


def spelled(t: Translator, address: str) -> str:
    """A mail address as one reads it out: "cercle at example dot org"."""
    words = "".join(f" {t(_SIGNS[char])} " if char in _SIGNS else char for char in address)
    return " ".join(words.split())
