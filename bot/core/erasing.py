"""Erasing a person: their words or only their name, then everything else that says who they were.

What refers to a person goes on standing and says nothing any more: the rows of the member, the memberships and the
addresses stay as empty shells, for the audit log and what others wrote refer to them by their ids. Messages are done in
batches, the rest is small. Nothing here asks whether it may: that is `bot.core.forgetting`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from bot.core import dropping, hiding
from bot.i18n import N_, translator
from bot.text.fold import fold
from bot.text.rich import Rich, from_json, join, to_json
from store.statement import Statement, run, sql

#: Messages erased in one transaction.
BATCH: Final = 200
#: After everything else: behind all that people say.
LAST: Final = 9
FORMER = N_("former member")
KEEP, ERASE = "keep", "erase"

MERGED_INTO = sql("SELECT merged_into FROM member WHERE id = :id")
MERGED = sql("SELECT id FROM member WHERE merged_into IN :members")
MEMBERSHIPS = sql("""
    SELECT id, member_id, name, invited_by, consent_at FROM membership WHERE member_id IN :members ORDER BY id
""")
ADDRESSES = sql("""
    SELECT id, channel, account, remote, name FROM address
    WHERE NOT room AND (member_id IN :members OR id IN :addresses AND (
        member_id IS NULL OR NOT EXISTS (SELECT 1 FROM membership s WHERE s.member_id = address.member_id)))
    ORDER BY id
""")
OWNERS = sql("SELECT member_id FROM membership WHERE id IN :memberships AND status <> 'erased'")

# What they said, wherever and whatever its state.
MESSAGES = sql("""
    SELECT id, community_id, state, pinned_at, text FROM message
    WHERE author_id IN :memberships OR speaker_id IN :addresses ORDER BY id LIMIT :most
""")
VOICES = sql("SELECT id, language FROM community WHERE id IN :ids")
# Nobody is shown them: no words, whatever was chosen; the place of the words stays.
WORDLESS = sql("""
    UPDATE message SET text = '', spans = NULL, hidden_until = NULL,
        removed_by = CASE WHEN state = 'removed' THEN removed_by ELSE author_id END,
        removed_at = COALESCE(removed_at, :now), state = 'removed'
    WHERE id IN :ids
""")
NAMELESS = sql("""
    UPDATE message SET name = :name, folded = '', language = '', author_id = NULL, speaker_id = NULL, source = NULL,
        revision = revision + 1, origin_id = CASE WHEN origin_id IN :addresses THEN NULL ELSE origin_id END
    WHERE id IN :ids
""")
# Answers that may repeat a line of theirs.
QUOTING = sql("""
    SELECT id, text, spans, reply_to FROM message WHERE reply_to IN :ids AND text LIKE '%>%' AND text <> ''
""")
UNQUOTED = sql(
    "UPDATE message SET text = :text, spans = :spans, folded = :folded, revision = revision + 1 WHERE id = :id"
)
VERSIONS = sql("DELETE FROM message_version WHERE message_id IN :ids")
STANDS_AT = sql("SELECT COUNT(*) FROM copy WHERE message_id IN :ids AND NOT own")
MAILED = sql("""
    SELECT COUNT(*) FROM delivery d JOIN parcel p ON p.id = d.parcel_id
    WHERE d.message_id IN :ids AND d.kind = 'relay' AND d.state = 'owed' AND p.state IN ('sent', 'uncertain')
      AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.message_id = d.message_id AND c.address_id = d.address_id)
""")

# Titles they gave, the last one to do so: of their own words.
THREADS = sql("""
    SELECT t.id, t.created_at, c.language, c.timezone FROM thread t JOIN community c ON c.id = t.community_id
    WHERE t.author_id IN :memberships AND NOT EXISTS (
            SELECT 1 FROM audit o WHERE o.act = 'titled' AND o.subject_type = 'thread' AND o.subject_id = t.id
              AND o.membership_id NOT IN :memberships)
       OR t.id IN (
            SELECT a.subject_id FROM audit a
            WHERE a.act = 'titled' AND a.subject_type = 'thread' AND a.membership_id IN :memberships AND NOT EXISTS (
                SELECT 1 FROM audit o WHERE o.act = 'titled' AND o.subject_type = 'thread'
                  AND o.subject_id = a.subject_id AND o.id > a.id AND o.membership_id NOT IN :memberships))
""")
# Without a subject of its own: whatever an answer to an old mail repeats belongs there (`threads.is_same_subject`).
UNTITLED = sql("UPDATE thread SET title = :title, folded = :folded, subject = '' WHERE id = :id")

# Mails of a thread bear the subject it began with, whatever it is called now.
WITHOUT_SUBJECT = sql("UPDATE thread SET subject = '' WHERE author_id IN :memberships")

# What is theirs in other tables.
THEIRS: Final[Sequence[Statement]] = (
    sql("DELETE FROM reaction WHERE membership_id IN :memberships OR address_id IN :addresses"),
    sql("DELETE FROM choice WHERE membership_id IN :memberships"),
    sql("DELETE FROM report WHERE membership_id IN :memberships"),
    sql("DELETE FROM preference WHERE membership_id IN :memberships"),
    sql("DELETE FROM question WHERE membership_id IN :memberships OR address_id IN :addresses"),
    sql("DELETE FROM presence WHERE address_id IN :addresses"),
    sql("DELETE FROM silence WHERE address_id IN :addresses"),
    sql("DELETE FROM try WHERE address_id IN :addresses"),
    sql("DELETE FROM undo WHERE member_id IN :members"),
    sql("UPDATE thread SET author_id = NULL WHERE author_id IN :memberships"),
    # What they took back of others stays taken back, by nobody in particular.
    sql("""
        UPDATE message SET removed_by = NULL
        WHERE removed_by IN :memberships AND (author_id IS NOT NULL OR speaker_id IS NOT NULL)
    """),
    # Invitations they gave bring nobody in; those they got, and codes of theirs, are over.
    sql("""
        UPDATE code SET uses_left = 0, outcome = CASE WHEN outcome = '' THEN 'withdrawn' ELSE outcome END,
            membership_id = NULL, name = ''
        WHERE membership_id IN :memberships
    """),
    sql("""
        UPDATE code SET uses_left = 0, name = '', member_id = NULL
        WHERE member_id IN :members OR address_id IN :addresses OR origin_id IN :addresses
    """),
    sql("""
        UPDATE membership SET name = '', folded = '', language = '', timezone = '', role = 'member', status = 'erased',
            address_id = NULL, wanted_id = NULL, wanted_why = '', pace = 'each', confirmed = 0, powers_at = NULL, held_until = NULL, visible = false,
            token_generation = token_generation + 1, invited_by = NULL, consent_at = NULL, consent_how = '',
            consent_text = '', joined_at = NULL, left_at = NULL, created_at = 0
        WHERE id IN :memberships
    """),
    sql("UPDATE membership SET invited_by = NULL WHERE invited_by IN :memberships"),
)
# What stood on their devices, and where: as many as all that was ever sent to them.
COPIES = sql("DELETE FROM copy WHERE id IN (SELECT id FROM copy WHERE address_id IN :addresses LIMIT :most)")
# What still waits for them, and what came back from there with words about them.
PARCELS = [
    sql(f"""
        UPDATE parcel SET state = 'withdrawn', owner = '', error = '', settled_at = COALESCE(settled_at, :now)
        WHERE (address_id IN :addresses OR membership_id IN :memberships) AND {which}
    """)  # noqa: S608 - each is an index (store.models), word for word
    for which in (
        "state = 'due'",
        "state IN ('sending', 'uncertain', 'failed') AND state <> 'sending'",
        "state = 'expired'",
    )
]
ADDRESS = sql("""
    UPDATE address SET remote = 'erased ' || CAST(id AS TEXT), sub = '', member_id = NULL, name = '', language = '',
        status = 'gone', status_at = NULL, status_why = '', verified_at = NULL, paused_until = NULL, seen_at = NULL,
        greeted_at = NULL, identity = '', suspended_at = NULL, powers_at = NULL, thread_id = NULL, thread_at = NULL,
        shown_thread_id = NULL, spoke_to = NULL, spoke_at = NULL, created_at = 0
    WHERE id = :id
""")
LANE = sql("DELETE FROM lane WHERE address_id = :id")
MEMBER = sql("""
    UPDATE member SET forget_at = NULL, forget_step = '', forget_words = '', forget_note = NULL, merged_into = NULL,
        created_at = 0
    WHERE id IN :members
""")
ERASED_ALREADY = sql("SELECT 1 FROM address WHERE id = :id AND remote = 'erased ' || CAST(id AS TEXT)")

# Whose name stands beside a code somebody typed in: nobody was written to, so nothing else says whose it was.
NAMED_CODES = sql("SELECT id, name, membership_id, used_at FROM code WHERE name <> ''")
UNNAMED = sql("UPDATE code SET name = '' WHERE id = :id")
QUESTIONS = sql("SELECT id, data FROM question WHERE data IS NOT NULL")
NOBODYS = sql("SELECT 1 FROM message WHERE id IN :ids AND author_id IS NULL AND speaker_id IS NULL LIMIT 1")
UNASKED = sql("DELETE FROM question WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that is one person's, by ids; and what they are called, to be looked for in what others were told."""

    members: tuple[int, ...] = ()
    memberships: tuple[int, ...] = ()
    addresses: tuple[int, ...] = ()
    names: frozenset[str] = frozenset()  # folded
    remotes: frozenset[str] = frozenset()
    entered: tuple[tuple[int, float], ...] = ()  # by whom invited, and when that was accepted

    def ids(self, statement: Statement) -> dict[str, Any]:
        """As a statement wants it: only what it names."""
        every = {"members": self.members, "memberships": self.memberships, "addresses": self.addresses}
        return {name: ids for name, ids in every.items() if re.search(rf":{name}\b", statement.text)}


@dataclass(slots=True)
class Counted:
    """How much was erased, and how much is out of reach."""

    messages: int = 0
    copies: int = 0  # of them on other people's devices
    mails: int = 0
    files: list[str] = field(default_factory=list)  # whose bytes nothing needs any more

    def add(self, other: Counted) -> None:
        """And that much more."""
        self.messages += other.messages
        self.copies += other.copies
        self.mails += other.mails
        self.files += other.files


def person(connection: Connection, memberships: Iterable[int], addresses: Iterable[int]) -> Person | None:
    """Whose these are, with all that is theirs; None if they are nobody's any more.

    An address that was somebody else's then is left to them.
    """
    owners = {_root(connection, int(row[0])) for row in run(connection, OWNERS, {"memberships": tuple(memberships)})}
    return _person(connection, owners, tuple(addresses))


def member(connection: Connection, member_id: int) -> Person | None:
    """All that is one member's, those who became one with them included."""
    return _person(connection, {_root(connection, member_id)}, ())


def _root(connection: Connection, member_id: int) -> int:
    for _ in range(20):
        into = run(connection, MERGED_INTO, {"id": member_id}).scalar()
        if into is None:
            break
        member_id = int(into)
    return member_id


def _person(connection: Connection, owners: set[int], addresses: Sequence[int]) -> Person | None:
    found, fresh = set(owners), set(owners)
    while fresh:
        fresh = {int(row[0]) for row in run(connection, MERGED, {"members": sorted(fresh)})} - found
        found |= fresh
    known = run(connection, MEMBERSHIPS, {"members": sorted(found)}).all()
    places = run(connection, ADDRESSES, {"members": sorted(found), "addresses": list(addresses)}).all()
    if not known and not places:
        return None
    return Person(
        tuple(sorted(found)),
        tuple(row.id for row in known),
        tuple(row.id for row in places),
        frozenset(fold(row.name) for row in (*known, *places) if row.name) - {"", "?"},
        frozenset(row.remote.casefold() for row in places if not row.remote.startswith("erased ")),
        tuple((row.invited_by, row.consent_at) for row in known if row.invited_by and row.consent_at),
    )


# Their messages


def messages(connection: Connection, who: Person, words: str, *, now: float, most: int = BATCH) -> Counted | None:
    """Take the name, or the words too, from the next messages of theirs; None if there are none left."""
    rows = run(connection, MESSAGES, who.ids(MESSAGES) | {"most": most}).all()
    if not rows:
        return None
    ids = [row.id for row in rows]
    counted = Counted(len(ids))
    gone = [row.id for row in rows if words == ERASE or row.state in hiding.GONE]
    # What is taken back must be owed before it is nobody's: the places that show it are found by it.
    for row in rows if words == ERASE else ():
        if row.state not in hiding.GONE:
            taken = hiding.recall(connection, row.id, now=now, priority=LAST)
            counted.copies += taken.recalled
            counted.mails += taken.past
    if words != ERASE:
        counted.copies = int(run(connection, STANDS_AT, {"ids": ids}).scalar_one())
        counted.mails = int(run(connection, MAILED, {"ids": ids}).scalar_one())
    counted.files = dropping.files_of(connection, [row.id for row in rows if row.pinned_at is None], gone)
    if gone:
        _unquote(connection, {row.id: fold(row.text) for row in rows if row.id in set(gone)})
        run(connection, WORDLESS, {"ids": gone, "now": now})
    run(connection, VERSIONS, {"ids": ids})
    languages = {row.id: row.language for row in
                 run(connection, VOICES, {"ids": sorted({row.community_id for row in rows})})}  # fmt: skip
    for community, language in languages.items():
        mine = [row.id for row in rows if row.community_id == community]
        name = translator(language)(FORMER)
        run(connection, NAMELESS, {"ids": mine, "name": name, "addresses": who.addresses})
    return counted


def _unquote(connection: Connection, said: Mapping[int, str]) -> None:
    """Of lines that answers repeat only the mark stays."""
    for row in run(connection, QUOTING, {"ids": list(said)}).all():
        whole = from_json(row.text, _json(row.spans))
        pieces, at = [], 0
        for line in row.text.split("\n"):
            piece = whole.slice(at, at + len(line))
            repeated = fold(line.lstrip("> ")) if line.startswith(">") else ""
            pieces.append(Rich("> …") if repeated and repeated in said[row.reply_to] else piece)
            at += len(line) + 1
        words = join(pieces, "\n")
        if words.text != row.text:
            values = {"id": row.id, "text": words.text, "folded": fold(words.text)}
            run(connection, UNQUOTED, values | {"spans": json.dumps(to_json(words)) if words.spans else None})


def titles(connection: Connection, who: Person) -> None:
    """Conversations they gave a title are called by their day: the title is of their words."""
    if not who.memberships:
        return
    for row in run(connection, THREADS, {"memberships": who.memberships}).all():
        t = translator(row.language)
        title = t("Conversation of {date}", date=t.date(row.created_at, row.timezone))
        run(connection, UNTITLED, {"id": row.id, "title": title, "folded": fold(title)})
    run(connection, WITHOUT_SUBJECT, {"memberships": who.memberships})


# The rest


def rest(connection: Connection, who: Person, unseal: Callable[[str], str], *, now: float, before: float) -> None:
    """Everything else but the addresses, at which a last word is still owed.

    `before`: what others were told since then is not about somebody who had left by then.
    """
    _codes(connection, who)
    _told(connection, who, unseal, now=now, before=before)
    for statement in THEIRS:
        run(connection, statement, who.ids(statement))
    for row in run(connection, QUESTIONS).all():
        if _is_about(connection, _json(row.data), who):
            run(connection, UNASKED, {"id": row.id})


def copies(connection: Connection, who: Person, most: int = 5000) -> bool:
    """Forget where the next of what was sent to them stood; False if nothing is left of it."""
    return run(connection, COPIES, who.ids(COPIES) | {"most": most}).rowcount == most


def addresses(connection: Connection, who: Person, *, now: float) -> list[str]:
    """Their addresses, and all that came from there; the files nothing needs any more."""
    for statement in PARCELS:
        run(connection, statement, who.ids(statement) | {"now": now})
    files = []
    for one in run(connection, ADDRESSES, who.ids(ADDRESSES)).all():
        if run(connection, ERASED_ALREADY, {"id": one.id}).first() is None:
            files += dropping.raw_of(connection, one.channel, one.account, one.remote)
        run(connection, LANE, {"id": one.id})
        run(connection, ADDRESS, {"id": one.id})
    run(connection, MEMBER, {"members": who.members})
    return files


def _codes(connection: Connection, who: Person) -> None:
    """The name beside the code they came with."""
    for row in run(connection, NAMED_CODES).all():
        came = any(row.membership_id == by and abs((row.used_at or 0.0) - at) < 5.0 for by, at in who.entered)
        if came or fold(row.name) in who.names:
            run(connection, UNNAMED, {"id": row.id})


def _told(connection: Connection, who: Person, unseal: Callable[[str], str], *, now: float, before: float) -> None:
    """What the bot told others and need not keep; and what still waits to tell them of this person does not leave."""
    dropping.spoken(connection, now)
    words = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(who.names)) or r"(?!)")
    for row in run(connection, dropping.UNSPOKEN, {"before": before}).all():
        said = _json(row.body)
        if isinstance(said, Mapping) and "sealed" in said:
            try:
                said = json.loads(unseal(said["sealed"]))
            except ValueError:
                said = {}
        whole = json.dumps(said, ensure_ascii=False).casefold()
        if words.search(fold(dropping.read_of(said))) or any(one in whole for one in who.remotes if len(one) > 5):
            dropping.unsay(connection, row.parcel_id, now)


def _is_about(connection: Connection, said: Any, who: Person) -> bool:
    """Is this person named in what a question remembers, or is it about what they had said?"""
    if not isinstance(said, Mapping):
        return False
    about = said.get("messages")
    if isinstance(about, list) and run(connection, NOBODYS, {"ids": [int(one) for one in about]}).first() is not None:
        return True
    if fold(str(said.get("name") or "")) in who.names and said.get("name"):
        return True
    by_id = {"membership": who.memberships, "owner": who.memberships, "address": who.addresses, "from": who.addresses}
    return any(said.get(key) in ids for key, ids in by_id.items() if said.get(key) is not None)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def everything(connection: Connection, who: Person, words: str) -> Counted:
    """All of it at once, with nobody to be told: after a restore."""
    now, counted = time.time(), Counted()
    while (more := messages(connection, who, words, now=now, most=1000)) is not None:
        counted.add(more)
    if words == ERASE:
        titles(connection, who)
    while copies(connection, who):
        pass
    rest(connection, who, lambda sealed: "", now=now, before=now)
    counted.files += addresses(connection, who, now=now)
    number = 1
    while number:
        number, names = dropping.quoted(connection, now, 1000)
        counted.files += names
    return counted
