"""The tables of what is said: topics, threads, messages with their versions, files, choices and reactions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from store.models.columns import NEVER_AGAIN, Id, count, data, key, maybe, moment, plain, ref, words


class Topic(SQLModel, table=True):
    """A theme of a community."""

    __table_args__ = (UniqueConstraint("community_id", "folded"),)
    id: int = key()
    community_id: int = ref("community")
    name: str = words()
    folded: str = words()
    created_at: float = moment()


class Thread(SQLModel, table=True):
    """One conversation. An untitled one is a room's day."""

    __table_args__ = (
        Index("thread_recent", "community_id", "last_at"),
        UniqueConstraint("room_id", "day"),
    )
    id: int = key()
    community_id: int = ref("community")
    topic_id: int | None = ref("topic", optional=True)
    title: str = words()
    folded: str = words()  # the title as subjects are compared
    subject: str = words()  # what mails carry, for ever
    room_id: int | None = ref("address", optional=True)  # an untitled one: the room …
    day: str | None = Field(default=None, sa_column=Column(String(10), nullable=True))  # … and its day, ISO
    author_id: int | None = ref("membership", optional=True)
    numbered: int = count()  # how many messages have a number
    last_at: float = moment()
    created_at: float = moment()


class Message(SQLModel, table=True):
    """What somebody said, once."""

    __table_args__ = (
        UniqueConstraint("thread_id", "number"),
        Index("message_author", "author_id", "id"),
        Index("message_speaker", "speaker_id", "id"),
        # What waits for an organizer.
        Index(
            "message_waiting",
            "community_id",
            "id",
            sqlite_where=text("state IN ('held', 'hidden')"),
            postgresql_where=text("state IN ('held', 'hidden')"),
        ),
        Index("message_community", "community_id", "id"),
        # What has been kept long enough.
        Index("message_age", "created_at"),
        Index(
            "message_spreading",
            "id",
            sqlite_where=text("state = 'spreading'"),
            postgresql_where=text("state = 'spreading'"),
        ),
        NEVER_AGAIN,
    )
    id: int = key()
    public_id: str = Field(sa_column=Column(String(26), nullable=False, unique=True))
    community_id: int = ref("community")
    thread_id: int = ref("thread")
    number: int = count()
    kind: str = words("talk", 16)  # talk | announcement | import
    state: str = words("visible", 16)  # held | spreading | visible | hidden | removed
    author_id: int | None = ref("membership", optional=True)  # nobody: somebody in a room who has not joined
    speaker_id: int | None = ref("address", optional=True)  # that somebody's address
    name: str = words()  # the author's display name then
    language: str = words("", 8)
    text: str = words()
    spans: Any = data()
    folded: str = words()  # without accents and case, for `find`
    reply_to: int | None = ref("message", optional=True, index=True)
    origin_id: int | None = ref("address", optional=True)  # where it was said
    source: int | None = Field(default=None, sa_column=Column(Id, nullable=True))  # the inbound item it came from
    revision: int = count()
    spread_to: int = count()  # while spreading: the last membership served
    said_at: float = moment()  # as the sender's device says
    created_at: float = moment()
    expires_at: float | None = maybe()
    removed_at: float | None = maybe()
    removed_by: int | None = ref("membership", optional=True)
    hidden_until: float | None = (
        maybe()
    )  # reported by several members: not shown until then, or until an organizer decides
    pinned_at: float | None = maybe()


class Report(SQLModel, table=True):
    """A member found that a message should not stand; nobody but organizers learns that it was said, nobody who said it."""

    __table_args__ = (UniqueConstraint("message_id", "membership_id"),)
    id: int = key()
    message_id: int = ref("message", on_delete="CASCADE")
    membership_id: int = ref("membership", on_delete="CASCADE")
    created_at: float = moment()


class MessageVersion(SQLModel, table=True):
    """How a message read before it was edited."""

    __tablename__ = "message_version"
    __table_args__ = (UniqueConstraint("message_id", "revision"),)
    id: int = key()
    message_id: int = ref("message", on_delete="CASCADE")
    revision: int = count()
    text: str = words()
    spans: Any = data()
    created_at: float = moment()


class File(SQLModel, table=True):
    """Bytes on disk, named by their SHA-256, kept once however often they were sent."""

    __table_args__ = (
        Index(
            "file_parcel",
            "parcel_id",
            sqlite_where=text("parcel_id IS NOT NULL"),
            postgresql_where=text("parcel_id IS NOT NULL"),
        ),
    )
    id: int = key()
    sha256: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    type: str = words("application/octet-stream", 127)
    refcount: int = count()
    # No reference: a parcel and its file go in any order.
    parcel_id: int | None = plain()  # of a file of the bot's own, sealed: what it leaves with
    created_at: float = moment()


class Attachment(SQLModel, table=True):
    """A file of a message, or the place of one that was not carried (`file_id` empty: `note` says why)."""

    id: int = key()
    message_id: int = ref("message", index=True, on_delete="CASCADE")
    file_id: int | None = ref("file", optional=True, index=True)
    position: int = count()
    name: str = words()
    kind: str = words("document", 16)
    note: str = words()


class Choice(SQLModel, table=True):
    """What a member chose under a message; the last choice holds."""

    __table_args__ = (UniqueConstraint("message_id", "option", "membership_id"),)
    id: int = key()
    message_id: int = ref("message", on_delete="CASCADE")
    option: str = words("", 64)
    membership_id: int = ref("membership", on_delete="CASCADE")
    created_at: float = moment()


class Reaction(SQLModel, table=True):
    """A person's reaction to a message."""

    __table_args__ = (UniqueConstraint("message_id", "address_id", "emoji"),)
    id: int = key()
    message_id: int = ref("message", on_delete="CASCADE")
    address_id: int = ref("address", on_delete="CASCADE")
    membership_id: int | None = ref("membership", optional=True)
    emoji: str = words("", 64)
    created_at: float = moment()
