"""What the service refuses of a request, and what it takes but no bridge should ever ask for."""

from __future__ import annotations

import re
from typing import Any

from .sandbox_world import Room, World

#: The fields a body must have, and those it may have, with their types.
_BODIES: dict[str, tuple[dict[str, type], dict[str, type]]] = {
    "send": (
        {"number": str, "recipients": list, "message": str},
        {
            "text_mode": str,
            "base64_attachments": list,
            "quote_timestamp": int,
            "quote_author": str,
            "quote_message": str,
            "quote_mentions": list,
            "mentions": list,
            "edit_timestamp": int,
            "link_preview": dict,
            "notify_self": bool,
            "view_once": bool,
            "sticker": str,
        },
    ),
    "reaction": ({"recipient": str, "reaction": str, "target_author": str, "timestamp": int}, {}),
    "unreaction": ({"recipient": str, "target_author": str, "timestamp": int}, {"reaction": str}),
    "delete": ({"recipient": str, "timestamp": int}, {}),
    "settings": ({}, {"discoverable_by_number": bool, "share_number": bool}),
    "username": ({"username": str}, {}),
}


def complaint(kind: str, body: Any) -> str:
    """Why the service would refuse this body; empty if it would not."""
    if not isinstance(body, dict):
        return "invalid request"
    must, may = _BODIES[kind]
    for name, sort in must.items():
        if not isinstance(body.get(name), sort):
            return f"{name} is missing or of the wrong type"
    for name, value in body.items():
        if name not in must | may:
            return f"{name} is no field of this request"
        sort = (must | may)[name]
        if not isinstance(value, sort) or (sort is int and isinstance(value, bool)):
            return f"{name} is of the wrong type"
    if kind == "send":
        return _of_a_send(body)
    if kind == "username" and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{2,31}(\.[0-9]{2,})?", body["username"]):
        return "the username is invalid"
    return ""


def _of_a_send(body: dict[str, Any]) -> str:
    if not body["recipients"] or not all(isinstance(one, str) and one for one in body["recipients"]):
        return "please provide at least one recipient"
    if not body["message"] and not body.get("base64_attachments"):
        return "a message needs words or a file"
    if body.get("text_mode", "normal") not in ("normal", "styled"):
        return "text_mode is normal or styled"
    if len(body["message"].encode()) > 64 * 1024:
        return "the message is too long"
    return ""


def sent_wrongly(body: dict[str, Any], world: World) -> list[str]:
    """What the service lets pass and we do not."""
    wrong = []
    if len(body["recipients"]) != 1:
        wrong.append("a send to several recipients answers for one only")
    if "text_mode" not in body:
        wrong.append("text_mode is left to the service's default")
    if ("quote_timestamp" in body) != ("quote_author" in body):
        wrong.append("half a quote")
    target = world.target(body["recipients"][0])
    author = body.get("quote_author")
    if (
        author
        and target
        and not isinstance(target, Room)
        and author not in (world.number, world.aci, target.aci, target.number)
    ):
        wrong.append("a quote in a private chat names somebody else")
    return wrong
