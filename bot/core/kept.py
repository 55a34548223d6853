"""Words that wait for an answer ("is this for everyone?"): kept whole with the question, posted when it says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.core import members, posting
from bot.core.events import MessageReceived, Person, Place, RemoteFile
from bot.core.scene import Scene
from bot.text.rich import from_json, to_json


def keep(scene: Scene) -> dict[str, Any]:
    """What was just said, as data of a question."""
    event = scene.event
    kept: dict[str, Any] = {
        "text": scene.words.text,
        "spans": to_json(scene.words),
        "address": scene.here.id,
        "source": scene.source,
    }
    if isinstance(event, MessageReceived):
        kept |= {
            "remote": event.remote_id,
            "said_at": event.sent_at.timestamp(),
            "subject": event.subject,
            "files": [[one.kind, one.name] for one in event.files],
        }
    return kept


def said(scene: Scene, kept: Mapping[str, Any], here: members.Place) -> MessageReceived:
    """What was kept, as if it were said now."""
    return MessageReceived(
        Place(here.remote, here.room, here.title),
        Person(scene.person.remote, scene.person.name),
        str(kept.get("remote") or ""),
        from_json(str(kept.get("text") or ""), kept.get("spans")),
        datetime.fromtimestamp(float(kept.get("said_at") or scene.now), UTC),
        subject=kept.get("subject"),
        files=tuple(RemoteFile("", str(name), kind=kind) for kind, name in kept.get("files") or ()),
    )


def post(scene: Scene, kept: Mapping[str, Any]) -> str:
    """Post what was kept as if it were said now, where it was said, in the community of the scene; the outcome's word."""
    now = (scene.here, scene.parent, scene.source)
    here = members.place(scene.connection, int(kept["address"]))
    scene.here, scene.parent, scene.source = here, None, kept.get("source")
    try:
        return posting.talk(scene, said(scene, kept, here))
    finally:
        scene.here, scene.parent, scene.source = now
