"""The tables: all that the community's memory holds. One class is one word of the house (docs/reference/glossary.md).

Times are seconds since 1970 (UTC) as floats, so that both databases compute with them in the same statements;
what people read is made from them in the reader's zone. Ids that leave the program are derived or public, never these.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

#: Names for every constraint, so that migrations can name what they change.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: SQLite makes ids by itself only for INTEGER; PostgreSQL wants them wide.
Id = BigInteger().with_variant(Integer(), "sqlite")


def key() -> Any:
    """A primary key the database counts."""
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def ref(table: str, *, optional: bool = False, index: bool = False, on_delete: str | None = None) -> Any:
    """A reference to `table`."""
    link = ForeignKey(f"{table}.id", ondelete=on_delete)
    column = Column(Id, link, nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def plain() -> Any:
    """An id without a reference."""
    return Field(default=None, sa_column=Column(Id, nullable=True))


def words(default: str = "", length: int | None = None) -> Any:
    """Text that is never NULL; has a server default, so that `INSERT … SELECT` may leave it out."""
    kind = String(length) if length else Text()
    return Field(default=default, sa_column=Column(kind, nullable=False, server_default=default))


def count(default: int = 0) -> Any:
    """A whole number that is never NULL."""
    return Field(default=default, sa_column=Column(Integer, nullable=False, server_default=text(str(default))))


def flag(default: bool = False) -> Any:
    """Yes or no."""
    return Field(
        default=default,
        sa_column=Column(Boolean, nullable=False, server_default=text("true" if default else "false")),
    )


def moment(default: float = 0.0) -> Any:
    """A time that is never NULL."""
    return Field(default=default, sa_column=Column(Float(53), nullable=False, server_default=text(str(default))))


def maybe() -> Any:
    """A time that may be NULL: it has not happened."""
    return Field(default=None, sa_column=Column(Float(53), nullable=True))


def data() -> Any:
    """JSON; assign a new value to change it, never change it in place."""
    return Field(default=None, sa_column=Column(JSON, nullable=True))


class Community(SQLModel, table=True):
    """The group of people. One deployment hosts several; their messages are ordered by the lock of this row."""

    id: int = key()
    slug: str = Field(sa_column=Column(String(40), nullable=False, unique=True))
    name: str = words()
    language: str = words("en", 8)
    timezone: str = words("Europe/Paris", 64)
    settings: Any = data()
    created_at: float = moment()


class Member(SQLModel, table=True):
    """A person, whatever the communities and the addresses."""

    id: int = key()
    merged_into: int | None = ref("member", optional=True)
    created_at: float = moment()


class Membership(SQLModel, table=True):
    """A person in a community, and the consent that made it so."""

    __table_args__ = (
        UniqueConstraint("community_id", "member_id"),
        Index("membership_order", "community_id", "id"),
    )
    id: int = key()
    community_id: int = ref("community")
    member_id: int = ref("member", index=True)
    name: str = words()
    folded: str = words()  # the name without accents and case
    language: str = words("en", 8)
    timezone: str = words("Europe/Paris", 64)
    role: str = words("member", 16)  # observer | member | organizer
    status: str = words("active", 16)  # invited | active | left | removed | former
    address_id: int | None = ref("address", optional=True)  # where this person is told: the preferred one
    pace: str = words("each", 16)  # of that address: each | grouped | daily | weekly | mine
    visible: bool = flag(True)  # named in `who`
    token_generation: int = count()  # one more, and every token given out is dead
    invited_by: int | None = ref("membership", optional=True)
    consent_at: float | None = maybe()
    consent_how: str = words()  # invitation | organizer code | configuration | merge
    consent_text: str = words()  # which words were agreed to: their version and language
    joined_at: float | None = maybe()
    left_at: float | None = maybe()
    created_at: float = moment()


class Address(SQLModel, table=True):
    """One place a channel can deliver to: a private chat, a mailbox or a room."""

    __table_args__ = (
        UniqueConstraint("channel", "account", "remote", "sub"),
        Index("address_member", "member_id"),
        Index("address_room", "community_id"),
    )
    id: int = key()
    channel: str = words("", 32)
    account: str = words("", 255)  # which account of ours it belongs to
    remote: str = words("", 320)  # the network's own id: data, it may change
    sub: str = words("", 64)  # a forum topic within
    room: bool = flag()
    member_id: int | None = ref("member", optional=True)  # whose it is; a room is nobody's
    title: str = words()  # of a room
    name: str = words()  # how the network names the person
    language: str = words("", 8)
    status: str = words("active", 16)  # active | unreachable | lost | gone
    status_at: float | None = maybe()
    status_why: str = words()
    verified_at: float | None = maybe()
    paused_until: float | None = maybe()
    seen_at: float | None = maybe()  # when something last came from there
    # a room
    community_id: int | None = ref("community", optional=True)  # bound to it
    mode: str = words("both", 16)  # both | in
    relays_from: float | None = maybe()
    # No reference: threads refer to rooms, and tables that refer to each other cannot be ordered.
    thread_id: int | None = plain()  # the titled thread that holds the room …
    thread_at: float | None = maybe()  # … and when something was last said in it there
    shown_thread_id: int | None = plain()  # the thread whose title stood last above a line
    # a private chat: the community it spoke to last
    spoke_to: int | None = ref("community", optional=True)
    spoke_at: float | None = maybe()
    created_at: float = moment()


class Presence(SQLModel, table=True):
    """A person's address known to be in a room, and how we know."""

    __table_args__ = (UniqueConstraint("room_id", "address_id"), Index("presence_address", "address_id"))
    id: int = key()
    room_id: int = ref("address", on_delete="CASCADE")
    address_id: int = ref("address", on_delete="CASCADE")
    how: str = words("spoke", 16)  # spoke | listed | joined
    silent: bool = flag()  # "not me": nothing this person says there leaves the room
    since: float = moment()


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
        Index("message_author", "author_id"),
        Index("message_community", "community_id", "id"),
        Index(
            "message_spreading",
            "id",
            sqlite_where=text("state = 'spreading'"),
            postgresql_where=text("state = 'spreading'"),
        ),
    )
    id: int = key()
    public_id: str = Field(sa_column=Column(String(26), nullable=False, unique=True))
    community_id: int = ref("community")
    thread_id: int = ref("thread")
    number: int = count()
    kind: str = words("talk", 16)  # talk | announcement | import
    state: str = words("visible", 16)  # held | spreading | visible | removed
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
    pinned_at: float | None = maybe()


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

    id: int = key()
    sha256: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    type: str = words("application/octet-stream", 127)
    refcount: int = count()
    created_at: float = moment()


class Attachment(SQLModel, table=True):
    """A file of a message, or the place of one that was not carried (`file_id` empty: `note` says why)."""

    id: int = key()
    message_id: int = ref("message", index=True, on_delete="CASCADE")
    file_id: int | None = ref("file", optional=True)
    position: int = count()
    name: str = words()
    kind: str = words("document", 16)
    note: str = words()


class Parcel(SQLModel, table=True):
    """What leaves once: one or several deliveries for one address."""

    __table_args__ = (
        # The open parcels of a lane, in their order: the outbox reads this and nothing else.
        Index(
            "parcel_open",
            "address_id",
            "priority",
            "id",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        # What `status` shows, and what a dead owner left behind.
        Index(
            "parcel_odd",
            "state",
            "owner",
            sqlite_where=text("state IN ('sending', 'uncertain', 'failed')"),
            postgresql_where=text("state IN ('sending', 'uncertain', 'failed')"),
        ),
        # The one open bundle of a thread for an address.
        Index(
            "parcel_bundle",
            "address_id",
            "bundle",
            unique=True,
            sqlite_where=text("state = 'due' AND bundle IS NOT NULL"),
            postgresql_where=text("state = 'due' AND bundle IS NOT NULL"),
        ),
        Index("parcel_message", "message_id", "membership_id"),
        CheckConstraint("state IN ('due','sending','sent','uncertain','failed','expired','withdrawn')", name="state"),
    )
    id: int = key()
    address_id: int = ref("address")
    membership_id: int | None = ref("membership", optional=True)  # the reader; a room has none
    message_id: int | None = ref("message", optional=True)  # the message that made it; the first of a bundle
    thread_id: int | None = ref("thread", optional=True)
    kind: str = words("relay", 16)  # relay | answer | notice | edit | delete | react
    state: str = words("due", 16)
    priority: int = count(1)
    due_at: float = moment()  # not before: postponed by choice
    retry_at: float | None = maybe()  # not before: after a failure
    bundle: str | None = Field(default=None, sa_column=Column(String(32), nullable=True))
    first_at: float = moment()  # when its first delivery was owed
    owner: str = words("", 32)
    attempts: int = count()
    ambiguous: int = count()  # how often it may have left without an answer
    failing_since: float | None = maybe()
    error: str = words()
    settled_at: float | None = maybe()
    created_at: float = moment()


class Delivery(SQLModel, table=True):
    """A message or a notice owed to one address."""

    __table_args__ = (
        UniqueConstraint("key"),
        Index("delivery_parcel", "parcel_id"),
        Index("delivery_message", "message_id"),
    )
    id: int = key()
    key: str = Field(sa_column=Column(String(80), nullable=False))  # says what is owed, once
    parcel_id: int | None = ref("parcel", optional=True)
    address_id: int = ref("address")
    message_id: int | None = ref("message", optional=True)
    kind: str = words("relay", 16)
    part: int = count()
    revision: int = count()
    state: str = words("owed", 16)  # owed | withdrawn; the rest is its parcel's
    body: Any = data()  # a notice: its words, made when it was owed


class Copy(SQLModel, table=True):
    """Where a message appears: how replies, edits and deletions find their way back."""

    __table_args__ = (
        Index("copy_remote", "address_id", "remote"),
        UniqueConstraint("message_id", "address_id", "remote"),
    )
    id: int = key()
    message_id: int = ref("message", on_delete="CASCADE")
    address_id: int = ref("address", on_delete="CASCADE")
    remote: str = words("", 500)
    part: int = count()
    own: bool = flag()  # the author's own post, not a copy we sent
    created_at: float = moment()


class Lane(SQLModel, table=True):
    """The state of an address as a queue: at most one owner at a time, due when its first parcel is."""

    __table_args__ = (
        Index(
            "lane_due",
            "channel",
            "priority",
            "due_at",
            sqlite_where=text("owner = '' AND due_at IS NOT NULL"),
            postgresql_where=text("owner = '' AND due_at IS NOT NULL"),
        ),
        Index("lane_owner", "owner", sqlite_where=text("owner <> ''"), postgresql_where=text("owner <> ''")),
    )
    address_id: int = Field(
        sa_column=Column(Id, ForeignKey("address.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    channel: str = words("", 32)
    priority: int = count(9)
    due_at: float | None = maybe()  # empty: nothing waits
    owner: str = words("", 32)
    free_at: float = moment()  # the chat's own rate: not before


class Inbound(SQLModel, table=True):
    """One raw item as a channel gave it, stored before it is acknowledged."""

    __table_args__ = (
        UniqueConstraint("channel", "account", "key"),
        Index(
            "inbound_open",
            "id",
            sqlite_where=text("state IN ('new', 'waiting')"),
            postgresql_where=text("state IN ('new', 'waiting')"),
        ),
        Index("inbound_state", "state"),
    )
    id: int = key()
    channel: str = words("", 32)
    account: str = words("", 255)
    key: str = words("", 400)
    lane: str = words("", 400)
    group_key: str = words("", 400)
    state: str = words("new", 16)  # new | waiting | done | held | failed
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    raw_file: str = words()  # above 64 kB: the file that holds it
    size: int = count()
    owner: str = words("", 32)
    attempts: int = count()
    waits: int = count()  # how often it waited for the id of what it answers
    not_before: float | None = maybe()
    outcome: str = words("", 32)  # relayed, command, stranger, …: one word
    error: str = words()
    received_at: float = moment()
    handled_at: float | None = maybe()
    emptied_at: float | None = maybe()


class Cursor(SQLModel, table=True):
    """How far a bridge has read; written with what was read."""

    __table_args__ = (UniqueConstraint("channel", "account", "name"),)
    id: int = key()
    channel: str = words("", 32)
    account: str = words("", 255)
    name: str = words("", 64)
    value: str = words()


class ChannelState(SQLModel, table=True):
    """Is a channel away, since when, why."""

    __tablename__ = "channel_state"
    name: str = Field(sa_column=Column(String(32), primary_key=True))
    account: str = words("", 255)
    grace: float = moment()  # seconds a message waits for an edit
    down_since: float | None = maybe()
    reason: str = words()
    cure: str = words()
    heard_at: float | None = maybe()  # when it last gave us anything
    paused_until: float | None = maybe()


class Budget(SQLModel, table=True):
    """A rate limit shared by all processes: the theoretical arrival time of GCRA."""

    name: str = Field(sa_column=Column(String(120), primary_key=True))
    tat: float = moment()


class Preference(SQLModel, table=True):
    """A wish of a member: for all, for a topic, for a thread, for an address."""

    __table_args__ = (UniqueConstraint("membership_id", "scope", "scope_id", "key"),)
    id: int = key()
    membership_id: int = ref("membership", on_delete="CASCADE")
    scope: str = words("all", 16)  # all | topic | thread | address
    scope_id: int = Field(default=0, sa_column=Column(Id, nullable=False, server_default=text("0")))
    key: str = words("", 32)
    value: str = words()


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


class Code(SQLModel, table=True):
    """A one-time secret, kept only as its hash: an invitation, a link, an organizer's first entry."""

    __table_args__ = (Index("code_hash", "hash"),)
    id: int = key()
    hash: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    purpose: str = words("", 16)  # invite | link | organizer | recover
    community_id: int | None = ref("community", optional=True)
    member_id: int | None = ref("member", optional=True)  # whose: who links, who is recovered
    membership_id: int | None = ref("membership", optional=True)  # who invites
    address_id: int | None = ref("address", optional=True)  # where it was made; to whom an invitation went
    name: str = words()  # of the person invited
    uses_left: int = count(1)
    created_at: float = moment()
    expires_at: float = moment()
    used_at: float | None = maybe()


class Try(SQLModel, table=True):
    """A wrong code, so that guessing ends."""

    __table_args__ = (Index("try_address", "address_id", "created_at"),)
    id: int = key()
    address_id: int = ref("address", on_delete="CASCADE")
    created_at: float = moment()


class Question(SQLModel, table=True):
    """What the bot asked at an address and waits to be answered."""

    __table_args__ = (Index("question_address", "address_id"), Index("question_parcel", "parcel_id"))
    id: int = key()
    address_id: int = ref("address", on_delete="CASCADE")
    membership_id: int | None = ref("membership", optional=True)
    community_id: int | None = ref("community", optional=True)
    kind: str = words("", 32)
    data: Any = data()
    parcel_id: int | None = ref("parcel", optional=True)  # that carried it: a reply to it is an answer
    remote: str = words("", 500)  # the id the parcel got
    created_at: float = moment()
    expires_at: float = moment()


class Undo(SQLModel, table=True):
    """How to take back what a member did."""

    id: int = key()
    member_id: int = ref("member", index=True)
    kind: str = words("", 16)  # leave | merge
    data: Any = data()
    created_at: float = moment()
    expires_at: float = moment()
    done_at: float | None = maybe()


class Audit(SQLModel, table=True):
    """Who decided what. Rows are added, never changed."""

    id: int = key()
    community_id: int | None = ref("community", optional=True, index=True)
    membership_id: int | None = ref("membership", optional=True)  # who
    act: str = words("", 32)
    subject_type: str = words("", 32)
    subject_id: int | None = Field(default=None, sa_column=Column(Id, nullable=True))
    detail: Any = data()
    created_at: float = moment()


class Erased(SQLModel, table=True):
    """Who asked to be forgotten, by ids alone: applied again after a restore."""

    id: int = key()
    ids: Any = data()
    created_at: float = moment()


class Process(SQLModel, table=True):
    """A process start; its id owns what it has leased."""

    id: str = Field(sa_column=Column(String(32), primary_key=True))
    started_at: float = moment()
    seen_at: float = moment()
    handling: str = words()  # the inbound item it is just handling: blamed if the process ends with it


metadata: MetaData = SQLModel.metadata
