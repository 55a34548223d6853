"""A channel whose account is also somebody's own: what of it is for us.

Read are the rooms that are bound, the people we know, and codes that are good. Everything else is as if it had never
come: not stored, not answered. A channel that may write first has addresses for what is meant for us (mail), and its
bridge has looked at them.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from bot.core import codes, members
from bot.core.events import Event, MembershipChanged, MessageReceived, RoomChanged
from bot.core.scene import House
from store.intake import Item
from store.statement import run, sql

#: What a code looks like, typed or from a link, wherever it stands.
_CODE = re.compile(r"(?<![\w-])(?:[0-9A-Za-z]{4}-[0-9A-Za-z]{4}|[0-9A-Za-z]{8}|[0-9A-Za-z]{24})(?![\w-])")
_MOST_CODES = 5
ASKED = sql("SELECT 1 FROM question WHERE address_id = :address AND expires_at > :now LIMIT 1")


def concerns_us(connection: Connection, house: House, item: Item, event: Event, now: float) -> bool:
    """Whether this is for us to look at."""
    if not house.shared(item.channel) or house.channels[item.channel].writes_first:
        return True
    place = getattr(event, "place", None)
    if place is None:
        return True
    person = event.person if isinstance(event, MembershipChanged) else getattr(event, "sender", None)
    known = members.find(connection, item.channel, item.account, person.id) if person is not None else None
    if place.room:
        room = members.find(connection, item.channel, item.account, place.id)
        if room is not None and room.community_id is not None:
            return True
        # An organizer makes a room of a group by a command said in it.
        asks = isinstance(event, MessageReceived) and event.text.text.lstrip().startswith("/")
        return asks and known is not None and known.member_id is not None
    if isinstance(event, RoomChanged):
        return False
    if known is not None and (
        known.member_id is not None or run(connection, ASKED, {"address": known.id, "now": now}).first() is not None
    ):
        return True
    return isinstance(event, MessageReceived) and _brings_a_code(connection, house, item, event)


def _brings_a_code(connection: Connection, house: House, item: Item, event: MessageReceived) -> bool:
    """Whether somebody unknown sends a code that is good. Wrong ones are counted, so that guessing ends, and not answered."""
    said = event.start or event.text.text[:4000]
    tried = [found[0] for found in _CODE.finditer(said) if event.start or _may_be_one(found[0])][:_MOST_CODES]
    if not tried:
        return False
    person = members.meet(connection, item.channel, item.account, event.sender.id, name=event.sender.name)
    for one in tried:
        if not codes.may_try(connection, person.id):
            return False
        if codes.find(connection, house.tokens, one) is not None:
            return True
        codes.missed(connection, person.id)
    return False


def _may_be_one(word: str) -> bool:
    """Eight letters without a digit or a hyphen are a word, and eight digits are a date or a telephone number."""
    return len(word) == 24 or "-" in word or (not word.isalpha() and not word.isdigit())
