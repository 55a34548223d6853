"""What the tests of joining, linking, receiving and leaving share: people who use several channels."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.commands_ground import Ground

TYPED = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def code_in(words: str) -> str:
    """The code that can be typed."""
    found = TYPED.search(words)
    assert found, words
    return found[0]


def link_in(words: str) -> str:
    """The code in the link."""
    found = re.search(r"start=([a-z2-7]{24})", words)
    assert found, words
    return found[1]


async def by(ground: Ground, channel: str, who: str, text: str, **how: Any) -> list[str]:
    """`who` writes by this channel; what their device there shows since."""
    box = ground.boxes[channel]
    how.setdefault("room", "")
    before = len(shown(ground, channel, who))
    if channel == "post" and not how.get("reply_to"):
        how.setdefault("subject", "Bonjour")
    await box.say(who, text, **how)
    await ground.settled()
    return shown(ground, channel, who)[before:]


def shown(ground: Ground, channel: str, who: str) -> list[str]:
    """The words on their device that are not their own."""
    return [one.text for one in ground.boxes[channel].seen(who) if not one.mine]


def newest(ground: Ground, channel: str, who: str) -> Any:
    """The newest thing on their device that is not their own."""
    return [one for one in ground.boxes[channel].seen(who) if not one.mine][-1]


async def replies(ground: Ground, channel: str, who: str, text: str) -> list[str]:
    """`who` answers the newest thing there."""
    return await by(ground, channel, who, text, reply_to=newest(ground, channel, who).id)


async def membership(ground: Ground, name: str) -> Any:
    """The membership of this name, as it is stored."""
    rows = await ground.rows(
        "SELECT m.*, a.channel AS told_on FROM membership m LEFT JOIN address a ON a.id = m.address_id"
        " WHERE m.name = :name ORDER BY m.id DESC",
        name=name,
    )
    assert rows, name
    return rows[0]


async def linked(ground: Ground, who: str, channel: str, other: str) -> None:
    """`who` (on `channel`) joins their address on `other` to it."""
    code = code_in((await by(ground, channel, who, "link"))[-1])
    await by(ground, other, who, code)
    await replies(ground, other, who, "yes")
