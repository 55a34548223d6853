"""May this be done? One place decides it for every command, on every channel; what is not known to be allowed is refused.

Who somebody is here is read again in the transaction that acts, never remembered: a role that was taken away a moment
ago, powers that sleep, an address that is suspended or is somebody else's now. Only words a person typed themselves to
us count, never what they quoted, forwarded, edited or wrote under a picture.
"""

from __future__ import annotations

import json
from typing import Any

from bot.commands.command import Command, Commands
from bot.commands.command import Standing as Rank
from bot.commands.grammar import Answer
from bot.core import members, notices
from bot.core.events import ChoiceMade, MessageReceived
from bot.core.members import Standing
from bot.core.scene import Scene
from store.statement import run, sql

SETTINGS = sql("SELECT settings FROM community WHERE id = :id")
OURS = "SELECT 1 FROM parcel WHERE id = :parcel"
ANSWERED_HERE = "SELECT 1 FROM parcel WHERE address_id = :address AND kind = 'answer' AND created_at > :since LIMIT 1"


def rank(scene: Scene) -> Rank:
    """What the sender is here, as the store has it now: stranger, invited, member or organizer."""
    if scene.standing is None:
        known = [one for one in scene.standings if one.status in ("invited", "left")]
        return "invited" if known or scene.invited or scene.person.forget_at is not None else "stranger"
    now = current(scene, scene.standing.id)
    if now is None or now.status != "active":
        return "invited" if now is not None and now.status in ("invited", "left") else "stranger"
    return "organizer" if now.organizes else "member"


def current(scene: Scene, membership: int) -> Standing | None:
    """A membership of the sender's, read now; with no more powers than the address they write from. None: it is not theirs."""
    scene.flush()
    found = members.standing(scene.connection, membership)
    place = members.place(scene.connection, scene.person.id)
    if found is None or found.member_id != place.member_id:
        return None
    return found.seen_from(place)


def organizes(scene: Scene, membership: int | None) -> bool:
    """May the sender act as an organizer, with this membership of theirs, now?"""
    found = current(scene, membership) if membership is not None else None
    return found is not None and found.organizes


def is_direct(scene: Scene) -> bool:
    """Typed by this person, to us, as they are: or one of our buttons under a question that was put to them."""
    event = scene.event
    return isinstance(event, ChoiceMade) or (isinstance(event, MessageReceived) and event.evidence == "direct")


def is_to_the_bot(scene: Scene, said: object) -> bool:
    """Tell whether these words answer something the bot said. In a room people answer a notice to talk to the room."""
    # In a private chat what we carried there, and what was posted from there, is known: the rest are notices of ours.
    if scene.answers_parcel is not None:
        return bool(scene.rows(OURS, parcel=scene.answers_parcel))
    event = scene.event
    replied = isinstance(event, MessageReceived) and bool(event.reply_to)
    if isinstance(said, Answer) and not (replied or scene.parent or scene.in_room or scene.can.titles):
        # A second yes, or one that came too late, is nothing to tell everybody.
        return bool(scene.rows(ANSWERED_HERE, address=scene.here.id, since=scene.now - notices.ANSWERABLE))
    replies = replied and scene.parent is None
    return replies and not scene.in_room and not scene.can.keeps_our_ids


def authorise(scene: Scene, commands: Commands, key: str) -> Command | None:
    """The command that the sender means by `key` and may give now; None if they may not."""
    if key not in commands or not is_direct(scene):
        return None
    standing = rank(scene)
    command = commands.meant(key, standing)
    if command is None and standing == "member" and is_open(scene, commands.get(key).opens):
        command = commands.get(key)
    return command if command is not None and command.run is not None else None


def is_open(scene: Scene, setting: str) -> bool:
    """Has the community opened to its members what only organizers may otherwise?"""
    return bool(setting) and settings(scene).get(setting) == "members"


def settings(scene: Scene) -> dict[str, Any]:
    """What the community has decided for itself."""
    found = run(scene.connection, SETTINGS, {"id": scene.community_id}).scalar()
    return dict(json.loads(found) if isinstance(found, str) else found or {})
