"""Holding: some words wait for an organizer before they go on. Nothing is refused by itself, and nobody is barred.

What waits are the first posts with a way to elsewhere of somebody nobody invited, floods, and whatever is said by a
member organizers want to read first. It is a message like others, of the state `held`: nobody is owed it before
somebody says yes, and then those who are there at that moment.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import audience, relay
from bot.core.events import MessageReceived
from bot.core.scene import Scene
from bot.text.enticing import entices
from bot.text.rich import Rich
from store.statement import run, sql

#: So many messages of one person within ten minutes leave; more wait.
MOST: Final = 60
#: So many posts with a link are looked at before somebody nobody invited is like everybody in the room.
FIRST: Final = 2
#: Of a file these are no more than a line of text.
HARMLESS: Final = frozenset({"sticker"})

# When the thirtieth and the sixtieth message before this one were said, wherever it was.
MEMBER = sql(f"""
    SELECT m.held_until,
           (SELECT o.created_at FROM message o WHERE o.author_id = m.id ORDER BY o.id DESC LIMIT 1 OFFSET {audience.SINGLE - 1}) AS single,
           (SELECT o.created_at FROM message o WHERE o.author_id = m.id ORDER BY o.id DESC LIMIT 1 OFFSET {MOST - 1}) AS most
    FROM membership m WHERE m.id = :id
""")  # noqa: S608 - two numbers of ours
SPEAKER = sql(f"""
    SELECT (SELECT MAX(m.held_until) FROM membership m
            WHERE m.member_id = a.member_id AND m.community_id = :community) AS held_until,
           (SELECT o.created_at FROM message o WHERE o.speaker_id = a.id ORDER BY o.id DESC LIMIT 1 OFFSET {audience.SINGLE - 1}) AS single,
           (SELECT o.created_at FROM message o WHERE o.speaker_id = a.id ORDER BY o.id DESC LIMIT 1 OFFSET {MOST - 1}) AS most
    FROM address a WHERE a.id = :id
""")  # noqa: S608 - the same
INVITED = sql("""
    SELECT 1 FROM question WHERE address_id = :address AND kind = 'invitation' AND community_id = :community
    UNION SELECT 1 FROM code WHERE address_id = :address AND purpose = 'invite' AND community_id = :community
""")
LET_THROUGH = sql("""
    SELECT COUNT(*) FROM message m JOIN audit a ON a.subject_id = m.id
    WHERE m.speaker_id = :speaker AND m.community_id = :community AND a.subject_type = 'message' AND a.act = 'released'
""")
HELD = sql(f"""
    SELECT id, community_id, thread_id, author_id, origin_id, kind, state, {audience.FLOODS} AS bundled
    FROM message WHERE id = :id
""")  # noqa: S608 - the words are ours
RELEASE = sql("UPDATE message SET state = 'visible', revision = revision + 1 WHERE id = :id")
WAITING = sql("""
    SELECT m.id, m.name, m.text, m.author_id, m.speaker_id, m.origin_id, m.state, m.created_at, a.title AS room,
           (SELECT COUNT(*) FROM report r WHERE r.message_id = m.id) AS reports
    FROM message m LEFT JOIN address a ON a.id = m.origin_id AND a.room
    WHERE m.community_id = :community AND m.state IN ('held', 'hidden') ORDER BY m.id
""")
EDITED = sql("""
    SELECT m.speaker_id, m.community_id, m.state, m.text, s.held_until
    FROM message m LEFT JOIN membership s ON s.id = m.author_id WHERE m.id = :id
""")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether words wait, and why: "", "newcomer", "hold" or "flood". `bundled`: they leave with others of theirs."""

    why: str = ""
    bundled: bool = False


def judge(scene: Scene, event: MessageReceived, words: Rich) -> Verdict:
    """What becomes of words that are about to be posted."""
    standing = scene.standing if scene.standing is not None and scene.standing.status == "active" else None
    who = standing.id if standing else scene.person.id
    found = run(scene.connection, MEMBER if standing else SPEAKER, {"id": who, "community": scene.community_id}).first()
    since = scene.now - audience.BURST
    if found is not None and found.held_until is not None and found.held_until > scene.now:
        return Verdict("hold")
    if standing is None and _is_new(scene, event, words):
        return Verdict("newcomer")
    if found is not None and found.most is not None and found.most > since:
        return Verdict("flood")
    return Verdict(bundled=found is not None and found.single is not None and found.single > since)


def is_held(scene: Scene) -> bool:
    """Do organizers read first what the sender writes? Then nothing of theirs changes what everybody sees at once."""
    if scene.standing is None:
        return False
    found = run(scene.connection, MEMBER, {"id": scene.standing.id}).first()
    return found is not None and found.held_until is not None and found.held_until > scene.now


def _is_new(scene: Scene, event: MessageReceived, words: Rich) -> bool:
    """Somebody of a room whom nobody invited, with a way to elsewhere, and not yet two that were found harmless."""
    if not scene.in_room or any(one.community_id == scene.community_id for one in scene.standings):
        return False
    files = any(one.kind not in HARMLESS for one in event.files)
    name = Rich(event.sender.name or scene.person.name)
    if not files and event.evidence != "forward" and not entices(words) and not entices(name):
        return False
    values = {"address": scene.person.id, "speaker": scene.person.id, "community": scene.community_id}
    if run(scene.connection, INVITED, values).first() is not None:
        return False
    return int(run(scene.connection, LET_THROUGH, values).scalar_one()) < FIRST


def release(connection: Connection, message_id: int) -> bool:
    """Somebody said yes: the message is owed to those who are there now. False if it does not wait (any more)."""
    found = run(connection, HELD, {"id": message_id}).first()
    if found is None:
        return False
    relay.lock(connection, found.community_id)
    found = run(connection, HELD, {"id": message_id}).one()
    if found.state != "held":
        return False
    run(connection, RELEASE, {"id": message_id})
    audience.spread(connection, found)
    return True


@dataclass(frozen=True, slots=True)
class Waits:
    """What of one person waits to be decided about."""

    name: str
    room: str  # where it was said, if in a room
    author_id: int | None
    hidden: bool  # members reported it: it had been shown
    messages: tuple[int, ...]
    texts: tuple[str, ...]
    since: float


def waiting(connection: Connection, community: int) -> list[Waits]:
    """All that waits, the oldest first; what is held of one person is one matter, each hidden message is one."""
    rows = run(connection, WAITING, {"community": community}).all()
    found: dict[Any, list[Any]] = {}
    for row in rows:
        whose: Any = ("hidden", row.id) if row.state == "hidden" else (row.author_id, row.speaker_id)
        found.setdefault(whose, []).append(row)
    return [_waits(some) for some in found.values()]


def _waits(rows: Sequence[Any]) -> Waits:
    first = rows[0]
    return Waits(
        first.name, first.room or "", first.author_id, first.state == "hidden", tuple(row.id for row in rows),
        tuple(row.text for row in rows), first.created_at,
    )  # fmt: skip


def may_change(connection: Connection, message_id: int, words: Rich, now: float | None = None) -> bool:
    """May other words take the place of a message's? Not so that nobody looks at what would have waited."""
    found = run(connection, EDITED, {"id": message_id}).one()
    if found.state == "held":
        return True  # whoever looks at it is shown them (`asking.digest`)
    if found.held_until is not None and found.held_until > (time.time() if now is None else now):
        return False
    if found.speaker_id is None or not entices(words) or entices(Rich(found.text)):
        return True
    values = {"speaker": found.speaker_id, "community": found.community_id}
    return int(run(connection, LET_THROUGH, values).scalar_one()) >= FIRST
