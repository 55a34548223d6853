"""From what the core wants said to requests of signal-cli-rest-api."""

from __future__ import annotations

import asyncio
import base64
import importlib
import re
import sys
from typing import Any

from bot.core.bridge import Address, LocalFile, Outgoing, Personal
from bot.core.errors import Refused
from bridges.signal.styled import marked_up

ME = "me"
_REMOTE = re.compile(r"(?P<when>[0-9]{1,18})/(?P<author>[^/\s]*)")
_MOST_QUOTED = 500  # characters of the words answered: the phone shows two lines of them


def remote_id(text: str) -> tuple[int, str] | None:
    """The time and the author ("me": ourselves) of a message; None if `text` is no id of ours."""
    found = _REMOTE.fullmatch(text)
    return (int(found["when"]), found["author"]) if found else None


def own_time(text: str) -> int:
    """The time of a message of ours. Raises Refused for anybody else's: only authors change their words."""
    found = remote_id(text)
    if found is None or found[1] != ME:
        raise Refused("that message is not the bot's own")
    return found[0]


async def request(to: Address, what: Outgoing, number: str, edits: int | None = None) -> dict[str, Any]:
    """The body of POST /v2/send; `edits` is the time of the message of ours that gets new words."""
    if "signalbot" not in sys.modules:  # half a second of importing: not in the loop
        await asyncio.to_thread(importlib.import_module, "signalbot")
    from signalbot import SendMessage, TextMode

    text, mode = marked_up(what.shared.content)
    message = SendMessage(
        text=text,
        text_mode=TextMode(mode),  # always said: the service's own default may be "styled"
        edit_timestamp=edits,
        base64_attachments=[await asyncio.to_thread(_encoded, file) for file in what.shared.files] or None,
        **_quote(to, what.personal, number),
    )
    made = await message.to_generated(number, [to.id])
    body: dict[str, Any] = made.model_dump(mode="json", exclude_none=True, by_alias=True)
    return body


def _quote(to: Address, personal: Personal, number: str) -> dict[str, Any]:
    """The native quote. In private it names only the two who are there: a quote tells its author's id to the reader."""
    found = remote_id(personal.reply_to)
    if found is None:
        return {}
    when, author = found
    if author == ME:
        author = number
    elif not author or (not to.room and author != to.id):
        return {}
    return {"quote_timestamp": when, "quote_author": author, "quote_text": personal.reply_text[:_MOST_QUOTED]}


def reaction(to: Address, target: str, emoji: str, number: str) -> dict[str, Any]:
    """The body of POST and DELETE /v1/reactions. Raises Refused when the target is none."""
    found = remote_id(target)
    if found is None or not found[1]:
        raise Refused("there is no such message to react to")
    when, author = found
    return {
        "recipient": to.id,
        "reaction": emoji,
        "target_author": number if author == ME else author,
        "timestamp": when,
    }


def _encoded(file: LocalFile) -> str:
    """A file as the service takes it: type, name and bytes in one text."""
    name = re.sub(r"[;,\r\n\"]", "_", file.name)
    data = base64.b64encode(file.read()).decode()
    return f"data:{file.type};filename={name};base64,{data}"
