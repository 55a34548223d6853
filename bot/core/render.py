"""What a reader gets to see: messages, in the reader's language, within what the channel can do.

The bridge only encodes it. What many readers share is made once (`Shared`, known by its `cache_key`); what differs
from one to the next is a few ids and tokens (`Personal`).
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from bot.core import enclosed
from bot.core.bridge import Bridge, Button, Capabilities, LocalFile, Outgoing, Personal, Shared
from bot.core.changing import Stands, stands
from bot.core.lines import QUOTED, View, content, footer
from bot.core.tokens import Tokens
from bot.i18n import translator
from bot.text.parts import split
from bot.text.rich import Rich, from_json, utf16_length
from store.ledger import Leased
from store.statement import run, sql

#: A reply that reaches a chat this late brings its quote with it (MANNERS, issue "First light").
LATE_MESSAGES, LATE_SECONDS = 10, 2 * 3600.0
ANCESTORS = 10  # Message-IDs beside the root's in References (facts E30)
CACHED, MADE = 2000, 200  # messages, and what was made of them

VIEWS = sql("""
    SELECT m.id, m.thread_id, m.number, m.state, m.author_id, m.name, m.text, m.spans, m.reply_to, m.revision, m.said_at,
           m.kind, (SELECT r.id FROM message r WHERE r.thread_id = m.thread_id ORDER BY r.number LIMIT 1) AS root_id,
           t.title, t.subject, t.room_id, t.author_id AS opener_id, c.id AS community_id, c.name AS community,
           c.slug, c.timezone, c.language, m.removed_by, r.name AS remover, r.status AS remover_status
    FROM message m JOIN thread t ON t.id = m.thread_id JOIN community c ON c.id = m.community_id
    LEFT JOIN membership r ON r.id = m.removed_by
    WHERE m.id IN :ids
""")
COMMUNITY = sql("SELECT name, slug FROM community WHERE id = :id")
COPIES = sql("""
    SELECT id, message_id, address_id, remote, own, created_at FROM copy
    WHERE message_id IN :messages AND address_id IN :addresses ORDER BY part DESC
""")
OWED = sql("SELECT key FROM delivery WHERE key IN :keys")
REVISIONS = sql("SELECT id, revision FROM message WHERE id IN :ids")
COPIES_SINCE = sql("SELECT COUNT(*) FROM (SELECT 1 FROM copy WHERE address_id = :address AND id > :id LIMIT 11) AS n")


@dataclass(slots=True)
class Prepared:
    """What was read for one parcel, and what sending it will mean."""

    messages: list[int] = field(default_factory=list)
    shows_thread: int | None = None
    more_parts: bool = False
    stands: Stands | None = None  # edit, delete: where it is shown
    community: tuple[str, str] = ("", "")
    # Held here until it has left: `Render` remembers two thousand messages, and a backlog has more of them in hand.
    views: dict[int, View] = field(default_factory=dict)
    # by the message answered:
    remote: dict[int, str] = field(default_factory=dict)  # the id it has at this address
    quote: set[int] = field(default_factory=set)  # its words must be shown again


def relay_key(message: int, address: int) -> str:
    """The key of the delivery that brings a message to an address."""
    return f"m{message}:{address}"


class Render:
    """Turns parcels into what bridges send."""

    def __init__(self, tokens: Tokens, read_file: Callable[[str], bytes] = lambda name: b"") -> None:
        self.tokens = tokens
        self.read_file = read_file
        self._views: OrderedDict[int, View] = OrderedDict()
        self._made: OrderedDict[Hashable, Shared] = OrderedDict()

    def forget(self) -> None:
        """Remember nothing: what was made is made again."""
        self._views, self._made = OrderedDict(), OrderedDict()

    # In the writer's thread

    def views(self, connection: Connection, wanted: Mapping[int, int]) -> dict[int, View]:
        """The messages `wanted` (id → revision, -1 for any), from memory where it is fresh."""
        found: dict[int, View] = {}
        missing = []
        for message, revision in wanted.items():
            known = self._views.get(message)
            if known is not None and revision in (known.revision, -1):
                found[message] = known
            else:
                missing.append(message)
        if missing:
            for row in run(connection, VIEWS, {"ids": missing}):
                view = self._view(connection, row)
                found[view.id] = self._views[view.id] = view
            while len(self._views) > CACHED:
                self._views.popitem(last=False)
        return found

    def _view(self, connection: Connection, row: Any) -> View:
        spans = row.spans
        if isinstance(spans, str):
            spans = json.loads(spans)
        ancestors: tuple[int, ...] = ()
        if row.reply_to:
            above = self.views(connection, {row.reply_to: -1}).get(row.reply_to)
            if above is not None:
                chain = (*above.ancestors, above.id)
                ancestors = chain if len(chain) <= ANCESTORS + 1 else (chain[0], *chain[-ANCESTORS:])
        return View(
            row.id, row.thread_id, row.number, row.state, row.author_id, row.name, from_json(row.text, spans),
            row.reply_to, row.revision, row.said_at, row.kind, row.title, row.subject, row.community_id, row.community,
            row.slug, row.timezone, row.language, ancestors, row.root_id, row.remover or "",
            row.removed_by is not None and (row.removed_by == row.author_id or row.remover_status == "erased"),
        )  # fmt: skip

    def prepare(self, connection: Connection, parcels: Sequence[Leased], bridge: Bridge) -> dict[int, Prepared]:
        """All that must be read before these parcels can leave."""
        wanted = {
            one.message_id: one.now_revision for parcel in parcels for one in parcel.owed if one.message_id is not None
        }
        views = self.views(connection, wanted) if wanted else {}
        prepared: dict[int, Prepared] = {}
        answers: dict[int, set[int]] = {}  # message answered → addresses
        for parcel in parcels:
            known = prepared[parcel.id] = Prepared(views=views)
            for one in parcel.owed:
                view = views.get(one.message_id) if one.message_id is not None else None
                if view is None:
                    continue
                lines = [view]
                if parcel.kind in ("edit", "delete"):
                    lines = self._standing(connection, known, view.id, parcel.address_id)
                else:
                    known.shows_thread = view.thread_id
                known.messages += [line.id for line in lines]
                for line in lines:
                    if line.reply_to is not None:
                        answers.setdefault(line.reply_to, set()).add(parcel.address_id)
            if not known.messages and parcel.community_id:
                row = run(connection, COMMUNITY, {"id": parcel.community_id}).first()
                known.community = (row.name, row.slug) if row else ("", "")
        if answers:
            self._answered(connection, parcels, prepared, answers, bridge.can)
        return prepared

    def _standing(self, connection: Connection, known: Prepared, message: int, address: int) -> list[View]:
        """Where a message that has changed stands at this address, and the lines it stands among."""
        known.stands = stands(connection, message, address)
        known.views |= self._fresh(connection, known.stands.messages)
        return [known.views[one] for one in known.stands.messages]

    def _fresh(self, connection: Connection, messages: Collection[int]) -> dict[int, View]:
        """These as they stand now: what was hidden since is not shown from memory."""
        if not messages:
            return {}
        rows = run(connection, REVISIONS, {"ids": list(messages)})
        return self.views(connection, {row.id: row.revision for row in rows})

    def _answered(
        self,
        connection: Connection,
        parcels: Sequence[Leased],
        prepared: Mapping[int, Prepared],
        answers: Mapping[int, set[int]],
        can: Capabilities,
    ) -> None:
        """How each reader knows the message that is answered: its id there, or its words again."""
        addresses = sorted({address for some in answers.values() for address in some})
        views = prepared[parcels[0].id].views
        views |= self._fresh(connection, answers)
        copies: dict[tuple[int, int], Any] = {}
        for row in run(connection, COPIES, {"messages": list(answers), "addresses": addresses}):
            copies[row.message_id, row.address_id] = row
        owed: set[str] = set()
        if can.keeps_our_ids:
            keys = [relay_key(message, address) for message, some in answers.items() for address in some]
            owed = {row.key for row in run(connection, OWED, {"keys": keys})}
        for parcel in parcels:
            known = prepared[parcel.id]
            for message in {views[m].reply_to for m in known.messages}:
                if message is None or parcel.address_id not in answers.get(message, ()):
                    continue
                copy = copies.get((message, parcel.address_id))
                if copy is not None:
                    known.remote[message] = copy.remote
                    if not can.keeps_our_ids and self._is_late(connection, copy, parcel.address_id):
                        known.quote.add(message)
                elif relay_key(message, parcel.address_id) not in owed:
                    known.quote.add(message)

    @staticmethod
    def _is_late(connection: Connection, copy: Any, address: int) -> bool:
        if copy.created_at < time.time() - LATE_SECONDS:
            return True
        since = run(connection, COPIES_SINCE, {"address": address, "id": copy.id}).scalar() or 0
        return int(since) > LATE_MESSAGES

    # In the event loop

    def bundle(self, run: Sequence[Leased], bridge: Bridge) -> int:
        """How many parcels at the head of `run` leave as one message: lines of one thread, up to the channel's length."""
        head = run[0]
        if head.kind != "relay" or not bridge.can.bundles or head.attempts or len(head.owed) != 1:
            return 1
        size, length = 1, head.owed[0].length + 80
        for parcel in run[1:]:
            length += sum(one.length + 80 for one in parcel.owed)
            if parcel.kind != "relay" or parcel.thread_id != head.thread_id or parcel.attempts:
                break
            if length > bridge.can.max_text or any(one.part for one in parcel.owed):
                break
            size += 1
        return size

    def outgoing(
        self, parcels: Sequence[Leased], prepared: Mapping[int, Prepared], bridge: Bridge, part: int | None = None
    ) -> Outgoing:
        """What leaves for these parcels of one address, merged into the first; `part`: of what stands there already."""
        head = parcels[0]
        if head.kind in ("answer", "notice", "away"):
            return self._notice(head, prepared[head.id], bridge.can)
        known = Prepared(views=prepared[head.id].views)
        for parcel in parcels:
            more = prepared[parcel.id]
            known.messages += [m for m in more.messages if m not in known.messages]
            known.remote |= more.remote
            known.quote |= more.quote
        views = [view for view in (known.views.get(m) for m in known.messages) if view is not None]
        views = [view for view in views if not view.gone or part is not None]
        own = prepared[head.id]
        own.messages = known.messages
        # Where a title stands on every message nobody has to remember which stood last.
        own.shows_thread = views[-1].thread_id if views and not bridge.can.titles else None
        if not views:
            return Outgoing(Shared(Rich(""), "", ""))
        shared = self._shared(head, views, known, bridge.can)
        shared, follows = self._part(shared, head.owed[0].part if part is None else part, bridge.can.max_text)
        own.more_parts = follows and part is None
        if part is not None:
            own.shows_thread = None
        return Outgoing(shared, self._personal(head, views, known, bridge.can))

    def _shared(self, head: Leased, views: Sequence[View], known: Prepared, can: Capabilities) -> Shared:
        language = head.language or views[0].language
        headed = not can.titles and views[0].title != "" and head.shown_thread_id != views[0].thread_id
        if head.kind in ("edit", "delete"):
            headed = False
        # Lines of a chat that leave together cannot each point at what they answer: its words are shown again.
        apart = {v.reply_to for v in views} - {v.id for v in views} if len(views) > 1 and not can.titles else set()
        quotes = tuple(v.reply_to for v in views if v.reply_to and v.reply_to in known.quote | apart)
        cache_key = (
            "m", tuple(known.views[quote].revision for quote in quotes if quote in known.views),
            tuple((view.id, view.revision) for view in views), language, headed, quotes, can.titles,
            "quote" in can.styles,
            head.timezone if len(views) > 1 else "", head.membership_id if len(views) > 1 else 0,
        )  # fmt: skip
        known_shared = self._made.get(cache_key)
        if known_shared is not None:
            return known_shared
        last = views[-1]
        shared = self._made[cache_key] = Shared(
            content=content(head, views, known.views, quotes, language, can, headed=headed),
            language=language,
            cache_key=cache_key,
            subject=last.subject or last.title,
            author=last.name if len({view.name for view in views}) == 1 else "",
            community=last.community,
            slug=last.slug,
        )
        if len(self._made) > MADE:
            self._made.popitem(last=False)
        return shared

    def _part(self, shared: Shared, part: int, most: int) -> tuple[Shared, bool]:
        """Part number `part` of a text too long for one message, and whether others follow."""
        if utf16_length(shared.content.text) <= most:
            return shared, False
        parts = split(shared.content, most)
        part = min(part, len(parts) - 1)
        kept = Shared(
            parts[part], shared.language, (shared.cache_key, part), shared.subject, shared.author, shared.community,
            shared.slug, shared.sent_at, shared.automatic, shared.buttons, shared.files,
        )  # fmt: skip
        return kept, part + 1 < len(parts)

    def _personal(self, head: Leased, views: Sequence[View], known: Prepared, can: Capabilities) -> Personal:
        last = views[-1]
        answered = last.reply_to if len(views) == 1 else None
        reader = head.membership_id
        if not can.keeps_our_ids or reader is None:
            remote = known.remote.get(answered, "") if answered is not None else ""
            parent = known.views.get(answered or 0)
            words = parent.text.text if remote and parent is not None else ""
            return Personal(reply_to=remote, reply_text=words[:QUOTED], again=head.ambiguous > 0)
        make = self.tokens.make
        generation = head.generation

        def mail_id(message: int) -> str:
            return known.remote.get(message) or "m." + make("m", reader, message, generation)

        ancestors = last.ancestors if answered is not None else ()
        # The whole thread hangs on its first message, whether or not it came alone: programs keep it together by that.
        if last.root not in {*ancestors, *(view.id for view in views)}:
            ancestors = (last.root, *ancestors)
        return Personal(
            id="m." + make("m", reader, last.id, generation),
            reply_to=mail_id(answered) if answered is not None else "",
            ancestors=tuple(mail_id(message) for message in ancestors),
            reply_token=make("r", reader, last.id, generation),
            bounce_token=make("b", reader, last.id, generation),
            footer=footer(head.language or "en", grouped=len(views) > 1, number=last.number),
            again=head.ambiguous > 0,
        )

    def _unsealed(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A body as it was owed. What was sealed with a key we no longer have is nothing: its code is dead as well."""
        if "sealed" not in body:
            return body
        with contextlib.suppress(ValueError):
            return dict(json.loads(self.tokens.unseal(body["sealed"])))
        return {}

    def _notice(self, head: Leased, known: Prepared, can: Capabilities) -> Outgoing:
        """An answer or a notice: its words were made when it was owed."""
        body = self._unsealed(head.owed[0].body or {}) if head.owed else {}
        buttons = tuple(tuple(Button(label, data) for label, data in row) for row in body.get("buttons", ()))
        language = str(body.get("language") or head.language or "en")
        delivery = head.owed[0].id if head.owed else 0
        content = from_json(str(body.get("text", "")), body.get("spans"))
        files: tuple[LocalFile, ...] = ()
        if noted := body.get("file"):
            if noted["size"] <= can.max_file:
                files = (enclosed.local(self.tokens, self.read_file, noted),)
            else:  # it was meant for another address of theirs
                said = translator(language)(
                    "(A file belongs to this: {name}. It cannot be sent here.)", name=noted["name"]
                )
                content = content + "\n" + said
        shared = Shared(
            content=content,
            language=language,
            cache_key=("n", delivery),
            subject=str(body.get("subject", "")) or known.community[0],
            community=str(body.get("community", "")) or known.community[0],
            slug=str(body.get("slug", "")) or known.community[1],
            automatic=True,
            buttons=buttons,
            files=files,
        )
        # A reply to it is an answer to the bot: "q" of a member, "p" of an address that is nobody's yet.
        if head.membership_id is not None:
            token = self.tokens.make("q", head.membership_id, head.id, head.generation)
        else:
            token = self.tokens.make("p", head.address_id, head.id, 0)
        return Outgoing(
            shared,
            Personal(
                id="n." + token,
                reply_to=str(body.get("reply_to", "")),
                reply_token=token,
                bounce_token=self.tokens.make(
                    "d" if head.membership_id else "b", head.membership_id or 0, head.id, head.generation
                ),
                again=head.ambiguous > 0,
            ),
        )
