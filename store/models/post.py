"""The tables of the bus: what came in, what is owed, where it appears, and what keeps order among processes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from store.models.columns import NEVER_AGAIN, Id, count, data, flag, key, maybe, moment, ref, words


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
        # What could not be delivered in time: by itself, because ledger.py repeats the condition above word for word.
        Index(
            "parcel_expired",
            "state",
            sqlite_where=text("state = 'expired'"),
            postgresql_where=text("state = 'expired'"),
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
        NEVER_AGAIN,
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
        # Words of the bot's that are still needed: few.
        Index(
            "delivery_words",
            "parcel_id",
            sqlite_where=text("body IS NOT NULL"),
            postgresql_where=text("body IS NOT NULL"),
        ),
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
    body: Any = data()  # a notice: its words, made when it was owed, and let go when it has left


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
    own_key: str = words()  # the bridge's own, as JSON, where a column does not take it as it is; empty: the same
    lane: str = words("", 400)
    group_key: str = words("", 400)
    state: str = words("new", 16)  # new | waiting | done | held | failed
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    raw_file: str = words()  # above 64 kB: the file that holds it
    size: int = count()
    owner: str = words("", 32)
    attempts: int = count()
    again: bool = flag()  # handled before, by a life of the program that was lost: what it makes may have left then
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
    found_at: float | None = maybe()  # when it was last tried in vain
    away_since: float | None = maybe()  # the outage people know of: a short return does not end it
    back_at: float | None = maybe()  # since when it answers again
    told_at: float | None = maybe()  # when organizers were last told that it is away
    heard_at: float | None = maybe()  # when it last gave us anything
    paused_until: float | None = maybe()


class Budget(SQLModel, table=True):
    """A rate limit shared by all processes: the theoretical arrival time of GCRA."""

    name: str = Field(sa_column=Column(String(120), primary_key=True))
    tat: float = moment()


class Process(SQLModel, table=True):
    """A process start; its id owns what it has leased."""

    id: str = Field(sa_column=Column(String(32), primary_key=True))
    started_at: float = moment()
    seen_at: float = moment()
    handling: str = words()  # the inbound item it is just handling: blamed if the process ends with it
