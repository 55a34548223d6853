"""Who is in a group: Telegram keeps no list for bots, it answers for one person at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.core.bridge import Address, Census
from bot.core.errors import Refused, Unreachable

from .refusals import meaning

if TYPE_CHECKING:
    from .wire import Wire

#: Asked at once: a lookup is no message and has no published limit, and nobody waits for the last one.
AT_ONCE = 8
#: What Telegram says of somebody it has never seen there.
_NEVER_THERE = ("user not found", "participant_id_invalid", "user_id_invalid", "member not found")
_HERE = frozenset({"creator", "administrator", "member"})


async def census(wire: Wire, base: str, room: Address, people: Sequence[str]) -> Census:
    """Ask for the number of people, and for each of `people`. Raises the errors of `bot.core.errors`."""
    chat = int(room.id)
    counted = await _call(wire, f"{base}getChatMemberCount", {"chat_id": chat})
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(person: str) -> tuple[str, bool | None]:
        async with turn:
            return person, await _is_here(wire, base, chat, person)

    found = await asyncio.gather(*(one(person) for person in people if person.isdigit()))
    return Census(
        # The bot is one of them.
        people=counted - 1 if isinstance(counted, int) and not isinstance(counted, bool) else None,
        here=frozenset(person for person, here in found if here),
        gone=frozenset(person for person, here in found if here is False),
    )


async def _is_here(wire: Wire, base: str, chat: int, person: str) -> bool | None:
    """Whether this person is there; None where the group hides its members from us."""
    try:
        member = await _call(wire, f"{base}getChatMember", {"chat_id": chat, "user_id": int(person)})
    except (Refused, Unreachable) as refusal:
        return False if any(known in str(refusal).casefold() for known in _NEVER_THERE) else None
    status = member.get("status") if isinstance(member, dict) else None
    if status == "restricted":
        return member.get("is_member") is True
    return status in _HERE if isinstance(status, str) else None


async def _call(wire: Wire, url: str, parameters: dict[str, Any]) -> Any:
    from telegram.error import TelegramError

    try:
        return await wire.call(url, parameters)
    except TelegramError as error:
        trouble = meaning(error)
    raise trouble
