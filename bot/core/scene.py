"""A scene: who said what where, as the code that answers sees it; it lives as long as one transaction.

Features read it, answer through it and post through it; they never see a bridge.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from bot.core import fading, notices, organizers
from bot.core.bridge import Budget, Capabilities
from bot.core.enclosed import Kept
from bot.core.events import ChoiceMade, MessageReceived
from bot.core.members import Place, Standing
from bot.core.threads import Answered
from bot.core.tokens import Tokens
from bot.i18n import Translator, language_of, translator
from bot.text.fold import canonical_subject
from bot.text.rich import Rich
from store.statement import run, sql

AUDIT = sql("""
    INSERT INTO audit (community_id, membership_id, act, subject_type, subject_id, detail, created_at)
    VALUES (:community, :membership, :act, :type, :id, :detail, :now)
""")


@dataclass(slots=True)
class House:
    """What every scene of this process shares."""

    tokens: Tokens
    channels: Mapping[str, Capabilities]  # by name, those that are on
    accounts: Mapping[str, str]  # which account of ours each has
    invite_link: Callable[[str, str], str]  # (channel, code) → what a person opens to come with it; "" if none
    # (channel, code, subject of a letter) → what the QR code of a printed invitation opens; "" if there is none
    invite_qr: Callable[[str, str, str], str] = lambda channel, code, subject: ""
    address_of: Callable[[str], str] = lambda channel: ""  # where people write to us there, as people spell it
    shared: Callable[[str], bool] = lambda channel: False  # is our account there somebody's own as well
    keep_years: int = 2
    raw_kept: Mapping[str, float] = field(default_factory=dict)  # seconds a handled raw item is kept, by channel
    parcels_kept: float = 90 * 86400.0  # seconds
    messages_kept: float = 2 * 365 * 86400.0
    files_kept: float = 365 * 86400.0
    keep_file: Callable[[bytes], str] = lambda content: ""  # bytes that go to the disk; returns their name there
    read_file: Callable[[str], bytes] = lambda name: b""  # those bytes; OSError if they are not there
    drop_file: Callable[[str], None] = lambda name: None  # a file nobody needs any more
    bot_names: Callable[[str], Sequence[str]] = lambda channel: ()  # how people call the bot on a channel
    budgets: Mapping[str, Sequence[Budget]] = field(default_factory=dict)  # what each channel allows
    forgot: Callable[[], None] = lambda: None  # somebody was erased: what is remembered of messages is read again


@dataclass(slots=True)
class Scene:
    """One item being handled. `here` is where it was said, `person` the sender's private address (often the same)."""

    connection: Connection
    house: House
    event: MessageReceived | ChoiceMade
    here: Place
    person: Place
    standing: Standing | None  # in the community this is about; None: not a member of it
    standings: Sequence[Standing] = ()  # in every community, whatever the status
    community_id: int | None = None
    source: int | None = None
    parent: Answered | None = None  # the message it answers, if known
    answers_parcel: int | None = None  # the notice of ours it answers, if any
    invited: bool = False  # an invitation waits here for its answer
    trusted: bool = True
    meant: int | None = None  # the membership a second word is about: a person, whatever they are called by then
    confirmed: bool = False  # what is posted was shown back to its writer, who said yes
    forget: bool = False  # what was said is a code: its raw item is not kept
    outcome: str = ""
    after: list[Callable[[], None]] = field(default_factory=list)  # called once it is committed
    _session: Session | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Whoever the sender turns out to be has no more powers than the address they write from."""
        if name == "standing" and value is not None:
            value = value.seen_from(self.person)
        object.__setattr__(self, name, value)

    # Who

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    @property
    def language(self) -> str:
        """The language the sender is spoken to in."""
        if self.standing is not None:
            return language_of(self.standing.language)
        active = next((s for s in self.standings if s.status == "active"), None)
        if active is None and self.standings:
            active = self.standings[-1]  # has left
        if active is not None:
            return language_of(active.language)
        return language_of(self.person.language, self._community_language())

    @property
    def t(self) -> Translator:
        """The translator into it."""
        return translator(self.language)

    @property
    def can(self) -> Capabilities:
        """What the channel it was said on can do."""
        return self.house.channels[self.here.channel]

    @property
    def in_room(self) -> bool:
        """Said in a room?"""
        return self.here.room

    @property
    def words(self) -> Rich:
        """What was said."""
        return self.event.text if isinstance(self.event, MessageReceived) else Rich("")

    def _community_language(self) -> str:
        """The language of the community this is about; of the first one, if it is about none."""
        which = "WHERE id = :id" if self.community_id is not None else "ORDER BY id LIMIT 1"
        row = run(self.connection, sql(f"SELECT language FROM community {which}"), {"id": self.community_id}).first()  # noqa: S608
        return str(row[0]) if row else "en"

    # What the store holds

    @property
    def orm(self) -> Session:
        """A session on the transaction of this scene: objects of `store.models`. Never commit it; it is flushed for you."""
        if self._session is None:
            self._session = Session(bind=self.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        return self._session

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a statement."""
        self.flush()
        return list(run(self.connection, sql(statement), values))

    def execute(self, statement: str, **values: Any) -> int:
        """Execute a statement; return how many rows it changed."""
        self.flush()
        return run(self.connection, sql(statement), values).rowcount

    def flush(self) -> None:
        """Bring what the session changed into the transaction."""
        if self._session is not None:
            self._session.flush()

    def end(self) -> None:
        """Flush and let the session go; the transaction is the bus's to commit."""
        if self._session is not None:
            self._session.flush()
            self._session.commit()
            self._session.close()
            self._session = None

    # What the bot says

    @property
    def private(self) -> Place | None:
        """Where the sender can be told something alone: here, or their own chat on this channel, or where they like to be."""
        if not self.here.room:
            return self.here
        if self.person.member_id is not None and self.person.status == "active":
            return self.person
        return None

    def answer(
        self,
        words: Rich | str,
        *,
        subject: str = "",
        buttons: Sequence[Sequence[tuple[str, str]]] = (),
        ask: str = "",
        data: Mapping[str, Any] | None = None,
        lasts: float = notices.REMEMBERED,
        several: bool = False,
        secret: bool = False,
        file: Kept | None = None,
    ) -> int:
        """Answer the sender: privately where possible, otherwise in the room. Returns the parcel.

        With `ask`, it is a question of that kind: what is answered comes to the handler of the kind with `data`. One
        asked here before is forgotten, unless `several` (each keeps words of its own). `secret`: a code is in it.
        `file`: goes along where the channel carries files.
        """
        self.flush()
        where = self.private or self.here
        event = self.event
        reply_to = event.remote_id if isinstance(event, MessageReceived) and where.id == self.here.id else ""
        if not subject and isinstance(event, MessageReceived) and event.subject is not None:
            subject = canonical_subject(event.subject)  # the channel puts its own "Re:" before it
        parcel = notices.owe(
            self.connection,
            where.id,
            words,
            membership=self.standing.id if self.standing else None,
            language=self.language,
            subject=subject,
            community=self.community,
            buttons=buttons,
            reply_to=reply_to,
            fades=fading.SHOWN if where.room and not ask else 0.0,
            seal=self.house.tokens if secret else None,
            file=file,
        )
        if ask:
            notices.ask(
                self.connection,
                parcel,
                where.id,
                ask,
                data or {},
                membership=self.standing.id if self.standing else None,
                community=self.community_id,
                lasts=lasts,
                several=several,
            )
        return parcel

    @property
    def community(self) -> tuple[str, str]:
        """Display name and slug of the community this is about."""
        if self.standing is not None:
            return self.standing.community, self.standing.slug
        if self.community_id is None:
            return "", ""
        row = run(
            self.connection, sql("SELECT name, slug FROM community WHERE id = :id"), {"id": self.community_id}
        ).first()
        return (str(row[0]), str(row[1])) if row else ("", "")

    def tell(
        self, who: Standing, words: Rich | str, *, subject: str = "", address: int | None = None, key: str = ""
    ) -> int:
        """Tell another member something, where they like to be told (or at `address`). Returns the parcel, 0 if impossible."""
        self.flush()
        where = address
        if where is None:
            where = organizers.reach(self.connection, who, self.house.channels) if who.appointed else who.address_id
        if where is None:
            return 0
        return notices.owe(
            self.connection, where, words, membership=who.id, kind="notice", language=language_of(who.language),
            subject=subject, community=(who.community, who.slug), key=key,
        )  # fmt: skip

    def organizers(self) -> list[Standing]:
        """The active organizers of this community."""
        self.flush()
        return organizers.of(self.connection, self.community_id or 0)

    def audit(self, act: str, *, subject: tuple[str, int] | None = None, **detail: Any) -> None:
        """Write who decided what; ids only."""
        self.flush()
        run(
            self.connection,
            AUDIT,
            {
                "community": self.community_id,
                "membership": self.standing.id if self.standing else None,
                "act": act,
                "type": subject[0] if subject else "",
                "id": subject[1] if subject else None,
                "detail": json.dumps(detail) if detail else None,
                "now": self.now,
            },
        )
