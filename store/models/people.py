"""The tables of people: communities, members, their addresses, what they were asked and what they decided."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from store.models.columns import NEVER_AGAIN, Id, count, data, flag, key, maybe, moment, plain, ref, words


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

    __table_args__ = (
        # Who asked to be forgotten: few, and looked for every minute.
        Index(
            "member_forget",
            "forget_at",
            sqlite_where=text("forget_at IS NOT NULL"),
            postgresql_where=text("forget_at IS NOT NULL"),
        ),
    )
    id: int = key()
    merged_into: int | None = ref("member", optional=True)
    # Asked to be forgotten: when the next step of it is due …
    forget_at: float | None = maybe()
    forget_step: str = words("", 16)  # … asked | erasing | farewell
    forget_words: str = words("", 8)  # what becomes of their messages: keep | erase; empty: not said
    forget_note: Any = data()  # since when, where they are told last, and how much was erased; ids and numbers
    created_at: float = moment()


class Membership(SQLModel, table=True):
    """A person in a community, and the consent that made it so."""

    __table_args__ = (
        UniqueConstraint("community_id", "member_id"),
        Index("membership_order", "community_id", "id"),
        # Who is told elsewhere than they want: few, and looked for all the time.
        Index(
            "membership_wanted",
            "wanted_id",
            sqlite_where=text("wanted_id IS NOT NULL"),
            postgresql_where=text("wanted_id IS NOT NULL"),
        ),
        NEVER_AGAIN,
    )
    id: int = key()
    community_id: int = ref("community")
    member_id: int = ref("member", index=True)
    name: str = words()
    folded: str = words()  # the name without accents and case
    language: str = words("en", 8)
    timezone: str = words("Europe/Paris", 64)
    role: str = words("member", 16)  # observer | member | organizer
    status: str = words("active", 16)  # invited | active | left | removed | former | erased
    address_id: int | None = ref("address", optional=True)  # where this person is told: the preferred one, or …
    # … the one that serves in its place, and then this is the preferred one. No reference, as in `code`.
    wanted_id: int | None = plain()
    wanted_why: str = words("", 16)  # why that does not serve: failed (for good) | away (its channel is)
    pace: str = words("each", 16)  # of that address: each | grouped | daily | weekly | mine
    confirmed: int = count()  # private posts shown back and confirmed: the first two are
    powers_at: float | None = maybe()  # an organizer's powers sleep until then, wherever they write from
    held_until: float | None = maybe()  # what they say waits for an organizer until then
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
        NEVER_AGAIN,
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
    status: str = words("active", 16)  # active | unmet (has not written yet) | unreachable | lost | gone
    status_at: float | None = maybe()
    status_why: str = words()
    stands_in: bool = flag(True)  # may be written to while another channel of this person is away
    verified_at: float | None = maybe()
    paused_until: float | None = maybe()
    seen_at: float | None = maybe()  # when something last came from there
    greeted_at: float | None = maybe()  # when a stranger there was last told what this is
    identity: str = words("", 128)  # what proves the device to be the same: a safety number's fingerprint
    suspended_at: float | None = maybe()  # that changed: no powers from there until confirmed elsewhere
    powers_at: float | None = maybe()  # no powers from there before: it was joined to an organizer a day ago or less
    # a room
    community_id: int | None = ref("community", optional=True)  # bound to it
    mode: str = words("both", 16)  # both | in
    relays_from: float | None = maybe()  # nothing is carried out of it, or into it, before
    people: int | None = plain()  # how many are there without us, as the network said last
    founded: bool = flag()  # it was made with us in it
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
    since: float = moment()


class Silence(SQLModel, table=True):
    """Somebody has said "not me": nothing they say in that room leaves it. It outlives coming, going, and the binding."""

    __table_args__ = (UniqueConstraint("room_id", "address_id"), Index("silence_address", "address_id"))
    id: int = key()
    room_id: int = ref("address", on_delete="CASCADE")
    address_id: int = ref("address", on_delete="CASCADE")
    since: float = moment()


class Preference(SQLModel, table=True):
    """A wish of a member: for all, for a topic, for a thread, for an address."""

    __table_args__ = (UniqueConstraint("membership_id", "scope", "scope_id", "key"),)
    id: int = key()
    membership_id: int = ref("membership", on_delete="CASCADE")
    scope: str = words("all", 16)  # all | topic | thread | address
    scope_id: int = Field(default=0, sa_column=Column(Id, nullable=False, server_default=text("0")))
    key: str = words("", 32)
    value: str = words()


class Code(SQLModel, table=True):
    """A one-time secret, kept only as its hash: an invitation, a link, an organizer's first entry."""

    __table_args__ = (
        Index("code_hash", "hash"),
        Index("code_inviter", "membership_id", "leaves_at"),
        Index(
            "code_parcel",
            "parcel_id",
            sqlite_where=text("parcel_id IS NOT NULL"),
            postgresql_where=text("parcel_id IS NOT NULL"),
        ),
        # One mail to a mailbox, ever, whoever invites it, and however many at once.
        Index(
            "code_written",
            "community_id",
            "address_id",
            unique=True,
            sqlite_where=text("purpose = 'invite' AND parcel_id IS NOT NULL"),
            postgresql_where=text("purpose = 'invite' AND parcel_id IS NOT NULL"),
        ),
    )
    id: int = key()
    hash: str = Field(sa_column=Column(String(64), nullable=False, unique=True))
    purpose: str = words("", 16)  # invite | link | organizer | recover
    community_id: int | None = ref("community", optional=True)
    member_id: int | None = ref("member", optional=True)  # whose: who links, who is recovered
    membership_id: int | None = ref("membership", optional=True)  # who invites
    address_id: int | None = ref("address", optional=True)  # where it was made; to whom an invitation went
    # No reference: an address and its codes go in any order.
    origin_id: int | None = plain()  # the address an invitation was asked for at: it dies if that is lost
    name: str = words()  # of the person invited
    uses_left: int = count(1)
    shared: bool = flag()  # a printed sheet's: it serves many
    # No reference: records of what was sent are kept for a shorter time.
    parcel_id: int | None = plain()  # of an invitation: the mail it is; empty while, or because, none was owed
    leaves_at: float = moment()  # of an invitation: when it may leave
    # Of an invitation: accepted | refused | bounced | withdrawn; empty while it waits. Of a link or a way back: asked
    # (typed, no yes yet) | accepted | withdrawn.
    outcome: str = words("", 16)
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


class Chore(SQLModel, table=True):
    """When something that is done from time to time was done last, and what came of it: a backup, a note, a clean-up."""

    name: str = Field(sa_column=Column(String(64), primary_key=True))
    done_at: float | None = maybe()
    data: Any = data()


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
    """Who asked to be forgotten, by ids and keyed hashes alone: applied again after a restore."""

    id: int = key()
    ids: Any = data()
    created_at: float = moment()


class Removal(SQLModel, table=True):
    """An address whose items a channel still keeps, and is asked to remove: nothing else of its owner is left here."""

    __table_args__ = (UniqueConstraint("channel", "account", "remote"),)
    id: int = key()
    channel: str = words("", 32)
    account: str = words("", 255)
    remote: str = words("", 320)
    created_at: float = moment()
