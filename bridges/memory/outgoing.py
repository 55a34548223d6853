"""Outgoing → what the memory network is asked to show. The same words everywhere; a mail has its fields besides."""

from __future__ import annotations

from typing import Any

from bot.core.bridge import Address, Capabilities, Outgoing


def request(to: Address, what: Outgoing, can: Capabilities) -> dict[str, Any]:
    """What `Network.take` is given for one message."""
    shared, personal = what.shared, what.personal
    body: dict[str, Any] = {"to": to.id, "text": shared.content.text, "reply_to": personal.reply_to}
    if shared.buttons:
        body["buttons"] = [[(button.label, button.data) for button in row] for row in shared.buttons]
    if shared.files:
        body["files"] = [(file.name, file.read()) for file in shared.files]
    if can.keeps_our_ids:
        body["id"] = personal.id
    if can.titles:
        body |= {
            "author": _from(shared.author, shared.community),
            "subject": shared.subject,
            "token": personal.reply_token,
            "bounce": personal.bounce_token,
            "references": list(personal.ancestors),
            "footer": personal.footer.text,
        }
    return body


def _from(author: str, community: str) -> str:
    """Who a mail says it is from: "Amina · Cercle de lecture"."""
    return " · ".join(part for part in (author, community) if part)
