"""Posting: what somebody said becomes a message of a thread, and is owed to everybody it concerns."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.core import audience
from bot.text.fold import fold
from bot.text.rich import Rich, to_json
from store import ledger
from store.statement import run, sql

# No row, and an error, for a thread of another community: what is said there is for others.
NUMBER = sql("""
    UPDATE thread SET numbered = numbered + 1, last_at = :now WHERE id = :thread AND community_id = :community
    RETURNING numbered
""")
MESSAGE = sql("""
    INSERT INTO message (public_id, community_id, thread_id, number, kind, state, author_id, speaker_id, name, language,
                         text, spans, folded, reply_to, origin_id, source, said_at, created_at)
    VALUES (:public_id, :community, :thread, :number, :kind, :state, :author, :speaker, :name, :language,
            :text, :spans, :folded, :reply_to, :origin, :source, :said_at, :now)
    RETURNING id
""")
# It orders the community's messages: on PostgreSQL the order of ids is not the order of commits.
LOCK = sql("SELECT id FROM community WHERE id = :community FOR UPDATE")
ATTACH = sql(
    "INSERT INTO attachment (message_id, position, name, kind, note) VALUES (:message, :position, :name, :kind, '')"
)


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be posted."""

    community_id: int
    thread_id: int
    text: Rich
    name: str  # the author's display name
    author_id: int | None = None  # membership
    speaker_id: int | None = None  # address, of somebody who has not joined
    language: str = ""
    reply_to: int | None = None
    origin_id: int | None = None  # the address it was said at
    remote_id: str = ""  # its id there
    source: int | None = None  # inbound item
    said_at: float = 0.0
    kind: str = "talk"
    state: str = "visible"
    bundled: bool = False  # its author says so much that it leaves with more of theirs
    files: tuple[tuple[str, str], ...] = ()  # (kind, name) of what is not carried


def lock(connection: Connection, community: int) -> None:
    """Let no other process post in this community before we have committed."""
    if connection.dialect.name != "sqlite":
        run(connection, LOCK, {"community": community})


def post(connection: Connection, what: Post) -> int:
    """Make the message, number it in its thread, and owe it to its readers; return its id."""
    lock(connection, what.community_id)
    now = time.time()
    number = run(
        connection, NUMBER, {"thread": what.thread_id, "community": what.community_id, "now": now}
    ).scalar_one()
    message = int(
        run(
            connection,
            MESSAGE,
            {
                "public_id": secrets.token_hex(8),
                "community": what.community_id,
                "thread": what.thread_id,
                "number": number,
                "kind": what.kind,
                "state": what.state,
                "author": what.author_id,
                "speaker": what.speaker_id,
                "name": what.name,
                "language": what.language,
                "text": what.text.text,
                "spans": json.dumps(to_json(what.text)) if what.text.spans else None,
                "folded": fold(what.text.text),
                "reply_to": what.reply_to,
                "origin": what.origin_id,
                "source": what.source,
                # A sender's clock may be wrong; nobody writes in the future (facts E46).
                "said_at": min(what.said_at or now, now),
                "now": now,
            },
        ).scalar_one()
    )
    if what.origin_id is not None and what.remote_id:
        run(
            connection,
            ledger.COPY,
            {
                "message": message,
                "address": what.origin_id,
                "remote": what.remote_id,
                "part": 0,
                "own": True,
                "now": now,
            },
        )
    for position, (kind, name) in enumerate(what.files):
        run(connection, ATTACH, {"message": message, "position": position, "kind": kind, "name": name[:200]})
    if what.state == "visible":
        audience.spread(connection, _Posted(message, what))
    return message


class _Posted:
    """A message as `audience.spread` wants it."""

    __slots__ = ("author_id", "bundled", "community_id", "id", "kind", "origin_id", "thread_id")

    def __init__(self, message: int, what: Post) -> None:
        self.id = message
        self.community_id = what.community_id
        self.thread_id = what.thread_id
        self.author_id = what.author_id
        self.origin_id = what.origin_id
        self.kind = what.kind
        self.bundled = what.bundled
