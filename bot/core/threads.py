"""Threads: where a message belongs. A reply joins what it answers; a titled thread holds its room for a while; the
rest of what is said in a room is one thread a day (MANNERS 6 and 9).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.i18n import translator
from bot.text.fold import canonical_subject, fold
from store.statement import run, sql

#: A titled thread holds the room for this silence; a day of talk begins at this hour.
HOLD, DAY_BEGINS = 2 * 3600.0, 4
#: A mail without a token joins a thread of the same subject this young.
SUBJECT_AGE = 60 * 86400.0
LONGEST_TITLE = 120
#: A title is never a greeting.
GREETINGS = frozenset(
    fold(word)
    for word in (
        "bonjour", "bonsoir", "salut", "coucou", "hello", "hi", "hey", "bonjour à tous", "bonjour à toutes et à tous",
        "bonjour tout le monde", "salut à tous", "salut tout le monde", "hello everyone", "hi all", "hi everyone",
        "good morning", "good evening", "dear all", "chers tous", "chères toutes, chers tous", "re", "(no subject)",
        "(sans objet)", "sans objet", "no subject",
    )
)  # fmt: skip

THREAD = sql("SELECT id, community_id, title, folded, subject, room_id, day, last_at FROM thread WHERE id = :id")
NEW_THREAD = sql("""
    INSERT INTO thread (community_id, title, folded, subject, room_id, day, author_id, created_at, last_at)
    VALUES (:community, :title, :folded, :subject, :room, :day, :author, :now, :now) RETURNING id
""")
DAY_THREAD = sql("""
    SELECT id FROM thread WHERE community_id = :community AND day = :day
      AND (room_id = :room OR (room_id IS NULL AND :room = 0)) ORDER BY id LIMIT 1
""")
BY_SUBJECT = sql("""
    SELECT id FROM thread WHERE community_id = :community AND (folded = :folded OR subject = :subject) AND last_at > :since
    ORDER BY last_at DESC LIMIT 1
""")
ROOMS = sql(
    "SELECT id, title FROM address WHERE community_id = :community AND room AND status = 'active' ORDER BY id LIMIT 2"
)
MESSAGE_OF_COPY = sql(
    "SELECT message_id FROM copy WHERE address_id = :address AND remote = :remote ORDER BY id DESC LIMIT 1"
)
MESSAGE_BY_REMOTE = sql("""
    SELECT c.message_id FROM copy c JOIN address a ON a.id = c.address_id
    WHERE c.remote = :remote AND a.channel = :channel AND a.account = :account ORDER BY c.id LIMIT 1
""")
MESSAGE = sql(
    "SELECT id, thread_id, community_id, number, author_id, origin_id, state, created_at FROM message WHERE id = :id"
)
NUMBERED = sql("SELECT id FROM message WHERE thread_id = :thread AND number = :number AND state <> 'removed'")
END_DAYS = sql("UPDATE thread SET day = NULL, room_id = NULL WHERE room_id = :room AND community_id <> :community")
HOLDS = sql("UPDATE address SET thread_id = :thread, thread_at = :now WHERE id = :address")


@dataclass(frozen=True, slots=True)
class Answered:
    """The message an answer belongs to."""

    id: int
    thread_id: int
    community_id: int
    number: int
    author_id: int | None
    origin_id: int | None
    state: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread as it stands."""

    id: int
    community_id: int
    title: str
    folded: str
    subject: str
    room_id: int | None
    day: str | None
    last_at: float


def message(connection: Connection, message_id: int) -> Answered | None:
    """The message with this id."""
    row = run(connection, MESSAGE, {"id": message_id}).first()
    return Answered(*row) if row else None


def shown_as(connection: Connection, address: int, remote: str) -> Answered | None:
    """The message that appears as `remote` at `address`; of a bundle, its last line."""
    row = run(connection, MESSAGE_OF_COPY, {"address": address, "remote": remote}).first()
    return message(connection, row[0]) if row else None


def known_as(connection: Connection, channel: str, account: str, remote: str) -> Answered | None:
    """The message that came with the id `remote` from anywhere on this channel (a mail's own Message-ID)."""
    row = run(connection, MESSAGE_BY_REMOTE, {"remote": remote, "channel": channel, "account": account}).first()
    return message(connection, row[0]) if row else None


def numbered(connection: Connection, thread: int, number: int) -> Answered | None:
    """Message #number of a thread."""
    row = run(connection, NUMBERED, {"thread": thread, "number": number}).first()
    return message(connection, row[0]) if row else None


def thread(connection: Connection, thread_id: int) -> Talk:
    """The thread with this id; LookupError if there is none."""
    row = run(connection, THREAD, {"id": thread_id}).first()
    if row is None:
        raise LookupError("no such thread")
    return Talk(*row)


def fitting_title(wanted: str, words: str = "") -> str:
    """`wanted` as a title: one line, not a greeting; in its place the first words of the message. May be empty."""
    title = " ".join(canonical_subject(wanted).split())
    if fold(title).strip(" !.,?…") in GREETINGS or not title:
        line = next((part.strip() for part in words.splitlines() if fold(part).strip(" !.,?…") not in GREETINGS), "")
        title = line if len(line) <= 60 else line[:60].rsplit(" ", 1)[0] + "…"
    return title[:LONGEST_TITLE]


def begin(connection: Connection, community: int, title: str, author: int | None, *, room: int | None = None) -> int:
    """A new titled thread."""
    values = {
        "community": community, "title": title, "folded": fold(title), "subject": title, "room": None, "day": None,
        "author": author, "now": time.time(),
    }  # fmt: skip
    made = int(run(connection, NEW_THREAD, values).scalar_one())
    if room is not None:
        holds(connection, room, made)
    return made


def holds(connection: Connection, address: int, thread_id: int) -> None:
    """What is said next at this address, and answers nothing, belongs to this thread, until two hours of silence."""
    run(connection, HOLDS, {"address": address, "thread": thread_id, "now": time.time()})


def held(connection: Connection, address: int, thread_id: int | None, thread_at: float | None) -> int | None:
    """The titled thread that holds this address now, if one does; its silence begins again."""
    if thread_id is None or thread_at is None or thread_at < time.time() - HOLD:
        return None
    holds(connection, address, thread_id)
    return thread_id


def is_a_room_of(connection: Connection, room: int, community: int) -> None:
    """A room of theirs now: its days of talk in another community are over, and today begins anew."""
    run(connection, END_DAYS, {"room": room, "community": community})


def day_of(now: float, timezone: str) -> str:
    """Which day of talk it is: days begin at four in the morning."""
    local = datetime.fromtimestamp(now, ZoneInfo(timezone)) - timedelta(hours=DAY_BEGINS)
    return local.date().isoformat()


def of_the_day(
    connection: Connection, community: int, name: str, timezone: str, language: str, room: int | None, room_title: str
) -> int:
    """The thread of today's untitled talk: the room's; for what is said in private, the one room's, or the community's."""
    if room is None:
        rooms = run(connection, ROOMS, {"community": community}).all()
        if len(rooms) == 1:
            room, room_title = rooms[0]
    now = time.time()
    day = day_of(now, timezone)
    row = run(connection, DAY_THREAD, {"community": community, "day": day, "room": room or 0}).first()
    if row is not None:
        return int(row[0])
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=ZoneInfo(timezone))
    place = room_title or name
    title = f"{place[:1].upper()}{place[1:]}, {translator(language).date(noon, timezone)}"
    values = {
        "community": community, "title": title, "folded": fold(title), "subject": title, "room": room, "day": day,
        "author": None, "now": now,
    }  # fmt: skip
    return int(run(connection, NEW_THREAD, values).scalar_one())


def of_subject(connection: Connection, community: int, subject: str) -> int | None:
    """The recent thread whose title this subject repeats, or the subject its mails have kept since it was called otherwise."""
    canonical = canonical_subject(subject)
    if not canonical:
        return None
    values = {
        "community": community,
        "folded": fold(canonical),
        "subject": canonical,
        "since": time.time() - SUBJECT_AGE,
    }
    row = run(connection, BY_SUBJECT, values).first()
    return int(row[0]) if row else None


def is_same_subject(subject: str | None, talk: Talk) -> bool:
    """Does a mail's subject still name its thread? An empty one does; and any does, where the thread's was erased."""
    if subject is None or not subject.strip() or not talk.subject:
        return True
    canonical = fold(canonical_subject(subject))
    return canonical in (talk.folded, fold(talk.subject), fold(canonical_subject(talk.subject)))
