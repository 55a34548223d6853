"""Words that wait for an answer ("is this for everyone?"): kept whole with the question, posted when it says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bot.core import members, posting, threads
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
        "parent": scene.parent.id if scene.parent else None,
    }
    if isinstance(event, MessageReceived):
        kept |= {
            "remote": event.remote_id,
            "said_at": event.sent_at.timestamp(),
            "subject": event.subject,
            "files": [[one.kind, one.name] for one in event.files],
            "evidence": event.evidence,
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
        evidence=kept.get("evidence") or "direct",
        files=tuple(RemoteFile("", str(name), kind=kind) for kind, name in kept.get("files") or ()),
    )


@contextmanager
def said_again(scene: Scene, kept: Mapping[str, Any]) -> Iterator[MessageReceived]:
    """The scene as it was when this was said: where, in answer to what, from which item."""
    now = (scene.here, scene.parent, scene.source, scene.event)
    here = members.place(scene.connection, int(kept["address"]))
    parent = threads.message(scene.connection, int(kept["parent"])) if kept.get("parent") else None
    if parent is not None and parent.community_id != scene.community_id:
        parent = None  # it was said before anybody knew in which community
    event = said(scene, kept, here)
    scene.here, scene.parent, scene.source, scene.event = here, parent, kept.get("source"), event
    try:
        yield event
    finally:
        scene.here, scene.parent, scene.source, scene.event = now


def post(scene: Scene, kept: Mapping[str, Any]) -> str:
    """Post what was kept as if it were said now, where it was said, in the community of the scene; the outcome's word."""
    with said_again(scene, kept) as event:
        return posting.talk(scene, event)
