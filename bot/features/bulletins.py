"""What organizers are told of by themselves: once a day that something could not be delivered, and on Mondays how things stand.

Numbers and no names, so that it may stand in a room for notices. One line when all is well.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.commands import notes
from bot.commands.desk import Hooks
from bot.core import dead_letters, holding, organizers, resuming
from bot.core.organizers import Reader
from bot.core.scene import House
from bot.i18n import Translator
from bot.text.rich import Rich, bold, join
from store.statement import run, sql

DAY: Final = 86400.0
#: When the note is made on Mondays, where the community lives; and between which hours other news may come.
NINE: Final = 9
DAYTIME: Final = range(8, 21)
#: A question is asked about after this long, and once: the note before has told the older ones.
UNANSWERED: Final = 3 * DAY
#: Who speaks within this time after a question, in its thread and to nobody in particular, answers it as far as we know.
SPOKE: Final = 1800.0
#: So many questions are shown.
MOST: Final = 3
#: Older than this, a backup or a proof is late.
BACKUP, PROOF = 2 * DAY, 8 * DAY

COMMUNITY = sql("SELECT timezone, created_at FROM community WHERE id = :id")
NEW = sql("""
    SELECT COUNT(*) FROM membership WHERE community_id = :community AND status = 'active' AND joined_at > :since
""")
# What is typed and what stands in the link of one invitation were made in one moment; some have not left yet. A sheet is for many.
INVITED = sql("""
    SELECT COUNT(*) FROM (
        SELECT DISTINCT membership_id, created_at, address_id FROM code
        WHERE purpose = 'invite' AND community_id = :community AND (uses_left > 0 OR leaves_at > :now) AND NOT shared
          AND outcome = ''
          AND expires_at > :now) AS open
""")
QUESTIONS = sql("""
    SELECT m.text FROM message m
    WHERE m.community_id = :community AND m.state = 'visible' AND m.created_at > :since AND m.created_at <= :until
      AND RTRIM(m.text) LIKE '%?'
      AND NOT EXISTS (
        SELECT 1 FROM message r WHERE r.reply_to = m.id AND r.state = 'visible'
          AND COALESCE(r.author_id, -r.speaker_id, 0) <> COALESCE(m.author_id, -m.speaker_id, 0))
      AND NOT EXISTS (
        SELECT 1 FROM message n WHERE n.thread_id = m.thread_id AND n.number > m.number AND n.state = 'visible'
          AND n.reply_to IS NULL AND n.created_at <= m.created_at + :spoke
          AND COALESCE(n.author_id, -n.speaker_id, 0) <> COALESCE(m.author_id, -m.speaker_id, 0))
    ORDER BY m.id
""")
CHORE = sql("SELECT done_at, data FROM chore WHERE name = :name")


@dataclass(frozen=True, slots=True)
class Chore:
    """When something was done last, and whether it was tried in vain since."""

    at: float | None
    failed: bool

    def well(self, longest: float) -> bool:
        """Was it done, lately, and not in vain?"""
        return self.at is not None and not self.failed and self.at > time.time() - longest


@dataclass(frozen=True, slots=True)
class Week:
    """How things stand in one community."""

    new: int
    waiting: int  # messages that wait for a yes or no
    invited: int
    questions: tuple[str, ...]
    letters: int  # dead letters of this week
    unreached: int
    backup: Chore
    proof: Chore

    @property
    def well(self) -> bool:
        """Nothing needs anybody."""
        quiet = not (self.waiting or self.questions or self.letters or self.unreached)
        return quiet and self.backup.well(BACKUP) and self.proof.well(PROOF)


def monday(connection: Connection, house: House) -> None:
    """The note: from nine on Mondays, once; later the same day if nobody was there to make it."""
    if resuming.is_held(connection):
        return
    for community in organizers.communities(connection):
        about = run(connection, COMMUNITY, {"id": community}).one()
        here = datetime.now(_zone(about.timezone))
        nine = here.replace(hour=NINE, minute=0, second=0, microsecond=0)
        if here.weekday() != 0 or here < nine or about.created_at > nine.timestamp():
            continue
        if organizers.told_at(connection, community, "monday") >= nine.timestamp():
            continue
        found = week(connection, community, nine - timedelta(days=7))
        words = partial(note, found=found)
        organizers.tell(connection, house.channels, community, "monday", words, since=nine.timestamp())


def week(connection: Connection, community: int, since: datetime) -> Week:
    """How things stand, and what has been since."""
    now = time.time()
    values = {"community": community, "since": since.timestamp(), "now": now}
    asked = values | {"since": since.timestamp() - UNANSWERED, "until": now - UNANSWERED, "spoke": SPOKE}
    return Week(
        new=run(connection, NEW, values).scalar_one(),
        waiting=len(holding.waiting(connection, community)),
        invited=run(connection, INVITED, values).scalar_one(),
        questions=tuple(row.text for row in run(connection, QUESTIONS, asked)),
        letters=dead_letters.since(connection, community, since.timestamp()),
        unreached=len(dead_letters.unreached(connection, community)),
        backup=_chore(connection, "backup"),
        proof=_chore(connection, "proof"),
    )


def _chore(connection: Connection, name: str) -> Chore:
    row = run(connection, CHORE, {"name": name}).first()
    if row is None:
        return Chore(None, failed=False)
    data: dict[str, Any] = json.loads(row.data) if isinstance(row.data, str) else row.data or {}
    return Chore(row.done_at, failed=bool(data.get("error")))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def note(reader: Reader, found: Week) -> tuple[str, Rich | str]:
    """The note as its reader reads it."""
    t = reader.t
    subject = t("How things stand, {date}", date=t.date(time.time(), reader.zone))
    people = [t.n("{count} new member", "{count} new members", found.new)] if found.new else []
    if found.invited:
        people.append(
            t.n("{count} invitation waits for its answer", "{count} invitations wait for their answer", found.invited)
        )
    kept = _kept(reader, found)
    if found.well:
        return subject, t("All is well: {what}.", what=", ".join([*people, *kept]))
    lines: list[Rich | str] = [bold(subject), *([", ".join(people)] if people else []), *_open(t, found)]
    return subject, join([*lines, *(one[:1].upper() + one[1:] for one in kept)], "\n")


def _open(t: Translator, found: Week) -> list[str]:
    """What needs somebody."""
    lines = []
    if found.waiting:
        lines.append(t.n("{count} matter waits for your yes or no: WAITING.", "{count} matters wait for your yes or no: WAITING.",
                         found.waiting))  # fmt: skip
    if found.questions:
        lines.append(t.n("{count} question has had no answer for three days:", "{count} questions have had no answer for three days:",
                         len(found.questions)))  # fmt: skip
        lines += [t.quoted(notes.excerpt(text)) for text in found.questions[:MOST]]
        if len(found.questions) > MOST:
            lines.append(t.n("and {count} other", "and {count} others", len(found.questions) - MOST))
    if found.letters:
        lines.append(t.n("{count} message could not go on this week: STATE.", "{count} messages could not go on this week: STATE.",
                         found.letters))  # fmt: skip
    if found.unreached:
        lines.append(
            t.n("Nothing reaches {count} member: STATE.", "Nothing reaches {count} members: STATE.", found.unreached)
        )
    return lines


def _kept(reader: Reader, found: Week) -> list[str]:
    """The last backup, and the last proof that one restores."""
    t, zone = reader.t, reader.zone
    backup, proof = t("no backup has been made yet"), t("no backup has been proved yet")
    if found.backup.at is not None:
        backup = t("last backup: {moment}", moment=t.moment(found.backup.at, zone))
    if found.proof.at is not None:
        proof = t("last proof that one restores: {moment}", moment=t.moment(found.proof.at, zone))
    failed = " (" + t("the last try failed") + ")"
    return [backup + failed * found.backup.failed, proof + failed * found.proof.failed]


def letters(connection: Connection, house: House) -> None:
    """Something could not be delivered since they were last told: once a day, by day."""
    now = time.time()
    for community in organizers.communities(connection):
        about = run(connection, COMMUNITY, {"id": community}).one()
        last = organizers.told_at(connection, community, "letters")
        if last > now - DAY or datetime.now(_zone(about.timezone)).hour not in DAYTIME or resuming.is_held(connection):
            continue
        since = max(last, now - 7 * DAY)
        count = dead_letters.since(connection, community, since)
        if count:
            words = partial(_letters, count=count)
            organizers.tell(connection, house.channels, community, "letters", words)


def _letters(reader: Reader, count: int) -> tuple[str, str]:
    t = reader.t
    return t("Something could not be delivered"), t.n(
        "{count} message could not go on. STATE says which, and what can be done.",
        "{count} messages could not go on. STATE says which, and what can be done.",
        count,
    )


def plug(into: Hooks) -> None:
    """Every minute for the note, every hour for the rest."""
    if into.house is not None:
        into.clock.every(60.0, partial(monday, house=into.house), name="monday")
        into.clock.every(3600.0, partial(letters, house=into.house), name="dead_letters")
